/*-------------------------------------------------------------------------
 *
 * company_name.c
 *		Take a Chinese company name apart: region, core (字号), industry words,
 *		legal form, branch, numerals.
 *
 * Purpose: what tells one company from another is a few characters; the rest
 * (有限公司, 重庆市, 商贸) is shared by thousands.  The parser finds the few.
 *
 * Order: fold -> marks of the stock exchange -> brackets -> branch after the
 * first inner 公司 or 银行 -> legal form, longest first -> region by longest
 * match -> industry words off the tail while two characters remain -> the rest
 * is the core; a core that is itself an industry word takes its region back.
 *
 * Invariants: any bytes give a parse; pure; about 2 us a name; core and
 * industry lie side by side in stem; a change here raises LEADS_NORM_VERSION.
 * Called by decide/match.c (records) and, through SQL, by the server side.
 *
 *-------------------------------------------------------------------------
 */
#include "company_name.h"

#include <string.h>

#include "company_parse.h"
#include "fold.h"
#include "pinyin.h"

#define C_SI 0x53F8				/* 司 */
#define C_JI 0x96C6				/* 集 */
#define C_TUAN 0x56E2			/* 团 */
#define C_YOU 0x6709			/* 有 */
#define C_XIAN 0x9650			/* 限 */

static void
reset(LeadsName *n)
{
	memset(n, 0, offsetof(LeadsName, folded));
	n->region = n->place = n->bregion = -1;
}

/* 第15 and 第十五 are one text from here on */
static int
spell(LeadsName *n, uint32_t *w, int len)
{
	int			m = leads_spell_numerals(w, len, LEADS_NAME_FOLDED_MAX);

	if ((n->flags & LEADS_NAME_TRUNCATED) || (m == len && memcmp(w, n->folded, (size_t) m * sizeof(uint32_t)) == 0))
		return m;
	memcpy(n->folded, w, (size_t) m * sizeof(uint32_t));
	n->nfolded = (uint8_t) m;
	n->hash = LEADS_HASH_START;
	for (int i = 0; i < m; i++)
		n->hash = leads_hash_step(n->hash, w[i]);
	return m;
}

/* fold into n->folded and hash the whole text; returns the count of code points in w */
static int
fold_name(const char *utf8, size_t len, LeadsName *n, uint32_t *w)
{
	uint32_t	all[LEADS_TEXT_MAX];
	int			m = leads_fold(utf8, len, all, LEADS_TEXT_MAX, NULL);
	uint64_t	h = LEADS_HASH_START;

	for (int i = 0; i < m; i++)
		h = leads_hash_step(h, all[i]);
	n->hash = h;
	if (m > LEADS_NAME_FOLDED_MAX)
	{
		m = LEADS_NAME_FOLDED_MAX;
		n->flags |= LEADS_NAME_TRUNCATED;
	}
	memcpy(n->folded, all, (size_t) m * sizeof(uint32_t));
	memcpy(w, all, (size_t) m * sizeof(uint32_t));
	n->nfolded = (uint8_t) m;
	return m;
}

static bool
ends_with(const uint32_t *s, int n, uint32_t a, uint32_t b)
{
	return n >= 2 && s[n - 2] == a && s[n - 1] == b;
}

/* ---- brackets ---------------------------------------------------------------- */

/* what a bracket says; true: it is spent, false: it is part of the name */
static bool
read_bracket(LeadsName *n, const uint32_t *s, int len, bool at_end)
{
	const LeadsWord *w;
	int			unit;

	if (len == 0)
		return true;
	if (len == 2 && s[0] == C_JI && s[1] == C_TUAN)
	{
		n->flags |= LEADS_NAME_GROUP;
		return true;
	}
	if (len == 2 && s[0] == 0x4E2D && s[1] == 0x56FD)	/* 中国 */
		return true;
	if (s[0] == 0x539F && len > 1)	/* 原 ... */
		return true;
	if (len == 1 && s[0] == 0x7B79)	/* 筹 */
		return true;
	w = leads_dict_find(&leads_legal_dict, s, len);
	if (w != NULL && (w->kind == 'p' || w->kind == 'c'))
	{
		if (at_end || w->kind == 'p')
			n->legal_class = (char) w->kind;
		return true;
	}
	unit = leads_region_whole(s, len);
	if (unit >= 0)
	{
		n->place = (int16_t) unit;
		return true;
	}
	return false;
}

