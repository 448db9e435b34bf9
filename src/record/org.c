/*
 * org.c - keeper of members, channels, pools, rings, stages and counters.
 *
 * Purpose: look-ups of the organisation for the verbs, and the counters of what
 * each member holds.
 * Invariants: only this file writes member_counter; deltas are written last in a
 * mutation and in ascending order of members, which is the lock order of the
 * product; a counter counts open ownership rows, so that lapsed but unwritten ones
 * are taken off when it is read for a decision.
 * Called by: the verbs, record/ownership.
 */
#include "core/leads.h"

#include "core/policy.h"
#include "record/org.h"

#define MEMBER_COLUMNS "m.id, m.code, m.name, m.is_manager, m.active, m.left_at, coalesce(m.holder_cap, -1), coalesce(m.team_id, 0)"
#define STAGE_COLUMNS "s.id, s.code, s.label_zh, s.label_en, s.position, s.kind, s.qualifies"
#define POOL_COLUMNS "p.id, p.code, p.name, p.cooldown_days, coalesce(p.daily_quota, -1), $2::timestamptz - p.new_data_delay"

LEADS_QUERY(q_member_id, "l", "SELECT " MEMBER_COLUMNS " FROM @.member m WHERE m.id = $1");
LEADS_QUERY(q_member_code, "t", "SELECT " MEMBER_COLUMNS " FROM @.member m WHERE m.code = $1");
LEADS_QUERY(q_channel, "t",
			"SELECT c.id, c.code, c.inbound, c.keeps = 'registrant', c.profiles, coalesce(c.member_id, 0), c.active"
			"  FROM @.channel c WHERE c.code = $1");
LEADS_QUERY(q_channel_profiles, "l",
			"SELECT pr FROM @.channel c, pg_catalog.unnest(c.profiles) pr WHERE c.id = $1");
LEADS_QUERY(q_pool_id, "lz", "SELECT " POOL_COLUMNS " FROM @.pool p WHERE p.id = $1");
LEADS_QUERY(q_pool_code, "tz", "SELECT " POOL_COLUMNS " FROM @.pool p WHERE p.code = $1");
LEADS_QUERY(q_pool_default, "bz", "SELECT " POOL_COLUMNS " FROM @.pool p WHERE p.is_default = $1");
LEADS_QUERY(q_pool_member, "ll",
			"SELECT NOT EXISTS (SELECT FROM @.pool_member x WHERE x.pool_id = $1)"
			"    OR EXISTS (SELECT FROM @.pool_member x WHERE x.pool_id = $1 AND x.member_id = $2)");
LEADS_QUERY(q_stage_code, "t", "SELECT " STAGE_COLUMNS " FROM @.stage s WHERE s.code = $1");
LEADS_QUERY(q_stage_id, "l", "SELECT " STAGE_COLUMNS " FROM @.stage s WHERE s.id = $1");
LEADS_QUERY(q_stage_kind, "t",
			"SELECT " STAGE_COLUMNS " FROM @.stage s WHERE s.kind = $1 ORDER BY s.position LIMIT 1");
LEADS_QUERY(q_counter_add, "li",
			"INSERT INTO @.member_counter AS c (member_id, held) VALUES ($1, $2)"
			" ON CONFLICT (member_id) DO UPDATE SET held = c.held + $2");
LEADS_QUERY(q_counter_lock, "l",
			"SELECT c.held FROM @.member_counter c WHERE c.member_id = $1 FOR UPDATE");
LEADS_QUERY(q_counter_make, "l",
			"INSERT INTO @.member_counter (member_id) VALUES ($1) ON CONFLICT DO NOTHING");
LEADS_QUERY(q_counter_lapsed, "lz",
			"SELECT count(*) FROM @.ownership o"
			" WHERE o.member_id = $1 AND o.until IS NULL AND o.next_due_at <= $2");
LEADS_QUERY(q_counter_assigned, "lz",
			"INSERT INTO @.member_counter AS c (member_id, last_assigned_at) VALUES ($1, $2)"
			" ON CONFLICT (member_id) DO UPDATE SET last_assigned_at = $2");

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
	return true;
}

bool
leads_member_by_id(LeadsFrame *f, int64 id, LeadsMember *out)
{
	return id != 0 && member_row(leads_run(&q_member_id, id), out);
}

bool
leads_member_by_code(LeadsFrame *f, const char *code, LeadsMember *out)
{
	return member_row(leads_run(&q_member_code, code), out);
}

bool
leads_channel_by_code(LeadsFrame *f, const char *code, LeadsChannel *out)
{
	LeadsResult r = leads_run(&q_channel, code);

	if (!leads_found(r))
		return false;
	out->id = leads_int(&r, 0, 1);
	out->code = leads_text(&r, 0, 2);
	out->inbound = leads_bool(&r, 0, 3);
	out->keeps_registrant = leads_bool(&r, 0, 4);
	out->member_id = leads_int(&r, 0, 6);
	out->active = leads_bool(&r, 0, 7);
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

/* deltas of one frame, ascending by member */
typedef struct Delta
{
	struct Delta *next;
	int64		member_id;
	int			delta;
} Delta;

void
leads_counter_add(LeadsFrame *f, int64 member_id, int delta)
{
	Delta	  **p = (Delta **) &f->pending;
	Delta	   *d;

	while (*p && (*p)->member_id < member_id)
		p = &(*p)->next;
	if (*p && (*p)->member_id == member_id)
	{
		(*p)->delta += delta;
		return;
	}
	d = palloc(sizeof(Delta));
	d->member_id = member_id;
	d->delta = delta;
	d->next = *p;
	*p = d;
}

void
leads_counters_flush(LeadsFrame *f)
{
	for (Delta *d = f->pending; d; d = d->next)
		if (d->delta != 0)
			leads_run(&q_counter_add, d->member_id, d->delta);
	f->pending = NULL;
}

int32
leads_counter_held_locked(LeadsFrame *f, int64 member_id, TimestampTz at)
{
	LeadsResult r = leads_run(&q_counter_lock, member_id);
	int64		held;

	if (!leads_found(r))
	{
		/* another one may make the row at this moment: then we wait for it here */
		leads_run(&q_counter_make, member_id);
		r = leads_run(&q_counter_lock, member_id);
	}
	held = leads_found(r) ? leads_int(&r, 0, 1) : 0;
	r = leads_run(&q_counter_lapsed, member_id, at);
	held -= leads_int(&r, 0, 1);
	for (Delta *d = f->pending; d; d = d->next)
		if (d->member_id == member_id)
			held += d->delta;
	return (int32) held;
}

void
leads_counter_assigned(LeadsFrame *f, int64 member_id, TimestampTz at)
{
	leads_run(&q_counter_assigned, member_id, at);
}
