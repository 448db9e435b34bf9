/*
 * org.c - keeper of members, channels, pools, rings, stages and counters.
 *
 * Purpose: look-ups of the organisation for the verbs, the turns of rings, and the
 * counters of what each member holds.
 * Invariants: only this file writes member_counter and turns; deltas are written last in a
 * mutation and in ascending order of members, which is the lock order of the
 * product; a counter counts open ownership rows, so that lapsed but unwritten ones
 * are taken off when it is read for a decision.
 * Called by: the verbs, act/route_seats, record/ownership.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"

#include "core/policy.h"
#include "record/customer.h"
#include "record/org.h"

#define SOON_TRIES 50
#define SOON_PAUSE 1000			/* microseconds */

#define MEMBER_COLUMNS "m.id, m.code, m.name, m.is_manager, m.active, m.left_at, coalesce(m.holder_cap, -1), coalesce(m.team_id, 0), m.partner_id"
#define STAGE_COLUMNS "s.id, s.code, s.label_zh, s.label_en, s.position, s.kind, s.qualifies"
#define POOL_COLUMNS "p.id, p.code, p.name, p.cooldown_days, coalesce(p.daily_quota, -1), $2::timestamptz - p.new_data_delay"

LEADS_QUERY_ASIDE(q_seat_write, "KKKK",
			"UPDATE @.ring_seat s SET pass = x.pass, last_turn = x.turn, seated = x.seated <> 0"
			"  FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4))"
			"       x(id, pass, turn, seated) WHERE s.id = x.id");
LEADS_QUERY_ASIDE(q_seat_make, "lKKKK",
			"INSERT INTO @.ring_seat (ring_id, member_id, pass, last_turn, seated)"
			" SELECT $1, x.id, x.pass, x.turn, x.seated <> 0"
			"   FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5))"
			"        x(id, pass, turn, seated) ORDER BY x.id"
			" ON CONFLICT (ring_id, member_id) DO UPDATE"
			"    SET pass = excluded.pass, last_turn = excluded.last_turn, seated = excluded.seated");
LEADS_QUERY_ASIDE(q_ring_write, "lll", "UPDATE @.ring SET virtual_time = $2, turn_no = $3 WHERE id = $1");
LEADS_QUERY_STEADY(q_member_id, "l", "SELECT " MEMBER_COLUMNS " FROM @.member m WHERE m.id = $1");
LEADS_QUERY_STEADY(q_member_codes, "K", "SELECT m.id, m.code FROM @.member m WHERE m.id = ANY ($1)");
LEADS_QUERY_STEADY(q_member_team, "l", "SELECT t.code, t.name FROM @.member m JOIN @.team t ON t.id = m.team_id WHERE m.id = $1");
LEADS_QUERY_STEADY(q_member_code, "t", "SELECT " MEMBER_COLUMNS " FROM @.member m WHERE m.code = $1");
LEADS_QUERY_STEADY(q_partner, "l", "SELECT p.id, p.code, p.name, p.manager_id, p.active FROM @.partner p WHERE p.id = $1");
LEADS_QUERY_STEADY(q_partner_of, "l",
			"SELECT p.id, p.code, p.name, p.manager_id, p.active FROM @.partner p"
			"  JOIN @.member m ON m.partner_id = p.id WHERE m.id = $1");
LEADS_QUERY(q_superior, "lz",
			"WITH RECURSIVE above(id, depth) AS ("
			"  SELECT m.team_id, 0 FROM @.member m WHERE m.id = $1 AND m.team_id IS NOT NULL"
			"  UNION SELECT t.parent_id, b.depth + 1 FROM @.team t JOIN above b ON b.id = t.id"
			"   WHERE t.parent_id IS NOT NULL AND b.depth < 64)"
			" SELECT m.id FROM @.member m LEFT JOIN above b ON b.id = m.team_id"
			"  WHERE m.is_manager AND m.active AND (m.left_at IS NULL OR m.left_at > $2) AND m.id <> $1 AND m.partner_id IS NULL"
			"    AND (b.id IS NOT NULL OR m.team_id IS NULL)"
			"  ORDER BY b.depth NULLS LAST, m.id LIMIT 1");
#define CHANNEL \
	"SELECT c.id, c.code, c.inbound, c.keeps = 'registrant', coalesce(c.member_id, 0), c.active, c.test FROM @.channel c"
