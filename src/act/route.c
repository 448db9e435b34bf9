/*
 * route.c - who gets a customer.
 *
 * Purpose: go through the sets in order: current owner, registrant, rules,
 * default ring, default pool; take the first candidate that may receive it.
 * Invariants: it always answers, the last resort is the default pool; whoever was
 * passed over stands in the evidence with the first reason; options are collected
 * without a lock up to the first that cannot turn out empty, then everything
 * they depend on is locked in the product's order, then the choice is made.
 * Called by: act/register, act/reroute, whoever gives away an ownerless customer.
 */
#include "core/leads.h"

#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "act/route.h"
#include "act/route_seats.h"
#include "core/policy.h"
#include "decide/routing.h"
#include "record/org.h"

/* steps of one kind in one decision; what is beyond is summed up */
#define STEPS_MAX 50

LEADS_QUERY(q_customer, "l",
			"SELECT c.core, c.level, pg_catalog.to_jsonb(c.tags), c.extra,"
			"       (SELECT t.name FROM @.contact t WHERE t.customer_id = c.id ORDER BY t.id LIMIT 1),"
			"       (SELECT t.title FROM @.contact t WHERE t.customer_id = c.id ORDER BY t.id LIMIT 1)"
			"  FROM @.customer c WHERE c.id = $1");
LEADS_QUERY(q_member_team, "l",
			"SELECT m.code, t.code FROM @.member m LEFT JOIN @.team t ON t.id = m.team_id WHERE m.id = $1");
LEADS_QUERY(q_any_pool, "", "SELECT p.id FROM @.pool p ORDER BY p.id LIMIT 1");
LEADS_QUERY(q_ring_there, "t", "SELECT r.id FROM @.ring r WHERE r.code = $1");
LEADS_QUERY(q_team_there, "t", "SELECT t.id FROM @.team t WHERE t.code = $1");

typedef enum
{
	OPTION_OWNER, OPTION_REGISTRANT, OPTION_RULE, OPTION_RULE_NOT, OPTION_RULE_GONE, OPTION_RULES_MORE, OPTION_RING
} OptionKind;

typedef struct Option
{
	OptionKind	kind;
	const LeadsRoutingRule *rule;
	LeadsRuleVerdict verdict;	/* OPTION_RULE_NOT */
	int			more;			/* OPTION_RULES_MORE */
	LeadsSeats *group;			/* NULL = the pool */
	int64		pool_id;
	const char *pool_code;
} Option;

typedef struct Route
{
	LeadsFrame *f;
	const LeadsRouteRequest *req;
	LeadsEvidence *e;
	LeadsRoutingFacts facts;
	List	   *options;
	bool		sure;			/* the last option cannot turn out empty */
} Route;

static const LeadsMessage texts[] = {
	{"route.owner", "{0} 已是归属人，保持不变", "{0} owns the customer and keeps it"},
	{"route.registrant", "报备人 {0} 成为归属人", "{0} registered it and becomes the owner"},
	{"route.rule_fits", "规则 {0} 命中，分配给 {1}", "rule {0} fits: {1}"},
	{"route.rule_territory", "规则 {0} 不适用：要求区域 {1}，客户地区为 {2}", "rule {0} does not fit: wants territory {1}, the region is {2}"},
	{"route.rule_region", "规则 {0} 不适用：要求地区 {1}，客户地区为 {2}", "rule {0} does not fit: wants region {1}, the region is {2}"},
	{"route.rule_industry", "规则 {0} 不适用：要求行业 {1}，客户行业为 {2}", "rule {0} does not fit: wants industry {1}, the industry is {2}"},
	{"route.rule_line", "规则 {0} 不适用：要求产品线 {1}，实际为 {2}", "rule {0} does not fit: wants line {1}, the line is {2}"},
	{"route.rule_channel", "规则 {0} 不适用：要求渠道 {1}，实际为 {2}", "rule {0} does not fit: wants channel {1}, the channel is {2}"},
	{"route.rule_amount", "规则 {0} 不适用：要求金额 {1}，实际为 {2}", "rule {0} does not fit: wants an amount of {1}, it is {2}"},
	{"route.rule_when", "规则 {0} 不适用：条件 {1} 不成立", "rule {0} does not fit: {1} does not hold"},
	{"route.rule_error", "规则 {0} 不适用：条件 {1} 无法计算", "rule {0} does not fit: {1} cannot be evaluated"},
	{"route.rule_gone", "规则 {0} 的分配对象 {1} 已不存在", "rule {0} is passed over: there is no {1} any more"},
	{"route.rule_nobody", "规则 {0} 的 {1} 当前无人可接收", "rule {0} is passed over: nobody in {1} can receive it now"},
	{"route.rules_more", "另有 {0} 条规则不适用", "{0} more rules do not fit"},
	{"route.default_ring", "没有规则分配，使用默认轮盘 {0}", "no rule gave it to anybody: default {0}"},
	{"route.ring_nobody", "{0} 当前无人可接收", "nobody in {0} can receive it now"},
	{"route.turn", "{0} 第 {1} 轮，轮到 {2}", "{0}, turn {1}: {2}"},
	{"route.least_loaded", "{0} 中 {1} 持有最少（{2} 个客户）", "in {0}, {1} holds fewest: {2} customers"},
	{"route.member", "分配给 {0}", "goes to {0}"},
	{"route.pool", "进入 {0}", "goes to {0}"},
	{"route.default_pool", "无人可接收，进入 {0}", "nobody can receive it: goes to {0}"},
	{"route.skip_inactive", "{0} 已停用", "{0} is not active"},
	{"route.skip_left", "{0} 已离职", "{0} has left"},
	{"route.skip_previous", "{0} 是上一任归属人", "{0} is the previous owner"},
	{"route.skip_full", "{0} 已持有 {1} 个客户，上限 {2}", "{0} holds {1} customers, the limit is {2}"},
	{"route.skips_more", "另有 {0} 人不能接收", "{0} more cannot receive it"},
};

