/*
 * org_seed.c - what a new company starts with.
 *
 * Purpose: channels, stages, a pool and a ring that make intake work from the
 * first minute; names in the company's language, codes always English.
 * Invariants: runs once, when install() makes the company; everything here is
 * an ordinary row that people may change.
 * Called by: core/install through the hook table.
 */
#include "core/leads.h"

#include "record/org.h"

typedef struct SeedChannel
{
	const char *code;
	const char *zh;
	const char *en;
	bool		inbound;
	bool		keeps;			/* registrant keeps the customer */
	const char *profiles;
} SeedChannel;

/* a channel that a rep may not use cannot serve to escape a block, a quota or a cool-down */
static const SeedChannel channels[] = {
	{"manual", "报备", "Registration by staff", false, true, "{rep,manager,admin,app}"},
	{"partner", "伙伴报备", "Registration by partner", false, true, "{partner,app,manager,admin}"},
	{"website", "官网", "Web site", true, false, "{app,manager,admin}"},
	{"sem", "搜索投放", "Search ads", true, false, "{app,manager,admin}"},
	{"wechat", "微信", "WeChat", true, false, "{app,manager,admin}"},
	{"douyin", "抖音", "Douyin", true, false, "{app,manager,admin}"},
	{"weibo", "微博", "Weibo", true, false, "{app,manager,admin}"},
	{"hotline", "400 热线", "400 hotline", true, false, "{app,manager,admin}"},
	{"b2b", "B2B 平台", "B2B site", true, false, "{app,manager,admin}"},
	{"webinar", "线上活动", "Webinar", true, false, "{app,manager,admin}"},
	{"download", "资料下载", "Download", true, false, "{app,manager,admin}"},
	{"fair", "展会", "Trade fair", false, true, "{rep,manager,admin,app}"},
	{"api", "接口", "API", true, false, "{app,manager,admin}"},
	{"import", "导入", "Import", false, false, "{manager,admin}"},
};

typedef struct SeedStage
{
	const char *code;
	const char *zh;
	const char *en;
	const char *kind;
	bool		qualifies;
	double		probability;
} SeedStage;

static const SeedStage stages[] = {
	{"new", "新线索", "New", "open", false, 0.05},
	{"contacted", "已联系", "Contacted", "open", false, 0.10},
	{"qualified", "意向明确", "Qualified", "open", true, 0.30},
	{"proposal", "方案报价", "Proposal", "open", false, 0.50},
	{"negotiation", "商务谈判", "Negotiation", "open", false, 0.75},
	{"won", "成交", "Won", "won", false, 1.0},
	{"lost", "流失", "Lost", "lost", false, 0.0},
};

LEADS_QUERY(q_channel, "ttbtt",
			"INSERT INTO @.channel (code, name, inbound, keeps, profiles) VALUES ($1, $2, $3, $4, $5::text[])");
LEADS_QUERY(q_stage, "tttitbf",
			"INSERT INTO @.stage (code, label_zh, label_en, position, kind, qualifies, probability)"
			" VALUES ($1, $2, $3, $4, $5, $6, $7::numeric)");
LEADS_QUERY(q_pool, "t",
			"INSERT INTO @.pool (code, name, is_default, cooldown_days) VALUES ('public', $1, true, 0)");
LEADS_QUERY(q_ring, "t",
			"INSERT INTO @.ring (code, name, is_default, everybody) VALUES ('sales', $1, true, true)");

void
leads_org_seed(LeadsFrame *f)
{
	bool		zh = strcmp(f->lang, "zh") == 0;

	for (int i = 0; i < lengthof(channels); i++)
		leads_run(&q_channel, channels[i].code, zh ? channels[i].zh : channels[i].en,
				  channels[i].inbound, channels[i].keeps ? "registrant" : "none", channels[i].profiles);
	for (int i = 0; i < lengthof(stages); i++)
		leads_run(&q_stage, stages[i].code, stages[i].zh, stages[i].en, (i + 1) * 10,
				  stages[i].kind, stages[i].qualifies, stages[i].probability);
	leads_run(&q_pool, zh ? "公海" : "Public pool");
	leads_run(&q_ring, zh ? "销售轮盘" : "Sales");
}
