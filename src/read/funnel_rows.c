/*
 * funnel_rows.c - what was counted, as rows of segments and stages.
 *
 * Purpose: the answer of leads.funnel(): segments by name, a row for each stage of each.
 * Invariants: a segment in which nothing came to a step is no row of a cohort, but the
 * whole always is one; rows come in the order of names and stages.
 * Called by: read/funnel, views of funnels through it.
 */
#include "core/leads.h"

#include "read/funnel.h"
#include "read/funnel_work.h"

LEADS_QUERY(q_channel, "l", "SELECT c.code FROM @.channel c WHERE c.id = $1");
LEADS_QUERY(q_member, "l", "SELECT m.code FROM @.member m WHERE m.id = $1");

const char *
leads_funnel_segment_name(Funnel *fn, const Segment *s)
{
	LeadsResult r;

	switch (fn->ask->by)
	{
		case LEADS_FUNNEL_WHOLE:
			return "all";
		case LEADS_FUNNEL_CHANNEL:
			r = leads_run(&q_channel, s->id);
			return leads_found(r) ? leads_text(&r, 0, 1) : psprintf(INT64_FORMAT, s->id);
		case LEADS_FUNNEL_OWNER:
			if (s->id == 0)
				return leads_message0(fn->f->lang, "funnel.pool");
			r = leads_run(&q_member, s->id);
			return leads_found(r) ? leads_text(&r, 0, 1) : psprintf(INT64_FORMAT, s->id);
		case LEADS_FUNNEL_MONTH:
			return leads_month_name((int32) s->id);
		case LEADS_FUNNEL_REGION:
			return s->text[0] ? s->text : leads_message0(fn->f->lang, "funnel.no_region");
	}
	return s->text;
}

/* a cohort of leads that came to no step, or that deltas took away, is none */
static void
drop_empty(Funnel *fn)
{
	ListCell   *lc;

	foreach(lc, fn->segments)
	{
		const Segment *s = lfirst(lc);
		bool		empty = s->registered == NULL;

		for (int i = 0; i < fn->rule.steps.n && empty; i++)
			empty = s->cell.entered[i] == 0;
		if (empty)
			fn->segments = foreach_delete_current(fn->segments, lc);
	}
}

static int
by_name(const ListCell *a, const ListCell *b)
{
	return strcmp(((const Segment *) lfirst(a))->name, ((const Segment *) lfirst(b))->name);
}

#define HOURS(us) ((us) / (double) USECS_PER_HOUR)

static void
fill_rows(Funnel *fn, const Segment *s, LeadsFunnelRow *rows, int nrows, bool registrations)
{
	static const Registered none = {0};
	const LeadsFunnelCell *c = &s->cell;
	const Registered *g = s->registered ? s->registered : &none;

	if (registrations)
	{
		rows->segment = s->name;
		rows->stage = "registered";
		rows->label = leads_message0(fn->f->lang, "funnel.registered");
		rows->entered = rows->entered_first = g->entered;
		rows->advanced = g->advanced;
		rows->lost_here = g->lost;
		rows->open_here = g->open;
		rows->entered_before = -1;
		rows++;
		nrows--;
	}

	for (int i = 0; i < nrows; i++)
	{
		LeadsFunnelRow *r = &rows[i];
		const LeadsHistogram *h = c->hours[i];

		r->segment = s->name;
		r->position = i + 1;
		r->stage = fn->steps[i].code;
		r->label = fn->steps[i].label;
		r->entered = c->entered[i];
		r->advanced = c->advanced[i];
		r->lost_here = c->lost[i];
		r->open_here = c->open[i];
		r->entered_before = i > 0 ? c->entered[i - 1] : registrations ? g->entered : -1;
		r->next_before = i > 0 ? c->next[i - 1] : g->advanced;
		r->entered_first = registrations ? g->entered : c->entered[0];
		r->has_hours = h && h->n > 0;
		if (r->has_hours)
		{
			r->median_hours = HOURS(leads_histogram_at(h, 0.5));
			r->p90_hours = HOURS(leads_histogram_at(h, 0.9));
		}
		r->immature = leads_funnel_young(fn, s, i);
		r->skipped = c->skipped[i];
		r->regressed = c->regressed[i];
		r->re_entries = c->reentered[i];
		r->moved_away = c->moved[i];
		r->pool_hours = (double) c->pooled[i] / SECS_PER_HOUR;
	}
}

void
leads_funnel_count(LeadsFrame *f, const LeadsFunnelAsk *ask, LeadsFunnelResult *out)
{
	Funnel	   *fn = leads_funnel_begin(f, ask);
	bool		registrations;
	ListCell   *lc;

	fn->rule.hours = true;
	/* the times of some hundred owners do not fit into the cache */
	if (ask->by == LEADS_FUNNEL_OWNER)
		fn->rule.later = palloc0(sizeof(LeadsHistogramQueue));
	leads_funnel_pass(fn);
	if (fn->rule.later)
		leads_histogram_settle(fn->rule.later);
	leads_funnel_age(fn);
	registrations = leads_funnel_registrations(fn);
	/* a company without leads has a funnel too */
	if (ask->by == LEADS_FUNNEL_WHOLE)
		(void) leads_funnel_segment_id(fn, 0);

	if (ask->mode == LEADS_FUNNEL_COHORT && ask->by != LEADS_FUNNEL_WHOLE)
		drop_empty(fn);
	foreach(lc, fn->segments)
		((Segment *) lfirst(lc))->name = leads_funnel_segment_name(fn, lfirst(lc));
	list_sort(fn->segments, by_name);

	/* nobody is "now" in the last step: it is no place to wait */
	out->nstages = ask->mode == LEADS_FUNNEL_SNAPSHOT && fn->has_won ? fn->rule.steps.n - 1 : fn->rule.steps.n;
	out->nstages += registrations;
	out->nrows = 0;
	out->rows = palloc0(sizeof(LeadsFunnelRow) * Max(list_length(fn->segments) * out->nstages, 1));
	foreach(lc, fn->segments)
	{
		fill_rows(fn, lfirst(lc), out->rows + out->nrows, out->nstages, registrations);
		out->nrows += out->nstages;
	}
}
