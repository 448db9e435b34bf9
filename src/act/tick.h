/*
 * tick.h - the sweep.
 */
#ifndef LEADS_TICK_H
#define LEADS_TICK_H

extern void leads_tick_init(void);

#endif							/* LEADS_TICK_H */
