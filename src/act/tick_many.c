/*
 * tick_many.c - many customers settled by a few statements.
 *
 * Purpose: when a policy lets a million protections end at one instant, a dozen statements a customer would take hours.
 * Here a few hundred customers are locked by one statement, what is due of them is read by another, and what the
 * corridor writes of each lapse is gathered by core/bulk and written by a statement a table.
 * Invariants: the rows are those that leads_corridor_settle() writes; a customer or counter that somebody else has is
 * not waited for in a queue; the counters, which registrations want, are taken last.
 * Called by: act/tick.
 */
#include "core/leads.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "act/corridor.h"
#include "act/tick_work.h"
#include "core/bulk.h"
#include "record/journey.h"
#include "record/org.h"

/* what is due of one customer, by deadline; false if nothing is.  It is the loop of leads_corridor_settle(). */
static bool
settle(LeadsFrame *f, const LeadsCustomer *c, LeadsOwnership *due, int n, TimestampTz now)
{
	int			i;

	f->now = c->last_event_at != LEADS_NO_TIME && now <= c->last_event_at ? c->last_event_at + 1 : now;
	for (i = 0; i < n && leads_protection_lapsed(due[i].next_due_at, f->now); i++)
	{
		leads_corridor_lapse(f, &due[i]);
		/* half-open: what follows a lapse of this very instant comes after it */
		if (f->now <= due[i].next_due_at)
			f->now = due[i].next_due_at + 1;
	}
	if (i == 0)
		return false;
	leads_clock_wrote(f->now);
	leads_customer_touch(f, c->id);
	return true;
}

static int
settle_all(LeadsFrame *f, const int64 *ids, int n, MemoryContext cxt)
{
	LeadsCustomer *customers;
	LeadsOwnership *due;
	int64	   *locked;
	int			ndue;
	int			settled = 0;
	int			k = 0;
	TimestampTz now;

	n = leads_customers_try_lock(f, ids, n, &customers);
	now = leads_frame_now(f, LEADS_NO_TIME);
	locked = palloc(sizeof(int64) * Max(n, 1));
	for (int i = 0; i < n; i++)
		locked[i] = customers[i].id;
	ndue = leads_ownership_due(f, leads_id_array(locked, n), now, &due);
	leads_bulk_begin(f, cxt, ndue);
	leads_journey_hand_over_begin(f, cxt);
	for (int i = 0; i < n; i++)
	{
		int			first;

		CHECK_FOR_INTERRUPTS();
		for (first = k; k < ndue && due[k].customer_id == customers[i].id; k++);
		if (settle(f, &customers[i], &due[first], k - first, now))
			settled++;
	}
	leads_journey_hand_over_end(f);
	leads_bulk_end(f);
	leads_counters_lock_soon(f);
	return settled;
}

int
leads_tick_many(LeadsFrame *f, const int64 *ids, int n)
{
	MemoryContext old = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	MemoryContext cxt = AllocSetContextCreate(old, "leads tick", ALLOCSET_DEFAULT_SIZES);
	void	   *aside = leads_counters_aside(f);
	volatile int settled = -1;

	BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		if (SPI_connect_ext(f->nonatomic ? SPI_OPT_NONATOMIC : 0) != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed");
		settled = settle_all(f, ids, n, cxt);
		SPI_finish();
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(old);
		CurrentResourceOwner = owner;
		leads_counters_back(f, aside, true);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(old);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(old);
		CurrentResourceOwner = owner;
		leads_counters_back(f, aside, false);
		leads_bulk_forget(f);
		leads_journey_hand_over_forget(f);
		if (leads_tick_must_stop(error->sqlerrcode))
			ReThrowError(error);
		FreeErrorData(error);
		settled = -1;
	}
	PG_END_TRY();
	MemoryContextDelete(cxt);
	return settled;
}
