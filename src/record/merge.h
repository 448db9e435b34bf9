/*
 * merge.h - keeper of merges, of their journal, and of the rows that change customers by them.
 */
#ifndef LEADS_RECORD_MERGE_H
#define LEADS_RECORD_MERGE_H

#include "core/leads.h"

#define LEADS_MERGE_MOST 20		/* losers of one merge */

typedef struct LeadsMerge
{
	int64		id;
	int64		survivor_id;
	int			n;
	int64		losers[LEADS_MERGE_MOST];
	TimestampTz undone_at;		/* LEADS_NO_TIME = it stands */
} LeadsMerge;

/* the fields of a customer that a merge chooses among */
typedef enum
{
	LEADS_FIELD_NAME, LEADS_FIELD_REGION, LEADS_FIELD_INDUSTRY, LEADS_FIELD_LEVEL,
	LEADS_FIELD_TAGS, LEADS_FIELD_EXTRA
} LeadsMergeField;

#define LEADS_MERGE_FIELDS 6
extern const char *const leads_merge_field_names[LEADS_MERGE_FIELDS];

/* name: [name, core]; region: [region, city]; industry, level: a text; tags: texts; extra: an object */
typedef struct LeadsMergeFields
{
	Jsonb	   *value[LEADS_MERGE_FIELDS];
	const char *shown[LEADS_MERGE_FIELDS];	/* for people; NULL = nothing there */
} LeadsMergeFields;

extern void leads_merge_fields_read(LeadsFrame *f, int64 customer_id, LeadsMergeFields *out);
extern void leads_merge_field_write(LeadsFrame *f, int64 customer_id, LeadsMergeField field, Jsonb *value);
/* tags and extra of several customers, the first one's first */
extern void leads_merge_union(LeadsFrame *f, Datum ids, Jsonb **tags, Jsonb **extra);

extern int64 leads_merge_insert(LeadsFrame *f, int64 survivor, Datum losers, Jsonb *choices, const char *reason,
								int64 decision_id);
extern bool leads_merge_read(LeadsFrame *f, int64 id, LeadsMerge *out);
extern void leads_merge_undone(LeadsFrame *f, int64 id, const char *reason, int64 decision_id);
/* the merge that stands and made it a tombstone; 0 = none */
extern int64 leads_merge_of(LeadsFrame *f, int64 loser);
/* who a customer was at an instant: the survivor of the merges that stood then */
extern int64 leads_merge_canonical_at(LeadsFrame *f, int64 id, TimestampTz at);
/* a registration of one of them waits for approval */
extern bool leads_merge_pending(LeadsFrame *f, Datum ids);

/* one line of the journal; values NULL = none */
extern void leads_merge_note(LeadsFrame *f, int64 merge_id, const char *kind, const char *object, int64 row_id,
							 const char *field, Jsonb *before, Jsonb *after);
/* the rows of a loser become the survivor's */
extern void leads_merge_move(LeadsFrame *f, int64 merge_id, int64 loser, int64 survivor);
/* {"contact": [1, 2], …}: what was moved */
extern Jsonb *leads_merge_moved(LeadsFrame *f, int64 merge_id);
/* a row still refers to one of them, by the latest snapshot */
extern bool leads_merge_left_behind(LeadsFrame *f, Datum ids);
/* a further name of the survivor, if it has not got it: id of the row, 0 = it has */
extern int64 leads_merge_add_name(LeadsFrame *f, int64 merge_id, int64 survivor, const char *name);
/* tombstone; what redirected to it redirects to the survivor */
extern void leads_merge_bury(LeadsFrame *f, int64 merge_id, int64 loser, int64 survivor);

/* the way back */
typedef struct LeadsMergeStray
{
	const char *object;
	int64		row_id;
	int64		here;			/* whose it is now */
	int64		there;			/* whose it was before the merge */
} LeadsMergeStray;

/* moved rows that are not the survivor's any more */
extern int	leads_merge_strays(LeadsFrame *f, const LeadsMerge *m, LeadsMergeStray **out);
/* moved rows that are still the survivor's go back, names that the merge added go */
extern void leads_merge_move_back(LeadsFrame *f, const LeadsMerge *m);
/* one row becomes a customer's; false if there is no such row or table, or another's than from's */
extern bool leads_merge_give(LeadsFrame *f, const char *object, int64 row_id, int64 from, int64 to);
/* the interval that goes on where a merge ended this one, since that merge was undone; itself if there is none */
extern int64 leads_merge_goes_on(LeadsFrame *f, int64 ownership_id);
/* the row was moved by a merge that stands */
extern bool leads_merge_has_moved(LeadsFrame *f, const char *object, int64 row_id);
/* follow-ups are where their leads are */
extern void leads_merge_activities(LeadsFrame *f, Datum ids);
extern void leads_merge_unbury(LeadsFrame *f, const LeadsMerge *m);

/* merge_lead.c: leads that become one; the journal tells when which lead was which */

typedef struct LeadsMergeLead
{
	int64		id;
	int64		customer_id;	/* whose it is */
	const char *scope;
	const char *same;			/* leads with the same text are of one matter */
	bool		parted;			/* stands for itself again */
} LeadsMergeLead;

/* open leads of several customers, those of one matter together, the furthest first; of equal ones the first customer's */
extern int	leads_merge_leads(LeadsFrame *f, Datum ids, LeadsMergeLead **out);
/* lead becomes a tombstone that stands for into, with its follow-ups and what stood for it */
extern void leads_merge_join(LeadsFrame *f, int64 merge_id, int64 lead_id, int64 into_id);
/* a later merge that stands and joined a lead that this one joined; 0 = none */
extern int64 leads_merge_joined_on(LeadsFrame *f, int64 merge_id);
/* a lead of one of the customers is one with a lead of another customer, and by which merge */
extern bool leads_merge_split(LeadsFrame *f, Datum ids, int64 *lead_id, int64 *merge_id);
/* every lead is again what it was before the merge; those whose journeys are others now, and tombstones among them */
extern int	leads_merge_part(LeadsFrame *f, int64 merge_id, LeadsMergeLead **out);

#endif							/* LEADS_RECORD_MERGE_H */
