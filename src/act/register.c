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
#include "utils/numeric.h"

#include "act/corridor.h"
#include "act/register.h"
#include "act/register_input.h"
#include "act/route.h"
#include "core/lock.h"
#include "core/policy.h"
#include "decide/action.h"
#include "decide/protection.h"
#include "lib/mask.h"
#include "record/lead.h"
#include "record/org.h"
#include "record/outbox.h"
#include "record/registration.h"

#define CANDIDATES 24			/* compared in full */
#define SHOWN 5					/* matches in the answer */
#define WHY 3					/* reasons in the message */

typedef struct Found
{
	int64		customer_id;
	const char *name;
	LeadsMatchScore score;
} Found;

/* one call on its way */
typedef struct Call
{
	LeadsFrame	f;
	LeadsInput	in;
	LeadsChannel channel;
	LeadsEvidence evidence;
	const char *scope;
	int32		match_version;
	int32		routing_version;
	int32		protection_version;
	int			returning_days;
	LeadsMatchModel model;
	int			ncandidates;
	Found		found[SHOWN + 1];	/* best first */
	int			nfound;
	LeadsRegistration reg;
	/* the customer acted on: met or made */
	LeadsCustomer customer;
	LeadsOwnership own;
	bool		has_own;
	bool		made;
	LeadsAction action;
	const char *shown_name;		/* of the one met, masked if need be */
	const char *owner_code;
	const char *owner_name;
	const char *pool_code;
	const char *pool_name;
} Call;

/* ---- policy ---- */

