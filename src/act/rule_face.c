/*
 * rule_face.c - routing_rule and territory as people edit them.
 *
 * Purpose: a statement that changes routing_rule or territory compiles all active
 * rules into a new version of the routing policy, in the same transaction.
 * Invariants: the rules are read after the gate is taken, so two editors cannot
 * each publish without the other's rule; a fault refuses the statement (LD014, with
 * the rule's position) and leaves table and policy as they were; what changes no
 * active rule makes no version; a decision never reads routing_rule.
 * Called by: statement triggers of the data schema; users (set_routing).
 */
#include "core/leads.h"

#include "commands/trigger.h"
#include "utils/numeric.h"
#include "utils/rel.h"

#include "core/actor.h"
#include "core/lock.h"
#include "core/policy.h"
#include "decide/routing.h"

LEADS_QUERY(q_rules, "",
			"SELECT r.id, r.position, r.name, r.region, r.industry, r.line, r.channel, r.when_path, r.assign_to,"
			"       r.min_amount, r.max_amount, r.territory, pg_catalog.to_jsonb(t.regions), pg_catalog.to_jsonb(r.skills),"
			"       r.member_cap, r.skip_previous, nullif(r.hours, 'ignore')"
			"  FROM @.routing_rule r LEFT JOIN @.territory t ON t.code = r.territory"
			" WHERE r.active ORDER BY r.position");

LEADS_QUERY(q_planned, "z",
			"SELECT FROM @.policy p WHERE p.kind = 'routing' AND p.key = '' AND p.status = 'published' AND p.active_from > $1 LIMIT 1");

/* the rules that rule already; a version that waits could take them away again, then they are published anew */
static bool
is_in_force(LeadsFrame *f, Jsonb *body)
{
	LeadsPolicy now = leads_policy_at(f, "routing", leads_frame_now(f, LEADS_NO_TIME));

	return now.body != NULL && VARSIZE(now.body) == VARSIZE(body) && memcmp(now.body, body, VARSIZE(body)) == 0 &&
		!leads_found(leads_run(&q_planned, f->now));
}

static void
put_value(JsonbParseState **state, const char *key, JsonbValue *v)
{
	JsonbValue	k;

	k.type = jbvString;
	k.val.string.val = unconstify(char *, key);
	k.val.string.len = strlen(key);
	(void) pushJsonbValue(state, WJB_KEY, &k);
	(void) pushJsonbValue(state, WJB_VALUE, v);
}

static void
put_text(JsonbParseState **state, const char *key, char *s)
{
	JsonbValue	v;

	if (s == NULL)
		return;
	v.type = jbvString;
	v.val.string.val = s;
	v.val.string.len = strlen(s);
	put_value(state, key, &v);
}

static void
put_number(JsonbParseState **state, const char *key, Datum numeric)
{
	JsonbValue	v;

	if (numeric == (Datum) 0)
		return;
	v.type = jbvNumeric;
	v.val.numeric = DatumGetNumeric(numeric);
	put_value(state, key, &v);
}

static void
refuse(int64 position, const char *what)
{
	leads_policy_fault("$.rules", psprintf("rule at position " INT64_FORMAT ": %s", position, what));
}

static void
put_rule(JsonbParseState **state, LeadsResult *r, uint64 i)
{
	static const char *const keys[] = {"name", "region", "industry", "line", "channel", "when", "assign_to"};
	static const char *const amounts[] = {"min_amount", "max_amount"};
	JsonbValue	v;

	(void) pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
	put_number(state, "id", NumericGetDatum(int64_to_numeric(leads_int(r, i, 1))));
	put_number(state, "position", NumericGetDatum(int64_to_numeric(leads_int(r, i, 2))));
	for (int k = 0; k < lengthof(keys); k++)
		put_text(state, keys[k], leads_text(r, i, 3 + k));
	for (int k = 0; k < lengthof(amounts); k++)
	{
		Datum		n = leads_numeric(r, i, 10 + k);

		if (n != (Datum) 0 && (numeric_is_nan(DatumGetNumeric(n)) || numeric_is_inf(DatumGetNumeric(n))))
			refuse(leads_int(r, i, 2), psprintf("%s is not a number", amounts[k]));
		put_number(state, amounts[k], n);
	}
	if (!leads_isnull(r, i, 12))
	{
		put_text(state, "territory_code", leads_text(r, i, 12));
		if (leads_isnull(r, i, 13))
			refuse(leads_int(r, i, 2), psprintf("there is no territory \"%s\"", leads_text(r, i, 12)));
		JsonbToJsonbValue(leads_jsonb(r, i, 13), &v);
		put_value(state, "territory", &v);
	}
	if (!leads_isnull(r, i, 14))
	{
		JsonbToJsonbValue(leads_jsonb(r, i, 14), &v);
		put_value(state, "skills", &v);
	}
	if (!leads_isnull(r, i, 15))
		put_number(state, "member_cap", NumericGetDatum(int64_to_numeric(leads_int(r, i, 15))));
	put_text(state, "hours", leads_text(r, i, 17));
	/* left out when false, so that rules that do not use it compile into what they were */
	if (leads_bool(r, i, 16))
	{
		v.type = jbvBool;
		v.val.boolean = true;
		put_value(state, "skip_previous", &v);
	}
	(void) pushJsonbValue(state, WJB_END_OBJECT, NULL);
}

/* handover: NULL = as it is, and left out as long as nobody said anything */
static Jsonb *
compile(LeadsFrame *f, char *handover)
{
	JsonbParseState *state = NULL;
	JsonbValue	k;
	LeadsResult r = leads_run(&q_rules);

	if (handover == NULL)
		handover = leads_json_text(leads_policy_at(f, "routing", leads_frame_now(f, LEADS_NO_TIME)).body, "handover");
	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	put_text(&state, "handover", handover);
	k.type = jbvString;
	k.val.string.val = "rules";
	k.val.string.len = 5;
	(void) pushJsonbValue(&state, WJB_KEY, &k);
	(void) pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	for (uint64 i = 0; i < r.n; i++)
		put_rule(&state, &r, i);
	(void) pushJsonbValue(&state, WJB_END_ARRAY, NULL);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

PG_FUNCTION_INFO_V1(leads_compile_rules);
Datum
leads_compile_rules(PG_FUNCTION_ARGS)
{
	TriggerData *trig = (TriggerData *) fcinfo->context;
	LeadsFrame	f;
	Jsonb	   *body;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trig->tg_event) ||
		!TRIGGER_FIRED_FOR_STATEMENT(trig->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("compile_rules() is a trigger function, AFTER … FOR EACH STATEMENT")));
	leads_enter_trigger(&f, RelationGetNamespace(trig->tg_relation));
	leads_actor_lookup(&f);
	leads_lock_gate(&f, true);
	body = compile(&f, NULL);
	if (!is_in_force(&f, body))
		(void) leads_policy_publish(&f, "routing", "", body, LEADS_NO_TIME);
	leads_leave(&f);
	PG_RETURN_POINTER(NULL);
}

PG_FUNCTION_INFO_V1(leads_set_routing);
Datum
leads_set_routing(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	int32		version;

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("handover is required")));
	leads_enter(&f, NULL, LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN);
	(void) leads_actor_lookup(&f);
	leads_lock_gate(&f, true);
	version = leads_policy_publish(&f, "routing", "", compile(&f, text_to_cstring(PG_GETARG_TEXT_PP(0))), LEADS_NO_TIME);
	leads_leave(&f);
	PG_RETURN_INT32(version);
}
