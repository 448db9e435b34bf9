/*
 * event.h - keeper of the append-only history.
 */
#ifndef LEADS_EVENT_H
#define LEADS_EVENT_H

#include "core/leads.h"

struct LeadsLead;

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
	bool		invalid;		/* lost, because it was no lead; data says so, too */
	Datum		amount;			/* numeric, 0 = none */
	int64		decision_id;
	Jsonb	   *data;
	bool		by_system;
	const struct LeadsLead *lead;	/* of entered: the lead that begins, and the region of its customer */
	const char *region;
	bool		no_leads;		/* the customer is new, or has no lead whose owner this changes */
	bool		has_journey;	/* the lead has one, and no other event of this bulk is about it */
} LeadsEvent;

extern int64 leads_event_write(LeadsFrame *f, const LeadsEvent *e);

#endif							/* LEADS_EVENT_H */
