/*
 * deadline.c - when an interval lapses.
 *
 * Purpose: the one place that asks the judge of deadlines and stores what it says: at the beginning of an interval,
 * after an anchor moved, and for many at once when the calendar or a member's last day changed.
 * Invariants: a stored deadline is what its policy version gives for what is known, or later by a grace; it is
 * computed in the transaction that changed what it counts from; what changes many holds the lock of the rules
 * exclusively, so that no mutation computes from the old state meanwhile; customers are locked ascending.
 * Called by: act/corridor, act/register, act/followup, act/pipeline, act/merge, act/ownership, act/pause, core/policy.
 */
#include "core/leads.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "utils/rel.h"

#include "act/corridor.h"
#include "act/deadline.h"
#include "act/notice.h"
#include "act/pause.h"
#include "core/lock.h"
#include "core/policy.h"
#include "record/anchor.h"
#include "record/org.h"

#define CHUNK 500

static const LeadsMessage messages[] = {
	{"deadline.moved", "保护截止时间由 {0} 调整为 {1}", "the deadline moved from {0} to {1}"},
	{"deadline.calendar", "工作日历已更新", "the calendar changed"},
	{"deadline.leave", "归属人的休假有变更", "a leave of the owner changed"},
	{"deadline.left", "归属人的离职时间有变更", "the last day of the owner changed"},
};

LEADS_QUERY(q_scopes, "l",
			"SELECT o.scope FROM @.ownership o WHERE o.customer_id = $1 AND o.until IS NULL AND o.member_id IS NOT NULL"
			" ORDER BY o.scope");
/* of everybody ($2 = 0), or of one member */
LEADS_QUERY(q_customers, "lli",
			"SELECT DISTINCT o.customer_id FROM @.ownership o"
			" WHERE o.until IS NULL AND o.member_id IS NOT NULL AND o.customer_id > $1 AND ($2 = 0 OR o.member_id = $2)"
			" ORDER BY o.customer_id LIMIT $3");
LEADS_QUERY(q_document, "lt",
			"SELECT c.name, c.kind, c.core, c.region, c.city, c.industry, c.level, to_jsonb(c.tags), c.extra,"
			"       h.code, l.line, l.project, l.amount, l.extra, l.id, l.created_at, s.code, t.name, t.title"
			"  FROM @.customer c"
			"  LEFT JOIN LATERAL (SELECT * FROM @.lead l WHERE l.customer_id = c.id AND l.scope = $2 AND l.merged_into IS NULL"
			"     ORDER BY l.closed_at IS NULL DESC, l.id DESC LIMIT 1) l ON true"
			"  LEFT JOIN @.channel h ON h.id = l.channel_id"
			"  LEFT JOIN @.stage s ON s.id = l.stage_id"
			"  LEFT JOIN LATERAL (SELECT * FROM @.contact t WHERE t.customer_id = c.id ORDER BY t.id LIMIT 1) t ON true"
			" WHERE c.id = $1");
LEADS_QUERY(q_leave_counts, "",
			"SELECT FROM @.policy p WHERE p.kind = 'protection' AND p.status = 'published'"
			"   AND (p.body @> '{\"leave_pauses\": true}' OR p.body @> '{\"entries\": [{\"leave_pauses\": true}]}') LIMIT 1");
LEADS_QUERY(q_owner, "l",
			"SELECT m.code, t.code FROM @.member m LEFT JOIN @.team t ON t.id = m.team_id WHERE m.id = $1");

static void calendar_published(LeadsFrame *f);

void
leads_deadline_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
	leads_policy_set_validator("calendar", leads_calendar_validate);
	leads_policy_set_at_once("calendar", calendar_published);
	leads_deadline_read_init();
	leads_deadline_apply_init();
	leads_pause_init();
}

void
leads_deadline_seed(LeadsFrame *f)
{
	leads_policy_seed(f, "protection", leads_protection_default);
	leads_policy_seed(f, "calendar", leads_calendar_default);
}

/* ---------------------------------------------------------------- one interval */

