/*
 * register_write.c - register(): carry out the action decided.
 *
 * Purpose: write what a created, returning, attached, offered, queued or blocked
 * registration leaves behind.
 * Invariants: the customer first, ring and counters after it, then decision,
 * ownership, events, lead, outbox; all at one instant, f->now.
 * Called by: act/register.
 */
#include "core/leads.h"

#include "act/deadline.h"
#include "act/register_steps.h"
#include "record/keyset.h"
#include "act/route.h"
#include "core/policy.h"
#include "decide/protection.h"
#include "record/lead.h"
#include "record/outbox.h"
#include "record/project.h"

void
leads_register_name_holder(LeadsCall *c, int64 member_id, int64 pool_id)
{
	LeadsMember m;
	LeadsPool	p;

	if (leads_member_by_id(&c->f, member_id, &m))
	{
		c->owner_code = m.code;
		c->owner_name = m.name;
	}
	if (leads_pool_by_id(&c->f, pool_id, &p))
	{
		c->pool_code = p.code;
		c->pool_name = p.name;
	}
}

/* since when, and by whom, it is known: an imported one keeps both */
static TimestampTz
began(LeadsCall *c)
{
	return c->history && c->made && c->history->created_at != LEADS_NO_TIME ? c->history->created_at : c->f.now;
}

static int64
creator(LeadsCall *c)
{
	return c->history && c->made && c->history->creator_id != 0 ? c->history->creator_id : c->registrant_id;
}

/* a deleted customer that comes back: cool-downs follow it */
static void
meet_former(int64 id, const char *name, const LeadsRecord *record, void *arg)
{
	LeadsCall  *c = arg;
	LeadsMatchScore score;

	leads_match_score(c->in.record, record, &c->match.model, &score);
	if (score.band >= LEADS_BAND_LIKELY)
		leads_customer_link_former(&c->f, c->customer.id, id);
}

void
leads_register_make_customer(LeadsCall *c)
{
	LeadsFrame *f = &c->f;
	LeadsInput *in = &c->in;
	LeadsRegisterArgs *a = &in->arg;
	LeadsNewCustomer n;
	int64		contact = 0;

	memset(&c->customer, 0, sizeof(c->customer));
	memset(&c->own, 0, sizeof(c->own));
	c->has_own = false;
	c->made = true;
	n = (LeadsNewCustomer) {
		.person = in->person, .name = a->name, .core = in->core, .region = in->region,
		.city = in->city, .industry = in->industry, .created_at = began(c), .created_by = creator(c)
	};
	c->customer.id = leads_customer_insert(f, &n);
	c->customer.name = a->name;
	if (a->contact)
		contact = leads_contact_insert(f, c->customer.id, a->contact);
	if (a->phone)
	{
		bool		strong = in->person && in->phone_ok && in->phone.kind == LEADS_PHONE_MOBILE;

		if (strong && leads_strong_taken(f, "phone", in->phone.norm))
		{
			leads_evidence_add(&c->evidence, "input", "noted", "register.strong_taken", 0);
			strong = false;
		}
		leads_contact_point_insert(f, c->customer.id, contact, "phone", a->phone,
								   in->phone_ok ? in->phone.norm : NULL, in->phone.weak, strong);
	}
	if (a->email)
		leads_contact_point_insert(f, c->customer.id, contact, "email", a->email,
								   in->email_ok ? in->email.norm : NULL,
								   in->email.weak_local || in->email.free_domain, false);
	if (a->uscc)
	{
		bool		strong = !in->person && in->uscc_ok;

		if (strong && leads_strong_taken(f, "uscc", in->uscc.norm))
		{
			leads_evidence_add(&c->evidence, "input", "noted", "register.strong_taken", 0);
			strong = false;
		}
		leads_contact_point_insert(f, c->customer.id, 0, "uscc", a->uscc,
								   in->uscc_ok ? in->uscc.norm : NULL, false, strong);
	}
	leads_keyset_write(f, c->customer.id, in->record, in->keys, in->nkeys);
	leads_customer_formers(f, in->keys, in->nkeys, meet_former, c);
}

