/*
 * protection.c - the judge of deadlines: what a protection document says.
 *
 * Purpose: check a document whole, read one entry of it, choose the entry for a customer.
 * Invariants: values in, values out, no SPI, no clock; what a document does not say is the default; an entry says
 * what differs from the document; the simple keys are one condition, the earliest of those that are set; a
 * condition on the customer that cannot be evaluated does not hold and stops nothing.
 * Called by: act/deadline (start of an interval, anchors), read/deadline, read/verify, core/policy (validator).
 */
#include "core/leads.h"

#include "mb/pg_wchar.h"
#include "pgtime.h"
#include "utils/datetime.h"
#include "utils/jsonpath.h"
#include "utils/numeric.h"

#include "core/policy.h"
#include "decide/document.h"
#include "decide/protection.h"

const char *const leads_protection_default =
"{\"days\": 30, \"remind_days\": 3, \"no_followup_days\": 0, \"extend_times\": 1,"
" \"extend_days\": 30, \"grace_days\": 3, \"pool\": \"\"}";

/* ten years; more is a slip of the finger */
#define MOST_DAYS 3650
#define MOST_HOURS 87600
#define MOST_HOLD 1000			/* working hours */
#define MOST_PAUSES 100
#define MOST_ENTRIES 100
#define MOST_DEPTH 6
#define POOL_CHARS 60

static const char *const trigger_names[] = {
	"protection_end", "no_followup", "no_first_contact", "no_stage_progress", "no_opportunity", "no_deal", "contract_end",
	"owner_left", "any", "all",
};

static const char *const unit_names[] = {"days", "working_days", "hours", "working_hours"};

/* the simple face: one condition each, 0 = off */
static const struct
{
	const char *key;
	LeadsTriggerKind kind;
}			simple[] = {
	{"no_followup_days", LEADS_TRIGGER_NO_FOLLOWUP},
	{"no_first_contact_days", LEADS_TRIGGER_NO_FIRST_CONTACT},
	{"no_stage_progress_days", LEADS_TRIGGER_NO_STAGE_PROGRESS},
	{"no_opportunity_days", LEADS_TRIGGER_NO_OPPORTUNITY},
	{"no_deal_days", LEADS_TRIGGER_NO_DEAL},
	{"contract_end_days", LEADS_TRIGGER_CONTRACT_END},
};

static const struct
{
	const char *key;
	int32		fallback;
	int32		most;
	size_t		offset;
}			numbers[] = {
	{"extend_times", 1, 1000, offsetof(LeadsProtection, extend_times)},
	{"extend_days", 30, MOST_DAYS, offsetof(LeadsProtection, extend_days)},
	{"grace_days", 3, MOST_DAYS, offsetof(LeadsProtection, grace_days)},
	{"lock_quota", 0, 1000000, offsetof(LeadsProtection, lock_quota)},
};

const char *
leads_trigger_name(LeadsTriggerKind kind)
{
	return trigger_names[kind];
}

/* ---------------------------------------------------------------- values, each with its fault */

static JsonbContainer *
object_at(const char *path, JsonbValue *v)
{
	JsonbContainer *c = leads_json_container(v, false);

	if (c == NULL)
		leads_policy_fault(path, "not an object");
	return c;
}

static JsonbContainer *
array_at(const char *path, JsonbValue *v)
{
	JsonbContainer *c = leads_json_container(v, true);

	if (c == NULL)
		leads_policy_fault(path, "not an array");
	return c;
}

/* a whole number from least to most */
static int32
number_at(const char *path, JsonbValue *v, int32 least, int32 most)
{
	Datum		n;
	Datum		whole;

	if (v == NULL || v->type != jbvNumeric || numeric_is_nan(v->val.numeric) || numeric_is_inf(v->val.numeric))
		leads_policy_fault(path, "not a number");
	n = NumericGetDatum(v->val.numeric);
	whole = DirectFunctionCall2(numeric_trunc, n, Int32GetDatum(0));
	if (!DatumGetBool(DirectFunctionCall2(numeric_eq, n, whole)))
		leads_policy_fault(path, "not a whole number");
	if (DatumGetBool(DirectFunctionCall2(numeric_lt, n, DirectFunctionCall1(int4_numeric, Int32GetDatum(least)))) ||
		DatumGetBool(DirectFunctionCall2(numeric_gt, n, DirectFunctionCall1(int4_numeric, Int32GetDatum(most)))))
		leads_policy_fault(path, psprintf("not between %d and %d", least, most));
	return DatumGetInt32(DirectFunctionCall1(numeric_int4, n));
}

