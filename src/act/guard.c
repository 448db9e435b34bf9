/*
 * guard.c - triggers that keep direct changes of the tables from breaking the rules.
 *
 * Purpose: owner, stage, deadlines, history and deletion belong to the functions: a direct change raises
 * LD009 and names the call; a name, region or contact point may be changed directly and is keyed and checked anew.
 * Invariants: our own statements pass by the corridor flag, a user's trigger fired by them does not; the
 * BEFORE STATEMENT trigger takes the gate (lock order: gate, then customers), row triggers take no gate and no
 * stripe; in a replica (session_replication_role) and while a dump is restored nothing fires.
 * Called by: PostgreSQL; act/merge (keys anew).
 */
#include "core/leads.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "act/corridor.h"
#include "act/guard.h"
#include "core/lock.h"
#include "core/policy.h"
#include "decide/match.h"
#include "decide/match_policy.h"
#include "lib/email.h"
#include "lib/phone.h"
#include "lib/uscc.h"
#include "record/distinct.h"
#include "record/journey.h"
#include "record/keyset.h"

#define CANDIDATES 50

/* the call that does what was tried, by table */
static const struct
{
	const char *table;
	const char *insert;			/* NULL = the same as update */
	const char *update;
}			calls[] = {
	{"customer", "Call leads.register().",
	"Names, regions, level, tags, industry and extra may be changed directly; for owners call leads.assign(), leads.claim() or leads.release()."},
	{"registration", "Call leads.register(), or insert into view intake.", "A registration is kept as it was answered."},
	{"ownership", NULL, "Call leads.assign(), leads.claim(), leads.release() or leads.extend()."},
	{"lead", "Call leads.register().",
	"Call leads.advance(), leads.win(), leads.lose() or leads.reopen(), or update view my_lead; amount, need, expected_on and extra may be changed directly."},
	{"activity", "Call leads.log_activity(), or insert into view followup.", "A follow-up is kept as it was logged."},
	{"pause", NULL, "Call leads.pause() or leads.resume()."},
	{"contract", NULL, "Call leads.set_contract()."},
	{"notice", NULL, "Notices are written by leads.tick()."},
	{"collaborator", NULL, "Call leads.add_collaborator() or leads.remove_collaborator()."},
	{"event", NULL, "History is append-only and written by the functions of schema leads."},
	{"lead_journey", NULL, "Journeys follow from events: CALL leads.rebuild_journeys() makes them anew."},
	{"journey_region", NULL, "Regions get their numbers from the functions of schema leads."},
	{"rollup_cell", NULL, "CALL leads.rollup_rebuild()."},
	{"rollup_delta", NULL, "CALL leads.rollup_rebuild()."},
	{"rollup_state", NULL, "CALL leads.rollup_rebuild()."},
	{"journey_run", NULL, "CALL leads.rebuild_journeys()."},
	{"decision", NULL, "Decisions are append-only and written by the functions of schema leads."},
	{"outbox", NULL, "Messages are written by the functions of schema leads."},
	{"conflict", NULL, "Call leads.raise_conflict() or leads.rule_conflict()."},
	{"project", NULL, "Call leads.register() with the project."},
	{"customer_distinct", NULL, "Call leads.not_duplicate(). A pair ends when either customer is renamed or its contact points change."},
	{"duplicate_scan", NULL, "Call leads.scan_duplicates() or leads.forget_scan()."},
	{"duplicate_pair", NULL, "Call leads.scan_duplicates() or leads.forget_scan()."},
	{"duplicate_found", NULL, "Call leads.scan_duplicates() or leads.forget_scan()."},
	{"key_state", NULL, "Call leads.rekey()."},
	{"key_frequency", NULL, "Call leads.rekey()."},
	{"merge", NULL, "Call leads.merge() or leads.unmerge()."},
	{"merge_item", NULL, "The journal of merges is written by leads.merge()."},
	{"customer_key", NULL, "Keys follow the names and contact points of a customer."},
	{"member_counter", NULL, "Counters follow ownership."},
	{"rule_counter", NULL, "Counters follow routing."},
	{"policy", NULL, "Versions are immutable: call leads.publish(), leads.set_protection(), or change routing_rule."},
	{"access_grant", NULL, "Call leads.grant_access() or leads.revoke_access()."},
	{"settings", NULL, "Call leads.install()."},
	{"schema_version", NULL, "Call leads.install()."},
	{"ring", NULL, "Turns are counted by the ring itself; name, strategy and seats may be changed directly."},
	{"ring_seat", NULL, "Turns are counted by the ring itself; weight and position may be changed directly."},
};

