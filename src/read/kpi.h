/*
 * kpi.h - facts of a company, cut into segments, counted.
 */
#ifndef LEADS_KPI_H
#define LEADS_KPI_H

#include "core/leads.h"

#include "pgtime.h"
#include "utils/array.h"
#include "utils/hsearch.h"

#include "lib/funnel.h"

#include "read/funnel.h"

/* sums of money, exact: 1/10^8 of the unit, so that an amount (4 digits) times a margin (4 digits) is whole */
typedef int128 LeadsMoney;
#define LEADS_MONEY_UNIT INT64CONST(100000000)
#define LEADS_MONEY_MARGIN 10000	/* a margin of 1 */

/* ---------------------------------------------------------------- facts */

typedef enum LeadsFactKind
{
	LEADS_FACT_BEGUN = 0x01,	/* leads that began in the period */
	LEADS_FACT_CLOSED = 0x02,	/* leads whose last closing lies in the period; reopened ones are open */
	LEADS_FACT_EVER = 0x04,		/* leads closed whenever: who is won for the first time, and what came of it since */
	LEADS_FACT_ACTIVITY = 0x08,
	LEADS_FACT_REGISTRATION = 0x10,
	LEADS_FACT_POOL = 0x20,		/* stays in pools */
	LEADS_FACT_CLAIM = 0x40,
	LEADS_FACT_COST = 0x80,		/* a day of a cost */
	LEADS_FACT_MEMBER = 0x100,	/* a member's time in the company */
	LEADS_FACT_LOSS = 0x200		/* losses, one an attempt */
} LeadsFactKind;

#define LEADS_FACT_LEAD (LEADS_FACT_BEGUN | LEADS_FACT_CLOSED | LEADS_FACT_EVER)

typedef struct LeadsFact
{
	LeadsFactKind kind;
	uint64		serial;			/* no two facts of a report have the same */
	int64		id;
	int64		customer_id;
	int64		channel_id;		/* 0 = none; so for all ids */
	const char *region;			/* "" = none */
	const char *industry;
	const char *line;
	int64		doer;			/* of an act: whose it is */
	TimestampTz at;				/* of an act */

	/* a lead */
	int64		creator;
	int64		first_owner;
	int64		owner;			/* now, or who closed it */
	const LeadsWalk *walk;
	TimestampTz begun_at;
	TimestampTz closed_at;		/* the last closing */
	TimestampTz again_at;		/* when its attempt began */
	bool		open;
	bool		won;
	bool		opportunity;	/* is one, or was one when it closed */
	bool		returning;		/* of a customer that had one before */
	int			step;			/* where it is, or was closed from; -1 = a stage of no pipeline */
	int			reached;		/* furthest step, a win that stands included */
	bool		has_amount;
	LeadsMoney	amount;
	TimestampTz contact_at;		/* first attempt of a member to reach the customer; LEADS_NO_TIME = none */
	const char *contacts;		/* kinds of its effective activities, as ",call,visit," */
	const char *touches;		/* ids of the channels that it came through until it was closed, in order, as "3,5"; "" = not known */
	int32		expected_on;	/* date, PG_INT32_MIN = none */
	int64		pool_time;		/* microseconds until its closing in which nobody had it */
	const char *reason;			/* of a loss, "" = none */

	/* an activity, a registration, a stay in a pool */
	const char *what;			/* kind of activity; outcome of the registration; how the stay ended, NULL = it lasts */
	const char *state;			/* of the registration; how the stay began */
	bool		effective;		/* activity; registration: another's claim stood against it */
	int32		seconds;		/* activity: connected for so long, -1 = not known */
	TimestampTz until;			/* decided; left; protection over (LEADS_NO_TIME = not yet, or there was none) */
	bool		protected;		/* the registration gave a protection */
	bool		used;			/* and the lead was won in it */
	bool		again;			/* the customer had left a pool before */
} LeadsFact;

/* ---------------------------------------------------------------- cuts */

#define LEADS_CUT_MOST 4		/* a user's */
#define LEADS_CUT_ROOM 7		/* and those that a report adds */

