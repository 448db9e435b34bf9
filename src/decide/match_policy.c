/*
 * match_policy.c - the document that sets the duplicate check.
 *
 * Purpose: check and read {"certain", "likely", "possible", "returning_days",
 * "scope", "probe_quota", "unconfirmed_daily", "shared_by", "on_claim", "tells", "tells_until",
 * "weights"}.
 * Invariants: every key may be missing, then the shipped default rules; a document
 * whose bands overlap, or that weighs what is no feature, is refused whole.
 * Called by: act/register (read), act/match_face (read), core/policy (check).
 */
#include "core/leads.h"

#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "core/policy.h"
#include "decide/match_policy.h"

#define SCORE_MAX 1000
#define DAYS_MAX 36500
#define UNCONFIRMED_MAX 1000
#define SHARED_MAX 1000
#define QUOTA_MAX 900000		/* as far as a meter counts */

/* a number in the range; NaN is greater than every number and falls out */
static bool
in_range(const JsonbValue *v, int64 lo, int64 hi)
{
	Datum		n;

	if (v->type != jbvNumeric)
		return false;
	n = NumericGetDatum(v->val.numeric);
	return DatumGetBool(DirectFunctionCall2(numeric_ge, n, NumericGetDatum(int64_to_numeric(lo)))) &&
		DatumGetBool(DirectFunctionCall2(numeric_le, n, NumericGetDatum(int64_to_numeric(hi))));
}

static bool
is_score(const JsonbValue *v)
{
	return in_range(v, -SCORE_MAX, SCORE_MAX);
}

static bool
is_whole(const JsonbValue *v)
{
	Datum		n = NumericGetDatum(v->val.numeric);

	return DatumGetBool(DirectFunctionCall2(numeric_eq, n, DirectFunctionCall1(numeric_floor, n)));
}

