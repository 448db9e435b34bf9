/*
 * funnel_leads.c - leads.funnel_leads(): the leads behind one figure of funnel().
 *
 * Purpose: a figure is believed when its leads can be looked at.
 * Invariants: the leads are told by the pass that counts them, so that they add up to
 * the figure, in every mode, cut and attribution, as of any instant; rollups know no
 * leads, so journeys are read; a reader is told of what it may count, and of a lead
 * only its number: who it is stands in the views that the reader may read.
 * Called by: users.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/tuplestore.h"

#include "core/args.h"
#include "read/funnel.h"
#include "read/funnel_work.h"

typedef struct Measure
{
	const char *name;
	size_t		at;				/* in a cell */
} Measure;

static const Measure measures[] = {
	{"entered", offsetof(LeadsFunnelCell, entered)}, {"advanced", offsetof(LeadsFunnelCell, advanced)},
	{"lost_here", offsetof(LeadsFunnelCell, lost)}, {"open_here", offsetof(LeadsFunnelCell, open)},
	{"skipped", offsetof(LeadsFunnelCell, skipped)}, {"regressed", offsetof(LeadsFunnelCell, regressed)},
	{"re_entries", offsetof(LeadsFunnelCell, reentered)}, {"moved_away", offsetof(LeadsFunnelCell, moved)}
};

/* as the pass tells of them; names are for later */
#define FOUND 4

typedef struct Finder
{
	size_t		measure;		/* in a cell */
	int			step;
	Tuplestorestate *found;
	TupleDesc	desc;
} Finder;

static size_t
read_measure(const char *measure)
{
	for (int i = 0; measure && i < lengthof(measures); i++)
		if (strcmp(measures[i].name, measure) == 0)
			return measures[i].at;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown measure of a funnel"),
			 errhint("Leads can be listed for entered, advanced, lost_here, open_here, skipped, regressed, re_entries and moved_away.")));
	return 0;
}

static int
find_step(const Funnel *fn, const char *stage)
{
	StringInfoData known;

	initStringInfo(&known);
	for (int i = 0; i < fn->rule.steps.n; i++)
	{
		if (strcmp(fn->steps[i].code, stage) == 0)
			return i;
		appendStringInfo(&known, "%s%s", i ? ", " : "", fn->steps[i].code);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown stage \"%s\"", leads_clip(stage, 100)),
			 errhint("Stages of this funnel are %s.", known.data)));
	return 0;
}

static void
found(void *arg, const Segment *s, int64 lead_id, TimestampTz begun_at)
{
	Finder	   *d = arg;
	int64		n = ((const int64_t *) ((const char *) s->shadow + d->measure))[d->step];
	Datum		values[FOUND];
	bool		nulls[FOUND] = {false};

	if (n == 0)
		return;
	values[0] = PointerGetDatum(s);
	values[1] = Int64GetDatum(lead_id);
	values[2] = TimestampTzGetDatum(begun_at);
	values[3] = Int64GetDatum(n);
	tuplestore_putvalues(d->found, d->desc, values, nulls);
}

static void
begin_finder(Finder *d)
{
	d->desc = CreateTemplateTupleDesc(FOUND);
	for (int i = 1; i <= FOUND; i++)
		TupleDescInitEntry(d->desc, (AttrNumber) i, NULL, INT8OID, -1, 0);
	d->found = tuplestore_begin_heap(false, false, work_mem);
}

PG_FUNCTION_INFO_V1(leads_funnel_leads);
Datum
leads_funnel_leads(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *stage = leads_arg_text(fcinfo, 0);
	LeadsFrame	f;
	LeadsFunnelAsk ask;
	const char *schema;
	Finder		d;
	Funnel	   *fn;
	TupleTableSlot *slot;

	InitMaterializedSRF(fcinfo, 0);
	if (stage == NULL)
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("stage is required")));
	d.measure = read_measure(leads_arg_text(fcinfo, 1));
	schema = leads_funnel_ask(fcinfo, 2, &ask);
	leads_funnel_enter(&f, schema, &ask);
	fn = leads_funnel_begin(&f, &ask);
	d.step = find_step(fn, stage);
	begin_finder(&d);
	fn->tell = found;
	fn->tell_arg = &d;
	fn->shadow = true;
	leads_funnel_pass(fn);
	slot = MakeSingleTupleTableSlot(d.desc, &TTSOpsMinimalTuple);
	while (tuplestore_gettupleslot(d.found, true, false, slot))
	{
		Segment    *s;
		Datum		values[4];
		bool		nulls[4] = {false};

		slot_getallattrs(slot);
		s = (Segment *) DatumGetPointer(slot->tts_values[0]);
		if (s->name == NULL)
			s->name = leads_funnel_segment_name(fn, s);
		values[0] = slot->tts_values[1];
		values[1] = slot->tts_values[2];
		values[2] = CStringGetTextDatum(s->name);
		values[3] = slot->tts_values[3];
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	ExecDropSingleTupleTableSlot(slot);
	tuplestore_end(d.found);
	leads_leave(&f);
	PG_RETURN_NULL();
}
