/*
 * register_text.c - what register() says, in Chinese and English.
 *
 * Purpose: words for outcomes, reasons and steps of the evidence; their arguments stand
 * beside them and are filled in act/register.c, answer_message(), and by the steps.
 * Invariants: every code has both languages; none names a phone or a mail address.
 * Called by: _PG_init.
 */
#include "core/leads.h"

#include "act/register.h"
#include "decide/match.h"

static const LeadsMessage texts[] = {
	/* {0} name, {1} owner, {2} protected until */
	{"register.created", "登记成功：归属 {1}，保护期至 {2}", "registered; owner {1}, protected until {2}"},
	{"register.created_scope", "登记成功（已有客户的新业务范围）：归属 {1}，保护期至 {2}", "registered for a known customer in a new scope; owner {1}, protected until {2}"},
	{"register.created_from_pool", "公海客户来询，已分配：归属 {1}，保护期至 {2}", "a customer of the pool has come back; owner {1}, protected until {2}"},
	{"register.returning", "老客户回流：归属 {1}，保护期至 {2}", "a former customer has come back; owner {1}, protected until {2}"},
	/* {0} name, {1} pool */
	{"register.pooled", "登记成功：进入“{1}”", "registered; in pool {1}"},
	/* {0} name met, {1} owner, {2} protected until, {3} why it is the same */
	{"register.attached_own", "这是您的客户“{0}”，已记入其线索（{3}）", "this is your own customer \"{0}\"; noted on its lead ({3})"},
	{"register.attached_inbound", "已有客户“{0}”来询，已通知归属人 {1}（{3}）", "inquiry of a known customer \"{0}\"; owner {1} is told ({3})"},
	{"register.blocked", "撞单：与“{0}”重复（{3}）；归属 {1}，保护期至 {2}", "refused: duplicate of \"{0}\" ({3}); owner {1}, protected until {2}"},
	{"register.queued_possible", "疑似撞单：与“{0}”相似（{3}），待人工判定；归属 {1}", "possible duplicate of \"{0}\" ({3}); a person has to judge; owner {1}"},
	{"register.queued_pool", "与公海客户“{0}”重复（{3}），您无权认领该公海，待人工判定", "duplicate of \"{0}\" ({3}) in a pool that is closed to you; a person has to judge"},
	{"register.queued_closed", "“{0}”近期已成交或流失（{3}），待人工判定", "\"{0}\" was won or lost lately ({3}); a person has to judge"},
	{"register.blocked_outside", "撞单：与“{0}”重复（{3}）", "refused: duplicate of \"{0}\" ({3})"},
	{"register.blocked_until", "撞单：与“{0}”重复（{3}）；归属 {1}", "refused: duplicate of \"{0}\" ({3}); owner {1}"},
	{"register.queued_outside", "疑似撞单：与“{0}”相似（{3}），待人工判定", "possible duplicate of \"{0}\" ({3}); a person has to judge"},
	/* {4} place in the queue */
	{"register.pending", "已提交报备，等待审批", "submitted; it waits for approval"},
	{"register.queued_contender", "“{0}”已有报备待审批（{3}），您排在第 {4} 位", "a registration of \"{0}\" waits for approval ({3}); you are number {4} behind it"},
	{"register.blocked_pending", "撞单：“{0}”已有报备待审批（{3}）", "refused: a registration of \"{0}\" waits for approval ({3})"},
	{"register.attached_pending", "您对“{0}”的报备正在等待审批（{3}）", "your registration of \"{0}\" waits for approval ({3})"},
	{"register.attached_waiting", "客户“{0}”来询，其报备正在审批，批准后转给归属人（{3}）", "inquiry of \"{0}\", whose registration waits for approval; it goes to whoever gets it ({3})"},
	{"LD042", "“{0}”是您的客户，保护期至 {2} 尚未届满：请申请延期，无须重新报备", "\"{0}\" is yours and protected until {2}: extend it instead of registering it again"},
	{"register.withheld", "撞单：已有相同或相似的客户；今日查重次数已用完，不显示是谁", "refused: an equal or similar customer is there; your duplicate checks of today are used up, so it is not shown"},
	{"register.withheld.why", "今日查重次数已用完：对方不显示", "the duplicate checks of the day are used up: the one met is not shown"},
	{"register.offered", "公海中已有“{0}”（{3}），可认领", "\"{0}\" is in the pool ({3}); you may claim it"},
	/* why the judge of actions said so */
	{"register.created.why", "没有与之冲突的客户：新建", "nothing stands against it: a new customer"},
	{"register.created_scope.why", "已有客户，此业务范围尚无归属：新建线索", "a known customer that nobody owns in this scope: a new lead"},
	{"register.created_from_pool.why", "对方在公海，客户自行来询：移出公海并分配", "it lies in a pool and has come by itself: routed out of it"},
	{"register.returning.why", "曾成交或流失、现无归属：回流，新建线索", "won or lost before and nobody's now: it comes back with a new lead"},
	{"register.attached_own.why", "对方是登记人自己的客户：记入其线索", "it is the registrant's own customer: noted on its lead"},
	{"register.attached_inbound.why", "客户自行来询、已有归属：不拦截，通知归属人", "it came by itself and has an owner: never refused, the owner is told"},
	{"register.blocked.why", "对方是他人的客户，且相同或很可能相同：不予登记", "another's customer and at least likely the same: refused"},
	{"register.queued_possible.why", "对方是他人的客户，仅为疑似：待人工判定", "another's customer, but only possibly the same: a person has to judge"},
	{"register.queued_pool.why", "对方在登记人无权认领的公海：待人工判定", "it lies in a pool closed to the registrant: a person has to judge"},
	{"register.queued_closed.why", "对方近期成交或流失，未满回流期限：待人工判定", "won or lost too lately to come back: a person has to judge"},
	{"register.offered.why", "对方在公海：可认领，不重复建档", "it lies in a pool: to be claimed, not made twice"},
	{"register.same_project", "同一项目", "the same project"},
	{"register.let_in", "经人工裁定登记成功：归属 {0}，保护期至 {1}", "registered by a ruling; owner {0}, protected until {1}"},
	{"register.pending.why", "按保护策略须经审批：等待审批", "the protection policy asks for approval: it waits"},
	{"register.queued_contender.why", "他人的报备待审批：按提交先后排队", "another's registration waits for approval: first come, first served"},
	{"register.blocked_pending.why", "他人的报备待审批，策略不设排队：不予登记", "another's registration waits for approval and the policy has no queue: refused"},
	{"register.attached_pending.why", "登记人自己的报备待审批：不重复提交", "the registrant's own registration waits for approval: not submitted twice"},
	{"register.attached_waiting.why", "客户自行来询，报备待审批：保留，批准后转给归属人", "it came by itself while a registration waits: kept for whoever gets the customer"},
	{"LD042.why", "登记人自己的保护期尚未届满：应延期", "the registrant's own protection stands: to be extended"},
	/* {0} detail */
	{"register.evidence_missing", "未登记：报备资料不全，缺少 {0}", "refused: the registration lacks {0}"},
	{"register.partner_closed", "未登记：合作伙伴已停用", "refused: the partner is not active"},
	{"register.name_required", "未登记：客户名称必填", "refused: a name is required"},
	{"register.person_needs_mobile", "未登记：个人客户须填姓名或有效手机号", "refused: a person needs a name or a valid mobile number"},
	{"register.phone_invalid", "未登记：电话号码无效", "refused: the phone number is not valid"},
	{"register.email_invalid", "未登记：邮箱地址无效", "refused: the mail address is not valid"},
	{"register.uscc_invalid", "未登记：统一社会信用代码无效（校验码不符）", "refused: the unified social credit code is not valid (check character)"},
	{"register.amount_invalid", "未登记：金额无效", "refused: the amount is not valid"},
	{"register.too_long", "未登记：{0} 超过长度限制", "refused: {0} is too long"},
	/* evidence */
	{"register.input_ok", "资料完整", "the data is complete"},
	{"register.input_cleaned", "去除了控制字符或不可见字符", "control or invisible characters were removed"},
	{"register.phone_ignored", "电话号码无效，未采用", "the phone number is not valid and was left out"},
	{"register.email_ignored", "邮箱无效，未采用", "the mail address is not valid and was left out"},
	{"register.uscc_ignored", "统一社会信用代码无效，未采用", "the credit code is not valid and was left out"},
	{"contact.added", "新增联系方式：{0}", "added to the customer: {0}"},
	{"contact.unconfirmed", "待负责人确认的联系方式：{0}", "kept until the owner confirms it: {0}"},
	{"contact.confirmed", "已确认的联系方式：{0}", "confirmed: {0}"},
	{"contact.refused", "未被认可的联系方式：{0}", "refused: {0}"},
	{"contact.second", "客户已有另一统一社会信用代码，仅留在报备记录中：{0}", "the customer has another one; kept in the registration alone: {0}"},
	{"contact.too_many", "今日待确认的联系方式过多，仅留在报备记录中：{0}", "enough unconfirmed ones today; kept in the registration alone: {0}"},
	{"register.strong_taken", "该唯一号码已属于另一客户，仅作记录", "the unique number belongs to another customer and is only noted"},
	{"register.no_match", "没有相同或相似的客户（比对 {0} 家）", "no customer is equal or similar ({0} compared)"},
	{"register.match", "“{0}”：得分 {1}", "\"{0}\": score {1}"},
	{"register.protect", "保护 {0} 天，至 {1}", "protected for {0} days, until {1}"},
	{"register.protect_until", "保护至 {0}", "protected until {0}"},
	{"register.protect_none", "不设保护期", "no protection period"},
	{"register.band.possible", "疑似", "possible"},
	{"register.band.likely", "很可能相同", "likely"},
	{"register.band.certain", "相同", "certain"},
};

/* one text a feature of the judge: feature.core_equal … */
static const LeadsMessage features[] = {
#define X(id, code, weight, zh, en) {"feature." code, zh, en},
	LEADS_MATCH_FEATURES(X)
#undef X
};

void
leads_register_init(void)
{
	leads_message_catalog(texts, lengthof(texts));
	leads_message_catalog(features, lengthof(features));
}
