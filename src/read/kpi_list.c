/*
 * kpi_list.c - the table of KPIs.
 *
 * Purpose: name, kind of facts, form, unit, cuts and attribution of each figure; what may be
 * asked of it.
 * Invariants: a new figure is a row here, an entry of KpiId, a branch of its counting and a
 * formula in read/kpi.
 * Called by: read/kpi, read/sales.
 */
#include "core/leads.h"

#include "read/kpi_work.h"

#define CUT(x) LEADS_CUT_BIT(LEADS_CUT_##x)
#define CUTS_PLACE (CUT(REGION) | CUT(INDUSTRY))
#define CUTS_LEAD (LEADS_CUT_PERSONS | LEADS_CUT_TIMES | CUTS_PLACE | CUT(CHANNEL) | CUT(LINE) | CUT(RETURNING))
#define CUTS_STAGED (CUTS_LEAD | CUT(STAGE))
#define CUTS_ACT (LEADS_CUT_PERSONS | LEADS_CUT_TIMES | CUTS_PLACE)
#define CUTS_COST (CUT(CHANNEL) | LEADS_CUT_TIMES)

#define EVENT LEADS_CREDIT_EVENT
#define CLOSER LEADS_CREDIT_CLOSER

const LeadsKpi leads_kpis[KPI_COUNT] = {
	{"leads", LEADS_FACT_BEGUN, FORM_COUNT, 0, "leads", "cohort", CUTS_LEAD, EVENT, true},
	{"new_leads", LEADS_FACT_BEGUN, FORM_COUNT, 0, "leads", "cohort", CUTS_LEAD, LEADS_CREDIT_FIRST, true},
	{"conversion", LEADS_FACT_BEGUN, FORM_RATE, 0, "%", "cohort", CUTS_LEAD, EVENT, true},
	{"conversion_period", LEADS_FACT_BEGUN | LEADS_FACT_CLOSED, FORM_RATE, 0, "%", "period", CUTS_LEAD, EVENT, true},
	{"opportunity_rate", LEADS_FACT_BEGUN, FORM_RATE, 0, "%", "cohort", CUTS_LEAD, EVENT, true},
	{"invalid_leads", LEADS_FACT_BEGUN, FORM_RATE, 0, "%", "cohort", CUTS_LEAD, EVENT, true},
	{"stage_conversion", LEADS_FACT_BEGUN, FORM_RATE, 0, "%", "cohort", CUTS_STAGED, EVENT, true},
	{"first_response", LEADS_FACT_BEGUN, FORM_HOURS_CENSORED, 0.5, "hours", "cohort", CUTS_LEAD, EVENT, true},
	{"first_response_p90", LEADS_FACT_BEGUN, FORM_HOURS_CENSORED, 0.9, "hours", "cohort", CUTS_LEAD, EVENT, true},
	{"open_leads", LEADS_FACT_BEGUN, FORM_COUNT, 0, "leads", "now", CUTS_STAGED, CLOSER, true},
	{"open_amount", LEADS_FACT_BEGUN, FORM_MONEY, 0, "money", "now", CUTS_STAGED, CLOSER, true},
	{"load_gini", LEADS_FACT_BEGUN, FORM_GINI, 0, "0-1", "now", 0, CLOSER, false},
	{"won", LEADS_FACT_CLOSED, FORM_COUNT, 0, "leads", "period", CUTS_STAGED, EVENT, true},
	{"lost", LEADS_FACT_CLOSED, FORM_COUNT, 0, "leads", "period", CUTS_STAGED | CUT(REASON), EVENT, true},
	{"win_rate", LEADS_FACT_CLOSED, FORM_RATE, 0, "%", "period", CUTS_STAGED, EVENT, true},
	{"win_rate_amount", LEADS_FACT_CLOSED, FORM_MONEY_RATE, 0, "%", "period", CUTS_STAGED, CLOSER, true},
	{"won_amount", LEADS_FACT_CLOSED, FORM_MONEY, 0, "money", "period", CUTS_STAGED, CLOSER, true},
	{"won_customers", LEADS_FACT_CLOSED, FORM_COUNT, 0, "customers", "period", CUTS_LEAD, CLOSER, true},
	{"avg_deal", LEADS_FACT_CLOSED, FORM_MONEY_PER, 0, "money", "period", CUTS_LEAD, CLOSER, true},
	{"avg_deal_size", LEADS_FACT_CLOSED, FORM_MONEY_PER, 0, "money", "period", CUTS_LEAD, CLOSER, true},
	{"cycle_mean", LEADS_FACT_CLOSED, FORM_DAYS_MEAN, 0, "days", "period", CUTS_LEAD, CLOSER, true},
	{"cycle_median", LEADS_FACT_CLOSED, FORM_DAYS_AT, 0.5, "days", "period", CUTS_LEAD, CLOSER, true},
	{"cycle_p90", LEADS_FACT_CLOSED, FORM_DAYS_AT, 0.9, "days", "period", CUTS_LEAD, CLOSER, true},
	{"cycle_attempt", LEADS_FACT_CLOSED, FORM_DAYS_AT, 0.5, "days", "period", CUTS_LEAD, CLOSER, true},
	{"cycle_owned", LEADS_FACT_CLOSED, FORM_DAYS_AT, 0.5, "days", "period", CUTS_LEAD, CLOSER, true},
	{"followups", LEADS_FACT_ACTIVITY, FORM_COUNT, 0, "acts", "period", CUTS_ACT | CUT(CHANNEL) | CUT(LINE), EVENT, false},
	{"followups_raw", LEADS_FACT_ACTIVITY, FORM_COUNT, 0, "acts", "period", CUTS_ACT | CUT(CHANNEL) | CUT(LINE), EVENT, false},
	{"calls", LEADS_FACT_ACTIVITY, FORM_COUNT, 0, "acts", "period", CUTS_ACT | CUT(CHANNEL) | CUT(LINE), EVENT, false},
	{"call_connect_rate", LEADS_FACT_ACTIVITY, FORM_RATE, 0, "%", "period", CUTS_ACT | CUT(CHANNEL) | CUT(LINE), EVENT, false},
	{"talk_time", LEADS_FACT_ACTIVITY, FORM_SUM, 0, "seconds", "period", CUTS_ACT | CUT(CHANNEL) | CUT(LINE), EVENT, false},
	{"claimed", LEADS_FACT_CLAIM, FORM_COUNT, 0, "customers", "period", CUTS_ACT, EVENT, false},
	{"pool_in", LEADS_FACT_POOL, FORM_COUNT, 0, "customers", "period", CUTS_ACT, EVENT, false},
	{"pool_out", LEADS_FACT_POOL, FORM_COUNT, 0, "customers", "period", CUTS_ACT, EVENT, false},
	{"claim_rate", LEADS_FACT_POOL, FORM_RATE, 0, "%", "cohort", CUTS_ACT, EVENT, false},
	{"pool_dwell", LEADS_FACT_POOL, FORM_HOURS_AT, 0.5, "hours", "period", CUTS_ACT, EVENT, false},
	{"recycle_rate", LEADS_FACT_POOL, FORM_RATE, 0, "%", "cohort", CUTS_ACT, EVENT, false},
	{"churn", LEADS_FACT_POOL, FORM_COUNT, 0, "customers", "period", CUTS_ACT, EVENT, false},
	{"registrations", LEADS_FACT_REGISTRATION, FORM_COUNT, 0, "registrations", "period", CUTS_ACT | CUT(CHANNEL), EVENT, false},
	{"duplicate_rate", LEADS_FACT_REGISTRATION, FORM_RATE, 0, "%", "period", CUTS_ACT | CUT(CHANNEL), EVENT, false},
	{"invalid_rate", LEADS_FACT_REGISTRATION, FORM_RATE, 0, "%", "period", CUTS_ACT | CUT(CHANNEL), EVENT, false},
	{"contention_rate", LEADS_FACT_REGISTRATION, FORM_RATE, 0, "%", "period", CUTS_ACT | CUT(CHANNEL), EVENT, false},
	{"approval_rate", LEADS_FACT_REGISTRATION, FORM_RATE, 0, "%", "cohort", CUTS_ACT | CUT(CHANNEL), EVENT, false},
	{"approval_hours", LEADS_FACT_REGISTRATION, FORM_HOURS_AT, 0.5, "hours", "cohort", CUTS_ACT | CUT(CHANNEL), EVENT, false},
	{"protected_won", LEADS_FACT_REGISTRATION, FORM_RATE, 0, "%", "cohort", CUTS_ACT | CUT(CHANNEL), EVENT, false},
	{"expired_unused", LEADS_FACT_REGISTRATION, FORM_COUNT, 0, "registrations", "cohort", CUTS_ACT | CUT(CHANNEL), EVENT, false},
	{"channel_cost", LEADS_FACT_COST, FORM_MONEY, 0, "money", "period", CUTS_COST, EVENT, false},
	{"channel_roi", LEADS_FACT_COST | LEADS_FACT_CLOSED, FORM_ROI, 0, "%", "period", CUTS_COST, CLOSER, false},
	{"channel_roi_last", LEADS_FACT_COST | LEADS_FACT_CLOSED, FORM_ROI, 0, "%", "period", CUTS_COST, CLOSER, false},
	{"channel_roi_linear", LEADS_FACT_COST | LEADS_FACT_CLOSED, FORM_ROI, 0, "%", "period", CUTS_COST, CLOSER, false},
	{"cac", LEADS_FACT_COST | LEADS_FACT_EVER, FORM_MONEY_PER, 0, "money", "period", CUTS_COST, CLOSER, false},
	{"ltv", LEADS_FACT_EVER, FORM_MONEY_PER, 0, "money", "cohort", CUTS_LEAD, CLOSER, true},
	{"output_per_head", LEADS_FACT_CLOSED | LEADS_FACT_MEMBER, FORM_PER_HEAD, 0, "money", "period", LEADS_CUT_PERSONS, CLOSER, true},
};