static void
read_match_policy(Call *c)
{
	LeadsPolicy p = leads_policy_at(&c->f, "match", c->f.now);
	JsonbValue *weights;
	char	   *scope;

	c->model = leads_match_default;
	c->match_version = p.version;
	c->model.certain = leads_json_float(p.body, "certain", c->model.certain);
	c->model.likely = leads_json_float(p.body, "likely", c->model.likely);
	c->model.possible = leads_json_float(p.body, "possible", c->model.possible);
	c->returning_days = (int) leads_json_int(p.body, "returning_days", 180);
	scope = leads_json_text(p.body, "scope");
	if (scope && strcmp(scope, "line") == 0)
		c->scope = c->in.arg.line ? c->in.arg.line : "";
	weights = leads_json_get(p.body, "weights");
	if (weights && weights->type == jbvBinary)
	{
		JsonbIterator *it = JsonbIteratorInit(weights->val.binary.data);
		JsonbValue	v;
		JsonbIteratorToken t;
		int			at = -1;

		while ((t = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
		{
			if (t == WJB_KEY)
				at = leads_match_weight_index(pnstrdup(v.val.string.val, v.val.string.len));
			else if (t == WJB_VALUE && v.type == jbvNumeric && at >= 0)
				c->model.w[at] = DatumGetFloat8(DirectFunctionCall1(numeric_float8,
																	NumericGetDatum(v.val.numeric)));
		}
	}
}

/* ---- looking for duplicates ---- */

static void
compare(int64 id, const char *name, const LeadsRecord *record, void *arg)
{
	Call	   *c = arg;
	Found		n;
	int			i;

	n.customer_id = id;
	n.name = name;
	leads_match_score(c->in.record, record, &c->model, &n.score);
	if (n.score.band == LEADS_BAND_NEW)
		return;
	/* best band, then best score, then the older customer */
	for (i = c->nfound; i > 0; i--)
	{
		Found	   *o = &c->found[i - 1];

		if (o->score.band > n.score.band ||
			(o->score.band == n.score.band && o->score.score >= n.score.score))
			break;
		c->found[i] = *o;
	}
	if (i >= SHOWN)
		return;
	c->found[i] = n;
	if (c->nfound < SHOWN)
		c->nfound++;
}

static void
look(Call *c)
{
	LeadsCandidate candidates[CANDIDATES];
	int64		ids[CANDIDATES];

	c->ncandidates = leads_customer_probe(&c->f, c->in.keys, c->in.nkeys, candidates, CANDIDATES);
	for (int i = 0; i < c->ncandidates; i++)
		ids[i] = candidates[i].customer_id;
	leads_record_prepare(c->in.record);
	leads_customer_records(&c->f, ids, c->ncandidates, compare, c);
	for (int i = 0; i < c->nfound; i++)
		ids[i] = c->found[i].customer_id;
	if (leads_customer_unseen(&c->f, c->in.keys, c->in.nkeys, ids, c->nfound))
		leads_customer_refuse_unseen();
}

static const char *
masked(const char *name)
{
	char		buf[LEADS_MASK_MAX];

	if (name == NULL)
		return "***";
	leads_mask_name(name, strlen(name), buf);
	return pstrdup(buf);
}

/* a boss sees every name, unless it acts for somebody who does not */
static bool
sees_all(Call *c)
{
	return (c->f.profiles & LEADS_PROFILE_BOSS) != 0 && (!c->f.acting_for || c->f.actor_manager);
}

/* a worker sees those of its own customers */
static bool
sees(Call *c, int64 owner_id)
{
	return sees_all(c) || (owner_id != 0 && owner_id == c->f.actor_id);
}

/* the strongest reasons, in words */
static const char *
why(Call *c, const LeadsMatchScore *score)
{
	StringInfoData buf;
	bool		used[LEADS_MATCH_FEATURES_MAX] = {false};
	bool		zh = strcmp(c->f.lang, "zh") == 0;

	initStringInfo(&buf);
	for (int n = 0; n < WHY; n++)
	{
		int			best = -1;

		for (int i = 0; i < score->nshares; i++)
			if (!used[i] && score->share[i].weight > 0 &&
				(best < 0 || score->share[i].weight > score->share[best].weight))
				best = i;
		if (best < 0)
			break;
		used[best] = true;
		appendStringInfo(&buf, "%s%s", n ? (zh ? "、" : ", ") : "",
						 leads_match_feature_text(score->share[best].name, zh));
	}
	return buf.data;
}

static const char *
score_text(double score)
{
	return psprintf("%.1f", score);
}

/* what was found into the evidence; names as this caller may see them */
static void
note_matches(Call *c)
{
	LeadsEvidence *e = &c->evidence;

	if (c->nfound == 0)
		leads_evidence_add(e, "match", "new", "register.no_match", 1, psprintf("%d", c->ncandidates));
	for (int i = 0; i < c->nfound; i++)
	{
		Found	   *m = &c->found[i];
		const char *name = i == 0 && c->shown_name ? c->shown_name :
			sees_all(c) ? m->name : masked(m->name);

		leads_evidence_add(e, "match", leads_band_name(m->score.band), "register.match", 2,
						   name, score_text(m->score.score));
		if (i > 0)
			continue;
		for (int s = 0; s < m->score.nshares; s++)
			leads_evidence_add(e, "feature", psprintf("%+.2f", m->score.share[s].weight),
							   psprintf("feature.%s", m->score.share[s].name), 0);
	}
}

static void
push_string(JsonbParseState **state, JsonbIteratorToken token, const char *s)
{
	JsonbValue	v;

	v.type = jbvString;
	v.val.string.val = unconstify(char *, s);
	v.val.string.len = strlen(s);
	pushJsonbValue(state, token, &v);
}

static void
push_number(JsonbParseState **state, const char *text)
{
	JsonbValue	v;

	v.type = jbvNumeric;
	v.val.numeric = DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(text),
														ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	pushJsonbValue(state, WJB_VALUE, &v);
}

static Jsonb *
matches_json(Call *c)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < c->nfound; i++)
	{
		Found	   *m = &c->found[i];
		bool		clear = sees_all(c) || (i == 0 && c->shown_name && c->shown_name == c->customer.name);

		pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
		if (clear)
		{
			push_string(&state, WJB_KEY, "customer_id");
			push_number(&state, psprintf(INT64_FORMAT, m->customer_id));
		}
		push_string(&state, WJB_KEY, "name");
		push_string(&state, WJB_VALUE, clear && m->name ? m->name : masked(m->name));
		push_string(&state, WJB_KEY, "band");
		push_string(&state, WJB_VALUE, leads_band_name(m->score.band));
		push_string(&state, WJB_KEY, "score");
		push_number(&state, score_text(m->score.score));
		push_string(&state, WJB_KEY, "shares");
		pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
		for (int s = 0; s < m->score.nshares; s++)
		{
			push_string(&state, WJB_KEY, m->score.share[s].name);
			push_number(&state, psprintf("%.2f", m->score.share[s].weight));
		}
		pushJsonbValue(&state, WJB_END_OBJECT, NULL);
		pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	}
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_ARRAY, NULL));
}

