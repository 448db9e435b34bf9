/*
 * customer.c - keeper of customers, contacts and contact points.
 *
 * Purpose: the only writer of these tables; what the scorer compares (keys and probe: customer_key.c).
 * Invariants: a mutation holds the customer's row lock (FOR NO KEY UPDATE, so that
 * foreign keys of others need not wait) and ends with a new last_event_at, which
 * makes REPEATABLE READ transactions that looked before fail with 40001 when they
 * lock it.
 * Called by: act/register, act/corridor, act/guard, read/verify.
 */
#include "core/leads.h"

#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/snapmgr.h"

#include "core/bulk.h"
#include "record/customer.h"

#define COLUMNS \
	"c.id, c.kind = 'person', c.name, c.region, c.city, c.industry, c.status, c.merged_into, c.created_at, c.last_event_at"

LEADS_QUERY(q_read, "l", "SELECT " COLUMNS " FROM @.customer c WHERE c.id = $1");
LEADS_QUERY(q_lock, "l", "SELECT " COLUMNS " FROM @.customer c WHERE c.id = $1 AND c.merged_into IS NULL FOR NO KEY UPDATE");
LEADS_QUERY(q_lock_free, "l",
			"SELECT " COLUMNS " FROM @.customer c WHERE c.id = $1 AND c.merged_into IS NULL FOR NO KEY UPDATE SKIP LOCKED");
LEADS_QUERY(q_lock_whole, "l", "SELECT " COLUMNS " FROM @.customer c WHERE c.id = $1 FOR UPDATE");
LEADS_QUERY(q_try_lock, "l",
			"SELECT " COLUMNS " FROM @.customer c WHERE c.id = $1 FOR NO KEY UPDATE SKIP LOCKED");
LEADS_QUERY(q_try_lock_many, "K",
			"SELECT " COLUMNS " FROM @.customer c WHERE c.id = ANY ($1) AND c.status = 'live' ORDER BY c.id FOR NO KEY UPDATE SKIP LOCKED");
LEADS_CHANGE_LAST(c_touch, LEADS_RANK_TOUCH, "lz",
				  "UPDATE @.customer SET last_event_at = greatest(last_event_at, $2) WHERE id = $1",
				  "UPDATE @.customer c SET last_event_at = greatest(c.last_event_at, x.at)"
				  "  FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) x(id, at) WHERE c.id = x.id");
LEADS_INSERT(i_customer, LEADS_RANK_CUSTOMER, LEADS_ID_MADE, "customer",
			 "kind, name, core, region, city, industry, extra, created_at, last_event_at, created_by", "ttttttjzzL");
LEADS_INSERT(i_contact, LEADS_RANK_CONTACT, LEADS_ID_MADE, "contact", "customer_id, name, created_at", "ltz");
LEADS_INSERT(i_point, LEADS_RANK_POINT, LEADS_ID_NONE, "contact_point",
			 "customer_id, contact_id, kind, raw, norm, weak, strong_key, created_at", "lLtttbtz");
LEADS_QUERY(q_set_core, "lt", "UPDATE @.customer SET core = $2 WHERE id = $1 AND core IS DISTINCT FROM $2");
LEADS_QUERY(q_former, "lt",
			"INSERT INTO @.customer_name (customer_id, name, kind) SELECT $1, $2, 'former'"
			" WHERE NOT EXISTS (SELECT FROM @.customer_name n WHERE n.customer_id = $1 AND n.name = $2)");
/*
 * What the scorer compares, a statement a table: an array of subplans a row would cost three times as much,
 * and most customers have no further name.
 */
LEADS_QUERY(q_records, "K",
			"SELECT c.id, c.kind = 'person', c.name, c.region FROM @.customer c WHERE c.id = ANY ($1) AND c.status = 'live'");
LEADS_QUERY(q_former_records, "K",
			"SELECT c.id, c.kind = 'person', c.name, c.region FROM @.customer c WHERE c.id = ANY ($1) AND c.status = 'deleted'");
LEADS_QUERY(q_names, "K",
			"SELECT n.customer_id, n.name FROM @.customer_name n WHERE n.customer_id = ANY ($1) ORDER BY n.id");
LEADS_QUERY(q_points, "K",
			"SELECT p.customer_id, p.kind, p.raw FROM pg_catalog.unnest($1) q(id), LATERAL (SELECT * FROM @.contact_point p"
			"  WHERE p.customer_id = q.id AND p.norm IS NOT NULL AND p.state = 'confirmed' ORDER BY p.id LIMIT 25) p");
LEADS_QUERY(q_contacts, "K",
			"SELECT t.customer_id, t.name FROM pg_catalog.unnest($1) q(id), LATERAL (SELECT * FROM @.contact t"
			"  WHERE t.customer_id = q.id AND t.name IS NOT NULL AND t.state = 'confirmed' ORDER BY t.id LIMIT 1) t");