int
leads_kpi_find(const char *name)
{
	StringInfoData list;

	for (int i = 0; name && i < KPI_COUNT; i++)
		if (strcmp(leads_kpis[i].name, name) == 0)
			return i;
	if (name == NULL)
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("name is required")));
	initStringInfo(&list);
	for (int i = 0; i < KPI_COUNT; i++)
		appendStringInfo(&list, "%s%s", i ? ", " : "", leads_kpis[i].name);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("there is no KPI \"%s\"", leads_clip(name, 60)),
			 errhint("KPIs are %s.", list.data)));
	return -1;
}

const char *
leads_kpi_name(int kpi)
{
	return leads_kpis[kpi].name;
}

const char *
leads_kpi_unit(int kpi)
{
	return leads_kpis[kpi].unit;
}

const char *
leads_kpi_mode(int kpi)
{
	return leads_kpis[kpi].mode;
}

LeadsFunnelCredit
leads_kpi_credit(const LeadsKpiTable *t, int kpi)
{
	return t->credit >= 0 && leads_kpis[kpi].credits ? (LeadsFunnelCredit) t->credit : leads_kpis[kpi].credit;
}

void
leads_kpi_check(const LeadsKpiTable *t, int kpi)
{
	const LeadsKpi *d = &leads_kpis[kpi];

	for (int i = 0; i < t->cut.n; i++)
		if ((d->cuts & LEADS_CUT_BIT(t->cut.by[i])) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s cannot be cut by %s", d->name, leads_cut_name(t->cut.by[i]))));
	if (kpi == KPI_STAGE_CONVERSION && (t->cut.mask & CUT(STAGE)) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("stage_conversion is cut by stage"), errhint("Ask for by => '{stage}'.")));
	if (kpi == KPI_OUTPUT_PER_HEAD && t->ask.since == LEADS_NO_TIME)
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("since is required: it divides by time")));
	if (t->credit < 0)
		return;
	if (!d->credits)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s knows no attribution: it counts for who did it", d->name)));
	if ((t->cut.mask & LEADS_CUT_PERSONS) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("attribution says whose a figure is, cut by owner or team")));
}
