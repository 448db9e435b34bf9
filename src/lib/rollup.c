/*-------------------------------------------------------------------------
 *
 * rollup.c
 *		What the leads of one month count in a funnel, as bytes.
 *
 * Purpose: a funnel of years is the sum of some dozen cells.
 * Invariants: adding is exact and in any order; counts may be negative in
 * between; damaged bytes are refused and nothing outside of them is read.
 * Called by: record/rollup, read/funnel.
 *
 * The bytes: version, number of steps; entered, advanced, lost, open, next,
 * skipped, regressed, reentered, moved, pooled, each of all steps; the number of days that
 * have open leads, each as a gap (31 a step) and a count; a histogram of hours
 * for each step and the one of closings, each with its length before it.
 * Numbers are base 128, counts with their sign in the lowest bit.
 *
 *-------------------------------------------------------------------------
 */
#include "rollup.h"

#include <string.h>

#define ARRAYS 10

static const int64_t *
counts_of(const LeadsFunnelCell *c, int i)
{
	const int64_t *const all[ARRAYS] = {
		c->entered, c->advanced, c->lost, c->open, c->next, c->skipped, c->regressed, c->reentered, c->moved, c->pooled
	};

	return all[i];
}

bool
leads_rollup_day(LeadsRollup *r, int step, int day, int64_t n)
{
	if (r->days[step] == NULL)
	{
		r->days[step] = leads_allocator.alloc(sizeof(int64_t) * LEADS_ROLLUP_DAYS);
		if (r->days[step] == NULL)
			return false;
		memset(r->days[step], 0, sizeof(int64_t) * LEADS_ROLLUP_DAYS);
	}
	r->days[step][day] += n;
	return true;
}

static bool
histogram_empty(const LeadsHistogram *h)
{
	if (h == NULL)
		return true;
	for (int o = 0; o < LEADS_HISTOGRAM_OCTAVES; o++)
		for (int i = 0; h->octave[o] && i < LEADS_HISTOGRAM_SUB; i++)
			if (h->octave[o][i] != 0)
				return false;
	return true;
}

static int
days_held(const LeadsRollup *r, int nsteps)
{
	int			n = 0;

	for (int s = 0; s < nsteps; s++)
		for (int d = 0; r->days[s] && d < LEADS_ROLLUP_DAYS; d++)
			n += r->days[s][d] != 0;
	return n;
}

bool
leads_rollup_empty(const LeadsRollup *r, int nsteps)
{
	for (int i = 0; i < ARRAYS; i++)
		for (int s = 0; s < nsteps; s++)
			if (counts_of(&r->cell, i)[s] != 0)
				return false;
	for (int s = 0; s < nsteps; s++)
		if (!histogram_empty(r->cell.hours[s]))
			return false;
	return days_held(r, nsteps) == 0 && histogram_empty(r->closing);
}

/* ---------------------------------------------------------------- writing */

static uint8_t *
put(uint8_t *p, uint64_t v)
{
	while (v > 0x7F)
	{
		*p++ = (uint8_t) (v | 0x80);
		v >>= 7;
	}
	*p++ = (uint8_t) v;
	return p;
}

static uint8_t *
put_count(uint8_t *p, int64_t c)
{
	return put(p, (uint64_t) c << 1 ^ (c < 0 ? UINT64_MAX : 0));
}

size_t
leads_rollup_size(const LeadsRollup *r, int nsteps)
{
	size_t		size = 2 + 10 * (size_t) ARRAYS * (size_t) nsteps + 10 + 20 * (size_t) days_held(r, nsteps);

	for (int s = 0; s < nsteps; s++)
		size += 10 + (r->cell.hours[s] ? leads_histogram_size(r->cell.hours[s]) : 0);
	return size + 10 + (r->closing ? leads_histogram_size(r->closing) : 0);
}

/* the length in three digits, because it is known afterwards */
static uint8_t *
put_histogram(uint8_t *p, const LeadsHistogram *h)
{
	size_t		len = histogram_empty(h) ? 0 : leads_histogram_write(h, p + 3);

	p[0] = (uint8_t) ((len & 0x7F) | 0x80);
	p[1] = (uint8_t) ((len >> 7 & 0x7F) | 0x80);
	p[2] = (uint8_t) (len >> 14);
	return p + 3 + len;
}

size_t
leads_rollup_write(const LeadsRollup *r, int nsteps, uint8_t *bytes)
{
	uint8_t    *p = bytes;
	int			last = -1;

	*p++ = LEADS_ROLLUP_VERSION;
	*p++ = (uint8_t) nsteps;
	for (int i = 0; i < ARRAYS; i++)
		for (int s = 0; s < nsteps; s++)
			p = put_count(p, counts_of(&r->cell, i)[s]);
	p = put(p, (uint64_t) days_held(r, nsteps));
	for (int s = 0; s < nsteps; s++)
		for (int d = 0; r->days[s] && d < LEADS_ROLLUP_DAYS; d++)
		{
			if (r->days[s][d] == 0)
				continue;
			p = put(p, (uint64_t) (s * LEADS_ROLLUP_DAYS + d - last));
			p = put_count(p, r->days[s][d]);
			last = s * LEADS_ROLLUP_DAYS + d;
		}
	for (int s = 0; s < nsteps; s++)
		p = put_histogram(p, r->cell.hours[s]);
	p = put_histogram(p, r->closing);
	return (size_t) (p - bytes);
}

