/*-------------------------------------------------------------------------
 *
 * histogram.c
 *		How durations are spread: a histogram of logarithmic buckets.
 *
 * Purpose: medians and percentiles of millions of stays in a few kilobytes.
 * Invariants: counts of buckets are all there is, so that any order of adding,
 * merging and taking away gives the same answer; no answer is off by more than
 * 1/64 of the true value; damaged bytes are refused.
 * Called by: lib/funnel, lib/rollup, read/funnel.
 *
 *-------------------------------------------------------------------------
 */
#include "histogram.h"

#include <math.h>
#include <string.h>

LeadsHistogram *
leads_histogram_new(void)
{
	LeadsHistogram *h = leads_allocator.alloc(sizeof(LeadsHistogram));

	if (h)
		memset(h, 0, sizeof(*h));
	return h;
}

bool
leads_histogram_octave(LeadsHistogram *h, int octave)
{
	int64_t    *counts = leads_allocator.alloc(sizeof(int64_t) * LEADS_HISTOGRAM_SUB);

	if (counts == NULL)
		return false;
	memset(counts, 0, sizeof(int64_t) * LEADS_HISTOGRAM_SUB);
	h->octave[octave] = counts;
	return true;
}

void
leads_histogram_settle(LeadsHistogramQueue *q)
{
	for (int i = 0; i < q->n; i++)
	{
		if (*q->add[i].h == NULL && (*q->add[i].h = leads_histogram_new()) == NULL)
			continue;
		__builtin_prefetch(&(*q->add[i].h)->n);
		__builtin_prefetch(&(*q->add[i].h)->octave[q->add[i].bucket / LEADS_HISTOGRAM_SUB]);
	}
	for (int i = 0; i < q->n; i++)
	{
		LeadsHistogram *h = *q->add[i].h;
		const int64_t *counts = h ? h->octave[q->add[i].bucket / LEADS_HISTOGRAM_SUB] : NULL;

		if (counts)
			__builtin_prefetch(&counts[q->add[i].bucket % LEADS_HISTOGRAM_SUB]);
	}
	for (int i = 0; i < q->n; i++)
		if (*q->add[i].h)
			(void) leads_histogram_count(*q->add[i].h, q->add[i].bucket, q->add[i].times);
	q->n = 0;
}

double
leads_histogram_middle(int bucket)
{
	int			octave = bucket / LEADS_HISTOGRAM_SUB;
	double		low;
	double		width;

	if (octave == 0)
		return bucket;
	width = ldexp(1, octave - 1);
	low = (LEADS_HISTOGRAM_SUB + bucket % LEADS_HISTOGRAM_SUB) * width;
	/* of the whole numbers in it; in octave 1 there is one a bucket */
	return low + (width - 1) / 2;
}

bool
leads_histogram_merge(LeadsHistogram *h, const LeadsHistogram *other, int64_t sign)
{
	for (int o = 0; o < LEADS_HISTOGRAM_OCTAVES; o++)
	{
		if (other->octave[o] == NULL)
			continue;
		if (h->octave[o] == NULL && !leads_histogram_octave(h, o))
			return false;
		for (int i = 0; i < LEADS_HISTOGRAM_SUB; i++)
			h->octave[o][i] += sign * other->octave[o][i];
	}
	h->n += sign * other->n;
	return true;
}

int
leads_histogram_rank(const LeadsHistogram *h, int64_t rank)
{
	int64_t		seen = 0;
	int			last = 0;

	for (int o = 0; o < LEADS_HISTOGRAM_OCTAVES; o++)
	{
		if (h->octave[o] == NULL)
			continue;
		for (int i = 0; i < LEADS_HISTOGRAM_SUB; i++)
		{
			if (h->octave[o][i] == 0)
				continue;
			last = o * LEADS_HISTOGRAM_SUB + i;
			seen += h->octave[o][i];
			if (seen > rank)
				return last;
		}
	}
	return last;
}

