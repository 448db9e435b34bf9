/*
 * merge_hold.c - who has the survivor of a merge, scope by scope.
 *
 * Purpose: of the intervals that are open, one goes on; the others end at the merge instant.
 * Invariants: a customer in somebody's hands goes before one in a pool; of several owned ones the one
 * that was registered first goes on, with its protection; different owners are for an adjudicator;
 * follow-ups of the same owner and a won lead count for the survivor; nobody is left without
 * owner and pool, so that nothing need be routed.
 * Called by: act/merge, act/merge_undo (carry on).
 */
#include "core/leads.h"

#include "act/deadline.h"
#include "act/merge_steps.h"
#include "record/org.h"
#include "record/outbox.h"

LEADS_QUERY(q_scopes, "K",
			"SELECT DISTINCT o.scope FROM @.ownership o WHERE o.customer_id = ANY ($1) AND o.until IS NULL ORDER BY o.scope");
LEADS_QUERY(q_registered, "l", "SELECT r.submitted_at FROM @.registration r WHERE r.id = $1");

/* what an interval goes back to: its registration, else its beginning */
static TimestampTz
registered_at(LeadsFrame *f, const LeadsOwnership *o)
{
	LeadsResult r;

	if (o->registration_id != 0)
	{
		r = leads_run(&q_registered, o->registration_id);
		if (leads_found(r))
			return leads_time(&r, 0, 1);
	}
	return o->since;
}

static const char *
holder(LeadsFrame *f, const LeadsOwnership *o)
{
	LeadsMember m;
	LeadsPool	p;

	if (o->member_id != 0 && leads_member_by_id(f, o->member_id, &m))
		return psprintf("member:%s", m.code);
	if (o->pool_id != 0 && leads_pool_by_id(f, o->pool_id, &p))
		return psprintf("pool:%s", p.code);
	return "-";
}

/* over two protections that stand: the system, the owner and administrators, as themselves */
static bool
may_adjudicate(LeadsFrame *f)
{
	return !f->acting_for && (f->profiles & (LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN)) != 0;
}

static void
choose(LeadsMergeCall *c, LeadsMergeScope *s)
{
	LeadsFrame *f = &c->f;
	const char *values[LEADS_FAMILY];
	TimestampTz best = LEADS_NO_TIME;
	int64		owner = 0;
	bool		owned = false;
	int			holders = 0;

	s->winner = -1;
	for (int i = 0; i < c->n; i++)
	{
		s->has[i] = leads_ownership_open(f, c->who[i].id, s->scope, &s->own[i]);
		values[i] = s->has[i] ? holder(f, &s->own[i]) : NULL;
		if (!s->has[i])
			continue;
		holders++;
		if (s->own[i].member_id != 0)
		{
			TimestampTz at = registered_at(f, &s->own[i]);

			s->contested |= owned && owner != s->own[i].member_id;
			owner = s->own[i].member_id;
			if (!owned || at < best)
			{
				s->winner = i;
				best = at;
			}
			owned = true;
		}
		else if (s->winner < 0)
			s->winner = i;
	}
	if (s->contested && !may_adjudicate(f) && !c->dry_run)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("the customers are protected for different owners"),
				 errdetail("They meet in scope \"%s\".", s->scope),
				 errhint("An administrator may merge them, which ends all protections but the one registered first.")));
	if (holders < 2)
		return;
	for (int i = 0; i < c->n; i++)
		if (values[i] && strcmp(values[i], values[s->winner]) != 0)
		{
			leads_merge_conflict(c, "owner", s->scope, s->winner, values, s->contested && !may_adjudicate(f));
			break;
		}
	leads_evidence_add(&c->evidence, "owner", s->contested ? "adjudicated" : "kept",
					   owned ? "merge.first_registered" : "merge.in_pool", 2, values[s->winner],
					   owned ? leads_message_time(f->zone, best) : NULL);
}

void
leads_merge_choose_owners(LeadsMergeCall *c)
{
	LeadsResult r = leads_run(&q_scopes, c->ids);

	c->nscopes = (int) r.n;
	c->scopes = palloc0(sizeof(LeadsMergeScope) * Max(c->nscopes, 1));
	for (int i = 0; i < c->nscopes; i++)
	{
		c->scopes[i].scope = leads_text(&r, i, 1);
		choose(c, &c->scopes[i]);
	}
}

void
leads_merge_carry_on(LeadsFrame *f, LeadsOwnership *next, const LeadsOwnership *from, TimestampTz old_due)
{
	next->since = f->now;
	next->protected_until = from->protected_until;
	next->protect_from = from->protect_from;
	next->protect_base = from->protect_base;
	next->due_by = NULL;
	next->followed_at = from->followed_at;
	next->next_due_at = next->remind_at = LEADS_NO_TIME;
	next->lapse_pool_id = from->lapse_pool_id;
	next->policy_version = from->policy_version;
	next->policy_entry = from->policy_entry;
	next->extended_times = from->extended_times;
	next->extended_days = from->extended_days;
	next->registration_id = from->registration_id;
	/* an extension that was asked for ended with that interval */
	next->extension_id = 0;
	leads_deadline_carry(f, next, old_due);
	leads_ownership_begin(f, next);
}

static void
count(LeadsMergeCall *c, int64 member_id, int delta)
{
	if (member_id == 0)
		return;
	for (int i = 0; i < c->ntally; i++)
		if (c->tally[i].member_id == member_id)
		{
			c->tally[i].delta += delta;
			return;
		}
	c->tally = c->tally ? repalloc(c->tally, sizeof(LeadsMergeTally) * (c->ntally + 1)) :
		palloc(sizeof(LeadsMergeTally));
	c->tally[c->ntally].member_id = member_id;
	c->tally[c->ntally++].delta = delta;
}

