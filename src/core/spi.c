/*
 * spi.c - SPI made short: fixed statements, kept plans, typed parameters.
 *
 * Purpose: a room writes a statement once as text and calls it like a function.
 * Invariants: values are always parameters; the only thing put into a text is
 * the quoted name of the data schema; a plan is stored after it was kept, and is
 * prepared anew when any schema was renamed or dropped (generation), but never
 * freed while a statement runs, whose triggers may have called us; every plan
 * is generic, because the statements are point look-ups whose plan does not
 * depend on values and planning would cost more than running.
 * Called by: every room that touches tables.
 */
#include "core/leads.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/plancache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "core/bulk.h"
#include "core/corridor_flag.h"

static uint64 generation = 1;
static int	running = 0;		/* statements being executed, one in the other */
static List *retired = NIL;		/* plans to free when none is */

static void
namespace_changed(Datum arg, int cacheid, uint32 hashvalue)
{
	generation++;
}

void
leads_spi_init(void)
{
	CacheRegisterSyscacheCallback(NAMESPACEOID, namespace_changed, (Datum) 0);
}

void
leads_spi_forget(void)
{
	generation++;
}

Oid
leads_letter_type(char c)
{
	switch (c)
	{
		case 'l':
		case 'L':
			return INT8OID;
		case 'i':
		case 'I':
			return INT4OID;
		case 'f':
			return FLOAT8OID;
		case 'b':
			return BOOLOID;
		case 'j':
			return JSONBOID;
		case 't':
			return TEXTOID;
		case 'z':
		case 'Z':
			return TIMESTAMPTZOID;
		case 'n':
			return NUMERICOID;
		case 'd':
		case 'D':
			return DATEOID;
		case 'K':
			return INT8ARRAYOID;
		case 'S':
			return TEXTARRAYOID;
		case 'H':
			return INT2ARRAYOID;
		case 'B':
			return BYTEAOID;
	}
	elog(ERROR, "unknown parameter letter \"%c\"", c);
	return InvalidOid;
}

char *
leads_qualify(const char *text, const char *qschema)
{
	StringInfoData buf;
	const char *p = text;

	initStringInfo(&buf);
	while (*p)
	{
		if (p[0] == '@' && p[1] == '.')
		{
			appendStringInfo(&buf, "%s.", qschema);
			p += 2;
		}
		else if (strncmp(p, "@schema@", 8) == 0)
		{
			appendStringInfoString(&buf, qschema);
			p += 8;
		}
		else if (strncmp(p, "@company@", 9) == 0)
		{
			/* the schema's name when the text is run, even after a rename */
			appendStringInfo(&buf,
							 "(SELECT n.nspname::text FROM pg_catalog.pg_class c"
							 " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
							 " WHERE c.oid = %s::pg_catalog.regclass)",
							 quote_literal_cstr(psprintf("%s.settings", qschema)));
			p += 9;
		}
		else
			appendStringInfoCharMacro(&buf, *p++);
	}
	return buf.data;
}

/* the plan may be the one whose trigger we are in */
static void
retire(SPIPlanPtr plan)
{
	MemoryContext old = MemoryContextSwitchTo(CacheMemoryContext);

	retired = lappend(retired, plan);
	MemoryContextSwitchTo(old);
}

static void
free_retired(void)
{
	while (retired != NIL)
	{
		SPIPlanPtr	plan = llast(retired);

		retired = list_delete_last(retired);
		SPI_freeplan(plan);
	}
}