double
leads_histogram_at(const LeadsHistogram *h, double p)
{
	double		rank = p * (double) (h->n - 1);
	double		low = leads_histogram_middle(leads_histogram_rank(h, (int64_t) floor(rank)));
	double		high = leads_histogram_middle(leads_histogram_rank(h, (int64_t) ceil(rank)));

	return low + (rank - floor(rank)) * (high - low);
}

int64_t
leads_histogram_below(const LeadsHistogram *h, int bucket)
{
	int64_t		seen = 0;

	for (int b = 0; b < bucket; b++)
	{
		const int64_t *counts = h->octave[b / LEADS_HISTOGRAM_SUB];

		if (counts)
			seen += counts[b % LEADS_HISTOGRAM_SUB];
	}
	return seen;
}

/* ---------------------------------------------------------------- bytes: version, then (gap, count) in base 128 */

size_t
leads_histogram_size(const LeadsHistogram *h)
{
	size_t		size = 1;

	for (int o = 0; o < LEADS_HISTOGRAM_OCTAVES; o++)
		for (int i = 0; h->octave[o] && i < LEADS_HISTOGRAM_SUB; i++)
			size += h->octave[o][i] != 0 ? 2 + 10 : 0;
	return size;
}

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

static const uint8_t *
get(const uint8_t *p, const uint8_t *end, uint64_t *v)
{
	*v = 0;
	for (int shift = 0; shift < 64; shift += 7)
	{
		if (p == end || (shift == 63 && *p > 1))
			return NULL;
		*v |= (uint64_t) (*p & 0x7F) << shift;
		if ((*p++ & 0x80) == 0)
			return p;
	}
	return NULL;
}

size_t
leads_histogram_write(const LeadsHistogram *h, uint8_t *bytes)
{
	uint8_t    *p = bytes;
	int			last = -1;

	*p++ = LEADS_HISTOGRAM_VERSION;
	for (int o = 0; o < LEADS_HISTOGRAM_OCTAVES; o++)
		for (int i = 0; h->octave[o] && i < LEADS_HISTOGRAM_SUB; i++)
		{
			int			b = o * LEADS_HISTOGRAM_SUB + i;
			int64_t		c = h->octave[o][i];

			if (c == 0)
				continue;
			p = put(p, (uint64_t) (b - last));
			/* small numbers of either sign are short */
			p = put(p, (uint64_t) c << 1 ^ (c < 0 ? UINT64_MAX : 0));
			last = b;
		}
	return (size_t) (p - bytes);
}

const char *
leads_histogram_read(LeadsHistogram *h, const uint8_t *bytes, size_t len)
{
	memset(h, 0, sizeof(*h));
	return leads_histogram_add_bytes(h, bytes, len);
}

const char *
leads_histogram_add_bytes(LeadsHistogram *h, const uint8_t *bytes, size_t len)
{
	const uint8_t *p = bytes;
	const uint8_t *end = bytes + len;
	int			b = -1;

	if (len < 1 || *p++ != LEADS_HISTOGRAM_VERSION)
		return "its version is unknown";
	while (p < end)
	{
		uint64_t	gap;
		uint64_t	v;
		int64_t		c;

		p = get(p, end, &gap);
		if (p)
			p = get(p, end, &v);
		if (p == NULL)
			return "it ends inside a bucket";
		if (gap == 0 || gap > (uint64_t) (LEADS_HISTOGRAM_BUCKETS - 1 - b))
			return "a bucket is out of range";
		b += (int) gap;
		c = (int64_t) (v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
		/* sums must not overflow */
		if (c > INT64_MAX / 4096 || c < -(INT64_MAX / 4096))
			return "a count is out of range";
		if (!leads_histogram_count(h, b, c))
			return "there is no memory for it";
	}
	return NULL;
}

void
leads_histogram_free(LeadsHistogram *h)
{
	for (int o = 0; o < LEADS_HISTOGRAM_OCTAVES; o++)
		if (h->octave[o])
			leads_allocator.release(h->octave[o]);
	memset(h, 0, sizeof(*h));
}