typedef enum LeadsCutBy
{
	LEADS_CUT_CHANNEL, LEADS_CUT_OWNER, LEADS_CUT_TEAM, LEADS_CUT_REGION, LEADS_CUT_INDUSTRY, LEADS_CUT_LINE,
	LEADS_CUT_STAGE, LEADS_CUT_RETURNING, LEADS_CUT_REASON, LEADS_CUT_DAY, LEADS_CUT_WEEK, LEADS_CUT_MONTH, LEADS_CUT_QUARTER, LEADS_CUT_YEAR
} LeadsCutBy;

#define LEADS_CUT_BIT(by) (1 << (by))
#define LEADS_CUT_PERSONS (LEADS_CUT_BIT(LEADS_CUT_OWNER) | LEADS_CUT_BIT(LEADS_CUT_TEAM))
#define LEADS_CUT_TIMES \
	(LEADS_CUT_BIT(LEADS_CUT_DAY) | LEADS_CUT_BIT(LEADS_CUT_WEEK) | LEADS_CUT_BIT(LEADS_CUT_MONTH) | \
	 LEADS_CUT_BIT(LEADS_CUT_QUARTER) | LEADS_CUT_BIT(LEADS_CUT_YEAR))

typedef struct LeadsCutMember
{
	int64		id;				/* key of the hash */
	const char *code;
	const char *name;
	const char *team;			/* code, "" = none */
} LeadsCutMember;

typedef struct LeadsCutChannel
{
	int64		id;
	const char *code;
	const char *name;
	int32		margin;			/* 1/10,000 */
} LeadsCutChannel;

typedef struct LeadsCutSegment
{
	const char *text[LEADS_CUT_ROOM];
	int			step;			/* of a cut by stage, to sort by */
	int64		member_id;		/* of a cut by owner */
	int64		channel_id;		/* of a cut by channel */
	void	   *cell;			/* the counter's own */
} LeadsCutSegment;

typedef struct LeadsCut
{
	LeadsFrame *f;
	int			n;
	LeadsCutBy	by[LEADS_CUT_ROOM];
	int			mask;			/* LEADS_CUT_BIT of each */
	Size		cell_size;
	HTAB	   *members;
	HTAB	   *channels;
	HTAB	   *segments;
	List	   *list;			/* LeadsCutSegment */
	MemoryContext cxt;
	pg_tz	   *zone;
	const char *pool;			/* what has no owner, no region */
	const char *no_region;
	/* the segment asked for last: several figures of a fact have one */
	uint64		serial;			/* of the fact read last */
	LeadsCutSegment *last;
	uint64		last_serial;
	int64		last_person;
	TimestampTz last_at;
	int			last_step;
	LeadsFunnelSteps steps;		/* of the pipeline: the open stages, then the win */
	int			nsteps;
	const char *step_code[LEADS_FUNNEL_STEPS];
	const char *step_label[LEADS_FUNNEL_STEPS];
	int64		step_stage[LEADS_FUNNEL_STEPS];
	int			step_probability[LEADS_FUNNEL_STEPS];	/* 1/10,000, as the stage says */
	int			qualifies;		/* leads in this step and later ones are opportunities; nsteps = none */
	int			won_step;		/* -1 = no stage is one of wins */
} LeadsCut;

/* NULL = one segment; 22023 an unknown cut, one that is not in allowed, one twice, more than LEADS_CUT_MOST */
extern void leads_cut_read(LeadsCut *cut, ArrayType *by);
/* one more, of a report's own */
extern void leads_cut_add(LeadsCut *cut, LeadsCutBy by);
/* its number; -1 = there is none of that name */
extern int	leads_cut_find(const char *name);
/* in a frame: read members, channels, stages */
extern void leads_cut_begin(LeadsFrame *f, LeadsCut *cut, Size cell_size);
/* the segment of a fact; at: what days and months are taken of; step: of the stage */
extern LeadsCutSegment *leads_cut_segment(LeadsCut *cut, const LeadsFact *fact, int64 person, TimestampTz at, int step);
/* for one that is to be there though nothing counts in it */
extern LeadsCutSegment *leads_cut_of(LeadsCut *cut, const char *const *text, int step);
extern void leads_cut_sort(LeadsCut *cut);
extern const char *leads_cut_name(LeadsCutBy by);
/* the first n cuts of it */
extern Datum leads_cut_array(const LeadsCutSegment *s, int n);
extern const LeadsCutMember *leads_cut_member(const LeadsCut *cut, int64 id);
extern const LeadsCutChannel *leads_cut_channel(const LeadsCut *cut, int64 id);
extern void leads_cut_local(const LeadsCut *cut, TimestampTz at, struct pg_tm *tm);

