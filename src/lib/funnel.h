/*-------------------------------------------------------------------------
 *
 * funnel.h
 *		One lead through the steps of a funnel, and what it counts there.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_LIB_FUNNEL_H
#define LEADS_LIB_FUNNEL_H

#include "histogram.h"
#include "journey.h"

#define LEADS_FUNNEL_STEPS 32	/* more is an error, never cut off */
#define LEADS_FUNNEL_STAGES 64	/* several stages may be one step */
#define LEADS_FUNNEL_EVER INT64_MAX	/* no limit */

typedef enum LeadsFunnelMode
{
	LEADS_FUNNEL_COHORT,		/* furthest ever; what was left out counts as passed */
	LEADS_FUNNEL_STRICT,		/* only steps that were entered */
	LEADS_FUNNEL_FLOW,			/* entries of a period and what came of them */
	LEADS_FUNNEL_SNAPSHOT		/* open leads by the step they are in */
} LeadsFunnelMode;

typedef struct LeadsFunnelSteps
{
	int			n;
	int			won;			/* step of wins, -1 = by the stage it was won in */
	int			nstages;
	int64_t		stage[LEADS_FUNNEL_STAGES];
	int8_t		step[LEADS_FUNNEL_STAGES];
	int8_t		near[256];		/* step of the stages with small ids, -1 = none */
} LeadsFunnelSteps;

extern void leads_funnel_steps_begin(LeadsFunnelSteps *s);
/* false: too many, or the stage is there already */
extern bool leads_funnel_steps_add(LeadsFunnelSteps *s, int64_t stage, int step);
extern int	leads_funnel_step_far(const LeadsFunnelSteps *s, int64_t stage);

static inline int
leads_funnel_step(const LeadsFunnelSteps *s, int64_t stage)
{
	return (uint64_t) stage < 256 ? s->near[stage] : leads_funnel_step_far(s, stage);
}

static inline int
leads_funnel_won_step(const LeadsFunnelSteps *s, int64_t stage)
{
	return s->won >= 0 ? s->won : leads_funnel_step(s, stage);
}

/* ---------------------------------------------------------------- a walk */

typedef enum LeadsExit
{
	LEADS_EXIT_NONE,			/* still there */
	LEADS_EXIT_FORWARD,
	LEADS_EXIT_BACK,
	LEADS_EXIT_LOST,
	LEADS_EXIT_MOVED			/* to or from a stage that is no step */
} LeadsExit;

/* a time in one step; being won is one, too */
typedef struct LeadsStay
{
	int64_t		since;
	int64_t		until;			/* LEADS_FUNNEL_EVER = it lasts */
	int64_t		owner;			/* whose the lead was when it came */
	int64_t		leaver;			/* whose when it left */
	int64_t		pooled;			/* of the time, without an owner */
	int32_t		attempt;
	int8_t		step;			/* -1 = a stage that is no step */
	bool		won;
	uint8_t		exit;			/* LeadsExit */
	bool		invalid;		/* the loss that ends its attempt says that it was no lead */
} LeadsStay;

typedef struct LeadsWalk
{
	LeadsStay  *stay;
	int			n;
	int			room;
	LeadsJourneyState state;	/* as of the instant asked for */
	int			furthest;		/* open step, -1 = none */
	uint32_t	entered;		/* open steps that were entered, as bits */
	int64_t		begun_at;
	int64_t		closed_at;		/* of the last closing */
	int64_t		first_owner;
	int64_t		owner;			/* now, or who closed it */
	bool		imported;
	bool		test;
	bool		invalid;		/* lost, because it was no lead: as of the instant asked for, later than within, too */
	const char *fault;
} LeadsWalk;

/*
 * Walk up to as_of, that instant included.  pooled_at: the lead lies in a pool from then on, though nobody has
 * written it yet (LEADS_FUNNEL_EVER = no).  within: what happens later than so long after the beginning is left
 * out.  False: it had not begun yet, or fault is set.  The stays belong to the walk: leads_walk_free().
 */
extern bool leads_walk(LeadsWalk *w, const void *bytes, size_t len, const LeadsFunnelSteps *steps, int64_t as_of,
					   int64_t pooled_at, int64_t within);
extern void leads_walk_free(LeadsWalk *w);

/*
 * One attempt of a walk as a walk of its own: an attempt ends where a lost lead was reopened; a win that was taken
 * back goes on.  *next is 0 at first; false: there is none any more.  The stays are those of w.
 */
extern bool leads_walk_attempt(const LeadsWalk *w, int *next, LeadsWalk *attempt);

/* ---------------------------------------------------------------- counting */

