/*
 * sales.c - reports of several figures: leaderboard, channels, cycle.
 *
 * Purpose: one row a member, a channel, a segment, with the figures of read/kpi beside each other.
 * Invariants: each figure is that of kpi() with the same arguments; rates are shares from 0 to 1 here, as in
 * the views; members and the pool add up to the whole.
 * Called by: users, views leaderboard, channel_performance, sales_cycle.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "core/args.h"
#include "read/kpi.h"

#define MOST_FIGURES 16

typedef struct Wide
{
	LeadsFrame	f;
	LeadsKpiTable t;
	int			which[MOST_FIGURES];
} Wide;

/* day, week, month, quarter, year as the first cut; 22023 */
static void
cut_by_period(LeadsCut *cut, const char *per)
{
	int			by = per ? leads_cut_find(per) : -1;

	if (per == NULL)
		return;
	if (by < 0 || (LEADS_CUT_BIT(by) & LEADS_CUT_TIMES) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown period"),
				 errhint("Periods are day, week, month, quarter and year.")));
	leads_cut_add(cut, (LeadsCutBy) by);
}

/* count; the cuts, the period and the rest of what is asked are set */
static void
count(Wide *w, const char *const *figures, int n, const char *schema)
{
	Assert(n <= MOST_FIGURES);
	for (int i = 0; i < n; i++)
		w->which[i] = leads_kpi_find(figures[i]);
	w->t.which = w->which;
	w->t.n = n;
	if (schema == NULL)
		schema = leads_schema_guc;
	leads_reader_sight(schema, &w->t.ask.all, &w->t.ask.members);
	leads_enter_reader(&w->f, schema, LEADS_FACT_READERS);
	leads_kpi_count(&w->f, &w->t);
}

/* figure k of a segment; a percentage as a share */
static void
put(const Wide *w, const LeadsCutSegment *s, int k, Datum *value, bool *null)
{
	LeadsKpiValue v;

	leads_kpi_value(&w->t, s, k, &v);
	*null = !v.known;
	if (!v.known)
		return;
	if (strcmp(leads_kpi_unit(w->which[k]), "%") == 0)
		*value = DirectFunctionCall2(numeric_div, v.value, NumericGetDatum(int64_to_numeric(100))),
			*value = DirectFunctionCall2(numeric_round, *value, Int32GetDatum(4));
	else
		*value = v.value;
}

static int64
number(const Wide *w, const LeadsCutSegment *s, int k)
{
	LeadsKpiValue v;

	leads_kpi_value(&w->t, s, k, &v);
	return v.known ? DatumGetInt64(DirectFunctionCall1(numeric_int8, v.value)) : 0;
}

/* ---------------------------------------------------------------- leaderboard */

static const char *const board[] = {
	"new_leads", "claimed", "followups", "won", "lost", "win_rate", "won_amount", "won_customers"
};

#define BOARD_WON 3
#define BOARD_AMOUNT 6
#define BOARD_FIRST 5			/* column of the first figure */
#define BOARD_COLUMNS (BOARD_FIRST + 8)

typedef struct Place
{
	const LeadsCutSegment *segment;
	const LeadsCutMember *member;	/* NULL = the pool, which has no place */
	Datum		amount;
	int64		won;
} Place;

/* more money first, of equals more wins, of equals by code */
static int
by_place(const void *a, const void *b)
{
	const Place *x = a;
	const Place *y = b;
	int			c;

	if ((x->member == NULL) != (y->member == NULL))
		return x->member == NULL ? 1 : -1;
	c = DatumGetInt32(DirectFunctionCall2(numeric_cmp, y->amount, x->amount));
	if (c != 0)
		return c;
	if (x->won != y->won)
		return x->won < y->won ? 1 : -1;
	return x->member ? strcmp(x->member->code, y->member->code) : 0;
}

static bool
same_place(const Place *x, const Place *y)
{
	return x->won == y->won && DatumGetInt32(DirectFunctionCall2(numeric_cmp, x->amount, y->amount)) == 0;
}

