/*
 * followup.h - logging what was done, and the deadline that it moves.
 */
#ifndef LEADS_FOLLOWUP_H
#define LEADS_FOLLOWUP_H

#include "core/leads.h"

typedef struct LeadsLogged
{
	int64		activity_id;
	bool		effective;
	const char *reason;			/* code of why not, NULL if effective */
	TimestampTz next_due_at;
	int64		decision_id;
} LeadsLogged;

typedef struct LeadsLogInput
{
	int64		lead_id;
	const char *kind;
	const char *note;			/* may be NULL */
	TimestampTz occurred_at;	/* LEADS_NO_TIME = now */
	int32		seconds;		/* connected, 0 = not known */
	bool		automatic;		/* a program made it */
} LeadsLogInput;

/* the actor is resolved already; texts of the answer live in the frame's memory */
extern void leads_followup_log(LeadsFrame *f, const LeadsLogInput *in, LeadsLogged *out);

extern void leads_followup_init(void);

#endif							/* LEADS_FOLLOWUP_H */