static void
not_a_trigger(FunctionCallInfo fcinfo, const char *name)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function leads.%s() is a trigger", name)));
}

/* BEFORE STATEMENT: what only the functions may do */
PG_FUNCTION_INFO_V1(leads_guard);
Datum
leads_guard(PG_FUNCTION_ARGS)
{
	TriggerData *t = (TriggerData *) fcinfo->context;
	const char *table;
	const char *verb;
	const char *call = NULL;

	not_a_trigger(fcinfo, "guard");
	if (leads_in_corridor())
		return PointerGetDatum(NULL);
	table = RelationGetRelationName(t->tg_relation);
	verb = TRIGGER_FIRED_BY_INSERT(t->tg_event) ? "inserted into" :
		TRIGGER_FIRED_BY_DELETE(t->tg_event) ? "deleted from" :
		TRIGGER_FIRED_BY_TRUNCATE(t->tg_event) ? "truncated" : "changed so";
	for (int i = 0; i < lengthof(calls); i++)
		if (strcmp(calls[i].table, table) == 0)
			call = TRIGGER_FIRED_BY_INSERT(t->tg_event) && calls[i].insert ? calls[i].insert : calls[i].update;
	/* nothing takes a customer away but uninstall() */
	if (TRIGGER_FIRED_BY_TRUNCATE(t->tg_event) && strcmp(table, "absence") == 0)
		call = "Deadlines follow rows: DELETE them, or call leads.set_availability().";
	else if (TRIGGER_FIRED_BY_TRUNCATE(t->tg_event) ||
		(TRIGGER_FIRED_BY_DELETE(t->tg_event) && strcmp(table, "access_grant") != 0))
		call = "Rows of a company are never deleted directly; leads.uninstall() removes a whole company.";
	ereport(ERROR,
			(errcode(LEADS_ERR_DIRECT_CHANGE),
			 errmsg("table \"%s\" cannot be %s directly", table, verb),
			 call ? errhint("%s", call) : 0));
	return PointerGetDatum(NULL);
}

/* BEFORE STATEMENT of what changes keys: nobody registers until we are done */
PG_FUNCTION_INFO_V1(leads_guard_gate);
Datum
leads_guard_gate(PG_FUNCTION_ARGS)
{
	TriggerData *t = (TriggerData *) fcinfo->context;
	LeadsFrame	f;

	not_a_trigger(fcinfo, "guard_gate");
	if (leads_in_corridor())
		return PointerGetDatum(NULL);
	leads_enter_trigger(&f, RelationGetNamespace(t->tg_relation));
	leads_lock_gate(&f, true);
	/* before the rows: one that meets a twin settles its customer, whose row this statement has by then */
	leads_lock_rules(&f, false);
	leads_leave(&f);
	return PointerGetDatum(NULL);
}

static char *
text_column(TriggerData *t, HeapTuple row, const char *name)
{
	return SPI_getvalue(row, t->tg_relation->rd_att, leads_row_column(t->tg_relation->rd_att, name, TEXTOID));
}

static int64
id_column(TriggerData *t, HeapTuple row, const char *name)
{
	bool		isnull;
	Datum		d = SPI_getbinval(row, t->tg_relation->rd_att,
								  leads_row_column(t->tg_relation->rd_att, name, INT8OID), &isnull);

	return isnull ? 0 : DatumGetInt64(d);
}

LEADS_QUERY(q_person, "l", "SELECT c.kind = 'person' FROM @.customer c WHERE c.id = $1");