LEADS_QUERY_ASIDE(q_strong, "tt",
			"SELECT p.customer_id FROM @.contact_point p WHERE p.kind = $1 AND p.strong_key = $2");

LEADS_QUERY(q_newest, "", "SELECT coalesce(max(c.id), 0) FROM @.customer c");
LEADS_QUERY(q_since, "li", "SELECT c.id FROM @.customer c WHERE c.id > $1 ORDER BY c.id LIMIT $2");

static bool
customer_row_at(LeadsResult r, uint64 i, LeadsCustomer *c)
{
	if (i >= r.n)
		return false;
	c->id = leads_int(&r, i, 1);
	c->person = leads_bool(&r, i, 2);
	c->name = leads_text(&r, i, 3);
	c->region = leads_text(&r, i, 4);
	c->city = leads_text(&r, i, 5);
	c->industry = leads_text(&r, i, 6);
	c->status = leads_text(&r, i, 7);
	c->merged_into = leads_int(&r, i, 8);
	c->created_at = leads_time(&r, i, 9);
	c->last_event_at = leads_time(&r, i, 10);
	return true;
}

static bool
customer_row(LeadsResult r, LeadsCustomer *c)
{
	return customer_row_at(r, 0, c);
}

/* chains of tombstones are short: merge compresses them */
static bool
follow(LeadsQuery *q, int64 id, LeadsCustomer *out)
{
	for (int hops = 0; hops < 100; hops++)
	{
		if (!customer_row(leads_run(q, id), out))
			return false;
		if (out->merged_into == 0)
			return strcmp(out->status, "live") == 0;
		id = out->merged_into;
	}
	elog(ERROR, "customer " INT64_FORMAT " is merged in a circle", id);
	return false;
}

bool
leads_customer_lock(LeadsFrame *f, int64 id, LeadsCustomer *out)
{
	return leads_customer_lock_next(f, id, 0, out);
}

bool
leads_customer_lock_next(LeadsFrame *f, int64 id, int64 held, LeadsCustomer *out)
{
	int64		at = id;

	for (int hops = 0; hops < 100; hops++)
	{
		LeadsCustomer now = {0};

		/* below one that we hold we do not wait: whoever has it may wait for ours */
		if (customer_row(leads_run(at < held ? &q_lock_free : &q_lock, at), out))
		{
			/* where it leads to may have been deleted */
			if (at != id)
				(void) follow(&q_read, id, &now);
			if (at == id || now.id == at)
				return strcmp(out->status, "live") == 0;
			/* the merge was undone while we waited; the lock of what was its survivor stays */
			held = Max(held, at);
			at = id;
			continue;
		}
		/* no lock on a tombstone: its survivor may come before it, and who undoes the merge asks for both, ascending */
		if (!customer_row(leads_run(&q_read, at), out))
			return false;
		if (out->merged_into != 0)
			at = out->merged_into;
		else if (at < held)
			break;
	}
	/* merged and parted again each time that we had waited for the lock, or merged into one before those we hold */
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("customer " INT64_FORMAT " went to another customer meanwhile", id),
			 errhint("Retry the transaction.")));
	return false;
}

bool
leads_customer_lock_whole(LeadsFrame *f, int64 id, LeadsCustomer *out)
{
	return customer_row(leads_run(&q_lock_whole, id), out);
}

bool
leads_customer_try_lock(LeadsFrame *f, int64 id, LeadsCustomer *out)
{
	return customer_row(leads_run(&q_try_lock, id), out) && strcmp(out->status, "live") == 0;
}

int
leads_customers_try_lock(LeadsFrame *f, const int64 *ids, int n, LeadsCustomer **out)
{
	LeadsResult r = leads_run(&q_try_lock_many, leads_id_array(ids, n));

	*out = palloc(sizeof(LeadsCustomer) * Max(r.n, 1));
	for (uint64 i = 0; i < r.n; i++)
		(void) customer_row_at(r, i, &(*out)[i]);
	return (int) r.n;
}

bool
leads_customer_read(LeadsFrame *f, int64 id, LeadsCustomer *out)
{
	return follow(&q_read, id, out);
}

int64
leads_customer_newest(LeadsFrame *f)
{
	LeadsResult r = leads_run_latest(&q_newest);

	return leads_int(&r, 0, 1);
}

int
leads_customer_since(LeadsFrame *f, int64 id, int most, int64 **ids)
{
	LeadsResult r = leads_run_latest(&q_since, id, most);

	*ids = palloc(sizeof(int64) * Max(r.n, 1));
	for (uint64 i = 0; i < r.n; i++)
		(*ids)[i] = leads_int(&r, i, 1);
	return (int) r.n;
}

void
leads_customer_touch(LeadsFrame *f, int64 id)
{
	(void) leads_change(f, &c_touch, id, f->now);
}

void
leads_customer_renamed(int64 id, const char *before, const char *core)
{
	leads_run(&q_set_core, id, core);
	if (before)
		leads_run(&q_former, id, before);
}

