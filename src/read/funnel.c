/*
 * funnel.c - leads.funnel() and leads.funnel_chart().
 *
 * Purpose: arguments, the reader's sight, rates and rounding, text bars.
 * Invariants: the mode is stated in every row; a rate with nothing to divide by is
 * NULL, never 0; a reader counts only what it may see, judged by the functions that
 * views use; the bars stand last in a line, so that no character whose width a
 * terminal sees otherwise can move a number.
 * Called by: users, view funnel.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "core/actor.h"
#include "core/args.h"
#include "read/funnel.h"
#include "read/funnel_agg.h"
#include "read/journey.h"

#define READERS \
	(LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN | LEADS_PROFILE_MANAGER | LEADS_PROFILE_REP | \
	 LEADS_PROFILE_APP | LEADS_PROFILE_BI)
#define MOST_WIDTH 200
#define BAR "\xe2\x96\x88"		/* U+2588 */

static const LeadsMessage messages[] = {
	{"funnel.registered", "报备", "registered"},
	{"funnel.pool", "公海", "pool"},
	{"funnel.no_region", "未知地区", "unknown region"},
	{"funnel.cohort", "销售漏斗（cohort：按建立批次，每条线索计一次），截至 {0}", "funnel (cohort: leads by when they began, each once), as of {0}"},
	{"funnel.strict", "销售漏斗（strict：只计实际进入的阶段），截至 {0}", "funnel (strict: only stages that were entered), as of {0}"},
	{"funnel.flow", "阶段流量（flow：期间内进入各阶段者及其去向），截至 {0}", "flow (entries of the period and what came of them), as of {0}"},
	{"funnel.snapshot", "当前阶段分布（snapshot：未关闭线索，不是转化率），截至 {0}", "open leads by stage (snapshot: not a conversion), as of {0}"},
	{"funnel.stage", "阶段", "stage"},
	{"funnel.leads", "线索数", "leads"},
	{"funnel.step", "阶段转化", "step"},
	{"funnel.overall", "总转化", "overall"},
};

void
leads_funnel_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

/* ---------------------------------------------------------------- what is asked */

static LeadsFunnelBy
read_by(const char *by)
{
	if (by == NULL)
		return LEADS_FUNNEL_WHOLE;
	if (strcmp(by, "channel") == 0)
		return LEADS_FUNNEL_CHANNEL;
	if (strcmp(by, "owner") == 0)
		return LEADS_FUNNEL_OWNER;
	if (strcmp(by, "region") == 0)
		return LEADS_FUNNEL_REGION;
	if (strcmp(by, "month") == 0)
		return LEADS_FUNNEL_MONTH;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown cut of a funnel"),
			 errhint("A funnel is cut by channel, owner, region or month.")));
	return LEADS_FUNNEL_WHOLE;
}

static const char *const credits[] = {"at_event", "closer", "creator", "first_owner"};

LeadsFunnelCredit
leads_credit_read(const char *attribution)
{
	for (int i = 0; i < lengthof(credits); i++)
		if (strcmp(attribution, credits[i]) == 0)
			return (LeadsFunnelCredit) i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown attribution"),
			 errhint("Attributions are at_event, closer, creator and first_owner.")));
	return LEADS_CREDIT_EVENT;
}

const char *
leads_credit_name(LeadsFunnelCredit c)
{
	return credits[c];
}

static LeadsFunnelCredit
read_credit(const char *attribution, LeadsFunnelBy by)
{
	if (attribution == NULL)
		return LEADS_CREDIT_EVENT;
	if (by != LEADS_FUNNEL_OWNER)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("attribution says whose a lead is, cut by owner")));
	return leads_credit_read(attribution);
}

static TimestampTz
time_arg(FunctionCallInfo fcinfo, int n)
{
	/* -infinity says the same as NULL for a beginning */
	return PG_ARGISNULL(n) ? LEADS_NO_TIME : PG_GETARG_TIMESTAMPTZ(n);
}

