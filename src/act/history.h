/*
 * history.h - what went through the rules, as the rules saw it: for back-tests and coverage.
 */
#ifndef LEADS_HISTORY_H
#define LEADS_HISTORY_H

#include "core/leads.h"
#include "act/route_steps.h"

typedef struct LeadsHistoryItem
{
	int64		decision_id;
	TimestampTz at;
	LeadsRouteRequest req;		/* a dry run */
	int64		member_id;		/* who got it, 0 = nobody … */
	int64		pool_id;		/* … but this pool */
	TimestampTz until;			/* until then, LEADS_NO_TIME = still */
} LeadsHistoryItem;

typedef struct LeadsHistory
{
	int			n;				/* in order */
	LeadsHistoryItem *items;
} LeadsHistory;

/* arguments 0 to 2: kind, key, version of the rules to go by (NULL = those that rule); LD001, LD005, 22023 */
extern void leads_history_rules(LeadsFrame *f, FunctionCallInfo fcinfo, LeadsRouteShared *all);
/*
 * Decisions of a period that went through the rules; ruled = false: every registration that made a lead, whoever
 * kept it.  A customer's fields are those of today, the lead's amount that of its beginning.
 */
extern void leads_history_load(LeadsFrame *f, TimestampTz since, TimestampTz until, bool ruled, LeadsHistory *h);

#endif							/* LEADS_HISTORY_H */
