/*
 * funnel.h - counting leads through their stages.
 */
#ifndef LEADS_FUNNEL_H
#define LEADS_FUNNEL_H

#include "core/leads.h"

#include "lib/funnel.h"

typedef enum LeadsFunnelBy
{
	LEADS_FUNNEL_WHOLE, LEADS_FUNNEL_CHANNEL, LEADS_FUNNEL_OWNER, LEADS_FUNNEL_REGION,
	LEADS_FUNNEL_MONTH			/* in which it began, in flow of the entry */
} LeadsFunnelBy;

/* whose a lead is, cut by owner */
typedef enum LeadsFunnelCredit
{
	LEADS_CREDIT_EVENT,			/* of each step who had it when it came there */
	LEADS_CREDIT_CLOSER,		/* who closed it; of an open one who has it */
	LEADS_CREDIT_CREATOR,		/* who registered it */
	LEADS_CREDIT_FIRST			/* who had it first */
} LeadsFunnelCredit;

typedef struct LeadsFunnelAsk
{
	TimestampTz since;			/* leads that began in [since, until), in flow entries; LEADS_NO_TIME = open end */
	TimestampTz until;
	LeadsFunnelBy by;
	LeadsFunnelCredit credit;
	LeadsFunnelMode mode;
	TimestampTz as_of;			/* events up to this instant, included */
	int64		within;			/* LEADS_FUNNEL_EVER = no limit */
	bool		imported;		/* imported history too */
	bool		test;			/* test data too */
	bool		invalid;		/* what was no lead, too */
	bool		from_events;	/* not from journeys */
	bool		per_attempt;	/* each attempt by itself */
	bool		all;			/* everything, else what these members own now */
	Datum		members;		/* int8[] */
	TimestampTz now;			/* instant at which "own now" is judged */
} LeadsFunnelAsk;

typedef struct LeadsFunnelRow
{
	const char *segment;
	int32		position;		/* 1 = first step */
	const char *stage;			/* code */
	const char *label;
	int64		entered;
	int64		advanced;
	int64		lost_here;
	int64		open_here;
	int64		entered_before; /* of the step before, -1 = first step */
	int64		next_before;	/* of those, came here */
	int64		entered_first;	/* of the first step */
	bool		has_hours;
	double		median_hours;
	double		p90_hours;
	int64		immature;
	int64		skipped;
	int64		regressed;
	int64		re_entries;
	int64		moved_away;
	double		pool_hours;
} LeadsFunnelRow;

typedef struct LeadsFunnelResult
{
	LeadsFunnelRow *rows;
	int			nrows;
	int			nstages;
} LeadsFunnelResult;

/* arguments as those of leads.funnel() from argument n on; the schema asked for */
extern const char *leads_funnel_ask(FunctionCallInfo fcinfo, int n, LeadsFunnelAsk *ask);
/* begin a reader's frame, and say what it may see and when; LD004, LD006, 22023 */
extern void leads_funnel_enter(LeadsFrame *f, const char *schema, LeadsFunnelAsk *ask);
/* in a reader's frame; everything is allocated in the current memory context */
extern void leads_funnel_count(LeadsFrame *f, const LeadsFunnelAsk *ask, LeadsFunnelResult *out);

extern void leads_funnel_init(void);

/* at_event, closer, creator, first_owner, and back; 22023 */
extern LeadsFunnelCredit leads_credit_read(const char *attribution);
extern const char *leads_credit_name(LeadsFunnelCredit c);
/* what the reader may see; called before a frame makes us the owner */
extern void leads_reader_sight(const char *schema, bool *all, Datum *members);

#endif							/* LEADS_FUNNEL_H */
