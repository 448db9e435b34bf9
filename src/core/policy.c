/*
 * policy.c - versions of the rules.
 *
 * Purpose: publish, draft, look up.  A published version never changes but for
 * the instant at which its successor takes over.
 * Invariants: one active version per kind and key at any instant (exclusion
 * constraint); a document is checked whole before it is stored; versions of one
 * key are numbered under a lock on the newest row's index entry (unique
 * constraint behind), so two publishers cannot get one number.
 * Called by: the verbs (which version rules), the plain faces, read/explain.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/numeric.h"

#include "core/actor.h"
#include "core/lock.h"
#include "core/policy.h"

#define KINDS 8
static struct
{
	const char *kind;
	LeadsPolicyValidator validate;
	LeadsPolicyPublished published; /* NULL = rules what begins from then on */
}			validators[KINDS];
static int	nvalidators = 0;

LEADS_QUERY_STEADY(q_active, "tz",
			"SELECT p.version, p.body FROM @.policy p"
			" WHERE p.kind = $1 AND p.key = '' AND p.status = 'published'"
			"   AND p.active_from <= $2 AND (p.active_until IS NULL OR p.active_until > $2)"
			" ORDER BY p.version DESC LIMIT 1");
LEADS_QUERY_STEADY(q_identity, "tz",
			"SELECT p.version, pg_catalog.concat_ws(' ', p.id, p.xmin, p.ctid) FROM @.policy p"
			" WHERE p.kind = $1 AND p.key = '' AND p.status = 'published'"
			"   AND p.active_from <= $2 AND (p.active_until IS NULL OR p.active_until > $2)"
			" ORDER BY p.version DESC LIMIT 1");
LEADS_QUERY_STEADY(q_version, "ti",
			"SELECT p.version, p.body FROM @.policy p WHERE p.kind = $1 AND p.key = '' AND p.version = $2");
LEADS_QUERY(q_last, "tt",
			"SELECT coalesce(max(p.version), 0) FROM @.policy p WHERE p.kind = $1 AND p.key = $2");
LEADS_QUERY(q_close, "ttz",
			"UPDATE @.policy SET active_until = $3"
			" WHERE kind = $1 AND key = $2 AND status = 'published' AND active_from < $3"
			"   AND (active_until IS NULL OR active_until > $3)");
LEADS_QUERY(q_future, "ttz",
			"SELECT min(p.active_from) FROM @.policy p"
			" WHERE p.kind = $1 AND p.key = $2 AND p.status = 'published' AND p.active_from >= $3");
LEADS_QUERY(q_insert, "ttitjZZztL",
			"INSERT INTO @.policy (kind, key, version, status, body, active_from, active_until, created_at, created_by, actor_id)"
			" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");

void
leads_policy_set_validator(const char *kind, LeadsPolicyValidator validator)
{
	if (nvalidators >= KINDS)
		elog(ERROR, "too many policy kinds");
	validators[nvalidators].kind = kind;
	validators[nvalidators].validate = validator;
	validators[nvalidators].published = NULL;
	nvalidators++;
}

void
leads_policy_set_at_once(const char *kind, LeadsPolicyPublished published)
{
	for (int i = 0; i < nvalidators; i++)
		if (strcmp(validators[i].kind, kind) == 0)
			validators[i].published = published;
}

static LeadsPolicyPublished
at_once(const char *kind)
{
	for (int i = 0; i < nvalidators; i++)
		if (strcmp(validators[i].kind, kind) == 0)
			return validators[i].published;
	return NULL;
}

void
leads_policy_fault(const char *path, const char *fault)
{
	ereport(ERROR,
			(errcode(LEADS_ERR_BAD_POLICY),
			 errmsg("policy document refused at %s: %s", path, fault),
			 errhint("API.md gives a complete example of each kind.")));
}

static LeadsPolicy
from_row(LeadsResult r)
{
	LeadsPolicy p = {0, NULL};

	if (leads_found(r))
	{
		p.version = (int32) leads_int(&r, 0, 1);
		p.body = leads_jsonb(&r, 0, 2);
	}
	return p;
}