static bool
bool_at(const char *path, JsonbValue *v)
{
	if (v->type != jbvBool)
		leads_policy_fault(path, "neither true nor false");
	return v->val.boolean;
}

/* the code of a pool or a stage */
static char *
code_at(const char *path, JsonbValue *v)
{
	if (v->type != jbvString)
		leads_policy_fault(path, "not a text");
	if (pg_mbstrlen_with_len(v->val.string.val, v->val.string.len) > POOL_CHARS)
		leads_policy_fault(path, "longer than 60 characters");
	for (int i = 0; i < v->val.string.len; i++)
		if (isspace((unsigned char) v->val.string.val[i]) || v->val.string.val[i] == ':')
			leads_policy_fault(path, "not a code");
	return pnstrdup(v->val.string.val, v->val.string.len);
}

/* 30, {"working_days": 20}, {"hours": 24} … */
static LeadsSpan
span_at(const char *path, JsonbValue *v, int32 least)
{
	LeadsSpan	span = {0, LEADS_DAYS};
	JsonbContainer *c = leads_json_container(v, false);

	if (c == NULL)
	{
		span.n = number_at(path, v, least, MOST_DAYS);
		return span;
	}
	if (JsonContainerSize(c) != 1)
		leads_policy_fault(path, "not one of days, working_days, hours, working_hours");
	for (int i = 0; i < lengthof(unit_names); i++)
	{
		JsonbValue *n = leads_json_field(c, unit_names[i]);

		if (n == NULL)
			continue;
		span.unit = i;
		span.n = number_at(psprintf("%s.%s", path, unit_names[i]), n, least, i >= LEADS_HOURS ? MOST_HOURS : MOST_DAYS);
		return span;
	}
	leads_policy_fault(path, "not one of days, working_days, hours, working_hours");
}

static TimestampTz
instant_at(const char *path, JsonbValue *v)
{
	struct pg_tm tm;
	char		sign;
	int			hours;
	int			minutes;
	int			tz;
	int			used = 0;
	TimestampTz at;

	memset(&tm, 0, sizeof(tm));
	/* with its offset, so that it means the same whatever TimeZone is */
	if (v == NULL || v->type != jbvString || v->val.string.len != strlen("2026-02-15T00:00:00+08:00") ||
		sscanf(pnstrdup(v->val.string.val, v->val.string.len), "%4d-%2d-%2dT%2d:%2d:%2d%c%2d:%2d%n", &tm.tm_year, &tm.tm_mon,
			   &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &sign, &hours, &minutes, &used) != 9 ||
		used != v->val.string.len || (sign != '+' && sign != '-') || hours < 0 || hours > 15 || minutes < 0 || minutes > 59 ||
		tm.tm_year < 1 || tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 ||
		tm.tm_mday > day_tab[isleap(tm.tm_year)][tm.tm_mon - 1] || tm.tm_hour < 0 || tm.tm_hour > 23 || tm.tm_min < 0 ||
		tm.tm_min > 59 || tm.tm_sec < 0 || tm.tm_sec > 59)
		leads_policy_fault(path, "not an instant like 2026-02-15T00:00:00+08:00");
	tz = (sign == '+' ? -1 : 1) * (hours * 60 + minutes) * 60;
	if (tm2timestamp(&tm, 0, &tz, &at) != 0)
		leads_policy_fault(path, "not an instant");
	return at;
}

/* ---------------------------------------------------------------- conditions */

static LeadsTrigger *
add_node(const char *path, LeadsProtection *p, LeadsTriggerKind kind)
{
	LeadsTrigger *t = &p->triggers[p->ntriggers];

	if (p->ntriggers >= LEADS_TRIGGERS)
		leads_policy_fault(path, psprintf("more than %d conditions", LEADS_TRIGGERS));
	p->ntriggers++;
	t->kind = kind;
	t->span.n = 0;
	t->span.unit = LEADS_DAYS;
	t->size = 1;
	return t;
}

