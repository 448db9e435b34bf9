/*
 * calendar.c - the reader of calendar documents.
 *
 * Purpose: check a calendar document and make working time of it; PostgreSQL's zones for lib/calendar.
 * Invariants: values in, values out, no SPI; what is published can be read, as the check is the reading itself;
 * no calendar is without working time, so nothing that counts it can run for ever.
 * Called by: core/policy (validator), record/anchor.
 */
#include "postgres.h"

#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "core/policy.h"
#include "decide/calendar.h"

const char *const leads_calendar_default =
"{\"week\": {\"mon\": [[\"09:00\", \"18:00\"]], \"tue\": [[\"09:00\", \"18:00\"]], \"wed\": [[\"09:00\", \"18:00\"]],"
" \"thu\": [[\"09:00\", \"18:00\"]], \"fri\": [[\"09:00\", \"18:00\"]]}}";

#define MOST_DATES 4000
#define MOST_FREEZE 400			/* days of one freeze */
#define MOST_CHANGES 500		/* dates on which the clocks change inside a slot */
#define FIRST_YEAR 1990
#define LAST_YEAR 2100

static const char *const weekdays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

/* ---------------------------------------------------------------- the zone */

static int64_t
to_instant(void *arg, int32_t date, int64_t time_of_day)
{
	struct pg_tm tm;
	int			tz;
	TimestampTz result;
	fsec_t		fsec = (fsec_t) (time_of_day % USECS_PER_SEC);

	memset(&tm, 0, sizeof(tm));
	j2date(date + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
	tm.tm_hour = (int) (time_of_day / USECS_PER_HOUR);
	tm.tm_min = (int) (time_of_day / USECS_PER_MINUTE % 60);
	tm.tm_sec = (int) (time_of_day / USECS_PER_SEC % 60);
	tz = DetermineTimeZoneOffset(&tm, (pg_tz *) arg);
	if (tm2timestamp(&tm, fsec, &tz, &result) != 0)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
	return result;
}

static void
to_local(void *arg, int64_t at, int32_t *date, int64_t *time_of_day)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			tz;

	if (timestamp2tm(at, &tz, &tm, &fsec, NULL, (pg_tz *) arg) != 0)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
	*date = date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) - POSTGRES_EPOCH_JDATE;
	*time_of_day = ((tm.tm_hour * INT64CONST(60) + tm.tm_min) * 60 + tm.tm_sec) * USECS_PER_SEC + fsec;
}

