/*
 * protection.c - the judge of deadlines.
 *
 * Purpose: until when is a customer protected for its owner, when does it lapse,
 * when is the owner reminded; and what a protection document may say.
 * Invariants: values in, values out, no SPI, no clock; a day is a calendar day of
 * the business zone; intervals are half-open, so a deadline is the first instant
 * at which the right is gone; a won or locked customer has no deadline.
 * Called by: act/corridor (start of an interval), act/ownership (extend),
 * act/followup and act/advance (anchors), core/policy (validator).
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/numeric.h"

#include "core/policy.h"
#include "decide/protection.h"

const char *const leads_protection_default =
"{\"days\": 30, \"remind_days\": 3, \"no_followup_days\": 0, \"extend_times\": 1,"
" \"extend_days\": 30, \"grace_days\": 3, \"pool\": \"\"}";

/* ten years; more is a slip of the finger */
#define MOST_DAYS 3650
#define POOL_CHARS 60

static const struct
{
	const char *key;
	int32		fallback;
	int32		most;
	size_t		offset;
}			numbers[] = {
	{"days", 30, MOST_DAYS, offsetof(LeadsProtection, days)},
	{"remind_days", 3, MOST_DAYS, offsetof(LeadsProtection, remind_days)},
	{"no_followup_days", 0, MOST_DAYS, offsetof(LeadsProtection, no_followup_days)},
	{"extend_times", 1, 1000, offsetof(LeadsProtection, extend_times)},
	{"extend_days", 30, MOST_DAYS, offsetof(LeadsProtection, extend_days)},
	{"grace_days", 3, MOST_DAYS, offsetof(LeadsProtection, grace_days)},
};

/* a whole number from 0 to most, else the fault in words */
static const char *
number_fault(const JsonbValue *v, int32 most)
{
	Datum		n;
	Datum		whole;

	if (v->type != jbvNumeric)
		return "not a number";
	n = NumericGetDatum(v->val.numeric);
	if (numeric_is_nan(v->val.numeric) || numeric_is_inf(v->val.numeric))
		return "not a number";
	whole = DirectFunctionCall2(numeric_trunc, n, Int32GetDatum(0));
	if (!DatumGetBool(DirectFunctionCall2(numeric_eq, n, whole)))
		return "not a whole number";
	if (DatumGetBool(DirectFunctionCall2(numeric_lt, n, DirectFunctionCall1(int4_numeric, Int32GetDatum(0)))) ||
		DatumGetBool(DirectFunctionCall2(numeric_gt, n, DirectFunctionCall1(int4_numeric, Int32GetDatum(most)))))
		return psprintf("not between 0 and %d", most);
	return NULL;
}

static const char *
pool_fault(const JsonbValue *v)
{
	if (v->type != jbvString)
		return "not a text";
	if (pg_mbstrlen_with_len(v->val.string.val, v->val.string.len) > POOL_CHARS)
		return "longer than 60 characters";
	for (int i = 0; i < v->val.string.len; i++)
		if (isspace((unsigned char) v->val.string.val[i]) || v->val.string.val[i] == ':')
			return "not the code of a pool";
	return NULL;
}

void
leads_protection_validate(Jsonb *body)
{
	JsonbIterator *it = JsonbIteratorInit(&body->root);
	JsonbIteratorToken token;
	JsonbValue	v;

	(void) JsonbIteratorNext(&it, &v, true);
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		char	   *key;
		char	   *path;
		const char *fault = "unknown key";

		if (token != WJB_KEY)
			continue;
		key = pnstrdup(v.val.string.val, v.val.string.len);
		path = psprintf("$.%s", key);
		(void) JsonbIteratorNext(&it, &v, true);
		/* another judge's: decide/registration */
		if (strcmp(key, "registration") == 0)
			continue;
		if (strcmp(key, "pool") == 0)
			fault = pool_fault(&v);
		for (int i = 0; i < lengthof(numbers); i++)
			if (strcmp(key, numbers[i].key) == 0)
				fault = number_fault(&v, numbers[i].most);
		if (fault)
			leads_policy_fault(path, fault);
	}
}