LeadsPolicy
leads_deadline_policy(LeadsFrame *f, int32 version)
{
	LeadsPolicy policy = {0, NULL};

	if (version != 0)
		policy = leads_policy_version(f, "protection", version);
	if (policy.body == NULL)
		policy = leads_policy_at(f, "protection", f->now);
	return policy;
}

static int64
pool_of(LeadsFrame *f, const LeadsProtection *p)
{
	LeadsPool	pool;

	/* a pool that is gone must not stop a lapse */
	if (p->pool[0] != '\0' && leads_pool_by_code(f, p->pool, &pool))
		return pool.id;
	if (!leads_pool_default(f, &pool))
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("company \"%s\" has no default pool", f->schema),
				 errhint("Set is_default on one row of %s.pool.", f->qschema)));
	return pool.id;
}

int64
leads_deadline_rules(LeadsFrame *f, const LeadsOwnership *o, LeadsProtection *p)
{
	LeadsPolicy policy = leads_deadline_policy(f, o->policy_version);

	leads_protection_read(policy.body, policy.version, o->policy_entry, p);
	return pool_of(f, p);
}

/* what an entry is chosen by, as it is stored now */
static void
read_document(LeadsFrame *f, const LeadsOwnership *o, LeadsDocument *d)
{
	LeadsResult r = leads_run(&q_document, o->customer_id, o->scope);

	memset(d, 0, sizeof(*d));
	d->created_at = LEADS_NO_TIME;
	if (!leads_found(r))
		return;
	d->name = leads_text(&r, 0, 1);
	d->kind = leads_text(&r, 0, 2);
	d->core = leads_text(&r, 0, 3);
	d->region = leads_text(&r, 0, 4);
	d->city = leads_text(&r, 0, 5);
	d->industry = leads_text(&r, 0, 6);
	d->level = leads_text(&r, 0, 7);
	d->tags = leads_jsonb(&r, 0, 8);
	d->customer_extra = leads_jsonb(&r, 0, 9);
	d->channel = leads_text(&r, 0, 10);
	d->line = leads_text(&r, 0, 11);
	d->project = leads_text(&r, 0, 12);
	d->amount = leads_numeric(&r, 0, 13);
	d->lead_extra = leads_jsonb(&r, 0, 14);
	d->lead_id = leads_int(&r, 0, 15);
	d->created_at = leads_time(&r, 0, 16);
	d->stage = leads_text(&r, 0, 17);
	d->contact_name = leads_text(&r, 0, 18);
	d->contact_title = leads_text(&r, 0, 19);
}

static int32
choose_entry(LeadsFrame *f, const LeadsOwnership *o, Jsonb *body, const LeadsDocument *lead)
{
	LeadsDocument d;
	LeadsResult r;

	if (body == NULL || !leads_protection_has_entries(body))
		return 0;
	read_document(f, o, &d);
	if (lead)
	{
		d.channel = lead->channel;
		d.line = lead->line;
		d.project = lead->project;
		d.amount = lead->amount;
		d.lead_extra = lead->lead_extra;
	}
	r = leads_run(&q_owner, o->member_id);
	if (leads_found(r))
	{
		d.owner_code = leads_text(&r, 0, 1);
		d.owner_team = leads_text(&r, 0, 2);
	}
	d.now = f->now;
	d.zone = f->zone;
	return leads_protection_choose(body, leads_document_build(&d));
}

static void
take_over(LeadsOwnership *o, const LeadsDeadline *d)
{
	o->protected_until = d->protected_until;
	o->next_due_at = d->next_due_at;
	o->remind_at = d->remind_at;
	o->due_by = d->due_by;
}

void
leads_deadline_nominal(LeadsOwnership *o)
{
	o->next_due_at = leads_ownership_deadline(o);
	o->deadline_at = LEADS_NO_TIME;
}

