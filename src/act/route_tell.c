/*
 * route_tell.c - a routing in words: the evidence of each step.
 *
 * Purpose: codes and arguments of what was tried, who was passed over and why, who
 * got it; the texts of these codes.
 * Invariants: each candidate passed over stands with the first check that failed; at
 * most 50 steps of one kind, the rest is summed up.
 * Called by: act/route.
 */
#include "core/leads.h"

#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "act/route_steps.h"

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
	{"route.least_loaded", "{0} 中 {1} 负荷最轻（持有 {2} 个客户）", "in {0}, {1} is least loaded: {2} customers"},
	{"route.member", "分配给 {0}", "goes to {0}"},
	{"route.pool", "进入 {0}", "goes to {0}"},
	{"route.default_pool", "无人可接收，进入 {0}", "nobody can receive it: goes to {0}"},
	{"route.skip_inactive", "{0} 已停用", "{0} is not active"},
	{"route.skip_left", "{0} 已离职", "{0} has left"},
	{"route.skip_previous", "{0} 是上一任归属人", "{0} is the previous owner"},
	{"route.skip_full", "{0} 已持有 {1} 个客户，上限 {2}", "{0} holds {1} customers, the limit is {2}"},
	{"route.skip_leave", "{0} 请假中（{1}），至 {2}", "{0} is away ({1}) until {2}"},
	{"route.skip_hours", "{0} 不在工作时间（{1}）", "{0} is not at work now ({1})"},
	{"route.skip_skill", "{0} 不具备技能 {1}", "{0} does not have the skill {1}"},
	{"route.skip_day", "{0} 今日已分得 {1} 个，每日上限 {2}", "{0} was given {1} today, the daily limit is {2}"},
	{"route.skip_rule", "{0} 今日经本规则已分得 {1} 个，上限 {2}", "{0} was given {1} by this rule today, the limit is {2}"},
	{"route.more_inactive", "另有 {0} 人已停用：{1}", "{0} more are not active: {1}"},
	{"route.more_left", "另有 {0} 人已离职：{1}", "{0} more have left: {1}"},
	{"route.more_leave", "另有 {0} 人请假中：{1}", "{0} more are away: {1}"},
	{"route.more_hours", "另有 {0} 人不在工作时间：{1}", "{0} more are not at work now: {1}"},
	{"route.more_skill", "另有 {0} 人缺少所需技能：{1}", "{0} more lack a skill: {1}"},
	{"route.more_previous", "另有 {0} 人是上一任归属人：{1}", "{0} more are the previous owner: {1}"},
	{"route.more_full", "另有 {0} 人达到持有上限：{1}", "{0} more are at their holder cap: {1}"},
	{"route.more_day", "另有 {0} 人达到每日上限：{1}", "{0} more are at their daily cap: {1}"},
	{"route.more_rule", "另有 {0} 人达到规则上限：{1}", "{0} more are at the cap of the rule: {1}"},
};

static const char *
number_text(Datum numeric)
{
	return numeric == (Datum) 0 ? NULL : DatumGetCString(DirectFunctionCall1(numeric_out, numeric));
}

const char *
leads_route_int(int64 n)
{
	return psprintf(INT64_FORMAT, n);
}

void
leads_route_tell(LeadsRouteWork *r, const char *verdict, const char *code, const char *a0, const char *a1, const char *a2)
{
	if (r->e == NULL)
		return;
	leads_evidence_add(r->e, "route", verdict, code, a2 ? 3 : a1 ? 2 : a0 ? 1 : 0, a0, a1, a2);
}

static const char *
amount_wanted(const LeadsRoutingRule *rule)
{
	const char *lo = number_text(rule->min_amount);
	const char *hi = number_text(rule->max_amount);

	return psprintf("%s..%s", lo ? lo : "", hi ? hi : "");
}

void
leads_route_tell_miss(LeadsRouteWork *r, const LeadsOption *o)
{
	const LeadsRoutingRule *rule = o->rule;
	const LeadsRoutingFacts *facts = &r->facts;
	const char *position;

	if (r->e == NULL)
		return;
	position = leads_route_int(rule->position);
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
			leads_route_tell(r, "no", "route.rule_when", position, rule->when_text, NULL);
			break;
		case LEADS_RULE_ERROR:
			leads_route_tell(r, "error", "route.rule_error", position, rule->when_text, NULL);
			break;
		case LEADS_RULE_FITS:
			break;
	}
#undef MISS
}

