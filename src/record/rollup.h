/*
 * rollup.h - keeper of the sums of journeys by month.
 */
#ifndef LEADS_RECORD_ROLLUP_H
#define LEADS_RECORD_ROLLUP_H

#include "core/leads.h"
#include "lib/rollup.h"
#include "utils/date.h"

/* the stages of a funnel, as steps; NULL = only the steps */
typedef struct LeadsFunnelStage
{
	const char *code;
	const char *label_zh;
	const char *label_en;
} LeadsFunnelStage;

/* stages[LEADS_FUNNEL_STEPS]; true if the last step is the win; 54000 */
extern bool leads_rollup_steps(LeadsFrame *f, LeadsFunnelSteps *steps, LeadsFunnelStage *stages);
/* the same; false: there are more than a funnel has */
extern bool leads_rollup_some_steps(LeadsFrame *f, LeadsFunnelSteps *steps);

/* may figures as of an instant be taken from the cells and deltas? */
extern bool leads_rollup_usable(LeadsFrame *f, const LeadsFunnelSteps *steps, TimestampTz as_of);

/* under the lock of the job: add up so many deltas at most; returns how many there were */
extern int64 leads_rollup_compact(LeadsFrame *f, int most);
/* under the lock of the job: count all journeys anew; NULL, or what is wrong with one: then the cells are none; 54000 */
extern const char *leads_rollup_build(LeadsFrame *f);
/* the same for whoever has other work to do: what cannot be counted is read by nobody, and health() tells; true if it was */
extern bool leads_rollup_renew(LeadsFrame *f);

typedef void (*LeadsRollupDiffers) (void *arg, const char *cut, DateADT month, int64 subject_id, const char *subject);
/* count all journeys and tell of each cell that, with the deltas, says otherwise; false: there is nothing to compare */
extern bool leads_rollup_compare(LeadsFrame *f, LeadsRollupDiffers tell, void *arg);

/* install(): the state of a new company; say so if rollups have to be built */
extern void leads_rollup_mend(LeadsFrame *f);
/* for health(): NULL, or the code of what keeps rollups from being read */
extern const char *leads_rollup_fault(LeadsFrame *f);

/* LD095 */
pg_noreturn extern void leads_rollup_damaged(const char *fault);

#endif							/* LEADS_RECORD_ROLLUP_H */
