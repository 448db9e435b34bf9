/*
 * protection.h - the judge of deadlines: until when is a customer protected, when does it lapse.
 *
 * Values in, decision out; never SPI.
 */
#ifndef LEADS_PROTECTION_H
#define LEADS_PROTECTION_H

#include "postgres.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

typedef struct LeadsProtection
{
	int32		version;
	int32		days;			/* protection period; 0 = none: never lapses by it */
	int32		remind_days;	/* reminder so many days before the deadline; 0 = none */
	int32		no_followup_days;	/* lapse after so many days without effective follow-up; 0 = off */
	int32		extend_times;	/* extensions allowed for one interval */
	int32		extend_days;	/* days that all extensions together may add */
	int32		grace_days;		/* no recomputed deadline before now + this */
	char		pool[64];		/* where it lapses to; '' = the default pool */
} LeadsProtection;

typedef struct LeadsDeadline
{
	TimestampTz protected_until;	/* DT_NOBEGIN = none; so for all */
	TimestampTz next_due_at;
	TimestampTz remind_at;
} LeadsDeadline;

/* LD014 with the JSON path of the first fault */
extern void leads_protection_validate(Jsonb *body);
extern void leads_protection_read(Jsonb *body, int32 version, LeadsProtection *out);
/* deadlines of an interval that begins now */
extern LeadsDeadline leads_protection_start(const LeadsProtection *p, TimestampTz since, const char *zone);
/* deadlines after an anchor moved; exempt: NULL, won, locked */
extern LeadsDeadline leads_protection_move(const LeadsProtection *p, TimestampTz since, TimestampTz protected_until,
										   TimestampTz followed_at, const char *exempt, TimestampTz now, const char *zone);
/* half-open: at the deadline itself the right is gone */
static inline bool
leads_protection_lapsed(TimestampTz next_due_at, TimestampTz now)
{
	return next_due_at != DT_NOBEGIN && next_due_at <= now;
}

#endif							/* LEADS_PROTECTION_H */
