/*
 * explain.h - why a decision came out as it did.
 */
#ifndef LEADS_EXPLAIN_H
#define LEADS_EXPLAIN_H

/* hands in the texts */
extern void leads_explain_init(void);

#endif							/* LEADS_EXPLAIN_H */
