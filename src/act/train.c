/*
 * train.c - leads.train_match(): weights of the duplicate check from what people decided.
 *
 * Purpose: gather pairs of company names that people joined (merge(), queued registrations that were
 * attached) or told apart (not_duplicate(), unmerge()), and, where they are few, pairs of the company's own
 * customers that share a key and that nobody judged; let the judge's trainer fit weights; keep them as a
 * draft of the match policy.
 * Invariants: what rules stays as it is; only names and regions are compared, for what telephone and mail
 * were before a merge is not known any more; a survivor counts by the name that it had before the merge;
 * work and memory are bounded by LABELS_MOST and the argument; it can be cancelled between customers and
 * between steps of the fit.
 * Called by: administrators.
 */
#include "core/leads.h"

#include "miscadmin.h"

#include <math.h>

#include "act/match_face.h"
#include "core/actor.h"
#include "core/policy.h"
#include "decide/match_policy.h"
#include "decide/match_train.h"
#include "record/customer.h"

#define LABELS_MOST 5000		/* newest of each source */
#define CUSTOMERS_MOST 5000		/* looked at for unjudged pairs */
#define CANDIDATES 24			/* unjudged pairs of one customer */
#define LEAST_CHANGE 0.05

LEADS_QUERY(q_apart, "i",
			"SELECT a.name, a.region, b.name, b.region FROM @.customer_distinct d"
			" JOIN @.customer a ON a.id = d.low_id JOIN @.customer b ON b.id = d.high_id"
			" WHERE d.until IS NULL AND a.kind = 'company' AND b.kind = 'company'"
			"   AND a.name IS NOT NULL AND b.name IS NOT NULL ORDER BY d.id DESC LIMIT $1");
/* taken apart, and neither merged again nor told apart besides */
LEADS_QUERY(q_undone, "i",
			"SELECT a.name, a.region, b.name, b.region FROM @.merge m CROSS JOIN LATERAL pg_catalog.unnest(m.losers) AS l(id)"
			" JOIN @.customer a ON a.id = m.survivor_id JOIN @.customer b ON b.id = l.id"
			" WHERE m.undone_at IS NOT NULL AND a.status = 'live' AND b.status = 'live'"
			"   AND a.kind = 'company' AND b.kind = 'company' AND a.name IS NOT NULL AND b.name IS NOT NULL"
			"   AND NOT EXISTS (SELECT FROM @.customer_distinct d WHERE d.until IS NULL"
			"                   AND d.low_id = least(a.id, b.id) AND d.high_id = greatest(a.id, b.id))"
			" ORDER BY m.id DESC, l.id LIMIT $1");
LEADS_QUERY(q_merged, "i",
			"SELECT coalesce(n.value_before ->> 0, a.name), coalesce(r.value_before ->> 0, a.region), b.name, b.region"
			" FROM @.merge m CROSS JOIN LATERAL pg_catalog.unnest(m.losers) AS l(id)"
			" JOIN @.customer a ON a.id = m.survivor_id JOIN @.customer b ON b.id = l.id"
			" LEFT JOIN @.merge_item n ON n.merge_id = m.id AND n.kind = 'field' AND n.object = 'customer'"
			"   AND n.row_id = a.id AND n.field = 'name'"
			" LEFT JOIN @.merge_item r ON r.merge_id = m.id AND r.kind = 'field' AND r.object = 'customer'"
			"   AND r.row_id = a.id AND r.field = 'region'"
			" WHERE m.undone_at IS NULL AND a.kind = 'company' AND b.kind = 'company'"
			"   AND a.name IS NOT NULL AND b.name IS NOT NULL ORDER BY m.id DESC, l.id LIMIT $1");
/* a person said that what was queued is this customer */
LEADS_QUERY(q_attached, "i",
			"SELECT r.name, r.payload ->> 'region', a.name, a.region FROM @.registration r"
			" JOIN @.customer a ON a.id = r.customer_id"
			" WHERE r.outcome = 'queued' AND r.state = 'attached' AND a.kind = 'company'"
			"   AND r.name IS NOT NULL AND a.name IS NOT NULL ORDER BY r.id DESC LIMIT $1");
LEADS_QUERY(q_customers, "i",
			"SELECT c.id, c.name, c.region FROM @.customer c"
			" WHERE c.status = 'live' AND c.kind = 'company' AND c.name IS NOT NULL ORDER BY c.id DESC LIMIT $1");

typedef struct Training
{
	LeadsFrame	f;
	LeadsMatchPolicy match;
	Jsonb	   *body;			/* of the policy that rules */
	LeadsTrainPair *pairs;
	int			n;
	int			room;
	LeadsRecord a;
	LeadsRecord b;
	int64		self_id;		/* whose unjudged pairs are read */
} Training;

static void
check_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
}

static void
add_pair(Training *t, const LeadsRecord *a, const LeadsRecord *b, LeadsTrainLabel label)
{
	if (t->n == t->room)
	{
		t->room = t->room ? t->room * 2 : 1024;
		t->pairs = t->pairs ? repalloc(t->pairs, t->room * sizeof(LeadsTrainPair)) :
			palloc(t->room * sizeof(LeadsTrainPair));
	}
	leads_match_train_pair(a, b, &t->match.model, label, &t->pairs[t->n++]);
}

static void
fill(LeadsRecord *r, const char *name, const char *region)
{
	leads_record_init(r, false);
	leads_record_add_name(r, name, strlen(name));
	if (region)
		leads_record_set_region(r, region, strlen(region));
}