void
leads_protection_read(Jsonb *body, int32 version, LeadsProtection *out)
{
	char	   *pool = leads_json_text(body, "pool");

	memset(out, 0, sizeof(*out));
	out->version = version;
	for (int i = 0; i < lengthof(numbers); i++)
		*(int32 *) ((char *) out + numbers[i].offset) =
			(int32) leads_json_int(body, numbers[i].key, numbers[i].fallback);
	if (pool)
		strlcpy(out->pool, pool, sizeof(out->pool));
}

/* local date and time + n days, or the beginning of that day */
static TimestampTz
local_days(TimestampTz at, int32 days, bool midnight, const char *zone)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			tz;
	pg_tz	   *tzone = pg_tzset(zone);
	TimestampTz result;

	if (TIMESTAMP_NOT_FINITE(at))
		return at;
	if (tzone == NULL || timestamp2tm(at, &tz, &tm, &fsec, NULL, tzone) != 0)
		elog(ERROR, "cannot count days in time zone \"%s\"", zone);
	j2date(date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) + days, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
	if (midnight)
	{
		tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
		fsec = 0;
	}
	tz = DetermineTimeZoneOffset(&tm, tzone);
	if (tm2timestamp(&tm, fsec, &tz, &result) != 0)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
	return result;
}

TimestampTz
leads_protection_days_after(TimestampTz at, int32 days, const char *zone)
{
	return local_days(at, days, false, zone);
}

TimestampTz
leads_protection_day_start(TimestampTz at, const char *zone)
{
	return local_days(at, 0, true, zone);
}

static TimestampTz
earlier(TimestampTz a, TimestampTz b)
{
	if (a == DT_NOBEGIN)
		return b;
	if (b == DT_NOBEGIN)
		return a;
	return Min(a, b);
}

/* a period shorter than the notice has no reminder: the owner has just been told */
static TimestampTz
reminder(const LeadsProtection *p, TimestampTz since, TimestampTz due, const char *zone)
{
	TimestampTz at;

	if (due == DT_NOBEGIN || p->remind_days == 0)
		return DT_NOBEGIN;
	at = leads_protection_days_after(due, -p->remind_days, zone);
	return at > since ? at : DT_NOBEGIN;
}

TimestampTz
leads_protection_due(const LeadsProtection *p, TimestampTz since, TimestampTz protected_until,
					 TimestampTz followed_at, const char *exempt, const char *zone)
{
	TimestampTz idle = DT_NOBEGIN;

	if (exempt)
		return DT_NOBEGIN;
	/* never followed up counts from the beginning, not as due at once */
	if (p->no_followup_days > 0)
		idle = leads_protection_days_after(followed_at == DT_NOBEGIN ? since : Max(since, followed_at),
										   p->no_followup_days, zone);
	return earlier(protected_until, idle);
}

LeadsDeadline
leads_protection_start(const LeadsProtection *p, TimestampTz since, const char *zone)
{
	LeadsDeadline d;

	d.protected_until = p->days > 0 ? leads_protection_days_after(since, p->days, zone) : DT_NOBEGIN;
	d.next_due_at = leads_protection_due(p, since, d.protected_until, DT_NOBEGIN, NULL, zone);
	d.remind_at = reminder(p, since, d.next_due_at, zone);
	return d;
}

LeadsDeadline
leads_protection_move(const LeadsProtection *p, TimestampTz since, TimestampTz protected_until,
					  TimestampTz followed_at, const char *exempt, TimestampTz old_due,
					  TimestampTz now, const char *zone)
{
	LeadsDeadline d;
	TimestampTz floor = leads_protection_days_after(now, p->grace_days, zone);

	/* what stood nearer already was no surprise: it is neither postponed nor brought forward */
	if (old_due != DT_NOBEGIN && old_due < floor)
		floor = old_due;
	d.protected_until = protected_until;
	d.next_due_at = leads_protection_due(p, since, protected_until, followed_at, exempt, zone);
	if (d.next_due_at != DT_NOBEGIN && d.next_due_at < floor)
	{
		d.next_due_at = floor;
		/* "protected until" is a promise to the owner: it is never before the lapse it stands for */
		if (d.protected_until != DT_NOBEGIN && d.protected_until < floor)
			d.protected_until = floor;
	}
	d.remind_at = reminder(p, since, d.next_due_at, zone);
	return d;
}
