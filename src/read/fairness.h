/*
 * fairness.h - what each seat of a ring should have got, got, and why not.
 */
#ifndef LEADS_FAIRNESS_H
#define LEADS_FAIRNESS_H

extern void leads_fairness_init(void);

#endif							/* LEADS_FAIRNESS_H */
