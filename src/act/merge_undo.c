/*
 * merge_undo.c - a merge is taken apart.
 *
 * Purpose: leads.unmerge(): reads the journal backwards; rows that were moved go back, fields and
 * intervals as they were, where nothing happened to them since.
 * Invariants: what changed since is a conflict: it is told, and nothing at all is undone until the
 * caller has said what to do about each; what was made since stays with the survivor unless it is
 * given away by name; follow-ups stay with their lead; a merge is undone once; a lead is never without
 * owner and pool; losers get back the holder they had, with what was left of the protection (and no
 * deadline before the grace of the policy).
 * Called by: users.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"

#include "act/deadline.h"
#include "act/guard.h"
#include "act/merge_steps.h"
#include "core/args.h"
#include "core/lock.h"
#include "core/policy.h"
#include "record/distinct.h"
#include "record/org.h"
#include "record/outbox.h"

LEADS_QUERY(q_items, "l",
			"SELECT i.kind, i.object, i.row_id, i.field, i.value_before, i.value_after FROM @.merge_item i"
			" WHERE i.merge_id = $1 AND (i.kind IN ('field', 'ended') OR (i.kind = 'made' AND i.object <> 'customer_name'))"
			" ORDER BY i.id");
LEADS_QUERY(q_won, "lt",
			"SELECT FROM @.lead l JOIN @.stage s ON s.id = l.stage_id"
			" WHERE l.customer_id = $1 AND l.scope = $2 AND s.kind = 'won' LIMIT 1");
LEADS_QUERY(q_any_lead, "lt", "SELECT FROM @.lead l WHERE l.customer_id = $1 AND l.scope = $2 LIMIT 1");
LEADS_QUERY(q_homeless, "l",
			"SELECT l.id FROM @.lead l WHERE l.customer_id = $1 AND NOT EXISTS (SELECT FROM @.ownership o"
			"   WHERE o.customer_id = l.customer_id AND o.scope = l.scope AND o.until IS NULL) LIMIT 1");

typedef enum
{
	OPEN, KEEP, RESTORE
} Resolution;

typedef struct Conflict
{
	const char *object;
	const char *field;
	const char *now;
	const char *then;
	Resolution	resolution;
} Conflict;

typedef struct UndoItem
{
	char		kind;			/* f field, e ended, m made, d made pair */
	const char *object;
	int64		row_id;
	const char *field;
	Jsonb	   *before;
	Jsonb	   *after;
	LeadsOwnership own;			/* of ended and made ones */
	bool		skip;			/* stays as it is now */
} UndoItem;

typedef struct Undo
{
	LeadsFrame	f;
	LeadsMerge	merge;
	Jsonb	   *resolution;
	Jsonb	   *give;
	const char *reason;
	LeadsCustomer who[LEADS_FAMILY];
	int64		ids[LEADS_FAMILY];	/* the survivor first */
	int			n;
	UndoItem	   *items;
	int			nitems;
	LeadsMergeStray *strays;
	int			nstrays;
	Conflict   *conflicts;
	int			nconflicts;
	LeadsEvidence evidence;
	int64		decision_id;
} Undo;

/* ---------------------------------------------------------------- conflicts */

static Resolution
resolution_of(Undo *u, const char *key)
{
	char	   *s = leads_json_text(u->resolution, key);

	if (s == NULL)
		s = leads_json_text(u->resolution, "*");
	return s == NULL ? OPEN : strcmp(s, "restore") == 0 ? RESTORE : KEEP;
}

/* only the two words; 22023 */
static void
check_resolution(Jsonb *j)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	v;

	if (!JB_ROOT_IS_OBJECT(j))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("resolution is no object")));
	it = JsonbIteratorInit(&j->root);
	(void) JsonbIteratorNext(&it, &v, true);
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
		if (token == WJB_VALUE &&
			!(v.type == jbvString &&
			  ((v.val.string.len == 12 && memcmp(v.val.string.val, "keep_current", 12) == 0) ||
			   (v.val.string.len == 7 && memcmp(v.val.string.val, "restore", 7) == 0))))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a conflict is resolved by keep_current or restore")));
}

