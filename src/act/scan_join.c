/*
 * scan_join.c - all rows of a table against each other.
 *
 * Purpose: who shares a key stands side by side once the keys are sorted; so a table of n rows costs a sort and
 * the pairs that it really has, not n probes.
 * Invariants: a key held by more than CROWD rows brings no pairs by itself: its rows are paired by two such keys at
 * once, and those that share an exact one with the first that holds it, so that no list explodes; every other pair
 * that shares a key is compared once, unless the sieve holds it back. Keys and pairs obey maintenance_work_mem, texts go to
 * a file when they outgrow it; what stays in memory is 60 bytes a row and 16 a match.
 * Called by: act/scan.
 */
#include "core/leads.h"

#include <math.h>

#include "common/hashfn.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/memutils.h"

#include "act/scan_join.h"

#define CROWD 300				/* as many as register() reads under one key */
#define NEIGHBOURS 8			/* in a crowd that shares two keys */
#define HEAVY_MOST 24			/* crowded keys of one row that are paired */

#define entry_row(v) ((int32) (((v) >> 2) & LEADS_SCAN_ROW_MASK))

static int
bits_of(uint64 n)
{
	int			bits = 1;

	while (n >> bits)
		bits++;
	return bits;
}

/* ---- pairs ---- */

static inline void
offer(LeadsScan *s, uint64 x, uint64 y)
{
	int32		a = entry_row(x);
	int32		b = entry_row(y);

	if (a != b && (((x | y) & LEADS_SCAN_ALWAYS) != 0 || leads_sieve_pass(&s->sieve[a], &s->sieve[b])))
		leads_pile_add(&s->pairs, LEADS_SCAN_PAIR(Min(a, b), Max(a, b)));
}

static void
all_with_all(LeadsScan *s, const uint64 *v, Size n)
{
	for (Size i = 0; i < n; i++)
		for (Size k = i + 1; k < n; k++)
			offer(s, v[i], v[k]);
}

/* more rows than can be compared with each other; heavy: where they wait for a second key in common, or NULL */
static void
crowd(LeadsScan *s, const uint64 *v, Size n, LeadsPile *heavy)
{
	Size		first = n;
	Size		last = n;

	for (Size i = 0; i < n; i++)
	{
		if (heavy)
			leads_pile_add(heavy, ((uint64) entry_row(v[i]) << (64 - LEADS_SCAN_KEY_SHIFT)) | (v[i] >> LEADS_SCAN_KEY_SHIFT));
		else
			for (Size k = i + 1; k < n && k <= i + NEIGHBOURS; k++)
				offer(s, v[i], v[k]);
		if ((v[i] & LEADS_SCAN_EXACT) == 0)
			continue;
		if (first == n)
			first = i;
		else
		{
			offer(s, v[first], v[i]);
			if (last != first)
				offer(s, v[last], v[i]);
		}
		last = i;
	}
}

/* rows that share a key stand side by side in the sorted parts */
static void
walk(LeadsScan *s, LeadsPile *keys, LeadsPile *heavy)
{
	for (int part = 0; part < LEADS_PILE_PARTS; part++)
	{
		Size		n;
		uint64	   *v = leads_pile_part(keys, part, &n);

		for (Size i = 0, end; i < n; i = end)
		{
			for (end = i + 1; end < n && v[end] >> LEADS_SCAN_KEY_SHIFT == v[i] >> LEADS_SCAN_KEY_SHIFT; end++)
				;
			CHECK_FOR_INTERRUPTS();
			if (end - i <= CROWD)
				all_with_all(s, v + i, end - i);
			else
				crowd(s, v + i, end - i, heavy);
		}
		leads_pile_drop(keys, part);
	}
}

/* two crowded keys of one row make one rarer key */
static void
combine(LeadsScan *s, LeadsPile *heavy, LeadsPile *both)
{
	for (int part = 0; part < LEADS_PILE_PARTS; part++)
	{
		Size		n;
		uint64	   *v = leads_pile_part(heavy, part, &n);

		for (Size i = 0, end; i < n; i = end)
		{
			uint64		row = v[i] >> (64 - LEADS_SCAN_KEY_SHIFT);

			for (end = i + 1; end < n && v[end] >> (64 - LEADS_SCAN_KEY_SHIFT) == row; end++)
				;
			for (Size x = i; x < end && x < i + HEAVY_MOST; x++)
				for (Size y = x + 1; y < end && y < i + HEAVY_MOST; y++)
				{
					uint64		pair[2] = {v[x] << LEADS_SCAN_KEY_SHIFT, v[y] << LEADS_SCAN_KEY_SHIFT};

					if (pair[0] != pair[1])
						leads_pile_add(both, (hash_bytes_extended((unsigned char *) pair, sizeof(pair), 0)
											  >> LEADS_SCAN_KEY_SHIFT << LEADS_SCAN_KEY_SHIFT) | row << 2);
				}
			CHECK_FOR_INTERRUPTS();
		}
		leads_pile_drop(heavy, part);
	}
}

