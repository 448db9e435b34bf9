/*
 * backtest.c - leads.backtest(): what would have happened under other routing rules.
 *
 * Purpose: take each decision of a period that went through the rules, in order, and
 * decide it again by another version, with the judges and steps of the real thing;
 * tell who would have got what, how much each would have got, and what differs.
 * Invariants: nothing is written and nothing is locked; rings begin empty; what
 * members hold is what they held at each instant, with the replayed decisions in the
 * place of what was decided: one ends when the real interval ended; people, seats, caps
 * and skills are those of today, absences and ends of rights those of the instant;
 * the same history and version give the same answer.
 * Called by: administrators.
 */
#include "core/leads.h"

#include "miscadmin.h"

#include "utils/hsearch.h"
#include "utils/numeric.h"
#include "utils/tuplestore.h"

#include "act/history.h"
#include "act/route_steps.h"
#include "core/actor.h"
#include "core/policy.h"
#include "decide/protection.h"

#define COLUMNS 9

/* what has lapsed has ended, written down or not */
LEADS_QUERY(q_intervals, "zzz",
			"SELECT o.member_id, o.since, x.until, o.decision_id FROM @.ownership o, LATERAL"
			"  (SELECT CASE WHEN o.until IS NULL AND o.next_due_at <= $3 THEN o.next_due_at ELSE o.until END AS until) x"
			" WHERE o.member_id IS NOT NULL AND o.since < $2 AND (x.until IS NULL OR x.until > $1)");
LEADS_QUERY(q_absences, "zz",
			"SELECT a.member_id, a.since, a.until, a.kind FROM @.absence a"
			" WHERE a.since < $2 AND (a.until IS NULL OR a.until > $1) ORDER BY a.member_id, a.since");

/* what a member holds and was given in the replay */
typedef struct Account
{
	int64		member_id;		/* key */
	int32		held;
	int32		given;
	TimestampTz day;
	TimestampTz assigned_at;
	int64		did;			/* of the replayed decisions: as it happened … */
	int64		would;			/* … and in the replay */
} Account;

typedef struct RuleKey
{
	int64		rule_id;
	int64		member_id;
} RuleKey;

typedef struct RuleAccount
{
	RuleKey		key;
	TimestampTz day;
	int32		given;
} RuleAccount;

/* one more or one less in somebody's hands */
typedef struct Change
{
	TimestampTz at;
	int64		member_id;
	int			delta;
} Change;

typedef struct Absence
{
	int64		member_id;
	TimestampTz since;
	TimestampTz until;
	char	   *kind;
} Absence;

typedef struct Replay
{
	LeadsFrame	f;
	LeadsRouteShared all;
	HTAB	   *accounts;
	HTAB	   *rule_accounts;
	LeadsHistory h;
	Change	   *changes;		/* of what is not replayed, by instant */
	int64		nchanges;
	int64		next;
	Change	   *ends;			/* of what is: a heap, the earliest first */
	int64		nends;
	Absence    *absences;
	int			nabsences;
} Replay;

static Account *
account_of(Replay *r, int64 member_id)
{
	bool		found;
	Account    *a = hash_search(r->accounts, &member_id, HASH_ENTER, &found);

	if (!found)
	{
		memset((char *) a + sizeof(int64), 0, sizeof(Account) - sizeof(int64));
		a->day = a->assigned_at = LEADS_NO_TIME;
	}
	return a;
}

