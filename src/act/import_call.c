/*
 * import_call.c - import_stage(), import_preview(), import_report().
 *
 * Purpose: bring rows in, see what a commit would meet, see what became of each row.
 * Invariants: a preview writes nothing and takes no lock, so its answer is advice; long lists are read in
 * portions, never as one result; phones and mail addresses of bad rows are masked, and a name or an id is shown
 * only where the importer was shown it.
 * Called by: users.
 */
#include "core/leads.h"

#include <ctype.h>

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/fmgrprotos.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "act/import_row.h"
#include "core/args.h"

#define PORTION 2000
#define BATCH_CHARS 100
#define COMPARED_MOST 100000
#define PROBLEMS_MOST 10000
#define ROW_NO "row_no"

LEADS_QUERY(q_report, "tli",
			"SELECT r.id, r.row_no, coalesce(x.outcome, u.outcome, 'staged'), coalesce(x.code, u.code),"
			"   coalesce(x.column_name, u.column_name), coalesce(x.value, u.value), coalesce(g.message, u.message),"
			"   CASE WHEN x.outcome IN ('created', 'returning', 'attached') THEN g.customer_id ELSE u.customer_id END,"
			"   coalesce((SELECT pg_catalog.string_agg(coalesce(m.o ->> 'customer_id', '***'), ' ' ORDER BY m.n)"
			"      FROM pg_catalog.jsonb_array_elements(g.matches) WITH ORDINALITY m(o, n)),"
			"   (SELECT pg_catalog.string_agg(coalesce(nullif(m.id, 0)::text, '***'), ' ' ORDER BY m.n)"
			"      FROM pg_catalog.unnest(u.matched) WITH ORDINALITY m(id, n))), x.registration_id"
			" FROM @.import_row r LEFT JOIN @.import_result x ON x.row_id = r.id"
			" LEFT JOIN @.registration g ON g.id = x.registration_id"
			" LEFT JOIN @.import_update u ON u.row_id = r.id"
			" WHERE r.batch = $1 AND r.id > $2 ORDER BY r.id LIMIT $3");

static const char *
batch_arg(FunctionCallInfo fcinfo)
{
	const char *batch = leads_arg_text(fcinfo, 0);

	if (batch == NULL || batch[0] == '\0')
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("batch is required")));
	return batch;
}

static void
must_exist(LeadsFrame *f, const char *batch)
{
	LeadsBatch	b;

	if (!leads_batch_read(f, batch, false, &b) && leads_batch_rows(f, batch) == 0)
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID),
				 errmsg("there is no import batch \"%s\"", leads_clip(batch, 100))));
}

/* an import_row batch that COPY alone staged comes in through channel import */
static void
channel_of(LeadsFrame *f, const char *batch, LeadsChannel *channel)
{
	LeadsBatch	b = {.channel = "import"};

	(void) leads_batch_read(f, batch, false, &b);
	if (!leads_channel_by_code(f, b.channel, channel))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID),
				 errmsg("unknown channel \"%s\"", b.channel)));
}

static void
check_rows(Jsonb *rows)
{
	JsonbIterator *it;
	JsonbValue	v;
	JsonbIteratorToken token;

	if (!JB_ROOT_IS_ARRAY(rows) || JB_ROOT_IS_SCALAR(rows))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("rows_json must be a JSON array of objects")));
	it = JsonbIteratorInit(&rows->root);
	(void) JsonbIteratorNext(&it, &v, false);
	while ((token = JsonbIteratorNext(&it, &v, true)) == WJB_ELEM)
		if (v.type != jbvBinary || !JsonContainerIsObject(v.val.binary.data))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("rows_json must be a JSON array of objects")));
}

