/*
 * kpi_ask.c - what figures are asked for, and how sums of money are read and written.
 *
 * Purpose: period and sight of a report; money without rounding.
 * Invariants: whose facts a reader sees is asked as the reader.
 * Called by: read/kpi, read/sales.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "core/args.h"
#include "read/kpi.h"

/* ---------------------------------------------------------------- money */

LeadsMoney
leads_money_read(Datum numeric)
{
	const char *p = DatumGetCString(DirectFunctionCall1(numeric_out, numeric));
	bool		minus = *p == '-';
	LeadsMoney	m = 0;
	int			digits = -1;	/* behind the point */

	if (minus)
		p++;
	for (; *p && digits < 8; p++)
	{
		if (*p == '.')
			digits = 0;
		else if (*p >= '0' && *p <= '9')
		{
			m = m * 10 + (*p - '0');
			if (digits >= 0)
				digits++;
		}
		else
			break;
	}
	for (int i = Max(digits, 0); i < 8; i++)
		m *= 10;
	return minus ? -m : m;
}

/* as decimal digits: PostgreSQL keeps its own way from int128 to numeric to itself */
static Datum
whole_numeric(LeadsMoney m)
{
	char		digits[48];
	char	   *p = digits + sizeof(digits) - 1;
	bool		minus = m < 0;
	unsigned __int128 v = minus ? -(unsigned __int128) m : (unsigned __int128) m;

	*p = '\0';
	do
	{
		*--p = '0' + (int) (v % 10);
		v /= 10;
	} while (v > 0);
	if (minus)
		*--p = '-';
	return DirectFunctionCall3(numeric_in, CStringGetDatum(p), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

Datum
leads_money_write(LeadsMoney m, int64 divisor, int digits)
{
	Datum		by = DirectFunctionCall2(numeric_mul, NumericGetDatum(int64_to_numeric(LEADS_MONEY_UNIT)),
										 NumericGetDatum(int64_to_numeric(divisor)));
	Datum		d = DirectFunctionCall2(numeric_div, whole_numeric(m), by);

	d = DirectFunctionCall2(numeric_round, d, Int32GetDatum(digits < 0 ? 8 : digits));
	return digits < 0 ? DirectFunctionCall1(numeric_trim_scale, d) : d;
}

Datum
leads_number(double x, int digits)
{
	return DirectFunctionCall2(numeric_round, DirectFunctionCall1(float8_numeric, Float8GetDatum(x)), Int32GetDatum(digits));
}

/* ---------------------------------------------------------------- what is asked */

/* asked as the caller, before the frame makes us the owner: the same two functions that the filters of views call */
void
leads_facts_look(const char *schema, LeadsFactAsk *ask)
{
	Oid			types[1] = {TEXTOID};
	Datum		values[1];
	bool		isnull;
	MemoryContext caller = CurrentMemoryContext;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	values[0] = CStringGetTextDatum(schema);
	if (SPI_execute_with_args("SELECT leads.sees_all($1), leads.visible_members($1)",
							  1, types, values, NULL, true, 0) != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "could not see who the caller is");
	ask->all = DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	ask->members = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull);
	if (isnull)
		ask->members = (Datum) 0;
	else
	{
		MemoryContext old = MemoryContextSwitchTo(caller);

		ask->members = PointerGetDatum(DatumGetArrayTypePCopy(ask->members));
		MemoryContextSwitchTo(old);
	}
	SPI_finish();
}

void
leads_facts_period(FunctionCallInfo fcinfo, int since, int until, LeadsFactAsk *ask)
{
	ask->since = PG_ARGISNULL(since) ? LEADS_NO_TIME : PG_GETARG_TIMESTAMPTZ(since);
	ask->until = leads_arg_end(fcinfo, until);
	ask->now = leads_now_internal();
	if (ask->since != LEADS_NO_TIME && ask->until != LEADS_NO_TIME && ask->since > ask->until)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("since is later than until")));
}
