/*
 * coverage.c - leads.coverage(): what the rules do not reach, and which rules do nothing.
 *
 * Purpose: of a version of the routing rules list the combinations of attributes
 * seen in history that no rule fits, rules that an earlier one stands before, rules
 * that contradict themselves, rules that nothing ever fitted, and predicates that
 * cannot be evaluated.
 * Invariants: reads only; every registration that made a lead is asked, with the
 * judge that routes; combinations stand without names of customers, one decision
 * stands for each.
 * Called by: administrators.
 */
#include "core/leads.h"

#include "miscadmin.h"

#include "lib/stringinfo.h"
#include "utils/tuplestore.h"

#include "act/coverage.h"
#include "act/history.h"
#include "core/actor.h"

#define COLUMNS 9
#define SINCE_EVER MIN_TIMESTAMP

typedef struct Combination
{
	char	   *key;			/* its attributes, one after the other */
	int			first;			/* item of the history */
	int64		n;
} Combination;

typedef struct Tally
{
	int64		fits;
	int64		errors;
	int64		example;		/* decision with an error */
} Tally;

static const LeadsMessage messages[] = {
	{"coverage.uncovered", "没有规则适用，进入默认轮盘或公海", "no rule fits: default ring or pool"},
	{"coverage.shadowed", "规则 {0} 总是先适用，本规则不会生效", "rule {0} always comes first: this one never applies"},
	{"coverage.behind", "规则 {0} 总是先适用，仅当 {1} 无人可接收时本规则生效",
	"rule {0} always comes first: this one applies only if nobody in {1} can receive it"},
	{"coverage.impossible", "地区与区域互不相交，本规则不会生效", "its region and its territory have nothing in common: it never applies"},
	{"coverage.error", "条件 {0} 无法计算", "{0} cannot be evaluated"},
	{"coverage.never", "历史中没有客户符合", "nothing in history fitted"},
};

void
leads_coverage_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

static Datum
text_or_null(const char *s, bool *isnull)
{
	*isnull = s == NULL || s[0] == '\0';
	return *isnull ? (Datum) 0 : CStringGetTextDatum(s);
}

static void
put_row(ReturnSetInfo *rsi, const char *item, const LeadsRoutingRule *rule, const LeadsRouteRequest *q, int64 n,
		int64 decision_id, const char *detail)
{
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {false};

	values[0] = CStringGetTextDatum(item);
	nulls[1] = rule == NULL;
	values[1] = Int32GetDatum(rule ? rule->position : 0);
	values[2] = text_or_null(q ? (q->region ? q->region : q->city) : NULL, &nulls[2]);
	values[3] = text_or_null(q ? q->industry : NULL, &nulls[3]);
	values[4] = text_or_null(q ? q->line : NULL, &nulls[4]);
	values[5] = text_or_null(q ? q->channel : NULL, &nulls[5]);
	nulls[6] = n < 0;
	values[6] = Int64GetDatum(n);
	nulls[7] = decision_id == 0;
	values[7] = Int64GetDatum(decision_id);
	values[8] = text_or_null(detail, &nulls[8]);
	tuplestore_putvalues(rsi->setResult, rsi->setDesc, values, nulls);
}

static char *
key_of(const LeadsRouteRequest *q)
{
	const char *parts[] = {q->region ? q->region : q->city, q->industry, q->line, q->channel};
	StringInfoData key;

	initStringInfo(&key);
	for (int i = 0; i < lengthof(parts); i++)
		appendStringInfo(&key, "%s\n", parts[i] ? parts[i] : "");
	return key.data;
}

static int
by_key(const void *a, const void *b)
{
	const Combination *x = a;
	const Combination *y = b;
	int			c = strcmp(x->key, y->key);

	return c != 0 ? c : x->first < y->first ? -1 : x->first > y->first;
}

static int
by_count(const void *a, const void *b)
{
	const Combination *x = a;
	const Combination *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return strcmp(x->key, y->key);
}

