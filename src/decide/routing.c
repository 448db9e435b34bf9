/*
 * routing.c - the judge of routing rules.
 *
 * Purpose: check a routing document, compile it, say of one rule whether it fits
 * the facts and, if not, which condition is the first that does not hold.
 * Invariants: values in, verdict out, no SPI; every condition given must hold, a
 * condition on a value that is not known does not hold; a predicate that errors
 * is no match and stops nothing; compiled rules are found again by the bytes of
 * their document, so that neither a rolled-back version nor a re-used schema can
 * give the rules of another one.
 * Called by: act/route, act/rule_face (check).
 */
#include "core/leads.h"

#include "utils/fmgrprotos.h"
#include "utils/jsonpath.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "core/policy.h"
#include "decide/routing.h"
#include "lib/company_name.h"

#define TEXT_MAX_BYTES 800
#define TERRITORY_MAX 500
#define SKILLS_MAX 20
#define SLOTS 8

static const char *const rule_keys[] = {
	"id", "position", "name", "region", "industry", "line", "channel", "territory", "territory_code",
	"min_amount", "max_amount", "when", "assign_to", "skills", "member_cap", "skip_previous", "hours",
};

static const char *const target_names[] = {"member", "ring", "pool", "team", "role"};

bool
leads_routing_target(const char *text, LeadsTargetKind *kind, const char **code)
{
	const char *colon = strchr(text, ':');

	if (strcmp(text, "owner") == 0 || strcmp(text, "partner") == 0)
	{
		*kind = text[0] == 'o' ? LEADS_TARGET_OWNER : LEADS_TARGET_PARTNER;
		*code = "";
		return true;
	}
	if (colon == NULL || colon[1] == '\0')
		return false;
	for (int i = 0; i < lengthof(target_names); i++)
		if (strlen(target_names[i]) == colon - text && strncmp(text, target_names[i], colon - text) == 0)
		{
			*kind = (LeadsTargetKind) i;
			*code = colon + 1;
			return true;
		}
	return false;
}

static JsonbContainer *
rule_element(Jsonb *body, int i)
{
	JsonbValue *rules = leads_json_get(body, "rules");
	JsonbValue *v;

	if (rules == NULL || rules->type != jbvBinary || !JsonContainerIsArray(rules->val.binary.data) ||
		i >= JsonContainerSize(rules->val.binary.data))
		return NULL;
	v = getIthJsonbValueFromContainer(rules->val.binary.data, i);
	if (v == NULL || v->type != jbvBinary || !JsonContainerIsObject(v->val.binary.data))
		return NULL;
	return v->val.binary.data;
}

static int
rule_count(Jsonb *body)
{
	JsonbValue *rules = leads_json_get(body, "rules");

	if (rules == NULL || rules->type != jbvBinary || !JsonContainerIsArray(rules->val.binary.data))
		return -1;
	return JsonContainerSize(rules->val.binary.data);
}

/* a JSON null is as good as a missing key */
static JsonbValue *
rule_field(JsonbContainer *rule, const char *key)
{
	JsonbValue *v = leads_json_field(rule, key);

	return v && v->type != jbvNull ? v : NULL;
}

static char *
field_text(JsonbContainer *rule, const char *key)
{
	JsonbValue *v = rule_field(rule, key);

	return v && v->type == jbvString ? pnstrdup(v->val.string.val, v->val.string.len) : NULL;
}

static Datum
field_number(JsonbContainer *rule, const char *key)
{
	JsonbValue *v = rule_field(rule, key);

	return v && v->type == jbvNumeric ?
		DirectFunctionCall1(numeric_uplus, NumericGetDatum(v->val.numeric)) : (Datum) 0;
}

