/*
 * route.c - who gets a customer.
 *
 * Purpose: go through the sets in order: current owner, registrant, rules,
 * default ring, default pool; take the first candidate that may receive it.
 * Invariants: it always answers, the last resort is the default pool; whoever was
 * passed over stands in the evidence with the first reason; options are collected
 * without a lock up to the first that cannot turn out empty, then everything
 * they depend on is locked in the product's order, then the choice is made; several
 * customers are decided in one lock hold by the same steps, so that N at once are N
 * one after the other.
 * Called by: act/register, act/reroute, act/staff, act/backtest.
 */
#include "core/leads.h"

#include "act/route_steps.h"
#include "core/policy.h"
#include "decide/calendar.h"
#include "decide/protection.h"

LEADS_QUERY(q_customer, "l",
			"SELECT c.core, c.level, pg_catalog.to_jsonb(c.tags), c.extra,"
			"       (SELECT t.name FROM @.contact t WHERE t.customer_id = c.id ORDER BY t.id LIMIT 1),"
			"       (SELECT t.title FROM @.contact t WHERE t.customer_id = c.id ORDER BY t.id LIMIT 1)"
			"  FROM @.customer c WHERE c.id = $1");
LEADS_QUERY_STEADY(q_member_team, "l",
			"SELECT m.code, t.code FROM @.member m LEFT JOIN @.team t ON t.id = m.team_id WHERE m.id = $1");
LEADS_QUERY_STEADY(q_any_pool, "", "SELECT p.id FROM @.pool p ORDER BY p.id LIMIT 1");
LEADS_QUERY_STEADY(q_ring_there, "t", "SELECT r.id FROM @.ring r WHERE r.code = $1");
LEADS_QUERY_STEADY(q_team_there, "t", "SELECT t.id FROM @.team t WHERE t.code = $1");
/*
 * Who holds the customer in another scope, the whole customer first.  Aside: what a bulk gathered about a customer
 * that was there before was written when it was locked, and one that was just made has no holder.
 * $2: as of this instant, infinity = as it stands; so in the next one.
 */
LEADS_QUERY_ASIDE(q_sticky, "lzz",
			"SELECT o.member_id FROM @.ownership o WHERE o.customer_id = $1 AND o.member_id IS NOT NULL"
			"   AND o.since <= $2 AND (o.until IS NULL OR o.until > $2)"
			"   AND (o.next_due_at IS NULL OR o.next_due_at > $3) ORDER BY o.scope <> '', o.since, o.id LIMIT 1");
LEADS_QUERY_ASIDE(q_previous, "ltz",
			"SELECT o.member_id FROM @.ownership o WHERE o.customer_id = $1 AND o.scope = $2 AND o.member_id IS NOT NULL"
			"   AND o.until <= $3 ORDER BY o.until DESC, o.id DESC LIMIT 1");

/* what the company's calendar says of this instant */
static void
ask_hours(LeadsRouteWork *r, LeadsWanted *w)
{
	LeadsFrame *f = r->f;
	LeadsPolicy policy = leads_policy_at(f, "calendar", f->now);
	LeadsWorkCalendar c;
	int32_t		date;
	int64_t		time;

	w->minute = leads_candidate_minute(f->now, f->zone);
	leads_calendar_read(policy.body, f->zone, &c);
	w->open = leads_calendar_next(&c.work, f->now) == f->now;
	c.work.zone.to_local(c.work.zone.arg, f->now, &date, &time);
	w->holiday = false;
	for (int i = 0; i < c.work.ndays; i++)
		w->holiday |= c.work.days[i].date == date && c.work.days[i].like < 0;
}

static LeadsOption *
add_option(LeadsRouteWork *r, LeadsOptionKind kind, const LeadsRoutingRule *rule, LeadsSeats *group)
{
	LeadsOption *o = palloc0(sizeof(LeadsOption));

	o->kind = kind;
	o->rule = rule;
	o->group = group;
	o->want.now = r->f->now;
	o->want.exclude_id = r->req->exclude_id;
	o->want.rule_cap = -1;
	o->want.minute = -1;
	if ((group && group->hours) || (kind == OPTION_RULE && rule->hours))
		ask_hours(r, &o->want);
	r->options = lappend(r->options, o);
	return o;
}

