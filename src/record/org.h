/*
 * org.h - keeper of members, channels, pools, rings, stages and counters.
 */
#ifndef LEADS_ORG_H
#define LEADS_ORG_H

#include "core/leads.h"
#include "lib/ring.h"

typedef struct LeadsMember
{
	int64		id;
	const char *code;
	const char *name;
	bool		manager;
	bool		active;
	TimestampTz left_at;		/* LEADS_NO_TIME = still here */
	int32		holder_cap;		/* -1 = none */
	int64		team_id;		/* 0 = none */
	int64		partner_id;		/* 0 = of the company itself */
} LeadsMember;

typedef struct LeadsPartner
{
	int64		id;
	const char *code;
	const char *name;
	int64		manager_id;		/* who holds what it registers; 0 = nobody is named */
	bool		active;
} LeadsPartner;

typedef struct LeadsChannel
{
	int64		id;
	const char *code;
	bool		inbound;
	bool		keeps_registrant;
	bool		allowed;		/* some profile of the caller is listed */
	int64		member_id;
	bool		active;
	bool		test;			/* what begins through it is test data */
} LeadsChannel;

typedef struct LeadsPool
{
	int64		id;
	const char *code;
	const char *name;
	int32		cooldown_days;
	int32		daily_quota;	/* -1 = none */
	TimestampTz open_for_claim_since;	/* an item that entered after this instant is too new */
} LeadsPool;

typedef enum
{
	LEADS_STAGE_OPEN, LEADS_STAGE_WON, LEADS_STAGE_LOST
} LeadsStageKind;

typedef struct LeadsStage
{
	int64		id;
	const char *code;
	const char *label;			/* in the install language */
	int32		position;
	LeadsStageKind kind;
	bool		qualifies;
} LeadsStage;

/* look-ups: false if there is none */
extern bool leads_member_by_id(LeadsFrame *f, int64 id, LeadsMember *out);
/* code and name of its team; false: it has none */
extern bool leads_member_team(LeadsFrame *f, int64 id, const char **code, const char **name);
/* codes of many members; NULL: there is none, as of id 0 */
extern void leads_member_codes(LeadsFrame *f, const int64 *ids, int n, const char **out);
extern bool leads_member_by_code(LeadsFrame *f, const char *code, LeadsMember *out);
extern bool leads_partner_by_id(LeadsFrame *f, int64 id, LeadsPartner *out);
extern bool leads_partner_of(LeadsFrame *f, int64 member_id, LeadsPartner *out);	/* false: of the company itself */
/*
 * Who stands above a member: the manager of its team, else of the team above and so on, else a manager without a
 * team; present, never itself; of several the first.  0 = nobody.
 */
extern int64 leads_superior_of(LeadsFrame *f, int64 member_id);
extern bool leads_channel_by_code(LeadsFrame *f, const char *code, LeadsChannel *out);
extern bool leads_channel_by_id(LeadsFrame *f, int64 id, LeadsChannel *out);
extern bool leads_pool_by_id(LeadsFrame *f, int64 id, LeadsPool *out);
extern bool leads_pool_by_code(LeadsFrame *f, const char *code, LeadsPool *out);
extern bool leads_pool_default(LeadsFrame *f, LeadsPool *out);
extern bool leads_pool_has_member(LeadsFrame *f, int64 pool_id, int64 member_id);	/* a pool without rows is open to the company's own */
extern bool leads_stage_by_code(LeadsFrame *f, const char *code, LeadsStage *out);
extern bool leads_stage_by_id(LeadsFrame *f, int64 id, LeadsStage *out);
extern bool leads_stage_first(LeadsFrame *f, LeadsStage *out);	/* first open one */
extern bool leads_stage_of_kind(LeadsFrame *f, LeadsStageKind kind, LeadsStage *out);

/* may receive customers at this instant */
#define leads_member_present(m, now) \
	((m)->active && ((m)->left_at == LEADS_NO_TIME || (m)->left_at > (now)))

/* turns of a ring, whose row is locked: of the ring, of seats by key, of members that had no seat yet */
extern void leads_ring_write(int64 ring_id, int64 virtual_time, int64 turn_no);
extern void leads_seats_write(int n, const int64 *seats, const int64 *pass, const int64 *last_turn, const int64 *seated);
extern void leads_seats_make(int64 ring_id, int n, const int64 *members, const int64 *pass, const int64 *last_turn,
							 const int64 *seated);

/*
 * Counters.  Deltas are collected in the frame and written in ascending order of
 * members by leads_counters_flush(), the last thing before the frame is left.
 */
extern void leads_counter_add(LeadsFrame *f, int64 member_id, int delta);
extern void leads_counters_flush(LeadsFrame *f);
/* lock the counters of the members with pending deltas and of one more, ascending */
extern void leads_counters_lock(LeadsFrame *f, int64 member_id);
/* the same for those with pending deltas, without waiting for anybody: 55P03 if another session has one */
extern void leads_counters_lock_nowait(LeadsFrame *f);
/*
 * The same of many: whoever has one is asked again for a moment, at the end of its own mutation as everybody is who
 * has a counter; nobody is waited for in a queue, so there can be no deadlock.  55P03 if it takes longer.
 */
extern void leads_counters_lock_soon(LeadsFrame *f);
/*
 * A step that may be rolled back alone: put the deltas aside, and afterwards take them back, with those
 * collected since if the step was kept.
 */
extern void *leads_counters_aside(LeadsFrame *f);
extern void leads_counters_back(LeadsFrame *f, void *aside, bool kept);
/*
 * Customers held at an instant, lapsed but unwritten ones left out and pending deltas
 * of this frame included; locks the counter row.  To count several members, lock in ascending order.
 */
extern int32 leads_counter_held_locked(LeadsFrame *f, int64 member_id, TimestampTz at);
typedef struct LeadsHeld
{
	int64		member_id;
	int32		held;			/* as leads_counter_held_locked counts */
	int32		given;			/* by rules since the beginning of the day */
	TimestampTz last_assigned_at;	/* LEADS_NO_TIME = never */
} LeadsHeld;

/*
 * The same for several members at once; afterwards they are in ascending order.  Locks their counters,
 * those this frame will write at its end, and those of uncounted members that may be chosen all the same,
 * in that order; lock = false: look only (dry runs).
 */
extern void leads_counters_held(LeadsFrame *f, LeadsHeld *members, int n, TimestampTz at, TimestampTz day, bool lock,
								const int64 *uncounted, int nuncounted);
/* rules or the default ring gave the member something in the business day that began at day; written by the flush */
extern void leads_counter_assigned(LeadsFrame *f, int64 member_id, TimestampTz at, TimestampTz day);
/* the rule gave it; the member's counter is locked */
extern void leads_rule_counter_add(int64 rule_id, int64 member_id, TimestampTz day);
/*
 * The member receives something that it may not have once it is closed: the flush looks, behind its counter's lock, and
 * gives up with 40001.
 */
extern void leads_counter_receives(LeadsFrame *f, int64 member_id);
/* receive nothing any more, from the commit on; locks the counter */
extern void leads_counter_close(LeadsFrame *f, int64 member_id);

/* channels, stages, pool and ring of a new company, in its language */
extern void leads_org_seed(LeadsFrame *f);

#endif							/* LEADS_ORG_H */