static Resolution
conflict(Undo *u, const char *object, const char *field, const char *now, const char *then)
{
	Conflict   *c;

	u->conflicts = u->conflicts ? repalloc(u->conflicts, sizeof(Conflict) * (u->nconflicts + 1)) :
		palloc(sizeof(Conflict));
	c = &u->conflicts[u->nconflicts++];
	c->object = object;
	c->field = field;
	c->now = now;
	c->then = then;
	c->resolution = resolution_of(u, psprintf("%s.%s", object, field));
	return c->resolution;
}

static bool
same(Jsonb *a, Jsonb *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return compareJsonbContainers(&a->root, &b->root) == 0;
}

/* for people: a text as it is, of [name, core] the first, else the document */
static const char *
shown(Jsonb *j)
{
	JsonbValue *v;

	if (j == NULL)
		return NULL;
	if (!JB_ROOT_IS_ARRAY(j) || JB_ROOT_COUNT(j) == 0)
		return JsonbToCString(NULL, &j->root, VARSIZE(j));
	v = getIthJsonbValueFromContainer(&j->root, 0);
	if (v->type == jbvNull)
		return NULL;
	if (v->type == jbvString && (JB_ROOT_IS_SCALAR(j) || JB_ROOT_COUNT(j) == 2))
		return pnstrdup(v->val.string.val, v->val.string.len);
	return JsonbToCString(NULL, &j->root, VARSIZE(j));
}

static int
field_number(const char *name)
{
	for (int i = 0; i < LEADS_MERGE_FIELDS; i++)
		if (strcmp(leads_merge_field_names[i], name) == 0)
			return i;
	elog(ERROR, "unknown field %s in the journal of merges", name);
	return 0;
}

static const char *
holder(LeadsFrame *f, const LeadsOwnership *o)
{
	LeadsMember m;
	LeadsPool	p;

	if (o->member_id != 0 && leads_member_by_id(f, o->member_id, &m))
		return psprintf("member:%s", m.code);
	if (o->pool_id != 0 && leads_pool_by_id(f, o->pool_id, &p))
		return psprintf("pool:%s", p.code);
	return NULL;
}

/* the survivor's interval of the scope that the merge ended */
static UndoItem *
ended_of_survivor(Undo *u, const char *scope)
{
	for (int i = 0; i < u->nitems; i++)
		if (u->items[i].kind == 'e' && u->items[i].own.customer_id == u->merge.survivor_id &&
			strcmp(u->items[i].own.scope, scope) == 0)
			return &u->items[i];
	return NULL;
}

static void
read_items(Undo *u)
{
	LeadsResult r = leads_run(&q_items, u->merge.id);

	u->nitems = (int) r.n;
	u->items = palloc0(sizeof(UndoItem) * Max(u->nitems, 1));
	for (int i = 0; i < u->nitems; i++)
	{
		UndoItem	   *it = &u->items[i];

		it->kind = leads_text(&r, i, 1)[0];
		it->object = leads_text(&r, i, 2);
		it->row_id = leads_int(&r, i, 3);
		it->field = leads_text(&r, i, 4);
		it->before = leads_jsonb(&r, i, 5);
		it->after = leads_jsonb(&r, i, 6);
		if (it->kind == 'm' && strcmp(it->object, "customer_distinct") == 0)
			it->kind = 'd';
		if ((it->kind == 'e' || it->kind == 'm') && !leads_ownership_ended(&u->f, it->row_id, &it->own) &&
			!leads_ownership_by_id(&u->f, it->row_id, &it->own))
			elog(ERROR, "ownership " INT64_FORMAT " is gone", it->row_id);
		/* a later merge may have ended it, and its undo begun it again */
		if (it->kind == 'm' || (it->kind == 'f' && strcmp(it->object, "ownership") == 0))
			it->row_id = leads_merge_goes_on(&u->f, it->row_id);
	}
}

/* fields of the survivor that were edited since */
static void
find_edited(Undo *u)
{
	LeadsMergeFields now;

	leads_merge_fields_read(&u->f, u->merge.survivor_id, &now);
	for (int i = 0; i < u->nitems; i++)
	{
		UndoItem	   *it = &u->items[i];
		Jsonb	   *value;

		if (it->kind != 'f' || strcmp(it->object, "customer") != 0)
			continue;
		value = now.value[field_number(it->field)];
		if (same(value, it->before))
			it->skip = true;
		else if (!same(value, it->after))
			it->skip = conflict(u, psprintf("customer/" INT64_FORMAT, u->merge.survivor_id), it->field, shown(value),
								shown(it->before)) != RESTORE;
	}
}