static void
make_tables(Replay *r)
{
	HASHCTL		ctl;

	memset(&ctl, 0, sizeof(ctl));
	ctl.keysize = sizeof(int64);
	ctl.entrysize = sizeof(Account);
	ctl.hcxt = CurrentMemoryContext;
	r->accounts = hash_create("backtest accounts", 256, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	ctl.keysize = sizeof(RuleKey);
	ctl.entrysize = sizeof(RuleAccount);
	r->rule_accounts = hash_create("backtest rules", 256, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static void
gave(LeadsRouteShared *all, int64 member_id, int64 rule_id, bool by_rule, TimestampTz day)
{
	Replay	   *r = all->replayer;
	Account    *a = account_of(r, member_id);
	RuleKey		key = {rule_id, member_id};
	RuleAccount *c;
	bool		found;

	if (by_rule)
	{
		a->given = a->day == day ? a->given + 1 : 1;
		a->day = day;
		a->assigned_at = r->f.now;
	}
	if (rule_id == 0)
		return;
	c = hash_search(r->rule_accounts, &key, HASH_ENTER, &found);
	c->given = found && c->day == day ? c->given + 1 : 1;
	c->day = day;
}

static void
given(LeadsRouteShared *all, LeadsSeats *g, int64 rule_id, TimestampTz day)
{
	Replay	   *r = all->replayer;

	for (int i = 0; i < g->n; i++)
	{
		RuleKey		key = {rule_id, g->seats[i].member_id};
		RuleAccount *c = hash_search(r->rule_accounts, &key, HASH_FIND, NULL);

		g->seats[i].rule_given = c && c->day == day ? c->given : 0;
	}
}

static int
by_instant(const void *a, const void *b)
{
	const Change *x = a;
	const Change *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	/* what ends at an instant ends before what begins */
	return x->delta - y->delta;
}

static int
by_id(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return x < y ? -1 : x > y;
}

/* what members hold by other ways than the decisions that are replayed */
static void
load_changes(Replay *r, TimestampTz since, TimestampTz until, TimestampTz now)
{
	LeadsResult res = leads_run(&q_intervals, since, until, now);
	int64	   *replayed = palloc(sizeof(int64) * Max(r->h.n, 1));

	for (int i = 0; i < r->h.n; i++)
		replayed[i] = r->h.items[i].decision_id;
	qsort(replayed, r->h.n, sizeof(int64), by_id);
	r->changes = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(Change) * Max(res.n * 2, 1));
	r->nchanges = 0;
	for (uint64 i = 0; i < res.n; i++)
	{
		int64		decision = leads_int(&res, i, 4);
		int64		member = leads_int(&res, i, 1);
		TimestampTz end = leads_time(&res, i, 3);

		if (bsearch(&decision, replayed, r->h.n, sizeof(int64), by_id))
			continue;
		r->changes[r->nchanges++] = (Change) {leads_time(&res, i, 2), member, 1};
		if (end != LEADS_NO_TIME)
			r->changes[r->nchanges++] = (Change) {end, member, -1};
	}
	qsort(r->changes, r->nchanges, sizeof(Change), by_instant);
	SPI_freetuptable(res.table);
	r->ends = palloc(sizeof(Change) * Max(r->h.n, 1));
}

static void
load_absences(Replay *r, TimestampTz since, TimestampTz until)
{
	LeadsResult res = leads_run(&q_absences, since, until);

	r->nabsences = (int) res.n;
	r->absences = palloc0(sizeof(Absence) * Max(r->nabsences, 1));
	for (int i = 0; i < r->nabsences; i++)
		r->absences[i] = (Absence) {leads_int(&res, i, 1), leads_time(&res, i, 2), leads_time(&res, i, 3), leads_text(&res, i, 4)};
}

static void
push_end(Replay *r, TimestampTz at, int64 member_id)
{
	int64		i = r->nends++;

	/* a heap: the parent is never later */
	for (; i > 0 && r->ends[(i - 1) / 2].at > at; i = (i - 1) / 2)
		r->ends[i] = r->ends[(i - 1) / 2];
	r->ends[i] = (Change) {at, member_id, -1};
}

static void
pop_end(Replay *r)
{
	Change		last = r->ends[--r->nends];
	int64		i = 0;

	for (;;)
	{
		int64		child = 2 * i + 1;

		if (child >= r->nends)
			break;
		if (child + 1 < r->nends && r->ends[child + 1].at < r->ends[child].at)
			child++;
		if (r->ends[child].at >= last.at)
			break;
		r->ends[i] = r->ends[child];
		i = child;
	}
	r->ends[i] = last;
}

/* the world up to this instant: what others did, what ended */
static void
advance_to(Replay *r, TimestampTz at)
{
	for (; r->next < r->nchanges && r->changes[r->next].at <= at; r->next++)
		account_of(r, r->changes[r->next].member_id)->held += r->changes[r->next].delta;
	while (r->nends > 0 && r->ends[0].at <= at)
	{
		account_of(r, r->ends[0].member_id)->held--;
		pop_end(r);
	}
}

static void
seat_at(Replay *r, LeadsSeat *s, TimestampTz at, TimestampTz day)
{
	Account    *a = account_of(r, s->member_id);

	s->held = a->held;
	s->load = a->held;
	s->given = a->day == day ? a->given : 0;
	s->last_assigned_at = a->assigned_at;
	s->leave = NULL;
	for (int i = 0; i < r->nabsences; i++)
		if (r->absences[i].member_id == s->member_id && r->absences[i].since <= at &&
			(r->absences[i].until == LEADS_NO_TIME || r->absences[i].until > at))
			s->leave = r->absences[i].kind;
}

/* a ring that nobody used yet */
static void
fresh(LeadsRouteShared *all, LeadsSeats *g)
{
	Replay	   *r = all->replayer;

	g->virtual_time = g->turn_no = 0;
	for (int i = 0; i < g->n; i++)
	{
		LeadsSeat  *s = &g->seats[i];

		s->pass = s->last_turn = 0;
		s->seated = false;
		seat_at(r, s, r->f.now, leads_protection_day_start(r->f.now, r->f.zone));
	}
}

/* candidates as they stand at this instant */
static void
stand(LeadsRouteShared *all)
{
	Replay	   *r = all->replayer;
	TimestampTz day = leads_protection_day_start(r->f.now, r->f.zone);
	ListCell   *lc;

	foreach(lc, all->groups)
	{
		LeadsSeats *g = ((LeadsRouteGroup *) lfirst(lc))->seats;

		for (int i = 0; g && i < g->n; i++)
			seat_at(r, &g->seats[i], r->f.now, day);
	}
}

static Datum
text_or_null(const char *s, bool *isnull)
{
	*isnull = s == NULL;
	return s ? CStringGetTextDatum(s) : (Datum) 0;
}

static const char *
holder(Replay *r, int64 member_id, int64 pool_id)
{
	LeadsMember m;
	LeadsPool	p;

	if (leads_member_by_id(&r->f, member_id, &m))
		return psprintf("member:%s", m.code);
	return leads_pool_by_id(&r->f, pool_id, &p) ? psprintf("pool:%s", p.code) : NULL;
}

static void
put_row(ReturnSetInfo *rsi, const char *item, const char *did, const char *would, int64 n_did, int64 n_would,
		const LeadsHistoryItem *h, const LeadsRouteResult *to)
{
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {false};

	values[0] = CStringGetTextDatum(item);
	values[1] = text_or_null(did, &nulls[1]);
	values[2] = text_or_null(would, &nulls[2]);
	values[3] = Int64GetDatum(n_did);
	values[4] = Int64GetDatum(n_would);
	nulls[3] = nulls[4] = h != NULL;
	nulls[5] = nulls[6] = nulls[7] = h == NULL;
	values[5] = Int64GetDatum(h ? h->decision_id : 0);
	values[6] = Int64GetDatum(h ? h->req.customer_id : 0);
	values[7] = TimestampTzGetDatum(h ? h->at : 0);
	nulls[8] = to == NULL || !to->by_rule;
	values[8] = Int32GetDatum(to ? to->position : 0);
	tuplestore_putvalues(rsi->setResult, rsi->setDesc, values, nulls);
}

static void
replay(Replay *r, ReturnSetInfo *rsi)
{
	int64		differ = 0;

	for (int i = 0; i < r->h.n; i++)
	{
		LeadsHistoryItem *h = &r->h.items[i];
		LeadsRouteResult to;
		const char *did;
		const char *would;

		CHECK_FOR_INTERRUPTS();
		/* what one decision reads goes with it */
		if (SPI_connect() != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed");
		r->f.now = h->at;
		advance_to(r, h->at);
		leads_route_replay(&r->f, &r->all, &h->req, &to);
		if (to.member_id != 0)
			account_of(r, to.member_id)->would++;
		if (to.member_id != 0 && to.member_id != h->req.holder_id)
		{
			account_of(r, to.member_id)->held++;
			if (h->until != LEADS_NO_TIME)
				push_end(r, h->until, to.member_id);
		}
		if (h->member_id != 0)
			account_of(r, h->member_id)->did++;
		did = holder(r, h->member_id, h->pool_id);
		would = holder(r, to.member_id, to.pool_id);
		if (did == NULL || would == NULL || strcmp(did, would) != 0)
			differ++;
		put_row(rsi, "decision", did, would, 0, 0, h, &to);
		SPI_finish();
	}
	put_row(rsi, "total", NULL, NULL, r->h.n, differ, NULL, NULL);
}

static int
by_member(const void *a, const void *b)
{
	int64		x = (*(Account *const *) a)->member_id;
	int64		y = (*(Account *const *) b)->member_id;

	return x < y ? -1 : x > y;
}

static void
put_loads(Replay *r, ReturnSetInfo *rsi)
{
	HASH_SEQ_STATUS seq;
	Account    *a;
	int			n = 0;
	Account   **all = palloc(sizeof(Account *) * Max(hash_get_num_entries(r->accounts), 1));

	hash_seq_init(&seq, r->accounts);
	while ((a = hash_seq_search(&seq)) != NULL)
		if (a->did != 0 || a->would != 0)
			all[n++] = a;
	qsort(all, n, sizeof(Account *), by_member);
	for (int i = 0; i < n; i++)
	{
		const char *who = holder(r, all[i]->member_id, 0);

		put_row(rsi, "load", who, who, all[i]->did, all[i]->would, NULL, NULL);
	}
}

PG_FUNCTION_INFO_V1(leads_backtest);
Datum
leads_backtest(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsi = (ReturnSetInfo *) fcinfo->resultinfo;
	Replay	   *r = palloc0(sizeof(Replay));
	LeadsFrame *f = &r->f;
	TimestampTz since;
	TimestampTz until;

	InitMaterializedSRF(fcinfo, 0);
	leads_enter_reader(f, NULL, LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN);
	(void) leads_actor_lookup(f);
	f->now = leads_now_internal();
	leads_history_rules(f, fcinfo, &r->all);
	until = PG_ARGISNULL(4) ? f->now : PG_GETARG_TIMESTAMPTZ(4);
	since = PG_ARGISNULL(3) ? leads_protection_days_after(until, -30, f->zone) : PG_GETARG_TIMESTAMPTZ(3);
	if (TIMESTAMP_NOT_FINITE(since) || TIMESTAMP_NOT_FINITE(until) || since >= until)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a period ends after it begins")));
	make_tables(r);
	r->all.replay = true;
	r->all.replayer = r;
	r->all.cxt = CurrentMemoryContext;
	r->all.fresh = fresh;
	r->all.gave = gave;
	r->all.given = given;
	r->all.stand = stand;
	leads_history_load(f, since, until, true, &r->h);
	load_changes(r, since, until, f->now);
	load_absences(r, since, until);
	replay(r, rsi);
	put_loads(r, rsi);
	leads_leave(f);
	return (Datum) 0;
}