static const char *
number_text(Datum numeric)
{
	return numeric == (Datum) 0 ? NULL : DatumGetCString(DirectFunctionCall1(numeric_out, numeric));
}

static const char *
int_text(int64 n)
{
	return psprintf(INT64_FORMAT, n);
}

static Option *
add_option(Route *r, OptionKind kind, const LeadsRoutingRule *rule, LeadsSeats *group)
{
	Option	   *o = palloc0(sizeof(Option));

	o->kind = kind;
	o->rule = rule;
	o->group = group;
	r->options = lappend(r->options, o);
	return o;
}

/* one ring in two options is one group: it is locked and read once */
static LeadsSeats *
share_group(Route *r, LeadsSeats *g)
{
	ListCell   *lc;

	foreach(lc, r->options)
	{
		Option	   *o = lfirst(lc);

		if (g && g->ring_id != 0 && o->group && o->group->ring_id == g->ring_id)
			return o->group;
	}
	return g;
}

static void
add_group(Route *r, OptionKind kind, const LeadsRoutingRule *rule, LeadsSeats *g)
{
	g = share_group(r, g);
	(void) add_option(r, kind, rule, g);
	r->sure = leads_seats_sure(g, r->req->exclude_id, r->f->now);
}

static void
add_target(Route *r, const LeadsRoutingRule *rule)
{
	LeadsSeats *g = NULL;
	LeadsPool	pool;
	Option	   *o;

	switch (rule->target)
	{
		case LEADS_TARGET_MEMBER:
			g = leads_seats_member(r->f, rule->target_code, 0);
			break;
		case LEADS_TARGET_RING:
			g = leads_seats_ring(r->f, rule->target_code);
			break;
		case LEADS_TARGET_TEAM:
			g = leads_seats_team(r->f, rule->target_code);
			break;
		case LEADS_TARGET_POOL:
			if (!leads_pool_by_code(r->f, rule->target_code, &pool))
				break;
			o = add_option(r, OPTION_RULE, rule, NULL);
			o->pool_id = pool.id;
			o->pool_code = pool.code;
			r->sure = true;
			return;
	}
	if (g)
		add_group(r, OPTION_RULE, rule, g);
	else
		(void) add_option(r, OPTION_RULE_GONE, rule, NULL);
}

static const char *
team_of(int64 member_id, const char **code)
{
	LeadsResult res;

	*code = NULL;
	if (member_id == 0)
		return NULL;
	res = leads_run(&q_member_team, member_id);
	if (!leads_found(res))
		return NULL;
	*code = leads_text(&res, 0, 1);
	return leads_text(&res, 0, 2);
}

