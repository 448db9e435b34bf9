/*
 * registration_policy.c - the part "registration" of a protection document.
 *
 * Purpose: check and read {"approval", "when", "from", "queue", "evidence"}: must a
 * registration wait for a manager, from when does its protection count, does who comes
 * second wait, and what must be sent.
 * Invariants: every key may be missing; a document with a fault is refused whole.
 * Called by: decide/protection (check), act/register, act/contest (read).
 */
#include "core/leads.h"

#include "core/policy.h"
#include "decide/document.h"
#include "decide/registration.h"

static const char *const proofs[] = {"contact", "need", "amount", "proof"};

int
leads_contest_proof(const char *name, int len)
{
	for (int i = 0; i < lengthof(proofs); i++)
		if ((int) strlen(proofs[i]) == len && strncmp(proofs[i], name, len) == 0)
			return 1 << i;
	return 0;
}

static bool
is_text(const JsonbValue *v, const char *text)
{
	return v->type == jbvString && v->val.string.len == (int) strlen(text) &&
		strncmp(v->val.string.val, text, v->val.string.len) == 0;
}

/* bits of an array of names; the first that is none is the fault */
static int
read_proofs(const JsonbValue *v, bool check)
{
	JsonbIterator *it;
	JsonbValue	e;
	JsonbIteratorToken t;
	int			bits = 0;
	int			n = 0;

	if (v->type != jbvBinary || !JsonContainerIsArray(v->val.binary.data))
	{
		if (check)
			leads_policy_fault("$.registration.evidence", "not an array");
		return 0;
	}
	it = JsonbIteratorInit(v->val.binary.data);
	while ((t = JsonbIteratorNext(&it, &e, true)) != WJB_DONE)
	{
		int			bit;

		if (t != WJB_ELEM)
			continue;
		bit = e.type == jbvString ? leads_contest_proof(e.val.string.val, e.val.string.len) : 0;
		if (bit == 0 && check)
			leads_policy_fault(psprintf("$.registration.evidence[%d]", n), "not contact, need, amount or proof");
		bits |= bit;
		n++;
	}
	return bits;
}

static void
check_key(const char *key, const JsonbValue *v)
{
	char	   *path = psprintf("$.registration.%s", key);

	if (strcmp(key, "approval") == 0 || strcmp(key, "queue") == 0)
	{
		if (v->type != jbvBool)
			leads_policy_fault(path, "not true or false");
	}
	else if (strcmp(key, "from") == 0)
	{
		if (!is_text(v, "approval") && !is_text(v, "submit"))
			leads_policy_fault(path, "not approval or submit");
	}
	else if (strcmp(key, "when") == 0)
	{
		char	   *fault = v->type == jbvString ?
			leads_document_path_fault(pnstrdup(v->val.string.val, v->val.string.len)) : "not a text";

		if (fault)
			leads_policy_fault(path, fault);
	}
	else if (strcmp(key, "evidence") == 0)
		(void) read_proofs(v, true);
	else
		leads_policy_fault(path, "unknown key");
}

void
leads_contest_validate(const JsonbValue *part)
{
	JsonbIterator *it;
	JsonbValue	v;

	if (part->type != jbvBinary || !JsonContainerIsObject(part->val.binary.data))
		leads_policy_fault("$.registration", "not an object");
	it = JsonbIteratorInit(part->val.binary.data);
	(void) JsonbIteratorNext(&it, &v, true);
	while (JsonbIteratorNext(&it, &v, true) == WJB_KEY)
	{
		char	   *key = pnstrdup(v.val.string.val, v.val.string.len);

		(void) JsonbIteratorNext(&it, &v, true);
		check_key(key, &v);
	}
}

void
leads_contest_read(Jsonb *body, LeadsContestPolicy *out)
{
	JsonbValue *part = body ? leads_json_get(body, "registration") : NULL;
	JsonbIterator *it;
	JsonbValue	v;

	*out = (LeadsContestPolicy) {.queue = true};
	if (part == NULL || part->type != jbvBinary || !JsonContainerIsObject(part->val.binary.data))
		return;
	it = JsonbIteratorInit(part->val.binary.data);
	(void) JsonbIteratorNext(&it, &v, true);
	while (JsonbIteratorNext(&it, &v, true) == WJB_KEY)
	{
		char	   *key = pnstrdup(v.val.string.val, v.val.string.len);

		(void) JsonbIteratorNext(&it, &v, true);
		if (strcmp(key, "approval") == 0)
			out->approval = v.type == jbvBool && v.val.boolean;
		else if (strcmp(key, "queue") == 0)
			out->queue = v.type != jbvBool || v.val.boolean;
		else if (strcmp(key, "from") == 0)
			out->from_submit = is_text(&v, "submit");
		else if (strcmp(key, "when") == 0 && v.type == jbvString)
			out->when = pnstrdup(v.val.string.val, v.val.string.len);
		else if (strcmp(key, "evidence") == 0)
			out->evidence = read_proofs(&v, false);
	}
}

static void
put(JsonbParseState **state, const char *key, JsonbValue *v)
{
	JsonbValue	k;

	k.type = jbvString;
	k.val.string.val = unconstify(char *, key);
	k.val.string.len = strlen(key);
	pushJsonbValue(state, WJB_KEY, &k);
	if (v)
		pushJsonbValue(state, WJB_VALUE, v);
}

static void
put_bool(JsonbParseState **state, const char *key, bool b)
{
	JsonbValue	v;

	v.type = jbvBool;
	v.val.boolean = b;
	put(state, key, &v);
}

static void
text_value(JsonbValue *v, const char *s)
{
	v->type = jbvString;
	v->val.string.val = unconstify(char *, s);
	v->val.string.len = strlen(s);
}

Jsonb *
leads_contest_part(const LeadsContestPolicy *p)
{
	JsonbParseState *state = NULL;
	JsonbValue	v;

	if (!p->approval && p->when == NULL && !p->from_submit && p->queue && p->evidence == 0)
		return NULL;
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	put_bool(&state, "approval", p->approval);
	if (p->when)
	{
		text_value(&v, p->when);
		put(&state, "when", &v);
	}
	text_value(&v, p->from_submit ? "submit" : "approval");
	put(&state, "from", &v);
	put_bool(&state, "queue", p->queue);
	put(&state, "evidence", NULL);
	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < lengthof(proofs); i++)
		if (p->evidence & (1 << i))
		{
			text_value(&v, proofs[i]);
			pushJsonbValue(&state, WJB_ELEM, &v);
		}
	pushJsonbValue(&state, WJB_END_ARRAY, NULL);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}
