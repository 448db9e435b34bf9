/*
 * route_seats.h - candidates of a ring, a team or a single target, and whose turn it is.
 */
#ifndef LEADS_ROUTE_SEATS_H
#define LEADS_ROUTE_SEATS_H

#include "core/leads.h"
#include "record/org.h"

typedef struct LeadsSeat
{
	int64		member_id;
	const char *code;
	bool		active;
	TimestampTz left_at;
	int32		cap;			/* -1 = none */
	int64		seat_id;		/* 0 = not stored yet (everybody ring), or no ring */
	int64		weight;
	int32		position;
	int64		pass;
	int64		last_turn;
	bool		seated;
	int32		held;			/* known after leads_seats_lock, for those it counted */
	TimestampTz last_assigned_at;
} LeadsSeat;

typedef struct LeadsSeats
{
	const char *name;			/* as shown: ring:sales, team:north, member:li */
	int64		ring_id;		/* 0 = no ring */
	bool		least_loaded;
	bool		everybody;
	int64		virtual_time;
	int64		turn_no;
	int			n;
	LeadsSeat  *seats;			/* by position, then member */
} LeadsSeats;

/* without lock; NULL if there is none */
extern LeadsSeats *leads_seats_member(LeadsFrame *f, const char *code, int64 id);
extern LeadsSeats *leads_seats_ring(LeadsFrame *f, const char *code);	/* NULL = the default ring */
extern LeadsSeats *leads_seats_team(LeadsFrame *f, const char *code);

/* here, and not the one that must not get it: NULL, else the code of the reason */
extern const char *leads_seat_absent(const LeadsSeat *s, int64 exclude_id, TimestampTz now);
/* full by its cap, as counted by leads_seats_lock */
extern bool leads_seat_full(const LeadsSeat *s);
/* somebody here has no cap: the group cannot turn out empty */
extern bool leads_seats_sure(const LeadsSeats *g, int64 exclude_id, TimestampTz now);

/*
 * Lock what a choice among these groups depends on: rings ascending, then counters ascending; read
 * again what was locked.  lock = false reads only.
 */
extern void leads_seats_lock(LeadsFrame *f, LeadsSeats **groups, int n, int64 exclude_id, bool lock);
/* whose turn it is, NULL if nobody can; strict rings spend the turn (write = false: not stored) */
extern LeadsSeat *leads_seats_pick(LeadsFrame *f, LeadsSeats *g, int64 exclude_id, bool write);

#endif							/* LEADS_ROUTE_SEATS_H */