/* a whole number that fits; false for 1.5, NaN and 10^20 */
static bool
whole(JsonbValue *v, int64 lowest, int64 highest, int64 *out)
{
	Datum		n;

	if (v == NULL || v->type != jbvNumeric || numeric_is_nan(v->val.numeric) || numeric_is_inf(v->val.numeric))
		return false;
	n = NumericGetDatum(v->val.numeric);
	if (!DatumGetBool(DirectFunctionCall2(numeric_eq, n, DirectFunctionCall1(numeric_floor, n))) ||
		DatumGetBool(DirectFunctionCall2(numeric_lt, n, NumericGetDatum(int64_to_numeric(lowest)))) ||
		DatumGetBool(DirectFunctionCall2(numeric_gt, n, NumericGetDatum(int64_to_numeric(highest)))))
		return false;
	*out = DatumGetInt64(DirectFunctionCall1(numeric_int8, n));
	return true;
}

/* people count rules by their position, documents by their index: say both */
static void
fault(int i, JsonbContainer *rule, const char *key, const char *what)
{
	char	   *path = key[0] ? psprintf("$.rules[%d].%s", i, key) : psprintf("$.rules[%d]", i);
	int64		position;

	if (rule && whole(rule_field(rule, "position"), PG_INT32_MIN, PG_INT32_MAX, &position))
		what = psprintf("rule at position " INT64_FORMAT ": %s", position, what);
	leads_policy_fault(path, what);
}