void
leads_deadline_release(LeadsFrame *f, LeadsOwnership *o, const LeadsProtection *p)
{
	TimestampTz due = o->next_due_at;

	if (p->min_notice.n == 0 || due == LEADS_NO_TIME)
	{
		o->deadline_at = o->noticed_at = LEADS_NO_TIME;
		return;
	}
	/* another deadline is another notice */
	if (o->told_due != due)
		o->noticed_at = LEADS_NO_TIME;
	/* so near to its beginning that none comes: whoever got it has just been told */
	if (o->noticed_at == LEADS_NO_TIME && o->remind_at == LEADS_NO_TIME)
		o->noticed_at = o->since;
	o->deadline_at = due;
	o->next_due_at = leads_protection_release(p, due, o->due_by, o->noticed_at, f->zone);
}

/*
 * A deadline that is over stands no more, but a hold or a release behind it does: what the owner has until then comes no
 * nearer than the grace either, unless it was before.
 */
static void
keep(LeadsFrame *f, LeadsOwnership *o, const LeadsProtection *p, TimestampTz was)
{
	TimestampTz floor;

	if (was == LEADS_NO_TIME || o->next_due_at == LEADS_NO_TIME ||
		strcmp(o->due_by, leads_trigger_name(LEADS_TRIGGER_OWNER_LEFT)) == 0)
		return;
	floor = Min(was, leads_protection_days_after(f->now, p->grace_days, f->zone));
	if (o->next_due_at >= floor)
		return;
	leads_deadline_nominal(o);
	o->next_due_at = floor;
	if (o->protected_until != LEADS_NO_TIME && o->protected_until < floor)
		o->protected_until = floor;
	o->remind_at = leads_protection_notice(p, floor, leads_notice_after(o), f->zone, NULL);
	leads_deadline_release(f, o, p);
}

LeadsSpan
leads_deadline_begin(LeadsFrame *f, LeadsOwnership *o, const LeadsDocument *lead, TimestampTz from)
{
	LeadsSpan	none = {0, LEADS_DAYS};
	LeadsPolicy policy;
	LeadsProtection p;
	LeadsProtectionFacts facts;
	LeadsDeadline d;

	o->protected_until = o->next_due_at = o->remind_at = o->protect_from = o->protect_base = o->counts_from = LEADS_NO_TIME;
	o->deadline_at = o->noticed_at = o->told_due = LEADS_NO_TIME;
	o->lapse_pool_id = 0;
	o->policy_version = o->policy_entry = o->extended_times = o->extended_days = 0;
	o->extension_id = 0;
	o->due_by = NULL;
	if (o->member_id == 0)
		return none;
	leads_lock_rules(f, false);
	policy = leads_policy_at(f, "protection", f->now);
	o->policy_version = policy.version;
	o->policy_entry = choose_entry(f, o, policy.body, lead);
	leads_protection_read(policy.body, policy.version, o->policy_entry, &p);
	o->lapse_pool_id = pool_of(f, &p);
	o->protect_from = from != LEADS_NO_TIME ? from : f->now;
	leads_anchor_read(f, o, &p, NULL, &facts);
	/* one that began before may be over: the grace begins now */
	d = from != LEADS_NO_TIME ? leads_protection_move(&p, &facts, LEADS_NO_TIME, f->now) :
		leads_protection_due(&p, &facts, NULL, NULL);
	/* handed to somebody who leaves at this very instant: it goes on to the pool, but is held for a moment */
	if (d.next_due_at != LEADS_NO_TIME && d.next_due_at <= f->now)
		d.next_due_at = f->now + 1;
	take_over(o, &d);
	leads_deadline_release(f, o, &p);
	return p.period;
}

/* where an extension waits, the deadline is held, and o remembers the one without */
static LeadsDeadline
move_held(LeadsFrame *f, LeadsOwnership *o, const LeadsProtection *p, const LeadsProtectionFacts *facts, TimestampTz old_due)
{
	LeadsDeadline d;

	if (o->extension_id == 0)
		return leads_protection_move(p, facts, old_due, f->now);
	d = leads_protection_move(p, facts, o->extension_due, f->now);
	o->extension_due = d.next_due_at;
	d = leads_protection_hold(p, facts, d);
	/* what is done is done */
	if (d.next_due_at != LEADS_NO_TIME && strcmp(d.due_by, leads_trigger_name(LEADS_TRIGGER_OWNER_LEFT)) == 0)
		d.next_due_at = Max(d.next_due_at, f->now);
	return d;
}

