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

#include "lib/calendar.h"

#define LEADS_TRIGGERS 32		/* nodes of the condition of one entry */
#define LEADS_NOTICES 8

/* none: n = 0 */
typedef struct LeadsSpan
{
	int32		n;
	enum
	{
		LEADS_DAYS, LEADS_WORKING_DAYS, LEADS_HOURS, LEADS_WORKING_HOURS
	}			unit;
} LeadsSpan;

typedef enum LeadsTriggerKind
{
	LEADS_TRIGGER_PROTECTION_END,
	LEADS_TRIGGER_NO_FOLLOWUP,
	LEADS_TRIGGER_NO_FIRST_CONTACT,
	LEADS_TRIGGER_NO_STAGE_PROGRESS,
	LEADS_TRIGGER_NO_OPPORTUNITY,
	LEADS_TRIGGER_NO_DEAL,
	LEADS_TRIGGER_CONTRACT_END,
	LEADS_TRIGGER_OWNER_LEFT,
	LEADS_TRIGGER_ANY,			/* the earliest of the nodes in it */
	LEADS_TRIGGER_ALL			/* the latest */
} LeadsTriggerKind;

/* conditions as they are written, outer before inner */
typedef struct LeadsTrigger
{
	LeadsTriggerKind kind;
	LeadsSpan	span;
	int			size;			/* nodes, with those in it */
} LeadsTrigger;

/* what must be looked up before the judge can be asked */
#define LEADS_NEED_CONTACT		0x01
#define LEADS_NEED_PROGRESS		0x02
#define LEADS_NEED_OPPORTUNITY	0x04
#define LEADS_NEED_STAGE		0x08
#define LEADS_NEED_CONTRACT		0x10
#define LEADS_NEED_CALENDAR		0x20
#define LEADS_NEED_LEAVE		0x40	/* the clocks stand still while its owner is on leave */
/* what a move of a lead can change */
#define LEADS_NEED_LEADS		(LEADS_NEED_PROGRESS | LEADS_NEED_OPPORTUNITY | LEADS_NEED_STAGE)

/* one entry of a protection document, read */
typedef struct LeadsProtection
{
	int32		version;
	int32		entry;			/* 0 = the document itself, else the n-th of its entries */
	LeadsSpan	period;			/* protection period */
	LeadsTrigger triggers[LEADS_TRIGGERS];
	int			ntriggers;
	bool		owner_left;		/* lapses when its owner has left, whatever else holds */
	bool		leave_pauses;	/* clocks stand still while its owner is on leave */
	LeadsSpan	min_notice;		/* not released before its owner was told for so long; none: off */
	LeadsSpan	notices[LEADS_NOTICES + 1];	/* before the deadline, the earliest first; min_notice is one of them, or shorter */
	int			nnotices;
	int32		extend_times;	/* extensions allowed for one interval */
	int32		extend_days;	/* days that all extensions together may add */
	bool		extend_approval;	/* who is no boss asks for an extension, a boss decides */
	int32		hold_hours;		/* working hours that one not decided at the end of the protection is waited for */
	int32		grace_days;		/* no recomputed deadline before now + this */
	int32		lock_quota;		/* customers that one member may lock */
	char		exempt_stage[64];	/* an open lead at this stage or further exempts; '' = off */
	LeadsCalRange *pauses;
	int			npauses;
	char		pool[256];		/* code of the pool it lapses to; '' = the default pool */
	uint32		needs;			/* LEADS_NEED_* */
} LeadsProtection;

/* what the judge asks about one interval; instants: DT_NOBEGIN = none */
typedef struct LeadsProtectionFacts
{
	TimestampTz since;
	TimestampTz protect_from;	/* where the protection began; before since if a merge carried it on */
	TimestampTz protect_base;	/* where it ends, pauses left out, if that is no longer what the period gives */
	int32		extended_days;
	TimestampTz followed_at;
	TimestampTz progressed_at;	/* last move forward */
	TimestampTz contract_end;
	TimestampTz left_at;		/* its owner has left, or will have */
	bool		contacted;
	bool		opportunity;
	bool		stage_reached;	/* exempt_stage */
	const char *exempt;			/* NULL, won, locked */
	LeadsCalRange *pauses;		/* joined (leads_calendar_union), those of policy and calendar included */
	int			npauses;
	const LeadsCalendar *calendar;	/* NULL unless LEADS_NEED_CALENDAR, or an extension waits */
	const char *zone;			/* business zone */
} LeadsProtectionFacts;