/* the kept plan of a statement for the frame's company */
static SPIPlanPtr
find_plan(LeadsQuery *q)
{
	LeadsFrame *f = leads_frame_current();
	LeadsPlan  *slot = NULL;
	Oid			types[LEADS_SPI_ARGS];
	int			nargs = strlen(q->format);
	char	   *text;
	SPIPlanPtr	plan;

	Assert(f != NULL && nargs <= LEADS_SPI_ARGS);
	for (int i = 0; i < LEADS_SPI_SCHEMAS; i++)
	{
		if (q->plans[i].plan && q->plans[i].nsp == f->nsp)
		{
			if (q->plans[i].generation == generation)
				return q->plans[i].plan;
			slot = &q->plans[i];
			break;
		}
	}
	if (slot == NULL)
	{
		slot = &q->plans[q->next];
		q->next = (q->next + 1) % LEADS_SPI_SCHEMAS;
	}
	if (slot->plan)
	{
		plan = slot->plan;
		retire(plan);
		slot->plan = NULL;
	}
	if (running == 0)
		free_retired();

	for (int i = 0; i < nargs; i++)
	{
		types[i] = leads_letter_type(q->format[i]);
		if (q->arrays)
			types[i] = get_array_type(types[i]);
	}
	text = leads_qualify(q->text, f->qschema);
	plan = SPI_prepare_cursor(text, nargs, types, CURSOR_OPT_GENERIC_PLAN);
	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "could not prepare \"%s\": %s", text, SPI_result_code_string(SPI_result));
	pfree(text);
	slot->nsp = f->nsp;
	slot->generation = generation;
	slot->plan = plan;			/* last: an error above leaves no half plan */
	return plan;
}

void
leads_read_args(const char *format, va_list ap, Datum *values, char *nulls)
{
	for (int i = 0; format[i]; i++)
	{
		nulls[i] = ' ';
		switch (format[i])
		{
			case 'l':
				values[i] = Int64GetDatum(va_arg(ap, int64));
				break;
			case 'L':
				{
					int64		v = va_arg(ap, int64);

					values[i] = Int64GetDatum(v);
					if (v == 0)
						nulls[i] = 'n';
					break;
				}
			case 'i':
			case 'I':
				{
					int			v = va_arg(ap, int);

					values[i] = Int32GetDatum(v);
					if (format[i] == 'I' && v == 0)
						nulls[i] = 'n';
					break;
				}
			case 'f':
				values[i] = Float8GetDatum(va_arg(ap, double));
				break;
			case 'b':
				values[i] = BoolGetDatum(va_arg(ap, int) != 0);
				break;
			case 't':
				{
					const char *s = va_arg(ap, const char *);

					values[i] = s ? CStringGetTextDatum(s) : (Datum) 0;
					if (s == NULL)
						nulls[i] = 'n';
					break;
				}
			case 'j':
				{
					Jsonb	   *j = va_arg(ap, Jsonb *);

					values[i] = JsonbPGetDatum(j);
					if (j == NULL)
						nulls[i] = 'n';
					break;
				}
			case 'z':
				values[i] = TimestampTzGetDatum(va_arg(ap, TimestampTz));
				break;
			case 'Z':
				{
					TimestampTz t = va_arg(ap, TimestampTz);

					values[i] = TimestampTzGetDatum(t);
					if (t == LEADS_NO_TIME)
						nulls[i] = 'n';
					break;
				}
			case 'd':
			case 'D':
				{
					int			d = va_arg(ap, int);

					values[i] = DateADTGetDatum(d);
					if (format[i] == 'D' && d == PG_INT32_MIN)
						nulls[i] = 'n';
					break;
				}
			default:			/* n K S H B: Datum, 0 = NULL */
				values[i] = va_arg(ap, Datum);
				if (values[i] == (Datum) 0)
					nulls[i] = 'n';
				break;
		}
	}
}

static LeadsResult
run_plan(SPIPlanPtr plan, Datum *values, char *nulls, Snapshot snapshot)
{
	LeadsResult r;
	LeadsFrame *f = leads_frame_current();
	int			rc;
	int			saved = leads_corridor_arm();

	running++;
	PG_TRY();
	{
		if (snapshot != InvalidSnapshot)
			rc = SPI_execute_snapshot(plan, values, nulls, snapshot, InvalidSnapshot, true, true, 0);
		else
			rc = SPI_execute_plan(plan, values, nulls, f->reader, 0);
	}
	PG_FINALLY();
	{
		leads_corridor_disarm(saved);
		running--;
	}
	PG_END_TRY();
	if (rc < 0)
		elog(ERROR, "SPI failed: %s", SPI_result_code_string(rc));
	r.n = SPI_processed;
	r.table = SPI_tuptable;
	return r;
}