static void
gather(Training *t, LeadsQuery *q, LeadsTrainLabel label)
{
	LeadsResult r = leads_run(q, LABELS_MOST);

	for (uint64 i = 0; i < r.n; i++)
	{
		fill(&t->a, leads_text(&r, i, 1), leads_text(&r, i, 2));
		fill(&t->b, leads_text(&r, i, 3), leads_text(&r, i, 4));
		add_pair(t, &t->a, &t->b, label);
	}
}

/* each pair once: with the older customer */
static void
keep_unjudged(int64 id, const char *name, const LeadsRecord *record, void *arg)
{
	Training   *t = arg;

	if (id < t->self_id && !record->person)
		add_pair(t, &t->a, record, LEADS_TRAIN_UNJUDGED);
}

static void
gather_unjudged(Training *t, int customers)
{
	LeadsResult r = leads_run(&q_customers, customers);
	LeadsCandidate found[CANDIDATES];
	int64		ids[CANDIDATES];
	LeadsKey	keys[LEADS_KEYS_MAX];

	for (uint64 i = 0; i < r.n; i++)
	{
		int			n;

		CHECK_FOR_INTERRUPTS();
		t->self_id = leads_int(&r, i, 1);
		fill(&t->a, leads_text(&r, i, 2), leads_text(&r, i, 3));
		n = leads_customer_probe(&t->f, keys, leads_record_keys(&t->a, keys, LEADS_KEYS_MAX), found, CANDIDATES);
		for (int k = 0; k < n; k++)
			ids[k] = found[k].customer_id;
		leads_customer_records(&t->f, ids, n, true, keep_unjudged, t);
	}
}

/* what differs enough from what rules to be said; NULL = nothing */
static Jsonb *
changed(const Training *t, const double *w, const LeadsTrainReport *report)
{
	static const char *const code[LEADS_MATCH_WEIGHTS] = {
#define X(id, code, weight, zh, en) [LEADS_F_##id] = code,
		LEADS_MATCH_FEATURES(X)
#undef X
	};
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < LEADS_TRAIN_WEIGHTS; i++)
		if (report->occurs[i] && fabs(w[i] - t->match.model.w[i]) >= LEAST_CHANGE)
			appendStringInfo(&buf, "%s\"%s\": %.2f", buf.len ? ", " : "{", code[i], w[i]);
	if (buf.len == 0)
		return NULL;
	appendStringInfoChar(&buf, '}');
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(buf.data)));
}

static void
put_share(Datum *v, bool *no, double share)
{
	*no = share < 0;
	*v = Float8GetDatum(rint(share * 1000) / 1000);
}

PG_FUNCTION_INFO_V1(leads_train_match);
Datum
leads_train_match(PG_FUNCTION_ARGS)
{
	Training   *t;
	LeadsTrainWork *work;
	LeadsTrainReport report;
	double		w[LEADS_TRAIN_WEIGHTS];
	LeadsPolicy now;
	Jsonb	   *weights;
	TupleDesc	desc;
	HeapTuple	row;
	MemoryContext old;
	int			judged[2] = {0};
	int			customers;
	int32		version = 0;
	Datum		v[11] = {0};
	bool		no[11] = {false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "row type expected");
	desc = BlessTupleDesc(desc);
	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("customers is required")));
	customers = PG_GETARG_INT32(0);
	if (customers < 0 || customers > CUSTOMERS_MOST)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("customers is not between 0 and %d", CUSTOMERS_MOST)));
	t = palloc0(sizeof(Training));
	work = palloc(sizeof(LeadsTrainWork));
	leads_enter(&t->f, NULL, LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN);
	(void) leads_actor_lookup(&t->f);
	now = leads_policy_at(&t->f, "match", leads_clock_read());
	t->body = now.body;
	leads_match_policy_read(now.body, &t->match);

	gather(t, &q_apart, LEADS_TRAIN_REFUSED);
	gather(t, &q_undone, LEADS_TRAIN_REFUSED);
	judged[0] = t->n;
	gather(t, &q_merged, LEADS_TRAIN_CONFIRMED);
	gather(t, &q_attached, LEADS_TRAIN_CONFIRMED);
	judged[1] = t->n - judged[0];
	if (customers > 0 && (judged[0] < LEADS_TRAIN_ENOUGH || judged[1] < LEADS_TRAIN_ENOUGH))
		gather_unjudged(t, customers);
	leads_match_train(t->pairs, t->n, &t->match.model, work, check_interrupts, w, &report);
	weights = changed(t, w, &report);
	if (weights)
		version = leads_policy_draft(&t->f, "match", "", leads_match_face_reweigh(t->body, weights));

	no[0] = version == 0;
	v[0] = Int32GetDatum(version);
	v[1] = Int32GetDatum(report.confirmed);
	v[2] = Int32GetDatum(report.refused);
	v[3] = Int32GetDatum(report.unjudged);
	put_share(&v[4], &no[4], report.before.precision);
	put_share(&v[5], &no[5], report.after.precision);
	put_share(&v[6], &no[6], report.before.recall);
	put_share(&v[7], &no[7], report.after.recall);
	put_share(&v[8], &no[8], report.before.f1);
	put_share(&v[9], &no[9], report.after.f1);
	no[10] = weights == NULL;
	v[10] = JsonbPGetDatum(weights);
	old = MemoryContextSwitchTo(t->f.outer_cxt);
	row = heap_form_tuple(desc, v, no);
	MemoryContextSwitchTo(old);
	leads_leave(&t->f);
	PG_RETURN_DATUM(HeapTupleGetDatum(row));
}
