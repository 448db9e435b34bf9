/*
 * lead.h - keeper of leads and activities.
 */
#ifndef LEADS_LEAD_H
#define LEADS_LEAD_H

#include "core/leads.h"

typedef struct LeadsLead
{
	int64		id;
	int64		customer_id;
	const char *scope;
	int64		stage_id;
	TimestampTz stage_since;
	int32		attempt;
	int64		channel_id;
	int64		registration_id;
	const char *line;
	const char *project;
	const char *need;
	Datum		amount;			/* numeric, 0 = none */
	TimestampTz closed_at;
	TimestampTz created_at;
	int64		first_owner_id;
	int32		row_version;
	Jsonb	   *extra;			/* for insert; NULL = {}; so the others below */
	int64		created_by;		/* 0 = system */
	bool		imported;
	bool		test;
} LeadsLead;

/* read a lead, or the one that it was merged into; the customer must be locked for a change; false if there is none */
extern bool leads_lead_read(LeadsFrame *f, int64 id, LeadsLead *out);
/* newest open lead of a (customer, scope), test data only if test says so; false if there is none */
extern bool leads_lead_newest_open(LeadsFrame *f, int64 customer_id, const char *scope, bool test, LeadsLead *out);
/* insert with stage_since = created_at; sets l->id */
extern void leads_lead_insert(LeadsFrame *f, LeadsLead *l);
/* stage move: stage, stage_since, attempt, closed_at, reason, note, whether it was no lead; row_version + 1 */
extern void leads_lead_move(LeadsFrame *f, LeadsLead *l, int64 stage_id, int32 attempt, TimestampTz closed_at,
							const char *reason, const char *note, bool invalid);

typedef struct LeadsActivity
{
	int64		lead_id;
	int64		customer_id;
	const char *kind;
	const char *note;
	TimestampTz occurred_at;
	bool		effective;
	const char *ineffective_reason;
	bool		by_system;
	int32		seconds;		/* connected, 0 = not known */
	bool		automatic;
} LeadsActivity;

extern int64 leads_activity_insert(LeadsFrame *f, const LeadsActivity *a);

#endif							/* LEADS_LEAD_H */