/* the keys that the mapping makes row_no, in the order in which the first that holds something counts (as in q_stage) */
static int
row_no_keys(Jsonb *mapping, JsonbValue **out)
{
	JsonbIterator *it = mapping ? JsonbIteratorInit(&mapping->root) : NULL;
	JsonbValue *keys = palloc(sizeof(JsonbValue) * ((mapping ? JB_ROOT_COUNT(mapping) : 0) + 1));
	JsonbValue *mapped = leads_json_get(mapping, ROW_NO);
	JsonbValue	k;
	JsonbValue	v;
	JsonbIteratorToken token;
	int			len = strlen(ROW_NO);
	int			n = 0;
	int			at;

	*out = keys;
	while (it && (token = JsonbIteratorNext(&it, &k, true)) != WJB_DONE)
		if (token == WJB_KEY && JsonbIteratorNext(&it, &v, true) == WJB_VALUE && v.type == jbvString &&
			v.val.string.len == len && memcmp(v.val.string.val, ROW_NO, len) == 0)
			keys[n++] = k;
	if (mapped && mapped->type != jbvNull)
		return n;
	/* in its place among them */
	for (at = n; at > 0 && (keys[at - 1].val.string.len > len ||
							(keys[at - 1].val.string.len == len && memcmp(keys[at - 1].val.string.val, ROW_NO, len) > 0)); at--)
		keys[at] = keys[at - 1];
	keys[at] = (JsonbValue) {.type = jbvString, .val.string = {.val = ROW_NO, .len = len}};
	return n + 1;
}

/* a whole number of at most 18 digits, as a number or a text; NULL: something else, said so that it can be shown */
static const char *
not_whole(const JsonbValue *v)
{
	char	   *s = v->type == jbvNumeric ? DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(v->val.numeric))) :
		v->type == jbvString ? pnstrdup(v->val.string.val, v->val.string.len) : NULL;
	const char *p = s;
	int			digits;

	if (s == NULL)
		return v->type == jbvBool ? (v->val.boolean ? "true" : "false") : "...";
	while (isspace((unsigned char) *p))
		p++;
	p += *p == '-' || *p == '+';
	digits = strspn(p, "0123456789");
	p += digits;
	while (isspace((unsigned char) *p))
		p++;
	return digits > 0 && digits <= 18 && *p == 0 ? NULL : s;
}

/* 22P02: without this the cast would say it, of a row that nobody finds */
static void
check_row_numbers(Jsonb *rows, Jsonb *mapping)
{
	JsonbValue *keys;
	int			nkeys = row_no_keys(mapping, &keys);
	JsonbIterator *it = JsonbIteratorInit(&rows->root);
	JsonbValue	row;
	int64		n = 0;

	(void) JsonbIteratorNext(&it, &row, false);
	while (JsonbIteratorNext(&it, &row, true) == WJB_ELEM)
	{
		n++;
		for (int i = 0; i < nkeys; i++)
		{
			JsonbValue *v = findJsonbValueFromContainer(row.val.binary.data, JB_FOBJECT, &keys[i]);
			const char *fault;

			if (v == NULL || v->type == jbvNull || (v->type == jbvString && v->val.string.len == 0))
				continue;
			fault = not_whole(v);
			if (fault)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
						 errmsg("row_no \"%s\" is no whole number of at most 18 digits", leads_clip(fault, 100)),
						 errdetail("Row " INT64_FORMAT " of rows_json.", n)));
			break;
		}
	}
}

PG_FUNCTION_INFO_V1(leads_import_stage);
Datum
leads_import_stage(PG_FUNCTION_ARGS)
{
	const char *batch = batch_arg(fcinfo);
	const char *code = leads_arg_text(fcinfo, 2);
	Jsonb	   *mapping = PG_ARGISNULL(3) ? NULL : PG_GETARG_JSONB_P(3);
	LeadsFrame	f;
	LeadsChannel channel;
	LeadsBatch	b;
	int64		n;

	if (PG_ARGISNULL(1))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("rows_json is required")));
	if (pg_mbstrlen(batch) > BATCH_CHARS)
		ereport(ERROR,
				(errcode(LEADS_ERR_TOO_LONG),
				 errmsg("batch is longer than %d characters", BATCH_CHARS)));
	check_rows(PG_GETARG_JSONB_P(1));
	if (mapping && !JB_ROOT_IS_OBJECT(mapping))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("mapping must be a JSON object")));
	check_row_numbers(PG_GETARG_JSONB_P(1), mapping);
	leads_enter(&f, leads_arg_text(fcinfo, 4), LEADS_PROFILE_BOSS);
	leads_frame_now(&f, LEADS_NO_TIME);
	if (!leads_channel_by_code(&f, code ? code : "import", &channel) || !channel.active)
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID),
				 errmsg("unknown channel \"%s\"", leads_clip(code ? code : "import", 100))));
	if (!channel.allowed)
		ereport(ERROR,
				(errcode(LEADS_ERR_NO_RIGHT),
				 errmsg("no right to register through channel \"%s\"", channel.code)));
	leads_batch_make(&f, batch, channel.id);
	if (leads_batch_read(&f, batch, true, &b) && code && strcmp(b.channel, code) != 0)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("batch \"%s\" comes in through channel \"%s\"", batch, b.channel)));
	n = leads_staged_insert(&f, batch, PG_GETARG_JSONB_P(1), mapping);
	leads_leave(&f);
	PG_RETURN_INT64(n);
}

