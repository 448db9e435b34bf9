/*
 * claim_look.c - claim(): is what is claimed the same as a customer that somebody has?
 *
 * Purpose: a customer may have lain in its pool for long; whoever takes it meets what was registered since.
 * Invariants: what is recorded is a collision, seen by bosses, and a message to whoever has the other one; only a policy
 * that says so refuses. The customer is locked: whoever registers its like meanwhile meets it and waits for us, or is
 * seen by the latest snapshot, which above READ COMMITTED may be 40001. No gate and no stripes are taken, so that a
 * claim never waits for an import. Pairs that a person told apart do not collide, and a pair is recorded once.
 * Called by: act/claim.
 */
#include "core/leads.h"

#include "act/claim_look.h"
#include "act/register_steps.h"
#include "lib/mask.h"
#include "record/keyset.h"
#include "record/outbox.h"

/* the pair is on record: nothing else came between them but what is recorded itself */
LEADS_QUERY(q_known, "ll",
			"SELECT FROM @.event e WHERE e.customer_id IN ($1, $2) AND e.kind = 'collided'"
			"   AND (e.data ->> 'with')::bigint IN ($1, $2) LIMIT 1");

struct LeadsClaimLook
{
	LeadsCall	c;
};

LeadsClaimLook *
leads_claim_look_begin(LeadsFrame *f)
{
	LeadsClaimLook *l = palloc0(sizeof(LeadsClaimLook));

	l->c.f = *f;
	l->c.in.record = palloc(sizeof(LeadsRecord));
	leads_register_policy(&l->c);
	return l;
}

/* the hands that the other one is in at this instant; 0 = nobody's */
static int64
hands(LeadsFrame *f, int64 id, const char *scope)
{
	LeadsOwnership own;

	if (!leads_ownership_open(f, id, scope, &own) || leads_protection_lapsed(own.next_due_at, f->now))
		return 0;
	return own.member_id;
}

/* the most like that another member has; else the most like */
bool
leads_claim_look(LeadsClaimLook *l, LeadsFrame *f, int64 id, const char *scope, LeadsClaimMeets *out)
{
	LeadsCall  *c = &l->c;
	LeadsCustomer other;
	bool		met = false;

	/* keys of other rules find nothing, and who claims need not wait for rekey(): nothing new comes in meanwhile */
	if (c->match.on_claim == LEADS_ON_CLAIM_OFF || leads_keyset(f)->norm_v != LEADS_NORM_VERSION)
		return false;
	c->f = *f;
	c->advisory = true;
	c->self_id = id;
	c->most = LEADS_SHOWN;
	c->nfound = c->ncandidates = 0;
	c->in.epoch = 0;
	leads_customer_record(f, id, c->in.record);
	leads_register_look(c);
	for (int i = 0; i < c->nfound && c->found[i].score.band >= LEADS_BAND_LIKELY; i++)
	{
		int64		owner_id;

		/* what came after our snapshot we could neither name nor refuse for */
		if (leads_customer_unseen(f, &c->found[i].customer_id, 1))
			leads_customer_refuse_unseen();
		if (!leads_customer_read(f, c->found[i].customer_id, &other))
			continue;
		owner_id = hands(f, other.id, scope);
		if (met && (owner_id == 0 || owner_id == f->actor_id))
			continue;
		met = true;
		out->customer_id = other.id;
		out->name = other.name;
		out->owner_id = owner_id;
		out->band = c->found[i].score.band;
		out->score = c->found[i].score.score;
		out->refuse = c->match.on_claim == LEADS_ON_CLAIM_REFUSE && out->owner_id != 0 && out->owner_id != f->actor_id;
		if (owner_id != 0 && owner_id != f->actor_id)
			break;
	}
	return met;
}

void
leads_claim_met(LeadsFrame *f, int64 id, const char *scope, const char *name, const LeadsClaimMeets *m, int64 decision_id)
{
	LeadsEvent	e = {
		.kind = "collided", .customer_id = id, .scope = scope, .at = LEADS_NO_TIME, .owner_id = f->actor_id,
		.decision_id = decision_id
	};
	char		masked[LEADS_MASK_MAX] = "***";

	if (leads_found(leads_run(&q_known, id, m->customer_id)))
		return;
	e.data = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(
		psprintf("{\"with\": " INT64_FORMAT ", \"as\": \"claimed\", \"band\": \"%s\", \"score\": %.1f}", m->customer_id,
				 leads_band_name(m->band), m->score))));
	(void) leads_event_write(f, &e);
	if (m->owner_id == 0 || m->owner_id == f->actor_id)
		return;
	if (name)
		leads_mask_name(name, strlen(name), masked);
	leads_outbox_write(f, "collided", m->customer_id, psprintf("claim/" INT64_FORMAT, decision_id), m->owner_id, f->now,
					   "customer", m->name, "with", masked, "band", leads_band_name(m->band), NULL);
}