/* take the brackets out of w; returns the new length */
static int
strip_brackets(LeadsName *n, uint32_t *w, int len)
{
	int			m = 0;

	for (int i = 0; i < len; i++)
	{
		if (w[i] == '(')
		{
			int			j = i + 1;

			while (j < len && w[j] != ')' && w[j] != '(')
				j++;
			if (j < len && w[j] == ')' && read_bracket(n, w + i + 1, j - i - 1, j + 1 == len))
				i = j;
		}
		else if (w[i] != ')')
			w[m++] = w[i];
	}
	return m;
}

/* ---- legal form -------------------------------------------------------------- */

static const uint32_t limited[] = {C_YOU, C_XIAN, 0x516C, C_SI};	/* 有限公司 */

static void
keep_legal(LeadsName *n, const uint32_t *s, int len)
{
	if (n->nlegal != 0)
		return;
	if (len > LEADS_NAME_LEGAL_MAX)
		len = LEADS_NAME_LEGAL_MAX;
	memcpy(n->legal, s, (size_t) len * sizeof(uint32_t));
	n->nlegal = (uint8_t) len;
}

/* 有盘限 becomes 盘有限 */
static void
swap_into(uint32_t *s, uint32_t c)
{
	s[0] = s[1];
	s[1] = c;
}

/*
 * Where the head's stem ends.  Forms that say nothing of the trade (有限公司)
 * are cut off; those that do (研究院, 厂) stay in the stem, where the industry
 * loop finds them.
 */
static int
strip_legal(LeadsName *n, uint32_t *s, int len)
{
	for (int round = 0; round < 4; round++)
	{
		const LeadsWord *w;

		/* a character that slipped in: 文集光团, 绞有盘限公司 */
		if (len >= 5 && s[len - 3] == C_JI && s[len - 1] == C_TUAN)
			swap_into(s + len - 3, C_JI);
		else if (len >= 5 && s[len - 3] == C_YOU && s[len - 1] == C_XIAN && n->nlegal == 2 && n->legal_class == 'c')
		{
			swap_into(s + len - 3, C_YOU);
			n->nlegal = 0;
			keep_legal(n, limited, 4);
			len -= 2;
			continue;
		}
		if (len >= 4 && ends_with(s, len, C_JI, C_TUAN))
		{
			n->flags |= LEADS_NAME_GROUP;
			len -= 2;
			continue;
		}
		w = leads_dict_tail(&leads_legal_dict, s, len, LEADS_WORD_MAX);
		if (w == NULL || w->len >= len)
			break;
		if (w->kind == 'c' || w->kind == 'p' || w->kind == 'o')
		{
			if (len - w->len < 2)
				break;
			keep_legal(n, s + len - w->len, w->len);
			if (n->legal_class == 0 || (n->legal_class == 'c' && w->kind != 'c'))
				n->legal_class = (char) w->kind;
			if (w->w[0] == C_JI && w->w[1] == C_TUAN)
				n->flags |= LEADS_NAME_GROUP;
			len -= w->len;
			continue;
		}
		if (n->legal_class == 0)
		{
			n->legal_class = (char) w->kind;
			keep_legal(n, s + len - w->len, w->len);
		}
		break;
	}

	/* a slip of the pen inside 有限公司: 有限工司, 有限公, 有公司 */
	if (n->nlegal == 0)
	{
		for (int i = len - 2; i >= 2 && i >= len - 6; i--)
			if (s[i] == C_YOU && s[i + 1] == C_XIAN)
			{
				keep_legal(n, s + i, len - i);
				n->legal_class = 'c';
				return ends_with(s, i, 0x80A1, 0x4EFD) && i >= 4 ? i - 2 : i;	/* 股份 */
			}
		if (len >= 5 && s[len - 1] == C_SI && s[len - 3] == C_XIAN)
		{
			keep_legal(n, s + len - 4, 4);
			n->legal_class = 'c';
			return len - 4;
		}
	}
	else if (n->nlegal == 2 && n->legal_class == 'c' && len >= 4)
	{
		uint32_t	c = s[len - 1];

		if ((c == C_YOU || c == C_XIAN || c == 0x4EFB) &&	/* 任 */
			leads_dict_tail(&leads_industry_dict, s, len - 1, len - 3) != NULL)
			len--;
		else if (len >= 5 && s[len - 2] == C_XIAN && s[len - 1] == 0x8D23)	/* 责 */
			len -= 2;
	}
	return len;
}

/* ---- stem -------------------------------------------------------------------- */