/* ---- the customer met ---- */

LEADS_QUERY(q_closed, "lt",
			"SELECT EXISTS (SELECT FROM @.lead l WHERE l.customer_id = $1 AND l.scope = $2)"
			"   AND NOT EXISTS (SELECT FROM @.lead l WHERE l.customer_id = $1 AND l.scope = $2 AND l.closed_at IS NULL)");

static void
meet(Call *c)
{
	LeadsFrame *f = &c->f;
	LeadsActionInput in = {0};
	LeadsResult r;

	in.inbound = c->channel.inbound;
	in.returning_days = c->returning_days;
	in.band = c->nfound ? c->found[0].score.band : LEADS_BAND_NEW;
	if (in.band != LEADS_BAND_NEW && leads_customer_lock(f, c->found[0].customer_id, &c->customer))
	{
		leads_frame_now(f, c->customer.last_event_at);
		leads_corridor_settle(f, &c->customer);
		c->has_own = leads_ownership_open(f, c->customer.id, c->scope, &c->own);
		if (!c->has_own)
			in.state = LEADS_IS_NOBODYS;
		else if (c->own.member_id != 0)
			in.state = f->actor_id != 0 && c->own.member_id == f->actor_id ? LEADS_IS_OWN : LEADS_IS_OTHERS;
		else
		{
			in.state = f->actor_id == 0 || leads_pool_has_member(f, c->own.pool_id, f->actor_id) ?
				LEADS_IS_POOLED : LEADS_IS_POOLED_ELSEWHERE;
			in.unowned_days = (int) ((f->now - c->own.since) / USECS_PER_DAY);
			r = leads_run(&q_closed, c->customer.id, c->scope);
			in.closed = leads_bool(&r, 0, 1);
		}
		c->shown_name = sees(c, c->own.member_id) || in.state == LEADS_IS_POOLED ?
			c->customer.name : masked(c->customer.name);
		if (c->shown_name == NULL)
			c->shown_name = "***";
	}
	else
		in.band = LEADS_BAND_NEW;
	c->action = leads_action_decide(&in);
}

/* ---- recording ---- */

static void
name_holder(Call *c, int64 member_id, int64 pool_id)
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

static void
make_customer(Call *c)
{
	LeadsFrame *f = &c->f;
	LeadsInput *in = &c->in;
	LeadsRegisterArgs *a = &in->arg;
	LeadsNewCustomer n = {
		.person = in->person, .name = a->name, .core = in->core, .region = in->region,
		.city = in->city, .industry = in->industry
	};
	int64		contact = 0;

	memset(&c->customer, 0, sizeof(c->customer));
	memset(&c->own, 0, sizeof(c->own));
	c->has_own = false;
	c->made = true;
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
	leads_keys_insert(f, c->customer.id, in->keys, in->nkeys);
}

static void
write_decision(Call *c, const char *verdict)
{
	LeadsDecision d = {
		.kind = "register", .verdict = verdict, .customer_id = c->customer.id, .scope = c->scope,
		.at = LEADS_NO_TIME, .match_version = c->match_version, .routing_version = c->routing_version,
		.protection_version = c->protection_version
	};

	c->reg.decision_id = leads_decision_write(&c->f, &d, &c->evidence);
}

