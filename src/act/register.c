/*
 * register.c - the one entrance: who, lock, now, settle, decide, record, answer.
 *
 * Purpose: every registration, of a rep, a partner, a web form, an API or an
 * import row.
 * Invariants: stripes of all keys are held before the first look, the look is by the
 * latest snapshot, so two registrations of one company at the same instant are
 * decided one after the other at every isolation level; a refused attempt leaves its
 * row; locks in the order of core/lock.h, ring and counters last.
 * Called by: act/register_call (SQL), act/face (view intake).
 */
#include "core/leads.h"

#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "act/register_steps.h"
#include "core/lock.h"
#include "record/meter.h"
#include "record/project.h"

static const char *
answer_message(LeadsCall *c)
{
	const char *code = c->action.code;
	const char *args[5] = {
		c->shown_name ? c->shown_name : c->in.arg.name,
		c->owner_name ? c->owner_name : c->pool_name,
		leads_message_time(c->f.zone, c->reg.protected_until),
		c->nfound ? leads_register_why(c) : NULL,
		psprintf("%d", c->position)
	};

	if ((c->action.outcome == LEADS_CREATED || c->action.outcome == LEADS_RETURNING) && c->own.member_id == 0 &&
		strcmp(code, "import.owner_full") != 0)
		code = "register.pooled";
	/* whose it is, and until when, is not a partner's to know, nor a colleague's where the policy says so */
	if (strcmp(code, "register.blocked") == 0)
	{
		if (c->outsider || (c->veil.owner && c->owner_name == NULL))
			code = "register.blocked_outside";
		else if (c->veil.until)
			code = "register.blocked_until";
	}
	else if (strcmp(code, "register.queued_possible") == 0 && (c->outsider || (c->veil.owner && c->owner_name == NULL)))
		code = "register.queued_outside";
	return leads_message(c->f.lang, code, lengthof(args), args);
}

/* submitted, and then? */
static const char *
state_of(LeadsOutcome outcome)
{
	static const LeadsAttemptEvent events[] = {
		[LEADS_CREATED] = LEADS_ATTEMPT_APPROVE, [LEADS_ATTACHED] = LEADS_ATTEMPT_ATTACH,
		[LEADS_RETURNING] = LEADS_ATTEMPT_RETURN, [LEADS_OFFERED] = LEADS_ATTEMPT_OFFER,
		[LEADS_QUEUED] = LEADS_ATTEMPT_QUEUE, [LEADS_BLOCKED] = LEADS_ATTEMPT_BLOCK,
		[LEADS_REJECTED] = LEADS_ATTEMPT_REJECT, [LEADS_PENDING] = LEADS_ATTEMPT_WAIT
	};

	return leads_attempt_name(leads_attempt_step(LEADS_ATTEMPT_SUBMITTED, events[outcome]).next);
}

static void
write_registration(LeadsCall *c, LeadsRegisterAnswer *out)
{
	LeadsRegistration *r = &c->reg;
	bool		refused = c->action.outcome == LEADS_BLOCKED || c->action.outcome == LEADS_QUEUED;
	bool		hidden;

	r->channel_id = c->channel.id;
	r->test = c->channel.test;
	r->request_key = c->in.arg.request_key;
	r->request_hash = c->in.hash;
	r->payload = c->in.payload;
	r->name = c->in.arg.name ? pnstrdup(c->in.arg.name,
										pg_mbcharcliplen(c->in.arg.name, strlen(c->in.arg.name), 200)) : NULL;
	r->scope = c->scope;
	r->outcome = leads_outcome_name(c->action.outcome);
	r->state = state_of(c->action.outcome);
	r->customer_id = c->customer.id;
	hidden = c->withheld || (refused && c->outsider);
	r->owner_id = hidden ? 0 : c->own.member_id;
	r->pool_id = hidden ? 0 : c->own.pool_id;
	if (hidden)
		r->protected_until = LEADS_NO_TIME;
	r->partner_id = c->partner.id;
	if (refused && c->position > 0)
		r->rival_id = c->rival.id;
	if (r->customer_id != 0 && c->registrant_id != 0 && !c->made && !c->history && !c->channel.inbound)
		r->resubmits_id = leads_attempt_failed(&c->f, r->customer_id, c->scope, c->registrant_id, c->partner.id);
	leads_register_name_holder(c, r->owner_id, r->pool_id);
	if (refused && !hidden)
		c->veil = leads_register_veil(c);
	if (c->veil.until)
		r->protected_until = LEADS_NO_TIME;
	if (c->veil.owner)
	{
		r->owner_id = 0;
		c->owner_code = NULL;
		c->owner_name = c->veil.team_name;
	}
	if (c->in.reason)
	{
		r->reason = c->in.reason;
		r->message = leads_message1(c->f.lang, c->in.reason, c->in.reason_arg);
	}
	else if (c->withheld)
	{
		r->reason = c->action.code;
		r->message = leads_message0(c->f.lang, "register.withheld");
	}
	else
	{
		r->reason = c->action.code;
		r->message = answer_message(c);
		r->matches = leads_register_matches(c);
	}
	leads_registration_insert(&c->f, r);

	out->registration_id = r->id;
	out->outcome = leads_keep(&c->f, r->outcome);
	out->reason = leads_keep(&c->f, r->reason);
	out->message = leads_keep(&c->f, r->message);
	out->customer_id = refused && !leads_register_sees(c, c->own.member_id) ? 0 : r->customer_id;
	out->lead_id = r->lead_id;
	out->owner = leads_keep(&c->f, c->owner_code);
	out->pool = leads_keep(&c->f, c->pool_code);
	out->protected_until = r->protected_until;
	out->decision_id = r->decision_id;
}

