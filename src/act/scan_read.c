/*
 * scan_read.c - where the rows of a scan come from.
 *
 * Purpose: the customers of the company, or any table of the caller.
 * Invariants: a table is read with the caller's rights, outside the company's frame; of the caller come a table and
 * names of columns, which are looked up and quoted, never SQL text; one row at a time goes into the scan.
 * Called by: act/scan.
 */
#include "core/leads.h"

#include "catalog/pg_constraint.h"
#include "access/sysattr.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "act/scan_read.h"
#include "core/args.h"
#include "record/customer.h"
#include "record/distinct.h"

#define PORTION 2000

static const char *const argument[LEADS_SCAN_COLUMNS] = {
	"name_column", "phone_column", "contact_column", "email_column", "region_column", "uscc_column", "id_column"
};

enum
{
	NAME, PHONE, CONTACT, EMAIL, REGION, USCC, ID
};

/* the column of a primary key of one column */
static const char *
key_column(Oid relid)
{
	Oid			constraint;
	Bitmapset  *key = get_primary_key_attnos(relid, false, &constraint);

	if (bms_num_members(key) != 1)
		ereport(ERROR,
				(errcode(LEADS_ERR_REQUIRED),
				 errmsg("id_column is required"),
				 errdetail("\"%s\" has no primary key of one column.", get_rel_name(relid))));
	return get_attname(relid, (AttrNumber) (bms_singleton_member(key) + FirstLowInvalidHeapAttributeNumber), false);
}

void
leads_scan_arguments(FunctionCallInfo fcinfo, int first, LeadsScanSource *out)
{
	const char *kind = leads_arg_text(fcinfo, first + 1 + LEADS_SCAN_COLUMNS);
	const char *least = leads_arg_text(fcinfo, first + 2 + LEADS_SCAN_COLUMNS);

	memset(out, 0, sizeof(*out));
	out->relid = PG_ARGISNULL(first) ? InvalidOid : PG_GETARG_OID(first);
	for (int i = 0; i < LEADS_SCAN_COLUMNS; i++)
	{
		out->column[i] = leads_arg_text(fcinfo, first + 1 + i);
		if (out->column[i] == NULL)
			continue;
		if (!OidIsValid(out->relid))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s is given without source", argument[i]),
					 errdetail("Without source the customers of the company are scanned.")));
	}
	if (kind && strcmp(kind, "company") != 0 && strcmp(kind, "person") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("kind is company or person, not \"%s\"", leads_clip(kind, 100))));
	out->person = kind && strcmp(kind, "person") == 0;
	if (least == NULL || strcmp(least, "likely") == 0)
		out->least = LEADS_BAND_LIKELY;
	else if (strcmp(least, "certain") == 0)
		out->least = LEADS_BAND_CERTAIN;
	else if (strcmp(least, "possible") == 0)
		out->least = LEADS_BAND_POSSIBLE;
	else
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("least_band is certain, likely or possible, not \"%s\"", leads_clip(least, 100))));
	if (!OidIsValid(out->relid))
		return;
	if (get_rel_name(out->relid) == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("there is no relation with OID %u", out->relid)));
	if (out->column[NAME] == NULL && !out->person)
		out->column[NAME] = "name";
	if (out->column[ID] == NULL)
		out->column[ID] = key_column(out->relid);
	for (int i = 0; i < LEADS_SCAN_COLUMNS; i++)
		if (out->column[i] && get_attnum(out->relid, out->column[i]) == InvalidAttrNumber)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("column \"%s\" of relation \"%s\" does not exist", leads_clip(out->column[i], 100),
							get_rel_name(out->relid)),
					 errhint("Name it with %s.", argument[i])));
}

const char *
leads_scan_source_name(const LeadsScanSource *src)
{
	return OidIsValid(src->relid) ?
		quote_qualified_identifier(get_namespace_name(get_rel_namespace(src->relid)), get_rel_name(src->relid)) : NULL;
}

static void
put(JsonbParseState **state, const char *key, const char *value)
{
	JsonbValue	v;

	if (value == NULL)
		return;
	v.type = jbvString;
	v.val.string.val = unconstify(char *, key);
	v.val.string.len = strlen(key);
	(void) pushJsonbValue(state, WJB_KEY, &v);
	v.val.string.val = unconstify(char *, value);
	v.val.string.len = strlen(value);
	(void) pushJsonbValue(state, WJB_VALUE, &v);
}

