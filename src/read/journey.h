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

#endif							/* LEADS_READ_JOURNEY_H */
