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
	char		pool[256];		/* code of the pool it lapses to; '' = the default pool */
} LeadsProtection;

typedef struct LeadsDeadline
{
	TimestampTz protected_until;	/* DT_NOBEGIN = none; so for all */
	TimestampTz next_due_at;
	TimestampTz remind_at;
} LeadsDeadline;

/* the document that install() seeds; every key may be left out, these are the defaults */
extern const char *const leads_protection_default;

/* LD014 with the JSON path of the first fault */
extern void leads_protection_validate(Jsonb *body);
/* body NULL = the default document */
extern void leads_protection_read(Jsonb *body, int32 version, LeadsProtection *out);
/* local time in the business zone + n days: the same time of day, whatever daylight saving does between */
extern TimestampTz leads_protection_days_after(TimestampTz at, int32 days, const char *zone);
/* the beginning of the business day */
extern TimestampTz leads_protection_day_start(TimestampTz at, const char *zone);
/* deadlines of an interval that begins now */
extern LeadsDeadline leads_protection_start(const LeadsProtection *p, TimestampTz since, const char *zone);
/*
 * Deadlines after an anchor moved.  exempt: NULL, won, locked; old_due: the deadline that stood until
 * now, DT_NOBEGIN = none (it was exempt).  A deadline that stood nearer than the grace stays where it
 * is; a recomputed one never falls nearer.
 */
extern LeadsDeadline leads_protection_move(const LeadsProtection *p, TimestampTz since, TimestampTz protected_until,
										   TimestampTz followed_at, const char *exempt, TimestampTz old_due,
										   TimestampTz now, const char *zone);
/* the deadline that the anchors alone give, grace left out; the stored one is this or, lifted by grace, later */
extern TimestampTz leads_protection_due(const LeadsProtection *p, TimestampTz since, TimestampTz protected_until,
										TimestampTz followed_at, const char *exempt, const char *zone);
/* half-open: at the deadline itself the right is gone */
static inline bool
leads_protection_lapsed(TimestampTz next_due_at, TimestampTz now)
{
	return next_due_at != DT_NOBEGIN && next_due_at <= now;
}

#endif							/* LEADS_PROTECTION_H */
