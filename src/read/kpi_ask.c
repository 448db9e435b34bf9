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
	/* a product is exact, a quotient has sixteen digits; but the share of one has as many behind the point as it had */
	Datum		unit = DirectFunctionCall3(numeric_in, CStringGetDatum("0.00000001"), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	Datum		d = DirectFunctionCall2(numeric_mul, whole_numeric(m), unit);

	if (divisor != 1)
		d = DirectFunctionCall2(numeric_div, d, NumericGetDatum(int64_to_numeric(divisor)));
	d = DirectFunctionCall2(numeric_round, d, Int32GetDatum(digits < 0 ? 8 : digits));
	return digits < 0 ? DirectFunctionCall1(numeric_trim_scale, d) : d;
}

Datum
leads_number(double x, int digits)
{
	return DirectFunctionCall2(numeric_round, DirectFunctionCall1(float8_numeric, Float8GetDatum(x)), Int32GetDatum(digits));
}

/* ---------------------------------------------------------------- what is asked */

void
leads_facts_include(FunctionCallInfo fcinfo, int imported, int test, LeadsFactAsk *ask)
{
	ask->imported = LEADS_ARG_YES(imported);
	ask->test = LEADS_ARG_YES(test);
	ask->invalid = LEADS_ARG_YES(test + 1);
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
