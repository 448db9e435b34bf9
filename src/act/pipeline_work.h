/*
 * pipeline_work.h - private to act/pipeline: what its verbs share.
 */
#ifndef LEADS_PIPELINE_WORK_H
#define LEADS_PIPELINE_WORK_H

#include "core/leads.h"

#include "act/corridor.h"
#include "act/pipeline.h"
#include "core/policy.h"
#include "decide/pipeline.h"
#include "record/lead.h"
#include "record/lead_edit.h"

typedef struct LeadsWorkStage
{
	int64		id;
	const char *label;			/* in the company's language */
} LeadsWorkStage;

/* one lead in the corridor */
typedef struct LeadsPipelineWork
{
	LeadsLead	lead;
	LeadsLeadFields fields;
	LeadsHold	hold;
	LeadsPipeline rules;
	LeadsStep  *steps;			/* the same order as stages */
	LeadsWorkStage *stages;
	int			n;
	int			from;			/* where the lead is */
	LeadsEvidence evidence;
} LeadsPipelineWork;

/* who owns it, which version, which stages: LD001 LD003 LD010 LD050 */
extern void leads_pipeline_begin(LeadsFrame *f, LeadsPipelineWork *w, int64 lead_id, int32 expected_version);
/* the decision row; w->evidence is used up */
extern int64 leads_pipeline_decide(LeadsFrame *f, LeadsPipelineWork *w, const char *kind, const char *verdict);
/* the corridor's end and the answer; at: index of the stage it is in now */
extern void leads_pipeline_finish(LeadsFrame *f, LeadsPipelineWork *w, int at, int64 decision_id, LeadsMoved *out);

/* the shell of an SQL function: call with the arguments of the row, once */
extern TupleDesc leads_pipeline_desc(FunctionCallInfo fcinfo);
extern void leads_pipeline_enter(LeadsFrame *f, FunctionCallInfo fcinfo, int by_member);
extern Datum leads_pipeline_answer(LeadsFrame *f, TupleDesc desc, const LeadsMoved *m);
extern int32 leads_pipeline_version_arg(FunctionCallInfo fcinfo, int n);
/* a numeric argument as an amount: 22023 if negative or no number; 0 = NULL */
extern Datum leads_pipeline_amount_arg(FunctionCallInfo fcinfo, int n);
extern void leads_pipeline_check_amount(Datum amount);
extern void leads_pipeline_check_length(const char *what, const char *s, int most);
/* blank is absent */
extern const char *leads_pipeline_given(const char *s);
extern void leads_pipeline_push(JsonbParseState **state, JsonbIteratorToken token, const char *s);

#endif							/* LEADS_PIPELINE_WORK_H */
