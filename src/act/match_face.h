/*
 * match_face.h - the plain face of the match policy.
 */
#ifndef LEADS_MATCH_FACE_H
#define LEADS_MATCH_FACE_H

/* at load */
extern void leads_match_face_init(void);

#endif							/* LEADS_MATCH_FACE_H */