static void
put_board(Wide *w, ReturnSetInfo *rsinfo, Place *places, int n, bool per)
{
	int			place = 0;

	qsort(places, n, sizeof(Place), by_place);
	for (int i = 0; i < n; i++)
	{
		const Place *p = &places[i];
		Datum		values[BOARD_COLUMNS];
		bool		nulls[BOARD_COLUMNS] = {false};

		if (i == 0 || !same_place(p, &places[i - 1]))
			place = i + 1;
		nulls[0] = !per;
		if (per)
			values[0] = CStringGetTextDatum(p->segment->text[0]);
		nulls[1] = p->member == NULL;
		values[1] = Int32GetDatum(place);
		values[2] = CStringGetTextDatum(p->segment->text[per]);
		nulls[3] = nulls[4] = p->member == NULL;
		if (p->member)
		{
			values[3] = CStringGetTextDatum(p->member->name);
			values[4] = CStringGetTextDatum(p->member->team);
			nulls[4] = p->member->team[0] == '\0';
		}
		for (int k = 0; k < lengthof(board); k++)
			put(w, p->segment, k, &values[BOARD_FIRST + k], &nulls[BOARD_FIRST + k]);
		for (int k = 0; k < 5; k++)
			values[BOARD_FIRST + k] = Int64GetDatum(number(w, p->segment, k));
		values[BOARD_FIRST + 7] = Int64GetDatum(number(w, p->segment, 7));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
}

PG_FUNCTION_INFO_V1(leads_leaderboard);
Datum
leads_leaderboard(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Wide	   *w = palloc0(sizeof(Wide));
	char	   *per = leads_arg_text(fcinfo, 2);
	Place	   *places;
	int			n = 0;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	leads_facts_period(fcinfo, 0, 1, &w->t.ask);
	cut_by_period(&w->t.cut, per);
	leads_cut_add(&w->t.cut, LEADS_CUT_OWNER);
	w->t.credit = w->t.margin = -1;
	count(w, board, lengthof(board), leads_arg_text(fcinfo, 3));
	places = palloc(sizeof(Place) * Max(list_length(w->t.cut.list), 1));
	foreach(lc, w->t.cut.list)
	{
		LeadsCutSegment *s = lfirst(lc);
		LeadsKpiValue v;

		/* segments are in the order of their periods */
		if (per && n > 0 && strcmp(places[0].segment->text[0], s->text[0]) != 0)
		{
			put_board(w, rsinfo, places, n, true);
			n = 0;
		}
		leads_kpi_value(&w->t, s, BOARD_AMOUNT, &v);
		places[n].segment = s;
		places[n].member = leads_cut_member(&w->t.cut, s->member_id);
		places[n].amount = v.value;
		places[n].won = number(w, s, BOARD_WON);
		n++;
	}
	put_board(w, rsinfo, places, n, per != NULL);
	leads_leave(&w->f);
	return (Datum) 0;
}

/* ---------------------------------------------------------------- channels */

static const char *const channel_figures[] = {
	"leads", "registrations", "duplicate_rate", "invalid_rate", "opportunity_rate", "conversion", "won", "win_rate",
	"won_amount", "avg_deal", "cycle_median", "channel_cost", "channel_roi", "cac", "invalid_leads"
};

#define CHANNEL_FIRST 3
#define CHANNEL_COLUMNS (CHANNEL_FIRST + lengthof(channel_figures))

PG_FUNCTION_INFO_V1(leads_channel_performance);
Datum
leads_channel_performance(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Wide	   *w = palloc0(sizeof(Wide));
	char	   *per = leads_arg_text(fcinfo, 2);
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	leads_facts_period(fcinfo, 0, 1, &w->t.ask);
	cut_by_period(&w->t.cut, per);
	leads_cut_add(&w->t.cut, LEADS_CUT_CHANNEL);
	w->t.credit = w->t.margin = -1;
	count(w, channel_figures, lengthof(channel_figures), leads_arg_text(fcinfo, 3));
	foreach(lc, w->t.cut.list)
	{
		LeadsCutSegment *s = lfirst(lc);
		const LeadsCutChannel *c = leads_cut_channel(&w->t.cut, s->channel_id);
		Datum		values[CHANNEL_COLUMNS];
		bool		nulls[CHANNEL_COLUMNS] = {false};

		/* costs of sales as a whole are no channel's */
		if (c == NULL)
			continue;
		nulls[0] = per == NULL;
		if (per)
			values[0] = CStringGetTextDatum(s->text[0]);
		values[1] = CStringGetTextDatum(c->code);
		values[2] = CStringGetTextDatum(c->name);
		for (int k = 0; k < lengthof(channel_figures); k++)
			put(w, s, k, &values[CHANNEL_FIRST + k], &nulls[CHANNEL_FIRST + k]);
		values[CHANNEL_FIRST] = Int64GetDatum(number(w, s, 0));
		values[CHANNEL_FIRST + 1] = Int64GetDatum(number(w, s, 1));
		values[CHANNEL_FIRST + 6] = Int64GetDatum(number(w, s, 6));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	leads_leave(&w->f);
	return (Datum) 0;
}

/* ---------------------------------------------------------------- cycle */

static const char *const cycle_figures[] = {"won", "cycle_mean", "cycle_median", "cycle_p90", "cycle_attempt", "cycle_owned"};

PG_FUNCTION_INFO_V1(leads_sales_cycle);
Datum
leads_sales_cycle(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Wide	   *w = palloc0(sizeof(Wide));
	char	   *attribution = leads_arg_text(fcinfo, 3);
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	leads_facts_period(fcinfo, 0, 1, &w->t.ask);
	leads_cut_read(&w->t.cut, PG_ARGISNULL(2) ? NULL : PG_GETARG_ARRAYTYPE_P(2));
	w->t.credit = attribution ? (int) leads_credit_read(attribution) : -1;
	w->t.margin = -1;
	leads_kpi_check(&w->t, leads_kpi_find("cycle_mean"));
	count(w, cycle_figures, lengthof(cycle_figures), leads_arg_text(fcinfo, 4));
	foreach(lc, w->t.cut.list)
	{
		LeadsCutSegment *s = lfirst(lc);
		Datum		values[1 + lengthof(cycle_figures)];
		bool		nulls[1 + lengthof(cycle_figures)] = {false};

		values[0] = leads_cut_array(s, w->t.cut.n);
		for (int k = 0; k < lengthof(cycle_figures); k++)
			put(w, s, k, &values[1 + k], &nulls[1 + k]);
		values[1] = Int64GetDatum(number(w, s, 0));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	leads_leave(&w->f);
	return (Datum) 0;
}