/* "protection_end", {"no_followup": 7}, {"all": [...]} */
static void
read_condition(const char *path, JsonbValue *v, LeadsProtection *p, int depth)
{
	JsonbContainer *c = leads_json_container(v, false);
	JsonbContainer *list;
	LeadsTrigger *t;
	int			kind;
	JsonbValue *inner = NULL;

	if (depth > MOST_DEPTH)
		leads_policy_fault(path, "nested too deep");
	if (c && JsonContainerSize(c) != 1)
		leads_policy_fault(path, "not one condition");
	for (kind = 0; kind < lengthof(trigger_names); kind++)
		if (c ? (inner = leads_json_field(c, trigger_names[kind])) != NULL :
			v->type == jbvString && v->val.string.len == strlen(trigger_names[kind]) &&
			memcmp(v->val.string.val, trigger_names[kind], v->val.string.len) == 0)
			break;
	if (kind == lengthof(trigger_names))
		leads_policy_fault(path, "not a condition");
	t = add_node(path, p, kind);
	if (kind == LEADS_TRIGGER_PROTECTION_END || kind == LEADS_TRIGGER_OWNER_LEFT)
	{
		if (c)
			leads_policy_fault(path, "this condition has no span");
		return;
	}
	if (c == NULL)
		leads_policy_fault(path, "this condition wants a span or a list");
	path = psprintf("%s.%s", path, trigger_names[kind]);
	if (kind < LEADS_TRIGGER_ANY)
	{
		t->span = span_at(path, inner, kind == LEADS_TRIGGER_CONTRACT_END ? 0 : 1);
		return;
	}
	list = array_at(path, inner);
	if (JsonContainerSize(list) == 0)
		leads_policy_fault(path, "an empty list");
	for (int i = 0; i < JsonContainerSize(list); i++)
	{
		int			at = t - p->triggers;

		read_condition(psprintf("%s[%d]", path, i), getIthJsonbValueFromContainer(list, i), p, depth + 1);
		p->triggers[at].size = p->ntriggers - at;
	}
}

/* the simple keys: the earliest of what is set */
static void
simple_conditions(JsonbContainer *base, JsonbContainer *over, const char *path, LeadsProtection *p)
{
	add_node(path, p, LEADS_TRIGGER_ANY);
	add_node(path, p, LEADS_TRIGGER_PROTECTION_END);
	for (int i = 0; i < lengthof(simple); i++)
	{
		JsonbValue *v = over ? leads_json_field(over, simple[i].key) : NULL;
		LeadsSpan	span;

		if (v == NULL)
			v = leads_json_field(base, simple[i].key);
		if (v == NULL)
			continue;
		span = span_at(psprintf("%s.%s", path, simple[i].key), v, 0);
		if (span.n > 0)
			add_node(path, p, simple[i].kind)->span = span;
	}
	p->triggers[0].size = p->ntriggers;
}

static void
read_conditions(JsonbContainer *base, JsonbContainer *over, const char *path, LeadsProtection *p)
{
	JsonbValue *v = over ? leads_json_field(over, "lapse") : NULL;

	p->ntriggers = 0;
	if (v == NULL && over)
		for (int i = 0; i < lengthof(simple); i++)
			if (leads_json_field(over, simple[i].key) && leads_json_field(base, "lapse"))
				leads_policy_fault(psprintf("%s.%s", path, simple[i].key), "the document says it in lapse");
	if (v == NULL)
		v = leads_json_field(base, "lapse");
	else
		base = over;
	if (v == NULL)
	{
		simple_conditions(base, over, path, p);
		return;
	}
	for (int i = 0; i < lengthof(simple); i++)
		if (leads_json_field(base, simple[i].key))
			leads_policy_fault(psprintf("%s.%s", path, simple[i].key), "lapse says it already");
	read_condition(psprintf("%s.lapse", path), v, p, 0);
}

