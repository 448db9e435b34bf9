/*
 * register_contact.c - register(): a customer that is there is heard of under another number, address or person.
 *
 * Purpose: what an attached or returning registration sends of contacts is added to the customer.
 * Invariants: the customer is locked, the stripes of what was sent are held; a customer met by its project alone is
 * not the one that the contacts belong to; import rows add nothing (update_by_key does); keys are made anew by
 * leads_register_relearn(), after decision and events are written.
 * Called by: act/register.
 */
#include "core/leads.h"

#include "act/guard.h"
#include "act/register_steps.h"
#include "decide/contact.h"
#include "decide/protection.h"
#include "lib/keys.h"

/* whoever has the customer now sends it, and not the customer itself */
static bool
by_owner(LeadsCall *c)
{
	if (c->channel.inbound || c->own.member_id == 0)
		return false;
	if (c->partner.id != 0 || c->own.partner_id != 0)
		return c->partner.id == c->own.partner_id;
	return c->registrant_id == c->own.member_id;
}

static void
note(LeadsCall *c, LeadsContactVerdict verdict, const char *kind)
{
	static const char *const codes[][2] = {
		[LEADS_CONTACT_ADD] = {"added", "contact.added"}, [LEADS_CONTACT_ASK] = {"unconfirmed", "contact.unconfirmed"},
		[LEADS_CONTACT_CONFIRM] = {"confirmed", "contact.confirmed"}, [LEADS_CONTACT_SECOND] = {"ignored", "contact.second"},
		[LEADS_CONTACT_TOO_MANY] = {"ignored", "contact.too_many"}
	};

	if (verdict != LEADS_CONTACT_STAYS)
		leads_evidence_add(&c->evidence, "contact", codes[verdict][0], codes[verdict][1], 1, kind);
}

/* what the verdict makes of it; the customer's count of the day goes on */
static LeadsContactState
becomes(LeadsContactVerdict verdict, LeadsContactFacts *facts)
{
	facts->today += verdict == LEADS_CONTACT_ASK;
	return verdict == LEADS_CONTACT_ADD || verdict == LEADS_CONTACT_CONFIRM ? LEADS_CONTACT_CONFIRMED :
		verdict == LEADS_CONTACT_ASK ? LEADS_CONTACT_UNCONFIRMED : LEADS_CONTACT_NONE;
}

static void
learn_point(LeadsCall *c, LeadsContactFacts *facts, int64 contact_id, const LeadsNewPoint *p, LeadsKeyKind kind, const char *key)
{
	LeadsFrame *f = &c->f;
	int64		row = 0;
	LeadsKey	k = leads_key_text(kind, key, strlen(key));
	LeadsContactVerdict verdict;
	LeadsContactState state;

	facts->state = leads_customer_point_state(f, c->customer.id, p->kind, p->norm, &row);
	if (facts->state == LEADS_CONTACT_CONFIRMED)
		return;
	facts->taken = !p->weak && leads_customer_others_have(f, c->customer.id, &k, p->kind, p->norm);
	facts->second = kind == LEADS_KEY_USCC && leads_customer_has_other_uscc(f, c->customer.id, p->norm);
	verdict = leads_contact_decide(facts);
	state = becomes(verdict, facts);
	note(c, verdict, p->kind);
	if (verdict == LEADS_CONTACT_CONFIRM)
		leads_customer_set_point(f, row, state, p->strong);
	else if (state != LEADS_CONTACT_NONE)
		leads_customer_add_point(f, c->customer.id, contact_id, p, state);
	c->learned |= state == LEADS_CONTACT_CONFIRMED;
}

/* the person; returns its row, 0 = not kept */
static int64
learn_person(LeadsCall *c, LeadsContactFacts *facts)
{
	LeadsFrame *f = &c->f;
	int64		row = 0;
	LeadsContactVerdict verdict;
	LeadsContactState state;

	facts->taken = facts->second = false;
	facts->state = leads_customer_contact_state(f, c->customer.id, c->in.arg.contact, &row);
	verdict = leads_contact_decide(facts);
	state = becomes(verdict, facts);
	note(c, verdict, "contact");
	if (verdict == LEADS_CONTACT_CONFIRM)
		leads_customer_set_contact(f, row, state);
	else if (state != LEADS_CONTACT_NONE)
		row = leads_customer_add_contact(f, c->customer.id, c->in.arg.contact, state);
	c->learned |= state == LEADS_CONTACT_CONFIRMED;
	return row;
}

void
leads_register_learn(LeadsCall *c)
{
	LeadsFrame *f = &c->f;
	LeadsInput *in = &c->in;
	LeadsContactFacts facts = {.by_owner = by_owner(c), .most = c->match.unconfirmed_daily};
	int64		contact_id = 0;
	LeadsNewPoint p;

	if (c->made || c->history || c->project_met || c->customer.id == 0 || c->customer.person != in->person ||
		!(in->arg.contact || in->phone_ok || in->email_ok || in->uscc_ok))
		return;
	if (!facts.by_owner)
		facts.today = leads_customer_unconfirmed_since(f, c->customer.id, leads_protection_day_start(f->now, f->zone));
	if (in->arg.contact)
		contact_id = learn_person(c, &facts);
	if (in->phone_ok)
	{
		p = (LeadsNewPoint) {"phone", in->arg.phone, in->phone.norm, in->phone.weak,
			in->person && in->phone.kind == LEADS_PHONE_MOBILE};
		learn_point(c, &facts, contact_id, &p, LEADS_KEY_PHONE, in->phone.tail);
	}
	if (in->email_ok)
	{
		p = (LeadsNewPoint) {"email", in->arg.email, in->email.norm, in->email.weak_local || in->email.free_domain, false};
		learn_point(c, &facts, contact_id, &p, LEADS_KEY_EMAIL, in->email.norm);
	}
	if (in->uscc_ok)
	{
		p = (LeadsNewPoint) {"uscc", in->arg.uscc, in->uscc.norm, false, !in->person};
		learn_point(c, &facts, 0, &p, LEADS_KEY_USCC, in->uscc.norm);
	}
}

void
leads_register_relearn(LeadsCall *c)
{
	if (c->learned)
		leads_guard_changed(&c->f, c->customer.id);
	c->learned = false;
}
