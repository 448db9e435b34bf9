/*-------------------------------------------------------------------------
 *
 * test_calendar.c
 *		Working time against a walk minute by minute, and by hand.
 *
 *-------------------------------------------------------------------------
 */
#include "calendar.h"
#include "tap.h"

#define MINUTE INT64_C(60000000)
#define HOUR (60 * MINUTE)
#define DAY LEADS_CAL_DAY
#define ROOM 400

/* a zone like Berlin's, its changes on fixed dates: +2 h from March 29 to October 25 of each year of 365 days, at 01:00 UTC; else +1 h */
typedef struct Changes
{
	bool		any;
	int64_t		standard;
} Changes;

static bool
summer(int64_t at)
{
	int64_t		in_year = at % (365 * DAY);

	if (in_year < 0)
		in_year += 365 * DAY;
	return in_year >= 87 * DAY + HOUR && in_year < 297 * DAY + HOUR;
}

static int64_t
offset(Changes *z, int64_t at)
{
	return z->standard + (z->any && summer(at) ? HOUR : 0);
}

static void
to_local(void *arg, int64_t at, int32_t *date, int64_t *time_of_day)
{
	int64_t		local = at + offset(arg, at);
	int64_t		d = local / DAY - (local % DAY < 0 ? 1 : 0);

	*date = (int32_t) d;
	*time_of_day = local - d * DAY;
}

/* in the gap: as if the clocks had not changed; twice: the first time, but standard time where both are right for long */
static int64_t
to_instant(void *arg, int32_t date, int64_t time_of_day)
{
	Changes    *z = arg;
	int64_t		local = date * DAY + time_of_day;
	int64_t		at = local - z->standard;

	if (z->any && summer(at - HOUR))
		return at - HOUR;
	return at;
}

static bool
next_change(void *arg, int64_t after, int64_t *at)
{
	Changes    *z = arg;

	if (!z->any)
		return false;
	for (int64_t year = after / (365 * DAY) - 1;; year++)
	{
		int64_t		spring = year * 365 * DAY + 87 * DAY + HOUR;
		int64_t		autumn = year * 365 * DAY + 297 * DAY + HOUR;

		if (spring > after || autumn > after)
		{
			*at = spring > after ? spring : autumn;
			return true;
		}
	}
}

static LeadsCalDay room[ROOM];

static void
start(LeadsCalendar *c, Changes *z)
{
	memset(c, 0, sizeof(*c));
	c->zone.to_instant = to_instant;
	c->zone.to_local = to_local;
	c->zone.next_change = next_change;
	c->zone.arg = z;
	c->days = room;
	c->maxdays = ROOM;
}

static void
slot(LeadsCalendar *c, int weekday, int64_t from, int64_t to)
{
	c->slots[c->nslots].weekday = weekday;
	c->slots[c->nslots].from = from;
	c->slots[c->nslots++].to = to;
}

static void
day(LeadsCalendar *c, int32_t date, int like)
{
	c->days[c->ndays].date = date;
	c->days[c->ndays++].like = like;
}

static int
like_of(const LeadsCalendar *c, int32_t date)
{
	for (int i = 0; i < c->ndays; i++)
		if (c->days[i].date == date)
			return c->days[i].like;
	return ((date + 6) % 7 + 7) % 7;
}

/* is this minute worked?  by the definition, slot by slot */
static bool
worked(const LeadsCalendar *c, int64_t at)
{
	int32_t		date;
	int64_t		time_of_day;

	to_local(c->zone.arg, at, &date, &time_of_day);
	for (int32_t d = date - 2; d <= date + 1; d++)
		for (int i = 0; i < c->nslots; i++)
			if (c->slots[i].weekday == like_of(c, d) &&
				at >= to_instant(c->zone.arg, d, 0 + c->slots[i].from) &&
				at < to_instant(c->zone.arg, d + (int32_t) (c->slots[i].to / DAY), c->slots[i].to % DAY))
				return true;
	return false;
}

static unsigned rnd_state = 42;

static int
rnd(int n)
{
	rnd_state = rnd_state * 1103515245u + 12345u;
	return (int) ((rnd_state >> 8) % (unsigned) n);
}