int64
leads_customer_insert(LeadsFrame *f, const LeadsNewCustomer *c)
{
	return leads_insert(f, &i_customer, c->person ? "person" : "company", c->name, c->core, c->region, c->city,
						c->industry, leads_jsonb_or(c->extra, "{}"), c->created_at, f->now, c->created_by);
}

int64
leads_contact_insert(LeadsFrame *f, int64 customer_id, const char *name)
{
	return leads_insert(f, &i_contact, customer_id, name, f->now);
}

void
leads_contact_point_insert(LeadsFrame *f, int64 customer_id, int64 contact_id, const char *kind,
						   const char *raw, const char *norm, bool weak, bool strong)
{
	(void) leads_insert(f, &i_point, customer_id, contact_id, kind, raw, norm, weak, strong ? norm : NULL, f->now);
	if (strong)
		leads_bulk_note(f, kind, norm);
}

Datum
leads_id_array(const int64 *ids, int n)
{
	Datum	   *d = palloc(sizeof(Datum) * Max(n, 1));

	for (int i = 0; i < n; i++)
		d[i] = Int64GetDatum(ids[i]);
	return PointerGetDatum(construct_array(d, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* the rows of one customer, in their order: col 1 is the customer, last a place to go on from */
static bool
next_of(LeadsResult *r, int64 id, uint64 *at)
{
	for (; *at < r->n; ++*at)
		if (leads_int(r, *at, 1) == id)
		{
			++*at;
			return true;
		}
	return false;
}

static void
add_point(LeadsRecord *record, const char *kind, const char *s)
{
	if (strcmp(kind, "phone") == 0)
		leads_record_add_phone(record, s, strlen(s));
	else if (strcmp(kind, "email") == 0)
		leads_record_add_email(record, s, strlen(s));
	else
		leads_record_set_uscc(record, s, strlen(s));
}

static void
free_result(LeadsResult *r)
{
	if (r->table)
		SPI_freetuptable(r->table);
}

static void
read_records(LeadsQuery *heads, const int64 *ids, int n, bool names_only, LeadsRecordReader reader, void *arg)
{
	LeadsRecord *record;
	Datum		which;
	LeadsResult r;
	LeadsResult names;
	LeadsResult points = {0};
	LeadsResult contacts = {0};

	if (n == 0)
		return;
	which = leads_id_array(ids, n);
	r = leads_run_latest(heads, which);
	names = leads_run_latest(&q_names, which);
	/* most have one name; room for all that there may be is given back to the system and asked for again by every call */
	record = palloc(names.n > 0 ? sizeof(LeadsRecord) : LEADS_RECORD_ROOM(1));
	if (!names_only)
	{
		points = leads_run_latest(&q_points, which);
		contacts = leads_run_latest(&q_contacts, which);
	}
	for (uint64 i = 0; i < r.n; i++)
	{
		int64		id = leads_int(&r, i, 1);
		char	   *name = leads_text(&r, i, 3);
		char	   *region = leads_text(&r, i, 4);
		char	   *s;
		uint64		at = 0;

		leads_record_init(record, leads_bool(&r, i, 2));
		if (name)
			leads_record_add_name(record, name, strlen(name));
		while (next_of(&names, id, &at))
		{
			s = leads_text(&names, at - 1, 2);
			leads_record_add_name(record, s, strlen(s));
		}
		if (region)
			leads_record_set_region(record, region, strlen(region));
		at = 0;
		while (next_of(&points, id, &at))
			add_point(record, leads_text(&points, at - 1, 2), leads_text(&points, at - 1, 3));
		at = 0;
		if (next_of(&contacts, id, &at))
		{
			s = leads_text(&contacts, at - 1, 2);
			leads_record_set_contact(record, s, strlen(s));
		}
		reader(id, name, record, arg);
	}
	/* callers that keep a name have SPI's memory to the end of the frame; the rows are not needed any more */
	free_result(&r);
	free_result(&names);
	free_result(&points);
	free_result(&contacts);
	pfree(record);
}

void
leads_customer_records(LeadsFrame *f, const int64 *ids, int n, bool names_only, LeadsRecordReader reader, void *arg)
{
	read_records(&q_records, ids, n, names_only, reader, arg);
}

void
leads_customer_former_records(LeadsFrame *f, const int64 *ids, int n, LeadsRecordReader reader, void *arg)
{
	read_records(&q_former_records, ids, n, false, reader, arg);
}

static void
keep_record(int64 id, const char *name, const LeadsRecord *record, void *arg)
{
	memcpy(arg, record, leads_record_bytes(record));
}

void
leads_customer_record(LeadsFrame *f, int64 id, LeadsRecord *out)
{
	leads_record_init(out, false);
	leads_customer_records(f, &id, 1, false, keep_record, out);
}

bool
leads_strong_taken(LeadsFrame *f, const char *kind, const char *norm)
{
	return leads_bulk_noted(f, kind, norm) || leads_found(leads_run_latest(&q_strong, kind, norm));
}