static void
note_input(LeadsCall *c)
{
	LeadsEvidence *e = &c->evidence;
	LeadsInput *in = &c->in;

	leads_evidence_begin(e);
	if (in->stripped)
		leads_evidence_add(e, "input", "cleaned", "register.input_cleaned", 0);
	if (in->reason)
	{
		leads_evidence_add(e, "input", "rejected", in->reason, 1, in->reason_arg);
		return;
	}
	if (in->arg.phone && !in->phone_ok)
		leads_evidence_add(e, "input", "ignored", "register.phone_ignored", 0);
	if (in->arg.email && !in->email_ok)
		leads_evidence_add(e, "input", "ignored", "register.email_ignored", 0);
	if (in->arg.uscc && !in->uscc_ok)
		leads_evidence_add(e, "input", "ignored", "register.uscc_ignored", 0);
	leads_evidence_add(e, "input", "ok", "register.input_ok", 0);
}

/* the stored answer of an earlier attempt with the same key; LD011 if it was about something else */
static bool
answered_before(LeadsCall *c, LeadsRegisterAnswer *out)
{
	LeadsRegistration *r = &c->reg;
	bool		refused;

	if (c->in.arg.request_key == NULL ||
		!leads_registration_by_key(&c->f, c->channel.id, c->in.arg.request_key, r))
		return false;
	if (r->request_hash == NULL || strcmp(r->request_hash, c->in.hash) != 0)
		ereport(ERROR,
				(errcode(LEADS_ERR_REQUEST_KEY),
				 errmsg("request_key was used before for other content"),
				 errhint("Send the same content again, or a new key.")));
	leads_register_name_holder(c, r->owner_id, r->pool_id);
	refused = strcmp(r->outcome, "blocked") == 0 || strcmp(r->outcome, "queued") == 0;
	out->registration_id = r->id;
	out->outcome = leads_keep(&c->f, r->outcome);
	out->reason = leads_keep(&c->f, r->reason);
	out->message = leads_keep(&c->f, r->message);
	out->customer_id = refused && !leads_register_sees(c, r->owner_id) ? 0 : r->customer_id;
	out->lead_id = r->lead_id;
	out->owner = leads_keep(&c->f, c->owner_code);
	out->pool = leads_keep(&c->f, c->pool_code);
	out->protected_until = r->protected_until;
	out->decision_id = r->decision_id;
	return true;
}

static void
take_locks(LeadsCall *c)
{
	int64		ids[LEADS_KEYS_MAX + 2];
	int64		project = leads_project_key(c->in.arg.project);
	int			n = 0;

	/* the gate first: the rules that keys follow stay as they are while it is held */
	leads_lock_gate(&c->f, false);
	if (c->in.record)
		leads_input_keys(&c->f, &c->in);
	for (int i = 0; i < c->in.nkeys; i++)
		ids[n++] = c->in.keys[i].key;
	/* a stripe of its own: one project may come under many names of customers */
	if (project != 0)
		ids[n++] = project;
	if (c->in.arg.request_key)
		ids[n++] = (int64) hash_bytes_extended((const unsigned char *) c->in.arg.request_key,
											   strlen(c->in.arg.request_key), c->channel.id);
	leads_lock_stripes(&c->f, ids, n);
}