typedef struct LeadsDeadline
{
	TimestampTz protected_until;	/* DT_NOBEGIN = none; so for all */
	TimestampTz next_due_at;
	TimestampTz remind_at;
	const char *due_by;			/* name of the trigger that decides; NULL = none */
} LeadsDeadline;

/* one condition looked at, for explain_deadline() */
typedef struct LeadsAnchor
{
	LeadsTriggerKind kind;
	int			depth;
	LeadsSpan	span;
	TimestampTz anchor;			/* counted from here; DT_NOBEGIN = not waiting for it */
	TimestampTz plain;			/* without pauses */
	TimestampTz due;			/* DT_NOEND = never */
} LeadsAnchor;

/* the document that install() seeds; every key may be left out, these are the defaults */
extern const char *const leads_protection_default;

/* LD014 with the JSON path of the first fault */
extern void leads_protection_validate(Jsonb *body);
/* body NULL = the default document; an entry that is not there is the document itself */
extern void leads_protection_read(Jsonb *body, int32 version, int32 entry, LeadsProtection *out);
/* the first entry whose condition holds for the canonical document, 0 = none; has_entries(): is a document needed? */
extern bool leads_protection_has_entries(Jsonb *body);
extern int32 leads_protection_choose(Jsonb *body, Jsonb *document);

extern const char *leads_trigger_name(LeadsTriggerKind kind);
/* local time in the business zone + n days: the same time of day, whatever daylight saving does between */
extern TimestampTz leads_protection_days_after(TimestampTz at, int32 days, const char *zone);
/* the beginning of the business day */
extern TimestampTz leads_protection_day_start(TimestampTz at, const char *zone);
extern TimestampTz leads_protection_span_after(TimestampTz at, LeadsSpan span, const LeadsProtectionFacts *facts);

/* an end with the days of an extension; in working days if the period is */
extern TimestampTz leads_protection_extended(const LeadsProtection *p, const LeadsProtectionFacts *facts,
											 TimestampTz base, int32 days);
/* end of the protection, extensions and pauses included; DT_NOBEGIN = without end */
extern TimestampTz leads_protection_end(const LeadsProtection *p, const LeadsProtectionFacts *facts);
/* the deadline that the anchors alone give, grace left out; anchors: room for LEADS_TRIGGERS, or NULL */
extern LeadsDeadline leads_protection_due(const LeadsProtection *p, const LeadsProtectionFacts *facts,
										  LeadsAnchor *anchors, int *nanchors);
/*
 * Deadlines after an anchor moved.  old_due: the deadline that stood until now, DT_NOBEGIN = none (it was exempt,
 * or had none).  A deadline that stood nearer than the grace stays where it is; a recomputed one never falls nearer;
 * one that an owner has who left is never before now.
 */
extern LeadsDeadline leads_protection_move(const LeadsProtection *p, const LeadsProtectionFacts *facts,
										   TimestampTz old_due, TimestampTz now);
/*
 * A deadline held for an extension that waits for approval, until its owner leaves.  Only the end of the protection is: another
 * condition would not be moved by an extension.
 */
extern LeadsDeadline leads_protection_hold(const LeadsProtection *p, const LeadsProtectionFacts *facts, LeadsDeadline d);
/* the deadline after such an extension was refused: the one that would stand if nobody had asked, but never before now */
extern TimestampTz leads_protection_refused(const LeadsProtection *p, TimestampTz due, TimestampTz now, const char *zone);
/* the first notice of a deadline after an instant, DT_NOBEGIN = none; offset: its number in p->notices */
extern TimestampTz leads_protection_notice(const LeadsProtection *p, TimestampTz due, TimestampTz after,
										   const char *zone, int *offset);
/* the instant of a notice of a deadline */
extern TimestampTz leads_protection_notice_at(const LeadsProtection *p, int notice, TimestampTz due, const char *zone);
/*
 * When it is released, told at an instant, DT_NOBEGIN = not yet: at the deadline, but min_notice after that; an owner who left
 * is not waited for.  DT_NOEND: it waits for the notice.
 */
extern TimestampTz leads_protection_release(const LeadsProtection *p, TimestampTz due, const char *due_by, TimestampTz noticed_at,
											const char *zone);
/* half-open: at the deadline itself the right is gone */
static inline bool
leads_protection_lapsed(TimestampTz next_due_at, TimestampTz now)
{
	return next_due_at != DT_NOBEGIN && next_due_at <= now;
}

#endif							/* LEADS_PROTECTION_H */
