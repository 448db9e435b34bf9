/*
 * event.h - keeper of the append-only history.
 */
#ifndef LEADS_EVENT_H
#define LEADS_EVENT_H

#include "core/leads.h"

typedef struct LeadsEvent
{
	const char *kind;
	int64		customer_id;
	int64		lead_id;		/* 0 = none; so for all ids */
	const char *scope;			/* NULL = '' */
	TimestampTz at;				/* LEADS_NO_TIME = f->now */
	int64		owner_id;		/* owner after the event */
	int64		pool_id;		/* pool after the event */
	int64		from_stage;
	int64		to_stage;
	int32		attempt;		/* 0 = none */
	Datum		amount;			/* numeric, 0 = none */
	int64		decision_id;
	Jsonb	   *data;
	bool		by_system;
} LeadsEvent;

extern int64 leads_event_write(LeadsFrame *f, const LeadsEvent *e);

#endif							/* LEADS_EVENT_H */
