/*
 * rollup_work.h - inside the keeper of rollups: cells being added up.
 */
#ifndef LEADS_ROLLUP_WORK_H
#define LEADS_ROLLUP_WORK_H

#include "core/leads.h"

#include "lib/rollup.h"

typedef struct LeadsRollupWork LeadsRollupWork;

extern LeadsRollupWork *leads_rollup_work_begin(LeadsFrame *f, const LeadsFunnelSteps *steps);
/* sign 1 adds a journey, -1 takes it away; NULL, or what is wrong with it */
extern const char *leads_rollup_count(LeadsRollupWork *w, int sign, const void *bytes, size_t len, int64 channel_id,
									  const char *region);
/* write what was added up to the cells, and forget it; NULL, or what is wrong with a cell */
extern const char *leads_rollup_flush(LeadsRollupWork *w);
/* free; the latest instant that was counted */
extern TimestampTz leads_rollup_work_end(LeadsRollupWork *w);
extern void leads_rollup_built(LeadsFrame *f, const LeadsFunnelSteps *steps, TimestampTz last_at);

#endif							/* LEADS_ROLLUP_WORK_H */