static void
check_weights(JsonbContainer *weights)
{
	JsonbIterator *it = JsonbIteratorInit(weights);
	JsonbValue	v;
	JsonbIteratorToken t;
	char	   *key = NULL;

	while ((t = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		if (t == WJB_KEY)
		{
			key = pnstrdup(v.val.string.val, v.val.string.len);
			if (leads_match_weight_index(key) < 0)
				leads_policy_fault(psprintf("$.weights.%s", key), "no such feature");
		}
		else if (t == WJB_VALUE && !is_score(&v))
			leads_policy_fault(psprintf("$.weights.%s", key), "not a number between -1000 and 1000");
	}
}

/* of the names, the one that a text is; -1 = none */
static int
one_of(const JsonbValue *v, const char *const *names, int n)
{
	for (int i = 0; i < n && v->type == jbvString; i++)
		if (v->val.string.len == strlen(names[i]) && memcmp(v->val.string.val, names[i], v->val.string.len) == 0)
			return i;
	return -1;
}

static const char *const on_claim[] = {
	[LEADS_ON_CLAIM_NOTE] = "note", [LEADS_ON_CLAIM_REFUSE] = "refuse", [LEADS_ON_CLAIM_OFF] = "off"
};
static const char *const tells[] = {
	[LEADS_TELLS_OWNER] = "owner", [LEADS_TELLS_TEAM] = "team", [LEADS_TELLS_NOBODY] = "nobody"
};
static const char *const scopes[] = {"customer", "line", "project"};

static void
check_key(const char *key, const JsonbValue *v)
{
	static const char *const bands[] = {"certain", "likely", "possible"};
	char	   *path = psprintf("$.%s", key);

	for (int i = 0; i < lengthof(bands); i++)
		if (strcmp(key, bands[i]) == 0)
		{
			if (!is_score(v))
				leads_policy_fault(path, "not a number between -1000 and 1000");
			return;
		}
	if (strcmp(key, "returning_days") == 0)
	{
		if (!in_range(v, 0, DAYS_MAX) || !is_whole(v))
			leads_policy_fault(path, "not a whole number of days between 0 and 36500");
	}
	else if (strcmp(key, "probe_quota") == 0)
	{
		if (!in_range(v, 0, QUOTA_MAX) || !is_whole(v))
			leads_policy_fault(path, "not a whole number between 0 and 900000");
	}
	else if (strcmp(key, "unconfirmed_daily") == 0)
	{
		if (!in_range(v, 0, UNCONFIRMED_MAX) || !is_whole(v))
			leads_policy_fault(path, "not a whole number between 0 and 1000");
	}
	else if (strcmp(key, "shared_by") == 0)
	{
		if (!in_range(v, 0, SHARED_MAX) || !is_whole(v))
			leads_policy_fault(path, "not a whole number between 0 and 1000");
	}
	else if (strcmp(key, "scope") == 0)
	{
		if (one_of(v, scopes, lengthof(scopes)) < 0)
			leads_policy_fault(path, "not customer, line or project");
	}
	else if (strcmp(key, "on_claim") == 0)
	{
		if (one_of(v, on_claim, lengthof(on_claim)) < 0)
			leads_policy_fault(path, "not note, refuse or off");
	}
	else if (strcmp(key, "tells") == 0)
	{
		if (one_of(v, tells, lengthof(tells)) < 0)
			leads_policy_fault(path, "not owner, team or nobody");
	}
	else if (strcmp(key, "tells_until") == 0)
	{
		if (v->type != jbvBool)
			leads_policy_fault(path, "not true or false");
	}
	else if (strcmp(key, "weights") == 0)
	{
		if (v->type != jbvBinary || !JsonContainerIsObject(v->val.binary.data))
			leads_policy_fault(path, "not an object");
		check_weights(v->val.binary.data);
	}
	else
		leads_policy_fault(path, "unknown key");
}

void
leads_match_policy_validate(Jsonb *body)
{
	JsonbIterator *it = JsonbIteratorInit(&body->root);
	JsonbValue	v;
	JsonbIteratorToken t;
	char	   *key = NULL;
	LeadsMatchPolicy p;

	while ((t = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		if (t == WJB_KEY)
			key = pnstrdup(v.val.string.val, v.val.string.len);
		else if (t == WJB_VALUE)
			check_key(key, &v);
	}
	leads_match_policy_read(body, &p);
	if (p.model.likely > p.model.certain)
		leads_policy_fault("$.likely", "above certain");
	if (p.model.possible > p.model.likely)
		leads_policy_fault("$.possible", "above likely");
}

void
leads_match_policy_read(Jsonb *body, LeadsMatchPolicy *out)
{
	JsonbValue *weights = leads_json_get(body, "weights");
	JsonbValue *claim = leads_json_get(body, "on_claim");
	JsonbValue *told = leads_json_get(body, "tells");
	JsonbValue *until = leads_json_get(body, "tells_until");
	char	   *scope = leads_json_text(body, "scope");

	out->model = leads_match_default;
	out->model.certain = leads_json_float(body, "certain", out->model.certain);
	out->model.likely = leads_json_float(body, "likely", out->model.likely);
	out->model.possible = leads_json_float(body, "possible", out->model.possible);
	out->returning_days = (int32) leads_json_int(body, "returning_days", LEADS_RETURNING_DAYS);
	out->probe_quota = (int32) leads_json_int(body, "probe_quota", LEADS_PROBE_QUOTA);
	out->unconfirmed_daily = (int32) leads_json_int(body, "unconfirmed_daily", LEADS_UNCONFIRMED_DAILY);
	out->shared_by = (int32) leads_json_int(body, "shared_by", LEADS_SHARED_BY);
	out->on_claim = claim ? (LeadsOnClaim) Max(one_of(claim, on_claim, lengthof(on_claim)), 0) : LEADS_ON_CLAIM_NOTE;
	out->tells = told ? (LeadsTells) Max(one_of(told, tells, lengthof(tells)), 0) : LEADS_TELLS_OWNER;
	out->hides_until = until && until->type == jbvBool && !until->val.boolean;
	out->by_line = scope && strcmp(scope, "line") == 0;
	out->by_project = scope && strcmp(scope, "project") == 0;
	if (weights && weights->type == jbvBinary)
	{
		JsonbIterator *it = JsonbIteratorInit(weights->val.binary.data);
		JsonbValue	v;
		JsonbIteratorToken t;
		int			at = -1;

		while ((t = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
		{
			if (t == WJB_KEY)
				at = leads_match_weight_index(pnstrdup(v.val.string.val, v.val.string.len));
			else if (t == WJB_VALUE && v.type == jbvNumeric && at >= 0)
				out->model.w[at] = DatumGetFloat8(DirectFunctionCall1(numeric_float8,
																	  NumericGetDatum(v.val.numeric)));
		}
	}
}
