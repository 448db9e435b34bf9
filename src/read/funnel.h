/*
 * funnel.h - counting leads through their stages.
 */
#ifndef LEADS_FUNNEL_H
#define LEADS_FUNNEL_H

#include "core/leads.h"

typedef enum LeadsFunnelMode
{
	LEADS_FUNNEL_COHORT, LEADS_FUNNEL_SNAPSHOT
} LeadsFunnelMode;

typedef enum LeadsFunnelBy
{
	LEADS_FUNNEL_WHOLE, LEADS_FUNNEL_CHANNEL, LEADS_FUNNEL_OWNER, LEADS_FUNNEL_REGION
} LeadsFunnelBy;

typedef struct LeadsFunnelAsk
{
	TimestampTz since;			/* leads that began in [since, until); LEADS_NO_TIME = open end */
	TimestampTz until;
	LeadsFunnelBy by;
	LeadsFunnelMode mode;
	TimestampTz as_of;			/* events up to this instant, included */
	bool		imported;		/* imported history too */
	bool		all;			/* everything, else what these members own now */
	Datum		members;		/* int8[] */
	TimestampTz now;			/* instant at which "own now" is judged */
} LeadsFunnelAsk;

typedef struct LeadsFunnelRow
{
	const char *segment;
	int32		position;		/* 1 = first step */
	const char *stage;			/* code */
	const char *label;
	int64		entered;
	int64		advanced;
	int64		lost_here;
	int64		open_here;
	int64		entered_before; /* of the step before, -1 = first step */
	int64		entered_first;	/* of the first step */
	bool		has_hours;
	double		median_hours;
	double		p90_hours;
} LeadsFunnelRow;

typedef struct LeadsFunnelResult
{
	LeadsFunnelRow *rows;
	int			nrows;
	int			nstages;
} LeadsFunnelResult;

/* in a reader's frame; everything is allocated in the current memory context */
extern void leads_funnel_count(LeadsFrame *f, const LeadsFunnelAsk *ask, LeadsFunnelResult *out);

extern void leads_funnel_init(void);

#endif							/* LEADS_FUNNEL_H */