typedef struct LeadsFunnelCell
{
	int64_t		entered[LEADS_FUNNEL_STEPS];
	int64_t		advanced[LEADS_FUNNEL_STEPS];
	int64_t		lost[LEADS_FUNNEL_STEPS];
	int64_t		open[LEADS_FUNNEL_STEPS];
	int64_t		next[LEADS_FUNNEL_STEPS];	/* of those entered: came to the next step */
	int64_t		skipped[LEADS_FUNNEL_STEPS];	/* counted as reached, never entered */
	int64_t		regressed[LEADS_FUNNEL_STEPS];	/* left it backwards at least once */
	int64_t		reentered[LEADS_FUNNEL_STEPS];	/* further entries beyond the first */
	int64_t		moved[LEADS_FUNNEL_STEPS];	/* of those open: are in, or flow: left for, a stage that is no step */
	int64_t		pooled[LEADS_FUNNEL_STEPS];	/* of closed stays, seconds without an owner, of each the whole ones */
	LeadsHistogram *hours[LEADS_FUNNEL_STEPS];	/* closed stays, in microseconds; NULL = none */
	LeadsHistogram *ages[LEADS_FUNNEL_STEPS];	/* ages of the open leads counted here */
} LeadsFunnelCell;

typedef struct LeadsFunnelRule
{
	LeadsFunnelMode mode;
	LeadsFunnelSteps steps;
	int64_t		since;			/* flow: entries in [since, until) */
	int64_t		until;
	int64_t		as_of;
	int64_t		within;			/* microseconds, LEADS_FUNNEL_EVER = no limit */
	bool		by_event;		/* each step goes to who had the lead when it came there */
	bool		hours;			/* histograms wanted */
	/* told of each open lead that is counted, in place of its age: ages change from day to day; NULL = ages */
	void		(*aged) (void *arg, LeadsFunnelCell *cell, int step, int sign);
	void	   *aged_arg;
	LeadsHistogramQueue *later;	/* times of cells wait there until leads_histogram_settle(); NULL = none waits */
} LeadsFunnelRule;

typedef LeadsFunnelCell *(*LeadsFunnelCellOf) (void *arg, int64_t owner);

/*
 * Count a lead: sign 1 adds it, -1 takes it away.  cell is where it counts; with rule->by_event cell_of says it for
 * each owner instead.  closing: times from the beginning to the last closing, may be NULL.
 */
extern void leads_funnel_tally(const LeadsFunnelRule *rule, const LeadsWalk *w, int sign, LeadsFunnelCell *cell,
							   LeadsFunnelCellOf cell_of, void *arg, LeadsHistogram *closing);
extern void leads_funnel_merge(LeadsFunnelCell *cell, const LeadsFunnelCell *other, int n);

/*
 * How far it came, 0 = nowhere: cohort as reached; strict the longest chain of steps entered one after the other, the
 * last no later than within after the first; snapshot where it is, 0 = closed.
 */
extern int	leads_funnel_level(const LeadsFunnelRule *rule, const LeadsWalk *w);

/*
 * Cohort without a limit, and plain journeys: the step + 1 that leads_funnel_level() says, and the state; -1 = it is
 * not plain or not good, take a walk.
 */
typedef struct LeadsFunnelQuick
{
	uint16_t	of[256 * 16];	/* by stage and kind */
} LeadsFunnelQuick;

extern void leads_funnel_quick_begin(LeadsFunnelQuick *q, const LeadsFunnelSteps *steps);
extern int	leads_funnel_quick(const LeadsFunnelQuick *q, const void *bytes, size_t len, LeadsJourneyState *state);

/*
 * The same with times, for journeys whose stages are all steps and in which nothing comes after a win: what a walk to
 * as_of says of them, and the tally of cohort without a limit and without by_event.  False: take a walk.
 */
#define LEADS_FUNNEL_PLAIN_MOST 24	/* entries */

typedef struct LeadsFunnelPlain
{
	LeadsJourneyState state;
	int			far;			/* open step */
	int			won;			/* step of the win, -1 = none */
	uint32_t	entered;		/* open steps as bits */
	uint32_t	back;			/* left backwards */
	int64_t		begun_at;
	int64_t		closed_at;
	int64_t		first_owner;
	int64_t		owner;
	bool		imported;
	bool		test;
	bool		invalid;		/* lost, because it was no lead */
	bool		again;			/* a step came again */
	bool		reopened;		/* a stay came after a loss: there are several attempts */
	int			n;				/* stays, the last one may last */
	uint8_t		step[LEADS_FUNNEL_PLAIN_MOST];
	uint8_t		attempt[LEADS_FUNNEL_PLAIN_MOST];
	int64_t		spent[LEADS_FUNNEL_PLAIN_MOST];
	int64_t		pooled[LEADS_FUNNEL_PLAIN_MOST];
} LeadsFunnelPlain;

extern bool leads_funnel_plain(LeadsFunnelPlain *out, const LeadsFunnelQuick *q, const void *bytes, size_t len,
							   int64_t as_of);
extern void leads_funnel_plain_tally(const LeadsFunnelRule *rule, const LeadsFunnelPlain *w, int sign,
									 LeadsFunnelCell *cell, LeadsHistogram *closing);

#endif							/* LEADS_LIB_FUNNEL_H */
