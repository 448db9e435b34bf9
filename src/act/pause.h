/*
 * pause.h - pauses of one customer, ends of contracts, locks.
 */
#ifndef LEADS_ACT_PAUSE_H
#define LEADS_ACT_PAUSE_H

/* texts, at load */
extern void leads_pause_init(void);

#endif							/* LEADS_ACT_PAUSE_H */
