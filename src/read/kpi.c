/*
 * kpi.c - leads.kpi(): a figure by its name, with the rule that made it.
 *
 * Purpose: arguments, rows, the formula in words.
 * Invariants: every row says by which rule it was counted, whose it is and how many it rests
 * on; a figure that is not cut has one row, even of nothing; rates are percentages.
 * Called by: users.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "core/args.h"
#include "read/kpi.h"

static const LeadsMessage messages[] = {
	{"kpi.leads", "期内新建的线索数", "leads that began in the period"},
	{"kpi.new_leads", "期内新建的线索，按首任归属人；从公海认领的不算新增", "leads that began in the period, by first owner; a claim from a pool is not new"},
	{"kpi.conversion", "成交客户数 ÷ 期内新建线索数 × 100（按建立批次；同一客户只计一次）", "won customers / leads that began in the period x 100; a customer counts once"},
	{"kpi.conversion_period", "期内成交线索数 ÷ 期内新建线索数 × 100（非同批）", "leads won in the period / leads that began in it x 100; not the same leads"},
	{"kpi.opportunity_rate", "转为商机的线索数 ÷ 期内新建线索数 × 100（退回则取消）", "leads that became opportunities / leads that began in the period x 100; a move back undoes it"},
	{"kpi.invalid_leads", "判为无效的线索数 ÷ 期内新建线索数（含无效）× 100", "leads found to be none / leads that began in the period, these included x 100"},
	{"kpi.stage_conversion", "到达下一阶段的线索数 ÷ 到达本阶段的线索数 × 100（按建立批次，跳过的阶段算已到达）", "leads that reached the next stage / leads that reached this one x 100, of those that began in the period; skipped stages count as reached"},
	{"kpi.first_response", "从线索建立到成员首次联系的工作小时中位数（未联系的按截尾计入）", "median working hours from the beginning of a lead to the first contact by a member; those without one count as longer"},
	{"kpi.first_response_p90", "从线索建立到成员首次联系的工作小时 90 分位（未联系的按截尾计入）", "working hours within which nine of ten leads were contacted; those without contact count as longer"},
	{"kpi.open_leads", "期内新建、现在未关闭的线索数", "leads that began in the period and are open now"},
	{"kpi.open_amount", "期内新建、现在未关闭线索的预计金额之和", "expected amounts of the leads that began in the period and are open now"},
	{"kpi.load_gini", "在职成员未关闭线索数的基尼系数（0 为完全平均）", "Gini coefficient of open leads over active members: 0 = all have the same"},
	{"kpi.won", "期内成交的线索数（按最近一次关闭）", "leads won in the period, by their last closing"},
	{"kpi.lost", "期内流失的线索数（按最近一次关闭）", "leads lost in the period, by their last closing"},
	{"kpi.win_rate", "成交 ÷（成交 + 流失）× 100，期内关闭；未关闭的不计", "won / (won + lost) x 100 of those closed in the period; open ones stay out"},
	{"kpi.win_rate_amount", "成交金额 ÷（成交 + 流失金额）× 100，期内关闭", "won amount / (won + lost amount) x 100 of those closed in the period"},
	{"kpi.won_amount", "期内成交金额之和", "amounts won in the period"},
	{"kpi.won_customers", "期内成交的客户数（同一客户只计一次）", "customers won in the period, each once"},
	{"kpi.avg_deal", "成交金额之和 ÷ 成交客户数，期内关闭", "won amount / won customers, closed in the period"},
	{"kpi.avg_deal_size", "成交金额之和 ÷ 成交线索数，期内关闭", "won amount / won leads, closed in the period"},
	{"kpi.cycle_mean", "从线索建立到成交的平均天数，期内成交", "mean days from the beginning of a lead to its win, won in the period"},
	{"kpi.cycle_median", "从线索建立到成交天数的中位数，期内成交", "median days from the beginning of a lead to its win, won in the period"},
	{"kpi.cycle_p90", "从线索建立到成交天数的 90 分位，期内成交", "days within which nine of ten wins of the period were made"},
	{"kpi.cycle_attempt", "从重新打开（未曾关闭则从建立）到成交天数的中位数，期内成交", "median days from the last reopening, else the beginning, to the win, won in the period"},
	{"kpi.cycle_owned", "从线索建立到成交、扣除公海时间的天数中位数，期内成交", "median days from the beginning of a lead to its win without the time in pools, won in the period"},
	{"kpi.followups", "期内有效跟进次数，按跟进人与发生时间", "effective follow-ups of the period, by author and when they happened"},
	{"kpi.followups_raw", "期内全部跟进次数（含无效）", "all follow-ups of the period, those that do not count included"},
	{"kpi.calls", "期内记录的电话次数", "calls logged in the period"},
	{"kpi.call_connect_rate", "接通的电话 ÷ 已知通话时长的电话 × 100，期内（每次拨打都计）", "calls that were connected / calls of known duration x 100 in the period; each try counts"},
	{"kpi.talk_time", "期内通话满 60 秒的电话的通话秒数之和", "seconds of the calls of the period that lasted a minute or more"},
	{"kpi.claimed", "期内从公海认领的客户数", "customers claimed from pools in the period"},
	{"kpi.pool_in", "期内进入公海的客户数（公海之间移动不计）", "customers that came into a pool in the period; from pool to pool is no entry"},
	{"kpi.pool_out", "期内离开公海的客户数", "customers that left the pools in the period"},
	{"kpi.claim_rate", "被认领 ÷ 期内进入公海 × 100", "claimed / entered in the period x 100"},
	{"kpi.pool_dwell", "期内离开公海者在公海停留小时的中位数", "median hours spent in pools by those that left in the period"},
	{"kpi.recycle_rate", "离开过公海又回来的 ÷ 期内进入公海 × 100", "those that had left a pool before / entered in the period x 100"},
	{"kpi.churn", "期内由归属人手中进入公海的客户数，按原归属人", "customers that went into a pool out of a member's hands in the period, by that member"},
	{"kpi.registrations", "期内提交的报备数", "registrations submitted in the period"},
	{"kpi.duplicate_rate", "遇到已有客户的报备 ÷ 报备数 × 100（含排队者）", "registrations that met a customer already there / registrations x 100, contenders included"},
	{"kpi.invalid_rate", "因无效被拒的报备 ÷ 报备数 × 100", "registrations rejected as invalid / registrations x 100"},
	{"kpi.contention_rate", "因他人权利被拦或排队的报备 ÷ 报备数 × 100（自己的不计）", "registrations blocked or queued by another's claim / registrations x 100; one's own stay out"},
	{"kpi.approval_rate", "批准 ÷（批准 + 驳回）× 100，期内提交", "approved / (approved + rejected) x 100, submitted in the period"},
	{"kpi.approval_hours", "从提交到批准或驳回的小时中位数，期内提交", "median hours from submission to approval or rejection, submitted in the period"},
	{"kpi.protected_won", "保护期内成交 ÷ 获得保护的报备 × 100，期内提交", "won within the protection / registrations that gave one x 100, submitted in the period"},
	{"kpi.expired_unused", "保护已失效且未在其中成交的报备数，期内提交", "registrations whose protection ended without a win in it, submitted in the period"},
	{"kpi.channel_cost", "期内渠道费用（按天分摊）", "costs of channels in the period, spread over their days"},
	{"kpi.channel_roi", "（成交金额 × 毛利率 − 渠道费用）÷ 渠道费用 × 100，期内成交与费用，首触渠道", "(won amount x margin - cost) / cost x 100, won and spent in the period, by first channel"},
	{"kpi.channel_roi_last", "（成交金额 × 毛利率 − 渠道费用）÷ 渠道费用 × 100，期内成交与费用，末触渠道", "(won amount x margin - cost) / cost x 100, won and spent in the period, by last channel"},
	{"kpi.channel_roi_linear", "（成交金额 × 毛利率 − 渠道费用）÷ 渠道费用 × 100，期内成交与费用，各次触达均分", "(won amount x margin - cost) / cost x 100, won and spent in the period, each touch an equal part"},
	{"kpi.cac", "（渠道费用 + 销售费用）÷ 期内首次成交的客户数", "(costs of channels + other costs of sales) / customers won for the first time in the period"},
	{"kpi.ltv", "期内首次成交客户迄今成交金额 × 毛利率之和 ÷ 客户数（v1，按批次累计）", "won amount x margin to date of the customers won for the first time in the period / these customers (v1, cohort cumulative)"},
	{"kpi.output_per_head", "期内成交金额 ÷ 平均在职成员数（成员天数 ÷ 天数）", "won amount / average members: member days / days"},
};

void
leads_kpi_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

/* a margin is a share; -1 = none said */
static int
read_margin(FunctionCallInfo fcinfo, int n)
{
	LeadsMoney	m;
	Datum		d;

	if (PG_ARGISNULL(n))
		return -1;
	d = PG_GETARG_DATUM(n);
	/* compared as it was written: NaN is more than 1, and so many digits do not go into a sum of money */
	if (DatumGetBool(DirectFunctionCall2(numeric_lt, d, NumericGetDatum(int64_to_numeric(0)))) ||
		DatumGetBool(DirectFunctionCall2(numeric_gt, d, NumericGetDatum(int64_to_numeric(1)))))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a margin is a share from 0 to 1")));
	m = leads_money_read(d);
	return (int) ((m + LEADS_MONEY_UNIT / LEADS_MONEY_MARGIN / 2) / (LEADS_MONEY_UNIT / LEADS_MONEY_MARGIN));
}