static void
random_calendar(LeadsCalendar *c, Changes *z)
{
	start(c, z);
	for (int w = 0; w < 7; w++)
		if (rnd(3) > 0)
		{
			slot(c, w, (1 + rnd(4)) * HOUR, (6 + rnd(5)) * HOUR);
			if (rnd(2))
				slot(c, w, (12 + rnd(2)) * HOUR, (15 + rnd(9)) * HOUR);
			else if (rnd(3) == 0)
				slot(c, w, 22 * HOUR, DAY + rnd(2) * HOUR);	/* ends at one o'clock at the latest */
		}
	if (c->nslots == 0)
		slot(c, 1, 9 * HOUR, 18 * HOUR);
	for (int d = 60; d < 330; d++)
		if (rnd(9) == 0)
			day(c, d, rnd(2) ? -1 : c->slots[0].weekday);
}

static void
against_walk(bool changes)
{
	Changes		z = {changes, HOUR};
	int			wrong_add = 0;
	int			wrong_between = 0;
	int			wrong_next = 0;
	int			not_inverse = 0;
	int			asked = 0;

	for (int k = 0; k < 60; k++)
	{
		LeadsCalendar c;

		random_calendar(&c, &z);
		if (leads_calendar_build(&c, -400, 4000) != NULL)
			continue;
		for (int i = 0; i < 12; i++)
		{
			int64_t		at = (70 + rnd(240)) * DAY + rnd(1440) * MINUTE;
			int			minutes = 1 + rnd(rnd(2) ? 600 : 9000);
			int64_t		t = at;
			int			done = 0;
			int64_t		got = leads_calendar_add(&c, at, minutes * MINUTE);
			int64_t		next = at;

			while (!worked(&c, next))
				next += MINUTE;
			for (; done < minutes; t += MINUTE)
				done += worked(&c, t);
			wrong_next += leads_calendar_next(&c, at) != next;
			wrong_add += got != t;
			wrong_between += leads_calendar_between(&c, at, t + 17 * MINUTE) <
				minutes * MINUTE || leads_calendar_between(&c, at, t) != minutes * MINUTE;
			not_inverse += leads_calendar_between(&c, at, got) != minutes * MINUTE;
			asked++;
		}
	}
	ok(asked > 500, "%d questions%s", asked, changes ? ", with daylight saving" : "");
	is_int(wrong_next, 0, "next working instant as by the walk");
	is_int(wrong_add, 0, "adding as by the walk");
	is_int(wrong_between, 0, "measuring as by the walk");
	is_int(not_inverse, 0, "adding and measuring are inverse");
}

static void
days_against_walk(void)
{
	Changes		z = {false, 8 * HOUR};
	int			wrong = 0;

	for (int k = 0; k < 60; k++)
	{
		LeadsCalendar c;

		random_calendar(&c, &z);
		if (leads_calendar_build(&c, -400, 4000) != NULL)
			continue;
		for (int i = 0; i < 20; i++)
		{
			int64_t		at = leads_calendar_next(&c, (70 + rnd(200)) * DAY + rnd(1440) * MINUTE);
			int			n = 1 + rnd(30);
			int32_t		date;
			int32_t		d;
			int64_t		tod;
			int			left = n;

			to_local(&z, at, &date, &tod);
			/* of a slot across midnight */
			for (int s = 0, in = 0; s < c.nslots; s++)
			{
				in |= c.slots[s].weekday == like_of(&c, date) && tod >= c.slots[s].from && tod < c.slots[s].to;
				if (s == c.nslots - 1 && !in)
				{
					date--;
					tod += DAY;
				}
			}
			for (d = date; left > 0;)
			{
				bool		works = false;

				d++;
				for (int s = 0; s < c.nslots; s++)
					works |= c.slots[s].weekday == like_of(&c, d);
				left -= works;
			}
			wrong += leads_calendar_add_days(&c, at, n) != to_instant(&z, d, tod);
		}
	}
	is_int(wrong, 0, "working days as by the walk");
}