bool
leads_deadline_revive(LeadsFrame *f, LeadsOwnership *o)
{
	LeadsProtection p;
	LeadsProtectionFacts facts;
	LeadsDeadline d;

	o->lapse_pool_id = leads_deadline_rules(f, o, &p);
	leads_anchor_read(f, o, &p, NULL, &facts);
	d = leads_protection_due(&p, &facts, NULL, NULL);
	if (leads_protection_lapsed(d.next_due_at, f->now))
		return false;
	take_over(o, &d);
	o->deadline_at = o->noticed_at = o->told_due = LEADS_NO_TIME;
	leads_deadline_release(f, o, &p);
	return true;
}

static LeadsDeadline
judge(LeadsFrame *f, LeadsOwnership *o, TimestampTz old_due, LeadsProtection *p)
{
	LeadsProtectionFacts facts;

	(void) leads_deadline_rules(f, o, p);
	leads_anchor_read(f, o, p, NULL, &facts);
	return move_held(f, o, p, &facts, old_due);
}

TimestampTz
leads_deadline_stands(LeadsFrame *f, const LeadsOwnership *o)
{
	return o->extension_id != 0 && o->extension_due > f->now ? o->extension_due : leads_ownership_deadline(o);
}

void
leads_deadline_carry(LeadsFrame *f, LeadsOwnership *o, TimestampTz old_due)
{
	LeadsDeadline d;
	LeadsProtection p;

	o->counts_from = o->deadline_at = o->noticed_at = o->told_due = LEADS_NO_TIME;
	if (o->member_id == 0 || o->policy_version == 0)
		return;
	leads_lock_rules(f, false);
	d = judge(f, o, old_due, &p);
	/* what is over already, and has no grace, goes on to the pool, but is held for a moment */
	if (d.next_due_at != LEADS_NO_TIME && d.next_due_at <= o->since)
		d.next_due_at = o->since + 1;
	take_over(o, &d);
	leads_deadline_release(f, o, &p);
}

void
leads_deadline_move(LeadsFrame *f, LeadsOwnership *o)
{
	TimestampTz was = o->next_due_at;
	LeadsDeadline d;
	LeadsProtection p;

	leads_lock_rules(f, false);
	leads_deadline_nominal(o);
	d = judge(f, o, o->next_due_at, &p);
	/* a reminder that was sent for this very deadline is not sent again */
	if (d.next_due_at == o->next_due_at)
		d.remind_at = o->remind_at;
	else
		leads_notice_supersede(f, o, &p);
	take_over(o, &d);
	leads_deadline_release(f, o, &p);
	keep(f, o, &p, was);
	leads_ownership_update(f, o);
}

void
leads_deadline_touch(LeadsFrame *f, LeadsOwnership *o, uint32 needs)
{
	LeadsProtection p;

	if (o->member_id == 0)
		return;
	(void) leads_deadline_rules(f, o, &p);
	if (p.needs & needs)
		leads_deadline_move(f, o);
}

LeadsDeadline
leads_deadline_under(LeadsFrame *f, LeadsOwnership *o, const LeadsPolicy *policy)
{
	TimestampTz was = o->next_due_at;
	LeadsProtection p;
	LeadsProtectionFacts facts;
	LeadsDeadline d;

	leads_deadline_nominal(o);
	o->policy_version = policy->version;
	o->policy_entry = choose_entry(f, o, policy->body, NULL);
	leads_protection_read(policy->body, policy->version, o->policy_entry, &p);
	o->lapse_pool_id = pool_of(f, &p);
	/* the period of the other policy, from where the protection began */
	o->protect_base = LEADS_NO_TIME;
	leads_anchor_read(f, o, &p, NULL, &facts);
	d = move_held(f, o, &p, &facts, o->next_due_at);
	take_over(o, &d);
	leads_deadline_release(f, o, &p);
	keep(f, o, &p, was);
	return leads_protection_due(&p, &facts, NULL, NULL);
}

/* ---------------------------------------------------------------- several */