static void
see_needs(LeadsProtection *p)
{
	bool		working = p->period.unit == LEADS_WORKING_DAYS || p->period.unit == LEADS_WORKING_HOURS;

	p->needs = (p->exempt_stage[0] ? LEADS_NEED_STAGE : 0) | (p->leave_pauses ? LEADS_NEED_LEAVE : 0);
	for (int i = 0; i < p->ntriggers; i++)
	{
		working |= p->triggers[i].span.unit == LEADS_WORKING_DAYS || p->triggers[i].span.unit == LEADS_WORKING_HOURS;
		switch (p->triggers[i].kind)
		{
			case LEADS_TRIGGER_NO_FIRST_CONTACT:
				p->needs |= LEADS_NEED_CONTACT;
				break;
			case LEADS_TRIGGER_NO_STAGE_PROGRESS:
				p->needs |= LEADS_NEED_PROGRESS;
				break;
			case LEADS_TRIGGER_NO_OPPORTUNITY:
				p->needs |= LEADS_NEED_OPPORTUNITY;
				break;
			case LEADS_TRIGGER_CONTRACT_END:
				p->needs |= LEADS_NEED_CONTRACT;
				break;
			default:
				break;
		}
	}
	if (working)
		p->needs |= LEADS_NEED_CALENDAR;
}

/* ---------------------------------------------------------------- the document */

static int
by_earliest(const void *a, const void *b)
{
	const LeadsSpan *x = a;
	const LeadsSpan *y = b;
	int64		i = x->n * (int64) (x->unit == LEADS_DAYS ? 24 : 1);
	int64		j = y->n * (int64) (y->unit == LEADS_DAYS ? 24 : 1);

	return i > j ? -1 : i < j;
}

static void
read_notices(const char *path, JsonbValue *v, LeadsProtection *p)
{
	JsonbContainer *list = array_at(path, v);

	if (JsonContainerSize(list) > LEADS_NOTICES)
		leads_policy_fault(path, psprintf("more than %d notices", LEADS_NOTICES));
	p->nnotices = 0;
	for (int i = 0; i < JsonContainerSize(list); i++)
	{
		char	   *at = psprintf("%s[%d]", path, i);
		LeadsSpan	span = span_at(at, getIthJsonbValueFromContainer(list, i), 1);

		if (span.unit != LEADS_DAYS && span.unit != LEADS_HOURS)
			leads_policy_fault(at, "a notice counts days or hours back");
		p->notices[p->nnotices++] = span;
	}
	qsort(p->notices, p->nnotices, sizeof(LeadsSpan), by_earliest);
	for (int i = 1; i < p->nnotices; i++)
		if (by_earliest(&p->notices[i - 1], &p->notices[i]) == 0)
			leads_policy_fault(path, "two notices at the same time");
}

static void
read_pauses(const char *path, JsonbValue *v, LeadsProtection *p)
{
	JsonbContainer *list = array_at(path, v);

	if (JsonContainerSize(list) > MOST_PAUSES)
		leads_policy_fault(path, psprintf("more than %d pauses", MOST_PAUSES));
	p->pauses = palloc(sizeof(LeadsCalRange) * Max(JsonContainerSize(list), 1));
	p->npauses = 0;
	for (int i = 0; i < JsonContainerSize(list); i++)
	{
		char	   *at = psprintf("%s[%d]", path, i);
		JsonbContainer *c = object_at(at, getIthJsonbValueFromContainer(list, i));
		LeadsCalRange *r = &p->pauses[p->npauses++];

		r->since = instant_at(psprintf("%s.since", at), leads_json_field(c, "since"));
		r->until = instant_at(psprintf("%s.until", at), leads_json_field(c, "until"));
		if (r->until <= r->since)
			leads_policy_fault(at, "ends before it begins");
	}
}

/* {"approval": true, "hold_hours": 24}: what is not there stays as it was */
static void
read_extension(const char *path, JsonbValue *v, LeadsProtection *p)
{
	JsonbContainer *c = object_at(path, v);
	uint32		known = 0;

	if ((v = leads_json_field(c, "approval")) != NULL)
	{
		p->extend_approval = bool_at(psprintf("%s.approval", path), v);
		known++;
	}
	if ((v = leads_json_field(c, "hold_hours")) != NULL)
	{
		p->hold_hours = number_at(psprintf("%s.hold_hours", path), v, 0, MOST_HOLD);
		known++;
	}
	if (JsonContainerSize(c) != known)
		leads_policy_fault(path, "its keys are approval and hold_hours");
}