LeadsPolicy
leads_policy_at(LeadsFrame *f, const char *kind, TimestampTz at)
{
	return from_row(leads_run(&q_active, kind, at));
}

LeadsPolicy
leads_policy_identity(LeadsFrame *f, const char *kind, TimestampTz at, char **identity)
{
	LeadsResult r = leads_run(&q_identity, kind, at);
	LeadsPolicy p = {0, NULL};

	*identity = NULL;
	if (leads_found(r))
	{
		p.version = (int32) leads_int(&r, 0, 1);
		/* the row as it is: a key is never given twice, and a row that changes is another one */
		*identity = psprintf("%u %s", f->nsp, leads_text(&r, 0, 2));
	}
	return p;
}

LeadsPolicy
leads_policy_version(LeadsFrame *f, const char *kind, int32 version)
{
	return from_row(leads_run(&q_version, kind, (int) version));
}

static void
validate(const char *kind, Jsonb *body)
{
	if (!JB_ROOT_IS_OBJECT(body))
		leads_policy_fault("$", "not an object");
	for (int i = 0; i < nvalidators; i++)
		if (strcmp(validators[i].kind, kind) == 0)
		{
			validators[i].validate(body);
			return;
		}
	ereport(ERROR,
			(errcode(LEADS_ERR_BAD_POLICY),
			 errmsg("unknown policy kind \"%s\"", kind),
			 errhint("Kinds are match, routing, protection, pipeline and calendar.")));
}

static int32
store(LeadsFrame *f, const char *kind, const char *key, Jsonb *body, bool published, TimestampTz from)
{
	int32		version;
	TimestampTz until = LEADS_NO_TIME;
	TimestampTz now;
	LeadsResult r;

	if (strlen(key) > 100)
		ereport(ERROR, (errcode(LEADS_ERR_TOO_LONG), errmsg("policy key is longer than 100 characters")));
	if (VARSIZE_ANY(body) > 1024 * 1024)
		ereport(ERROR, (errcode(LEADS_ERR_TOO_LONG), errmsg("policy document is larger than 1 MB")));
	validate(kind, body);
	/* publishers queue here: the gate, as rules are read under it */
	leads_lock_gate(f, true);
	if (published && at_once(kind))
		leads_lock_rules(f, true);
	now = leads_frame_now(f, LEADS_NO_TIME);
	r = leads_run(&q_last, kind, key);
	version = (int32) leads_int(&r, 0, 1) + 1;
	/* what this transaction cannot see, and a rule it was compiled without, would be overruled */
	r = leads_run_latest(&q_last, kind, key);
	if (leads_int(&r, 0, 1) >= version)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not serialize access due to a concurrent change of policy \"%s\"", kind),
				 errhint("Retry the transaction.")));
	if (published)
	{
		if (from == LEADS_NO_TIME)
			from = now;
		if (at_once(kind) && from != now)
			ereport(ERROR,
					(errcode(LEADS_ERR_BAD_DATE),
					 errmsg("a policy of kind \"%s\" rules from now on", kind),
					 errdetail("It moves the deadlines of what runs in the transaction that publishes it."),
					 errhint("Leave active_from out.")));
		/* a version that rules already is never rewritten backwards */
		if (from < now)
			ereport(ERROR,
					(errcode(LEADS_ERR_BAD_DATE),
					 errmsg("a policy cannot become active in the past"),
					 errdetail("active_from is %s, now is %s.",
							   pstrdup(timestamptz_to_str(from)), pstrdup(timestamptz_to_str(now)))));
		/* after a version that begins at this very instant (a frozen clock), before the next one that waits */
		for (;; from++)
		{
			r = leads_run(&q_future, kind, key, from);
			until = leads_time(&r, 0, 1);
			if (until != from)
				break;
		}
		leads_run(&q_close, kind, key, from);
	}
	else
		from = LEADS_NO_TIME;
	leads_run(&q_insert, kind, key, (int) version, published ? "published" : "draft", body,
			  from, until, now, GetUserNameFromId(f->caller, false), f->actor_id);
	if (published && at_once(kind))
		at_once(kind) (f);
	return version;
}