static Jsonb *
document(Route *r)
{
	const LeadsRouteRequest *q = r->req;
	LeadsResult res = leads_run(&q_customer, q->customer_id);
	LeadsDocument d;

	memset(&d, 0, sizeof(d));
	d.name = q->customer_name;
	d.kind = q->customer_kind;
	d.core = q->core;
	d.region = q->region;
	d.city = q->city;
	d.industry = q->industry;
	if (leads_found(res))
	{
		if (d.core == NULL)
			d.core = leads_text(&res, 0, 1);
		d.level = leads_text(&res, 0, 2);
		d.tags = leads_jsonb(&res, 0, 3);
		d.customer_extra = leads_jsonb(&res, 0, 4);
		d.contact_name = leads_text(&res, 0, 5);
		d.contact_title = leads_text(&res, 0, 6);
	}
	d.channel = q->channel;
	d.line = q->line;
	d.project = q->project;
	d.amount = q->amount;
	d.created_at = LEADS_NO_TIME;
	d.lead_extra = q->extra;
	d.owner_team = team_of(q->owner_id, &d.owner_code);
	d.registrant_team = team_of(q->registrant_id, &d.registrant_code);
	d.now = r->f->now;
	d.zone = r->f->zone;
	return leads_document_build(&d);
}

/* an intake must not stop because of one bad condition: say so once and go on */
static void
log_error(Route *r, LeadsRoutingRule *rule, int32 version)
{
	if (rule->error_logged)
		return;
	rule->error_logged = true;
	ereport(LOG,
			(errmsg("routing rule at position %d of company \"%s\" cannot be evaluated",
					rule->position, r->f->schema),
			 errdetail("Routing policy version %d, condition %s. The rule counts as not matching.",
					   version, rule->when_text)));
}

static void
collect_rules(Route *r, LeadsRouteResult *out)
{
	LeadsPolicy policy = leads_policy_at(r->f, "routing", r->f->now);
	LeadsRouting *rules;
	int			misses = 0;

	out->routing_version = policy.version;
	if (policy.body == NULL)
		return;
	rules = leads_routing_compile(policy.body);
	r->facts.region = r->req->region ? r->req->region : r->req->city;
	r->facts.industry = r->req->industry;
	r->facts.line = r->req->line;
	r->facts.channel = r->req->channel;
	r->facts.amount = r->req->amount;
	r->facts.document = rules->has_when ? document(r) : NULL;
	leads_routing_facts(&r->facts);
	for (int i = 0; i < rules->n && !r->sure; i++)
	{
		LeadsRoutingRule *rule = &rules->rules[i];
		LeadsRuleVerdict verdict = leads_routing_match(rule, &r->facts);

		if (verdict == LEADS_RULE_FITS)
		{
			add_target(r, rule);
			continue;
		}
		if (verdict == LEADS_RULE_ERROR)
			log_error(r, rule, policy.version);
		if (misses++ < STEPS_MAX)
			add_option(r, OPTION_RULE_NOT, rule, NULL)->verdict = verdict;
	}
	if (misses > STEPS_MAX)
		add_option(r, OPTION_RULES_MORE, NULL, NULL)->more = misses - STEPS_MAX;
}

/* options in order, up to the first that cannot turn out empty */
static void
collect(Route *r, LeadsRouteResult *out)
{
	LeadsSeats *g;

	if (r->req->owner_id != 0 && (g = leads_seats_member(r->f, NULL, r->req->owner_id)) != NULL)
	{
		/* it holds the customer already: no cap is asked */
		g->seats[0].cap = -1;
		add_group(r, OPTION_OWNER, NULL, g);
	}
	if (!r->sure && r->req->registrant_id != 0 &&
		(g = leads_seats_member(r->f, NULL, r->req->registrant_id)) != NULL)
		add_group(r, OPTION_REGISTRANT, NULL, g);
	if (!r->sure)
		collect_rules(r, out);
	if (!r->sure && (g = leads_seats_ring(r->f, NULL)) != NULL)
		add_group(r, OPTION_RING, NULL, g);
}