/* ---- preview ---- */

typedef struct Preview
{
	LeadsCall  *c;
	const char *batch;
	int64		compare;		/* good rows still to be compared */
	int64		list;			/* bad rows still to be listed */
	int64		rows;
	int64		bad;
	int64		equal;
	int64		compared;
	int64		bands[4];
	HTAB	   *names;			/* exact keys of the rows so far */
	ReturnSetInfo *rsi;
	Tuplestorestate *problems;
	MemoryContext cxt;
} Preview;

static void
put_item(ReturnSetInfo *rsi, const char *item, int64 n)
{
	Datum		values[7] = {CStringGetTextDatum(item), Int64GetDatum(n)};
	bool		nulls[7] = {false, false, true, true, true, true, true};

	tuplestore_putvalues(rsi->setResult, rsi->setDesc, values, nulls);
}

static void
put_problem(Preview *p, const LeadsImportRow *row)
{
	const char *value;
	const char *column = leads_import_column(row, &value);
	Datum		values[7] = {CStringGetTextDatum("problem"), (Datum) 0};
	bool		nulls[7] = {false, true, false, false, column == NULL, value == NULL, false};

	values[2] = Int64GetDatum(row->staged.row_no ? row->staged.row_no : p->rows);
	values[3] = CStringGetTextDatum(row->in.reason);
	values[4] = column ? CStringGetTextDatum(column) : (Datum) 0;
	values[5] = value ? CStringGetTextDatum(value) : (Datum) 0;
	values[6] = CStringGetTextDatum(leads_message1(p->c->f.lang, row->in.reason, row->in.reason_arg));
	tuplestore_putvalues(p->problems, p->rsi->setDesc, values, nulls);
}

static bool
in_file(Preview *p, const LeadsInput *in)
{
	bool		any = false;

	for (int i = 0; i < in->nkeys; i++)
	{
		bool		found;

		if (in->keys[i].kind != LEADS_KEY_EXACT_NAME && in->keys[i].kind != LEADS_KEY_USCC)
			continue;
		(void) hash_search(p->names, &in->keys[i].key, HASH_ENTER, &found);
		any = any || found;
	}
	return any;
}

static void
preview_row(Preview *p, LeadsImportRow *row)
{
	LeadsCall  *c = p->c;

	p->rows++;
	if (row->in.reason)
	{
		p->bad++;
		if (p->list-- > 0)
			put_problem(p, row);
		return;
	}
	if (in_file(p, &row->in))
		p->equal++;
	if (p->compare-- <= 0)
		return;
	c->in = row->in;
	c->nfound = 0;
	SPI_connect();
	leads_register_look(c);
	SPI_finish();
	p->compared++;
	p->bands[c->nfound ? c->found[0].score.band : LEADS_BAND_NEW]++;
}

static void
preview(Preview *p)
{
	LeadsFrame *f = &p->c->f;
	int64		after = LEADS_ROWS_START;
	uint64		n;

	do
	{
		LeadsImportMembers members = {NULL, p->cxt};
		LeadsResult r;

		CHECK_FOR_INTERRUPTS();
		SPI_connect();
		r = leads_staged_rows(f, p->batch, after, PORTION, true);
		n = r.n;
		for (uint64 i = 0; i < n; i++)
		{
			LeadsImportRow *row;
			MemoryContext old = MemoryContextSwitchTo(p->cxt);

			row = palloc0(sizeof(LeadsImportRow));
			leads_staged_row(&r, i, &row->staged);
			leads_import_read(f, &p->c->channel, &members, row);
			preview_row(p, row);
			after = row->staged.id;
			MemoryContextSwitchTo(old);
			if (i % 100 == 99 || i == n - 1)
			{
				members.first = NULL;
				MemoryContextReset(p->cxt);
			}
		}
		SPI_finish();
	} while (n == PORTION);
}