/* ---------------------------------------------------------------- reading */

typedef struct LeadsFactAsk
{
	TimestampTz since;			/* LEADS_NO_TIME = open end; so for until */
	TimestampTz until;
	TimestampTz now;
	bool		imported;		/* imported history too */
	bool		test;			/* test data too */
	bool		invalid;		/* what was no lead, too */
	bool		found;			/* that as well, for who counts it apart */
	bool		all;			/* the reader sees everything, else what these own now or did */
	Datum		members;
	bool		contact;		/* first contact wanted */
	bool		contacts;		/* kinds of activities wanted */
	bool		touches;		/* channels wanted */
	bool		protection;		/* what became of protections wanted */
	bool		pool_time;		/* time in pools wanted */
} LeadsFactAsk;

typedef void (*LeadsFactDo) (void *arg, const LeadsFact *fact);

/* call it for every fact of one kind that the reader may see; what a fact points to is gone after the call */
extern void leads_facts_read(LeadsCut *cut, const LeadsFactAsk *ask, LeadsFactKind kind, LeadsFactDo take, void *arg);
/* before the frame is entered: whose facts the caller sees */
/* since, until of a call; 22023 */
extern void leads_facts_period(FunctionCallInfo fcinfo, int since, int until, LeadsFactAsk *ask);
/* include_imported of a call; include_test, after which include_invalid comes */
extern void leads_facts_include(FunctionCallInfo fcinfo, int imported, int test, LeadsFactAsk *ask);
#define LEADS_FACT_READERS \
	(LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN | LEADS_PROFILE_MANAGER | LEADS_PROFILE_REP | \
	 LEADS_PROFILE_APP | LEADS_PROFILE_BI)

extern LeadsMoney leads_money_read(Datum numeric);
/* sum / (10^8 * divisor), with so many digits; digits < 0: as many as it takes, at most 8 */
extern Datum leads_money_write(LeadsMoney m, int64 divisor, int digits);
extern Datum leads_number(double x, int digits);

/* ---------------------------------------------------------------- counting */

typedef struct LeadsKpiTable
{
	LeadsCut	cut;
	LeadsFactAsk ask;
	int			credit;			/* LeadsFunnelCredit, -1 = each KPI's own */
	int			margin;			/* 1/10,000, -1 = each channel's own */
	int			n;
	const int  *which;
	HTAB	   *customers;
} LeadsKpiTable;

typedef struct LeadsKpiValue
{
	bool		known;			/* false: nothing to divide by */
	Datum		value;
	int64		n;
	bool		has_parts;
	Datum		numerator;
	Datum		denominator;	/* 0 = none */
} LeadsKpiValue;

/* number of a KPI by its name; 22023 with the list */
extern int	leads_kpi_find(const char *name);
extern const char *leads_kpi_name(int kpi);
extern const char *leads_kpi_unit(int kpi);
extern const char *leads_kpi_mode(int kpi);
extern LeadsFunnelCredit leads_kpi_credit(const LeadsKpiTable *t, int kpi);
/* 22023 if it cannot be cut or attributed like this */
extern void leads_kpi_check(const LeadsKpiTable *t, int kpi);
extern void leads_kpi_count(LeadsFrame *f, LeadsKpiTable *t);
extern void leads_kpi_value(const LeadsKpiTable *t, const LeadsCutSegment *s, int k, LeadsKpiValue *out);

extern void leads_kpi_init(void);
extern void leads_sales_init(void);

#endif							/* LEADS_KPI_H */
