/*
 * pipeline.h - the judge of stage moves and of follow-ups.
 *
 * Values in, verdict out; never SPI.  The verbs put a refusal into an error.
 */
#ifndef LEADS_PIPELINE_H
#define LEADS_PIPELINE_H

#include "postgres.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

/* a pipeline policy document, read */
typedef struct LeadsPipeline
{
	int32		version;		/* 0 = no document: the defaults */
	bool		allow_skip;		/* a move forward may leave out open stages */
	bool		back_needs_reason;
	bool		qualify_amount; /* the qualifying stage asks for an amount … */
	bool		qualify_date;	/* … and for an expected close */
	int			lose_note_min;	/* characters that reason 'other' needs as a note */
	char	  **lose_reasons;
	int			nlose_reasons;
	char	  **invalid_reasons;	/* of these, the ones that say it was no lead */
	int			ninvalid_reasons;
	char	  **followup_kinds; /* kinds of activity that count as a follow-up */
	int			nfollowup_kinds;
	int			followup_note_min;	/* characters of its note */
	int			followup_days_back; /* it may be entered so many days late */
	int			followup_seconds_min;	/* connected so long, it needs no words; 0 = it does */
	double		followup_alike; /* a note that is so much like the one before says nothing */
	int64		followup_gap;	/* microseconds; two within count once; 0 = each counts */
	int64		followup_grace; /* microseconds; so long after the lapse a late entry gives the customer back; 0 = never */
} LeadsPipeline;

#define LEADS_FOLLOWUP_ALIKE 0.9

/* LD014 with the JSON path of the first fault */
extern void leads_pipeline_validate(Jsonb *body);
/* the part "followup" of a protection document and of its entries: LD014; read: over what *p says already */
extern void leads_followup_validate(Jsonb *protection);
extern void leads_followup_rules(Jsonb *protection, int32 entry, LeadsPipeline *p);
/* body NULL = the defaults */
extern void leads_pipeline_read(Jsonb *body, int32 version, LeadsPipeline *out);
/* the document that a new company starts with */
extern const char *const leads_pipeline_default;

/* a stage as the judge sees it */
typedef struct LeadsStep
{
	const char *code;
	int32		position;
	bool		open;
	bool		won;			/* neither open nor won: lost */
	bool		qualifies;
} LeadsStep;

typedef enum LeadsMoveFault
{
	LEADS_MOVE_OK,
	LEADS_MOVE_CLOSED,			/* the lead is won or lost: reopen() */
	LEADS_MOVE_NOT_CLOSED,		/* reopen() of an open one */
	LEADS_MOVE_SAME,			/* it is there already */
	LEADS_MOVE_CLOSING,			/* the target is won or lost: win(), lose() */
	LEADS_MOVE_SKIPS,			/* leaves out open stages against the policy */
	LEADS_MOVE_NO_REASON,
	LEADS_MOVE_UNKNOWN_REASON,
	LEADS_MOVE_NO_NOTE,			/* reason 'other' with too short a note */
	LEADS_MOVE_NO_AMOUNT,		/* the qualifying stage asks for it */
	LEADS_MOVE_NO_DATE
} LeadsMoveFault;

typedef struct LeadsMove
{
	LeadsMoveFault fault;
	bool		back;
	int			skipped;		/* open stages left out on the way forward */
	bool		qualifies;		/* becomes an opportunity */
	bool		disqualifies;	/* is one no longer */
	bool		invalid;		/* lost, because it was no lead at all */
} LeadsMove;

/* what the judge asks about the lead */
typedef struct LeadsMoveFacts
{
	bool		has_reason;
	bool		has_amount;
	bool		has_date;
} LeadsMoveFacts;

extern LeadsMove leads_pipeline_advance(const LeadsPipeline *p, const LeadsStep *steps, int n,
										int from, int to, const LeadsMoveFacts *facts);
extern LeadsMove leads_pipeline_win(const LeadsPipeline *p, const LeadsStep *steps, int n,
									int from, int won, const LeadsMoveFacts *facts);
extern LeadsMoveFault leads_pipeline_lose(const LeadsPipeline *p, const LeadsStep *from,
										  const char *reason, const char *note);
/* lost for this reason it was no lead: spam, a wrong number, a test */
extern bool leads_pipeline_invalid(const LeadsPipeline *p, const char *reason);
extern LeadsMoveFault leads_pipeline_reopen(const LeadsStep *from, const LeadsStep *to);
/* from this position on a lead is an opportunity */
extern bool leads_pipeline_opportunity(const LeadsStep *steps, int n, int at);
/* codes of the stages that advance() may reach from here, "a, b, c"; NULL if there is none */
extern char *leads_pipeline_next(const LeadsPipeline *p, const LeadsStep *steps, int n, int from);

/* a follow-up as the judge sees it */
typedef struct LeadsFollowup
{
	const char *kind;
	const char *note;			/* may be NULL */
	const char *previous;		/* the author's note before it about this customer, may be NULL */
	int32		seconds;		/* connected, 0 = not known */
	bool		automatic;		/* made by a program, nobody did it */
	bool		near;			/* an effective one lies within the gap */
	TimestampTz occurred_at;
	TimestampTz now;
	TimestampTz owned_since;	/* DT_NOBEGIN = nobody owns the customer */
	bool		by_right;		/* the author owns it, works along, or is a boss */
} LeadsFollowup;

typedef enum LeadsFollowupDate
{
	LEADS_DATE_OK, LEADS_DATE_FUTURE, LEADS_DATE_TOO_OLD
} LeadsFollowupDate;

extern LeadsFollowupDate leads_followup_date(const LeadsPipeline *p, TimestampTz occurred_at, TimestampTz now);
/* NULL = effective, else the code of why not */
extern const char *leads_followup_judge(const LeadsPipeline *p, const LeadsFollowup *f);
/* characters of a text that people see: blanks around it and control characters do not count */
extern int	leads_followup_length(const char *note);

#endif							/* LEADS_PIPELINE_H */