/* one ring, team or member in several options is one group: it is read and locked once */
static LeadsSeats *
group_of(LeadsRouteWork *r, LeadsTargetKind kind, const char *code, int64 id)
{
	LeadsRouteShared *all = r->all;
	MemoryContext old;
	char	   *key = psprintf("%d:%s:" INT64_FORMAT, kind, code ? code : "", id);
	LeadsRouteGroup *made;
	LeadsSeats *g = NULL;
	ListCell   *lc;

	foreach(lc, all->groups)
	{
		LeadsRouteGroup *known = lfirst(lc);

		if (strcmp(known->key, key) == 0)
			return known->seats;
	}
	switch (kind)
	{
		case LEADS_TARGET_MEMBER:
		case LEADS_TARGET_OWNER:
		case LEADS_TARGET_PARTNER:
			g = leads_seats_member(r->f, code, id);
			break;
		case LEADS_TARGET_RING:
			g = leads_seats_ring(r->f, code);
			break;
		case LEADS_TARGET_TEAM:
			g = leads_seats_team(r->f, code);
			break;
		case LEADS_TARGET_ROLE:
			g = leads_seats_role(r->f, code);
			break;
		case LEADS_TARGET_POOL:
			break;
	}
	/* the default ring may have a rule of its own */
	foreach(lc, all->groups)
	{
		LeadsRouteGroup *known = lfirst(lc);

		if (g && g->ring_id != 0 && known->seats && known->seats->ring_id == g->ring_id)
			g = known->seats;
	}
	if (g && all->cxt && g->own_memory == NULL)
		g = leads_seats_copy(g, all->cxt);
	if (g && all->fresh)
		all->fresh(all, g);
	/* a statement leaves us in its own memory: what is kept longer is copied */
	old = MemoryContextSwitchTo(all->cxt ? all->cxt : CurrentMemoryContext);
	made = palloc(sizeof(LeadsRouteGroup));
	made->key = pstrdup(key);
	made->seats = g;
	all->groups = lappend(all->groups, made);
	MemoryContextSwitchTo(old);
	return g;
}

/* what is written at this very instant stands, unless we are in the past */
static TimestampTz
as_of(LeadsRouteWork *r)
{
	return r->all->replay ? r->f->now : DT_NOEND;
}

/* who holds it: the customer's owner in this scope, else in another */
static int64
sticky_owner(LeadsRouteWork *r)
{
	LeadsResult res;

	if (r->req->holder_id != 0)
		return r->req->holder_id;
	res = leads_run(&q_sticky, r->req->customer_id, as_of(r), r->f->now);
	return leads_found(res) ? leads_int(&res, 0, 1) : 0;
}

/* the member that holds what the registrant's partner registers */
static int64
partner_manager(LeadsRouteWork *r)
{
	LeadsPartner p;

	return leads_partner_of(r->f, r->req->sender_id, &p) ? p.manager_id : 0;
}

/* who held it last: the present owner if there is one */
static int64
previous_owner(LeadsRouteWork *r)
{
	LeadsResult res;

	if (r->req->holder_id != 0)
		return r->req->holder_id;
	res = leads_run(&q_previous, r->req->customer_id, r->req->scope ? r->req->scope : "", as_of(r));
	return leads_found(res) ? leads_int(&res, 0, 1) : 0;
}