static void
check_keys(int i, JsonbContainer *rule)
{
	JsonbIterator *it = JsonbIteratorInit(rule);
	JsonbValue	v;
	JsonbIteratorToken t;

	while ((t = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		bool		ok = false;
		char	   *key;

		if (t != WJB_KEY)
			continue;
		key = pnstrdup(v.val.string.val, v.val.string.len);
		for (int k = 0; k < lengthof(rule_keys) && !ok; k++)
			ok = strcmp(rule_keys[k], key) == 0;
		if (!ok)
			fault(i, rule, key, "unknown key");
	}
}

static void
check_text(int i, JsonbContainer *rule, const char *key)
{
	JsonbValue *v = rule_field(rule, key);

	if (v == NULL)
		return;
	if (v->type != jbvString)
		fault(i, rule, key, "not a text");
	if (v->val.string.len > TEXT_MAX_BYTES)
		fault(i, rule, key, "longer than 800 bytes");
	/* an empty condition would fit everything, and nobody means that: the key is left out for any */
	if (strspn(field_text(rule, key), " \t\r\n") == v->val.string.len && strcmp(key, "line") != 0)
		fault(i, rule, key, "blank; leave the key out for any");
}

static void
check_territory(int i, JsonbContainer *rule)
{
	JsonbValue *v = rule_field(rule, "territory");
	int			n;

	if (v == NULL)
		return;
	if (v->type != jbvBinary || !JsonContainerIsArray(v->val.binary.data))
		fault(i, rule, "territory", "not a list of regions");
	n = JsonContainerSize(v->val.binary.data);
	if (n == 0 || n > TERRITORY_MAX)
		fault(i, rule, "territory", "a territory has 1 to 500 regions");
	for (int k = 0; k < n; k++)
	{
		JsonbValue *e = getIthJsonbValueFromContainer(v->val.binary.data, k);

		if (e->type != jbvString || e->val.string.len == 0 || e->val.string.len > TEXT_MAX_BYTES)
			fault(i, rule, psprintf("territory[%d]", k), "not a region");
	}
}

static void
check_amounts(int i, JsonbContainer *rule)
{
	static const char *const keys[] = {"min_amount", "max_amount"};
	Datum		lo;
	Datum		hi;

	for (int k = 0; k < lengthof(keys); k++)
	{
		JsonbValue *v = rule_field(rule, keys[k]);

		if (v && v->type != jbvNumeric)
			fault(i, rule, keys[k], "not a number");
	}
	lo = field_number(rule, "min_amount");
	hi = field_number(rule, "max_amount");
	if (lo && hi && DatumGetBool(DirectFunctionCall2(numeric_gt, lo, hi)))
		fault(i, rule, "max_amount", "less than min_amount");
}

/* what is asked of those who are to receive */
static void
check_receivers(int i, JsonbContainer *rule)
{
	JsonbValue *v = rule_field(rule, "skills");
	int64		n;

	if (v && (v->type != jbvBinary || !JsonContainerIsArray(v->val.binary.data)))
		fault(i, rule, "skills", "not a list of skills");
	if (v && (JsonContainerSize(v->val.binary.data) == 0 || JsonContainerSize(v->val.binary.data) > SKILLS_MAX))
		fault(i, rule, "skills", "a rule asks for 1 to 20 skills");
	for (int k = 0; v && k < JsonContainerSize(v->val.binary.data); k++)
	{
		JsonbValue *e = getIthJsonbValueFromContainer(v->val.binary.data, k);

		if (e->type != jbvString || e->val.string.len == 0 || e->val.string.len > TEXT_MAX_BYTES)
			fault(i, rule, psprintf("skills[%d]", k), "not a skill");
	}
	v = rule_field(rule, "member_cap");
	if (v && !whole(v, 0, PG_INT32_MAX, &n))
		fault(i, rule, "member_cap", "not a whole number from 0 on");
	/* what it gave is counted under its id */
	if (v && !whole(rule_field(rule, "id"), 1, PG_INT64_MAX, &n))
		fault(i, rule, "member_cap", "a rule that is counted needs an id");
	v = rule_field(rule, "skip_previous");
	if (v && v->type != jbvBool)
		fault(i, rule, "skip_previous", "not true or false");
	v = rule_field(rule, "hours");
	if (v && (v->type != jbvString || (strcmp(field_text(rule, "hours"), "ignore") != 0 &&
									   strcmp(field_text(rule, "hours"), "require") != 0)))
		fault(i, rule, "hours", "not ignore or require");
}

static void
check_rule(int i, JsonbContainer *rule)
{
	int64		n;
	JsonbValue *v;
	char	   *s;
	LeadsTargetKind kind;
	const char *code;

	if (rule == NULL)
		fault(i, NULL, "", "not an object");
	check_keys(i, rule);
	if (!whole(rule_field(rule, "position"), PG_INT32_MIN, PG_INT32_MAX, &n))
		fault(i, rule, "position", "missing or not a whole number");
	v = rule_field(rule, "id");
	if (v && !whole(v, 1, PG_INT64_MAX, &n))
		fault(i, rule, "id", "not a whole number above 0");
	check_text(i, rule, "name");
	check_text(i, rule, "region");
	check_text(i, rule, "industry");
	check_text(i, rule, "line");
	check_text(i, rule, "channel");
	check_text(i, rule, "territory_code");
	check_territory(i, rule);
	check_amounts(i, rule);
	v = rule_field(rule, "when");
	if (v)
	{
		if (v->type != jbvString)
			fault(i, rule, "when", "not a text");
		s = leads_document_path_fault(field_text(rule, "when"));
		if (s)
			fault(i, rule, "when", s);
	}
	check_receivers(i, rule);
	s = field_text(rule, "assign_to");
	if (s == NULL || strlen(s) > TEXT_MAX_BYTES || !leads_routing_target(s, &kind, &code))
		fault(i, rule, "assign_to", "missing or not owner, partner, nor member:, ring:, pool:, team: or role: with a code");
}

void
leads_routing_fault(Jsonb *body, int32 position, const char *key, const char *what)
{
	for (int i = 0; i < rule_count(body); i++)
	{
		JsonbContainer *rule = rule_element(body, i);
		int64		n;

		if (whole(rule_field(rule, "position"), position, position, &n))
			fault(i, rule, key, what);
	}
	leads_policy_fault("$.rules", what);
}

static int
by_position(const void *a, const void *b)
{
	int32		x = ((const LeadsRoutingRule *) a)->position;
	int32		y = ((const LeadsRoutingRule *) b)->position;

	return x < y ? -1 : x > y;
}

static void
check_document_keys(Jsonb *body)
{
	JsonbIterator *it = JsonbIteratorInit(&body->root);
	JsonbValue	v;
	JsonbIteratorToken t;
	char	   *handover = leads_json_text(body, "handover");

	while ((t = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		char	   *key;

		if (t != WJB_KEY)
			continue;
		key = pnstrdup(v.val.string.val, v.val.string.len);
		if (strcmp(key, "rules") != 0 && strcmp(key, "handover") != 0)
			leads_policy_fault(psprintf("$.%s", key), "unknown key");
	}
	if (leads_json_get(body, "handover") &&
		(handover == NULL || (strcmp(handover, "fresh") != 0 && strcmp(handover, "inherit") != 0)))
		leads_policy_fault("$.handover", "not fresh or inherit");
}

void
leads_routing_validate(Jsonb *body)
{
	int			n = rule_count(body);
	int64	   *positions;

	check_document_keys(body);
	if (n < 0)
		leads_policy_fault("$.rules", "missing or not a list");
	if (n > LEADS_ROUTING_RULES_MAX)
		leads_policy_fault("$.rules", "more than 2000 rules");
	positions = palloc(sizeof(int64) * Max(n, 1));
	for (int i = 0; i < n; i++)
	{
		JsonbContainer *rule = rule_element(body, i);

		check_rule(i, rule);
		(void) whole(rule_field(rule, "position"), PG_INT32_MIN, PG_INT32_MAX, &positions[i]);
		for (int k = 0; k < i; k++)
			if (positions[k] == positions[i])
				fault(i, rule, "position", "used by another rule");
	}
}

static void
read_rule(JsonbContainer *in, LeadsRoutingRule *rule)
{
	JsonbValue *v;
	int64		n = 0;

	memset(rule, 0, sizeof(*rule));
	(void) whole(rule_field(in, "position"), PG_INT32_MIN, PG_INT32_MAX, &n);
	rule->position = (int32) n;
	if (whole(rule_field(in, "id"), 1, PG_INT64_MAX, &n))
		rule->id = n;
	rule->region = field_text(in, "region");
	rule->industry = field_text(in, "industry");
	rule->line = field_text(in, "line");
	rule->channel = field_text(in, "channel");
	rule->territory_code = field_text(in, "territory_code");
	v = rule_field(in, "territory");
	if (v)
	{
		rule->nterritory = JsonContainerSize(v->val.binary.data);
		rule->territory = palloc(sizeof(char *) * rule->nterritory);
		for (int k = 0; k < rule->nterritory; k++)
		{
			JsonbValue *e = getIthJsonbValueFromContainer(v->val.binary.data, k);

			rule->territory[k] = pnstrdup(e->val.string.val, e->val.string.len);
		}
	}
	rule->min_amount = field_number(in, "min_amount");
	rule->max_amount = field_number(in, "max_amount");
	rule->when_text = field_text(in, "when");
	if (rule->when_text)
		rule->when = (struct varlena *)
			DatumGetPointer(DirectFunctionCall1(jsonpath_in, CStringGetDatum(rule->when_text)));
	v = rule_field(in, "skills");
	if (v)
	{
		rule->nskills = JsonContainerSize(v->val.binary.data);
		rule->skills = palloc(sizeof(char *) * rule->nskills);
		for (int k = 0; k < rule->nskills; k++)
		{
			JsonbValue *e = getIthJsonbValueFromContainer(v->val.binary.data, k);

			rule->skills[k] = pnstrdup(e->val.string.val, e->val.string.len);
		}
	}
	rule->member_cap = whole(rule_field(in, "member_cap"), 0, PG_INT32_MAX, &n) ? (int32) n : -1;
	v = rule_field(in, "skip_previous");
	rule->skip_previous = v && v->val.boolean;
	rule->hours = rule_field(in, "hours") && strcmp(field_text(in, "hours"), "require") == 0;
	rule->assign_to = field_text(in, "assign_to");
	(void) leads_routing_target(rule->assign_to, &rule->target, &rule->target_code);
}

static int
region_no(LeadsRouting *r, const char *region)
{
	for (int i = 0; i < r->nregions; i++)
		if (strcmp(r->regions[i], region) == 0)
			return i;
	r->regions = repalloc(r->regions, sizeof(char *) * (r->nregions + 1));
	r->regions[r->nregions] = region;
	return r->nregions++;
}

static int
word_no(LeadsRouting *r, const char *word)
{
	uint32_t	folded[LEADS_TEXT_MAX];
	LeadsRoutingWord *w;

	for (int i = 0; i < r->nwords; i++)
		if (strcmp(r->words[i].text, word) == 0)
			return i;
	r->words = repalloc(r->words, sizeof(LeadsRoutingWord) * (r->nwords + 1));
	w = &r->words[r->nwords];
	w->text = word;
	w->n = leads_fold(word, strlen(word), folded, LEADS_TEXT_MAX, NULL);
	w->folded = palloc(sizeof(uint32_t) * Max(w->n, 1));
	memcpy(w->folded, folded, sizeof(uint32_t) * w->n);
	return r->nwords++;
}

/* a thousand rules ask for a few dozen regions and words: each is answered once a customer */
static void
number_conditions(LeadsRouting *r)
{
	r->regions = palloc(sizeof(char *));
	r->words = palloc(sizeof(LeadsRoutingWord));
	for (int i = 0; i < r->n; i++)
	{
		LeadsRoutingRule *rule = &r->rules[i];

		if (rule->region)
			rule->region_no = region_no(r, rule->region);
		if (rule->industry)
			rule->industry_no = word_no(r, rule->industry);
		rule->territory_no = palloc(sizeof(int) * Max(rule->nterritory, 1));
		for (int k = 0; k < rule->nterritory; k++)
			rule->territory_no[k] = region_no(r, rule->territory[k]);
	}
}

/* compiled documents of this session */
static struct
{
	MemoryContext cxt;
	char	   *name;			/* NULL = by its bytes alone */
	Jsonb	   *body;
	LeadsRouting *routing;
}			slots[SLOTS];
static int	next_slot = 0;

LeadsRouting *
leads_routing_known(const char *name)
{
	for (int i = 0; i < SLOTS; i++)
		if (slots[i].name && strcmp(slots[i].name, name) == 0)
			return slots[i].routing;
	return NULL;
}

static LeadsRouting *
compile(const char *name, Jsonb *body)
{
	MemoryContext cxt;
	MemoryContext old;
	LeadsRouting *r;
	Jsonb	   *copy;

	/* checked when it was published; whoever owns the table may have changed it since */
	leads_routing_validate(body);
	cxt = AllocSetContextCreate(CurrentMemoryContext, "routing rules", ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(cxt);
	copy = palloc(VARSIZE(body));
	memcpy(copy, body, VARSIZE(body));
	r = palloc0(sizeof(*r));
	r->n = Max(rule_count(copy), 0);
	r->rules = palloc0(sizeof(LeadsRoutingRule) * Max(r->n, 1));
	for (int i = 0; i < r->n; i++)
	{
		read_rule(rule_element(copy, i), &r->rules[i]);
		r->has_when |= r->rules[i].when != NULL;
		r->has_previous |= r->rules[i].skip_previous;
	}
	qsort(r->rules, r->n, sizeof(LeadsRoutingRule), by_position);
	number_conditions(r);
	name = name ? pstrdup(name) : NULL;
	MemoryContextSwitchTo(old);
	/* kept only when it is whole */
	MemoryContextSetParent(cxt, CacheMemoryContext);
	if (slots[next_slot].cxt)
		MemoryContextDelete(slots[next_slot].cxt);
	slots[next_slot].cxt = cxt;
	slots[next_slot].name = unconstify(char *, name);
	slots[next_slot].body = copy;
	slots[next_slot].routing = r;
	next_slot = (next_slot + 1) % SLOTS;
	return r;
}

LeadsRouting *
leads_routing_compile(Jsonb *body)
{
	for (int i = 0; i < SLOTS; i++)
		if (slots[i].body && VARSIZE(slots[i].body) == VARSIZE(body) &&
			memcmp(slots[i].body, body, VARSIZE(body)) == 0)
			return slots[i].routing;
	return compile(NULL, body);
}

LeadsRouting *
leads_routing_remember(const char *name, Jsonb *body)
{
	return compile(name, body);
}

void
leads_routing_facts(const LeadsRouting *rules, LeadsRoutingFacts *facts)
{
	facts->nindustry = facts->industry == NULL ? 0 :
		leads_fold(facts->industry, strlen(facts->industry), facts->industry_folded, LEADS_TEXT_MAX, NULL);
	facts->rules = rules;
	facts->within = palloc0(Max(rules->nregions, 1));
	facts->contains = palloc0(Max(rules->nwords, 1));
}

static bool
contains(const uint32_t *hay, int nhay, const uint32_t *word, int nword)
{
	for (int i = 0; i + nword <= nhay; i++)
		if (memcmp(hay + i, word, sizeof(uint32_t) * nword) == 0)
			return true;
	return false;
}

static bool
within(LeadsRoutingFacts *facts, int no)
{
	const char *prefix = facts->rules->regions[no];

	if (facts->within[no] == 0)
		facts->within[no] = facts->region &&
			leads_region_within(facts->region, strlen(facts->region), prefix, strlen(prefix)) ? 1 : 2;
	return facts->within[no] == 1;
}

static bool
has_word(LeadsRoutingFacts *facts, int no)
{
	const LeadsRoutingWord *w = &facts->rules->words[no];

	if (facts->contains[no] == 0)
		facts->contains[no] = facts->nindustry > 0 &&
			contains(facts->industry_folded, facts->nindustry, w->folded, w->n) ? 1 : 2;
	return facts->contains[no] == 1;
}

LeadsRuleVerdict
leads_routing_match(const LeadsRoutingRule *rule, LeadsRoutingFacts *facts)
{
	bool		inside = rule->nterritory == 0;

	for (int i = 0; i < rule->nterritory && !inside; i++)
		inside = within(facts, rule->territory_no[i]);
	if (!inside)
		return LEADS_RULE_TERRITORY;
	if (rule->region && !within(facts, rule->region_no))
		return LEADS_RULE_REGION;
	if (rule->industry && !has_word(facts, rule->industry_no))
		return LEADS_RULE_INDUSTRY;
	if (rule->line && strcmp(rule->line, facts->line ? facts->line : "") != 0)
		return LEADS_RULE_LINE;
	if (rule->channel && (facts->channel == NULL || strcmp(rule->channel, facts->channel) != 0))
		return LEADS_RULE_CHANNEL;
	if ((rule->min_amount || rule->max_amount) && facts->amount == (Datum) 0)
		return LEADS_RULE_AMOUNT;
	if (rule->min_amount && DatumGetBool(DirectFunctionCall2(numeric_lt, facts->amount, rule->min_amount)))
		return LEADS_RULE_AMOUNT;
	if (rule->max_amount && DatumGetBool(DirectFunctionCall2(numeric_gt, facts->amount, rule->max_amount)))
		return LEADS_RULE_AMOUNT;
	if (rule->when && facts->document)
		switch (leads_document_holds(facts->document, rule->when))
		{
			case LEADS_PREDICATE_YES:
				break;
			case LEADS_PREDICATE_NO:
				return LEADS_RULE_WHEN;
			case LEADS_PREDICATE_ERROR:
				return LEADS_RULE_ERROR;
		}
	return LEADS_RULE_FITS;
}
