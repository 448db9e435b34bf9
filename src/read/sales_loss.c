/*
 * sales_loss.c - why leads are lost, and which ways of contact go with winning.
 *
 * Purpose: leads.loss_analysis() and leads.contact_effect().
 * Invariants: each attempt of a lead that was lost counts, in the stage it was lost from; a way of
 * contact counts for leads that were closed after at least one effective activity of that kind; what
 * goes together is said to go together, not to cause.
 * Called by: users.
 */
#include "core/leads.h"

#include "utils/array.h"

#include "core/args.h"
#include "read/funnel_agg.h"
#include "read/kpi.h"

static const LeadsMessage messages[] = {
	{"contact.caution", "仅为相关，不代表因果", "association only"},
};

void
leads_sales_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

typedef struct Loss
{
	int64		n;
	LeadsMoney	amount;
} Loss;

static void
take_loss(void *arg, const LeadsFact *f)
{
	LeadsKpiTable *t = arg;
	int64		person = t->credit < 0 || t->credit == LEADS_CREDIT_EVENT || t->credit == LEADS_CREDIT_CLOSER ? f->doer
		: t->credit == LEADS_CREDIT_CREATOR ? f->creator : f->first_owner;
	Loss	   *l = leads_cut_segment(&t->cut, f, person, f->at, f->step)->cell;

	l->n++;
	l->amount += f->amount;
}

#define LOSS_COLUMNS 8