int32
leads_policy_publish(LeadsFrame *f, const char *kind, const char *key, Jsonb *body, TimestampTz active_from)
{
	return store(f, kind, key, body, true, active_from);
}

void
leads_policy_seed(LeadsFrame *f, const char *kind, const char *body)
{
	Jsonb	   *document = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(body)));

	validate(kind, document);
	leads_run(&q_insert, kind, "", 1, "published", document, (TimestampTz) 0, LEADS_NO_TIME,
			  GetCurrentTimestamp(), GetUserNameFromId(f->caller, false), (int64) 0);
}

int32
leads_policy_draft(LeadsFrame *f, const char *kind, const char *key, Jsonb *body)
{
	return store(f, kind, key, body, false, LEADS_NO_TIME);
}

/* publish and draft, one body */
static int32
publish_call(FunctionCallInfo fcinfo, bool published)
{
	LeadsFrame	f;
	char	   *kind;
	char	   *key;
	int32		version;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(2))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("kind and body are required")));
	kind = text_to_cstring(PG_GETARG_TEXT_PP(0));
	key = PG_ARGISNULL(1) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(1));
	leads_enter(&f, NULL, LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN);
	leads_actor_lookup(&f);
	if (published && !PG_ARGISNULL(3) && TIMESTAMP_NOT_FINITE(PG_GETARG_TIMESTAMPTZ(3)))
		ereport(ERROR, (errcode(LEADS_ERR_BAD_DATE), errmsg("active_from is no instant")));
	if (published)
		version = leads_policy_publish(&f, kind, key, PG_GETARG_JSONB_P(2),
									   PG_ARGISNULL(3) ? LEADS_NO_TIME : PG_GETARG_TIMESTAMPTZ(3));
	else
		version = leads_policy_draft(&f, kind, key, PG_GETARG_JSONB_P(2));
	leads_leave(&f);
	return version;
}

PG_FUNCTION_INFO_V1(leads_publish);
Datum
leads_publish(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(publish_call(fcinfo, true));
}

PG_FUNCTION_INFO_V1(leads_draft);
Datum
leads_draft(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(publish_call(fcinfo, false));
}

JsonbValue *
leads_json_field(JsonbContainer *object, const char *key)
{
	JsonbValue	k;

	k.type = jbvString;
	k.val.string.val = unconstify(char *, key);
	k.val.string.len = strlen(key);
	return findJsonbValueFromContainer(object, JB_FOBJECT, &k);
}

JsonbContainer *
leads_json_container(JsonbValue *v, bool array)
{
	if (v == NULL || v->type != jbvBinary || JsonContainerIsScalar(v->val.binary.data) ||
		JsonContainerIsArray(v->val.binary.data) != array)
		return NULL;
	return v->val.binary.data;
}

JsonbValue *
leads_json_get(Jsonb *body, const char *key)
{
	return body && JB_ROOT_IS_OBJECT(body) ? leads_json_field(&body->root, key) : NULL;
}

int64
leads_json_int(Jsonb *body, const char *key, int64 fallback)
{
	JsonbValue *v = leads_json_get(body, key);

	if (v == NULL || v->type != jbvNumeric)
		return fallback;
	return DatumGetInt64(DirectFunctionCall1(numeric_int8, NumericGetDatum(v->val.numeric)));
}

double
leads_json_float(Jsonb *body, const char *key, double fallback)
{
	JsonbValue *v = leads_json_get(body, key);

	if (v == NULL || v->type != jbvNumeric)
		return fallback;
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(v->val.numeric)));
}

char *
leads_json_text(Jsonb *body, const char *key)
{
	JsonbValue *v = leads_json_get(body, key);

	if (v == NULL || v->type != jbvString)
		return NULL;
	return pnstrdup(v->val.string.val, v->val.string.len);
}

bool
leads_json_bool(Jsonb *body, const char *key, bool fallback)
{
	JsonbValue *v = leads_json_get(body, key);

	return v && v->type == jbvBool ? v->val.boolean : fallback;
}
