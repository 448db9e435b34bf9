/*
 * reroute.c - leads.route(): send a customer through the rules.
 *
 * Purpose: give a customer that lies in a pool to somebody by the rules that rule
 * now, or move an owned one to whom they would give it; or only say who that is.
 * Invariants: a dry run writes nothing and locks nothing; a real one walks the
 * corridor; neither the present owner nor the registrant has a claim here, that
 * is what the call is for; the same answer as before is no new interval.
 * Called by: managers and administrators.
 */
#include "core/leads.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/array.h"

#include "act/assign.h"
#include "act/reroute.h"
#include "core/policy.h"
#include "record/org.h"

#define COLUMNS 8

/* the inquiry the rules look at: the newest open one, else the newest */
LEADS_QUERY(q_lead, "lt",
			"SELECT c.code, l.line, l.project, l.amount, l.extra, l.created_by"
			"  FROM @.lead l JOIN @.channel c ON c.id = l.channel_id"
			" WHERE l.customer_id = $1 AND l.scope = $2 AND l.merged_into IS NULL"
			" ORDER BY l.closed_at IS NULL DESC, l.id DESC LIMIT 1");

typedef struct Call
{
	LeadsFrame	f;
	LeadsHold	h;
	LeadsRouteRequest req;
	LeadsRouteResult to;
	LeadsEvidence evidence;
	bool		changed;
	int64		decision_id;
	TimestampTz protected_until;
} Call;

void
leads_reroute_request(LeadsFrame *f, const LeadsHold *h, LeadsRouteRequest *q)
{
	const LeadsCustomer *customer = &h->customer;
	LeadsResult r = leads_run(&q_lead, customer->id, h->own.scope);

	memset(q, 0, sizeof(*q));
	q->customer_id = customer->id;
	q->scope = h->own.scope;
	q->customer_name = customer->name;
	q->customer_kind = customer->person ? "person" : "company";
	q->region = customer->region;
	q->city = customer->city;
	q->industry = customer->industry;
	q->holder_id = h->own.member_id;
	if (leads_found(r))
	{
		q->channel = leads_text(&r, 0, 1);
		q->line = leads_text(&r, 0, 2);
		q->project = leads_text(&r, 0, 3);
		q->amount = leads_numeric(&r, 0, 4);
		q->extra = leads_jsonb(&r, 0, 5);
		q->sender_id = leads_int(&r, 0, 6);
	}
}

/* as the corridor would find it, without lock or write */
static void
look(Call *c, int64 customer_id, const char *scope)
{
	LeadsFrame *f = &c->f;
	LeadsHold  *h = &c->h;

	f->now = leads_now_internal();
	h->asked_id = customer_id;
	if (!leads_customer_read(f, customer_id, &h->customer))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID), errmsg("there is no customer " INT64_FORMAT, customer_id)));
	h->has_own = leads_ownership_open(f, h->customer.id, scope, &h->own);
	h->own.scope = scope;
	if (h->has_own && leads_protection_lapsed(h->own.next_due_at, f->now))
	{
		h->own.member_id = 0;
		h->own.pool_id = h->own.lapse_pool_id;
		h->own.protected_until = LEADS_NO_TIME;
	}
}

static void
move(Call *c)
{
	LeadsHandOver o = {
		.member_id = c->to.member_id, .pool_id = c->to.pool_id, .cause = c->to.cause,
		.end_cause = c->to.member_id ? "routed" : "moved", .event = c->to.member_id ? "owned" : "pooled",
		.decision_id = c->decision_id
	};

	leads_hand_over(&c->f, &c->h, &o);
	c->protected_until = c->h.own.protected_until;
}

static void
decide_and_record(Call *c, bool dry_run)
{
	LeadsFrame *f = &c->f;
	LeadsDecision d;

	leads_assign_require(f, &c->h);
	leads_reroute_request(f, &c->h, &c->req);
	c->req.dry_run = dry_run;
	leads_evidence_begin(&c->evidence);
	/* its counter will be written: it takes its place in the order of locks */
	if (!dry_run && c->h.own.member_id != 0)
		leads_counter_add(f, c->h.own.member_id, 0);
	leads_route_decide(f, &c->req, &c->evidence, &c->to);
	c->changed = c->to.member_id != c->h.own.member_id || c->to.pool_id != c->h.own.pool_id;
	c->protected_until = c->changed ? LEADS_NO_TIME : c->h.own.protected_until;
	if (dry_run)
		return;
	memset(&d, 0, sizeof(d));
	d.kind = "route";
	d.verdict = c->to.member_id ? "routed" : "pooled";
	d.customer_id = c->h.customer.id;
	d.scope = c->h.own.scope;
	d.at = LEADS_NO_TIME;
	d.routing_version = c->to.routing_version;
	c->decision_id = leads_decision_write(f, &d, &c->evidence);
	if (c->changed)
		move(c);
}