/* scopes in which the merge gave the survivor a holder who is not there any more */
static void
find_passed_on(Undo *u)
{
	for (int i = 0; i < u->nitems; i++)
	{
		UndoItem	   *it = &u->items[i];
		UndoItem	   *ended;
		LeadsOwnership open;

		if (it->kind != 'm' || !leads_ownership_open(&u->f, u->merge.survivor_id, it->own.scope, &open) ||
			open.id == it->row_id)
			continue;
		ended = ended_of_survivor(u, it->own.scope);
		it->skip = conflict(u, psprintf("customer/" INT64_FORMAT, u->merge.survivor_id),
							it->own.scope[0] ? psprintf("owner %s", it->own.scope) : "owner", holder(&u->f, &open),
							ended ? holder(&u->f, &ended->own) : NULL) != RESTORE;
		if (ended)
			ended->skip = it->skip;
	}
}

static void
find_strays(Undo *u)
{
	u->nstrays = leads_merge_strays(&u->f, &u->merge, &u->strays);
	for (int i = 0; i < u->nstrays; i++)
	{
		LeadsMergeStray *s = &u->strays[i];

		/* it went home by another way */
		if (s->here == s->there)
			continue;
		if (conflict(u, psprintf("%s/" INT64_FORMAT, s->object, s->row_id), "customer_id",
					 psprintf(INT64_FORMAT, s->here), psprintf(INT64_FORMAT, s->there)) != RESTORE)
			s->there = s->here;
	}
}

/* ---------------------------------------------------------------- the way back */

static void
give_away(Undo *u)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	v;

	if (!JB_ROOT_IS_OBJECT(u->give))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("give is no object")));
	it = JsonbIteratorInit(&u->give->root);
	(void) JsonbIteratorNext(&it, &v, true);
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		char	   *key;
		char	   *slash;
		int64		row_id = 0;
		int64		to = 0;

		if (token != WJB_KEY)
			continue;
		key = pnstrdup(v.val.string.val, v.val.string.len);
		(void) JsonbIteratorNext(&it, &v, true);
		slash = strchr(key, '/');
		if (slash)
		{
			*slash = '\0';
			row_id = strtoll(slash + 1, NULL, 10);
		}
		for (int i = 1; i < u->n && v.type == jbvNumeric; i++)
			if (DatumGetBool(DirectFunctionCall2(numeric_eq, NumericGetDatum(v.val.numeric),
												 NumericGetDatum(int64_to_numeric(u->ids[i])))))
				to = u->ids[i];
		if (to == 0 || slash == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("give names a row and one of the customers that come back"),
					 errhint("Write {\"lead/9\": 17}; tables are lead, contact, contact_point and customer_name.")));
		if (leads_merge_has_moved(&u->f, key, row_id) ||
			!leads_merge_give(&u->f, key, row_id, u->merge.survivor_id, to))
			ereport(ERROR,
					(errcode(LEADS_ERR_UNKNOWN_ID),
					 errmsg("customer " INT64_FORMAT " has no such row to give: %.60s/" INT64_FORMAT,
							u->merge.survivor_id, key, row_id),
					 errdetail("Rows made since the merge may be given.")));
	}
}

static const char *
exempt_of(Undo *u, int64 customer_id, const char *scope, const char *then)
{
	if (then && strcmp(then, "won") != 0)
		return then;
	return leads_found(leads_run(&q_won, customer_id, scope)) ? "won" : NULL;
}

