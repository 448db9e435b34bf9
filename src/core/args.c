/*
 * args.c - the arguments of a call, read; its answer, made.
 *
 * Purpose: what every SQL-callable verb does with its arguments, in one place, so that a missing reason is refused
 * in the same words everywhere.
 * Invariants: SPI is not needed; what is returned lives in the caller's context.
 * Called by: verbs, windows, core/install.
 */
#include "core/leads.h"

#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "core/args.h"

char *
leads_arg_text(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(n));
}

int64
leads_arg_id(FunctionCallInfo fcinfo, int n, const char *name)
{
	if (PG_ARGISNULL(n))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("%s is required", name)));
	return PG_GETARG_INT64(n);
}

TimestampTz
leads_arg_end(FunctionCallInfo fcinfo, int n)
{
	if (PG_ARGISNULL(n))
		return LEADS_NO_TIME;
	return Max(PG_GETARG_TIMESTAMPTZ(n), MIN_TIMESTAMP);
}

char *
leads_arg_reason(FunctionCallInfo fcinfo, int n, bool required)
{
	char	   *reason = leads_arg_text(fcinfo, n);

	if (reason && strspn(reason, " \t\r\n") == strlen(reason))
		reason = NULL;
	if (reason == NULL && required)
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("a reason is required")));
	if (reason && pg_mbstrlen(reason) > LEADS_REASON_MAX)
		ereport(ERROR,
				(errcode(LEADS_ERR_TOO_LONG), errmsg("the reason is longer than %d characters", LEADS_REASON_MAX)));
	return reason;
}

Datum
leads_answer(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}
