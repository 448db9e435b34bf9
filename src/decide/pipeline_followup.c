/*
 * pipeline_followup.c - the judge of follow-ups.
 *
 * Purpose: which activity counts as a follow-up, by the pipeline document and by what the part "followup" of the
 * protection document says instead: {"kinds", "days_back", "note_min", "seconds_min", "similarity", "min_gap", "grace"}.
 * Invariants: values in, verdict out; every key may be missing, an entry says what differs from its document; a
 * follow-up counts from the first instant of the ownership to this one, both included; two within the gap count once,
 * in whichever order they were entered.
 * Called by: act/followup, act/contest (check).
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "core/policy.h"
#include "decide/pipeline.h"
#include "lib/fold.h"
#include "lib/similarity.h"

#define MOST_SECONDS 86400
#define MOST_HOURS 87600

typedef enum Rule
{
	RULE_KINDS, RULE_DAYS_BACK, RULE_NOTE_MIN, RULE_SECONDS_MIN, RULE_SIMILARITY, RULE_MIN_GAP, RULE_GRACE, RULES
} Rule;

static const char *const rule_names[RULES] = {
	"kinds", "days_back", "note_min", "seconds_min", "similarity", "min_gap", "grace",
};

/* ---------------------------------------------------------------- the document */

static int
whole(const char *path, JsonbValue *v, int most)
{
	bool		fault = false;
	int			k;

	if (v->type != jbvNumeric)
		leads_policy_fault(path, "not a number");
	k = numeric_int4_opt_error(v->val.numeric, &fault);
	if (fault || k < 0 || k > most ||
		!DatumGetBool(DirectFunctionCall2(numeric_eq, NumericGetDatum(v->val.numeric), NumericGetDatum(int64_to_numeric(k)))))
		leads_policy_fault(path, psprintf("not a whole number from 0 to %d", most));
	return k;
}

/* days, {"days": n} or {"hours": n}; a day is 24 hours */
static int64
span(const char *path, JsonbValue *v)
{
	JsonbContainer *c = leads_json_container(v, false);
	JsonbValue *n;

	if (c == NULL)
		return whole(path, v, MOST_HOURS / 24) * USECS_PER_DAY;
	if (JsonContainerSize(c) == 1 && (n = leads_json_field(c, "days")) != NULL)
		return whole(psprintf("%s.days", path), n, MOST_HOURS / 24) * USECS_PER_DAY;
	if (JsonContainerSize(c) == 1 && (n = leads_json_field(c, "hours")) != NULL)
		return whole(psprintf("%s.hours", path), n, MOST_HOURS) * USECS_PER_HOUR;
	leads_policy_fault(path, "not days or hours");
}

static void
read_kinds(const char *path, JsonbValue *v, LeadsPipeline *p)
{
	static const char *const known[] = {"call", "visit", "mail", "wechat", "meeting", "demo", "note"};
	JsonbContainer *list = leads_json_container(v, true);
	int			n = list ? JsonContainerSize(list) : 0;

	if (list == NULL)
		leads_policy_fault(path, "not an array");
	if (n < 1 || n > lengthof(known))
		leads_policy_fault(path, psprintf("not 1 to %d entries", (int) lengthof(known)));
	p->followup_kinds = palloc(sizeof(char *) * n);
	p->nfollowup_kinds = 0;
	for (int i = 0; i < n; i++)
	{
		JsonbValue *e = getIthJsonbValueFromContainer(list, i);
		char	   *kind = e->type == jbvString ? pnstrdup(e->val.string.val, e->val.string.len) : "";
		bool		is = false;

		for (int k = 0; k < lengthof(known); k++)
			is |= strcmp(known[k], kind) == 0;
		if (!is)
			leads_policy_fault(psprintf("%s[%d]", path, i), "not one of those that are known");
		for (int k = 0; k < i; k++)
			if (strcmp(p->followup_kinds[k], kind) == 0)
				leads_policy_fault(psprintf("%s[%d]", path, i), "named twice");
		p->followup_kinds[p->nfollowup_kinds++] = kind;
	}
}

static double
alike(const char *path, JsonbValue *v)
{
	double		a;

	if (v->type != jbvNumeric)
		leads_policy_fault(path, "not a number");
	a = DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(v->val.numeric)));
	/* written so that NaN is refused */
	if (!(a >= 0.5 && a <= 1))
		leads_policy_fault(path, "not between 0.5 and 1");
	return a;
}