static void
add_target(LeadsRouteWork *r, const LeadsRoutingRule *rule)
{
	LeadsSeats *g = NULL;
	LeadsPool	pool;
	LeadsOption *o;
	int64		owner = 0;

	if (rule->target == LEADS_TARGET_POOL)
	{
		if (!leads_pool_by_code(r->f, rule->target_code, &pool))
		{
			(void) add_option(r, OPTION_RULE_GONE, rule, NULL);
			return;
		}
		o = add_option(r, OPTION_RULE, rule, NULL);
		o->pool_id = pool.id;
		o->pool_code = pool.code;
		r->sure = true;
		return;
	}
	if (rule->target == LEADS_TARGET_OWNER)
		owner = sticky_owner(r);
	else if (rule->target == LEADS_TARGET_PARTNER)
		owner = partner_manager(r);
	else
		g = group_of(r, rule->target, rule->target_code, 0);
	if (owner != 0)
		g = group_of(r, LEADS_TARGET_MEMBER, NULL, owner);
	if (g == NULL)
	{
		(void) add_option(r, OPTION_RULE_GONE, rule, NULL);
		return;
	}
	o = add_option(r, OPTION_RULE, rule, g);
	o->want.skills = rule->skills;
	o->want.nskills = rule->nskills;
	o->want.rule_cap = rule->member_cap;
	o->want.keeps = rule->target == LEADS_TARGET_OWNER && owner == r->req->holder_id;
	if (rule->skip_previous && o->want.exclude_id == 0)
		o->want.exclude_id = previous_owner(r);
	g->rule_caps |= rule->member_cap >= 0;
	r->sure = leads_seats_sure(g, &o->want);
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
document(LeadsFrame *f, const LeadsRouteRequest *q)
{
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
	d.now = f->now;
	d.zone = f->zone;
	return leads_document_build(&d);
}

void
leads_route_facts(LeadsFrame *f, const LeadsRouteRequest *q, const LeadsRouting *rules, LeadsRoutingFacts *facts)
{
	facts->region = q->region ? q->region : q->city;
	facts->industry = q->industry;
	facts->line = q->line;
	facts->channel = q->channel;
	facts->amount = q->amount;
	facts->document = rules->has_when ? document(f, q) : NULL;
	leads_routing_facts(rules, facts);
}

/* an intake must not stop because of one bad condition: say so once and go on */
static void
log_error(LeadsRouteWork *r, LeadsRoutingRule *rule)
{
	if (rule->error_logged || r->all->replay)
		return;
	rule->error_logged = true;
	ereport(LOG,
			(errmsg("routing rule at position %d of company \"%s\" cannot be evaluated",
					rule->position, r->f->schema),
			 errdetail("Routing policy version %d, condition %s. The rule counts as not matching.",
					   r->all->version, rule->when_text)));
}

/* the rules that rule at this instant, once a call */
static LeadsRouting *
rules_of(LeadsRouteWork *r)
{
	LeadsRouteShared *all = r->all;

	if (!all->loaded)
	{
		char	   *identity;
		LeadsPolicy policy = leads_policy_identity(r->f, "routing", r->f->now, &identity);

		/* the document is read once a version and session: it may be large */
		all->version = policy.version;
		all->rules = identity ? leads_routing_known(identity) : NULL;
		if (identity && all->rules == NULL)
			all->rules = leads_routing_remember(identity, leads_policy_version(r->f, "routing", policy.version).body);
		all->loaded = true;
	}
	return all->rules;
}

static void
collect_rules(LeadsRouteWork *r, LeadsRouteResult *out)
{
	LeadsRouting *rules = rules_of(r);
	int			misses = 0;

	out->routing_version = r->all->version;
	if (rules == NULL)
		return;
	leads_route_facts(r->f, r->req, rules, &r->facts);
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
			log_error(r, rule);
		if (misses++ < LEADS_STEPS_MAX && r->e)
			add_option(r, OPTION_RULE_NOT, rule, NULL)->verdict = verdict;
	}
	if (misses > LEADS_STEPS_MAX && r->e)
		add_option(r, OPTION_RULES_MORE, NULL, NULL)->more = misses - LEADS_STEPS_MAX;
}

/* options in order, up to the first that cannot turn out empty */
static void
collect(LeadsRouteWork *r, LeadsRouteResult *out)
{
	LeadsSeats *g;
	LeadsOption *o;

	if (r->req->owner_id != 0 && (g = group_of(r, LEADS_TARGET_MEMBER, NULL, r->req->owner_id)) != NULL)
	{
		o = add_option(r, OPTION_OWNER, NULL, g);
		o->want.keeps = true;
		r->sure = leads_seats_sure(g, &o->want);
	}
	if (!r->sure && r->req->registrant_id != 0 &&
		(g = group_of(r, LEADS_TARGET_MEMBER, NULL, r->req->registrant_id)) != NULL)
	{
		o = add_option(r, OPTION_REGISTRANT, NULL, g);
		o->want.own_wish = true;
		r->sure = leads_seats_sure(g, &o->want);
	}
	if (!r->sure)
		collect_rules(r, out);
	if (!r->sure && (g = group_of(r, LEADS_TARGET_RING, NULL, 0)) != NULL)
	{
		o = add_option(r, OPTION_RING, NULL, g);
		r->sure = leads_seats_sure(g, &o->want);
	}
}