static void
by_hand(void)
{
	Changes		z = {false, 8 * HOUR};
	LeadsCalendar c;
	int64_t		monday = 2 * DAY - 8 * HOUR;	/* 2000-01-03 00:00 +08 */

	start(&c, &z);
	for (int w = 1; w <= 5; w++)
		slot(&c, w, 9 * HOUR, 18 * HOUR);
	ok(leads_calendar_build(&c, 0, 1000) == NULL, "Monday to Friday, nine to six");
	is_int(leads_calendar_add(&c, monday + 9 * HOUR, 9 * HOUR), monday + 18 * HOUR, "a whole day ends when it ends");
	is_int(leads_calendar_add(&c, monday + 9 * HOUR, 9 * HOUR + 1), monday + DAY + 9 * HOUR + 1, "and a microsecond more is the next");
	is_int(leads_calendar_next(&c, monday + 18 * HOUR), monday + DAY + 9 * HOUR, "at its end a slot is over");
	is_int(leads_calendar_add(&c, monday + 20 * HOUR, 0), monday + DAY + 9 * HOUR, "nothing from outside: the next beginning");
	is_int(leads_calendar_add(&c, monday + 4 * DAY + 17 * HOUR, 2 * HOUR), monday + 7 * DAY + 10 * HOUR, "over the week-end");
	is_int(leads_calendar_add_days(&c, monday + 4 * DAY + 17 * HOUR, 1), monday + 7 * DAY + 17 * HOUR, "one working day from Friday 17:00");
	is_int(leads_calendar_add_days(&c, monday + 5 * DAY + 10 * HOUR, 1), monday + 8 * DAY + 9 * HOUR,
		   "from a Saturday: from Monday's beginning");
	is_int(leads_calendar_add_days(&c, monday + 10 * HOUR, 0), monday + 10 * HOUR, "none");
	/* a century away costs no more */
	is_int(leads_calendar_add_days(&c, monday + 10 * HOUR, 5 * 5000), monday + 7 * 5000 * DAY + 10 * HOUR, "25 000 working days");
	is_int(leads_calendar_between(&c, monday, monday + 7 * 5000 * DAY), 5000 * 45 * HOUR, "5 000 weeks");
	is_int(leads_calendar_between(&c, monday + DAY, monday), 0, "the wrong way round is nothing");
	is_int(leads_calendar_add(&c, monday - 7 * 5000 * DAY, 9 * HOUR), monday - 7 * 5000 * DAY + 18 * HOUR, "before the calendar's own zero");

	/* five minutes asked at 23:58 before a holiday, slot across midnight */
	start(&c, &z);
	slot(&c, 1, 22 * HOUR, DAY + 2 * HOUR);
	slot(&c, 3, 9 * HOUR, 18 * HOUR);
	day(&c, 3, -1);				/* Tuesday 2000-01-04 */
	ok(leads_calendar_build(&c, 0, 1000) == NULL, "a slot across midnight before a holiday");
	is_int(leads_calendar_add(&c, monday + 23 * HOUR + 58 * MINUTE, 5 * MINUTE), monday + DAY + 3 * MINUTE,
		   "the slot belongs to the day it began on: five minutes from 23:58");
	c.ndays = 0;
	day(&c, 2, -1);
	ok(leads_calendar_build(&c, 0, 1000) == NULL, "the day before is one");
	is_int(leads_calendar_add(&c, monday + 23 * HOUR + 58 * MINUTE, 5 * MINUTE), monday + 2 * DAY + 9 * HOUR + 5 * MINUTE,
		   "a holiday goes on to the beginning of the next slot");

	/* refused */
	start(&c, &z);
	ok(leads_calendar_build(&c, 0, 1000) != NULL, "no slot at all");
	slot(&c, 1, 9 * HOUR, 18 * HOUR);
	slot(&c, 1, 17 * HOUR, 20 * HOUR);
	ok(leads_calendar_build(&c, 0, 1000) != NULL, "slots that overlap");
	start(&c, &z);
	slot(&c, 1, 22 * HOUR, DAY + 3 * HOUR);
	slot(&c, 2, 2 * HOUR, 4 * HOUR);
	ok(leads_calendar_build(&c, 0, 1000) != NULL, "a slot that runs into the next day's");
	start(&c, &z);
	slot(&c, 1, 9 * HOUR, 18 * HOUR);
	day(&c, 5, 1);
	day(&c, 5, -1);
	ok(leads_calendar_build(&c, 0, 1000) != NULL, "a date named twice");
	start(&c, &z);
	slot(&c, 1, 9 * HOUR, DAY + 10 * HOUR);
	ok(leads_calendar_build(&c, 0, 1000) == NULL, "a long slot");
	day(&c, 3, 1);
	ok(leads_calendar_build(&c, 0, 1000) != NULL, "an extra day that it runs into");
}

