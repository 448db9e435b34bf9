/*
 * register_call.c - register() and register_json() as SQL functions.
 *
 * Purpose: arguments in, row out; everything else is in act/register.
 * Invariants: JSON senders get the same law: unknown keys are refused, numbers may
 * come as numbers or texts.
 * Called by: users.
 */
#include "core/leads.h"

#include "utils/numeric.h"

#include "act/register_steps.h"
#include "core/args.h"

static Datum
answer_row(FunctionCallInfo fcinfo, const LeadsRegisterAnswer *a)
{
	TupleDesc	desc;
	Datum		values[11];
	bool		nulls[11] = {false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "row type expected");
	values[0] = Int64GetDatum(a->registration_id);
	values[1] = CStringGetTextDatum(a->outcome);
	values[2] = a->reason ? CStringGetTextDatum(a->reason) : (Datum) 0;
	nulls[2] = a->reason == NULL;
	values[3] = CStringGetTextDatum(a->message);
	values[4] = Int64GetDatum(a->customer_id);
	nulls[4] = a->customer_id == 0;
	values[5] = Int64GetDatum(a->lead_id);
	nulls[5] = a->lead_id == 0;
	values[6] = a->owner ? CStringGetTextDatum(a->owner) : (Datum) 0;
	nulls[6] = a->owner == NULL;
	values[7] = a->pool ? CStringGetTextDatum(a->pool) : (Datum) 0;
	nulls[7] = a->pool == NULL;
	values[8] = TimestampTzGetDatum(a->protected_until);
	nulls[8] = a->protected_until == LEADS_NO_TIME;
	values[9] = JsonbPGetDatum(a->matches);
	values[10] = Int64GetDatum(a->decision_id);
	nulls[10] = a->decision_id == 0;
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

void
leads_register_args(FunctionCallInfo fcinfo, LeadsRegisterArgs *out)
{
	LeadsRegisterArgs args = {
		.name = leads_arg_text(fcinfo, 0), .phone = leads_arg_text(fcinfo, 1), .contact = leads_arg_text(fcinfo, 2),
		.email = leads_arg_text(fcinfo, 3), .region = leads_arg_text(fcinfo, 4), .industry = leads_arg_text(fcinfo, 5),
		.amount = PG_ARGISNULL(6) ? (Datum) 0 : PG_GETARG_DATUM(6), .need = leads_arg_text(fcinfo, 7),
		.channel = leads_arg_text(fcinfo, 8), .line = leads_arg_text(fcinfo, 9), .project = leads_arg_text(fcinfo, 10),
		.uscc = leads_arg_text(fcinfo, 11), .kind = leads_arg_text(fcinfo, 12), .by_member = leads_arg_text(fcinfo, 13),
		.extra = PG_ARGISNULL(14) ? NULL : PG_GETARG_JSONB_P(14),
		.request_key = PG_NARGS() > 15 ? leads_arg_text(fcinfo, 15) : NULL
	};

	*out = args;
}

PG_FUNCTION_INFO_V1(leads_register);
Datum
leads_register(PG_FUNCTION_ARGS)
{
	LeadsRegisterAnswer answer;
	LeadsRegisterArgs args;

	leads_register_args(fcinfo, &args);
	leads_register_run(NULL, &args, &answer);
	PG_RETURN_DATUM(answer_row(fcinfo, &answer));
}

static void
refuse_json(const char *what, const char *key)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s \"%s\"", what, leads_clip(key, 100)),
			 errhint("The keys are the arguments of leads.register(); extra takes an object.")));
}

static const char *
scalar_text(const JsonbValue *v, const char *key)
{
	switch (v->type)
	{
		case jbvNull:
			return NULL;
		case jbvString:
			return pnstrdup(v->val.string.val, v->val.string.len);
		case jbvNumeric:
			return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(v->val.numeric)));
		default:
			refuse_json("a text is expected for", key);
	}
	return NULL;
}

PG_FUNCTION_INFO_V1(leads_register_json);
Datum
leads_register_json(PG_FUNCTION_ARGS)
{
	LeadsRegisterAnswer answer;
	LeadsRegisterArgs args = {0};
	const struct
	{
		const char *key;
		const char **slot;
	}			keys[] = {
		{"name", &args.name}, {"phone", &args.phone}, {"contact", &args.contact}, {"email", &args.email},
		{"region", &args.region}, {"industry", &args.industry}, {"need", &args.need},
		{"channel", &args.channel}, {"line", &args.line}, {"project", &args.project}, {"uscc", &args.uscc},
		{"kind", &args.kind}, {"by_member", &args.by_member}, {"request_key", &args.request_key}
	};
	Jsonb	   *payload;
	JsonbIterator *it;
	JsonbValue	v;

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("payload is required")));
	payload = PG_GETARG_JSONB_P(0);
	if (!JB_ROOT_IS_OBJECT(payload))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("payload must be a JSON object")));
	it = JsonbIteratorInit(&payload->root);
	(void) JsonbIteratorNext(&it, &v, true);
	while (JsonbIteratorNext(&it, &v, true) == WJB_KEY)
	{
		char	   *key = pnstrdup(v.val.string.val, v.val.string.len);
		int			i;

		(void) JsonbIteratorNext(&it, &v, true);
		if (strcmp(key, "extra") == 0)
		{
			if (v.type != jbvBinary && v.type != jbvNull)
				refuse_json("an object is expected for", key);
			if (v.type == jbvBinary)
				args.extra = JsonbValueToJsonb(&v);
			continue;
		}
		if (strcmp(key, "amount") == 0)
		{
			const char *s = scalar_text(&v, key);

			if (s)
				args.amount = DirectFunctionCall3(numeric_in, CStringGetDatum(s),
												  ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
			continue;
		}
		for (i = 0; i < lengthof(keys); i++)
			if (strcmp(key, keys[i].key) == 0)
				break;
		if (i == lengthof(keys))
			refuse_json("unknown key", key);
		*keys[i].slot = scalar_text(&v, key);
	}
	leads_register_run(NULL, &args, &answer);
	PG_RETURN_DATUM(answer_row(fcinfo, &answer));
}