void
leads_register_open(LeadsCall *c, const char *schema, const LeadsRegisterArgs *args)
{
	LeadsFrame *f = &c->f;
	const char *channel = args->channel ? args->channel : "manual";

	leads_enter(f, schema, LEADS_PROFILE_WORKER);
	if (!leads_channel_by_code(f, channel, &c->channel) || !c->channel.active)
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID),
				 errmsg("unknown channel \"%s\"", leads_clip(channel, 100))));
	if (!c->channel.allowed)
		ereport(ERROR,
				(errcode(LEADS_ERR_NO_RIGHT),
				 errmsg("no right to register through channel \"%s\"", channel)));
	leads_actor_resolve(f, args->by_member, c->channel.member_id);
	c->registrant_id = f->actor_id;
	/* a partner's person, also where a portal acts for it */
	c->outsider = f->profiles == LEADS_PROFILE_PARTNER || f->actor_partner != 0;
	c->submitted_at = LEADS_NO_TIME;
	if (!c->channel.inbound)
		(void) leads_partner_by_id(f, f->actor_partner, &c->partner);
	leads_input_read(args, c->channel.inbound, &c->in);
	/* who registers belongs to the content: nobody is told that a colleague's answer is its own */
	if (c->in.hash)
		c->in.hash = psprintf("%s " INT64_FORMAT, c->in.hash, f->actor_id);
	c->scope = "";
	c->most = LEADS_SHOWN;
}

/*
 * Every answer but "created" tells something of what is there, so it counts like a duplicate check, and
 * stays counted if the transaction is rolled back.  Over the quota intake goes on, but says less.
 */
static void
count_answer(LeadsCall *c)
{
	int64		n;

	/* an import leaves its rows, whoever makes it sees everything, and a log line a row would be too many */
	if (c->action.outcome == LEADS_CREATED || c->action.outcome == LEADS_PENDING || c->history)
		return;
	n = leads_meter_count(&c->f, "register", leads_outcome_name(c->action.outcome));
	c->withheld = c->match.probe_quota > 0 && n > c->match.probe_quota && !leads_register_sees(c, 0) &&
		(c->action.outcome == LEADS_BLOCKED || c->action.outcome == LEADS_QUEUED);
}

void
leads_register_finish(LeadsCall *c, LeadsRegisterAnswer *out)
{
	note_input(c);
	if (c->in.reason)
	{
		c->reg.id = leads_registration_next(&c->f);
		c->action.outcome = LEADS_REJECTED;
		count_answer(c);
		leads_register_write_decision(c, "rejected");
	}
	else
	{
		leads_register_meet(c);
		/* the customer met is locked: ids of rivals stand in the order of their turns */
		c->reg.id = leads_registration_next(&c->f);
		count_answer(c);
		leads_register_note_matches(c);
		leads_evidence_add(&c->evidence, "action", leads_outcome_name(c->action.outcome),
						   psprintf("%s.why", c->action.code), 0);
		leads_register_act(c);
	}
	write_registration(c, out);
}

void
leads_register_run(const char *schema, const LeadsRegisterArgs *args, LeadsRegisterAnswer *out)
{
	LeadsCall	   *c = palloc0(sizeof(LeadsCall));
	LeadsFrame *f = &c->f;
	MemoryContext outer = CurrentMemoryContext;

	memset(out, 0, sizeof(*out));
	out->protected_until = LEADS_NO_TIME;
	leads_register_open(c, schema, args);
	c->reg.protected_until = LEADS_NO_TIME;
	take_locks(c);
	leads_frame_now(f, LEADS_NO_TIME);
	if (!answered_before(c, out))
	{
		if (c->in.reason == NULL)
		{
			leads_register_policy(c);
			leads_register_evidence(c);
			if (c->in.reason == NULL)
				leads_register_look(c);
		}
		leads_register_finish(c, out);
		leads_counters_flush(f);
	}
	{
		MemoryContext inner = MemoryContextSwitchTo(outer);

		out->matches = c->reg.matches ? (Jsonb *) pg_detoast_datum_copy((struct varlena *) c->reg.matches)
			: DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum("[]")));
		MemoryContextSwitchTo(inner);
	}
	leads_leave(f);
	pfree(c);
}
