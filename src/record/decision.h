/*
 * decision.h - keeper of decisions and their evidence.
 */
#ifndef LEADS_DECISION_H
#define LEADS_DECISION_H

#include "core/leads.h"

/* evidence under construction: steps of code + arguments, never sentences */
typedef struct LeadsEvidence
{
	struct JsonbParseState *state;
	int			n;
	Jsonb	   *json;			/* once it is complete */
} LeadsEvidence;

extern void leads_evidence_begin(LeadsEvidence *e);
/*
 * One step.  step: match, action, route, protect, lapse …; verdict: what this step said (yes, no,
 * skipped, blocked …); code: a message code (core/message.h) whose arguments are the texts that
 * follow, nargs of them, NULL allowed.
 */
extern void leads_evidence_add(LeadsEvidence *e, const char *step, const char *verdict, const char *code, int nargs,...);

/* the steps as a document; none can be added afterwards */
extern Jsonb *leads_evidence_json(LeadsEvidence *e);

typedef struct LeadsDecision
{
	const char *kind;			/* register, claim, release … */
	const char *verdict;
	int64		customer_id;	/* 0 = none */
	int64		lead_id;
	const char *scope;			/* NULL = '' */
	TimestampTz at;				/* LEADS_NO_TIME = f->now */
	int32		match_version;	/* policy versions used, 0 = not used */
	int32		routing_version;
	int32		protection_version;
	int32		pipeline_version;
	bool		by_system;		/* actor is the system whoever called (lapse) */
} LeadsDecision;

/* write it; the evidence may be NULL; returns the id */
extern int64 leads_decision_write(LeadsFrame *f, const LeadsDecision *d, LeadsEvidence *e);

#endif							/* LEADS_DECISION_H */