void
leads_scan_ready(LeadsScan *s)
{
	Size		memory = (Size) maintenance_work_mem * 1024 / 4;
	LeadsPile  *heavy = MemoryContextAlloc(s->cxt, sizeof(LeadsPile));
	LeadsPile  *both = MemoryContextAlloc(s->cxt, sizeof(LeadsPile));
	int			bits = bits_of((uint64) s->n);

	leads_pile_begin(&s->pairs, s->cxt, bits + LEADS_SCAN_ROW_BITS, memory);
	leads_pile_begin(heavy, s->cxt, bits + 64 - LEADS_SCAN_KEY_SHIFT, memory);
	leads_pile_begin(both, s->cxt, 64, memory);
	PG_TRY();
	{
		walk(s, &s->keys, heavy);
		combine(s, heavy, both);
		walk(s, both, NULL);
	}
	PG_FINALLY();
	{
		leads_pile_end(heavy);
		leads_pile_end(both);
		leads_pile_end(&s->keys);
	}
	PG_END_TRY();
}

/* ---- comparing ---- */

static LeadsRecord *
record_of(LeadsScan *s, int slot, int32 row)
{
	Size		len;
	const char *line;

	if (s->loaded[slot] != row)
	{
		s->loaded[slot] = -1;
		line = leads_scan_line(s, row, &len);
		leads_scan_parse(line, len, s->record[slot]);
		s->loaded[slot] = row;
	}
	return s->record[slot];
}

/* whoever of the two was there first: the later one is asked about, and the other way round where that says more */
LeadsBand
leads_scan_score(LeadsScan *s, int32 a, int32 b, LeadsMatchScore *out)
{
	LeadsRecord *older = record_of(s, 0, Min(a, b));
	LeadsRecord *newer = record_of(s, 1, Max(a, b));
	LeadsMatchScore back;

	leads_keys_use(s->df);
	leads_match_score(newer, older, &s->model, out);
	if (out->score < s->model.possible - 2)
		return out->band;
	leads_match_score(older, newer, &s->model, &back);
	if (back.band > out->band || (back.band == out->band && back.score > out->score))
		*out = back;
	return out->band;
}

void
leads_scan_known(LeadsScan *s, int32 a, int32 b, float score, LeadsBand band)
{
	if (s->nfound == s->found_room)
	{
		s->found_room = Max(1024, s->found_room * 2);
		s->found = leads_scan_enlarged(s->cxt, s->found, sizeof(LeadsMatched) * s->found_room);
	}
	s->found[s->nfound].a = a;
	s->found[s->nfound].b = b;
	s->found[s->nfound].score = score;
	s->found[s->nfound].band = (uint8) band;
	s->nfound++;
}

static void
compare(LeadsScan *s, uint64 pair)
{
	int32		a = (int32) (pair >> LEADS_SCAN_ROW_BITS);
	int32		b = (int32) (pair & LEADS_SCAN_ROW_MASK);
	LeadsMatchScore score;

	/* in hundredths, as a scan that goes on reads it back */
	if (leads_scan_score(s, a, b, &score) >= s->least && !leads_scan_parted(s, a, b))
		leads_scan_known(s, a, b, (float) rint(score.score * 100.0) / 100, score.band);
}

/* up to so many entries, or so many milliseconds; compare them, or pass them by */
static bool
go_on(LeadsScan *s, uint64 until, int ms, bool passing)
{
	instr_time	start,
				now;

	INSTR_TIME_SET_CURRENT(start);
	for (int rounds = 0; s->part < LEADS_PILE_PARTS; s->part++, s->part_at = 0)
	{
		Size		n;
		uint64	   *v = s->part_at == 0 ? leads_pile_part(&s->pairs, s->part, &n) : s->pairs.part[s->part].v;

		n = s->pairs.part[s->part].n;
		for (; s->part_at < n; s->part_at++, s->done++)
		{
			if (s->done == until)
				return true;
			if ((++rounds & 255) == 0)
			{
				CHECK_FOR_INTERRUPTS();
				INSTR_TIME_SET_CURRENT(now);
				INSTR_TIME_SUBTRACT(now, start);
				if (ms > 0 && INSTR_TIME_GET_MILLISEC(now) >= ms)
					return true;
			}
			/* a pair that shares several keys stands there several times */
			if (!passing && (s->part_at == 0 || v[s->part_at] != v[s->part_at - 1]))
				compare(s, v[s->part_at]);
		}
		leads_pile_drop(&s->pairs, s->part);
	}
	return false;
}