static void
daylight(void)
{
	Changes		z = {true, HOUR};
	LeadsCalendar c;

	/* March 29 is day 87 (a Wednesday here): 02:00 does not exist; a night shift of eight hours lasts seven */
	start(&c, &z);
	for (int w = 0; w < 7; w++)
		slot(&c, w, 22 * HOUR, DAY + 6 * HOUR);
	ok(leads_calendar_build(&c, 0, 4000) == NULL, "a night shift");
	is_int(leads_calendar_between(&c, to_instant(&z, 86, 12 * HOUR), to_instant(&z, 87, 12 * HOUR)), 7 * HOUR, "the short night");
	is_int(leads_calendar_between(&c, to_instant(&z, 296, 12 * HOUR), to_instant(&z, 297, 12 * HOUR)), 9 * HOUR, "the long night");
	is_int(leads_calendar_between(&c, to_instant(&z, 0, 12 * HOUR), to_instant(&z, 365 * 9, 12 * HOUR)), 365 * 9 * 8 * HOUR,
		   "over years they cancel out");
}

static void
pauses(void)
{
	Changes		z = {false, 8 * HOUR};
	LeadsCalendar c;
	LeadsCalRange r[4] = {{20 * DAY, 21 * DAY}, {20 * DAY + DAY / 2, 21 * DAY + DAY / 2}, {5 * DAY, 5 * DAY}, {3 * DAY, 4 * DAY}};
	int			n = leads_calendar_union(r, 4);

	is_int(n, 2, "what overlaps is one, what is empty is none");
	is_int(r[1].until - r[1].since, DAY + DAY / 2, "two days overlapping by half are one and a half");
	is_int(leads_calendar_pause(NULL, 10 * DAY, 40 * DAY, r, n), 41 * DAY + DAY / 2, "added to the deadline, once");
	is_int(leads_calendar_pause(NULL, 10 * DAY, 20 * DAY, r, n), 20 * DAY, "one that begins at the deadline comes too late");
	is_int(leads_calendar_pause(NULL, 10 * DAY, 20 * DAY + 1, r, n), 21 * DAY + DAY / 2 + 1, "a microsecond later it counts");
	is_int(leads_calendar_pause(NULL, 21 * DAY, 40 * DAY, r, n), 40 * DAY + DAY / 2, "only what lies after the beginning");
	r[0].since = 10 * DAY;
	r[0].until = 11 * DAY;
	r[1].since = 20 * DAY;
	r[1].until = 22 * DAY;
	is_int(leads_calendar_pause(NULL, 9 * DAY, 19 * DAY + DAY / 2, r, 2), 22 * DAY + DAY / 2,
		   "what one pause adds may reach the next");

	start(&c, &z);
	for (int w = 1; w <= 5; w++)
		slot(&c, w, 9 * HOUR, 18 * HOUR);
	(void) leads_calendar_build(&c, 0, 1000);
	/* Wednesday 2000-01-05, all of it: nine working hours; a week-end: none */
	r[0].since = 4 * DAY - 8 * HOUR;
	r[0].until = 5 * DAY - 8 * HOUR;
	r[1].since = 7 * DAY - 8 * HOUR;
	r[1].until = 9 * DAY - 8 * HOUR;
	is_int(leads_calendar_pause(&c, 2 * DAY, 11 * DAY - 8 * HOUR + 10 * HOUR, r, 2), 12 * DAY - 8 * HOUR + 10 * HOUR,
		   "in working time a week-end's pause adds nothing, a Wednesday's a day");
}

int
main(void)
{
	by_hand();
	daylight();
	against_walk(false);
	against_walk(true);
	days_against_walk();
	pauses();
	return done();
}