/*
 * Arrays of keys are joined to a table by its index, whatever its size is when the plan is made: of a small one, or one
 * never analysed, the planner would rather read all.
 */
static void
plan_by_index(SPIPlanPtr plan)
{
	int			level = NewGUCNestLevel();
	CachedPlan *cached;

	(void) set_config_option("enable_hashjoin", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("enable_mergejoin", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	cached = SPI_plan_get_cached_plan(plan);
	if (cached)
		ReleaseCachedPlan(cached, CurrentResourceOwner);
	AtEOXact_GUC(true, level);
}

static LeadsResult
run_values(LeadsQuery *q, Datum *values, char *nulls, bool latest)
{
	LeadsFrame *f = leads_frame_current();
	SPIPlanPtr	plan;
	LeadsResult r;

	if (f->bulk && leads_bulk_before(f, q, values, nulls, &r))
		return r;
	/* after what was gathered is written, or the plan and the snapshot might be of before */
	plan = find_plan(q);
	if (q->arrays)
		plan_by_index(plan);
	/* a reader beside parallel workers has their snapshot, and could take no other */
	r = run_plan(plan, values, nulls, latest && !IsInParallelMode() ? GetLatestSnapshot() : InvalidSnapshot);
	if (f->bulk)
		leads_bulk_after(f, q, values, nulls, &r);
	return r;
}

LeadsResult
leads_run_values(LeadsQuery *q, Datum *values, char *nulls)
{
	return run_values(q, values, nulls, false);
}

LeadsResult
leads_run_latest_values(LeadsQuery *q, Datum *values, char *nulls)
{
	return run_values(q, values, nulls, true);
}

LeadsResult
leads_run(LeadsQuery *q, ...)
{
	Datum		values[LEADS_SPI_ARGS];
	char		nulls[LEADS_SPI_ARGS];
	va_list		ap;

	va_start(ap, q);
	leads_read_args(q->format, ap, values, nulls);
	va_end(ap);
	return run_values(q, values, nulls, false);
}

LeadsResult
leads_run_latest(LeadsQuery *q, ...)
{
	Datum		values[LEADS_SPI_ARGS];
	char		nulls[LEADS_SPI_ARGS];
	va_list		ap;

	va_start(ap, q);
	leads_read_args(q->format, ap, values, nulls);
	va_end(ap);
	return run_values(q, values, nulls, true);
}

LeadsResult
leads_run_sql(const char *sql)
{
	LeadsResult r;
	LeadsFrame *f = leads_frame_current();
	int			rc;
	int			saved;

	leads_bulk_flush(f);
	saved = leads_corridor_arm();
	PG_TRY();
	{
		rc = SPI_execute(sql, f->reader, 0);
	}
	PG_FINALLY();
	{
		leads_corridor_disarm(saved);
	}
	PG_END_TRY();
	if (rc < 0)
		elog(ERROR, "SPI failed: %s", SPI_result_code_string(rc));
	r.n = SPI_processed;
	r.table = SPI_tuptable;
	return r;
}

LeadsResult
leads_run_text(const char *text)
{
	return leads_run_sql(leads_qualify(text, leads_frame_current()->qschema));
}

/* a column that the owner gave another type must not be read as a pointer */
static void
refuse_type(TupleDesc desc, int col, Oid wanted)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("column \"%s\" is of type %s, not %s", NameStr(TupleDescAttr(desc, col - 1)->attname),
					format_type_be(TupleDescAttr(desc, col - 1)->atttypid), format_type_be(wanted)),
			 errhint("Tables and views of a company keep the types that leads.install() gave them.")));
}