static void
check_times(const LeadsFunnelAsk *ask)
{
	if (ask->since != LEADS_NO_TIME && ask->until != LEADS_NO_TIME && ask->since > ask->until)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("since is later than until")));
	if (ask->as_of != LEADS_NO_TIME && ask->as_of > ask->now)
		ereport(ERROR,
				(errcode(LEADS_ERR_BAD_DATE),
				 errmsg("as_of is in the future"),
				 errdetail("What will be known then is not known now.")));
}

/*
 * What the caller may see, asked as the caller, before the frame makes us the
 * owner: the same two functions that the filters of views call.
 */
void
leads_reader_sight(const char *schema, bool *all, Datum *members)
{
	Oid			types[1] = {TEXTOID};
	Datum		values[1];
	bool		isnull;
	MemoryContext caller = CurrentMemoryContext;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	values[0] = CStringGetTextDatum(schema);
	if (SPI_execute_with_args("SELECT leads.sees_all($1), leads.visible_members($1)",
							  1, types, values, NULL, true, 0) != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "could not see who the caller is");
	*all = DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	*members = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull);
	if (isnull)
		*members = (Datum) 0;
	else
	{
		MemoryContext old = MemoryContextSwitchTo(caller);

		*members = PointerGetDatum(DatumGetArrayTypePCopy(*members));
		MemoryContextSwitchTo(old);
	}
	SPI_finish();
}

