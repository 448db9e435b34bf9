/*
 * register_wait.c - register(): registrations that wait for a manager, and those gone on with later.
 *
 * Purpose: what the protection policy asks of a registration (evidence, approval), the
 * customer of one that waits, and the way back from a stored attempt to a call that can
 * make its registrant the owner.
 * Invariants: what waits has a customer, so that rivals find it, but no lead and no owner; a
 * stored attempt is gone on with from its payload alone; the verb that goes on with it
 * holds the customer.
 * Called by: act/register, act/contest.
 */
#include "core/leads.h"

#include "utils/fmgrprotos.h"
#include "utils/jsonpath.h"
#include "utils/numeric.h"

#include "act/register_steps.h"
#include "decide/document.h"
#include "record/lead.h"
#include "record/outbox.h"

LEADS_QUERY(q_registrant, "L",
			"SELECT m.code, t.code FROM @.member m LEFT JOIN @.team t ON t.id = m.team_id WHERE m.id = $1");

/* a file, or several: a text or an array under extra.proof */
static bool
has_file(Jsonb *extra)
{
	JsonbValue *v = extra ? leads_json_get(extra, "proof") : NULL;

	if (v == NULL)
		return false;
	if (v->type == jbvString)
		return v->val.string.len > 0;
	return v->type == jbvBinary && JsonContainerIsArray(v->val.binary.data) && JsonContainerSize(v->val.binary.data) > 0;
}

void
leads_register_evidence(LeadsCall *c)
{
	const LeadsRegisterArgs *a = &c->in.arg;
	int			wants = c->contest.evidence;
	StringInfoData missing;

	if (c->history || c->channel.inbound)
		return;
	if (c->partner.id != 0 && !c->partner.active)
	{
		c->in.reason = "register.partner_closed";
		return;
	}
	initStringInfo(&missing);
	if ((wants & LEADS_PROOF_CONTACT) && a->contact == NULL)
		appendStringInfoString(&missing, ", contact");
	if ((wants & LEADS_PROOF_NEED) && a->need == NULL)
		appendStringInfoString(&missing, ", need");
	if ((wants & LEADS_PROOF_AMOUNT) && a->amount == (Datum) 0)
		appendStringInfoString(&missing, ", amount");
	if ((wants & LEADS_PROOF_FILE) && !has_file(a->extra))
		appendStringInfoString(&missing, ", extra.proof");
	if (missing.len > 0)
	{
		c->in.reason = "register.evidence_missing";
		c->in.reason_arg = missing.data + 2;
	}
	/* it would be made a lead from what is kept of it */
	else if (c->contest.approval && a->extra && VARSIZE_ANY(a->extra) > LEADS_PAYLOAD_EXTRA)
	{
		c->in.reason = "register.too_long";
		c->in.reason_arg = "extra";
	}
}

/* what conditions are read over: nothing is stored yet */
static Jsonb *
document(LeadsCall *c)
{
	LeadsInput *in = &c->in;
	LeadsResult r = leads_run(&q_registrant, c->registrant_id);
	LeadsDocument d = {
		.name = in->arg.name, .kind = in->person ? "person" : "company", .core = in->core, .region = in->region,
		.city = in->city, .industry = in->industry, .contact_name = in->arg.contact, .channel = c->channel.code,
		.line = in->arg.line, .project = in->arg.project, .amount = in->arg.amount, .created_at = LEADS_NO_TIME,
		.lead_extra = in->arg.extra, .registrant_partner = c->partner.id ? c->partner.code : NULL,
		.now = c->f.now, .zone = c->f.zone
	};

	if (leads_found(r))
	{
		d.registrant_code = leads_text(&r, 0, 1);
		d.registrant_team = leads_text(&r, 0, 2);
	}
	return leads_document_build(&d);
}

bool
leads_register_needs_approval(LeadsCall *c)
{
	struct varlena *path;

	if (!c->contest.approval || c->channel.inbound || c->history || c->registrant_id == 0)
		return false;
	if (c->contest.when == NULL)
		return true;
	path = (struct varlena *) DatumGetPointer(DirectFunctionCall1(jsonpath_in, CStringGetDatum(c->contest.when)));
	switch (leads_document_holds(document(c), path))
	{
		case LEADS_PREDICATE_YES:
			return true;
		case LEADS_PREDICATE_ERROR:
			ereport(LOG,
					(errmsg("the condition for approval of company \"%s\" cannot be evaluated", c->f.schema),
					 errdetail("Protection policy version %d. It counts as not holding.", c->protection.version)));
			break;
		case LEADS_PREDICATE_NO:
			break;
	}
	return false;
}

