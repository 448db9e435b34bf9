/*
 * keyset.c - keeper of the rules that stored keys follow.
 *
 * Purpose: keys are made of what is rare among the names of the company; when that, or the library, changes, all
 * keys change. rekey() goes over from one generation to the next while customers are registered.
 * Invariants: the only writer of key_state and key_frequency. The phase changes only with the gate held for oneself, so
 * all who hold it shared at one moment look up and lock by the same generation, and two generations are never two sets
 * of stripes. While the next one is being built everybody writes its keys, too, so that after the change every
 * customer is found by them; keys of before go away only after the change. Backends keep the rules in memory and
 * hear of a change by a relcache invalidation of key_state, at the latest when they have the gate.
 * Called by: act/register, act/import, act/guard, act/duplicate, act/scan, act/rekey, read/verify, read/health.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "record/customer.h"
#include "record/keyset.h"

#define SLOTS 4

LEADS_QUERY(q_rules, "",
			"SELECT k.generation, k.phase, k.whole, k.runs, s.norm_v, f.frequencies, o.frequencies"
			"  FROM @.key_state k CROSS JOIN @.settings s"
			"  LEFT JOIN @.key_frequency f ON f.generation = k.generation"
			"  LEFT JOIN @.key_frequency o ON o.generation = k.next_generation");
LEADS_QUERY(q_state, "",
			"SELECT k.generation, k.next_generation, k.phase, k.whole, k.runs, k.after_id FROM @.key_state k FOR UPDATE");
LEADS_QUERY(q_done_to, "", "SELECT k.after_id FROM @.key_state k");
LEADS_QUERY(q_run, "", "UPDATE @.key_state SET runs = runs + 1");
LEADS_QUERY(q_frequency, "lBz",
			"INSERT INTO @.key_frequency (generation, names, frequencies, made_at)"
			" SELECT k.generation + 1, $1, $2, $3 FROM @.key_state k"
			" ON CONFLICT (generation) DO UPDATE SET names = $1, frequencies = $2, made_at = $3");
LEADS_QUERY(q_build, "bz",
			"UPDATE @.key_state SET next_generation = generation + 1, phase = 'building', whole = $1, after_id = 0, done = 0,"
			"   changed = 0, total = (SELECT count(*) FROM @.customer c WHERE c.status = 'live'), started_at = $2, progress_at = $2,"
			"   finished_at = NULL");
LEADS_QUERY(q_progress, "lllz",
			"UPDATE @.key_state SET after_id = $1, done = done + $2, changed = changed + $3, progress_at = $4");
LEADS_QUERY(q_switch, "z",
			"UPDATE @.key_state SET generation = next_generation, next_generation = NULL, phase = 'dropping', whole = false,"
			"   after_id = 0, done = 0, progress_at = $1");
LEADS_QUERY(q_norm, "i", "UPDATE @.settings SET norm_v = $1 WHERE norm_v <> $1");
LEADS_QUERY(q_finish, "z", "UPDATE @.key_state SET phase = 'steady', progress_at = $1, finished_at = $1");
LEADS_QUERY(q_forget, "", "DELETE FROM @.key_frequency WHERE generation <> (SELECT k.generation FROM @.key_state k)");

typedef struct Slot
{
	Oid			nsp;
	Oid			relid;			/* of key_state */
	bool		valid;
	LeadsKeyset k;
	uint8	   *table[2];
} Slot;

static Slot slots[SLOTS];
static int	next_slot;
static int64 reads;

static void
forget(Datum arg, Oid relid)
{
	for (int i = 0; i < SLOTS; i++)
		if (!OidIsValid(relid) || slots[i].relid == relid)
			slots[i].valid = false;
}

static LeadsKeyPhase
phase_of(const char *name)
{
	return strcmp(name, "building") == 0 ? LEADS_KEYS_BUILDING :
		strcmp(name, "dropping") == 0 ? LEADS_KEYS_DROPPING : LEADS_KEYS_STEADY;
}

/* a table of frequencies, kept; NULL = the shipped one */
static uint8 *
keep_table(LeadsResult *r, int col)
{
	bool		isnull;
	Datum		d = leads_datum(r, 0, col, BYTEAOID, &isnull);
	bytea	   *b;
	uint8	   *t;

	if (isnull)
		return NULL;
	b = DatumGetByteaPP(d);
	if (VARSIZE_ANY_EXHDR(b) != LEADS_DF_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED), errmsg("a table of key frequencies has %d bytes, not %d",
														 (int) VARSIZE_ANY_EXHDR(b), LEADS_DF_SIZE)));
	t = MemoryContextAlloc(CacheMemoryContext, LEADS_DF_SIZE);
	memcpy(t, VARDATA_ANY(b), LEADS_DF_SIZE);
	return t;
}

static void
load(LeadsFrame *f, Slot *s)
{
	LeadsResult r;

	s->valid = false;
	s->nsp = f->nsp;
	s->relid = get_relname_relid("key_state", f->nsp);
	leads_keys_use(NULL);
	for (int i = 0; i < 2; i++)
	{
		if (s->table[i])
			pfree(s->table[i]);
		s->table[i] = NULL;
	}
	/* before the look: what changes while we look makes it invalid again */
	s->valid = true;
	r = leads_run_latest(&q_rules);
	if (!leads_found(r))
	{
		s->valid = false;
		ereport(ERROR,
				(errcode(LEADS_ERR_NOT_INSTALLED),
				 errmsg("company \"%s\" is not installed completely", f->schema),
				 errhint("Run SELECT leads.install(%s);", quote_literal_cstr(f->schema))));
	}
	s->table[0] = keep_table(&r, 6);
	s->table[1] = keep_table(&r, 7);
	s->k.epoch = ++reads;
	s->k.generation = (int32) leads_int(&r, 0, 1);
	s->k.phase = phase_of(leads_text(&r, 0, 2));
	s->k.whole = leads_bool(&r, 0, 3);
	s->k.norm_v = (int32) leads_int(&r, 0, 5);
	s->k.df = s->table[0];
	s->k.next_df = s->table[1];
}