/* what register() would have stored beside the value as typed */
static void
normalise(const char *kind, const char *raw, bool person, char **norm, bool *weak, bool *strong)
{
	size_t		len = strlen(raw);

	*norm = NULL;
	*weak = *strong = false;
	if (strcmp(kind, "phone") == 0)
	{
		LeadsPhone	p;

		leads_phone_parse(raw, len, &p);
		*norm = p.norm[0] ? pstrdup(p.norm) : NULL;
		*weak = p.weak;
		*strong = person && p.kind == LEADS_PHONE_MOBILE;
	}
	else if (strcmp(kind, "email") == 0)
	{
		LeadsEmail	e;

		leads_email_parse(raw, len, &e);
		*norm = e.valid ? pstrdup(e.norm) : NULL;
		*weak = e.weak_local || e.free_domain;
	}
	else if (strcmp(kind, "uscc") == 0)
	{
		LeadsUscc	u;

		leads_uscc_parse(raw, len, &u);
		*norm = u.valid ? pstrdup(u.norm) : NULL;
		*strong = u.valid && !person;
	}
}

/* waits for a merge under way, as the foreign key would */
LEADS_QUERY(q_home, "l", "SELECT c.merged_into FROM @.customer c WHERE c.id = $1 FOR KEY SHARE");

/* BEFORE ROW on contact, contact_point, customer_name: what is given to a merged customer is its survivor's */
PG_FUNCTION_INFO_V1(leads_guard_home);
Datum
leads_guard_home(PG_FUNCTION_ARGS)
{
	TriggerData *t = (TriggerData *) fcinfo->context;
	HeapTuple	row;
	LeadsFrame	f;
	LeadsResult r;
	int64		home;
	int			col;
	Datum		value;
	bool		isnull = false;

	not_a_trigger(fcinfo, "guard_home");
	row = TRIGGER_FIRED_BY_UPDATE(t->tg_event) ? t->tg_newtuple : t->tg_trigtuple;
	if (leads_in_corridor())
		return PointerGetDatum(row);
	leads_enter_trigger(&f, RelationGetNamespace(t->tg_relation));
	r = leads_run(&q_home, id_column(t, row, "customer_id"));
	home = leads_found(r) ? leads_int(&r, 0, 1) : 0;
	leads_leave(&f);
	if (home == 0)
		return PointerGetDatum(row);
	col = leads_row_column(t->tg_relation->rd_att, "customer_id", INT8OID);
	value = Int64GetDatum(home);
	return PointerGetDatum(heap_modify_tuple_by_cols(row, t->tg_relation->rd_att, 1, &col, &value, &isnull));
}

/* BEFORE ROW on contact_point: norm, weak and strong_key follow raw, whatever was given */
PG_FUNCTION_INFO_V1(leads_guard_point);
Datum
leads_guard_point(PG_FUNCTION_ARGS)
{
	TriggerData *t = (TriggerData *) fcinfo->context;
	HeapTuple	row;
	TupleDesc	desc;
	LeadsFrame	f;
	char	   *kind;
	char	   *raw;
	char	   *norm;
	bool		weak;
	bool		strong;
	LeadsResult r;
	int			cols[4];
	Datum		values[4];
	bool		nulls[4] = {false, false, false, false};
	int			n = 3;

	not_a_trigger(fcinfo, "guard_point");
	row = TRIGGER_FIRED_BY_UPDATE(t->tg_event) ? t->tg_newtuple : t->tg_trigtuple;
	if (leads_in_corridor())
		return PointerGetDatum(row);
	desc = t->tg_relation->rd_att;
	kind = text_column(t, row, "kind");
	raw = text_column(t, row, "raw");
	if (kind == NULL || raw == NULL)
		return PointerGetDatum(row);	/* NOT NULL says it better */
	leads_enter_trigger(&f, RelationGetNamespace(t->tg_relation));
	r = leads_run(&q_person, id_column(t, row, "customer_id"));
	normalise(kind, raw, leads_found(r) && leads_bool(&r, 0, 1), &norm, &weak, &strong);
	norm = leads_keep(&f, norm);
	leads_leave(&f);

	cols[0] = leads_row_column(desc, "norm", TEXTOID);
	cols[1] = leads_row_column(desc, "weak", BOOLOID);
	cols[2] = leads_row_column(desc, "strong_key", TEXTOID);
	cols[3] = leads_row_column(desc, "created_at", TIMESTAMPTZOID);
	values[0] = norm ? CStringGetTextDatum(norm) : (Datum) 0;
	nulls[0] = norm == NULL;
	values[1] = BoolGetDatum(weak);
	values[2] = strong && norm ? CStringGetTextDatum(norm) : (Datum) 0;
	nulls[2] = !strong || norm == NULL;
	if (heap_attisnull(row, cols[3], desc))
	{
		values[3] = TimestampTzGetDatum(leads_now_internal());
		n = 4;
	}
	return PointerGetDatum(heap_modify_tuple_by_cols(row, desc, n, cols, values, nulls));
}