/* what one object says; keys that are not there leave what was */
static void
read_keys(JsonbContainer *c, const char *path, LeadsProtection *p)
{
	JsonbValue *v;

	if ((v = leads_json_field(c, "days")) != NULL)
		p->period = span_at(psprintf("%s.days", path), v, 0);
	for (int i = 0; i < lengthof(numbers); i++)
		if ((v = leads_json_field(c, numbers[i].key)) != NULL)
			*(int32 *) ((char *) p + numbers[i].offset) =
				number_at(psprintf("%s.%s", path, numbers[i].key), v, 0, numbers[i].most);
	if ((v = leads_json_field(c, "remind_days")) != NULL)
	{
		p->notices[0].n = number_at(psprintf("%s.remind_days", path), v, 0, MOST_DAYS);
		p->notices[0].unit = LEADS_DAYS;
		p->nnotices = p->notices[0].n > 0;
		if (leads_json_field(c, "notices"))
			leads_policy_fault(psprintf("%s.remind_days", path), "notices says it already");
	}
	if ((v = leads_json_field(c, "notices")) != NULL)
		read_notices(psprintf("%s.notices", path), v, p);
	if ((v = leads_json_field(c, "pauses")) != NULL)
		read_pauses(psprintf("%s.pauses", path), v, p);
	if ((v = leads_json_field(c, "extension")) != NULL)
		read_extension(psprintf("%s.extension", path), v, p);
	if ((v = leads_json_field(c, "owner_left")) != NULL)
		p->owner_left = bool_at(psprintf("%s.owner_left", path), v);
	if ((v = leads_json_field(c, "min_notice")) != NULL)
	{
		p->min_notice = span_at(psprintf("%s.min_notice", path), v, 0);
		if (p->min_notice.unit != LEADS_DAYS && p->min_notice.unit != LEADS_HOURS)
			leads_policy_fault(psprintf("%s.min_notice", path), "a notice counts days or hours");
	}
	if ((v = leads_json_field(c, "leave_pauses")) != NULL)
		p->leave_pauses = bool_at(psprintf("%s.leave_pauses", path), v);
	if ((v = leads_json_field(c, "exempt_stage")) != NULL)
		strlcpy(p->exempt_stage, code_at(psprintf("%s.exempt_stage", path), v), sizeof(p->exempt_stage));
	if ((v = leads_json_field(c, "pool")) != NULL)
		strlcpy(p->pool, code_at(psprintf("%s.pool", path), v), sizeof(p->pool));
}

static JsonbContainer *
entry_of(Jsonb *body, int32 entry)
{
	JsonbContainer *list = leads_json_container(leads_json_get(body, "entries"), true);

	if (list == NULL || entry < 1 || entry > JsonContainerSize(list))
		return NULL;
	return leads_json_container(getIthJsonbValueFromContainer(list, entry - 1), false);
}

/* who must have been told so long before is told so long before */
static void
add_least_notice(LeadsProtection *p)
{
	if (p->min_notice.n == 0 || (p->nnotices > 0 && by_earliest(&p->notices[0], &p->min_notice) <= 0))
		return;
	memmove(&p->notices[1], &p->notices[0], sizeof(LeadsSpan) * p->nnotices);
	p->notices[0] = p->min_notice;
	p->nnotices++;
}

void
leads_protection_read(Jsonb *body, int32 version, int32 entry, LeadsProtection *out)
{
	JsonbContainer *over;

	if (body == NULL)
		body = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(leads_protection_default)));
	over = entry_of(body, entry);
	memset(out, 0, sizeof(*out));
	out->version = version;
	out->entry = over ? entry : 0;
	for (int i = 0; i < lengthof(numbers); i++)
		*(int32 *) ((char *) out + numbers[i].offset) = numbers[i].fallback;
	out->period.n = 30;
	out->notices[0].n = 3;
	out->nnotices = 1;
	out->owner_left = true;
	out->hold_hours = 24;
	read_keys(&body->root, "$", out);
	if (over)
		read_keys(over, psprintf("$.entries[%d]", entry - 1), out);
	add_least_notice(out);
	read_conditions(&body->root, over, over ? psprintf("$.entries[%d]", entry - 1) : "$", out);
	see_needs(out);
}