/* who had it when the merge ended the interval; who has left since leaves it to a pool */
static void
begin_again(Undo *u, const LeadsOwnership *ended)
{
	LeadsFrame *f = &u->f;
	LeadsOwnership next;
	LeadsMember m;
	LeadsPool	pool;
	LeadsProtection p;

	memset(&next, 0, sizeof(next));
	next.customer_id = ended->customer_id;
	next.scope = ended->scope;
	next.cause = "unmerged";
	next.decision_id = u->decision_id;
	if (ended->member_id != 0 && leads_member_by_id(f, ended->member_id, &m) && leads_member_present(&m, f->now))
	{
		next.member_id = m.id;
		next.exempt = exempt_of(u, ended->customer_id, ended->scope, ended->exempt);
		leads_merge_carry_on(f, &next, ended, LEADS_NO_TIME);
		(void) leads_outbox_write(f, "unmerged", next.customer_id, psprintf(INT64_FORMAT, next.id), next.member_id,
								  f->now, "customer", psprintf(INT64_FORMAT, next.customer_id), "scope", next.scope, NULL);
		return;
	}
	if (!leads_pool_by_id(f, ended->pool_id != 0 ? ended->pool_id : ended->lapse_pool_id, &pool) &&
		!leads_pool_by_id(f, leads_corridor_protection(f, ended->policy_version, &p), &pool))
		elog(ERROR, "no pool to go back to");
	next.pool_id = pool.id;
	leads_corridor_begin_interval(f, &next);
}

static void
return_owners(Undo *u)
{
	LeadsFrame *f = &u->f;
	int64		survivor = u->merge.survivor_id;

	/* the losers first, so that their leads are at home */
	for (int i = 0; i < u->nitems; i++)
		if (u->items[i].kind == 'e' && u->items[i].own.customer_id != survivor)
			begin_again(u, &u->items[i].own);
	for (int i = 0; i < u->nitems; i++)
	{
		UndoItem	   *it = &u->items[i];
		UndoItem	   *ended;
		LeadsOwnership open;

		if (it->kind != 'm' || it->skip || !leads_ownership_open(f, survivor, it->own.scope, &open))
			continue;
		ended = ended_of_survivor(u, it->own.scope);
		/* a scope that the merge brought stays while leads of it do */
		if (ended == NULL && leads_found(leads_run(&q_any_lead, survivor, it->own.scope)))
			continue;
		leads_ownership_end(f, &open, f->now, "unmerged", u->decision_id);
		if (ended)
			begin_again(u, &ended->own);
	}
	/* anchors that came from a loser; a later one stays */
	for (int i = 0; i < u->nitems; i++)
	{
		UndoItem	   *it = &u->items[i];
		LeadsOwnership open;
		bool		changed = false;

		if (it->kind != 'f' || strcmp(it->object, "ownership") != 0 ||
			!leads_ownership_by_id(f, it->row_id, &open))
			continue;
		if (strcmp(it->field, "exempt") == 0)
		{
			const char *exempt = exempt_of(u, survivor, open.scope, open.exempt);

			changed = (exempt == NULL) != (open.exempt == NULL);
			open.exempt = exempt;
		}
		else if (open.followed_at == DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(shown(it->after)),
																			  ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1))))
		{
			const char *before = shown(it->before);

			open.followed_at = before == NULL ? LEADS_NO_TIME :
				DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(before),
														ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
			changed = true;
		}
		if (changed)
			leads_deadline_move(f, &open);
	}
	/* what the losers brought to it counts no longer */
	(void) leads_deadline_customer(f, survivor, NULL, u->decision_id);
}

static void
check_homes(Undo *u)
{
	for (int i = 0; i < u->n; i++)
	{
		LeadsResult r = leads_run(&q_homeless, u->ids[i]);

		if (leads_found(r))
			ereport(ERROR,
					(errcode(LEADS_ERR_WRONG_STATE),
					 errmsg("customer " INT64_FORMAT " has no owner and no pool for lead " INT64_FORMAT, u->ids[i],
							leads_int(&r, 0, 1)),
					 errdetail("It had nothing in the lead's scope before the merge.")));
	}
}

/* a lead that goes home, or is given away, was made one with another by a merge that stands; LD002 */
static void
check_leads(Undo *u)
{
	int64		lead_id;
	int64		merge_id;

	if (leads_merge_split(&u->f, leads_merge_ids(u->ids, u->n), &lead_id, &merge_id))
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("merge " INT64_FORMAT " cannot be undone now", u->merge.id),
				 errdetail("Lead " INT64_FORMAT " is one with a lead that would be another customer's.", lead_id),
				 errhint("Undo merge " INT64_FORMAT " first.", merge_id)));
}