void
leads_register_write_decision(LeadsCall *c, const char *verdict)
{
	LeadsDecision d = {
		.kind = c->verb ? c->verb : "register", .verdict = verdict, .customer_id = c->customer.id, .scope = c->scope,
		.at = LEADS_NO_TIME, .match_version = c->match_version, .routing_version = c->routing_version,
		.protection_version = c->protection_version
	};

	c->reg.decision_id = leads_decision_write(&c->f, &d, &c->evidence);
}

void
leads_register_write_event(LeadsCall *c, const char *kind, int64 lead_id, int64 stage, Datum amount)
{
	LeadsEvent	e = {
		.kind = kind, .customer_id = c->customer.id, .lead_id = lead_id, .scope = c->scope,
		.at = c->made ? began(c) : LEADS_NO_TIME, .owner_id = c->own.member_id, .pool_id = c->own.pool_id,
		.to_stage = stage, .attempt = lead_id ? 1 : 0, .amount = amount, .decision_id = c->reg.decision_id,
		.no_leads = c->made
	};

	if (strcmp(kind, "collided") == 0)
		e.data = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(
			psprintf("{\"registration\": " INT64_FORMAT ", \"band\": \"%s\", \"score\": %.1f}", c->reg.id,
					 leads_band_name(c->found[0].score.band), c->found[0].score.score))));
	leads_event_write(&c->f, &e);
}

/* who had it in the other system keeps it; false: rules decide */
static bool
keep_owner(LeadsCall *c, LeadsRouteResult *to)
{
	const LeadsHistory *h = c->history;
	LeadsMember m;

	if (h == NULL || h->owner_id == 0 || !leads_member_by_id(&c->f, h->owner_id, &m))
		return false;
	if (!leads_member_present(&m, c->f.now))
	{
		leads_evidence_add(&c->evidence, "route", "skipped", "import.owner_left", 1, m.code);
		return false;
	}
	/* who holds as many as it may gets no more; its counter is locked (act/import_chunk) */
	if (m.holder_cap >= 0)
	{
		LeadsHeld	held = {.member_id = m.id};

		leads_counters_held(&c->f, &held, 1, c->f.now, leads_protection_day_start(c->f.now, c->f.zone), false, NULL, 0);
		leads_evidence_add(&c->evidence, "cap", held.held < m.holder_cap ? "yes" : "no", "assign.cap", 2,
						   psprintf("%d", held.held), psprintf("%d", m.holder_cap));
		if (held.held >= m.holder_cap)
		{
			leads_evidence_add(&c->evidence, "route", "skipped", "import.owner_over_cap", 1, m.code);
			c->action.code = "import.owner_full";
			return false;
		}
	}
	leads_evidence_add(&c->evidence, "route", "yes", "import.owner_kept", 1, m.code);
	to->member_id = m.id;
	to->cause = "registered";
	return true;
}

/* the registrant cannot have it: LD031, LD032 */
static void
cannot_hold(LeadsCall *c, int64 member_id)
{
	LeadsMember m;

	if (!leads_member_by_id(&c->f, member_id, &m))
		elog(ERROR, "no member " INT64_FORMAT, member_id);
	if (!leads_member_present(&m, c->f.now))
		ereport(ERROR,
				(errcode(LEADS_ERR_INACTIVE),
				 errmsg("member \"%s\" is inactive or has left", m.code)));
	ereport(ERROR,
			(errcode(LEADS_ERR_OVER_CAP),
			 errmsg("member \"%s\" cannot receive a customer now", m.code),
			 m.holder_cap >= 0 ? errdetail("It may hold %d.", m.holder_cap) : 0));
}