static void
write_event(Call *c, const char *kind, int64 lead_id, int64 stage, Datum amount)
{
	LeadsEvent	e = {
		.kind = kind, .customer_id = c->customer.id, .lead_id = lead_id, .scope = c->scope,
		.at = LEADS_NO_TIME, .owner_id = c->own.member_id, .pool_id = c->own.pool_id,
		.to_stage = stage, .attempt = lead_id ? 1 : 0, .amount = amount, .decision_id = c->reg.decision_id
	};

	leads_event_write(&c->f, &e);
}

static void
route(Call *c)
{
	LeadsRegisterArgs *a = &c->in.arg;
	LeadsRouteRequest req = {
		.customer_id = c->customer.id, .scope = c->scope, .customer_name = c->customer.name,
		.customer_kind = c->in.person ? "person" : "company", .core = c->in.core,
		.region = c->in.region, .city = c->in.city, .industry = c->in.industry, .line = a->line,
		.project = a->project, .channel = c->channel.code, .amount = a->amount, .extra = a->extra,
		.registrant_id = c->channel.keeps_registrant ? c->f.actor_id : 0
	};
	LeadsRouteResult to = {0};
	LeadsPolicy policy;
	LeadsProtection p;
	LeadsPool	pool;

	leads_route_decide(&c->f, &req, &c->evidence, &to);
	c->routing_version = to.routing_version;
	c->own.customer_id = c->customer.id;
	c->own.scope = c->scope;
	c->own.member_id = to.member_id;
	c->own.pool_id = to.pool_id;
	c->own.since = c->f.now;
	c->own.protected_until = c->own.next_due_at = c->own.remind_at = c->own.followed_at = LEADS_NO_TIME;
	c->own.lapse_pool_id = 0;
	c->own.policy_version = c->own.extended_times = c->own.extended_days = 0;
	c->own.exempt = NULL;
	c->own.registration_id = c->reg.id;
	c->own.cause = to.cause;
	if (to.member_id == 0)
		return;
	policy = leads_policy_at(&c->f, "protection", c->f.now);
	leads_protection_read(policy.body, policy.version, &p);
	c->protection_version = c->own.policy_version = policy.version;
	if (leads_pool_by_code(&c->f, p.pool, &pool) || leads_pool_default(&c->f, &pool))
		c->own.lapse_pool_id = pool.id;
	{
		LeadsDeadline d = leads_protection_start(&p, c->f.now, c->f.zone);

		c->own.protected_until = d.protected_until;
		c->own.next_due_at = d.next_due_at;
		c->own.remind_at = d.remind_at;
	}
	if (c->own.protected_until != LEADS_NO_TIME)
		leads_evidence_add(&c->evidence, "protect", "yes", "register.protect", 2, psprintf("%d", p.days),
						   leads_message_time(c->f.zone, c->own.protected_until));
	else
		leads_evidence_add(&c->evidence, "protect", "no", "register.protect_none", 0);
}

static void
add_lead(Call *c)
{
	LeadsRegisterArgs *a = &c->in.arg;
	LeadsStage	first;
	LeadsLead	l = {
		.customer_id = c->customer.id, .scope = c->scope, .attempt = 1, .channel_id = c->channel.id,
		.registration_id = c->reg.id, .line = a->line, .project = a->project, .need = a->need,
		.amount = a->amount, .first_owner_id = c->own.member_id, .extra = a->extra
	};

	if (!leads_stage_first(&c->f, &first))
		elog(ERROR, "the company has no open stage");
	l.stage_id = first.id;
	leads_lead_insert(&c->f, &l);
	c->reg.lead_id = l.id;
	write_event(c, "entered", l.id, first.id, a->amount);
}

static void
tell_owner(Call *c, const char *topic)
{
	if (c->own.member_id == 0 || c->own.member_id == c->f.actor_id)
		return;
	leads_outbox_write(&c->f, topic, c->customer.id, psprintf("registration/" INT64_FORMAT, c->reg.id),
					   c->own.member_id, c->f.now,
					   "customer", c->customer.name, "channel", c->channel.code, "need", c->in.arg.need,
					   "lead_id", psprintf(INT64_FORMAT, c->reg.lead_id), NULL);
}