static void
lock_options(Route *r)
{
	LeadsSeats **groups = palloc(sizeof(LeadsSeats *) * (list_length(r->options) + 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, r->options)
	{
		Option	   *o = lfirst(lc);
		bool		shared = o->group == NULL;

		for (int i = 0; i < n && !shared; i++)
			shared = groups[i] == o->group;
		if (!shared)
			groups[n++] = o->group;
	}
	leads_seats_lock(r->f, groups, n, r->req->exclude_id, !r->req->dry_run);
}

static void
tell(Route *r, const char *verdict, const char *code, const char *a0, const char *a1, const char *a2)
{
	leads_evidence_add(r->e, "route", verdict, code, a2 ? 3 : a1 ? 2 : a0 ? 1 : 0, a0, a1, a2);
}

static const char *
amount_wanted(const LeadsRoutingRule *rule)
{
	const char *lo = number_text(rule->min_amount);
	const char *hi = number_text(rule->max_amount);

	return psprintf("%s..%s", lo ? lo : "", hi ? hi : "");
}

static void
tell_miss(Route *r, const Option *o)
{
	const LeadsRoutingRule *rule = o->rule;
	const LeadsRoutingFacts *facts = &r->facts;
	const char *position = int_text(rule->position);

#define MISS(code, want, actual) \
	leads_evidence_add(r->e, "route", "no", code, 3, position, want, actual)
	switch (o->verdict)
	{
		case LEADS_RULE_TERRITORY:
			MISS("route.rule_territory", rule->territory_code, facts->region);
			break;
		case LEADS_RULE_REGION:
			MISS("route.rule_region", rule->region, facts->region);
			break;
		case LEADS_RULE_INDUSTRY:
			MISS("route.rule_industry", rule->industry, facts->industry);
			break;
		case LEADS_RULE_LINE:
			MISS("route.rule_line", rule->line,
				 facts->line && facts->line[0] ? facts->line : NULL);
			break;
		case LEADS_RULE_CHANNEL:
			MISS("route.rule_channel", rule->channel, facts->channel);
			break;
		case LEADS_RULE_AMOUNT:
			MISS("route.rule_amount", amount_wanted(rule), number_text(facts->amount));
			break;
		case LEADS_RULE_WHEN:
			tell(r, "no", "route.rule_when", position, rule->when_text, NULL);
			break;
		case LEADS_RULE_ERROR:
			tell(r, "error", "route.rule_error", position, rule->when_text, NULL);
			break;
		case LEADS_RULE_FITS:
			break;
	}
#undef MISS
}

/* everybody in the group who cannot have it, each with the first reason */
static void
tell_skipped(Route *r, const LeadsSeats *g)
{
	int			n = 0;

	for (int i = 0; i < g->n; i++)
	{
		const LeadsSeat *s = &g->seats[i];
		const char *code = leads_seat_absent(s, r->req->exclude_id, r->f->now);

		if (code == NULL && !leads_seat_full(s))
			continue;
		if (n++ >= STEPS_MAX)
			continue;
		if (code)
			tell(r, "skipped", code, s->code, NULL, NULL);
		else
			tell(r, "skipped", "route.skip_full", s->code, int_text(s->held), int_text(s->cap));
	}
	if (n > STEPS_MAX)
		tell(r, "skipped", "route.skips_more", int_text(n - STEPS_MAX), NULL, NULL);
}

static void
tell_chosen(Route *r, const Option *o, const LeadsSeat *s)
{
	if (o->kind == OPTION_OWNER)
		tell(r, "yes", "route.owner", s->code, NULL, NULL);
	else if (o->kind == OPTION_REGISTRANT)
		tell(r, "yes", "route.registrant", s->code, NULL, NULL);
	else if (o->group->ring_id != 0 && !o->group->least_loaded)
		tell(r, "yes", "route.turn", o->group->name, int_text(o->group->turn_no), s->code);
	else if (o->group->n > 1)
		tell(r, "yes", "route.least_loaded", o->group->name, s->code, int_text(s->held));
	else if (o->group->n == 1 && o->group->ring_id == 0 && o->rule && o->rule->target == LEADS_TARGET_MEMBER)
		return;					/* the rule named it already */
	else
		tell(r, "yes", "route.member", s->code, NULL, NULL);
}

/* true: the option decided */
static bool
take(Route *r, const Option *o, LeadsRouteResult *out)
{
	LeadsSeat  *s;

	switch (o->kind)
	{
		case OPTION_RULE_NOT:
			tell_miss(r, o);
			return false;
		case OPTION_RULES_MORE:
			tell(r, "no", "route.rules_more", int_text(o->more), NULL, NULL);
			return false;
		case OPTION_RULE_GONE:
			tell(r, "skipped", "route.rule_gone", int_text(o->rule->position), o->rule->assign_to, NULL);
			return false;
		case OPTION_RULE:
			tell(r, "yes", "route.rule_fits", int_text(o->rule->position), o->rule->assign_to, NULL);
			break;
		case OPTION_RING:
			tell(r, "yes", "route.default_ring", o->group->name, NULL, NULL);
			break;
		default:
			break;
	}
	if (o->group == NULL)
	{
		out->pool_id = o->pool_id;
		out->cause = "pooled";
		tell(r, "yes", "route.pool", psprintf("pool:%s", o->pool_code), NULL, NULL);
		return true;
	}
	s = leads_seats_pick(r->f, o->group, r->req->exclude_id, !r->req->dry_run);
	tell_skipped(r, o->group);
	if (s)
	{
		tell_chosen(r, o, s);
		out->member_id = s->member_id;
		out->cause = o->kind == OPTION_RULE || o->kind == OPTION_RING ? "routed" : "registered";
		if (!r->req->dry_run && strcmp(out->cause, "routed") == 0)
			leads_counter_assigned(r->f, s->member_id, r->f->now);
		return true;
	}
	if (o->kind == OPTION_RULE)
		tell(r, "skipped", "route.rule_nobody", int_text(o->rule->position), o->rule->assign_to, NULL);
	else if (o->kind == OPTION_RING)
		tell(r, "skipped", "route.ring_nobody", o->group->name, NULL, NULL);
	return false;
}

static void
take_default_pool(Route *r, LeadsRouteResult *out)
{
	LeadsPool	pool;
	LeadsResult res;

	if (!leads_pool_default(r->f, &pool))
	{
		res = leads_run(&q_any_pool);
		if (!leads_found(res) || !leads_pool_by_id(r->f, leads_int(&res, 0, 1), &pool))
			ereport(ERROR,
					(errcode(LEADS_ERR_WRONG_STATE),
					 errmsg("company \"%s\" has no pool", r->f->schema),
					 errhint("Insert a row with is_default = true into %s.pool.", r->f->qschema)));
	}
	out->pool_id = pool.id;
	out->cause = "pooled";
	tell(r, "yes", "route.default_pool", psprintf("pool:%s", pool.code), NULL, NULL);
}

void
leads_route_decide(LeadsFrame *f, const LeadsRouteRequest *req, LeadsEvidence *e, LeadsRouteResult *out)
{
	Route	   *r = palloc0(sizeof(Route));
	ListCell   *lc;

	memset(out, 0, sizeof(*out));
	r->f = f;
	r->req = req;
	r->e = e;
	collect(r, out);
	lock_options(r);
	foreach(lc, r->options)
	{
		if (take(r, lfirst(lc), out))
			return;
	}
	take_default_pool(r, out);
}

/* what the judge cannot know: do the targets and channels exist? */
static void
check_existence(Jsonb *body)
{
	LeadsFrame *f = leads_frame_current();
	LeadsRouting *rules = leads_routing_compile(body);

	for (int i = 0; i < rules->n; i++)
	{
		const LeadsRoutingRule *rule = &rules->rules[i];
		LeadsMember m;
		LeadsPool	p;
		LeadsChannel c;
		LeadsResult res;
		bool		there = false;

		switch (rule->target)
		{
			case LEADS_TARGET_MEMBER:
				there = leads_member_by_code(f, rule->target_code, &m);
				break;
			case LEADS_TARGET_RING:
				res = leads_run(&q_ring_there, rule->target_code);
				there = leads_found(res);
				break;
			case LEADS_TARGET_TEAM:
				res = leads_run(&q_team_there, rule->target_code);
				there = leads_found(res);
				break;
			case LEADS_TARGET_POOL:
				there = leads_pool_by_code(f, rule->target_code, &p);
				break;
		}
		if (!there)
			leads_routing_fault(body, rule->position, "assign_to",
								psprintf("there is no %s", rule->assign_to));
		if (rule->channel && !leads_channel_by_code(f, rule->channel, &c))
			leads_routing_fault(body, rule->position, "channel",
								psprintf("there is no channel \"%s\"", rule->channel));
	}
}

static void
validate(Jsonb *body)
{
	leads_routing_validate(body);
	check_existence(body);
}

void
leads_route_init(void)
{
	leads_message_catalog(texts, lengthof(texts));
	leads_policy_set_validator("routing", validate);
}
