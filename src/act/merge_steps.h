/*
 * merge_steps.h - private to act/merge: what its files share.
 */
#ifndef LEADS_MERGE_STEPS_H
#define LEADS_MERGE_STEPS_H

#include "core/leads.h"

#include "act/corridor.h"
#include "act/merge.h"
#include "record/merge.h"

#define LEADS_FAMILY (LEADS_MERGE_MOST + 1)

/* one scope in which somebody holds one of the family */
typedef struct LeadsMergeScope
{
	const char *scope;
	bool		has[LEADS_FAMILY];
	LeadsOwnership own[LEADS_FAMILY];
	int			winner;			/* whose interval goes on */
	bool		contested;		/* different owners */
} LeadsMergeScope;

/* counters: one line of the journal a member */
typedef struct LeadsMergeTally
{
	int64		member_id;
	int			delta;
} LeadsMergeTally;

/* an open lead that becomes one with another */
typedef struct LeadsMergePair
{
	LeadsMergeLead lead;
	int64		into;
} LeadsMergePair;

typedef struct LeadsMergeCall
{
	LeadsFrame	f;
	const char *reason;
	Jsonb	   *choices;
	bool		dry_run;
	int			n;				/* of the family; [0] is the survivor */
	LeadsCustomer who[LEADS_FAMILY];
	Datum		ids;			/* of the family, int8[] */
	Datum		losers;
	LeadsMergeFields fields[LEADS_FAMILY];
	int			chosen[LEADS_MERGE_FIELDS];	/* whose value; -1 = of all */
	Jsonb	   *joined[LEADS_MERGE_FIELDS];	/* tags and extra of all */
	LeadsMergeScope *scopes;
	int			nscopes;
	LeadsMergeTally *tally;
	int			ntally;
	bool		apart;			/* leads stay apart */
	LeadsMergePair *pairs;
	int			npairs;
	StringInfoData conflicts;	/* elements of a jsonb array */
	LeadsEvidence evidence;
	int64		merge_id;
	int64		decision_id;
} LeadsMergeCall;

/* merge_fields.c: whose value of each field stays; what differs goes to conflicts and evidence */
extern void leads_merge_choose_fields(LeadsMergeCall *c);
extern void leads_merge_write_fields(LeadsMergeCall *c);
/* a conflict as an element of the array; values[i] NULL = nothing there */
extern void leads_merge_conflict(LeadsMergeCall *c, const char *field, const char *scope, int kept,
								 const char *const *values, bool refused);
extern Jsonb *leads_merge_json(const char *text);
extern void leads_merge_json_text(StringInfo buf, const char *s);

/* merge_hold.c: who has the survivor in each scope afterwards; LD002 if only an adjudicator may say */
extern void leads_merge_choose_owners(LeadsMergeCall *c);
extern void leads_merge_write_owners(LeadsMergeCall *c);
/* begin an interval at f->now that goes on with the deadlines of an earlier one; old_due: LEADS_NO_TIME = grace */
extern void leads_merge_carry_on(LeadsFrame *f, LeadsOwnership *next, const LeadsOwnership *from, TimestampTz old_due);

/* merge_lead.c: which open leads become one; their rows, events and journeys */
extern void leads_merge_choose_leads(LeadsMergeCall *c);
extern void leads_merge_write_leads(LeadsMergeCall *c);
extern void leads_merge_part_leads(LeadsFrame *f, int64 merge_id, int64 decision_id);

/* merge.c */
extern Datum leads_merge_ids(const int64 *ids, int n);
/* steps 2 to 4 of the corridor for a family: rows locked ascending, one instant, nothing due left; LD001 */
extern void leads_merge_hold(LeadsFrame *f, const int64 *ids, int n, LeadsCustomer *who);
extern void leads_merge_require_boss(LeadsFrame *f);
extern void leads_merge_event(LeadsFrame *f, const char *kind, int64 customer_id, int64 merge_id, int64 decision_id);

#endif							/* LEADS_MERGE_STEPS_H */