static void
tell_skip(LeadsRouteWork *r, const LeadsOption *o, const LeadsSeat *s, LeadsSeatVerdict v)
{
	const char *until = s->leave_until == LEADS_NO_TIME ? "…" : leads_message_time(r->f->zone, s->leave_until);

	switch (v)
	{
		case LEADS_SEAT_FITS:
			break;
		case LEADS_SEAT_INACTIVE:
			leads_route_tell(r, "skipped", "route.skip_inactive", s->code, NULL, NULL);
			break;
		case LEADS_SEAT_LEFT:
			leads_route_tell(r, "skipped", "route.skip_left", s->code, NULL, NULL);
			break;
		case LEADS_SEAT_LEAVE:
			leads_route_tell(r, "skipped", "route.skip_leave", s->code, s->leave, until);
			break;
		case LEADS_SEAT_HOURS:
			leads_route_tell(r, "skipped", "route.skip_hours", s->code, s->hours ? s->hours : "calendar", NULL);
			break;
		case LEADS_SEAT_SKILL:
			leads_route_tell(r, "skipped", "route.skip_skill", s->code, leads_candidate_lacks(s, &o->want), NULL);
			break;
		case LEADS_SEAT_PREVIOUS:
			leads_route_tell(r, "skipped", "route.skip_previous", s->code, NULL, NULL);
			break;
		case LEADS_SEAT_FULL:
			leads_route_tell(r, "skipped", "route.skip_full", s->code, leads_route_int(s->held), leads_route_int(s->cap));
			break;
		case LEADS_SEAT_DAY_FULL:
			leads_route_tell(r, "skipped", "route.skip_day", s->code, leads_route_int(s->given),
							 leads_route_int(s->daily_cap));
			break;
		case LEADS_SEAT_RULE_FULL:
			leads_route_tell(r, "skipped", "route.skip_rule", s->code, leads_route_int(s->rule_given),
							 leads_route_int(o->want.rule_cap));
			break;
	}
}

/* those beyond the first ones, by reason: who they are, and no more */
static void
tell_more(LeadsRouteWork *r, const LeadsOption *o, int from)
{
	static const struct
	{
		LeadsSeatVerdict verdict;
		const char *code;
	}			more[] = {
		{LEADS_SEAT_INACTIVE, "route.more_inactive"}, {LEADS_SEAT_LEFT, "route.more_left"},
		{LEADS_SEAT_LEAVE, "route.more_leave"}, {LEADS_SEAT_HOURS, "route.more_hours"},
		{LEADS_SEAT_SKILL, "route.more_skill"}, {LEADS_SEAT_PREVIOUS, "route.more_previous"},
		{LEADS_SEAT_FULL, "route.more_full"}, {LEADS_SEAT_DAY_FULL, "route.more_day"},
		{LEADS_SEAT_RULE_FULL, "route.more_rule"},
	};

	for (int k = 0; k < lengthof(more); k++)
	{
		StringInfoData codes;
		int			n = 0;

		initStringInfo(&codes);
		for (int i = from; i < o->group->n; i++)
			if (leads_candidate_judge(&o->group->seats[i], &o->want) == more[k].verdict)
				appendStringInfo(&codes, "%s%s", n++ > 0 ? " " : "", o->group->seats[i].code);
		if (n > 0)
			leads_route_tell(r, "skipped", more[k].code, leads_route_int(n), codes.data, NULL);
	}
}

/* everybody in the group who cannot have it, each with the first reason */
void
leads_route_tell_skipped(LeadsRouteWork *r, const LeadsOption *o)
{
	int			n = 0;

	if (r->e == NULL)
		return;
	for (int i = 0; i < o->group->n; i++)
	{
		const LeadsSeat *s = &o->group->seats[i];
		LeadsSeatVerdict v = leads_candidate_judge(s, &o->want);

		if (v == LEADS_SEAT_FITS)
			continue;
		if (n++ == LEADS_STEPS_MAX)
		{
			tell_more(r, o, i);
			return;
		}
		tell_skip(r, o, s, v);
	}
}

void
leads_route_tell_chosen(LeadsRouteWork *r, const LeadsOption *o, const LeadsSeat *s)
{
	if (o->kind == OPTION_OWNER)
		leads_route_tell(r, "yes", "route.owner", s->code, NULL, NULL);
	else if (o->kind == OPTION_REGISTRANT)
		leads_route_tell(r, "yes", "route.registrant", s->code, NULL, NULL);
	else if (o->group->ring_id != 0 && !o->group->least_loaded)
		leads_route_tell(r, "yes", "route.turn", o->group->name, leads_route_int(o->group->turn_no), s->code);
	else if (o->group->n > 1 || o->group->ring_id != 0)
		leads_route_tell(r, "yes", "route.least_loaded", o->group->name, s->code, leads_route_int(s->held));
	else if (o->group->n == 1 && o->group->ring_id == 0 && o->rule && o->rule->target == LEADS_TARGET_MEMBER)
		return;					/* the rule named it already */
	else
		leads_route_tell(r, "yes", "route.member", s->code, NULL, NULL);
}

void
leads_route_tell_init(void)
{
	leads_message_catalog(texts, lengthof(texts));
}