const LeadsKeyset *
leads_keyset(LeadsFrame *f)
{
	static bool registered = false;
	Slot	   *s = NULL;

	if (!registered)
		CacheRegisterRelcacheCallback(forget, (Datum) 0);
	registered = true;
	for (int i = 0; i < SLOTS && s == NULL; i++)
		if (slots[i].nsp == f->nsp)
			s = &slots[i];
	if (s == NULL)
	{
		s = &slots[next_slot];
		next_slot = (next_slot + 1) % SLOTS;
		s->valid = false;
	}
	if (!s->valid)
		load(f, s);
	leads_keys_use(s->k.df);
	return &s->k;
}

const LeadsKeyset *
leads_keyset_valid(LeadsFrame *f)
{
	const LeadsKeyset *k = leads_keyset(f);

	if (k->norm_v != LEADS_NORM_VERSION)
		ereport(ERROR,
				(errcode(LEADS_ERR_STALE_KEYS),
				 errmsg("the keys of company \"%s\" follow rules of version %d, the library has version %d", f->schema,
						k->norm_v, LEADS_NORM_VERSION),
				 errdetail("Customers might not be found by them."),
				 errhint("Run CALL leads.rekey();")));
	return k;
}

void
leads_keyset_mend(LeadsFrame *f)
{
	const LeadsKeyset *k = leads_keyset(f);

	if (k->norm_v != LEADS_NORM_VERSION)
		ereport(NOTICE,
				(errmsg("the keys of company \"%s\" follow rules of version %d, the library has version %d", f->schema,
						k->norm_v, LEADS_NORM_VERSION),
				 errdetail("Until they are written anew nobody registers; everything else works on."),
				 errhint("CALL leads.rekey(schema_name => %s);", quote_literal_cstr(f->schema))));
}

int
leads_keyset_all(const LeadsKeyset *k, LeadsRecord *r, const LeadsKey *have, int n, LeadsKey *out)
{
	int16_t		made = r->nkeys;

	memcpy(out, have, sizeof(LeadsKey) * n);
	if (k->phase != LEADS_KEYS_BUILDING)
		return n;
	/* not those that the record has at hand */
	r->nkeys = -1;
	leads_keys_use(k->next_df);
	n += leads_record_keys(r, out + n, LEADS_KEYS_MAX);
	leads_keys_use(k->df);
	r->nkeys = made;
	return leads_keys_sort(out, n);
}

void
leads_keyset_write(LeadsFrame *f, int64 customer_id, LeadsRecord *r, const LeadsKey *keys, int n)
{
	LeadsKey	all[LEADS_KEYS_BOTH];

	leads_keys_insert(f, customer_id, all, leads_keyset_all(leads_keyset(f), r, keys, n, all));
}

int64
leads_keyset_done_to(LeadsFrame *f)
{
	LeadsResult r = leads_run(&q_done_to);

	return leads_int(&r, 0, 1);
}

/* ---- for rekey() ---- */

/* tell all backends, when this is committed */
static void
changed(LeadsFrame *f)
{
	CacheInvalidateRelcacheByRelid(get_relname_relid("key_state", f->nsp));
	CommandCounterIncrement();
}

void
leads_keyset_state(LeadsFrame *f, LeadsKeyState *out)
{
	LeadsResult r = leads_run(&q_state);

	if (!leads_found(r))
		elog(ERROR, "key_state is empty");
	out->generation = (int32) leads_int(&r, 0, 1);
	out->next_generation = (int32) leads_int(&r, 0, 2);
	out->phase = phase_of(leads_text(&r, 0, 3));
	out->whole = leads_bool(&r, 0, 4);
	out->runs = (int) leads_int(&r, 0, 5);
	out->after_id = leads_int(&r, 0, 6);
}

void
leads_keyset_run(LeadsFrame *f)
{
	leads_run(&q_run);
}

void
leads_keyset_build(LeadsFrame *f, const uint8 *df, int64 names, bool whole)
{
	bytea	   *b = palloc(VARHDRSZ + LEADS_DF_SIZE);

	SET_VARSIZE(b, VARHDRSZ + LEADS_DF_SIZE);
	memcpy(VARDATA(b), df, LEADS_DF_SIZE);
	leads_run(&q_frequency, names, PointerGetDatum(b), f->now);
	leads_run(&q_build, whole, f->now);
	changed(f);
}

void
leads_keyset_progress(LeadsFrame *f, int64 after_id, int64 done, int64 changed_keys, TimestampTz at)
{
	leads_run(&q_progress, after_id, done, changed_keys, at);
}

void
leads_keyset_switch(LeadsFrame *f)
{
	leads_run(&q_switch, f->now);
	leads_run(&q_norm, LEADS_NORM_VERSION);
	changed(f);
}

void
leads_keyset_finish(LeadsFrame *f)
{
	leads_run(&q_finish, f->now);
	leads_run(&q_forget);
	changed(f);
}