/* a new customer, or a customer that leaves the pool or enters a new scope */
static void
do_created(Call *c)
{
	LeadsOwnership before = c->own;
	bool		had = c->has_own;
	bool		fresh = c->customer.id == 0;

	if (fresh)
		make_customer(c);
	route(c);
	write_decision(c, leads_outcome_name(c->action.outcome));
	if (had && !fresh)
		leads_ownership_end(&c->f, &before, c->f.now, c->own.member_id ? "routed" : "moved", c->reg.decision_id);
	c->own.decision_id = c->reg.decision_id;
	leads_ownership_begin(&c->f, &c->own);
	write_event(c, "registered", 0, 0, 0);
	write_event(c, c->own.member_id ? "owned" : "pooled", 0, 0, 0);
	add_lead(c);
	tell_owner(c, "owned");
	c->reg.protected_until = c->own.protected_until;
}

/* an inquiry for somebody's customer: on its open lead, or a new lead of the same owner */
static void
do_attached(Call *c)
{
	LeadsLead	lead;

	write_decision(c, "attached");
	write_event(c, "registered", 0, 0, 0);
	if (leads_lead_newest_open(&c->f, c->customer.id, c->scope, &lead))
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
}

/* somebody else's, or not to be had now: the attempt is kept, nothing else changes */
static void
do_refused(Call *c)
{
	write_decision(c, leads_outcome_name(c->action.outcome));
	write_event(c, "collided", 0, 0, 0);
	c->reg.protected_until = c->own.protected_until;
}

static const char *
answer_message(Call *c)
{
	const char *args[4] = {
		c->shown_name ? c->shown_name : c->in.arg.name,
		c->owner_name ? c->owner_name : c->pool_name,
		leads_message_time(c->f.zone, c->reg.protected_until),
		c->nfound ? why(c, &c->found[0].score) : NULL
	};

	if ((c->action.outcome == LEADS_CREATED || c->action.outcome == LEADS_RETURNING) && c->own.member_id == 0)
		return leads_message(c->f.lang, "register.pooled", 4, args);
	return leads_message(c->f.lang, c->action.code, 4, args);
}

static const char *
state_of(LeadsOutcome outcome)
{
	/* approval is a step of its own only where a policy says so */
	return outcome == LEADS_CREATED ? "approved" : leads_outcome_name(outcome);
}

static void
finish(Call *c, LeadsRegisterAnswer *out)
{
	LeadsRegistration *r = &c->reg;
	bool		refused = c->action.outcome == LEADS_BLOCKED || c->action.outcome == LEADS_QUEUED;

	r->channel_id = c->channel.id;
	r->request_key = c->in.arg.request_key;
	r->request_hash = c->in.hash;
	r->payload = c->in.payload;
	r->name = c->in.arg.name ? pnstrdup(c->in.arg.name,
										pg_mbcharcliplen(c->in.arg.name, strlen(c->in.arg.name), 200)) : NULL;
	r->scope = c->scope;
	r->outcome = leads_outcome_name(c->action.outcome);
	r->state = state_of(c->action.outcome);
	r->customer_id = c->customer.id;
	r->owner_id = c->own.member_id;
	r->pool_id = c->own.pool_id;
	name_holder(c, r->owner_id, r->pool_id);
	if (c->action.outcome == LEADS_REJECTED)
	{
		r->reason = c->in.reason;
		r->message = leads_message1(c->f.lang, c->in.reason, c->in.reason_arg);
	}
	else
	{
		r->reason = c->action.code;
		r->message = answer_message(c);
		r->matches = matches_json(c);
	}
	leads_registration_insert(&c->f, r);

	out->registration_id = r->id;
	out->outcome = leads_keep(&c->f, r->outcome);
	out->reason = leads_keep(&c->f, r->reason);
	out->message = leads_keep(&c->f, r->message);
	out->customer_id = refused && !sees(c, c->own.member_id) ? 0 : r->customer_id;
	out->lead_id = r->lead_id;
	out->owner = leads_keep(&c->f, c->owner_code);
	out->pool = leads_keep(&c->f, c->pool_code);
	out->protected_until = r->protected_until;
	out->decision_id = r->decision_id;
}