/* segments of one group of the user's: their shares are of its losses */
static void
put_losses(LeadsKpiTable *t, ReturnSetInfo *rsinfo, int from, int to, int ncuts)
{
	Loss		all = {0};

	for (int i = from; i < to; i++)
	{
		const Loss *l = ((LeadsCutSegment *) list_nth(t->cut.list, i))->cell;

		all.n += l->n;
		all.amount += l->amount;
	}
	for (int i = from; i < to; i++)
	{
		const LeadsCutSegment *s = list_nth(t->cut.list, i);
		const Loss *l = s->cell;
		Datum		values[LOSS_COLUMNS];
		bool		nulls[LOSS_COLUMNS] = {false};

		values[0] = leads_cut_array(s, ncuts);
		values[1] = CStringGetTextDatum(s->text[ncuts]);
		values[2] = CStringGetTextDatum(s->text[ncuts + 1]);
		values[3] = CStringGetTextDatum(s->step >= 0 ? t->cut.step_label[s->step] : "-");
		values[4] = Int64GetDatum(l->n);
		values[5] = leads_funnel_rate(l->n, all.n);
		values[6] = leads_money_write(l->amount, 1, -1);
		nulls[7] = all.amount == 0;
		if (!nulls[7])
			values[7] = leads_number((double) l->amount / (double) all.amount, 4);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
}

PG_FUNCTION_INFO_V1(leads_loss_analysis);
Datum
leads_loss_analysis(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	LeadsFrame	f;
	LeadsKpiTable *t = palloc0(sizeof(LeadsKpiTable));
	char	   *attribution = leads_arg_text(fcinfo, 3);
	char	   *schema = leads_arg_text(fcinfo, 5);
	int			ncuts;
	int			from = 0;

	InitMaterializedSRF(fcinfo, 0);
	leads_facts_period(fcinfo, 0, 1, &t->ask);
	leads_cut_read(&t->cut, PG_ARGISNULL(2) ? NULL : PG_GETARG_ARRAYTYPE_P(2));
	t->credit = attribution ? (int) leads_credit_read(attribution) : -1;
	leads_kpi_check(t, leads_kpi_find("won"));
	if (t->cut.mask & (LEADS_CUT_BIT(LEADS_CUT_STAGE) | LEADS_CUT_BIT(LEADS_CUT_RETURNING)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("losses are cut by reason and stage already, and not by returning")));
	leads_facts_include(fcinfo, 4, 6, &t->ask);
	ncuts = t->cut.n;
	leads_cut_add(&t->cut, LEADS_CUT_REASON);
	leads_cut_add(&t->cut, LEADS_CUT_STAGE);
	if (schema == NULL)
		schema = leads_schema_guc;
	leads_reader_sight(schema, &t->ask.all, &t->ask.members);
	leads_enter_reader(&f, schema, LEADS_FACT_READERS);
	leads_cut_begin(&f, &t->cut, sizeof(Loss));
	leads_facts_read(&t->cut, &t->ask, LEADS_FACT_LOSS, take_loss, t);
	leads_cut_sort(&t->cut);
	for (int i = 1; i <= list_length(t->cut.list); i++)
	{
		const LeadsCutSegment *a = list_nth(t->cut.list, i - 1);
		const LeadsCutSegment *b = i < list_length(t->cut.list) ? list_nth(t->cut.list, i) : NULL;
		bool		ends = b == NULL;

		for (int k = 0; k < ncuts && !ends; k++)
			ends = strcmp(a->text[k], b->text[k]) != 0;
		if (ends)
		{
			put_losses(t, rsinfo, from, i, ncuts);
			from = i;
		}
	}
	leads_leave(&f);
	return (Datum) 0;
}

/* ---------------------------------------------------------------- ways of contact */

static const char *const contacts[] = {"call", "visit", "mail", "wechat", "meeting", "demo", "note"};

typedef struct Effect
{
	int64		n[lengthof(contacts) + 2];	/* all; each; none of them */
	int64		won[lengthof(contacts) + 2];
} Effect;

static void
take_contact(void *arg, const LeadsFact *f)
{
	Effect	   *e = arg;
	bool		any = false;

	e->n[0]++;
	e->won[0] += f->won;
	for (int i = 0; i < lengthof(contacts); i++)
		if (strstr(f->contacts, psprintf(",%s,", contacts[i])))
		{
			any = true;
			e->n[i + 1]++;
			e->won[i + 1] += f->won;
		}
	if (!any)
	{
		e->n[lengthof(contacts) + 1]++;
		e->won[lengthof(contacts) + 1] += f->won;
	}
}

#define CONTACT_COLUMNS 7

PG_FUNCTION_INFO_V1(leads_contact_effect);
Datum
leads_contact_effect(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	LeadsFrame	f;
	LeadsCut   *cut = palloc0(sizeof(LeadsCut));
	LeadsFactAsk ask;
	Effect		e;
	char	   *schema = leads_arg_text(fcinfo, 3);

	InitMaterializedSRF(fcinfo, 0);
	memset(&ask, 0, sizeof(ask));
	memset(&e, 0, sizeof(e));
	leads_facts_period(fcinfo, 0, 1, &ask);
	leads_facts_include(fcinfo, 2, 4, &ask);
	ask.contacts = true;
	if (schema == NULL)
		schema = leads_schema_guc;
	leads_reader_sight(schema, &ask.all, &ask.members);
	leads_enter_reader(&f, schema, LEADS_FACT_READERS);
	leads_cut_begin(&f, cut, sizeof(int64));
	leads_facts_read(cut, &ask, LEADS_FACT_CLOSED, take_contact, &e);
	for (int i = 0; i < lengthof(contacts) + 2; i++)
	{
		Datum		values[CONTACT_COLUMNS];
		bool		nulls[CONTACT_COLUMNS] = {false};

		if (i > 0 && e.n[i] == 0)
			continue;
		values[0] = CStringGetTextDatum(i == 0 ? "all" : i <= lengthof(contacts) ? contacts[i - 1] : "none");
		values[1] = Int64GetDatum(e.n[i]);
		values[2] = Int64GetDatum(e.won[i]);
		nulls[3] = e.n[i] == 0;
		if (!nulls[3])
			values[3] = leads_funnel_rate(e.won[i], e.n[i]);
		/* beside those without it */
		nulls[4] = i == 0 || e.n[0] == e.n[i];
		if (!nulls[4])
			values[4] = leads_funnel_rate(e.won[0] - e.won[i], e.n[0] - e.n[i]);
		nulls[5] = e.n[0] == 0;
		if (!nulls[5])
			values[5] = leads_funnel_rate(e.n[i], e.n[0]);
		values[6] = CStringGetTextDatum(leads_message0(f.lang, "contact.caution"));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	leads_leave(&f);
	return (Datum) 0;
}