static bool
next_change(void *arg, int64_t after, int64_t *at)
{
	pg_time_t	t = (pg_time_t) (after / USECS_PER_SEC) + (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
	pg_time_t	boundary;
	long int	offset_before;
	long int	offset_after;
	int			dst_before;
	int			dst_after;

	if (pg_next_dst_boundary(&t, &offset_before, &dst_before, &boundary, &offset_after, &dst_after,
							 (const pg_tz *) arg) != 1)
		return false;
	*at = (boundary - (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY) * USECS_PER_SEC;
	return true;
}

/* ---------------------------------------------------------------- the document */

static JsonbContainer *
array_of(const char *path, JsonbValue *v)
{
	if (v->type != jbvBinary || !JsonContainerIsArray(v->val.binary.data) || JsonContainerIsScalar(v->val.binary.data))
		leads_policy_fault(path, "not an array");
	return v->val.binary.data;
}

static char *
text_of(const char *path, JsonbValue *v)
{
	if (v == NULL || v->type != jbvString)
		leads_policy_fault(path, "not a text");
	return pnstrdup(v->val.string.val, v->val.string.len);
}

static void
only_keys(const char *path, JsonbValue *object, const char *const *keys, int n)
{
	JsonbIterator *it = JsonbIteratorInit(object->val.binary.data);
	JsonbIteratorToken token;
	JsonbValue	v;

	(void) JsonbIteratorNext(&it, &v, true);
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		bool		known = false;

		if (token != WJB_KEY)
			continue;
		for (int i = 0; i < n; i++)
			known |= strlen(keys[i]) == v.val.string.len && memcmp(keys[i], v.val.string.val, v.val.string.len) == 0;
		if (!known)
			leads_policy_fault(psprintf("%s.%s", path, pnstrdup(v.val.string.val, v.val.string.len)), "unknown key");
		(void) JsonbIteratorNext(&it, &v, true);
	}
}

/* 09:00, 24:00 */
static int64
clock_of(const char *path, JsonbValue *v)
{
	char	   *s = text_of(path, v);
	int			h;
	int			m;

	if (strlen(s) != 5 || s[2] != ':' || strspn(s, "0123456789:") != 5 ||
		(h = (s[0] - '0') * 10 + s[1] - '0') > 24 || (m = (s[3] - '0') * 10 + s[4] - '0') > 59 || (h == 24 && m > 0))
		leads_policy_fault(path, "not a time of day from 00:00 to 24:00");
	return (h * 60 + m) * USECS_PER_MINUTE;
}

/* 2026-10-01 */
static int32
date_of(const char *path, JsonbValue *v)
{
	char	   *s = text_of(path, v);
	int			y;
	int			m;
	int			d;

	if (strlen(s) != 10 || s[4] != '-' || s[7] != '-' || strspn(s, "0123456789-") != 10 ||
		sscanf(s, "%4d-%2d-%2d", &y, &m, &d) != 3 || y < FIRST_YEAR || y > LAST_YEAR || m < 1 || m > 12 || d < 1 ||
		d > day_tab[isleap(y)][m - 1])
		leads_policy_fault(path, psprintf("not a date like 2026-10-01 from %d to %d", FIRST_YEAR, LAST_YEAR));
	return date2j(y, m, d) - POSTGRES_EPOCH_JDATE;
}

static int
weekday_of(const char *path, JsonbValue *v)
{
	char	   *s = text_of(path, v);

	for (int i = 0; i < lengthof(weekdays); i++)
		if (strcmp(weekdays[i], s) == 0)
			return i;
	leads_policy_fault(path, "not one of sun, mon, tue, wed, thu, fri, sat");
}

static void
read_week(JsonbValue *week, LeadsCalendar *c)
{
	if (week->type != jbvBinary || !JsonContainerIsObject(week->val.binary.data))
		leads_policy_fault("$.week", "not an object");
	only_keys("$.week", week, weekdays, lengthof(weekdays));
	for (int w = 0; w < lengthof(weekdays); w++)
	{
		JsonbValue *v = leads_json_field(week->val.binary.data, weekdays[w]);
		JsonbContainer *slots;

		if (v == NULL)
			continue;
		slots = array_of(psprintf("$.week.%s", weekdays[w]), v);
		for (int i = 0; i < JsonContainerSize(slots); i++)
		{
			char	   *path = psprintf("$.week.%s[%d]", weekdays[w], i);
			JsonbContainer *pair = array_of(path, getIthJsonbValueFromContainer(slots, i));
			LeadsCalSlot *s = &c->slots[c->nslots];

			if (JsonContainerSize(pair) != 2)
				leads_policy_fault(path, "not a beginning and an end");
			if (c->nslots >= LEADS_CAL_SLOTS)
				leads_policy_fault(path, psprintf("more than %d slots in a week", LEADS_CAL_SLOTS));
			s->weekday = w;
			s->from = clock_of(psprintf("%s[0]", path), getIthJsonbValueFromContainer(pair, 0));
			s->to = clock_of(psprintf("%s[1]", path), getIthJsonbValueFromContainer(pair, 1));
			if (s->from == USECS_PER_DAY)
				leads_policy_fault(path, "does not begin on its day");
			/* across midnight */
			if (s->to <= s->from)
				s->to += USECS_PER_DAY;
			c->nslots++;
		}
	}
}

static void
add_date(const char *path, LeadsCalendar *c, int32 date, int32 like, bool joined)
{
	for (int i = 0; i < c->ndays; i++)
		if (c->days[i].date == date)
		{
			/* a freeze lies over holidays and over working days */
			if (joined)
			{
				c->days[i].like = -1;
				return;
			}
			leads_policy_fault(path, "names a date twice");
		}
	if (c->ndays >= MOST_DATES)
		leads_policy_fault(path, psprintf("more than %d dates", MOST_DATES));
	c->days[c->ndays].date = date;
	c->days[c->ndays++].like = like;
}

/* a date, or {"since", "until" (exclusive), "name"} */
static void
range_of(const char *path, JsonbValue *v, int32 *since, int32 *until)
{
	static const char *const keys[] = {"since", "until", "name"};

	if (v->type == jbvString)
	{
		*since = date_of(path, v);
		*until = *since + 1;
		return;
	}
	if (v->type != jbvBinary || !JsonContainerIsObject(v->val.binary.data))
		leads_policy_fault(path, "neither a date nor an object");
	only_keys(path, v, keys, lengthof(keys));
	*since = date_of(psprintf("%s.since", path), leads_json_field(v->val.binary.data, "since"));
	*until = date_of(psprintf("%s.until", path), leads_json_field(v->val.binary.data, "until"));
	if (*until <= *since)
		leads_policy_fault(path, "ends before it begins; until is the first date that does not belong to it");
	if (*until - *since > MOST_FREEZE)
		leads_policy_fault(path, psprintf("longer than %d days", MOST_FREEZE));
}

static void
read_dates(Jsonb *body, const char *key, LeadsWorkCalendar *out, bool freezes)
{
	JsonbValue *v = leads_json_get(body, key);
	JsonbContainer *list;

	if (v == NULL)
		return;
	list = array_of(psprintf("$.%s", key), v);
	if (freezes)
		out->freezes = palloc(sizeof(LeadsCalRange) * Max(JsonContainerSize(list), 1));
	for (int i = 0; i < JsonContainerSize(list); i++)
	{
		char	   *path = psprintf("$.%s[%d]", key, i);
		int32		since;
		int32		until;

		range_of(path, getIthJsonbValueFromContainer(list, i), &since, &until);
		for (int32 d = since; d < until; d++)
			add_date(path, &out->work, d, -1, freezes);
		if (!freezes)
			continue;
		out->freezes[out->nfreezes].since = to_instant(out->work.zone.arg, since, 0);
		out->freezes[out->nfreezes++].until = to_instant(out->work.zone.arg, until, 0);
	}
}

/* a date, or {"date", "like": a weekday}; without: like the first weekday that has slots */
static void
read_workdays(Jsonb *body, LeadsCalendar *c)
{
	static const char *const keys[] = {"date", "like", "name"};
	JsonbValue *v = leads_json_get(body, "workdays");
	JsonbContainer *list;
	int			usual = 7;

	if (v == NULL)
		return;
	list = array_of("$.workdays", v);
	for (int i = 0; i < c->nslots; i++)
		usual = Min(usual, c->slots[i].weekday == 0 ? 6 : c->slots[i].weekday - 1);
	usual = (usual + 1) % 7;
	for (int i = 0; i < JsonContainerSize(list); i++)
	{
		char	   *path = psprintf("$.workdays[%d]", i);
		int32		like = usual;

		v = getIthJsonbValueFromContainer(list, i);
		if (v->type == jbvBinary && JsonContainerIsObject(v->val.binary.data))
		{
			only_keys(path, v, keys, lengthof(keys));
			if (leads_json_field(v->val.binary.data, "like"))
				like = weekday_of(psprintf("%s.like", path), leads_json_field(v->val.binary.data, "like"));
			path = psprintf("%s.date", path);
			v = leads_json_field(v->val.binary.data, "date");
		}
		add_date(path, c, date_of(path, v), like, false);
	}
}

void
leads_calendar_read(Jsonb *body, const char *zone, LeadsWorkCalendar *out)
{
	static const char *const keys[] = {"zone", "week", "holidays", "workdays", "freezes"};
	LeadsCalendar *c = &out->work;
	JsonbValue	root;
	char	   *own = leads_json_text(body, "zone");
	const char *fault;
	pg_tz	   *tz;

	if (body == NULL)
		body = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(leads_calendar_default)));
	memset(out, 0, sizeof(*out));
	root.type = jbvBinary;
	root.val.binary.data = &body->root;
	only_keys("$", &root, keys, lengthof(keys));
	if (leads_json_get(body, "zone") && own == NULL)
		leads_policy_fault("$.zone", "not a text");
	tz = pg_tzset(own ? own : zone);
	if (tz == NULL || !pg_tz_acceptable(tz))
		leads_policy_fault("$.zone", "not a time zone");
	c->zone.to_instant = to_instant;
	c->zone.to_local = to_local;
	c->zone.next_change = next_change;
	c->zone.arg = tz;
	c->maxdays = MOST_DATES + MOST_CHANGES;
	c->days = palloc(sizeof(LeadsCalDay) * c->maxdays);
	if (leads_json_get(body, "week") == NULL)
		leads_policy_fault("$.week", "has no working slot");
	read_week(leads_json_get(body, "week"), c);
	read_dates(body, "holidays", out, false);
	read_workdays(body, c);
	read_dates(body, "freezes", out, true);
	fault = leads_calendar_build(c, date2j(FIRST_YEAR, 1, 1) - POSTGRES_EPOCH_JDATE,
								 date2j(LAST_YEAR, 1, 1) - POSTGRES_EPOCH_JDATE);
	if (fault)
		leads_policy_fault("$.week", fault);
}

void
leads_calendar_validate(Jsonb *body)
{
	LeadsWorkCalendar c;

	leads_calendar_read(body, "UTC", &c);
}
