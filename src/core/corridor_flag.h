/*
 * corridor_flag.h - private to core: arming of the corridor flag around our own statements.
 */
#ifndef LEADS_CORRIDOR_FLAG_H
#define LEADS_CORRIDOR_FLAG_H

/* arm at the present trigger depth; returns what to give to disarm */
extern int	leads_corridor_arm(void);
extern void leads_corridor_disarm(int saved);

#endif							/* LEADS_CORRIDOR_FLAG_H */