/* who takes a merge apart says that they are not one; pairs that came from a loser go */
static void
tell_apart(Undo *u)
{
	const char *reason = u->reason ? u->reason : psprintf("unmerge " INT64_FORMAT, u->merge.id);

	for (int i = 0; i < u->nitems; i++)
		if (u->items[i].kind == 'd')
			leads_distinct_end(&u->f, u->items[i].row_id);
	for (int i = 0; i < u->n; i++)
		for (int k = i + 1; k < u->n; k++)
			(void) leads_distinct_insert(&u->f, u->ids[i], u->ids[k], reason, u->decision_id);
}

static bool
in_family(const Undo *u, int64 id)
{
	for (int i = 0; i < u->n; i++)
		if (u->ids[i] == id)
			return true;
	return false;
}

static void
decide(Undo *u)
{
	static const char *const words[] = {"open", "kept", "restored"};
	LeadsDecision d;

	leads_evidence_begin(&u->evidence);
	leads_evidence_add(&u->evidence, "unmerge", "yes", "unmerge.merge", 1, psprintf(INT64_FORMAT, u->merge.id));
	if (u->reason)
		leads_evidence_add(&u->evidence, "unmerge", "yes", "unmerge.reason", 1, u->reason);
	for (int i = 0; i < u->nconflicts; i++)
		leads_evidence_add(&u->evidence, "conflict", words[u->conflicts[i].resolution], "unmerge.resolved", 2,
						   psprintf("%s.%s", u->conflicts[i].object, u->conflicts[i].field), u->conflicts[i].now);
	for (int i = 1; i < u->n; i++)
		leads_evidence_add(&u->evidence, "loser", "back", "unmerge.back", 1, psprintf(INT64_FORMAT, u->ids[i]));
	memset(&d, 0, sizeof(d));
	d.kind = "unmerge";
	d.verdict = "unmerged";
	d.customer_id = u->merge.survivor_id;
	d.at = LEADS_NO_TIME;
	u->decision_id = leads_decision_write(&u->f, &d, &u->evidence);
}

static void
undo(Undo *u)
{
	LeadsFrame *f = &u->f;

	decide(u);
	for (int i = 0; i < u->nitems; i++)
	{
		UndoItem	   *it = &u->items[i];

		if (it->kind == 'f' && strcmp(it->object, "customer") == 0 && !it->skip)
			leads_merge_field_write(f, u->merge.survivor_id, field_number(it->field), it->before);
	}
	leads_merge_unbury(f, &u->merge);
	leads_merge_move_back(f, &u->merge);
	for (int i = 0; i < u->nstrays; i++)
		if (u->strays[i].here != u->strays[i].there)
			(void) leads_merge_give(f, u->strays[i].object, u->strays[i].row_id, u->strays[i].here, u->strays[i].there);
	give_away(u);
	leads_merge_part_leads(f, u->merge.id, u->decision_id);
	check_leads(u);
	leads_merge_activities(f, leads_merge_ids(u->ids, u->n));
	tell_apart(u);
	return_owners(u);
	check_homes(u);
	for (int i = 0; i < u->n; i++)
	{
		int64		twin = leads_guard_keys(f, u->ids[i]);

		if (twin != 0 && !in_family(u, twin))
			leads_guard_collided(f, u->ids[i], twin);
		leads_merge_event(f, "unmerged", u->ids[i], u->merge.id, u->decision_id);
	}
	/* whoever had a row that was fetched back is not found by it any more */
	for (int i = 0; i < u->nstrays; i++)
		if (u->strays[i].here != u->strays[i].there && !in_family(u, u->strays[i].here))
			(void) leads_guard_keys(f, u->strays[i].here);
	leads_merge_undone(f, u->merge.id, u->reason, u->decision_id);
}

