/*
 * health.h - is everything there, and does it run?
 */
#ifndef LEADS_HEALTH_H
#define LEADS_HEALTH_H

/* hands in the texts */
extern void leads_health_init(void);

#endif							/* LEADS_HEALTH_H */
