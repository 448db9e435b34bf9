/*-------------------------------------------------------------------------
 *
 * histogram.h
 *		How durations are spread: a histogram of logarithmic buckets.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_HISTOGRAM_H
#define LEADS_HISTOGRAM_H

#include <string.h>

#include "lib.h"

/*
 * 32 buckets an octave, whole numbers below 32 exact: a value and the middle of
 * its bucket differ by at most 1/64.  Counts may be negative in between, so that
 * what was added can be taken away again.
 */
#define LEADS_HISTOGRAM_SUB 32
#define LEADS_HISTOGRAM_OCTAVES 59
#define LEADS_HISTOGRAM_BUCKETS (LEADS_HISTOGRAM_SUB * LEADS_HISTOGRAM_OCTAVES)
#define LEADS_HISTOGRAM_VERSION 1

typedef struct LeadsHistogram
{
	int64_t		n;
	int64_t    *octave[LEADS_HISTOGRAM_OCTAVES];	/* NULL = nothing there; from leads_allocator */
} LeadsHistogram;

static inline int
leads_histogram_bucket(int64_t value)
{
	int			e;

	/* a double has the octave and the five bits that follow side by side; up to 2^53 it is not rounded */
	if ((uint64_t) value - LEADS_HISTOGRAM_SUB < (UINT64_C(1) << 53) - LEADS_HISTOGRAM_SUB)
	{
		double		d = (double) value;
		uint64_t	bits;

		memcpy(&bits, &d, sizeof(bits));
		return (int) (bits >> 47) - (1023 + 4) * LEADS_HISTOGRAM_SUB;
	}
	if (value < LEADS_HISTOGRAM_SUB)
		return value < 0 ? 0 : (int) value;
	e = 63 - __builtin_clzll((unsigned long long) value);
	return (e - 4) * LEADS_HISTOGRAM_SUB + (int) (value >> (e - 5) & (LEADS_HISTOGRAM_SUB - 1));
}

/* an empty one; NULL: no memory (outside the server) */
extern LeadsHistogram *leads_histogram_new(void);
/* false: no memory */
extern bool leads_histogram_octave(LeadsHistogram *h, int octave);

static inline bool
leads_histogram_count(LeadsHistogram *h, int bucket, int64_t times)
{
	unsigned	octave = (unsigned) bucket / LEADS_HISTOGRAM_SUB;

	if (h->octave[octave] == NULL && !leads_histogram_octave(h, (int) octave))
		return false;
	h->octave[octave][(unsigned) bucket % LEADS_HISTOGRAM_SUB] += times;
	h->n += times;
	return true;
}

/* add a value so many times; -1 takes it away */
static inline bool
leads_histogram_add(LeadsHistogram *h, int64_t value, int64_t times)
{
	return leads_histogram_count(h, leads_histogram_bucket(value), times);
}

/*
 * Values of many histograms that wait to be added: what they need of memory is fetched for all of them at once, not for
 * one after the other.
 */
#define LEADS_HISTOGRAM_WAITING 64

typedef struct LeadsHistogramQueue
{
	int			n;
	struct
	{
		LeadsHistogram **h;		/* made when it is NULL */
		int32_t		bucket;
		int32_t		times;
	}			add[LEADS_HISTOGRAM_WAITING];
} LeadsHistogramQueue;

extern void leads_histogram_settle(LeadsHistogramQueue *q);

/* add a value to *h, which is made if it is not there; through a queue, or at once (NULL) */
static inline void
leads_histogram_put(LeadsHistogramQueue *q, LeadsHistogram **h, int64_t value, int times)
{
	if (q)
	{
		__builtin_prefetch(h);
		q->add[q->n].h = h;
		q->add[q->n].bucket = leads_histogram_bucket(value);
		q->add[q->n].times = times;
		if (++q->n == LEADS_HISTOGRAM_WAITING)
			leads_histogram_settle(q);
		return;
	}
	if (*h == NULL)
		*h = leads_histogram_new();
	if (*h)
		(void) leads_histogram_add(*h, value, times);
}

/* middle of a bucket */
extern double leads_histogram_middle(int bucket);
/* h + sign * other */
extern bool leads_histogram_merge(LeadsHistogram *h, const LeadsHistogram *other, int64_t sign);
/* the value at p (0 to 1), between the two nearest ranks as percentile_cont; n must be > 0 */
extern double leads_histogram_at(const LeadsHistogram *h, double p);
/* bucket of the value at p */
extern int	leads_histogram_rank(const LeadsHistogram *h, int64_t rank);
/* how many lie in buckets before this one */
extern int64_t leads_histogram_below(const LeadsHistogram *h, int bucket);

/* as bytes: needs at most so many; written; read, NULL or what is wrong with them */
extern size_t leads_histogram_size(const LeadsHistogram *h);
extern size_t leads_histogram_write(const LeadsHistogram *h, uint8_t *bytes);
extern const char *leads_histogram_read(LeadsHistogram *h, const uint8_t *bytes, size_t len);
/* the same beside what is there already; at a fault a part of it is */
extern const char *leads_histogram_add_bytes(LeadsHistogram *h, const uint8_t *bytes, size_t len);
extern void leads_histogram_free(LeadsHistogram *h);

#endif							/* LEADS_HISTOGRAM_H */