static void
route(LeadsCall *c)
{
	LeadsRegisterArgs *a = &c->in.arg;
	LeadsRouteRequest req = {
		.customer_id = c->customer.id, .scope = c->scope, .customer_name = c->customer.name,
		.customer_kind = c->in.person ? "person" : "company", .core = c->in.core,
		.region = c->in.region, .city = c->in.city, .industry = c->in.industry, .line = a->line,
		.project = a->project, .channel = c->channel.code, .amount = a->amount, .extra = a->extra,
		/* a partner's right is held by its internal manager */
		.registrant_id = !c->channel.keeps_registrant ? 0 : c->partner.id ? c->partner.manager_id : c->registrant_id,
		.sender_id = c->registrant_id
	};
	LeadsRouteResult to = {0};
	LeadsDocument lead = {.channel = c->channel.code, .line = a->line, .project = a->project, .amount = a->amount, .lead_extra = a->extra};

	LeadsSpan	period;

	if (!keep_owner(c, &to))
		leads_route_decide(&c->f, &req, &c->evidence, &to);
	if (c->must_hold && req.registrant_id != 0 && to.member_id != req.registrant_id)
		cannot_hold(c, req.registrant_id);
	c->routing_version = to.routing_version;
	c->own.customer_id = c->customer.id;
	c->own.scope = c->scope;
	c->own.member_id = to.member_id;
	c->own.pool_id = to.pool_id;
	c->own.since = began(c);
	/* what is taken over counts as if it had just been worked on */
	c->own.followed_at = to.member_id != 0 && c->own.since < c->f.now ? c->f.now : LEADS_NO_TIME;
	c->own.newborn = c->made;
	c->own.exempt = NULL;
	c->own.registration_id = c->reg.id;
	c->own.cause = to.cause;
	period = leads_deadline_begin(&c->f, &c->own, &lead,
								  c->submitted_at != LEADS_NO_TIME && c->contest.from_submit ? c->submitted_at : LEADS_NO_TIME);
	if (to.member_id == 0)
		return;
	c->protection_version = c->own.policy_version;
	if (c->own.protected_until != LEADS_NO_TIME && period.unit == LEADS_DAYS)
		leads_evidence_add(&c->evidence, "protect", "yes", "register.protect", 2, psprintf("%d", period.n),
						   leads_message_time(c->f.zone, c->own.protected_until));
	else if (c->own.protected_until != LEADS_NO_TIME)
		leads_evidence_add(&c->evidence, "protect", "yes", "register.protect_until", 1,
						   leads_message_time(c->f.zone, c->own.protected_until));
	else
		leads_evidence_add(&c->evidence, "protect", "no", "register.protect_none", 0);
}

static void
add_lead(LeadsCall *c)
{
	LeadsRegisterArgs *a = &c->in.arg;
	LeadsStage	first;
	LeadsEvent	e;
	LeadsLead	l = {
		.customer_id = c->customer.id, .scope = c->scope, .attempt = 1, .channel_id = c->channel.id,
		.registration_id = c->reg.id, .line = a->line, .project = a->project, .need = a->need,
		.amount = a->amount, .first_owner_id = c->own.member_id, .extra = a->extra,
		.imported = c->history != NULL, .test = c->channel.test, .created_at = began(c), .created_by = creator(c)
	};

	if (!leads_stage_first(&c->f, &first))
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("company \"%s\" has no open stage", c->f.schema),
				 errhint("Set kind to 'open' on the rows of %s.stage that leads go through.", c->f.qschema)));
	l.stage_id = first.id;
	leads_lead_insert(&c->f, &l);
	c->reg.lead_id = l.id;
	e = (LeadsEvent) {
		.kind = "entered", .customer_id = c->customer.id, .lead_id = l.id, .scope = c->scope,
		.at = c->made ? began(c) : LEADS_NO_TIME, .owner_id = c->own.member_id, .pool_id = c->own.pool_id,
		.to_stage = first.id, .attempt = 1, .amount = a->amount, .decision_id = c->reg.decision_id,
		.lead = &l, .region = c->made ? c->in.region : c->customer.region
	};
	leads_event_write(&c->f, &e);
}

static void
tell_owner(LeadsCall *c, const char *topic)
{
	if (c->own.member_id == 0 || (c->own.member_id == c->f.actor_id && c->verb == NULL) || c->history)
		return;
	leads_outbox_write(&c->f, topic, c->customer.id, psprintf("registration/" INT64_FORMAT, c->reg.id),
					   c->own.member_id, c->f.now,
					   "customer", c->customer.name, "channel", c->channel.code, "need", c->in.arg.need,
					   "lead_id", psprintf(INT64_FORMAT, c->reg.lead_id), NULL);
}

