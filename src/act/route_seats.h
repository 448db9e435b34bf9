/*
 * route_seats.h - candidates of a ring, a team, a role or a single target, and whose turn it is.
 */
#ifndef LEADS_ROUTE_SEATS_H
#define LEADS_ROUTE_SEATS_H

#include "core/leads.h"
#include "decide/candidate.h"
#include "record/org.h"

typedef struct LeadsSeats
{
	const char *name;			/* as shown: ring:sales, team:north, member:li */
	int64		ring_id;		/* 0 = no ring */
	bool		least_loaded;
	bool		everybody;
	MemoryContext own_memory;	/* set for a copy: where it lives */
	bool		by_leads;		/* load is that of open leads by stage, else the customers held */
	bool		hours;			/* the ring asks for working hours */
	bool		rule_caps;		/* some rule that asks limits what it gives */
	int64		virtual_time;
	int64		turn_no;
	int			n;
	LeadsSeat  *seats;			/* by position, then member */
} LeadsSeats;

/* without lock; NULL if there is none */
extern LeadsSeats *leads_seats_member(LeadsFrame *f, const char *code, int64 id);
extern LeadsSeats *leads_seats_ring(LeadsFrame *f, const char *code);	/* NULL = the default ring */
extern LeadsSeats *leads_seats_team(LeadsFrame *f, const char *code);
extern LeadsSeats *leads_seats_role(LeadsFrame *f, const char *code);	/* never NULL: whoever has the skill */

/* all of it, in other memory */
extern LeadsSeats *leads_seats_copy(const LeadsSeats *g, MemoryContext cxt);

/* somebody here fits and has no limit: the group cannot turn out empty */
extern bool leads_seats_sure(const LeadsSeats *g, const LeadsWanted *w);

/*
 * Lock what a choice among these groups depends on: rings ascending, then counters ascending; read
 * again what was locked.  lock = false reads only.
 */
extern void leads_seats_lock(LeadsFrame *f, LeadsSeats **groups, int n, bool lock);
/* how many the rule gave each of the group today; counters are locked */
extern void leads_seats_count_rule(LeadsFrame *f, LeadsSeats *g, int64 rule_id, TimestampTz day);
/* what the open leads of a customer's scope weigh */
extern int64 leads_seats_load(int64 customer_id, const char *scope);
/* whose turn it is, NULL if nobody can; strict rings spend the turn (write = false: in memory alone) */
extern LeadsSeat *leads_seats_pick(LeadsFrame *f, LeadsSeats *g, const LeadsWanted *w, bool write);
/*
 * A member was given something by hand: its turn is spent in each ring that counts this.  Locks those rings; call it
 * before the counters.  Returns how many.
 */
extern int	leads_seats_spend(LeadsFrame *f, int64 member_id);

#endif							/* LEADS_ROUTE_SEATS_H */