Jsonb *
leads_scan_asked(const LeadsScanSource *src)
{
	static const char *const bands[] = {"new", "possible", "likely", "certain"};
	JsonbParseState *state = NULL;

	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	put(&state, "source", leads_scan_source_name(src));
	for (int i = 0; i < LEADS_SCAN_COLUMNS; i++)
		put(&state, argument[i], src->column[i]);
	put(&state, "kind", src->person ? "person" : "company");
	put(&state, "least_band", bands[src->least]);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/* ---- customers ---- */

typedef struct Customers
{
	LeadsScan  *scan;
	int64		last;
} Customers;

static void
add_customer(const LeadsCustomerText *t, void *arg)
{
	Customers  *c = arg;
	LeadsScan  *s = c->scan;

	leads_scan_row_begin(s);
	if (t->person)
		leads_scan_row_text(s, LEADS_SCAN_PERSON, "p");
	leads_scan_row_text(s, LEADS_SCAN_ID, psprintf(INT64_FORMAT, t->id));
	for (int i = 0; i < t->nnames; i++)
		leads_scan_row_text(s, i == 0 && t->named ? LEADS_SCAN_NAME : LEADS_SCAN_FORMER, t->name[i]);
	leads_scan_row_text(s, LEADS_SCAN_REGION, t->region);
	for (int i = 0; i < t->npoints; i++)
	{
		if (strncmp(t->point[i], "phone:", 6) == 0)
			leads_scan_row_text(s, LEADS_SCAN_PHONE, t->point[i] + 6);
		else if (strncmp(t->point[i], "email:", 6) == 0)
			leads_scan_row_text(s, LEADS_SCAN_EMAIL, t->point[i] + 6);
		else if (strncmp(t->point[i], "uscc:", 5) == 0)
			leads_scan_row_text(s, LEADS_SCAN_USCC, t->point[i] + 5);
	}
	leads_scan_row_text(s, LEADS_SCAN_CONTACT, t->contact);
	leads_scan_row_end(s, t->id);
	c->last = t->id;
}

static void
add_parted(int64 low_id, int64 high_id, void *arg)
{
	leads_scan_part_pair(arg, low_id, high_id);
}

void
leads_scan_read_customers(LeadsFrame *f, LeadsScan *s)
{
	Customers	c = {s, PG_INT64_MIN};
	int			n;

	do
	{
		CHECK_FOR_INTERRUPTS();
		if (SPI_connect_ext(f->nonatomic ? SPI_OPT_NONATOMIC : 0) != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed");
		n = leads_customer_texts(f, c.last, PORTION, add_customer, &c);
		SPI_finish();
	} while (n > 0);
	if (SPI_connect_ext(f->nonatomic ? SPI_OPT_NONATOMIC : 0) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	leads_distinct_all(f, add_parted, s);
	SPI_finish();
}

/* ---- tables ---- */

static void
add_row(const LeadsScanSource *src, LeadsScan *s, HeapTuple row, TupleDesc desc)
{
	static const LeadsScanTag tags[LEADS_SCAN_COLUMNS] = {
		LEADS_SCAN_NAME, LEADS_SCAN_PHONE, LEADS_SCAN_CONTACT, LEADS_SCAN_EMAIL, LEADS_SCAN_REGION, LEADS_SCAN_USCC,
		LEADS_SCAN_ID
	};

	leads_scan_row_begin(s);
	if (src->person)
		leads_scan_row_text(s, LEADS_SCAN_PERSON, "p");
	for (int i = 0; i < LEADS_SCAN_COLUMNS; i++)
	{
		bool		isnull;
		Datum		d = SPI_getbinval(row, desc, i + 1, &isnull);

		if (!isnull)
			leads_scan_row_text(s, tags[i], TextDatumGetCString(d));
	}
	leads_scan_row_end(s, 0);
}

static const char *
select_of(const LeadsScanSource *src)
{
	StringInfoData sql;

	initStringInfo(&sql);
	for (int i = 0; i < LEADS_SCAN_COLUMNS; i++)
		if (src->column[i])
			appendStringInfo(&sql, "%s t.%s::pg_catalog.text", i ? "," : "SELECT", quote_identifier(src->column[i]));
		else
			appendStringInfo(&sql, "%s NULL::pg_catalog.text", i ? "," : "SELECT");
	appendStringInfo(&sql, " FROM %s t", leads_scan_source_name(src));
	return sql.data;
}

void
leads_scan_read_table(const LeadsScanSource *src, LeadsScan *s, bool nonatomic)
{
	int			level = NewGUCNestLevel();
	MemoryContext cxt;
	Portal		portal;

	/* the same order every time: a scan that goes on recognises what it read */
	(void) set_config_option("synchronize_seqscans", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	if (SPI_connect_ext(nonatomic ? SPI_OPT_NONATOMIC : 0) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	cxt = AllocSetContextCreate(CurrentMemoryContext, "leads scan rows", ALLOCSET_DEFAULT_SIZES);
	portal = SPI_cursor_open_with_args(NULL, select_of(src), 0, NULL, NULL, NULL, !nonatomic, CURSOR_OPT_NO_SCROLL);
	for (;;)
	{
		MemoryContext old;

		CHECK_FOR_INTERRUPTS();
		SPI_cursor_fetch(portal, true, PORTION);
		if (SPI_processed == 0)
			break;
		old = MemoryContextSwitchTo(cxt);
		for (uint64 i = 0; i < SPI_processed; i++)
			add_row(src, s, SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
		MemoryContextSwitchTo(old);
		MemoryContextReset(cxt);
		SPI_freetuptable(SPI_tuptable);
	}
	SPI_cursor_close(portal);
	SPI_finish();
	AtEOXact_GUC(false, level);
}
