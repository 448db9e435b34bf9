/*
 * kpi_work.h - what the list of KPIs, their counting and their values share.
 */
#ifndef LEADS_KPI_WORK_H
#define LEADS_KPI_WORK_H

#include "read/kpi.h"

typedef enum KpiId
{
	KPI_LEADS, KPI_NEW_LEADS, KPI_CONVERSION, KPI_CONVERSION_PERIOD, KPI_OPPORTUNITY_RATE, KPI_INVALID_LEADS, KPI_STAGE_CONVERSION,
	KPI_FIRST_RESPONSE, KPI_FIRST_RESPONSE_P90, KPI_OPEN_LEADS, KPI_OPEN_AMOUNT, KPI_LOAD_GINI,
	KPI_WON, KPI_LOST, KPI_WIN_RATE, KPI_WIN_RATE_AMOUNT, KPI_WON_AMOUNT, KPI_WON_CUSTOMERS, KPI_AVG_DEAL, KPI_AVG_DEAL_SIZE,
	KPI_CYCLE_MEAN, KPI_CYCLE_MEDIAN, KPI_CYCLE_P90, KPI_CYCLE_ATTEMPT, KPI_CYCLE_OWNED,
	KPI_FOLLOWUPS, KPI_FOLLOWUPS_RAW, KPI_CALLS, KPI_CALL_CONNECT_RATE, KPI_TALK_TIME, KPI_CLAIMED,
	KPI_POOL_IN, KPI_POOL_OUT, KPI_CLAIM_RATE, KPI_POOL_DWELL, KPI_RECYCLE_RATE, KPI_CHURN,
	KPI_REGISTRATIONS, KPI_DUPLICATE_RATE, KPI_INVALID_RATE, KPI_CONTENTION_RATE, KPI_APPROVAL_RATE, KPI_APPROVAL_HOURS,
	KPI_PROTECTED_WON, KPI_EXPIRED_UNUSED,
	KPI_CHANNEL_COST, KPI_CHANNEL_ROI, KPI_CHANNEL_ROI_LAST, KPI_CHANNEL_ROI_LINEAR, KPI_CAC, KPI_LTV, KPI_OUTPUT_PER_HEAD,
	KPI_COUNT
} KpiId;

#define KPI_TALK_LEAST 60		/* seconds: shorter calls are no talk */

typedef enum Form
{
	FORM_COUNT,					/* num */
	FORM_RATE,					/* num of den, in percent */
	FORM_SUM,					/* micros, which are what the unit says here */
	FORM_MONEY,					/* money */
	FORM_MONEY_RATE,			/* money of base, in percent */
	FORM_MONEY_PER,				/* money a den */
	FORM_ROI,					/* money beyond base, of base, in percent */
	FORM_PER_HEAD,				/* money a member there all the time */
	FORM_GINI,					/* spread of what members hold */
	FORM_DAYS_MEAN, FORM_DAYS_AT, FORM_HOURS_AT,
	FORM_HOURS_CENSORED			/* those that have no end yet count as longer than they are */
} Form;

typedef struct LeadsKpi
{
	const char *name;
	int			kinds;			/* LeadsFactKind */
	Form		form;
	double		at;				/* share of a distribution */
	const char *unit;
	const char *mode;			/* which facts the period takes: cohort, period, now */
	int			cuts;
	LeadsFunnelCredit credit;	/* unless another is asked for */
	bool		credits;		/* another may be asked for */
} LeadsKpi;

extern const LeadsKpi leads_kpis[KPI_COUNT];

/* of one KPI in one segment */
typedef struct LeadsKpiCell
{
	int64		num;
	int64		den;
	LeadsMoney	money;
	LeadsMoney	base;
	int128		micros;			/* a sum of times */
	LeadsHistogram *hist;
	LeadsHistogram *open;		/* times that have no end yet */
	int64		squares;		/* Gini: see end_gini() */
	int64		ranked;
} LeadsKpiCell;

#endif							/* LEADS_KPI_WORK_H */
