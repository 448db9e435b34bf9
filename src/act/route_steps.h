/*
 * route_steps.h - one routing at work: shared by the files of act/route.
 */
#ifndef LEADS_ROUTE_STEPS_H
#define LEADS_ROUTE_STEPS_H

#include "core/leads.h"
#include "act/route.h"
#include "act/route_seats.h"
#include "decide/routing.h"

/* steps of one kind in one decision; what is beyond is summed up */
#define LEADS_STEPS_MAX 50

typedef enum
{
	OPTION_OWNER, OPTION_REGISTRANT, OPTION_RULE, OPTION_RULE_NOT, OPTION_RULE_GONE, OPTION_RULES_MORE, OPTION_RING
} LeadsOptionKind;

typedef struct LeadsOption
{
	LeadsOptionKind kind;
	const LeadsRoutingRule *rule;
	LeadsRuleVerdict verdict;	/* OPTION_RULE_NOT */
	int			more;			/* OPTION_RULES_MORE */
	LeadsSeats *group;			/* NULL = the pool */
	LeadsWanted want;
	int64		pool_id;
	const char *pool_code;
} LeadsOption;

/* one ring, team or member, and all who ask for it */
typedef struct LeadsRouteGroup
{
	const char *key;
	LeadsSeats *seats;			/* NULL = there is none */
} LeadsRouteGroup;

/* what the customers of one call share */
typedef struct LeadsRouteShared
{
	List	   *groups;			/* LeadsRouteGroup */
	bool		loaded;			/* version and rules are those to go by */
	int32		version;
	LeadsRouting *rules;		/* NULL = none */
	/* a replay keeps its own accounts; all NULL otherwise */
	bool		replay;
	MemoryContext cxt;			/* groups live here, NULL = where we are */
	void		(*stand) (struct LeadsRouteShared *all);
	void		(*fresh) (struct LeadsRouteShared *all, LeadsSeats *g);
	void		(*gave) (struct LeadsRouteShared *all, int64 member_id, int64 rule_id, bool by_rule, TimestampTz day);
	void		(*given) (struct LeadsRouteShared *all, LeadsSeats *g, int64 rule_id, TimestampTz day);
	void	   *replayer;
} LeadsRouteShared;

typedef struct LeadsRouteWork
{
	LeadsFrame *f;
	const LeadsRouteRequest *req;
	LeadsEvidence *e;			/* NULL: nobody asks why */
	LeadsRoutingFacts facts;
	List	   *options;
	LeadsRouteShared *all;
	bool		sure;			/* the last option cannot turn out empty */
} LeadsRouteWork;

/* decide as leads_route_decide() would at f->now, by the accounts of a replay; locks and writes nothing */
extern void leads_route_replay(LeadsFrame *f, LeadsRouteShared *all, const LeadsRouteRequest *req, LeadsRouteResult *out);

/* what rules look at, of a request at f->now */
extern void leads_route_facts(LeadsFrame *f, const LeadsRouteRequest *q, const LeadsRouting *rules, LeadsRoutingFacts *facts);

/* evidence: a rule that does not fit, one that does, who was passed over, who was chosen */
extern void leads_route_tell(LeadsRouteWork *r, const char *verdict, const char *code,
							 const char *a0, const char *a1, const char *a2);
extern void leads_route_tell_miss(LeadsRouteWork *r, const LeadsOption *o);
extern void leads_route_tell_skipped(LeadsRouteWork *r, const LeadsOption *o);
extern void leads_route_tell_chosen(LeadsRouteWork *r, const LeadsOption *o, const LeadsSeat *s);
extern const char *leads_route_int(int64 n);
extern void leads_route_tell_init(void);

#endif							/* LEADS_ROUTE_STEPS_H */
