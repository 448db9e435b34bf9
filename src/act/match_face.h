/*
 * match_face.h - the plain face of the match policy.
 */
#ifndef LEADS_MATCH_FACE_H
#define LEADS_MATCH_FACE_H

#include "core/leads.h"

/* at load */
extern void leads_match_face_init(void);
/* a match document with these weights besides its own; null in weights takes one out */
extern Jsonb *leads_match_face_reweigh(Jsonb *before, Jsonb *weights);

#endif							/* LEADS_MATCH_FACE_H */