static void
decide(LeadsFrame *f, const LeadsOwnership *o, const char *code, TimestampTz before)
{
	LeadsEvidence e;
	LeadsDecision d;

	leads_evidence_begin(&e);
	leads_evidence_add(&e, "deadline", "moved", code, 0);
	leads_evidence_add(&e, "deadline", "moved", "deadline.moved", 2, leads_message_time(f->zone, before),
					   leads_message_time(f->zone, leads_ownership_deadline(o)));
	memset(&d, 0, sizeof(d));
	d.kind = "deadline";
	d.verdict = "moved";
	d.customer_id = o->customer_id;
	d.scope = o->scope;
	d.at = LEADS_NO_TIME;
	d.protection_version = o->policy_version;
	(void) leads_decision_write(f, &d, &e);
}

/* needs: 0, or those whose rules ask for one of these */
static int
move_customer(LeadsFrame *f, int64 customer_id, uint32 needs, const char *code, int64 decision_id)
{
	LeadsResult r = leads_run(&q_scopes, customer_id);
	int			moved = 0;

	for (uint64 i = 0; i < r.n; i++)
	{
		LeadsOwnership own;
		TimestampTz before;

		LeadsProtection p;

		if (!leads_ownership_open(f, customer_id, leads_text(&r, i, 1), &own))
			continue;
		if (needs != 0)
		{
			(void) leads_deadline_rules(f, &own, &p);
			if (!(p.needs & needs))
				continue;
		}
		before = leads_ownership_deadline(&own);
		leads_deadline_move(f, &own);
		if (leads_ownership_deadline(&own) == before)
		{
			/* it may be nearer than its conditions say but for the grace: as of this instant, verify() asks */
			(void) leads_deadline_rules(f, &own, &p);
			if (before != LEADS_NO_TIME && before <= leads_protection_days_after(f->now, p.grace_days, f->zone))
				moved++;
			continue;
		}
		moved++;
		if (decision_id == 0)
			decide(f, &own, code, before);
	}
	return moved;
}

int
leads_deadline_customer(LeadsFrame *f, int64 customer_id, const char *code, int64 decision_id)
{
	return move_customer(f, customer_id, 0, code, decision_id);
}

/* every customer in somebody's hands, or in one member's; the caller holds the lock of the rules exclusively */
static void
move_many(LeadsFrame *f, int64 member_id, uint32 needs, const char *code)
{
	int64		after = 0;
	uint64		n;

	do
	{
		LeadsResult r;

		CHECK_FOR_INTERRUPTS();
		SPI_connect();
		r = leads_run_latest(&q_customers, after, member_id, (int) CHUNK);
		n = r.n;
		for (uint64 i = 0; i < n; i++)
		{
			LeadsHold	h;

			leads_corridor_begin_listed(f, leads_int(&r, i, 1), "", &h);
			if (move_customer(f, h.customer.id, needs, code, 0) > 0)
				leads_customer_touch(f, h.customer.id);
		}
		if (n > 0)
			after = leads_int(&r, n - 1, 1);
		SPI_finish();
	} while (n == CHUNK);
	leads_counters_flush(f);
}

/* a calendar was published: it rules from this instant on, for what runs, too */
static void
calendar_published(LeadsFrame *f)
{
	move_many(f, 0, 0, "deadline.calendar");
}

static void
refuse_infinite(void)
{
	ereport(ERROR,
			(errcode(LEADS_ERR_BAD_DATE), errmsg("left_at is no instant"), errhint("NULL = the member stays.")));
}

/*
 * Triggers on member: before the statement, the lock of the rules; after a row whose last day changed, the deadlines
 * of what the member has.
 */