int
leads_row_column(TupleDesc desc, const char *name, Oid type)
{
	int			col = SPI_fnumber(desc, name);

	if (col <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("there is no column \"%s\"", name),
				 errhint("Tables and views of a company keep the columns that leads.install() gave them.")));
	if (TupleDescAttr(desc, col - 1)->atttypid != type)
		refuse_type(desc, col, type);
	return col;
}

/* the value whatever its type */
static Datum
any_datum(LeadsResult *r, uint64 row, int col, bool *isnull)
{
	if (r->table == NULL || row >= r->n)
		elog(ERROR, "no row " UINT64_FORMAT " in the result", row);
	return SPI_getbinval(r->table->vals[row], r->table->tupdesc, col, isnull);
}

Datum
leads_datum(LeadsResult *r, uint64 row, int col, Oid type, bool *isnull)
{
	Datum		d = any_datum(r, row, col, isnull);

	if (SPI_gettypeid(r->table->tupdesc, col) != type)
		refuse_type(r->table->tupdesc, col, type);
	return d;
}

bool
leads_isnull(LeadsResult *r, uint64 row, int col)
{
	bool		isnull;

	(void) any_datum(r, row, col, &isnull);
	return isnull;
}

int64
leads_int(LeadsResult *r, uint64 row, int col)
{
	bool		isnull;
	Datum		d = any_datum(r, row, col, &isnull);

	if (isnull)
		return 0;
	switch (SPI_gettypeid(r->table->tupdesc, col))
	{
		case INT2OID:
			return DatumGetInt16(d);
		case INT4OID:
			return DatumGetInt32(d);
		case OIDOID:
		case XIDOID:
			return DatumGetUInt32(d);
		case INT8OID:
			return DatumGetInt64(d);
	}
	refuse_type(r->table->tupdesc, col, INT8OID);
	return 0;
}

bool
leads_bool(LeadsResult *r, uint64 row, int col)
{
	bool		isnull;
	Datum		d = leads_datum(r, row, col, BOOLOID, &isnull);

	return !isnull && DatumGetBool(d);
}

double
leads_float(LeadsResult *r, uint64 row, int col)
{
	bool		isnull;
	Datum		d = leads_datum(r, row, col, FLOAT8OID, &isnull);

	return isnull ? 0.0 : DatumGetFloat8(d);
}

char *
leads_text(LeadsResult *r, uint64 row, int col)
{
	if (r->table == NULL || row >= r->n)
		elog(ERROR, "no row " UINT64_FORMAT " in the result", row);
	/* most are texts, and asking the catalog for the output function costs more than all the rest */
	if (SPI_gettypeid(r->table->tupdesc, col) == TEXTOID)
	{
		bool		isnull;
		Datum		d = SPI_getbinval(r->table->vals[row], r->table->tupdesc, col, &isnull);

		return isnull ? NULL : TextDatumGetCString(d);
	}
	return SPI_getvalue(r->table->vals[row], r->table->tupdesc, col);
}

TimestampTz
leads_time(LeadsResult *r, uint64 row, int col)
{
	bool		isnull;
	Datum		d = leads_datum(r, row, col, TIMESTAMPTZOID, &isnull);

	return isnull ? LEADS_NO_TIME : DatumGetTimestampTz(d);
}

Jsonb *
leads_jsonb(LeadsResult *r, uint64 row, int col)
{
	bool		isnull;
	Datum		d = leads_datum(r, row, col, JSONBOID, &isnull);

	return isnull ? NULL : DatumGetJsonbPCopy(d);
}

Jsonb *
leads_jsonb_or(Jsonb *j, const char *text)
{
	return j ? j : DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text)));
}

Datum
leads_numeric(LeadsResult *r, uint64 row, int col)
{
	bool		isnull;
	Datum		d = leads_datum(r, row, col, NUMERICOID, &isnull);

	return isnull ? (Datum) 0 : NumericGetDatum(DatumGetNumericCopy(d));
}