bool
leads_protection_has_entries(Jsonb *body)
{
	return entry_of(body, 1) != NULL;
}

int32
leads_protection_choose(Jsonb *body, Jsonb *document)
{
	JsonbContainer *c;

	for (int32 i = 1; (c = entry_of(body, i)) != NULL; i++)
	{
		JsonbValue *when = leads_json_field(c, "when");
		Datum		path;

		/* without a condition: everybody who comes here */
		if (when == NULL)
			return i;
		path = DirectFunctionCall1(jsonpath_in, CStringGetDatum(pnstrdup(when->val.string.val, when->val.string.len)));
		if (leads_document_holds(document, (struct varlena *) DatumGetPointer(path)) == LEADS_PREDICATE_YES)
			return i;
	}
	return 0;
}

static void
check_keys(JsonbContainer *c, const char *path, bool entry)
{
	static const char *const others[] = {"days", "remind_days", "notices", "pauses", "owner_left", "exempt_stage", "pool", "lapse",
		"extension", "leave_pauses", "min_notice",
		/* another judge's: decide/pipeline */
	"followup"};
	JsonbIterator *it = JsonbIteratorInit(c);
	JsonbIteratorToken token;
	JsonbValue	v;

	(void) JsonbIteratorNext(&it, &v, true);
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		char	   *key;
		bool		known;

		if (token != WJB_KEY)
			continue;
		key = pnstrdup(v.val.string.val, v.val.string.len);
		/* registration is another judge's: decide/registration */
		known = strcmp(key, "entries") == 0 || strcmp(key, "registration") == 0 ? !entry : entry && (strcmp(key, "when") == 0 || strcmp(key, "name") == 0);
		for (int i = 0; i < lengthof(others); i++)
			known |= strcmp(key, others[i]) == 0;
		for (int i = 0; i < lengthof(numbers); i++)
			known |= strcmp(key, numbers[i].key) == 0;
		for (int i = 0; i < lengthof(simple); i++)
			known |= strcmp(key, simple[i].key) == 0;
		if (!known)
			leads_policy_fault(psprintf("%s.%s", path, key), "unknown key");
		(void) JsonbIteratorNext(&it, &v, true);
	}
}

static void
check_entry(JsonbContainer *c, const char *path)
{
	JsonbValue *when = leads_json_field(c, "when");
	JsonbValue *name = leads_json_field(c, "name");
	char	   *fault;

	check_keys(c, path, true);
	if (name && name->type != jbvString)
		leads_policy_fault(psprintf("%s.name", path), "not a text");
	if (when == NULL)
		return;
	if (when->type != jbvString)
		leads_policy_fault(psprintf("%s.when", path), "not a text");
	fault = leads_document_path_fault(pnstrdup(when->val.string.val, when->val.string.len));
	if (fault)
		leads_policy_fault(psprintf("%s.when", path), fault);
}

void
leads_protection_validate(Jsonb *body)
{
	LeadsProtection p;
	JsonbContainer *entries = NULL;

	check_keys(&body->root, "$", false);
	if (leads_json_get(body, "entries"))
	{
		entries = array_at("$.entries", leads_json_get(body, "entries"));
		if (JsonContainerSize(entries) > MOST_ENTRIES)
			leads_policy_fault("$.entries", psprintf("more than %d entries", MOST_ENTRIES));
	}
	leads_protection_read(body, 0, 0, &p);
	for (int32 i = 1; entries && i <= JsonContainerSize(entries); i++)
	{
		char	   *path = psprintf("$.entries[%d]", i - 1);

		check_entry(object_at(path, getIthJsonbValueFromContainer(entries, i - 1)), path);
		leads_protection_read(body, 0, i, &p);
	}
}