/* locked, not undone, everybody where the merge left them; LD001 LD002 */
static void
hold(Undo *u, int64 merge_id)
{
	LeadsFrame *f = &u->f;
	LeadsMerge *m = &u->merge;
	int64		later;

	leads_lock_gate(f, true);
	leads_lock_rules(f, false);
	if (!leads_merge_read(f, merge_id, m))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID), errmsg("there is no merge " INT64_FORMAT, merge_id)));
	u->ids[0] = m->survivor_id;
	memcpy(u->ids + 1, m->losers, sizeof(int64) * m->n);
	u->n = m->n + 1;
	leads_merge_hold(f, u->ids, u->n, u->who);
	if (!leads_corridor_reaches_whole(f, m->survivor_id))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID), errmsg("there is no merge " INT64_FORMAT, merge_id)));
	if (m->undone_at != LEADS_NO_TIME)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE), errmsg("merge " INT64_FORMAT " is undone already", merge_id)));
	if (strcmp(u->who[0].status, "deleted") == 0)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("merge " INT64_FORMAT " cannot be undone", merge_id),
				 errdetail("Customer " INT64_FORMAT " was deleted.", u->ids[0])));
	for (int i = 0; i < u->n; i++)
		if (i == 0 ? strcmp(u->who[0].status, "live") != 0 : u->who[i].merged_into != m->survivor_id)
			ereport(ERROR,
					(errcode(LEADS_ERR_WRONG_STATE),
					 errmsg("merge " INT64_FORMAT " cannot be undone now", merge_id),
					 errdetail("Customer " INT64_FORMAT " was merged on.", u->ids[0]),
					 errhint("Undo merge " INT64_FORMAT " first.", leads_merge_of(f, u->ids[0]))));
	later = leads_merge_joined_on(f, merge_id);
	if (later != 0)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("merge " INT64_FORMAT " cannot be undone now", merge_id),
				 errdetail("A lead that it made one with another was joined with a third."),
				 errhint("Undo merge " INT64_FORMAT " first.", later)));
}

static void
put(ReturnSetInfo *rsi, const char *object, const char *field, const char *now, const char *then,
	const char *outcome, int64 decision_id)
{
	const char *texts[5] = {object, field, now, then, outcome};
	Datum		values[6];
	bool		nulls[6];

	for (int i = 0; i < 5; i++)
	{
		nulls[i] = texts[i] == NULL;
		values[i] = texts[i] ? CStringGetTextDatum(texts[i]) : (Datum) 0;
	}
	nulls[5] = decision_id == 0;
	values[5] = Int64GetDatum(decision_id);
	tuplestore_putvalues(rsi->setResult, rsi->setDesc, values, nulls);
}

PG_FUNCTION_INFO_V1(leads_unmerge);
Datum
leads_unmerge(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsi = (ReturnSetInfo *) fcinfo->resultinfo;
	Undo	   *u = palloc0(sizeof(Undo));
	LeadsFrame *f = &u->f;
	char	   *by_member = PG_ARGISNULL(4) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(4));
	bool		done = true;

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("merge_id is required")));
	InitMaterializedSRF(fcinfo, 0);
	u->resolution = PG_ARGISNULL(1) ? leads_merge_json("{}") : PG_GETARG_JSONB_P(1);
	u->give = PG_ARGISNULL(2) ? leads_merge_json("{}") : PG_GETARG_JSONB_P(2);
	u->reason = leads_arg_reason(fcinfo, 3, false);
	check_resolution(u->resolution);
	leads_enter(f, NULL, LEADS_PROFILE_BOSS | LEADS_PROFILE_APP);
	leads_actor_resolve(f, by_member, 0);
	leads_merge_require_boss(f);
	hold(u, PG_GETARG_INT64(0));
	read_items(u);
	find_edited(u);
	find_passed_on(u);
	find_strays(u);
	for (int i = 0; i < u->nconflicts; i++)
		done &= u->conflicts[i].resolution != OPEN;
	if (done)
		undo(u);
	for (int i = 0; i < u->n; i++)
		leads_customer_touch(f, u->ids[i]);
	leads_counters_flush(f);
	put(rsi, psprintf("merge/" INT64_FORMAT, u->merge.id), NULL, NULL, NULL, done ? "undone" : "conflicts",
		u->decision_id);
	for (int i = 0; i < u->nconflicts; i++)
	{
		Conflict   *c = &u->conflicts[i];

		put(rsi, c->object, c->field, c->now, c->then,
			c->resolution == OPEN ? "open" : c->resolution == KEEP ? "kept" : "restored", 0);
	}
	leads_leave(f);
	pfree(u);
	return (Datum) 0;
}