PG_FUNCTION_INFO_V1(leads_guard_left);
Datum
leads_guard_left(PG_FUNCTION_ARGS)
{
	TriggerData *t = (TriggerData *) fcinfo->context;
	LeadsFrame	f;
	TupleDesc	desc;
	bool		was_null;
	bool		is_null;
	Datum		was;
	Datum		is;
	int64		id;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED), errmsg("leads.guard_left() is a trigger function")));
	if (TRIGGER_FIRED_FOR_STATEMENT(t->tg_event))
	{
		leads_enter_trigger(&f, RelationGetNamespace(t->tg_relation));
		leads_lock_rules(&f, true);
		leads_leave(&f);
		return PointerGetDatum(NULL);
	}
	desc = RelationGetDescr(t->tg_relation);
	was = heap_getattr(t->tg_trigtuple, leads_row_column(desc, "left_at", TIMESTAMPTZOID), desc, &was_null);
	/* a new member has nothing yet */
	if (TRIGGER_FIRED_BY_INSERT(t->tg_event))
	{
		if (!was_null && TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(was)))
			refuse_infinite();
		return PointerGetDatum(NULL);
	}
	is = heap_getattr(t->tg_newtuple, leads_row_column(desc, "left_at", TIMESTAMPTZOID), desc, &is_null);
	if (was_null == is_null && (was_null || was == is))
		return PointerGetDatum(NULL);
	if (!is_null && TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(is)))
		refuse_infinite();
	/* deactivate_member() hands over what the leaver holds: it does not lapse before */
	if (leads_in_corridor() && !is_null && DatumGetTimestampTz(is) <= leads_now_internal())
		return PointerGetDatum(NULL);
	id = DatumGetInt64(heap_getattr(t->tg_newtuple, leads_row_column(desc, "id", INT8OID), desc, &was_null));
	leads_enter_trigger(&f, RelationGetNamespace(t->tg_relation));
	move_many(&f, id, 0, "deadline.left");
	leads_leave(&f);
	return PointerGetDatum(NULL);
}

bool
leads_deadline_leave_counts(LeadsFrame *f)
{
	return leads_found(leads_run_latest(&q_leave_counts));
}

void
leads_deadline_leave(LeadsFrame *f, int64 member_id)
{
	move_many(f, member_id, LEADS_NEED_LEAVE, "deadline.leave");
}

/* the member of a row of absence, if it is a leave; 0 */
static int64
on_leave(HeapTuple row, TupleDesc desc)
{
	bool		isnull;
	Datum		kind = heap_getattr(row, leads_row_column(desc, "kind", TEXTOID), desc, &isnull);

	if (strcmp(TextDatumGetCString(kind), "leave") != 0)
		return 0;
	return DatumGetInt64(heap_getattr(row, leads_row_column(desc, "member_id", INT8OID), desc, &isnull));
}

/* Triggers on absence, for who writes the table itself: as guard_left().  set_availability() does the same once a call. */
PG_FUNCTION_INFO_V1(leads_guard_absence);
Datum
leads_guard_absence(PG_FUNCTION_ARGS)
{
	TriggerData *t = (TriggerData *) fcinfo->context;
	LeadsFrame	f;
	int64		before = 0;
	int64		after = 0;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED), errmsg("leads.guard_absence() is a trigger function")));
	if (leads_in_corridor())
		return PointerGetDatum(NULL);
	if (TRIGGER_FIRED_FOR_ROW(t->tg_event))
	{
		before = TRIGGER_FIRED_BY_INSERT(t->tg_event) ? 0 : on_leave(t->tg_trigtuple, RelationGetDescr(t->tg_relation));
		after = TRIGGER_FIRED_BY_DELETE(t->tg_event) ? 0 :
			on_leave(TRIGGER_FIRED_BY_INSERT(t->tg_event) ? t->tg_trigtuple : t->tg_newtuple, RelationGetDescr(t->tg_relation));
		if (before == 0 && after == 0)
			return PointerGetDatum(NULL);
	}
	leads_enter_trigger(&f, RelationGetNamespace(t->tg_relation));
	if (leads_deadline_leave_counts(&f))
	{
		if (TRIGGER_FIRED_FOR_STATEMENT(t->tg_event))
			leads_lock_rules(&f, true);
		if (before != 0)
			leads_deadline_leave(&f, before);
		if (after != 0 && after != before)
			leads_deadline_leave(&f, after);
	}
	leads_leave(&f);
	return PointerGetDatum(NULL);
}