PG_FUNCTION_INFO_V1(leads_import_preview);
Datum
leads_import_preview(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsi = (ReturnSetInfo *) fcinfo->resultinfo;
	Preview		p = {.batch = batch_arg(fcinfo), .rsi = rsi};
	HASHCTL		ctl = {.keysize = sizeof(int64), .entrysize = sizeof(int64)};
	TupleTableSlot *slot;

	p.compare = PG_ARGISNULL(1) ? 1000 : PG_GETARG_INT32(1);
	p.list = PG_ARGISNULL(2) ? 20 : PG_GETARG_INT32(2);
	if (p.compare < 0 || p.compare > COMPARED_MOST || p.list < 0 || p.list > PROBLEMS_MOST)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("compared is between 0 and %d, problems between 0 and %d", COMPARED_MOST, PROBLEMS_MOST)));
	InitMaterializedSRF(fcinfo, 0);
	p.problems = tuplestore_begin_heap(false, false, work_mem);
	p.names = hash_create("leads import names", 4096, &ctl, HASH_ELEM | HASH_BLOBS);
	p.c = palloc0(sizeof(LeadsCall));
	p.c->advisory = true;
	p.c->most = LEADS_SHOWN;
	leads_enter_reader(&p.c->f, leads_arg_text(fcinfo, 3), LEADS_PROFILE_BOSS);
	p.c->f.now = leads_now_internal();
	must_exist(&p.c->f, p.batch);
	channel_of(&p.c->f, p.batch, &p.c->channel);
	leads_register_policy(p.c);
	p.cxt = AllocSetContextCreate(CurrentMemoryContext, "leads import preview", ALLOCSET_DEFAULT_SIZES);
	preview(&p);
	put_item(rsi, "rows", p.rows);
	put_item(rsi, "bad", p.bad);
	put_item(rsi, "equal_in_file", p.equal);
	put_item(rsi, "compared", p.compared);
	put_item(rsi, "certain", p.bands[LEADS_BAND_CERTAIN]);
	put_item(rsi, "likely", p.bands[LEADS_BAND_LIKELY]);
	put_item(rsi, "possible", p.bands[LEADS_BAND_POSSIBLE]);
	put_item(rsi, "new", p.bands[LEADS_BAND_NEW]);
	leads_leave(&p.c->f);
	slot = MakeSingleTupleTableSlot(rsi->setDesc, &TTSOpsMinimalTuple);
	while (tuplestore_gettupleslot(p.problems, true, false, slot))
		tuplestore_puttupleslot(rsi->setResult, slot);
	ExecDropSingleTupleTableSlot(slot);
	tuplestore_end(p.problems);
	hash_destroy(p.names);
	return (Datum) 0;
}

/* ---- report ---- */

PG_FUNCTION_INFO_V1(leads_import_report);
Datum
leads_import_report(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsi = (ReturnSetInfo *) fcinfo->resultinfo;
	const char *batch = batch_arg(fcinfo);
	bool		problems = !PG_ARGISNULL(1) && PG_GETARG_BOOL(1);
	LeadsFrame	f;
	int64		after = LEADS_ROWS_START;
	int64		row_no = 0;
	uint64		n;

	InitMaterializedSRF(fcinfo, 0);
	leads_enter_reader(&f, leads_arg_text(fcinfo, 2), LEADS_PROFILE_BOSS);
	must_exist(&f, batch);
	do
	{
		LeadsResult r;

		CHECK_FOR_INTERRUPTS();
		SPI_connect();
		r = leads_run(&q_report, batch, after, PORTION);
		n = r.n;
		for (uint64 i = 0; i < n; i++)
		{
			const char *outcome = leads_text(&r, i, 3);
			Datum		values[9];
			bool		nulls[9];

			row_no++;
			after = leads_int(&r, i, 1);
			if (problems && (strcmp(outcome, "created") == 0 || strcmp(outcome, "returning") == 0 ||
							 strcmp(outcome, "updated") == 0 || strcmp(outcome, "unchanged") == 0))
				continue;
			values[0] = Int64GetDatum(leads_isnull(&r, i, 2) ? row_no : leads_int(&r, i, 2));
			nulls[0] = false;
			for (int k = 1; k < 9; k++)
			{
				nulls[k] = leads_isnull(&r, i, k + 2);
				if (!nulls[k])
					values[k] = k == 6 || k == 8 ? Int64GetDatum(leads_int(&r, i, k + 2))
						: CStringGetTextDatum(leads_text(&r, i, k + 2));
			}
			tuplestore_putvalues(rsi->setResult, rsi->setDesc, values, nulls);
		}
		SPI_finish();
	} while (n == PORTION);
	leads_leave(&f);
	return (Datum) 0;
}
