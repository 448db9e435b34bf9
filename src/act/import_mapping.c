/*
 * import_mapping.c - leads.import_suggest_mapping(): what the header of a spreadsheet means.
 *
 * Purpose: Chinese and English words of headers, folded, against a list.
 * Invariants: equal words win over words contained, longer ones over shorter ones; a column is suggested once;
 * immutable: no table, no locale.
 * Called by: users.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "lib/fold.h"

#define HEADERS_MOST 1000
#define WORD_MOST 64

/* within a column the more usual word first; between columns the order decides among equally long words */
static const struct
{
	const char *column;
	const char *words;
}			words[] = {
	{"row_no", "序号|行号|编号|no|row|row_no|line_no"},
	{"customer_id", "客户编号|客户编码|客户id|customer_id|customer_no|account_id"},
	{"uscc", "统一社会信用代码|社会信用代码|信用代码|税号|纳税人识别号|uscc|credit_code|tax_id|tax_no"},
	{"name", "公司名称|客户名称|企业名称|单位名称|公司|客户|单位|企业|公司全称|客户全称|客户姓名|名称|抬头|"
	"company|company_name|customer|customer_name|account|account_name|organization|organisation|name"},
	{"phone", "手机|手机号|手机号码|联系电话|电话|电话号码|联系方式|联系人电话|联系人手机|固话|座机|移动电话|"
	"phone|mobile|tel|telephone|cell|phone_number|mobile_number|contact_phone"},
	{"contact", "联系人|负责人|联系人姓名|法人|对接人|经办人|姓名|contact|contact_name|contact_person|person|full_name"},
	{"email", "邮箱|电子邮箱|邮件|电子邮件|邮箱地址|email|e_mail|mail|email_address"},
	{"region", "地区|区域|省市|省份|城市|所在地|所在地区|所属地区|地址|公司地址|注册地址|region|city|province|address|area|location"},
	{"industry", "行业|所属行业|行业类别|经营范围|industry|sector|vertical"},
	{"amount", "金额|预计金额|预算|意向金额|商机金额|合同金额|成交金额|amount|budget|value|expected_amount|deal_value"},
	{"need", "需求|需求描述|客户需求|意向|备注|说明|咨询内容|留言|need|needs|requirement|requirements|note|notes|remark|remarks|comment|description|message"},
	{"line", "产品线|业务线|意向产品|产品|产品类别|product|product_line|line|line_of_business"},
	{"project", "项目|项目名称|工程名称|工程|project|project_name|opportunity"},
	{"kind", "客户类型|类型|性质|kind|type|customer_type"},
	{"owner", "归属人|归属|所有人|业务员|销售|销售人员|销售员|跟进人|客户经理|负责销售|owner|sales|salesperson|sales_rep|account_manager|assigned_to|owner_code"},
	{"created_by", "创建人|录入人|登记人|添加人|created_by|creator|entered_by"},
	{"created_at", "创建时间|录入时间|登记时间|创建日期|录入日期|登记日期|添加时间|报备时间|日期|时间|created_at|created|create_time|created_on|date"},
};

/* folded, letters and digits only */
static int
squeeze(const char *s, size_t len, uint32_t *out)
{
	uint32_t	raw[LEADS_TEXT_MAX];
	int			n = leads_fold(s, len, raw, LEADS_TEXT_MAX, NULL);
	int			k = 0;

	for (int i = 0; i < n && k < WORD_MOST; i++)
	{
		uint32_t	c = raw[i];

		if (c < 0x80 ? (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') :
			!(c >= 0x2000 && c <= 0x206F) && !(c >= 0x3000 && c <= 0x303F))
			out[k++] = c;
	}
	return k;
}

static bool
contains(const uint32_t *s, int n, const uint32_t *w, int m)
{
	for (int i = 0; i + m <= n; i++)
		if (memcmp(s + i, w, sizeof(uint32_t) * m) == 0)
			return true;
	return false;
}

/* how well a header means a column: 1000 if equal, length of the longest word contained, 0 = not */
static int
fit(const uint32_t *header, int n, const char *list)
{
	int			best = 0;

	while (*list)
	{
		size_t		len = strcspn(list, "|");
		uint32_t	w[WORD_MOST];
		int			m = squeeze(list, len, w);

		if (m == n && memcmp(header, w, sizeof(uint32_t) * n) == 0)
			return 1000;
		/* an English word of two or three letters is in too many others */
		if (m > best && (w[0] >= 0x80 || m > 3) && contains(header, n, w, m))
			best = m;
		list += len + (list[len] == '|');
	}
	return best;
}

PG_FUNCTION_INFO_V1(leads_import_suggest_mapping);
Datum
leads_import_suggest_mapping(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsi = (ReturnSetInfo *) fcinfo->resultinfo;
	Datum	   *headers;
	bool	   *nulls;
	int			n;
	int		   *fits;
	int		   *column;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false, TYPALIGN_INT, &headers, &nulls, &n);
	if (n > HEADERS_MOST)
		ereport(ERROR,
				(errcode(LEADS_ERR_TOO_LONG),
				 errmsg("%d headers at most", HEADERS_MOST)));
	InitMaterializedSRF(fcinfo, 0);
	fits = palloc0(sizeof(int) * Max(n, 1) * lengthof(words));
	column = palloc(sizeof(int) * Max(n, 1));
	for (int i = 0; i < n; i++)
	{
		uint32_t	h[WORD_MOST];
		int			len = nulls[i] ? 0 : squeeze(VARDATA_ANY(headers[i]), VARSIZE_ANY_EXHDR(headers[i]), h);

		column[i] = -1;
		for (int w = 0; len > 0 && w < lengthof(words); w++)
			fits[i * lengthof(words) + w] = fit(h, len, words[w].words);
	}
	/* the best pair first, until none is left */
	for (;;)
	{
		int			best = 0;
		int			bi = 0;
		int			bw = 0;

		for (int i = 0; i < n; i++)
			for (int w = 0; column[i] < 0 && w < lengthof(words); w++)
				if (fits[i * lengthof(words) + w] > best)
				{
					best = fits[i * lengthof(words) + w];
					bi = i;
					bw = w;
				}
		if (best == 0)
			break;
		column[bi] = bw + (best >= 1000 ? 0 : (int) lengthof(words));
		for (int i = 0; i < n; i++)
			fits[i * lengthof(words) + bw] = 0;
	}
	for (int i = 0; i < n; i++)
	{
		Datum		values[3];
		bool		isnull[3] = {nulls[i], false, false};

		values[0] = headers[i];
		values[1] = CStringGetTextDatum(column[i] < 0 ? "extra" : words[column[i] % lengthof(words)].column);
		values[2] = CStringGetTextDatum(column[i] < 0 ? "none" : column[i] < (int) lengthof(words) ? "exact" : "part");
		tuplestore_putvalues(rsi->setResult, rsi->setDesc, values, isnull);
	}
	return (Datum) 0;
}