/* arguments as those of funnel() from argument n on; the schema */
const char *
leads_funnel_ask(FunctionCallInfo fcinfo, int n, LeadsFunnelAsk *ask)
{
	const char *schema = leads_arg_text(fcinfo, n + 6);

	memset(ask, 0, sizeof(*ask));
	ask->since = time_arg(fcinfo, n);
	ask->until = leads_arg_end(fcinfo, n + 1);
	ask->by = read_by(leads_arg_text(fcinfo, n + 2));
	ask->mode = leads_read_mode(leads_arg_text(fcinfo, n + 3));
	ask->as_of = leads_arg_end(fcinfo, n + 4);
	ask->imported = LEADS_ARG_YES(n + 5);
	ask->credit = read_credit(leads_arg_text(fcinfo, n + 7), ask->by);
	ask->within = leads_read_within(PG_ARGISNULL(n + 8) ? NULL : PG_GETARG_INTERVAL_P(n + 8));
	ask->from_events = LEADS_ARG_YES(n + 9);
	ask->per_attempt = LEADS_ARG_YES(n + 10);
	ask->test = LEADS_ARG_YES(n + 11);
	ask->invalid = LEADS_ARG_YES(n + 12);
	if (ask->within != LEADS_FUNNEL_EVER && ask->mode == LEADS_FUNNEL_SNAPSHOT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a snapshot knows no time limit")));
	if (ask->per_attempt && ask->mode == LEADS_FUNNEL_SNAPSHOT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a snapshot knows no attempts")));
	return schema ? schema : leads_schema_guc;
}

void
leads_funnel_enter(LeadsFrame *f, const char *schema, LeadsFunnelAsk *ask)
{
	ask->now = leads_now_internal();
	check_times(ask);
	if (ask->as_of == LEADS_NO_TIME)
		ask->as_of = ask->now;
	leads_reader_sight(schema, &ask->all, &ask->members);
	leads_enter_reader(f, schema, READERS);
}

/* ---------------------------------------------------------------- rows */

static Datum
hours(double h)
{
	return DirectFunctionCall2(numeric_round, DirectFunctionCall1(float8_numeric, Float8GetDatum(h)),
							   Int32GetDatum(2));
}

#define COLUMNS 22

static const char *const modes[] = {"cohort", "strict", "flow", "snapshot"};

static void
row_values(const LeadsFunnelAsk *ask, const LeadsFunnelRow *r, Datum *values, bool *nulls)
{
	bool		rates = ask->mode != LEADS_FUNNEL_SNAPSHOT;

	memset(nulls, true, sizeof(bool) * COLUMNS);
#define SET(i, d) (values[i] = (d), nulls[i] = false)
	SET(0, CStringGetTextDatum(r->segment));
	SET(1, Int32GetDatum(r->position));
	SET(2, CStringGetTextDatum(r->stage));
	SET(3, CStringGetTextDatum(r->label));
	SET(4, Int64GetDatum(r->entered));
	SET(5, Int64GetDatum(r->advanced));
	SET(6, Int64GetDatum(r->lost_here));
	SET(7, Int64GetDatum(r->open_here));
	if (rates && r->entered_before > 0)
		SET(8, leads_funnel_rate(r->next_before, r->entered_before));
	if (rates && ask->mode != LEADS_FUNNEL_FLOW && r->entered_first > 0)
		SET(9, leads_funnel_rate(r->entered, r->entered_first));
	if (rates)
		SET(10, Int64GetDatum(r->entered - r->advanced));
	if (rates && r->entered > 0)
		SET(11, leads_funnel_rate(r->entered - r->advanced, r->entered));
	if (r->has_hours)
	{
		SET(12, hours(r->median_hours));
		SET(13, hours(r->p90_hours));
	}
	SET(14, CStringGetTextDatum(modes[ask->mode]));
	SET(15, TimestampTzGetDatum(ask->as_of));
	if (ask->mode == LEADS_FUNNEL_COHORT || ask->mode == LEADS_FUNNEL_STRICT)
		SET(16, Int64GetDatum(r->immature));
	if (ask->mode == LEADS_FUNNEL_COHORT)
		SET(17, Int64GetDatum(r->skipped));
	if (rates)
	{
		SET(18, Int64GetDatum(r->regressed));
		SET(19, Int64GetDatum(r->re_entries));
		SET(20, Int64GetDatum(r->moved_away));
		if (r->has_hours)
			SET(21, hours(r->pool_hours));
	}
#undef SET
}

PG_FUNCTION_INFO_V1(leads_funnel);
Datum
leads_funnel(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	LeadsFrame	f;
	LeadsFunnelAsk ask;
	LeadsFunnelResult res;
	const char *schema;

	InitMaterializedSRF(fcinfo, 0);
	schema = leads_funnel_ask(fcinfo, 0, &ask);
	leads_funnel_enter(&f, schema, &ask);
	/* rows and texts live in the frame's memory until it is left */
	leads_funnel_count(&f, &ask, &res);
	for (int i = 0; i < res.nrows; i++)
	{
		Datum		values[COLUMNS];
		bool		nulls[COLUMNS];

		row_values(&ask, &res.rows[i], values, nulls);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	leads_leave(&f);
	PG_RETURN_NULL();
}

/* ---------------------------------------------------------------- the chart */

/* columns of a terminal that a text takes */
static int
width_of(const char *s)
{
	int			n = 0;

	while (*s)
	{
		n += Max(pg_encoding_dsplen(PG_UTF8, s), 0);
		s += pg_encoding_mblen(PG_UTF8, s);
	}
	return n;
}

static void
put_left(StringInfo out, const char *s, int width)
{
	appendStringInfoString(out, s);
	appendStringInfoSpaces(out, Max(width - width_of(s), 0));
}

static void
put_right(StringInfo out, const char *s, int width)
{
	appendStringInfoSpaces(out, Max(width - width_of(s), 0));
	appendStringInfoString(out, s);
}

static char *
percent(int64 part, int64 whole)
{
	return whole > 0 ? psprintf("%.1f%%", 100.0 * (double) part / (double) whole) : pstrdup("-");
}

static void
end_line(StringInfo out, bool last)
{
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
	if (!last)
		appendStringInfoChar(out, '\n');
}

static char *
draw(LeadsFrame *f, const LeadsFunnelAsk *ask, const LeadsFunnelResult *res, int width)
{
	const char *head[4] = {"funnel.stage", "funnel.leads", "funnel.step", "funnel.overall"};
	int			ncells = ask->mode == LEADS_FUNNEL_SNAPSHOT ? 2 : ask->mode == LEADS_FUNNEL_FLOW ? 3 : 4;
	int			widths[4];
	int64		most = 1;
	char	 ***cells = palloc(sizeof(char **) * (res->nrows + 1));
	StringInfoData out;

	for (int i = 0; i <= res->nrows; i++)
	{
		const LeadsFunnelRow *r = i == 0 ? NULL : &res->rows[i - 1];

		cells[i] = palloc(sizeof(char *) * 4);
		for (int c = 0; c < 4; c++)
			cells[i][c] = r ? NULL : leads_message0(f->lang, head[c]);
		if (r == NULL)
			continue;
		most = Max(most, r->entered);
		cells[i][0] = pstrdup(r->label);
		/* a stage is a line */
		for (char *p = cells[i][0]; *p; p++)
			if ((unsigned char) *p < ' ' || *p == '\x7f')
				*p = ' ';
		cells[i][1] = psprintf(INT64_FORMAT, r->entered);
		cells[i][2] = r->entered_before < 0 ? pstrdup("") : percent(r->next_before, r->entered_before);
		cells[i][3] = percent(r->entered, r->entered_first);
	}
	for (int c = 0; c < ncells; c++)
	{
		widths[c] = 0;
		for (int i = 0; i <= res->nrows; i++)
			widths[c] = Max(widths[c], width_of(cells[i][c]));
	}
	initStringInfo(&out);
	appendStringInfoString(&out, leads_message1(f->lang, psprintf("funnel.%s", modes[ask->mode]),
												leads_message_time(f->zone, ask->as_of)));
	end_line(&out, false);
	for (int i = 0; i <= res->nrows; i++)
	{
		put_left(&out, cells[i][0], widths[0]);
		for (int c = 1; c < ncells; c++)
		{
			appendStringInfoString(&out, "  ");
			put_right(&out, cells[i][c], widths[c]);
		}
		appendStringInfoString(&out, "  ");
		if (i > 0 && res->rows[i - 1].entered > 0)
		{
			int			bar = (int) ((double) res->rows[i - 1].entered * width / (double) most + 0.5);

			/* few are not none */
			for (int k = 0; k < Max(bar, 1); k++)
				appendStringInfoString(&out, BAR);
		}
		end_line(&out, i == res->nrows);
	}
	return out.data;
}

PG_FUNCTION_INFO_V1(leads_funnel_chart);
Datum
leads_funnel_chart(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	LeadsFunnelAsk ask;
	LeadsFunnelResult res;
	char	   *schema = leads_arg_text(fcinfo, 5);
	int			width = PG_ARGISNULL(3) ? 40 : PG_GETARG_INT32(3);
	char	   *chart;

	if (width < 1 || width > MOST_WIDTH)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("width is from 1 to %d columns", MOST_WIDTH)));
	memset(&ask, 0, sizeof(ask));
	ask.since = time_arg(fcinfo, 0);
	ask.until = leads_arg_end(fcinfo, 1);
	ask.by = LEADS_FUNNEL_WHOLE;
	ask.mode = leads_read_mode(leads_arg_text(fcinfo, 2));
	ask.within = LEADS_FUNNEL_EVER;
	ask.as_of = leads_arg_end(fcinfo, 4);
	leads_funnel_enter(&f, schema ? schema : leads_schema_guc, &ask);
	leads_funnel_count(&f, &ask, &res);
	chart = leads_keep(&f, draw(&f, &ask, &res, width));
	leads_leave(&f);
	PG_RETURN_TEXT_P(cstring_to_text(chart));
}
