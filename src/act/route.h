/*
 * route.h - who gets a customer: registrant, rules, ring, pool.
 */
#ifndef LEADS_ROUTE_H
#define LEADS_ROUTE_H

#include "core/leads.h"
#include "record/decision.h"

typedef struct LeadsRouteRequest
{
	int64		customer_id;
	const char *scope;
	const char *customer_name;
	const char *customer_kind;	/* company, person */
	const char *core;
	const char *region;			/* NULL = unknown; so for all texts */
	const char *city;
	const char *industry;
	const char *line;
	const char *project;
	const char *channel;		/* code */
	Datum		amount;			/* numeric, 0 = none */
	Jsonb	   *extra;			/* lead's extra, may be NULL */
	int64		owner_id;		/* current owner in the scope, 0 = none (sticky) */
	int64		registrant_id;	/* 0 = the channel does not keep the registrant */
	int64		sender_id;		/* who registered it, whatever the channel keeps: its partner's manager is a target; 0 = unknown */
	int64		exclude_id;		/* must not get it, whatever a rule says, 0 = nobody */
	int64		holder_id;		/* whose hands it leaves, 0 = none; may get it again, which is no change */
	bool		dry_run;		/* lock and write nothing */
} LeadsRouteRequest;

typedef struct LeadsRouteResult
{
	int64		member_id;		/* one of the two is 0, never both */
	int64		pool_id;
	int32		routing_version;
	const char *cause;			/* registered (registrant), routed (rule, ring), pooled */
	bool		by_rule;		/* the rule at this position gave it */
	int32		position;
} LeadsRouteResult;

/*
 * Decide at f->now.  Locks the ring row and then member counters (ascending) if they are needed:
 * call it as late as can be.  Adds its steps to the evidence, a reason for every candidate skipped
 * included.  Never fails to answer: the last resort is the default pool.
 */
extern void leads_route_decide(LeadsFrame *f, const LeadsRouteRequest *req, LeadsEvidence *e, LeadsRouteResult *out);

/*
 * The same for several customers, all locked already, in one lock hold and in this order: each decision knows
 * those before it.  All of them dry runs, or none.
 */
extern void leads_route_decide_all(LeadsFrame *f, int n, const LeadsRouteRequest *req, LeadsEvidence *e, LeadsRouteResult *out);

/* texts and the check of routing documents, at load */
extern void leads_route_init(void);

#endif							/* LEADS_ROUTE_H */
