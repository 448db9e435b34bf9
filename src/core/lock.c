/*
 * lock.c - gate and stripes of the duplicate check, and the other locks that are no rows.
 *
 * Purpose: two registrations that could be called a match share a key, hence a
 * stripe, hence one of them waits for the other's end before it looks.
 * Invariants: locks are advisory locks of a class that SQL cannot name (SQL uses
 * classes 1 and 2), keyed by database, data schema and stripe; stripes are taken
 * ascending, after the gate; all are held to the end of the transaction, but for a
 * gate taken only to look.  Whoever has the gate for itself may change names, keys
 * and rules, and turns gate_turn over; who only adds customers does not.
 * A moment's lock is given back at once: of a meter, and of who waits for the first who claims.
 * Called by: act/register, act/import, act/rekey, act/guard (customer face), act/claim, act/tick, core/install, record/meter.
 */
#include "core/leads.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/inval.h"

#include "core/compat.h"
#include "core/lock.h"

#define CLASS_STRIPE 3
#define CLASS_INSTALL 4
#define CLASS_JOB 5
#define CLASS_METER 6
#define CLASS_RULES 7
#define CLASS_CLAIM 8
#define GATE 0xFFFFFFFF
/* of one transaction: who claims ten thousand one by one must not fill the lock table */
#define CLAIMS_MOST 64

static void
take(uint32 a, uint32 b, uint16 class, LOCKMODE mode)
{
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, a, b, class);
	(void) LockAcquire(&tag, mode, false, false);
}

/* a sequence: what a ROLLBACK takes back makes somebody look again for nothing, no more */
LEADS_QUERY(q_turn_over, "", "SELECT pg_catalog.nextval('@.gate_turn'::pg_catalog.regclass)");
LEADS_QUERY(q_turn, "", "SELECT g.last_value + g.is_called::integer FROM @.gate_turn g");

void
leads_lock_rules(LeadsFrame *f, bool exclusive)
{
	take((uint32) f->nsp, 0, CLASS_RULES, exclusive ? ExclusiveLock : ShareLock);
}

void
leads_lock_gate(LeadsFrame *f, bool exclusive)
{
	take((uint32) f->nsp, GATE, CLASS_STRIPE, exclusive ? ExclusiveLock : ShareLock);
	/* what whoever had the gate before us changed, backends have in caches, too */
	AcceptInvalidationMessages();
	if (exclusive)
		(void) leads_run(&q_turn_over);
}

bool
leads_try_lock_gate(LeadsFrame *f)
{
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, (uint32) f->nsp, GATE, CLASS_STRIPE);
	if (LockAcquire(&tag, ExclusiveLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
		return false;
	AcceptInvalidationMessages();
	(void) leads_run(&q_turn_over);
	return true;
}

void
leads_lock_gate_registering(LeadsFrame *f)
{
	take((uint32) f->nsp, GATE, CLASS_STRIPE, ExclusiveLock);
	AcceptInvalidationMessages();
}

void
leads_unlock_gate(LeadsFrame *f, bool exclusive)
{
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, (uint32) f->nsp, GATE, CLASS_STRIPE);
	(void) LockRelease(&tag, exclusive ? ExclusiveLock : ShareLock, false);
}

int64
leads_gate_turn(LeadsFrame *f)
{
	LeadsResult r = leads_run_latest(&q_turn);

	return leads_int(&r, 0, 1);
}

static int
by_number(const void *a, const void *b)
{
	uint32		x = *(const uint32 *) a;
	uint32		y = *(const uint32 *) b;

	return x < y ? -1 : x > y;
}

void
leads_lock_stripes(LeadsFrame *f, const int64 *keys, int nkeys)
{
	uint32	   *stripes = palloc(sizeof(uint32) * Max(nkeys, 1));

	leads_lock_gate(f, false);
	leads_lock_rules(f, false);
	for (int i = 0; i < nkeys; i++)
		stripes[i] = hash_bytes((const unsigned char *) &keys[i], sizeof(int64)) % LEADS_STRIPES;
	qsort(stripes, nkeys, sizeof(uint32), by_number);
	for (int i = 0; i < nkeys; i++)
		if (i == 0 || stripes[i] != stripes[i - 1])
			take((uint32) f->nsp, stripes[i], CLASS_STRIPE, ExclusiveLock);
	pfree(stripes);
}

void
leads_lock_install(const char *schema)
{
	take(hash_bytes((const unsigned char *) schema, strlen(schema)), 0, CLASS_INSTALL, ExclusiveLock);
}

void
leads_lock_parameter(void)
{
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, InvalidOid, 0, 0, CLASS_INSTALL);
	(void) LockAcquire(&tag, ExclusiveLock, false, false);
}

bool
leads_try_lock_job(Oid nsp, uint32 job)
{
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, (uint32) nsp, job, CLASS_JOB);
	return LockAcquire(&tag, ExclusiveLock, false, true) != LOCKACQUIRE_NOT_AVAIL;
}

void
leads_lock_job(Oid nsp, uint32 job)
{
	take((uint32) nsp, job, CLASS_JOB, ExclusiveLock);
}

void
leads_lock_meter(Oid sequence)
{
	take(sequence, 0, CLASS_METER, ExclusiveLock);
}

void
leads_unlock_meter(Oid sequence)
{
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, sequence, 0, CLASS_METER);
	(void) LockRelease(&tag, ExclusiveLock, false);
}

bool
leads_try_lock_claim(LeadsFrame *f, int64 customer_id)
{
	static LocalTransactionId transaction = InvalidLocalTransactionId;
	static int	claims = 0;
	LOCKTAG		tag;

	if (leads_local_transaction() != transaction)
	{
		transaction = leads_local_transaction();
		claims = 0;
	}
	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, (uint32) f->nsp, (uint32) customer_id, CLASS_CLAIM);
	if (claims >= CLAIMS_MOST || LockAcquire(&tag, ExclusiveLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
		return false;
	claims++;
	return true;
}

void
leads_wait_claim(LeadsFrame *f, int64 customer_id)
{
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, (uint32) f->nsp, (uint32) customer_id, CLASS_CLAIM);
	(void) LockAcquire(&tag, ShareLock, false, false);
	(void) LockRelease(&tag, ShareLock, false);
}