/* the first rule that fits, and each predicate that errs before it */
static bool
ask(LeadsFrame *f, LeadsRouteShared *all, const LeadsHistoryItem *t, Tally *tally)
{
	LeadsRoutingFacts *facts;

	if (all->rules == NULL)
		return false;
	facts = palloc0(sizeof(LeadsRoutingFacts));
	f->now = t->at;
	leads_route_facts(f, &t->req, all->rules, facts);
	for (int i = 0; i < all->rules->n; i++)
	{
		LeadsRuleVerdict v = leads_routing_match(&all->rules->rules[i], facts);

		if (v == LEADS_RULE_ERROR && tally[i].errors++ == 0)
			tally[i].example = t->decision_id;
		if (v != LEADS_RULE_FITS)
			continue;
		tally[i].fits++;
		return true;
	}
	return false;
}

static void
put_uncovered(ReturnSetInfo *rsi, const char *lang, LeadsHistory *h, Combination *c, int n)
{
	int			groups = 0;

	qsort(c, n, sizeof(Combination), by_key);
	for (int i = 0; i < n; i++)
		if (groups > 0 && strcmp(c[groups - 1].key, c[i].key) == 0)
			c[groups - 1].n++;
		else
			c[groups++] = c[i];
	qsort(c, groups, sizeof(Combination), by_count);
	for (int i = 0; i < groups; i++)
		put_row(rsi, "uncovered", NULL, &h->items[c[i].first].req, c[i].n, h->items[c[i].first].decision_id,
				leads_message0(lang, "coverage.uncovered"));
}

static void
put_rules(ReturnSetInfo *rsi, const char *lang, const LeadsRouting *rules, const Tally *tally)
{
	for (int i = 0; rules && i < rules->n; i++)
	{
		const LeadsRoutingRule *rule = &rules->rules[i];
		bool		told = false;

		if (leads_routing_impossible(rule))
		{
			put_row(rsi, "impossible", rule, NULL, -1, 0, leads_message0(lang, "coverage.impossible"));
			told = true;
		}
		for (int k = 0; k < i && !told; k++)
			if (leads_routing_covers(&rules->rules[k], rule))
			{
				const LeadsRoutingRule *first = &rules->rules[k];
				char	   *position = psprintf("%d", first->position);

				/* a pool takes everything; anybody else may be full or away */
				put_row(rsi, "shadowed", rule, NULL, -1, 0, first->target == LEADS_TARGET_POOL ?
						leads_message1(lang, "coverage.shadowed", position) :
						leads_message2(lang, "coverage.behind", position, first->assign_to));
				told = true;
			}
		if (tally[i].errors > 0)
			put_row(rsi, "error", rule, NULL, tally[i].errors, tally[i].example,
					leads_message1(lang, "coverage.error", rule->when_text));
		if (!told && tally[i].fits == 0)
			put_row(rsi, "never", rule, NULL, 0, 0, leads_message0(lang, "coverage.never"));
	}
}

PG_FUNCTION_INFO_V1(leads_coverage);
Datum
leads_coverage(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsi = (ReturnSetInfo *) fcinfo->resultinfo;
	LeadsFrame	f;
	LeadsRouteShared *all = palloc0(sizeof(LeadsRouteShared));
	LeadsHistory h;
	Tally	   *tally;
	Combination *c;
	int			n = 0;

	InitMaterializedSRF(fcinfo, 0);
	leads_enter_reader(&f, NULL, LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN);
	(void) leads_actor_lookup(&f);
	f.now = leads_now_internal();
	leads_history_rules(&f, fcinfo, all);
	leads_history_load(&f, SINCE_EVER, f.now + 1, false, &h);
	tally = palloc0(sizeof(Tally) * Max(all->rules ? all->rules->n : 0, 1));
	c = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(Combination) * Max(h.n, 1));
	for (int i = 0; i < h.n; i++)
	{
		bool		covered;

		CHECK_FOR_INTERRUPTS();
		/* what one customer reads goes with it */
		if (SPI_connect() != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed");
		covered = ask(&f, all, &h.items[i], tally);
		SPI_finish();
		if (!covered)
			c[n++] = (Combination) {key_of(&h.items[i].req), i, 1};
	}
	put_uncovered(rsi, f.lang, &h, c, n);
	put_rules(rsi, f.lang, all->rules, tally);
	leads_leave(&f);
	return (Datum) 0;
}