static void
note_input(Call *c)
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
answered_before(Call *c, LeadsRegisterAnswer *out)
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
	name_holder(c, r->owner_id, r->pool_id);
	refused = strcmp(r->outcome, "blocked") == 0 || strcmp(r->outcome, "queued") == 0;
	out->registration_id = r->id;
	out->outcome = leads_keep(&c->f, r->outcome);
	out->reason = leads_keep(&c->f, r->reason);
	out->message = leads_keep(&c->f, r->message);
	out->customer_id = refused && !sees(c, r->owner_id) ? 0 : r->customer_id;
	out->lead_id = r->lead_id;
	out->owner = leads_keep(&c->f, c->owner_code);
	out->pool = leads_keep(&c->f, c->pool_code);
	out->protected_until = r->protected_until;
	out->decision_id = r->decision_id;
	return true;
}

static void
take_locks(Call *c)
{
	int64		ids[LEADS_KEYS_MAX + 1];
	int			n = 0;

	for (int i = 0; i < c->in.nkeys; i++)
		ids[n++] = c->in.keys[i].key;
	if (c->in.arg.request_key)
		ids[n++] = (int64) hash_bytes_extended((const unsigned char *) c->in.arg.request_key,
											   strlen(c->in.arg.request_key), c->channel.id);
	leads_lock_stripes(&c->f, ids, n);
}

void
leads_register_run(const char *schema, const LeadsRegisterArgs *args, LeadsRegisterAnswer *out)
{
	Call	   *c = palloc0(sizeof(Call));
	LeadsFrame *f = &c->f;
	MemoryContext outer = CurrentMemoryContext;
	const char *channel = args->channel ? args->channel : "manual";

	memset(out, 0, sizeof(*out));
	out->protected_until = LEADS_NO_TIME;
	leads_enter(f, schema, LEADS_PROFILE_WORKER);
	if (!leads_channel_by_code(f, channel, &c->channel) || !c->channel.active)
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID),
				 errmsg("unknown channel \"%.100s\"", channel)));
	if (!c->channel.allowed)
		ereport(ERROR,
				(errcode(LEADS_ERR_NO_RIGHT),
				 errmsg("no right to register through channel \"%s\"", channel)));
	leads_actor_resolve(f, args->by_member, c->channel.member_id);

	leads_input_read(args, c->channel.inbound, &c->in);
	c->scope = "";
	c->reg.protected_until = LEADS_NO_TIME;
	take_locks(c);
	leads_frame_now(f, LEADS_NO_TIME);
	if (!answered_before(c, out))
	{
		c->reg.id = leads_registration_next(f);
		note_input(c);
		if (c->in.reason)
		{
			c->action.outcome = LEADS_REJECTED;
			write_decision(c, "rejected");
		}
		else
		{
			read_match_policy(c);
			look(c);
			meet(c);
			note_matches(c);
			leads_evidence_add(&c->evidence, "action", leads_outcome_name(c->action.outcome),
							   psprintf("%s.why", c->action.code), 0);
			switch (c->action.outcome)
			{
				case LEADS_CREATED:
					/* a weak match stands beside the new customer; a strong one is the customer */
					if (strcmp(c->action.code, "register.created") == 0)
					{
						c->customer.id = 0;
						c->shown_name = NULL;
					}
					do_created(c);
					break;
				case LEADS_RETURNING:
					do_created(c);
					break;
				case LEADS_ATTACHED:
					do_attached(c);
					break;
				default:
					do_refused(c);
					break;
			}
			/* a customer made just now was born with this instant */
			if (c->made)
				leads_counters_flush(f);
			else
				leads_corridor_end(f, c->customer.id);
		}
		finish(c, out);
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