void
leads_register_reload(LeadsCall *c, const LeadsAttempt *a)
{
	LeadsFrame	f = c->f;
	const char *verb = c->verb;
	LeadsRegisterArgs args = {
		.name = leads_json_text(a->payload, "name"), .phone = leads_json_text(a->payload, "phone"),
		.contact = leads_json_text(a->payload, "contact"), .email = leads_json_text(a->payload, "email"),
		.region = leads_json_text(a->payload, "region"), .industry = leads_json_text(a->payload, "industry"),
		.need = leads_json_text(a->payload, "need"), .channel = a->channel,
		.line = leads_json_text(a->payload, "line"), .project = leads_json_text(a->payload, "project"),
		.uscc = leads_json_text(a->payload, "uscc"), .kind = leads_json_text(a->payload, "kind")
	};
	char	   *amount = leads_json_text(a->payload, "amount");
	JsonbValue *extra = leads_json_get(a->payload, "extra");

	if (amount)
		args.amount = DirectFunctionCall3(numeric_in, CStringGetDatum(amount), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	if (extra && extra->type == jbvBinary)
		args.extra = JsonbValueToJsonb(extra);
	memset(c, 0, sizeof(*c));
	c->f = f;
	c->verb = verb;
	/* its code may be another one by now; a row that is referred to stays */
	if (!leads_channel_by_id(&c->f, a->channel_id, &c->channel))
		elog(ERROR, "no channel " INT64_FORMAT, a->channel_id);
	/* as it was when it came */
	c->channel.test = a->test;
	c->registrant_id = a->actor_id;
	(void) leads_partner_by_id(&c->f, a->partner_id, &c->partner);
	c->submitted_at = a->submitted_at;
	c->most = LEADS_SHOWN;
	leads_input_read(&args, c->channel.inbound, &c->in);
	c->scope = a->scope;
	c->reg.id = a->id;
	c->reg.protected_until = LEADS_NO_TIME;
	leads_evidence_begin(&c->evidence);
}

/* who is to judge is told by whoever reads the topic: managers, and the registrant's own first */
void
leads_register_tell_judges(LeadsCall *c)
{
	LeadsMember m = {0};

	(void) leads_member_by_id(&c->f, c->registrant_id, &m);
	leads_outbox_write(&c->f, "approval", c->customer.id, psprintf("registration/" INT64_FORMAT, c->reg.id),
					   leads_superior_of(&c->f, c->partner.id ? c->partner.manager_id : c->registrant_id), c->f.now,
					   "registration", psprintf(INT64_FORMAT, c->reg.id), "customer", c->customer.name,
					   "registrant", m.code, "partner", c->partner.id ? c->partner.code : NULL, NULL);
}

void
leads_register_pend(LeadsCall *c)
{
	if (c->customer.id == 0)
		leads_register_make_customer(c);
	leads_register_name_project(c);
	leads_register_write_decision(c, "pending");
	leads_register_write_event(c, "submitted", 0, 0, 0);
	leads_register_tell_judges(c);
	/* whoever has it meanwhile is not the answer */
	memset(&c->own, 0, sizeof(c->own));
	c->own.protected_until = LEADS_NO_TIME;
	c->reg.protected_until = LEADS_NO_TIME;
}

void
leads_register_keep(LeadsCall *c)
{
	leads_register_write_decision(c, "attached");
	leads_register_write_event(c, "registered", 0, 0, 0);
	c->reg.protected_until = LEADS_NO_TIME;
	if (c->rival.actor_id != 0 && c->rival.actor_id != c->f.actor_id)
		leads_outbox_write(&c->f, "inquiry", c->customer.id, psprintf("registration/" INT64_FORMAT, c->reg.id),
						   c->rival.actor_id, c->f.now, "customer", c->customer.name, "channel", c->channel.code,
						   "need", c->in.arg.need, "registration", psprintf(INT64_FORMAT, c->rival.id), NULL);
}

void
leads_register_grant(LeadsCall *c)
{
	c->action.outcome = LEADS_CREATED;
	c->protection = leads_policy_at(&c->f, "protection", c->f.now);
	leads_contest_read(c->protection.body, &c->contest);
	leads_register_create(c);
}

void
leads_register_take_kept(LeadsCall *c, int64 customer_id)
{
	int64	   *ids;
	int			n = leads_attempts_kept(&c->f, customer_id, c->scope, &ids);

	for (int i = 0; i < n; i++)
	{
		LeadsAttempt a;
		LeadsActivity activity = {
			.lead_id = c->reg.lead_id, .customer_id = c->customer.id, .kind = "inquiry", .occurred_at = c->f.now,
			.effective = false, .ineffective_reason = "inquiry", .by_system = true
		};

		if (!leads_attempt_read(&c->f, ids[i], &a))
			continue;
		activity.note = leads_json_text(a.payload, "need");
		leads_activity_insert(&c->f, &activity);
		leads_attempt_set_lead(&c->f, a.id, c->reg.lead_id);
	}
}