static void
lock_groups(LeadsFrame *f, LeadsRouteShared *all, bool lock)
{
	LeadsSeats **groups = palloc(sizeof(LeadsSeats *) * (list_length(all->groups) + 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, all->groups)
	{
		LeadsSeats *g = ((LeadsRouteGroup *) lfirst(lc))->seats;
		bool		there = g == NULL;

		for (int i = 0; i < n && !there; i++)
			there = groups[i] == g;
		if (!there)
			groups[n++] = g;
	}
	leads_seats_lock(f, groups, n, lock);
}

/* what the choice changes is known to the next customer of the call, in whatever group the member sits */
static void
account(LeadsRouteWork *r, const LeadsOption *o, int64 member_id, const char *cause, TimestampTz day)
{
	bool		by_rule = strcmp(cause, "routed") == 0;
	bool		counted = o->kind == OPTION_RULE && o->rule->member_cap >= 0;
	LeadsFrame *f = r->f;
	int64		weight;
	List	   *seen = NIL;
	ListCell   *lc;

	if (member_id == r->req->holder_id)
		return;
	foreach(lc, r->all->groups)
	{
		LeadsSeats *g = ((LeadsRouteGroup *) lfirst(lc))->seats;

		if (g == NULL || list_member_ptr(seen, g))
			continue;
		seen = lappend(seen, g);
		weight = g->by_leads && !r->all->replay ? leads_seats_load(r->req->customer_id, r->req->scope) : 1;
		for (int i = 0; i < g->n; i++)
		{
			LeadsSeat  *s = &g->seats[i];

			if (s->member_id == r->req->holder_id)
			{
				s->held--;
				s->load -= weight;
			}
			if (s->member_id != member_id)
				continue;
			s->held++;
			s->load += weight;
			s->given += by_rule;
			if (by_rule)
				s->last_assigned_at = f->now;
		}
	}
	if (r->all->gave)
		r->all->gave(r->all, member_id, counted ? o->rule->id : 0, by_rule, day);
	if (r->req->dry_run)
		return;
	leads_counter_receives(f, member_id);
	if (by_rule)
		leads_counter_assigned(f, member_id, f->now, day);
	if (counted)
		leads_rule_counter_add(o->rule->id, member_id, day);
}

/* how many the rule gave each of the group today */
static void
count_rule(LeadsRouteWork *r, const LeadsOption *o, TimestampTz day)
{
	if (o->want.rule_cap < 0)
		return;
	if (r->all->given)
		r->all->given(r->all, o->group, o->rule->id, day);
	else
		leads_seats_count_rule(r->f, o->group, o->rule->id, day);
}

/* true: the option decided */
static bool
take(LeadsRouteWork *r, const LeadsOption *o, LeadsRouteResult *out)
{
	TimestampTz day;
	LeadsSeat  *s;

	switch (o->kind)
	{
		case OPTION_RULE_NOT:
			leads_route_tell_miss(r, o);
			return false;
		case OPTION_RULES_MORE:
			leads_route_tell(r, "no", "route.rules_more", leads_route_int(o->more), NULL, NULL);
			return false;
		case OPTION_RULE_GONE:
			leads_route_tell(r, "skipped", "route.rule_gone", leads_route_int(o->rule->position), o->rule->assign_to, NULL);
			return false;
		case OPTION_RULE:
			leads_route_tell(r, "yes", "route.rule_fits", leads_route_int(o->rule->position), o->rule->assign_to, NULL);
			break;
		case OPTION_RING:
			leads_route_tell(r, "yes", "route.default_ring", o->group->name, NULL, NULL);
			break;
		default:
			break;
	}
	out->position = o->rule ? o->rule->position : 0;
	out->by_rule = o->rule != NULL;
	if (o->group == NULL)
	{
		out->pool_id = o->pool_id;
		out->cause = "pooled";
		leads_route_tell(r, "yes", "route.pool", psprintf("pool:%s", o->pool_code), NULL, NULL);
		return true;
	}
	day = leads_protection_day_start(r->f->now, r->f->zone);
	count_rule(r, o, day);
	leads_route_tell_skipped(r, o);
	s = leads_seats_pick(r->f, o->group, &o->want, !r->req->dry_run);
	if (s)
	{
		leads_route_tell_chosen(r, o, s);
		out->member_id = s->member_id;
		out->cause = o->kind == OPTION_RULE || o->kind == OPTION_RING ? "routed" : "registered";
		account(r, o, s->member_id, out->cause, day);
		return true;
	}
	if (o->kind == OPTION_RULE)
		leads_route_tell(r, "skipped", "route.rule_nobody", leads_route_int(o->rule->position), o->rule->assign_to, NULL);
	else if (o->kind == OPTION_RING)
		leads_route_tell(r, "skipped", "route.ring_nobody", o->group->name, NULL, NULL);
	out->by_rule = false;
	return false;
}

static void
take_default_pool(LeadsRouteWork *r, LeadsRouteResult *out)
{
	LeadsFrame *f = r->f;
	LeadsPool	pool;
	LeadsResult res;

	if (!leads_pool_default(f, &pool))
	{
		res = leads_run(&q_any_pool);
		if (!leads_found(res) || !leads_pool_by_id(f, leads_int(&res, 0, 1), &pool))
			ereport(ERROR,
					(errcode(LEADS_ERR_WRONG_STATE),
					 errmsg("company \"%s\" has no pool", f->schema),
					 errhint("Insert a row with is_default = true into %s.pool.", f->qschema)));
	}
	out->pool_id = pool.id;
	out->cause = "pooled";
	leads_route_tell(r, "yes", "route.default_pool", psprintf("pool:%s", pool.code), NULL, NULL);
}

static LeadsRouteWork *
prepare(LeadsFrame *f, LeadsRouteShared *all, const LeadsRouteRequest *req, LeadsEvidence *e, LeadsRouteResult *out)
{
	LeadsRouteWork *r = palloc0(sizeof(LeadsRouteWork));

	memset(out, 0, sizeof(*out));
	r->f = f;
	r->all = all;
	r->req = req;
	r->e = e;
	collect(r, out);
	return r;
}

static void
choose(LeadsRouteWork *r, LeadsRouteResult *out)
{
	ListCell   *lc;

	foreach(lc, r->options)
	{
		if (take(r, lfirst(lc), out))
			return;
	}
	take_default_pool(r, out);
}

void
leads_route_decide_all(LeadsFrame *f, int n, const LeadsRouteRequest *req, LeadsEvidence *e, LeadsRouteResult *out)
{
	LeadsRouteShared *all = palloc0(sizeof(LeadsRouteShared));
	LeadsRouteWork **work = palloc(sizeof(LeadsRouteWork *) * Max(n, 1));

	for (int i = 0; i < n; i++)
		work[i] = prepare(f, all, &req[i], &e[i], &out[i]);
	if (n > 0)
		lock_groups(f, all, !req[0].dry_run);
	for (int i = 0; i < n; i++)
		choose(work[i], &out[i]);
}

void
leads_route_decide(LeadsFrame *f, const LeadsRouteRequest *req, LeadsEvidence *e, LeadsRouteResult *out)
{
	leads_route_decide_all(f, 1, req, e, out);
}

void
leads_route_replay(LeadsFrame *f, LeadsRouteShared *all, const LeadsRouteRequest *req, LeadsRouteResult *out)
{
	all->stand(all);
	choose(prepare(f, all, req, NULL, out), out);
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
				/* who has a skill, or holds the customer, is known when it is routed */
			case LEADS_TARGET_ROLE:
			case LEADS_TARGET_OWNER:
			case LEADS_TARGET_PARTNER:
				there = true;
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
	leads_route_tell_init();
	leads_policy_set_validator("routing", validate);
}