/* from now on whoever comes with the project meets this one */
void
leads_register_name_project(LeadsCall *c)
{
	int64		key = c->match.by_project && !c->project_met ? leads_project_key(c->scope) : 0;

	if (key != 0)
		leads_project_insert(&c->f, key, c->scope, c->customer.id);
}

/* a new customer, or a customer that leaves the pool or enters a new scope */
void
leads_register_create(LeadsCall *c)
{
	LeadsOwnership before = c->own;
	bool		had = c->has_own;
	bool		fresh = c->customer.id == 0;

	if (fresh)
		leads_register_make_customer(c);
	leads_register_name_project(c);
	route(c);
	leads_register_learn(c);
	leads_register_write_decision(c, leads_outcome_name(c->action.outcome));
	if (had && !fresh)
		leads_ownership_end(&c->f, &before, c->f.now,
							c->end_cause ? c->end_cause : c->own.member_id ? "routed" : "moved", c->reg.decision_id);
	c->own.decision_id = c->reg.decision_id;
	leads_ownership_begin(&c->f, &c->own);
	if (c->partner.id != 0 && c->own.member_id != 0 && c->channel.keeps_registrant)
		leads_ownership_set_partner(&c->f, &c->own, c->partner.id);
	leads_register_write_event(c, "registered", 0, 0, 0);
	leads_register_write_event(c, c->own.member_id ? "owned" : "pooled", 0, 0, 0);
	add_lead(c);
	tell_owner(c, "owned");
	c->reg.protected_until = c->own.protected_until;
	leads_register_relearn(c);
}

/* an inquiry for somebody's customer: on its open lead, or a new lead of the same owner */
static void
do_attached(LeadsCall *c)
{
	LeadsLead	lead;

	leads_register_learn(c);
	leads_register_write_decision(c, "attached");
	leads_register_write_event(c, "registered", 0, 0, 0);
	/* what a real customer asks is not hidden in what was only tried out */
	if (leads_lead_newest_open(&c->f, c->customer.id, c->scope, c->channel.test, &lead))
	{
		LeadsActivity a = {
			.lead_id = lead.id, .customer_id = c->customer.id, .kind = "inquiry", .note = c->in.arg.need,
			.occurred_at = c->f.now, .effective = false, .ineffective_reason = "inquiry"
		};

		leads_activity_insert(&c->f, &a);
		c->reg.lead_id = lead.id;
	}
	else
		add_lead(c);
	tell_owner(c, "inquiry");
	c->reg.protected_until = c->own.protected_until;
	leads_register_relearn(c);
}

/* somebody else's, or not to be had now: the attempt is kept, nothing else changes */
static void
do_refused(LeadsCall *c)
{
	leads_register_write_decision(c, leads_outcome_name(c->action.outcome));
	if (c->action.outcome != LEADS_REJECTED)
		leads_register_write_event(c, "collided", 0, 0, 0);
	c->reg.protected_until = c->own.protected_until;
}

/* carry out what the judge of actions decided */
void
leads_register_act(LeadsCall *c)
{
	/* a weak match stands beside the new customer; a strong one is the customer */
	if (c->action.beside)
	{
		c->customer.id = 0;
		c->shown_name = NULL;
	}
	switch (c->action.outcome)
	{
		case LEADS_PENDING:
			leads_register_pend(c);
			break;
		case LEADS_CREATED:
			leads_register_create(c);
			break;
		case LEADS_RETURNING:
			leads_register_create(c);
			break;
		case LEADS_ATTACHED:
			if (c->rival.id != 0)
				leads_register_keep(c);
			else
				do_attached(c);
			break;
		default:
			do_refused(c);
			break;
	}
	/* a customer made just now was born with this instant; the one met beside it may have been settled */
	if (!c->made || c->settled_id != 0)
		leads_customer_touch(&c->f, c->made ? c->settled_id : c->customer.id);
}
