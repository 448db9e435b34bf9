/*-------------------------------------------------------------------------
 *
 * calendar.h
 *		Working time: weekly slots, holidays, extra working days, in a zone with or without daylight saving.
 *
 * Instants are microseconds since 2000-01-01 00:00 UTC, dates are days since
 * 2000-01-01, a Saturday.  A slot belongs to the date it starts on, may end on
 * the next one, and lasts as long as the clocks really run meanwhile.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_CALENDAR_H
#define LEADS_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#define LEADS_CAL_DAY INT64_C(86400000000)
#define LEADS_CAL_SLOTS 64		/* in a week */

/* the zone is the caller's */
typedef struct LeadsZone
{
	/* the instant of a local date and time of day in microseconds, which may be more than a day */
	int64_t		(*to_instant) (void *arg, int32_t date, int64_t time_of_day);
	void		(*to_local) (void *arg, int64_t instant, int32_t *date, int64_t *time_of_day);
	/* the first change of the clocks after an instant; false if there is none */
	bool		(*next_change) (void *arg, int64_t after, int64_t *at);
	void	   *arg;
} LeadsZone;

typedef struct LeadsCalSlot
{
	int32_t		weekday;		/* 0 = Sunday */
	int64_t		from;			/* local time of day */
	int64_t		to;				/* later than from; over a day: on the next date */
} LeadsCalSlot;

/* a date that is not as its weekday */
typedef struct LeadsCalDay
{
	int32_t		date;
	int32_t		like;			/* weekday whose slots it has; -1 = none, a holiday */
	int64_t		work;			/* the rest is filled in by the build */
	int64_t		extra_before;	/* work of the dates before it in this list, beyond that of their weekdays */
	int32_t		days_before;	/* the same of working days */
} LeadsCalDay;

typedef struct LeadsCalRange
{
	int64_t		since;
	int64_t		until;			/* exclusive */
} LeadsCalRange;

typedef struct LeadsCalendar
{
	LeadsZone	zone;
	LeadsCalSlot slots[LEADS_CAL_SLOTS];
	int			nslots;
	LeadsCalDay *days;			/* room for maxdays */
	int			ndays;
	int			maxdays;
	/* by the build */
	int			first_slot[8];	/* of a weekday in slots; [7] = nslots */
	int64_t		base[7];		/* work of a weekday */
	int64_t		week;			/* of a week */
	int32_t		week_days;
} LeadsCalendar;

/*
 * Put slots and days in order, look for changes of the clocks inside slots between two dates, and add up.  NULL if
 * all is well, else the fault in words.  Slots, days, maxdays and zone are set.
 */
extern const char *leads_calendar_build(LeadsCalendar *c, int32_t first, int32_t last);
/* the working instant itself, else the beginning of the next slot */
extern int64_t leads_calendar_next(const LeadsCalendar *c, int64_t at);
/* the first instant with so much work since at; nothing: leads_calendar_next() */
extern int64_t leads_calendar_add(const LeadsCalendar *c, int64_t at, int64_t work);
/* work between two instants, the later one second */
extern int64_t leads_calendar_between(const LeadsCalendar *c, int64_t a, int64_t b);
/* the same time of day on the n-th working day after the one of leads_calendar_next(at) */
extern int64_t leads_calendar_add_days(const LeadsCalendar *c, int64_t at, int32_t n);
/*
 * Sort ranges and join what overlaps or touches; returns how many are left.  Empty ones go.
 */
extern int	leads_calendar_union(LeadsCalRange *ranges, int n);
/*
 * Where a deadline comes to lie if the ranges between since and it do not count; ranges as the union leaves
 * them.  working NULL: all of their time is added; else their working time, in working time.
 */
extern int64_t leads_calendar_pause(const LeadsCalendar *working, int64_t since, int64_t due,
									const LeadsCalRange *ranges, int n);

#endif							/* LEADS_CALENDAR_H */
