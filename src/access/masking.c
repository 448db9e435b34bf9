/*
 * masking.c - names, numbers and addresses as a reader without sight may see them.
 *
 * Purpose: the SQL face of lib/mask for views.
 * Invariants: one place decides what is left of a value; a view never cuts texts by
 * itself.
 * Called by: views of the data schema; users.
 */
#include "core/leads.h"

#include "lib/mask.h"

static Datum
masked(text *value, int (*mask) (const char *, size_t, char *))
{
	char		out[LEADS_MASK_MAX];
	int			n = mask(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), out);

	return PointerGetDatum(cstring_to_text_with_len(out, n));
}

PG_FUNCTION_INFO_V1(leads_mask_name_sql);
Datum
leads_mask_name_sql(PG_FUNCTION_ARGS)
{
	return masked(PG_GETARG_TEXT_PP(0), leads_mask_name);
}

PG_FUNCTION_INFO_V1(leads_mask_phone_sql);
Datum
leads_mask_phone_sql(PG_FUNCTION_ARGS)
{
	return masked(PG_GETARG_TEXT_PP(0), leads_mask_phone);
}

PG_FUNCTION_INFO_V1(leads_mask_email_sql);
Datum
leads_mask_email_sql(PG_FUNCTION_ARGS)
{
	return masked(PG_GETARG_TEXT_PP(0), leads_mask_email);
}

/* (value, plain): as it is only if plain is true */
static Datum
shown(FunctionCallInfo fcinfo, int (*mask) (const char *, size_t, char *))
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(1) && PG_GETARG_BOOL(1))
		PG_RETURN_TEXT_P(PG_GETARG_TEXT_P_COPY(0));
	return masked(PG_GETARG_TEXT_PP(0), mask);
}

PG_FUNCTION_INFO_V1(leads_show_name);
Datum
leads_show_name(PG_FUNCTION_ARGS)
{
	return shown(fcinfo, leads_mask_name);
}

PG_FUNCTION_INFO_V1(leads_show_phone);
Datum
leads_show_phone(PG_FUNCTION_ARGS)
{
	return shown(fcinfo, leads_mask_phone);
}

PG_FUNCTION_INFO_V1(leads_show_email);
Datum
leads_show_email(PG_FUNCTION_ARGS)
{
	return shown(fcinfo, leads_mask_email);
}