/* the evidence in words, in the company's language */
static Datum
reasons(Call *c)
{
	JsonbIterator *it = JsonbIteratorInit(&leads_evidence_json(&c->evidence)->root);
	JsonbValue	v;
	JsonbIteratorToken t;
	int			n = 0;
	Datum	   *out = palloc(sizeof(Datum) * Max(c->evidence.n, 1));

	while ((t = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		Jsonb	   *step;
		JsonbValue *list;
		const char *args[9];
		int			nargs = 0;

		if (t != WJB_ELEM || n >= c->evidence.n)
			continue;
		step = JsonbValueToJsonb(&v);
		list = leads_json_get(step, "args");
		if (list && list->type == jbvBinary)
			for (; nargs < lengthof(args) && nargs < JsonContainerSize(list->val.binary.data); nargs++)
			{
				JsonbValue *a = getIthJsonbValueFromContainer(list->val.binary.data, nargs);

				args[nargs] = a->type == jbvString ? pnstrdup(a->val.string.val, a->val.string.len) : NULL;
			}
		out[n++] = CStringGetTextDatum(leads_message(c->f.lang, leads_json_text(step, "code"), nargs, args));
	}
	return PointerGetDatum(construct_array(out, n, TEXTOID, -1, false, TYPALIGN_INT));
}

/* built before the frame is left, copied to the caller's memory */
static HeapTuple
answer(FunctionCallInfo fcinfo, Call *c)
{
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {false};
	LeadsMember m;
	LeadsPool	p;
	TupleDesc	desc;
	HeapTuple	tuple;
	HeapTuple	copy;
	MemoryContext old;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = Int64GetDatum(c->h.customer.id);
	values[1] = CStringGetTextDatum(c->h.own.scope);
	nulls[2] = !leads_member_by_id(&c->f, c->to.member_id, &m);
	values[2] = nulls[2] ? (Datum) 0 : CStringGetTextDatum(m.code);
	nulls[3] = !leads_pool_by_id(&c->f, c->to.pool_id, &p);
	values[3] = nulls[3] ? (Datum) 0 : CStringGetTextDatum(p.code);
	values[4] = BoolGetDatum(c->changed);
	values[5] = reasons(c);
	nulls[6] = c->protected_until == LEADS_NO_TIME;
	values[6] = TimestampTzGetDatum(c->protected_until);
	nulls[7] = c->decision_id == 0;
	values[7] = Int64GetDatum(c->decision_id);
	tuple = heap_form_tuple(BlessTupleDesc(desc), values, nulls);
	old = MemoryContextSwitchTo(c->f.outer_cxt);
	copy = heap_copytuple(tuple);
	MemoryContextSwitchTo(old);
	return copy;
}

PG_FUNCTION_INFO_V1(leads_route);
Datum
leads_route(PG_FUNCTION_ARGS)
{
	Call	   *c = palloc0(sizeof(Call));
	LeadsFrame *f = &c->f;
	bool		dry_run = !PG_ARGISNULL(2) && PG_GETARG_BOOL(2);
	char	   *scope = PG_ARGISNULL(1) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(1));
	HeapTuple	tuple;

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("customer_id is required")));
	if (dry_run)
		leads_enter_reader(f, NULL, LEADS_PROFILE_BOSS);
	else
		leads_enter(f, NULL, LEADS_PROFILE_BOSS);
	leads_actor_resolve(f, NULL, 0);
	leads_corridor_require_boss(f, "route customers");
	if (dry_run)
		look(c, PG_GETARG_INT64(0), scope);
	else
		leads_corridor_begin(f, PG_GETARG_INT64(0), scope, &c->h);
	decide_and_record(c, dry_run);
	if (!dry_run)
		leads_corridor_end(f, c->h.customer.id);
	tuple = answer(fcinfo, c);
	leads_leave(f);
	PG_RETURN_DATUM(HeapTupleGetDatum(tuple));
}