static void
read_rule(const char *path, Rule rule, JsonbValue *v, LeadsPipeline *p)
{
	switch (rule)
	{
		case RULE_KINDS:
			read_kinds(path, v, p);
			break;
		case RULE_DAYS_BACK:
			p->followup_days_back = whole(path, v, 3650);
			break;
		case RULE_NOTE_MIN:
			p->followup_note_min = whole(path, v, 1000);
			break;
		case RULE_SECONDS_MIN:
			p->followup_seconds_min = whole(path, v, MOST_SECONDS);
			break;
		case RULE_SIMILARITY:
			p->followup_alike = alike(path, v);
			break;
		case RULE_MIN_GAP:
			p->followup_gap = span(path, v);
			break;
		case RULE_GRACE:
			p->followup_grace = span(path, v);
			break;
		case RULES:
			break;
	}
}

/* what one part says; LD014 */
static void
read_part(const char *path, JsonbValue *part, LeadsPipeline *p)
{
	JsonbContainer *c = leads_json_container(part, false);
	JsonbIterator *it;
	JsonbValue	v;

	if (c == NULL)
		leads_policy_fault(path, "not an object");
	it = JsonbIteratorInit(c);
	(void) JsonbIteratorNext(&it, &v, true);
	while (JsonbIteratorNext(&it, &v, true) == WJB_KEY)
	{
		char	   *key = pnstrdup(v.val.string.val, v.val.string.len);
		int			rule = 0;

		while (rule < RULES && strcmp(rule_names[rule], key) != 0)
			rule++;
		if (rule == RULES)
			leads_policy_fault(psprintf("%s.%s", path, key), "unknown key");
		(void) JsonbIteratorNext(&it, &v, true);
		read_rule(psprintf("%s.%s", path, key), rule, &v, p);
	}
}

static JsonbValue *
part_of_entry(Jsonb *body, int32 entry)
{
	JsonbContainer *list = leads_json_container(leads_json_get(body, "entries"), true);
	JsonbContainer *c = NULL;

	if (list && entry >= 1 && entry <= JsonContainerSize(list))
		c = leads_json_container(getIthJsonbValueFromContainer(list, entry - 1), false);
	return c ? leads_json_field(c, "followup") : NULL;
}

void
leads_followup_rules(Jsonb *protection, int32 entry, LeadsPipeline *p)
{
	JsonbValue *part = protection ? leads_json_get(protection, "followup") : NULL;

	if (part)
		read_part("$.followup", part, p);
	part = protection ? part_of_entry(protection, entry) : NULL;
	if (part)
		read_part(psprintf("$.entries[%d].followup", entry - 1), part, p);
}

void
leads_followup_validate(Jsonb *protection)
{
	JsonbContainer *list = leads_json_container(leads_json_get(protection, "entries"), true);
	LeadsPipeline scratch;

	leads_followup_rules(protection, 0, &scratch);
	for (int32 i = 1; list && i <= JsonContainerSize(list); i++)
		leads_followup_rules(protection, i, &scratch);
}

/* ---------------------------------------------------------------- one follow-up */

LeadsFollowupDate
leads_followup_date(const LeadsPipeline *p, TimestampTz occurred_at, TimestampTz now)
{
	if (occurred_at > now)
		return LEADS_DATE_FUTURE;
	if (occurred_at < now - (int64) p->followup_days_back * USECS_PER_DAY)
		return LEADS_DATE_TOO_OLD;
	return LEADS_DATE_OK;
}

static uint32 *
folded(const char *s, int *n)
{
	int			cap = (int) strlen(s) * 4 + 8;
	uint32	   *out = palloc(sizeof(uint32) * cap);

	*n = leads_fold(s, strlen(s), out, cap, NULL);
	return out;
}

/* is this what was written the time before? */
static bool
repeated(const LeadsPipeline *p, const LeadsFollowup *f)
{
	int			na;
	int			nb;
	uint32	   *a;
	uint32	   *b;

	if (f->note == NULL || f->previous == NULL)
		return false;
	a = folded(f->note, &na);
	b = folded(f->previous, &nb);
	return leads_text_alike(a, na, b, nb, p->followup_alike, palloc(sizeof(int) * (nb + 1)));
}

const char *
leads_followup_judge(const LeadsPipeline *p, const LeadsFollowup *f)
{
	bool		listed = false;

	for (int i = 0; i < p->nfollowup_kinds; i++)
		listed |= strcmp(p->followup_kinds[i], f->kind) == 0;
	if (!listed)
		return "kind_not_counted";
	if (f->owned_since == DT_NOBEGIN)
		return "not_owned";
	if (!f->by_right)
		return "not_the_owner";
	if (f->automatic)
		return "automatic";
	if (f->occurred_at < f->owned_since)
		return "before_ownership";
	if (f->occurred_at > f->now)
		return "in_the_future";
	/* words, or a conversation that was long enough to need none */
	if (leads_followup_length(f->note) < p->followup_note_min &&
		(p->followup_seconds_min == 0 || f->seconds < p->followup_seconds_min))
		return "note_too_short";
	if (repeated(p, f))
		return "note_repeated";
	if (p->followup_gap > 0 && f->near)
		return "too_soon";
	return NULL;
}