LEADS_QUERY_STEADY(q_channel, "t", CHANNEL " WHERE c.code = $1");
LEADS_QUERY_STEADY(q_channel_of, "l", CHANNEL " WHERE c.id = $1");
LEADS_QUERY_STEADY(q_channel_profiles, "l",
			"SELECT pr FROM @.channel c, pg_catalog.unnest(c.profiles) pr WHERE c.id = $1");
LEADS_QUERY_STEADY(q_pool_id, "lz", "SELECT " POOL_COLUMNS " FROM @.pool p WHERE p.id = $1");
LEADS_QUERY_STEADY(q_pool_code, "tz", "SELECT " POOL_COLUMNS " FROM @.pool p WHERE p.code = $1");
LEADS_QUERY_STEADY(q_pool_default, "bz", "SELECT " POOL_COLUMNS " FROM @.pool p WHERE p.is_default = $1");
LEADS_QUERY_STEADY(q_pool_member, "ll",
			"SELECT (NOT EXISTS (SELECT FROM @.pool_member x WHERE x.pool_id = $1)"
			"        AND NOT EXISTS (SELECT FROM @.member m WHERE m.id = $2 AND m.partner_id IS NOT NULL))"
			"    OR EXISTS (SELECT FROM @.pool_member x WHERE x.pool_id = $1 AND x.member_id = $2)");
LEADS_QUERY_STEADY(q_stage_code, "t", "SELECT " STAGE_COLUMNS " FROM @.stage s WHERE s.code = $1");
LEADS_QUERY_STEADY(q_stage_id, "l", "SELECT " STAGE_COLUMNS " FROM @.stage s WHERE s.id = $1");
LEADS_QUERY_STEADY(q_stage_kind, "t",
			"SELECT " STAGE_COLUMNS " FROM @.stage s WHERE s.kind = $1 ORDER BY s.position LIMIT 1");
/* closed comes from the row as it is once its lock is held */
LEADS_QUERY_ASIDE(q_counter_add, "li",
			"INSERT INTO @.member_counter AS c (member_id, held) VALUES ($1, $2)"
			" ON CONFLICT (member_id) DO UPDATE SET held = c.held + $2 RETURNING c.closed");
LEADS_QUERY_ASIDE(q_counter_close, "l",
			"INSERT INTO @.member_counter AS c (member_id, closed) VALUES ($1, true)"
			" ON CONFLICT (member_id) DO UPDATE SET closed = true");
LEADS_QUERY_ASIDE(q_counter_reopen, "l", "UPDATE @.member_counter SET closed = false WHERE member_id = $1");
LEADS_QUERY_ASIDE(q_rule_counter, "llz",
			"INSERT INTO @.rule_counter AS c (rule_id, member_id, given_since, given) VALUES ($1, $2, $3, 1)"
			" ON CONFLICT (rule_id, member_id) DO UPDATE"
			"    SET given = c.given * (c.given_since = $3)::int + 1, given_since = $3");
LEADS_QUERY_ASIDE(q_counter_lock, "l",
			"SELECT c.held FROM @.member_counter c WHERE c.member_id = $1 FOR UPDATE");
LEADS_QUERY_ASIDE(q_counter_nowait, "l",
			"SELECT c.held FROM @.member_counter c WHERE c.member_id = $1 FOR UPDATE NOWAIT");
LEADS_QUERY_ASIDE(q_counter_make, "l",
			"INSERT INTO @.member_counter (member_id) VALUES ($1) ON CONFLICT DO NOTHING");
LEADS_QUERY_ASIDE(q_counter_lapsed, "lz",
			"SELECT count(*) FROM @.ownership o"
			" WHERE o.member_id = $1 AND o.until IS NULL AND o.next_due_at <= $2");
LEADS_QUERY_ASIDE(q_counter_assigned, "lizzi",
			"INSERT INTO @.member_counter AS c (member_id, held, last_assigned_at, given_since, given) VALUES ($1, $2, $3, $4, $5)"
			" ON CONFLICT (member_id) DO UPDATE SET held = c.held + $2, last_assigned_at = $3,"
			"   given = c.given * coalesce(c.given_since = $4, false)::int + $5, given_since = $4 RETURNING c.closed");
LEADS_QUERY_ASIDE(q_counters_missing, "K",
			"SELECT count(*) FROM pg_catalog.unnest($1) x(id)"
			" WHERE NOT EXISTS (SELECT FROM @.member_counter c WHERE c.member_id = x.id)");
LEADS_QUERY_ASIDE(q_counters_lock, "K",
			"SELECT c.member_id FROM @.member_counter c WHERE c.member_id = ANY ($1) ORDER BY c.member_id FOR UPDATE");