#define COLUMNS 10

PG_FUNCTION_INFO_V1(leads_kpi);
Datum
leads_kpi(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	LeadsFrame	f;
	LeadsKpiTable *t = palloc0(sizeof(LeadsKpiTable));
	int			kpi = leads_kpi_find(leads_arg_text(fcinfo, 0));
	char	   *attribution = leads_arg_text(fcinfo, 4);
	char	   *schema = leads_arg_text(fcinfo, 7);
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	leads_facts_period(fcinfo, 1, 2, &t->ask);
	leads_cut_read(&t->cut, PG_ARGISNULL(3) ? NULL : PG_GETARG_ARRAYTYPE_P(3));
	t->credit = attribution ? (int) leads_credit_read(attribution) : -1;
	t->margin = read_margin(fcinfo, 5);
	leads_facts_include(fcinfo, 6, 8, &t->ask);
	t->n = 1;
	t->which = &kpi;
	leads_kpi_check(t, kpi);
	if (schema == NULL)
		schema = leads_schema_guc;
	leads_reader_sight(schema, &t->ask.all, &t->ask.members);
	leads_enter_reader(&f, schema, LEADS_FACT_READERS);
	leads_kpi_count(&f, t);
	foreach(lc, t->cut.list)
	{
		const LeadsCutSegment *s = lfirst(lc);
		LeadsKpiValue v;
		Datum		values[COLUMNS];
		bool		nulls[COLUMNS] = {false};

		leads_kpi_value(t, s, 0, &v);
		values[0] = CStringGetTextDatum(leads_kpi_name(kpi));
		values[1] = leads_cut_array(s, t->cut.n);
		values[2] = v.value;
		nulls[2] = !v.known;
		values[3] = CStringGetTextDatum(leads_kpi_unit(kpi));
		values[4] = Int64GetDatum(v.n);
		values[5] = v.numerator;
		values[6] = v.denominator;
		nulls[5] = nulls[6] = !v.has_parts;
		values[7] = CStringGetTextDatum(leads_kpi_mode(kpi));
		values[8] = CStringGetTextDatum(leads_credit_name(leads_kpi_credit(t, kpi)));
		values[9] = CStringGetTextDatum(leads_message0(f.lang, psprintf("kpi.%s", leads_kpi_name(kpi))));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	leads_leave(&f);
	return (Datum) 0;
}
