/*-------------------------------------------------------------------------
 *
 * company_region.c
 *		Administrative units: at the head of a name, in a field of their own,
 *		and how two of them relate.
 *
 * Purpose: 重庆市渝北区, 重庆渝北 and 渝北区 are one place; 朝阳 under 北京 is a
 * district, under 辽宁 a city, and 东方 at the head of a name is a brand.
 *
 * Invariants: longest word first; a child is taken only under its parent; a
 * unit without its suffix and without its parent only if the table says that
 * it may stand alone; pure look-ups in generated tables, no allocation.
 * Called by company_name.c (parse), keys.c and decide/match.c (relations).
 *
 *-------------------------------------------------------------------------
 */
#include "company_parse.h"

#include <string.h>

#include "fold.h"

static bool
same_word(const LeadsWord *w, const uint32_t *s, int len)
{
	if (w->len != len)
		return false;
	for (int i = 0; i < len; i++)
		if (w->w[i] != s[i])
			return false;
	return true;
}

static const LeadsWord *
probe(const LeadsDict *d, uint64_t h, const uint32_t *s, int len)
{
	uint32_t	p = (uint32_t) h & d->mask;

	while (d->slots[p] != 0)
	{
		uint32_t	slot = d->slots[p];
		const LeadsWord *w = &d->words[(slot & 0xFFFF) - 1];

		if (slot >> 16 == h >> 48 && same_word(w, s, len))
			return w;
		p = (p + 1) & d->mask;
	}
	return NULL;
}

/* Exact look-up; the region dictionary is hashed forwards, the others backwards. */
const LeadsWord *
leads_dict_find(const LeadsDict *d, const uint32_t *s, int len)
{
	uint64_t	h = LEADS_HASH_START;

	if (len <= 0 || len > d->longest)
		return NULL;
	if (d == &leads_region_dict)
	{
		for (int i = 0; i < len; i++)
			h = leads_hash_step(h, s[i]);
	}
	else
	{
		for (int i = len - 1; i >= 0; i--)
			h = leads_hash_step(h, s[i]);
	}
	return probe(d, h, s, len);
}

/* Longest word of at most `longest` characters that ends at s[n - 1]. */
const LeadsWord *
leads_dict_tail(const LeadsDict *d, const uint32_t *s, int n, int longest)
{
	const LeadsWord *best = NULL;
	uint64_t	h = LEADS_HASH_START;
	int			max = n < d->longest ? n : d->longest;

	if (max > longest)
		max = longest;
	for (int len = 1; len <= max; len++)
	{
		const LeadsWord *w;

		h = leads_hash_step(h, s[n - len]);
		w = probe(d, h, s + n - len, len);
		if (w != NULL)
			best = w;
	}
	return best;
}

bool
leads_region_inside(int a, int b)
{
	while (a >= 0)
	{
		if (a == b)
			return true;
		a = leads_regions[a].parent;
	}
	return false;
}

int
leads_region_province(int unit)
{
	while (unit >= 0 && leads_regions[unit].parent >= 0)
		unit = leads_regions[unit].parent;
	return unit;
}

/*
 * The city of a unit.  A municipality is its own city; a county straight under
 * a province counts as one.
 */
int
leads_region_city(int unit)
{
	while (unit >= 0)
	{
		const LeadsRegion *r = &leads_regions[unit];
		int			prov = r->code / 10000;

		if (r->level == 1)
			return prov == 11 || prov == 12 || prov == 31 || prov == 50 ||
				prov == 81 || prov == 82 ? unit : -1;
		if (r->level == 2)
			return unit;
		if (r->parent >= 0 && leads_regions[r->parent].level == 1)
		{
			prov = leads_regions[r->parent].code / 10000;
			return prov == 11 || prov == 12 || prov == 31 || prov == 50 ||
				prov == 81 || prov == 82 ? r->parent : unit;
		}
		unit = r->parent;
	}
	return -1;
}

int
leads_region_short(int unit, uint32_t *out, int cap)
{
	const LeadsRegion *r;
	int			n;

	if (unit < 0)
		return 0;
	r = &leads_regions[unit];
	for (n = 0; n < cap && n < 18 && r->name[n] != 0; n++)
	{
		if (r->shortlen != 0 && n >= r->shortlen)
			break;
		out[n] = r->name[n];
	}
	return n;
}

/*
 * Which unit does a word mean under `under` (-1: at the head)?  -1 = none,
 * -2 = a full name that several units bear, so that nobody can tell.
 */
static int
choose(const LeadsWord *w, int under, bool whole)
{
	const uint16_t *refs = leads_region_refs + w->first;

	if (under >= 0)
	{
		if (w->kind & LEADS_REGION_NEVER)
			return -1;
		for (int i = 0; i < w->n; i++)
			if (refs[i] != under && leads_region_inside(refs[i], under))
				return refs[i];
		return -1;
	}
	if (!(w->kind & LEADS_REGION_ALONE) && !whole)
		return -1;
	/* the highest comes first: 吉林 is the province before the city */
	if (w->n == 1 || leads_regions[refs[0]].level < leads_regions[refs[1]].level)
		return refs[0];
	return w->kind & LEADS_REGION_FULL ? -2 : -1;
}

/* words that follow a place and begin with what could be its suffix */
static bool
suffix_begins_word(uint32_t c, uint32_t next)
{
	return (c == 0x5E02 && (next == 0x653F || next == 0x573A)) ||	/* 市政 市场 */
		(c == 0x533A && (next == 0x5757 || next == 0x57DF)) ||	/* 区块 区域 */
		(c == 0x5DDE && next == 0x9645);	/* 州际 */
}