LEADS_QUERY_ASIDE(q_counters_free, "K",
			"SELECT c.member_id FROM @.member_counter c WHERE c.member_id = ANY ($1) ORDER BY c.member_id FOR UPDATE SKIP LOCKED");
LEADS_QUERY_ASIDE(q_counters_read, "Kzz",
			"SELECT x.id, coalesce(c.held, 0)"
			"       - (SELECT count(*) FROM @.ownership o"
			"           WHERE o.member_id = x.id AND o.until IS NULL AND o.next_due_at <= $2),"
			"       c.last_assigned_at, c.given * coalesce(c.given_since = $3, false)::int"
			"  FROM pg_catalog.unnest($1) x(id) LEFT JOIN @.member_counter c ON c.member_id = x.id"
			" ORDER BY x.id");

static bool
member_row(LeadsResult r, LeadsMember *m)
{
	if (!leads_found(r))
		return false;
	m->id = leads_int(&r, 0, 1);
	m->code = leads_text(&r, 0, 2);
	m->name = leads_text(&r, 0, 3);
	m->manager = leads_bool(&r, 0, 4);
	m->active = leads_bool(&r, 0, 5);
	m->left_at = leads_time(&r, 0, 6);
	m->holder_cap = (int32) leads_int(&r, 0, 7);
	m->team_id = leads_int(&r, 0, 8);
	m->partner_id = leads_int(&r, 0, 9);
	return true;
}

static bool
partner_row(LeadsResult r, LeadsPartner *p)
{
	if (!leads_found(r))
		return false;
	p->id = leads_int(&r, 0, 1);
	p->code = leads_text(&r, 0, 2);
	p->name = leads_text(&r, 0, 3);
	p->manager_id = leads_int(&r, 0, 4);
	p->active = leads_bool(&r, 0, 5);
	return true;
}

bool
leads_partner_by_id(LeadsFrame *f, int64 id, LeadsPartner *out)
{
	return id != 0 && partner_row(leads_run(&q_partner, id), out);
}

bool
leads_partner_of(LeadsFrame *f, int64 member_id, LeadsPartner *out)
{
	return member_id != 0 && partner_row(leads_run(&q_partner_of, member_id), out);
}

bool
leads_member_by_id(LeadsFrame *f, int64 id, LeadsMember *out)
{
	return id != 0 && member_row(leads_run(&q_member_id, id), out);
}

void
leads_member_codes(LeadsFrame *f, const int64 *ids, int n, const char **out)
{
	LeadsResult r = leads_run(&q_member_codes, leads_id_array(ids, n));

	memset(out, 0, sizeof(*out) * n);
	for (uint64 i = 0; i < r.n; i++)
		for (int k = 0; k < n; k++)
			if (ids[k] == leads_int(&r, i, 1))
				out[k] = leads_text(&r, i, 2);
}

bool
leads_member_team(LeadsFrame *f, int64 id, const char **code, const char **name)
{
	LeadsResult r = leads_run(&q_member_team, id);

	if (!leads_found(r))
		return false;
	*code = leads_text(&r, 0, 1);
	*name = leads_text(&r, 0, 2);
	return true;
}

bool
leads_member_by_code(LeadsFrame *f, const char *code, LeadsMember *out)
{
	return member_row(leads_run(&q_member_code, code), out);
}

int64
leads_superior_of(LeadsFrame *f, int64 member_id)
{
	LeadsResult r;

	if (member_id == 0)
		return 0;
	r = leads_run(&q_superior, member_id, f->now);
	return leads_found(r) ? leads_int(&r, 0, 1) : 0;
}

static bool
channel_row(LeadsFrame *f, LeadsResult r, LeadsChannel *out)
{
	if (!leads_found(r))
		return false;
	out->id = leads_int(&r, 0, 1);
	out->code = leads_text(&r, 0, 2);
	out->inbound = leads_bool(&r, 0, 3);
	out->keeps_registrant = leads_bool(&r, 0, 4);
	out->member_id = leads_int(&r, 0, 5);
	out->active = leads_bool(&r, 0, 6);
	out->test = leads_bool(&r, 0, 7);
	out->allowed = (f->profiles & LEADS_PROFILE_OWNER) != 0;
	if (!out->allowed)
	{
		r = leads_run(&q_channel_profiles, out->id);
		for (uint64 i = 0; i < r.n; i++)
			if (f->profiles & leads_profile_bit(leads_text(&r, i, 1)))
				out->allowed = true;
	}
	return true;
}