/* ---------------------------------------------------------------- reading */

static const uint8_t *
get(const uint8_t *p, const uint8_t *end, uint64_t *v)
{
	*v = 0;
	for (int shift = 0; p && shift < 64; shift += 7)
	{
		if (p == end || (shift == 63 && *p > 1))
			return NULL;
		*v |= (uint64_t) (*p & 0x7F) << shift;
		if ((*p++ & 0x80) == 0)
			return p;
	}
	return NULL;
}

static const uint8_t *
get_count(const uint8_t *p, const uint8_t *end, int64_t *c)
{
	uint64_t	v;

	p = get(p, end, &v);
	*c = p ? (int64_t) (v >> 1 ^ (v & 1 ? UINT64_MAX : 0)) : 0;
	/* sums must not overflow */
	return *c > INT64_MAX / 4096 || *c < -(INT64_MAX / 4096) ? NULL : p;
}

static const uint8_t *
get_days(const uint8_t *p, const uint8_t *end, int nsteps, LeadsRollupDay day, void *arg)
{
	uint64_t	n;
	uint64_t	at = 0;

	p = get(p, end, &n);
	for (uint64_t i = 0; p && i < n; i++)
	{
		uint64_t	gap;
		int64_t		c;

		p = get(p, end, &gap);
		p = get_count(p, end, &c);
		if (p == NULL || gap == 0 || gap > (uint64_t) (nsteps * LEADS_ROLLUP_DAYS) - at)
			return NULL;
		at += gap;
		if (day)
			day(arg, (int) ((at - 1) / LEADS_ROLLUP_DAYS), (int) ((at - 1) % LEADS_ROLLUP_DAYS), c);
	}
	return p;
}

/* *h is made if it is wanted and there is something to add */
static const char *
add_histogram(LeadsHistogram **h, const uint8_t **p, const uint8_t *end)
{
	uint64_t	len;
	const uint8_t *from = get(*p, end, &len);

	if (from == NULL || len > (uint64_t) (end - from))
		return "it ends inside a histogram";
	*p = from + len;
	if (len == 0 || h == NULL)
		return NULL;
	if (*h == NULL)
	{
		*h = leads_allocator.alloc(sizeof(LeadsHistogram));
		if (*h == NULL)
			return "there is no memory for it";
		memset(*h, 0, sizeof(LeadsHistogram));
	}
	return leads_histogram_add_bytes(*h, from, (size_t) len);
}

const char *
leads_rollup_add(LeadsFunnelCell *cell, LeadsHistogram *closing, LeadsRollupDay day, void *arg, int nsteps,
				 const uint8_t *bytes, size_t len)
{
	const uint8_t *p = bytes;
	const uint8_t *end = bytes + len;
	int64_t    *const all[ARRAYS] = {
		cell->entered, cell->advanced, cell->lost, cell->open, cell->next, cell->skipped, cell->regressed, cell->reentered,
		cell->moved, cell->pooled
	};
	const char *fault;

	if (len < 2 || p[0] != LEADS_ROLLUP_VERSION)
		return "its version is unknown";
	if (p[1] != nsteps)
		return "it has other steps";
	p += 2;
	for (int i = 0; i < ARRAYS; i++)
		for (int s = 0; s < nsteps; s++)
		{
			int64_t		c;

			p = get_count(p, end, &c);
			if (p == NULL)
				return "a count is out of range";
			all[i][s] += c;
		}
	p = get_days(p, end, nsteps, day, arg);
	if (p == NULL)
		return "a day is out of range";
	for (int s = 0; s < nsteps; s++)
	{
		fault = add_histogram(&cell->hours[s], &p, end);
		if (fault)
			return fault;
	}
	fault = add_histogram(closing ? &closing : NULL, &p, end);
	return fault ? fault : p == end ? NULL : "something comes after its end";
}

void
leads_rollup_free(LeadsRollup *r, int nsteps)
{
	for (int s = 0; s < nsteps; s++)
	{
		if (r->days[s])
			leads_allocator.release(r->days[s]);
		if (r->cell.hours[s])
		{
			leads_histogram_free(r->cell.hours[s]);
			leads_allocator.release(r->cell.hours[s]);
		}
	}
	if (r->closing)
	{
		leads_histogram_free(r->closing);
		leads_allocator.release(r->closing);
	}
	memset(r, 0, sizeof(*r));
}