/* development zones that follow a region */
static int
zone_head(const uint32_t *s, int n)
{
	static const uint16_t zones[][12] = {
		u"经济技术开发区", u"高新技术产业开发区", u"高新技术开发区", u"经济开发区", u"高新技术产业园区",
		u"自由贸易试验区", u"经济特区", u"工业园区", u"高新区", u"开发区", u"保税区", u"新区",
	};

	for (size_t z = 0; z < sizeof(zones) / sizeof(zones[0]); z++)
	{
		int			k = 0;

		while (k < 12 && zones[z][k] != 0 && k < n && s[k] == zones[z][k])
			k++;
		if (k == 12 || zones[z][k] == 0)
			return k;
	}
	return 0;
}

/* 迪口镇, 大溪乡 behind a region: two to four characters and the suffix */
static int
town_head(const uint32_t *s, int n)
{
	for (int i = 2; i <= 4 && i + 2 < n; i++)
	{
		if (s[i] == 0x9547 || s[i] == 0x4E61)	/* 镇乡 */
			return i + 1;
		if (i + 3 < n && s[i] == 0x8857 && s[i + 1] == 0x9053)	/* 街道 */
			return i + 2;
	}
	return 0;
}

/* where the industry words begin */
static int
industry_start(const uint32_t *s, int n, char legal_class)
{
	int			end = n;
	bool		first = true;

	while (end > 2)
	{
		const LeadsWord *w = leads_dict_tail(&leads_industry_dict, s, end, end - 2);

		if (w == NULL || first)
		{
			const LeadsWord *l = leads_dict_tail(&leads_legal_dict, s, end, end - 2);

			if (l != NULL && l->kind != 'h' && l->kind != 'c' &&
				(l->len > 1 || (first && l->kind == legal_class)) &&
				(w == NULL || l->len > w->len))
				w = l;
		}
		if (w == NULL)
			break;
		end -= w->len;
		first = false;
	}
	return end;
}

/* does a word say what is done there, not who does it? */
static bool
is_trade(const uint32_t *s, int n)
{
	const LeadsWord *w;

	if (leads_dict_find(&leads_industry_dict, s, n) != NULL)
		return true;
	w = leads_dict_find(&leads_legal_dict, s, n);
	return w != NULL && w->kind != 'h';
}

/* is all, or all but one character, no more than what is done? */
static bool
only_trade(const LeadsName *n, const uint32_t *s, int len)
{
	int			core = industry_start(s, len, n->legal_class);

	return is_trade(s, core) || is_trade(s + 1, core - 1);
}

/*
 * A town behind the region is left out, 迪口镇 of 建瓯市迪口镇宏源竹业; not where it is what tells the
 * company from others, 塘下镇 of 温州市塘下镇物流.  Returns the new start.
 */
static int
skip_town(LeadsName *n, const uint32_t *w, int start, int end)
{
	int			taken = town_head(w + start, end - start);

	if (taken == 0 || end - start - taken < 2 || only_trade(n, w + start + taken, end - start - taken))
		return start;
	n->flags |= LEADS_NAME_TOWN;
	return start + taken;
}

static void
fill_stem(LeadsName *n, const uint32_t *s, int len, int core)
{
	uint32_t	pre[18];
	int			npre = 0;
	int			m = 0;

	/* a core that is itself an industry word takes its region back */
	if (n->region >= 0 && is_trade(s, core))
	{
		npre = leads_region_short(n->region, pre, 18);
		n->flags |= LEADS_NAME_TOOK_REGION;
	}
	if (npre + len > LEADS_NAME_STEM_MAX)
	{
		len = LEADS_NAME_STEM_MAX - npre;
		n->flags |= LEADS_NAME_TRUNCATED;
	}
	/* 中国 tells nobody apart: 中国人寿保险 is all core */
	if (core == 2 && len > 2 && s[0] == 0x4E2D && s[1] == 0x56FD)
		core = len;
	for (int i = 0; i < npre; i++)
		n->stem[m++] = pre[i];
	for (int i = 0; i < len; i++)
		n->stem[m++] = s[i];
	n->nstem = (uint8_t) m;
	n->ncore = (uint8_t) (npre + core < m ? npre + core : m);
	for (int i = 0; i < m; i++)
		n->syl[i] = leads_pinyin(n->stem[i]);
	n->nnumbers = (uint8_t) leads_read_numbers(n->stem, m, n->numbers);
}