bool
leads_channel_by_code(LeadsFrame *f, const char *code, LeadsChannel *out)
{
	return channel_row(f, leads_run(&q_channel, code), out);
}

bool
leads_channel_by_id(LeadsFrame *f, int64 id, LeadsChannel *out)
{
	return channel_row(f, leads_run(&q_channel_of, id), out);
}

static bool
pool_row(LeadsResult r, LeadsPool *p)
{
	if (!leads_found(r))
		return false;
	p->id = leads_int(&r, 0, 1);
	p->code = leads_text(&r, 0, 2);
	p->name = leads_text(&r, 0, 3);
	p->cooldown_days = (int32) leads_int(&r, 0, 4);
	p->daily_quota = (int32) leads_int(&r, 0, 5);
	p->open_for_claim_since = leads_time(&r, 0, 6);
	return true;
}

static TimestampTz
frame_instant(LeadsFrame *f)
{
	return f->now != LEADS_NO_TIME ? f->now : leads_now_internal();
}

bool
leads_pool_by_id(LeadsFrame *f, int64 id, LeadsPool *out)
{
	return id != 0 && pool_row(leads_run(&q_pool_id, id, frame_instant(f)), out);
}

bool
leads_pool_by_code(LeadsFrame *f, const char *code, LeadsPool *out)
{
	return pool_row(leads_run(&q_pool_code, code, frame_instant(f)), out);
}

bool
leads_pool_default(LeadsFrame *f, LeadsPool *out)
{
	return pool_row(leads_run(&q_pool_default, true, frame_instant(f)), out);
}

bool
leads_pool_has_member(LeadsFrame *f, int64 pool_id, int64 member_id)
{
	LeadsResult r = leads_run(&q_pool_member, pool_id, member_id);

	return leads_bool(&r, 0, 1);
}

static bool
stage_row(LeadsFrame *f, LeadsResult r, LeadsStage *s)
{
	char	   *kind;

	if (!leads_found(r))
		return false;
	s->id = leads_int(&r, 0, 1);
	s->code = leads_text(&r, 0, 2);
	s->label = leads_text(&r, 0, strcmp(f->lang, "zh") == 0 ? 3 : 4);
	s->position = (int32) leads_int(&r, 0, 5);
	kind = leads_text(&r, 0, 6);
	s->kind = strcmp(kind, "won") == 0 ? LEADS_STAGE_WON :
		strcmp(kind, "lost") == 0 ? LEADS_STAGE_LOST : LEADS_STAGE_OPEN;
	s->qualifies = leads_bool(&r, 0, 7);
	return true;
}

bool
leads_stage_by_code(LeadsFrame *f, const char *code, LeadsStage *out)
{
	return stage_row(f, leads_run(&q_stage_code, code), out);
}

bool
leads_stage_by_id(LeadsFrame *f, int64 id, LeadsStage *out)
{
	return stage_row(f, leads_run(&q_stage_id, id), out);
}

bool
leads_stage_of_kind(LeadsFrame *f, LeadsStageKind kind, LeadsStage *out)
{
	static const char *const names[] = {"open", "won", "lost"};

	return stage_row(f, leads_run(&q_stage_kind, names[kind]), out);
}

bool
leads_stage_first(LeadsFrame *f, LeadsStage *out)
{
	return leads_stage_of_kind(f, LEADS_STAGE_OPEN, out);
}