static bool
is_suffix(uint32_t c)
{
	switch (c)
	{
		case 0x7701:			/* 省 */
		case 0x5E02:			/* 市 */
		case 0x53BF:			/* 县 */
		case 0x533A:			/* 区 */
		case 0x5DDE:			/* 州 */
		case 0x65D7:			/* 旗 */
		case 0x76DF:			/* 盟 */
			return true;
	}
	return false;
}

/* one unit at s; returns characters taken, 0 = none */
static int
head_step(const uint32_t *s, int n, int under, bool whole, int *unit)
{
	uint64_t	h = LEADS_HASH_START;
	int			max = n < leads_region_dict.longest ? n : leads_region_dict.longest;
	int			taken = 0;
	bool		full = false;

	for (int len = 1; len <= max; len++)
	{
		const LeadsWord *w;
		int			u;

		h = leads_hash_step(h, s[len - 1]);
		w = len < 2 ? NULL : probe(&leads_region_dict, h, s, len);
		if (w == NULL)
			continue;
		u = choose(w, under, whole);
		if (u == -1)
			continue;
		*unit = u == -2 ? -1 : u;
		taken = len;
		full = (w->kind & LEADS_REGION_FULL) != 0;
	}
	if (taken == 0)
		return 0;

	/* 宁乡县 that became 宁乡市; 磁县市 by a slip of the pen */
	if (taken < n && is_suffix(s[taken]) &&
		!(taken + 1 < n && suffix_begins_word(s[taken], s[taken + 1])) &&
		(!full || (s[taken] == 0x5E02 && s[taken - 1] == 0x53BF)))
		taken++;
	else if (!full && taken + 1 < n && s[taken] == 0x5730 && s[taken + 1] == 0x533A)
		taken += 2;				/* 地区 */
	return taken;
}

static int
region_read(const uint32_t *s, int n, bool whole, int *unit, int *before)
{
	int			pos = 0;
	int			got;
	int			u = -1;

	*unit = -1;
	*before = 0;
	got = head_step(s, n, -1, whole, &u);
	if (got == 0)
		return 0;
	pos = got;
	*unit = u;
	while (u >= 0 && leads_regions[u].level < 3 && pos < n)
	{
		int			child = -1;

		got = head_step(s + pos, n - pos, u, whole, &child);
		if (got == 0 || child < 0)
			break;
		*before = pos;
		pos += got;
		*unit = u = child;
	}
	return pos;
}

int
leads_region_head(const uint32_t *s, int n, int *unit, int *before)
{
	return region_read(s, n, false, unit, before);
}

int
leads_region_whole(const uint32_t *s, int n)
{
	int			unit;
	int			before;

	/* 中国重庆, 中国 */
	if (n > 2 && s[0] == 0x4E2D && s[1] == 0x56FD)
	{
		s += 2;
		n -= 2;
	}
	if (region_read(s, n, true, &unit, &before) != n)
		return -1;
	return unit;
}

int
leads_region_any(const uint32_t *s, int n, int other)
{
	const LeadsWord *w = leads_dict_find(&leads_region_dict, s, n);
	const uint16_t *refs;

	if (w == NULL)
		return leads_region_whole(s, n);
	refs = leads_region_refs + w->first;
	for (int i = 0; other >= 0 && i < w->n; i++)
		if (leads_region_inside(refs[i], other) || leads_region_inside(other, refs[i]))
			return refs[i];
	return w->n > 0 ? refs[0] : -1;
}

/* fold a region field: no spaces, no separators */
static int
fold_region(const char *s, size_t len, uint32_t *out, int cap)
{
	int			n = leads_fold(s, len, out, cap, NULL);
	int			m = 0;

	for (int i = 0; i < n; i++)
		if (out[i] != ' ' && out[i] != '(' && out[i] != ')')
			out[m++] = out[i];
	return m;
}

/* the unit of a field, which may go on with a street */
static int
field_unit(const uint32_t *s, int n, int *taken)
{
	int			unit;
	int			before;

	*taken = region_read(s, n, true, &unit, &before);
	return unit;
}

void
leads_name_set_region(LeadsName *n, const char *utf8, size_t len)
{
	uint32_t	s[LEADS_TEXT_MAX];
	int			m = fold_region(utf8, len, s, LEADS_TEXT_MAX);
	int			taken;
	int			unit = field_unit(s, m, &taken);

	if (unit < 0)
		return;
	if (n->region < 0 || (n->region != unit && leads_region_inside(unit, n->region)))
	{
		n->region = (int16_t) unit;
		n->flags |= LEADS_NAME_GIVEN_REGION;
	}
}

bool
leads_region_within(const char *region, size_t rlen, const char *prefix, size_t plen)
{
	uint32_t	r[LEADS_TEXT_MAX];
	uint32_t	p[LEADS_TEXT_MAX];
	int			nr = fold_region(region, rlen, r, LEADS_TEXT_MAX);
	int			np = fold_region(prefix, plen, p, LEADS_TEXT_MAX);
	int			tr,
				tp;
	int			ur = field_unit(r, nr, &tr);
	int			up = field_unit(p, np, &tp);

	if (ur >= 0 && up >= 0 && tp == np)
		return leads_region_inside(ur, up);
	if (ur >= 0 && up >= 0 && ur == up && np - tp <= nr - tr)
		return memcmp(r + tr, p + tp, (size_t) (np - tp) * sizeof(uint32_t)) == 0;
	return np <= nr && memcmp(r, p, (size_t) np * sizeof(uint32_t)) == 0;
}
