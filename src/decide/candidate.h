/*
 * candidate.h - the judge of candidates: may this member receive a customer now, and who of several goes first.
 */
#ifndef LEADS_CANDIDATE_H
#define LEADS_CANDIDATE_H

#include "core/leads.h"

/* a time of the week at work, in minutes from Monday 00:00; it may end in the week after */
typedef struct LeadsSlot
{
	int			from;
	int			to;				/* exclusive */
} LeadsSlot;

typedef struct LeadsSeat
{
	int64		member_id;
	const char *code;
	bool		active;
	TimestampTz left_at;		/* LEADS_NO_TIME = still here; so for all instants */
	const char *leave;			/* kind of the absence of this instant, NULL = here */
	TimestampTz leave_until;
	const char *hours;			/* as written, slots joined with commas; NULL = always at work */
	LeadsSlot  *slots;
	int			nslots;
	char	  **skills;
	int			nskills;
	int32		cap;			/* customers held at once, -1 = no limit; so for all caps */
	int32		daily_cap;		/* customers that rules give it in a business day */
	int64		seat_id;		/* 0 = not stored yet (everybody ring), or no ring */
	int64		weight;
	int32		position;
	int64		pass;
	int64		last_turn;
	bool		seated;
	int32		held;			/* known once counted */
	int64		load;			/* what the least loaded is compared by */
	int32		given;			/* by rules in this business day */
	int32		rule_given;		/* by the rule at hand in this business day */
	TimestampTz last_assigned_at;
} LeadsSeat;

/* what is asked of whoever gets it */
typedef struct LeadsWanted
{
	TimestampTz now;
	int64		exclude_id;		/* must not get it: the previous owner; 0 = nobody */
	char	  **skills;			/* all of them */
	int			nskills;
	int32		rule_cap;		/* the rule gives one member so many in a business day, -1 = no limit */
	int			minute;			/* of the week at now, if the working hours are asked; -1 = they are not */
	bool		open;			/* then: the company's calendar works at now … */
	bool		holiday;		/* … or the date is one on which it does not */
	bool		keeps;			/* holds it already: no cap is asked */
	bool		own_wish;		/* registered it: only the holder cap is asked */
} LeadsWanted;

/* the first thing that stands against a candidate, in the order of the checks */
typedef enum
{
	LEADS_SEAT_FITS, LEADS_SEAT_INACTIVE, LEADS_SEAT_LEFT, LEADS_SEAT_LEAVE, LEADS_SEAT_HOURS, LEADS_SEAT_SKILL,
	LEADS_SEAT_PREVIOUS,
	LEADS_SEAT_FULL, LEADS_SEAT_DAY_FULL, LEADS_SEAT_RULE_FULL
} LeadsSeatVerdict;

/* slots of a week out of "1-5 09:00-18:00,6 10:00-12:00"; what is not written so is no slot; palloc'd */
extern int	leads_candidate_slots(const char *hours, LeadsSlot **slots);
/* minute of the week in a time zone */
extern int	leads_candidate_minute(TimestampTz at, const char *zone);

/* what counting cannot change: the checks up to the previous owner */
extern LeadsSeatVerdict leads_candidate_present(const LeadsSeat *s, const LeadsWanted *w);
/* all checks; held, given and rule_given must be known */
extern LeadsSeatVerdict leads_candidate_judge(const LeadsSeat *s, const LeadsWanted *w);
/* has a limit that counting may find reached */
extern bool leads_candidate_limited(const LeadsSeat *s, const LeadsWanted *w);
/* the first skill wanted that the candidate does not have, NULL = has all */
extern const char *leads_candidate_lacks(const LeadsSeat *s, const LeadsWanted *w);
/* least loaded: the smaller share of its weight, then least recently assigned, then position, then member */
extern bool leads_candidate_lighter(const LeadsSeat *a, const LeadsSeat *b);

#endif							/* LEADS_CANDIDATE_H */