static Jsonb *
instant(TimestampTz at)
{
	StringInfoData buf;

	initStringInfo(&buf);
	leads_merge_json_text(&buf, at == LEADS_NO_TIME ? NULL : timestamptz_to_str(at));
	return leads_merge_json(buf.data);
}

static Jsonb *
word(const char *s)
{
	StringInfoData buf;

	initStringInfo(&buf);
	leads_merge_json_text(&buf, s);
	return leads_merge_json(buf.data);
}

/* timers included: they go with the interval */
static void
end_one(LeadsMergeCall *c, LeadsMergeScope *s, int i)
{
	LeadsOwnership *own = &s->own[i];
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfo(&buf, "{\"customer\": " INT64_FORMAT ", \"scope\": ", own->customer_id);
	leads_merge_json_text(&buf, own->scope);
	appendStringInfoString(&buf, ", \"next_due_at\": ");
	leads_merge_json_text(&buf, own->next_due_at == LEADS_NO_TIME ? NULL : timestamptz_to_str(own->next_due_at));
	appendStringInfoString(&buf, ", \"remind_at\": ");
	leads_merge_json_text(&buf, own->remind_at == LEADS_NO_TIME ? NULL : timestamptz_to_str(own->remind_at));
	appendStringInfoChar(&buf, '}');
	leads_ownership_end(&c->f, own, c->f.now, "merged", c->decision_id);
	leads_merge_note(&c->f, c->merge_id, "ended", "ownership", own->id, "until", leads_merge_json(buf.data),
					 instant(c->f.now));
	count(c, own->member_id, -1);
}

/* what the others' intervals give to the one that goes on */
static void
join(const LeadsMergeCall *c, const LeadsMergeScope *s, const char **exempt, TimestampTz *followed_at)
{
	const LeadsOwnership *won = &s->own[s->winner];

	*exempt = won->exempt;
	*followed_at = won->followed_at;
	for (int i = 0; i < c->n; i++)
	{
		const LeadsOwnership *o = &s->own[i];

		if (!s->has[i] || o->member_id == 0 || won->member_id == 0)
			continue;
		if (*exempt == NULL && o->exempt && strcmp(o->exempt, "won") == 0)
			*exempt = "won";
		if (o->member_id == won->member_id)
			*followed_at = Max(*followed_at, o->followed_at);
	}
}

static void
tell(LeadsMergeCall *c, const LeadsMergeScope *s, int i)
{
	const LeadsOwnership *o = &s->own[i];

	if (o->member_id == 0 || o->member_id == c->f.actor_id)
		return;
	(void) leads_outbox_write(&c->f, "merged", c->who[0].id,
							  psprintf("merge/" INT64_FORMAT "/" INT64_FORMAT, c->merge_id, o->id), o->member_id, c->f.now,
							  "customer", psprintf(INT64_FORMAT, c->who[0].id),
							  "was", psprintf(INT64_FORMAT, o->customer_id), "scope", s->scope, NULL);
}

static void
write_scope(LeadsMergeCall *c, LeadsMergeScope *s)
{
	LeadsFrame *f = &c->f;
	LeadsOwnership *won = &s->own[s->winner];
	LeadsOwnership next = *won;

	join(c, s, &next.exempt, &next.followed_at);
	for (int i = 0; i < c->n; i++)
	{
		if (s->has[i] && (i != 0 || s->winner != 0))
		{
			end_one(c, s, i);
			tell(c, s, i);
		}
	}
	if (s->winner != 0)
	{
		LeadsOwnership from = next;

		next.customer_id = c->who[0].id;
		next.cause = "merged";
		next.decision_id = c->decision_id;
		leads_merge_carry_on(f, &next, &from, leads_deadline_stands(f, won));
		leads_merge_note(f, c->merge_id, "made", "ownership", next.id, "scope", NULL, word(s->scope));
		count(c, next.member_id, 1);
		return;
	}
	if (next.followed_at != won->followed_at)
		leads_merge_note(f, c->merge_id, "field", "ownership", won->id, "followed_at", instant(won->followed_at),
						 instant(next.followed_at));
	if (next.exempt != won->exempt)
		leads_merge_note(f, c->merge_id, "field", "ownership", won->id, "exempt", word(won->exempt), word(next.exempt));
	/* pauses, contracts and moves of the losers count from now on, too */
	if (next.member_id != 0)
		leads_deadline_move(f, &next);
}

static int
by_member(const void *a, const void *b)
{
	int64		x = ((const LeadsMergeTally *) a)->member_id;
	int64		y = ((const LeadsMergeTally *) b)->member_id;

	return x < y ? -1 : x > y;
}

void
leads_merge_write_owners(LeadsMergeCall *c)
{
	for (int i = 0; i < c->nscopes; i++)
		write_scope(c, &c->scopes[i]);
	if (c->ntally > 0)
		qsort(c->tally, c->ntally, sizeof(LeadsMergeTally), by_member);
	for (int i = 0; i < c->ntally; i++)
		if (c->tally[i].delta != 0)
			leads_merge_note(&c->f, c->merge_id, "counter", "member_counter", c->tally[i].member_id, "held", NULL,
							 leads_merge_json(psprintf("%d", c->tally[i].delta)));
}