static void
parse_cjk(LeadsName *n, uint32_t *w, int len)
{
	int			branch;
	int			start = 0;
	int			end;
	int			unit,
				before;
	int			taken;

	n->kind = LEADS_NAME_CJK;
	len = leads_expand_bank(w, leads_strip_listing(w, len));
	len = strip_brackets(n, w, len);
	if (len == 0)				/* nothing but a bracket: keep what it says */
	{
		for (int i = 0; i < n->nfolded; i++)
			if (n->folded[i] != '(' && n->folded[i] != ')')
				w[len++] = n->folded[i];
	}

	branch = leads_find_branch(w, len);
	if (branch == len)
		branch = leads_find_bare_branch(w, len);
	if (branch < len)
		leads_parse_branch(n, w + branch, len - branch);
	end = strip_legal(n, w, branch);

	taken = leads_region_head(w, end, &unit, &before);
	if (taken > 0)
	{
		/* at least two characters must remain; give the last unit back first */
		if (end - taken < 2)
		{
			start = end - before >= 2 ? before : 0;
			n->region = (int16_t) unit;
		}
		else
		{
			start = taken;
			n->region = (int16_t) unit;
			taken = zone_head(w + start, end - start);
			if (end - start - taken >= 2)
				start += taken;
			start = skip_town(n, w, start, end);
		}
	}
	else if (n->place >= 0)
		start = skip_town(n, w, start, end);	/* the place stands in brackets: 迪口镇宏源竹业(建瓯) */
	if (n->region < 0 && n->place >= 0)
	{
		n->region = n->place;
		n->place = -1;
	}
	else if (n->place >= 0 && n->region >= 0)
	{
		if (leads_region_inside(n->place, n->region))
		{
			n->region = n->place;
			n->place = -1;
		}
		else if (leads_region_inside(n->region, n->place))
			n->place = -1;
	}
	fill_stem(n, w + start, end - start, industry_start(w + start, end - start, n->legal_class));
}

void
leads_name_parse(const char *utf8, size_t len, LeadsName *out)
{
	uint32_t	w[LEADS_NAME_WORK_MAX];
	int			n;
	bool		cjk = false;

	reset(out);
	n = fold_name(utf8, len, out, w);
	if (n == 0)
		return;
	for (int i = 0; i < n && !cjk; i++)
		cjk = leads_is_cjk(w[i]);
	if (cjk)
		parse_cjk(out, w, spell(out, w, n));
	else
		leads_latin_parse(out);
}

void
leads_person_parse(const char *utf8, size_t len, LeadsName *out)
{
	uint32_t	w[LEADS_NAME_WORK_MAX];
	int			n;

	reset(out);
	n = fold_name(utf8, len, out, w);
	if (n == 0)
		return;
	out->kind = LEADS_NAME_PERSON;
	if (n > LEADS_NAME_STEM_MAX)
	{
		n = LEADS_NAME_STEM_MAX;
		out->flags |= LEADS_NAME_TRUNCATED;
	}
	memcpy(out->stem, w, (size_t) n * sizeof(uint32_t));
	out->nstem = out->ncore = (uint8_t) n;
	for (int i = 0; i < n; i++)
		out->syl[i] = leads_pinyin(w[i]);
}

/* ---- views ------------------------------------------------------------------- */

static int
unit_text(int unit, char *buf, size_t cap)
{
	uint32_t	s[18];
	int			n = 0;

	if (unit >= 0)
		for (; n < 18 && leads_regions[unit].name[n] != 0; n++)
			s[n] = leads_regions[unit].name[n];
	return leads_utf8_encode(s, n, buf, cap);
}

int
leads_name_text(const LeadsName *n, LeadsNamePart part, char *buf, size_t cap)
{
	switch (part)
	{
		case LEADS_NAME_FOLDED:
			return leads_utf8_encode(n->folded, n->nfolded, buf, cap);
		case LEADS_NAME_CORE:
			return leads_utf8_encode(n->stem, n->ncore, buf, cap);
		case LEADS_NAME_INDUSTRY:
			return leads_utf8_encode(n->stem + n->ncore, n->nstem - n->ncore, buf, cap);
		case LEADS_NAME_LEGAL:
			return leads_utf8_encode(n->legal, n->nlegal, buf, cap);
		case LEADS_NAME_BRANCH:
			return leads_utf8_encode(n->branch, n->nbranch, buf, cap);
		case LEADS_NAME_REGION:
			return unit_text(n->region, buf, cap);
		case LEADS_NAME_PROVINCE:
			return unit_text(leads_region_province(n->region), buf, cap);
		case LEADS_NAME_CITY:
			return unit_text(leads_region_city(n->region), buf, cap);
	}
	return leads_utf8_encode(n->folded, 0, buf, cap);
}
