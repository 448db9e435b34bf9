/*
 * clock.c - what time it is.
 *
 * Purpose: one clock for everything.  Mutators read it after their lock is
 * held; readers use leads.now(), STABLE, so that "due <= leads.now()" is an index
 * condition.
 * Invariants: leads.now() is never before an instant that this transaction has
 * written, and forgets instants of a rolled-back subtransaction.
 * Called by: every room.
 */
#include "core/leads.h"

#include "access/xact.h"
#include "utils/datetime.h"
#include "utils/memutils.h"

/* latest instant written, one entry for each subtransaction level that wrote */
typedef struct Written
{
	struct Written *below;
	int			level;
	TimestampTz at;
} Written;

static Written *written = NULL;

bool
leads_clock_is_false(void)
{
	return leads_clock_guc != NULL && leads_clock_guc[0] != '\0';
}

/* leads.clock applied to a true instant */
static TimestampTz
apply_guc(TimestampTz real)
{
	if (leads_clock_guc[0] == '+')
	{
		Interval   *offset = DatumGetIntervalP(DirectFunctionCall3(interval_in,
																   CStringGetDatum(leads_clock_guc + 1),
																   ObjectIdGetDatum(InvalidOid),
																   Int32GetDatum(-1)));

		return DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval,
													   TimestampTzGetDatum(real),
													   IntervalPGetDatum(offset)));
	}
	return DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in,
												   CStringGetDatum(leads_clock_guc),
												   ObjectIdGetDatum(InvalidOid),
												   Int32GetDatum(-1)));
}

TimestampTz
leads_clock_read(void)
{
	TimestampTz real = GetCurrentTimestamp();

	return leads_clock_is_false() ? apply_guc(real) : real;
}

TimestampTz
leads_now_internal(void)
{
	TimestampTz t = GetCurrentStatementStartTimestamp();

	if (leads_clock_is_false())
		t = apply_guc(t);
	if (written && written->at > t)
		t = written->at;
	return t;
}

void
leads_clock_wrote(TimestampTz at)
{
	int			level = GetCurrentTransactionNestLevel();

	if (written && written->at >= at)
		return;
	if (written == NULL || written->level < level)
	{
		Written    *w = MemoryContextAlloc(TopTransactionContext, sizeof(Written));

		w->below = written;
		w->level = level;
		w->at = at;
		written = w;
	}
	else
		written->at = at;
}

static void
xact_ended(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT ||
		event == XACT_EVENT_PREPARE || event == XACT_EVENT_PARALLEL_COMMIT ||
		event == XACT_EVENT_PARALLEL_ABORT)
		written = NULL;
}

static void
subxact_ended(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	int			level = GetCurrentTransactionNestLevel();

	if (event == SUBXACT_EVENT_ABORT_SUB)
	{
		while (written && written->level >= level)
			written = written->below;
	}
	else if (event == SUBXACT_EVENT_COMMIT_SUB)
	{
		/* the entry is the parent's now; a lower entry of the parent is earlier and may stay */
		if (written && written->level >= level)
			written->level = level - 1;
	}
}

void
leads_clock_init(void)
{
	RegisterXactCallback(xact_ended, NULL);
	RegisterSubXactCallback(subxact_ended, NULL);
}

PG_FUNCTION_INFO_V1(leads_now);
Datum
leads_now(PG_FUNCTION_ARGS)
{
	PG_RETURN_TIMESTAMPTZ(leads_now_internal());
}