/* a USCC is one customer's: whoever is given that of another, beside one of its own, is compared by its own alone */
static int64
find_code(LeadsFrame *f, int64 id)
{
	int64	   *ids;
	int			n = leads_customer_strong_elsewhere(f, id, &ids);

	for (int i = 0; i < n; i++)
	{
		if (leads_distinct_holds(f, id, ids[i]))
			continue;
		if (leads_customer_unseen(f, &ids[i], 1))
			leads_customer_refuse_unseen();
		return ids[i];
	}
	return 0;
}

/* the live customer that is certainly the same one, 0 = none */
static int64
find_twin(LeadsFrame *f, int64 id, LeadsRecord *record, LeadsKey *keys, int nkeys)
{
	LeadsCandidate *found = palloc(sizeof(LeadsCandidate) * CANDIDATES);
	int			n;
	LeadsRecord *other = palloc(sizeof(LeadsRecord));
	LeadsMatchPolicy policy;
	LeadsCustomer c;

	leads_match_policy_read(leads_policy_at(f, "match", leads_now_internal()).body, &policy);
	leads_customer_weigh(f, id, policy.shared_by, record, keys, nkeys);
	n = leads_customer_probe(f, keys, nkeys, found, CANDIDATES);
	for (int i = 0; i < n; i++)
	{
		LeadsMatchScore score;

		if (found[i].customer_id == id)
			continue;
		leads_customer_record(f, found[i].customer_id, other);
		leads_match_score(record, other, &policy.model, &score);
		if (score.band != LEADS_BAND_CERTAIN || leads_distinct_holds(f, id, found[i].customer_id))
			continue;
		if (leads_customer_unseen(f, &found[i].customer_id, 1))
			leads_customer_refuse_unseen();
		if (leads_customer_read(f, found[i].customer_id, &c) && c.id != id)
			return c.id;
	}
	return find_code(f, id);
}

static int64
keys_and_twin(LeadsFrame *f, LeadsCustomer *c, bool changed)
{
	LeadsRecord *record = palloc(sizeof(LeadsRecord));
	LeadsKey	keys[LEADS_KEYS_MAX];
	int			n;

	CommandCounterIncrement();
	leads_customer_record(f, c->id, record);
	(void) leads_keyset_valid(f);
	n = leads_record_keys(record, keys, LEADS_KEYS_MAX);
	leads_keys_delete(f, c->id);
	leads_keyset_write(f, c->id, record, keys, n);
	if (changed && leads_distinct_any(f, c->id))
	{
		leads_frame_now(f, c->last_event_at);
		leads_distinct_outdate(f, c->id);
	}
	return find_twin(f, c->id, record, keys, n);
}

int64
leads_guard_keys(LeadsFrame *f, int64 id)
{
	LeadsCustomer c = {.id = id};

	return keys_and_twin(f, &c, false);
}

