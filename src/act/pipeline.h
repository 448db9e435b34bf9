/*
 * pipeline.h - moving a lead: advance, win, lose, reopen, edit.
 *
 * The frame is open and the actor resolved; texts of the answer live in the
 * frame's memory.  expected_version 0 = whatever it is.
 */
#ifndef LEADS_ACT_PIPELINE_H
#define LEADS_ACT_PIPELINE_H

#include "core/leads.h"
#include "utils/date.h"

typedef struct LeadsMoved
{
	int64		lead_id;
	const char *stage;			/* code */
	const char *label;			/* in the company's language */
	int32		row_version;
	const char *owner;			/* code, NULL = in a pool */
	TimestampTz next_due_at;
	int64		decision_id;	/* 0 = nothing changed */
} LeadsMoved;

/* what edit() is to change; a field that is not set stays */
typedef struct LeadsEdit
{
	bool		set_amount;
	Datum		amount;			/* 0 = none */
	bool		set_need;
	const char *need;
	bool		set_line;
	const char *line;
	bool		set_project;
	const char *project;
	bool		set_expected_on;
	DateADT		expected_on;	/* PG_INT32_MIN = none */
	bool		set_extra;		/* replace; merge_extra: put on top */
	bool		merge_extra;
	Jsonb	   *extra;			/* NULL = {} */
} LeadsEdit;

/* LD001 LD002 LD003 LD005 LD007 LD050 22023 */
extern void leads_pipeline_move(LeadsFrame *f, int64 lead_id, const char *stage, const char *reason,
								int32 expected_version, LeadsMoved *out);
extern void leads_pipeline_close_won(LeadsFrame *f, int64 lead_id, Datum amount,
									 int32 expected_version, LeadsMoved *out);
extern void leads_pipeline_close_lost(LeadsFrame *f, int64 lead_id, const char *reason, const char *note,
									  int32 expected_version, LeadsMoved *out);
extern void leads_pipeline_open_again(LeadsFrame *f, int64 lead_id, const char *stage, const char *reason,
									  int32 expected_version, LeadsMoved *out);
extern void leads_pipeline_edit(LeadsFrame *f, int64 lead_id, const LeadsEdit *edit,
								int32 expected_version, LeadsMoved *out);

extern void leads_pipeline_init(void);

#endif							/* LEADS_ACT_PIPELINE_H */
