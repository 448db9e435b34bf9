/*
 * kpi_value.c - what a cell says in the end.
 *
 * Purpose: rates, money, means, shares of a distribution.
 * Invariants: nothing to divide by is NULL, never 0; costs are told to who sees everything; times
 * are histograms (1.6 %).
 * Called by: read/kpi, read/sales.
 */
#include "core/leads.h"

#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "read/kpi_work.h"

/*
 * The time by which a share of all is over, where those that are not over yet are known to take longer (Kaplan and
 * Meier); -1 = that share is never reached.
 */
static double
censored_at(const LeadsHistogram *over, const LeadsHistogram *open, double share)
{
	static const LeadsHistogram nothing;
	double		left = 1;
	int64		risk;

	if (over == NULL)
		return -1;
	if (open == NULL)
		open = &nothing;
	risk = over->n + open->n;
	for (int b = 0; b < LEADS_HISTOGRAM_BUCKETS && risk > 0; b++)
	{
		int			o = b / LEADS_HISTOGRAM_SUB;
		int64		ended = over->octave[o] ? over->octave[o][b % LEADS_HISTOGRAM_SUB] : 0;
		int64		lost = open->octave[o] ? open->octave[o][b % LEADS_HISTOGRAM_SUB] : 0;

		if (ended > 0)
		{
			left *= 1 - (double) ended / (double) risk;
			/* a rounding error is no share */
			if (1 - left >= share - 1e-9)
				return leads_histogram_middle(b);
		}
		risk -= ended + lost;
	}
	return -1;
}

static Datum
count_numeric(int64 n)
{
	return NumericGetDatum(int64_to_numeric(n));
}

/* part of whole in percent */
static Datum
percent(Datum part, Datum whole)
{
	return DirectFunctionCall2(numeric_round,
							   DirectFunctionCall2(numeric_div, DirectFunctionCall2(numeric_mul, part, count_numeric(100)), whole),
							   Int32GetDatum(2));
}

static void
parts(LeadsKpiValue *out, Datum numerator, Datum denominator)
{
	out->has_parts = true;
	out->numerator = numerator;
	out->denominator = denominator;
}

void
leads_kpi_value(const LeadsKpiTable *t, const LeadsCutSegment *s, int k, LeadsKpiValue *out)
{
	const LeadsKpi *d = &leads_kpis[t->which[k]];
	const LeadsKpiCell *x = (const LeadsKpiCell *) s->cell + k;
	double		at;

	memset(out, 0, sizeof(*out));
	out->n = x->num;
	switch (d->form)
	{
		case FORM_COUNT:
			out->known = true;
			out->value = count_numeric(x->num);
			break;
		case FORM_SUM:
			out->known = true;
			out->value = count_numeric((int64) x->micros);
			break;
		case FORM_RATE:
			out->n = x->den;
			parts(out, count_numeric(x->num), count_numeric(x->den));
			if ((out->known = x->den > 0))
				out->value = percent(out->numerator, out->denominator);
			break;
		case FORM_MONEY:
			/* costs are seen by who sees everything */
			out->known = (d->kinds & LEADS_FACT_COST) == 0 || t->ask.all;
			if (out->known)
				out->value = leads_money_write(x->money, 1, -1);
			break;
		case FORM_MONEY_RATE:
			parts(out, leads_money_write(x->money, 1, -1), leads_money_write(x->base, 1, -1));
			if ((out->known = x->base != 0))
				out->value = percent(out->numerator, out->denominator);
			break;
		case FORM_MONEY_PER:
			if ((d->kinds & LEADS_FACT_COST) != 0 && !t->ask.all)
				break;
			out->n = x->den;
			parts(out, leads_money_write(x->money, 1, -1), count_numeric(x->den));
			if ((out->known = x->den > 0))
				out->value = leads_money_write(x->money, x->den, 2);
			break;
		case FORM_ROI:
			if (!t->ask.all)
				break;
			parts(out, leads_money_write(x->money - x->base, 1, -1), leads_money_write(x->base, 1, -1));
			if ((out->known = x->base != 0))
				out->value = percent(out->numerator, out->denominator);
			break;
		case FORM_PER_HEAD:
			{
				TimestampTz until = t->ask.until == LEADS_NO_TIME ? t->ask.now : Min(t->ask.until, t->ask.now);
				double		heads = until > t->ask.since ? (double) x->micros / (double) (until - t->ask.since) : 0;

				parts(out, leads_money_write(x->money, 1, -1), leads_number(heads, 4));
				if ((out->known = heads > 0))
					out->value = leads_number((double) x->money / LEADS_MONEY_UNIT / heads, 2);
				break;
			}
		case FORM_GINI:
			out->n = x->den;
			if ((out->known = x->den > 0 && x->num > 0))
				out->value = leads_number(2.0 * x->ranked / ((double) x->den * x->num) - (x->den + 1.0) / x->den, 4);
			break;
		case FORM_DAYS_MEAN:
			if ((out->known = x->num > 0))
				out->value = leads_number((double) x->micros / x->num / USECS_PER_DAY, 2);
			break;
		case FORM_DAYS_AT:
		case FORM_HOURS_AT:
			out->n = x->hist ? x->hist->n : 0;
			if ((out->known = out->n > 0))
				out->value = leads_number(leads_histogram_at(x->hist, d->at) /
										  (double) (d->form == FORM_DAYS_AT ? USECS_PER_DAY : USECS_PER_HOUR), 2);
			break;
		case FORM_HOURS_CENSORED:
			out->n = x->den;
			parts(out, count_numeric(x->num), count_numeric(x->den));
			at = censored_at(x->hist, x->open, d->at);
			if ((out->known = at >= 0))
				out->value = leads_number(at / (double) USECS_PER_HOUR, 2);
			break;
	}
}