static Datum
id_array(const int64 *ids, int n)
{
	Datum	   *values = palloc(sizeof(Datum) * Max(n, 1));

	for (int i = 0; i < n; i++)
		values[i] = Int64GetDatum(ids[i]);
	return PointerGetDatum(construct_array(values, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* what one frame will write about members, ascending */
typedef struct Delta
{
	struct Delta *next;
	int64		member_id;
	int			delta;
	TimestampTz assigned_at;	/* LEADS_NO_TIME = not by a rule */
	TimestampTz day;			/* of assigned_at */
	int			given;			/* by rules on that day */
	bool		receives;		/* must not be closed */
} Delta;

static Delta *
delta_of(LeadsFrame *f, int64 member_id)
{
	Delta	  **p = (Delta **) &f->pending;
	Delta	   *d;

	while (*p && (*p)->member_id < member_id)
		p = &(*p)->next;
	if (*p && (*p)->member_id == member_id)
		return *p;
	/* outlives a SPI connection opened within the frame */
	d = MemoryContextAlloc(f->outer_cxt, sizeof(Delta));
	d->member_id = member_id;
	d->delta = 0;
	d->assigned_at = d->day = LEADS_NO_TIME;
	d->given = 0;
	d->receives = false;
	d->next = *p;
	*p = d;
	return d;
}

void
leads_counter_add(LeadsFrame *f, int64 member_id, int delta)
{
	delta_of(f, member_id)->delta += delta;
}

static void
assigned(LeadsFrame *f, int64 member_id, TimestampTz at, TimestampTz day, int given)
{
	Delta	   *d = delta_of(f, member_id);

	d->given = d->day == day ? d->given + given : given;
	d->assigned_at = at;
	d->day = day;
}

void
leads_counter_assigned(LeadsFrame *f, int64 member_id, TimestampTz at, TimestampTz day)
{
	assigned(f, member_id, at, day, 1);
}

void
leads_rule_counter_add(int64 rule_id, int64 member_id, TimestampTz day)
{
	leads_run(&q_rule_counter, rule_id, member_id, day);
}

void
leads_counter_receives(LeadsFrame *f, int64 member_id)
{
	delta_of(f, member_id)->receives = true;
}

void
leads_counter_close(LeadsFrame *f, int64 member_id)
{
	leads_run(&q_counter_close, member_id);
}

/* it was handed over and closed: by now, or while we waited; unless it came back */
static void
check_closed(LeadsFrame *f, int64 member_id)
{
	LeadsResult r = leads_run_latest(&q_member_id, member_id);
	LeadsMember m;

	if (!member_row(r, &m) || !leads_member_present(&m, f->now))
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("the member that was to receive a customer left meanwhile"),
				 errhint("Retry the transaction.")));
	leads_run(&q_counter_reopen, member_id);
}

void
leads_counters_flush(LeadsFrame *f)
{
	for (Delta *d = f->pending; d; d = d->next)
	{
		LeadsResult r;

		if (d->assigned_at != LEADS_NO_TIME)
			r = leads_run(&q_counter_assigned, d->member_id, d->delta, d->assigned_at, d->day, d->given);
		else if (d->delta != 0 || d->receives)
			r = leads_run(&q_counter_add, d->member_id, d->delta);
		else
			continue;
		if (d->receives && leads_bool(&r, 0, 1))
			check_closed(f, d->member_id);
	}
	f->pending = NULL;
}

static LeadsResult
lock_counter(int64 member_id)
{
	LeadsResult r = leads_run(&q_counter_lock, member_id);

	if (!leads_found(r))
	{
		/* another one may make the row at this moment: then we wait for it here */
		leads_run(&q_counter_make, member_id);
		r = leads_run(&q_counter_lock, member_id);
	}
	return r;
}

void
leads_counters_lock(LeadsFrame *f, int64 member_id)
{
	leads_counter_add(f, member_id, 0);
	for (Delta *d = f->pending; d; d = d->next)
		(void) lock_counter(d->member_id);
}

void
leads_counters_lock_nowait(LeadsFrame *f)
{
	for (Delta *d = f->pending; d; d = d->next)
		if (d->delta != 0)
			(void) leads_run(&q_counter_nowait, d->member_id);
}

void
leads_counters_lock_soon(LeadsFrame *f)
{
	int64	   *ids;
	int			n = 0;
	uint64		there;
	Datum		array;
	LeadsResult r;

	for (Delta *d = f->pending; d; d = d->next)
		n++;
	ids = palloc(sizeof(int64) * Max(n, 1));
	n = 0;
	for (Delta *d = f->pending; d; d = d->next)
		if (d->delta != 0)
			ids[n++] = d->member_id;
	array = id_array(ids, n);
	r = leads_run(&q_counters_missing, array);
	there = n - leads_int(&r, 0, 1);
	for (int tries = 0; leads_run(&q_counters_free, array).n < there; tries++)
	{
		CHECK_FOR_INTERRUPTS();
		if (tries == SOON_TRIES)
			ereport(ERROR,
					(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
					 errmsg("somebody else has the counter of a member")));
		pg_usleep(SOON_PAUSE);
	}
}

void *
leads_counters_aside(LeadsFrame *f)
{
	void	   *aside = f->pending;

	f->pending = NULL;
	return aside;
}

void
leads_counters_back(LeadsFrame *f, void *aside, bool kept)
{
	Delta	   *since = f->pending;

	f->pending = aside;
	for (Delta *d = since; kept && d; d = d->next)
	{
		leads_counter_add(f, d->member_id, d->delta);
		if (d->receives)
			leads_counter_receives(f, d->member_id);
		if (d->assigned_at != LEADS_NO_TIME)
			assigned(f, d->member_id, d->assigned_at, d->day, d->given);
	}
}

int32
leads_counter_held_locked(LeadsFrame *f, int64 member_id, TimestampTz at)
{
	LeadsResult r = lock_counter(member_id);
	int64		held;

	held = leads_found(r) ? leads_int(&r, 0, 1) : 0;
	r = leads_run(&q_counter_lapsed, member_id, at);
	held -= leads_int(&r, 0, 1);
	for (Delta *d = f->pending; d; d = d->next)
		if (d->member_id == member_id)
			held += d->delta;
	return (int32) held;
}

static int
by_member(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return x < y ? -1 : x > y;
}

void
leads_ring_write(int64 ring_id, int64 virtual_time, int64 turn_no)
{
	leads_run(&q_ring_write, ring_id, virtual_time, turn_no);
}

void
leads_seats_write(int n, const int64 *seats, const int64 *pass, const int64 *last_turn, const int64 *seated)
{
	leads_run(&q_seat_write, id_array(seats, n), id_array(pass, n), id_array(last_turn, n), id_array(seated, n));
}

void
leads_seats_make(int64 ring_id, int n, const int64 *members, const int64 *pass, const int64 *last_turn,
				 const int64 *seated)
{
	leads_run(&q_seat_make, ring_id, id_array(members, n), id_array(pass, n), id_array(last_turn, n),
			  id_array(seated, n));
}

/*
 * Who may be chosen uncounted has its counter written later: those below the highest one
 * locked here are locked with it, or they would come out of order.  A counter that does
 * not exist yet cannot be locked with the others in one statement and would come out of
 * order, too: then all are taken one by one.
 */
static void
lock_counters(LeadsFrame *f, const LeadsHeld *members, int n, const int64 *uncounted, int nuncounted)
{
	int			total = n + nuncounted;
	int64		highest = 0;
	int64	   *ids;
	Datum		array;
	LeadsResult r;

	for (Delta *d = f->pending; d; d = d->next)
		total++;
	ids = palloc(sizeof(int64) * total);
	total = 0;
	for (int i = 0; i < n; i++)
		ids[total++] = members[i].member_id;
	for (Delta *d = f->pending; d; d = d->next)
		ids[total++] = d->member_id;
	for (int i = 0; i < total; i++)
		highest = Max(highest, ids[i]);
	for (int i = 0; i < nuncounted; i++)
		if (uncounted[i] < highest)
			ids[total++] = uncounted[i];
	qsort(ids, total, sizeof(int64), by_member);
	array = id_array(ids, total);
	r = leads_run(&q_counters_missing, array);
	if (leads_int(&r, 0, 1) == 0)
	{
		leads_run(&q_counters_lock, array);
		return;
	}
	for (int i = 0; i < total; i++)
	{
		leads_run(&q_counter_make, ids[i]);
		leads_run(&q_counter_lock, ids[i]);
	}
}

void
leads_counters_held(LeadsFrame *f, LeadsHeld *members, int n, TimestampTz at, TimestampTz day, bool lock,
					const int64 *uncounted, int nuncounted)
{
	int64	   *ids = palloc(sizeof(int64) * Max(n, 1));
	LeadsResult r;

	if (n == 0)
		return;
	if (lock)
		lock_counters(f, members, n, uncounted, nuncounted);
	for (int i = 0; i < n; i++)
		ids[i] = members[i].member_id;
	qsort(ids, n, sizeof(int64), by_member);
	/* a statement of its own: it sees what the holders of the locks committed */
	r = leads_run(&q_counters_read, id_array(ids, n), at, day);
	for (int i = 0; i < n; i++)
	{
		members[i].member_id = leads_int(&r, i, 1);
		members[i].held = (int32) leads_int(&r, i, 2);
		members[i].last_assigned_at = leads_time(&r, i, 3);
		members[i].given = (int32) leads_int(&r, i, 4);
		for (Delta *d = f->pending; d; d = d->next)
			if (d->member_id == members[i].member_id)
			{
				members[i].held += d->delta;
				members[i].given += d->day == day ? d->given : 0;
				if (d->assigned_at != LEADS_NO_TIME)
					members[i].last_assigned_at = d->assigned_at;
			}
	}
}
