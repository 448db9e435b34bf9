/*
 * distinct.h - keeper of pairs of customers that a person has told apart.
 */
#ifndef LEADS_DISTINCT_H
#define LEADS_DISTINCT_H

#include "core/leads.h"

/* write that two customers are not one, in whatever order; returns the id, 0 if it stands already */
extern int64 leads_distinct_insert(LeadsFrame *f, int64 a, int64 b, const char *reason, int64 decision_id);
/* does any pair of a customer stand */
extern bool leads_distinct_any(LeadsFrame *f, int64 id);
/* does such a pair stand */
extern bool leads_distinct_holds(LeadsFrame *f, int64 a, int64 b);
/* which of n customers stand apart from one; true if any does */
extern bool leads_distinct_among(LeadsFrame *f, int64 id, const int64 *ids, int n, bool *apart);
/* all pairs that stand, in their order */
typedef void (*LeadsDistinctReader) (int64 low_id, int64 high_id, void *arg);
extern void leads_distinct_all(LeadsFrame *f, LeadsDistinctReader reader, void *arg);
/* what a customer is matched by has changed: its pairs were judged on something else and end at f->now */
extern void leads_distinct_outdate(LeadsFrame *f, int64 id);
/*
 * A customer is merged: whoever it stands apart from, those of the family left out, stands apart from the
 * survivor.  The pairs written; its own stay as they are.
 */
extern int	leads_distinct_carry(LeadsFrame *f, int64 loser, int64 survivor, Datum family, int64 **ids);
/* one pair ends at f->now */
extern void leads_distinct_end(LeadsFrame *f, int64 id);

#endif							/* LEADS_DISTINCT_H */