bool
leads_scan_compare_some(LeadsScan *s, int ms)
{
	return go_on(s, PG_UINT64_MAX, ms, false);
}

void
leads_scan_skip(LeadsScan *s, uint64 done)
{
	(void) go_on(s, done, 0, true);
}

void
leads_scan_end(LeadsScan *s)
{
	if (s == NULL)
		return;
	leads_pile_end(&s->keys);
	leads_pile_end(&s->pairs);
	if (s->file)
		BufFileClose(s->file);
	s->file = NULL;
}

/* ---- grouping ---- */

static bool
differ(int32_t a, int32_t b, void *arg)
{
	LeadsScan  *s = arg;
	LeadsMatchScore score;

	CHECK_FOR_INTERRUPTS();
	return leads_scan_parted(s, a, b) || leads_scan_score(s, a, b, &score) == LEADS_BAND_NEW;
}

static int
by_cluster(const void *x, const void *y)
{
	const LeadsScanResult *p = x;
	const LeadsScanResult *q = y;

	if (p->cluster != q->cluster)
	{
		/* those in none come last */
		if (p->cluster == 0 || q->cluster == 0)
			return p->cluster == 0 ? 1 : -1;
		return p->cluster < q->cluster ? -1 : 1;
	}
	if ((p->match < 0) != (q->match < 0))
		return p->match < 0 ? -1 : 1;
	if (p->score != q->score)
		return p->score < q->score ? 1 : -1;
	return p->row < q->row ? -1 : p->row > q->row;
}

/* a match that does not lie within one group, by the heads of the two groups or the rows without one */
typedef struct Link
{
	uint64		groups;
	int64		pair;
} Link;

static int
by_groups(const void *x, const void *y)
{
	const Link *p = x;
	const Link *q = y;

	if (p->groups != q->groups)
		return p->groups < q->groups ? -1 : 1;
	return p->pair < q->pair ? -1 : p->pair > q->pair;
}

/* the best match between each two of them; matches come best first */
static void
list_links(LeadsScan *s, LeadsScanResult *out, Size *n)
{
	Link	   *links = MemoryContextAllocHuge(s->cxt, sizeof(Link) * (s->nfound + 1));
	int64		nlinks = 0;

	for (int64 i = 0; i < s->nfound; i++)
	{
		int32		x = s->head[s->found[i].a] >= 0 ? s->head[s->found[i].a] : s->found[i].a;
		int32		y = s->head[s->found[i].b] >= 0 ? s->head[s->found[i].b] : s->found[i].b;

		if (x == y)
			continue;
		links[nlinks].groups = LEADS_SCAN_PAIR(Min(x, y), Max(x, y));
		links[nlinks++].pair = i;
	}
	qsort(links, nlinks, sizeof(Link), by_groups);
	for (int64 i = 0; i < nlinks; i++)
	{
		LeadsMatched *p = &s->found[links[i].pair];
		bool		lone = s->head[p->a] < 0;

		if (i > 0 && links[i].groups == links[i - 1].groups)
			continue;
		out[*n].cluster = 0;
		out[*n].row = lone ? p->a : p->b;
		out[*n].match = lone ? p->b : p->a;
		out[*n].score = p->score;
		out[*n].band = p->band;
		(*n)++;
	}
	pfree(links);
}

LeadsScanResult *
leads_scan_group_rows(LeadsScan *s, Size *n)
{
	LeadsScanResult *out;
	float	   *work = MemoryContextAllocHuge(s->cxt, sizeof(float) * Max(s->n, 1));
	Size		most = 0;
	LeadsMatchScore score;

	*n = 0;
	s->head = MemoryContextAllocHuge(s->cxt, sizeof(int32) * Max(s->n, 1));
	s->next = MemoryContextAllocHuge(s->cxt, sizeof(int32) * Max(s->n, 1));
	leads_cluster(s->found, s->nfound, s->n, s->head, s->next, work, differ, s);
	for (int32 i = 0; i < s->n; i++)
		most += s->head[i] >= 0;
	out = MemoryContextAllocHuge(s->cxt, sizeof(LeadsScanResult) * (most + s->nfound + 1));
	for (int32 i = 0; i < s->n; i++)
	{
		if (s->head[i] != i)
			continue;
		s->clusters++;
		for (int32 r = i; r >= 0; r = s->next[r])
		{
			LeadsScanResult *x = &out[(*n)++];

			x->cluster = s->clusters;
			x->row = r;
			x->match = r == i ? -1 : i;
			x->score = 0;
			x->band = LEADS_BAND_NEW;
			if (r != i)
			{
				x->band = leads_scan_score(s, i, r, &score);
				x->score = (float) score.score;
			}
		}
	}
	list_links(s, out, n);
	qsort(out, *n, sizeof(LeadsScanResult), by_cluster);
	return out;
}
