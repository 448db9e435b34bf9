/*
 * match_face.c - the plain face of the match policy.
 *
 * Purpose: leads.set_match(): change what is named, keep the rest, publish the
 * whole as a new version.
 * Invariants: publishers queue at the gate before they look, so that two calls do
 * not undo each other; what nobody ever set stays out of the document, so that
 * thresholds and weights of the library, which belong together, change together.
 * Called by: administrators.
 */
#include "core/leads.h"

#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "act/match_face.h"
#include "core/actor.h"
#include "core/lock.h"
#include "core/policy.h"
#include "decide/match_policy.h"

void
leads_match_face_init(void)
{
	leads_policy_set_validator("match", leads_match_policy_validate);
}

static void
put_key(JsonbParseState **state, const char *key)
{
	JsonbValue	k;

	k.type = jbvString;
	k.val.string.val = unconstify(char *, key);
	k.val.string.len = strlen(key);
	(void) pushJsonbValue(state, WJB_KEY, &k);
}

static void
put_number(JsonbParseState **state, const char *key, double d)
{
	JsonbValue	v;

	v.type = jbvNumeric;
	v.val.numeric = DatumGetNumeric(DirectFunctionCall1(float8_numeric, Float8GetDatum(d)));
	put_key(state, key);
	(void) pushJsonbValue(state, WJB_VALUE, &v);
}

/* members of a from, those of b instead where both have one; null in b takes a member out */
static void
put_merged(JsonbParseState **state, JsonbContainer *a, Jsonb *b)
{
	JsonbContainer *from[2] = {a, b ? &b->root : NULL};

	for (int i = 0; i < 2; i++)
	{
		JsonbIterator *it;
		JsonbValue	v;
		JsonbIteratorToken t;
		char	   *name = NULL;

		if (from[i] == NULL)
			continue;
		it = JsonbIteratorInit(from[i]);
		while ((t = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
		{
			if (t == WJB_KEY)
				name = pnstrdup(v.val.string.val, v.val.string.len);
			if (t != WJB_VALUE || v.type == jbvNull || (i == 0 && leads_json_get(b, name) != NULL))
				continue;
			put_key(state, name);
			(void) pushJsonbValue(state, WJB_VALUE, &v);
		}
	}
}

/* before with these weights besides its own; null in weights takes one out */
Jsonb *
leads_match_face_reweigh(Jsonb *before, Jsonb *weights)
{
	JsonbParseState *state = NULL;
	JsonbValue *own = leads_json_get(before, "weights");
	Jsonb	   *changed;

	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	put_key(&state, "weights");
	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	put_merged(&state, own && own->type == jbvBinary ? own->val.binary.data : NULL, weights);
	(void) pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	changed = JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
	state = NULL;
	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	put_merged(&state, before ? &before->root : NULL, changed);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/* the arguments as a document */
static Jsonb *
given(FunctionCallInfo fcinfo, Jsonb *before)
{
	static const char *const bands[] = {"certain", "likely", "possible"};
	static const struct
	{
		int			arg;
		const char *key;
	}			words[] = {{4, "scope"}, {8, "on_claim"}, {10, "tells"}};
	JsonbParseState *state = NULL;
	JsonbValue	v;
	JsonbValue *weights = leads_json_get(before, "weights");

	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < lengthof(bands); i++)
		if (!PG_ARGISNULL(i))
			put_number(&state, bands[i], PG_GETARG_FLOAT8(i));
	if (!PG_ARGISNULL(3))
		put_number(&state, "returning_days", PG_GETARG_INT32(3));
	if (!PG_ARGISNULL(6))
		put_number(&state, "probe_quota", PG_GETARG_INT32(6));
	if (!PG_ARGISNULL(7))
		put_number(&state, "unconfirmed_daily", PG_GETARG_INT32(7));
	if (!PG_ARGISNULL(9))
		put_number(&state, "shared_by", PG_GETARG_INT32(9));
	if (!PG_ARGISNULL(11))
	{
		v.type = jbvBool;
		v.val.boolean = PG_GETARG_BOOL(11);
		put_key(&state, "tells_until");
		(void) pushJsonbValue(&state, WJB_VALUE, &v);
	}
	for (int i = 0; i < lengthof(words); i++)
	{
		if (PG_ARGISNULL(words[i].arg))
			continue;
		v.type = jbvString;
		v.val.string.val = text_to_cstring(PG_GETARG_TEXT_PP(words[i].arg));
		v.val.string.len = strlen(v.val.string.val);
		put_key(&state, words[i].key);
		(void) pushJsonbValue(&state, WJB_VALUE, &v);
	}
	if (!PG_ARGISNULL(5))
	{
		Jsonb	   *w = PG_GETARG_JSONB_P(5);

		if (!JB_ROOT_IS_OBJECT(w))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("weights is not a JSON object")));
		put_key(&state, "weights");
		(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
		put_merged(&state, weights && weights->type == jbvBinary ? weights->val.binary.data : NULL, w);
		(void) pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	}
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

PG_FUNCTION_INFO_V1(leads_set_match);
Datum
leads_set_match(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	LeadsPolicy now;
	JsonbParseState *state = NULL;
	int32		version;

	leads_enter(&f, NULL, LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN);
	(void) leads_actor_lookup(&f);
	leads_lock_gate(&f, true);
	now = leads_policy_at(&f, "match", leads_frame_now(&f, LEADS_NO_TIME));
	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	put_merged(&state, now.body ? &now.body->root : NULL, given(fcinfo, now.body));
	version = leads_policy_publish(&f, "match", "", JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)),
								   LEADS_NO_TIME);
	leads_leave(&f);
	PG_RETURN_INT32(version);
}