void
leads_guard_collided(LeadsFrame *f, int64 id, int64 twin)
{
	LeadsEvent	e;
	LeadsOwnership own;

	memset(&e, 0, sizeof(e));
	e.kind = "collided";
	e.customer_id = id;
	e.at = f->now;
	if (leads_ownership_open(f, id, "", &own))
	{
		e.owner_id = own.member_id;
		e.pool_id = own.pool_id;
	}
	e.data = DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
												CStringGetDatum(psprintf("{\"with\": " INT64_FORMAT "}", twin))));
	(void) leads_event_write(f, &e);
}

/*
 * Keys anew; a twin found is written down, because a direct change cannot be refused for it.  What a person
 * told apart was told by what it was: after a change that is over.
 */
static void
rekey(LeadsFrame *f, int64 id, bool changed)
{
	LeadsCustomer c;
	int64		twin;

	if (!leads_customer_read(f, id, &c) || c.id != id)
		return;
	twin = keys_and_twin(f, &c, changed);
	if (twin != 0)
	{
		LeadsHold	h;

		/* what is due by now comes before it */
		leads_corridor_begin(f, id, "", &h);
		leads_guard_collided(f, id, twin);
		leads_corridor_end(f, id);
	}
}

void
leads_guard_changed(LeadsFrame *f, int64 id)
{
	rekey(f, id, true);
}

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* AFTER ROW on customer: name, region or city changed */
static void
customer_changed(LeadsFrame *f, TriggerData *t)
{
	int64		id = id_column(t, t->tg_newtuple, "id");
	char	   *before = text_column(t, t->tg_trigtuple, "name");
	char	   *after = text_column(t, t->tg_newtuple, "name");

	if (same(before, after) &&
		same(text_column(t, t->tg_trigtuple, "region"), text_column(t, t->tg_newtuple, "region")))
		return;
	if (!same(before, after))
	{
		LeadsName  *name = palloc(sizeof(LeadsName));
		char		core[LEADS_NAME_FOLDED_MAX * 4 + 1] = "";

		if (after && strcmp(text_column(t, t->tg_newtuple, "kind"), "person") == 0)
			leads_person_parse(after, strlen(after), name);
		else if (after)
			leads_name_parse(after, strlen(after), name);
		if (after)
			(void) leads_name_text(name, LEADS_NAME_CORE, core, sizeof(core));
		leads_customer_renamed(id, before, core[0] ? core : NULL);
	}
	leads_journey_region(f, id);
	rekey(f, id, true);
}

/* an update of contact_point or customer_name that touches what customers are matched by */
static bool
row_changed(TriggerData *t)
{
	static const char *const columns[] = {"kind", "raw", "name", "state"};

	for (int i = 0; i < lengthof(columns); i++)
		if (SPI_fnumber(t->tg_relation->rd_att, columns[i]) > 0 &&
			!same(text_column(t, t->tg_trigtuple, columns[i]), text_column(t, t->tg_newtuple, columns[i])))
			return true;
	return false;
}

/* AFTER ROW on customer, contact_point, customer_name */
PG_FUNCTION_INFO_V1(leads_guard_rekey);
Datum
leads_guard_rekey(PG_FUNCTION_ARGS)
{
	TriggerData *t = (TriggerData *) fcinfo->context;
	LeadsFrame	f;

	not_a_trigger(fcinfo, "guard_rekey");
	if (leads_in_corridor())
		return PointerGetDatum(NULL);
	leads_enter_trigger(&f, RelationGetNamespace(t->tg_relation));
	if (strcmp(RelationGetRelationName(t->tg_relation), "customer") == 0)
		customer_changed(&f, t);
	else
	{
		int64		old = id_column(t, t->tg_trigtuple, "customer_id");
		int64		new = TRIGGER_FIRED_BY_UPDATE(t->tg_event) ? id_column(t, t->tg_newtuple, "customer_id") : old;

		bool		changed = !TRIGGER_FIRED_BY_UPDATE(t->tg_event) || new != old || row_changed(t);

		rekey(&f, old, changed);
		if (new != old)
			rekey(&f, new, changed);
	}
	leads_leave(&f);
	return PointerGetDatum(NULL);
}
