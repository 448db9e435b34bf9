/*-------------------------------------------------------------------------
 *
 * test_histogram.c
 *		Error bound, merging in any order, taking away, damaged bytes.
 *
 *-------------------------------------------------------------------------
 */
#include "histogram.h"
#include "tap.h"

#include <math.h>

static int
ascending(const void *a, const void *b)
{
	int64_t		x = *(const int64_t *) a;
	int64_t		y = *(const int64_t *) b;

	return x < y ? -1 : x > y;
}

static double
exact(const int64_t *v, int n, double p)
{
	double		rank = p * (n - 1);
	int			low = (int) floor(rank);
	int			high = (int) ceil(rank);

	return (double) v[low] + (rank - low) * (double) (v[high] - v[low]);
}

static bool
same(const LeadsHistogram *a, const LeadsHistogram *b)
{
	uint8_t    *x = malloc(leads_histogram_size(a));
	uint8_t    *y = malloc(leads_histogram_size(b));
	size_t		n = leads_histogram_write(a, x);
	size_t		m = leads_histogram_write(b, y);
	bool		equal = n == m && memcmp(x, y, n) == 0 && a->n == b->n;

	free(x);
	free(y);
	return equal;
}

static void
bounds(void)
{
	int			worst_bucket = 0;
	double		worst = 0;
	int			unordered = 0;
	int			before = 0;
	int			rounded = 0;
	int			wrong = 0;

	for (int64_t v = 0; v < 100000; v++)
	{
		int			b = leads_histogram_bucket(v);
		double		off = v ? fabs(leads_histogram_middle(b) - (double) v) / (double) v : leads_histogram_middle(b);

		/* one whole number a bucket there */
		rounded += v < 2 * LEADS_HISTOGRAM_SUB && off != 0;
		unordered += b < before;
		before = b;
		if (off > worst)
			worst = off;
	}
	for (int i = 0; i < 1000000; i++)
	{
		int64_t		v = (int64_t) (tap_random() >> (1 + tap_random() % 62));
		int			b = leads_histogram_bucket(v);

		if (v > 0 && fabs(leads_histogram_middle(b) - (double) v) / (double) v > worst)
			worst = fabs(leads_histogram_middle(b) - (double) v) / (double) v;
		if (b > worst_bucket)
			worst_bucket = b;
	}
	/* each bucket begins where it should, and the number before is in the one before, beyond what a double holds, too */
	for (int b = LEADS_HISTOGRAM_SUB; b < LEADS_HISTOGRAM_BUCKETS; b++)
	{
		int64_t		low = (int64_t) (LEADS_HISTOGRAM_SUB + b % LEADS_HISTOGRAM_SUB) << (b / LEADS_HISTOGRAM_SUB - 1);

		wrong += leads_histogram_bucket(low) != b || leads_histogram_bucket(low - 1) != b - 1;
	}
	is_int(wrong, 0, "each bucket begins where it should");
	ok(worst <= 1.0 / 64, "off by at most 1/64 (%.4f)", worst);
	is_int(rounded, 0, "values below 64 are exact");
	is_int(unordered, 0, "buckets ascend with the values");
	is_int(leads_histogram_bucket(INT64_MAX), LEADS_HISTOGRAM_BUCKETS - 1, "the largest value has the last bucket");
	ok(worst_bucket < LEADS_HISTOGRAM_BUCKETS, "no bucket beyond the last");
	is_int(leads_histogram_bucket(-5), 0, "a negative duration counts as 0");
}

static void
percentiles(void)
{
	static const double ps[] = {0, 0.1, 0.5, 0.9, 0.99, 1};
	double		worst = 0;

	for (int round = 0; round < 200; round++)
	{
		int			n = 1 + (int) (tap_random() % 300);
		int64_t    *v = malloc(sizeof(int64_t) * (size_t) n);
		LeadsHistogram h = {0};

		for (int i = 0; i < n; i++)
		{
			v[i] = (int64_t) (tap_random() >> (20 + tap_random() % 30));
			leads_histogram_add(&h, v[i], 1);
		}
		qsort(v, (size_t) n, sizeof(int64_t), ascending);
		for (int k = 0; k < 6; k++)
		{
			double		want = exact(v, n, ps[k]);
			double		off = fabs(leads_histogram_at(&h, ps[k]) - want) / (want > 1 ? want : 1);

			if (off > worst)
				worst = off;
		}
		leads_histogram_free(&h);
		free(v);
	}
	ok(worst <= 0.016, "percentiles are off by at most 1.6 %% (%.4f)", worst);
}

static void
merging(void)
{
	LeadsHistogram all = {0};
	LeadsHistogram part[4] = {{0}, {0}, {0}, {0}};
	LeadsHistogram forward = {0};
	LeadsHistogram backward = {0};
	LeadsHistogram back = {0};
	uint8_t    *bytes;
	size_t		len;
	int			read = 0;

	for (int i = 0; i < 5000; i++)
	{
		int64_t		v = (int64_t) (tap_random() >> (tap_random() % 60 + 1));

		leads_histogram_add(&all, v, 1);
		leads_histogram_add(&part[tap_random() % 4], v, 1);
	}
	for (int i = 0; i < 4; i++)
	{
		leads_histogram_merge(&forward, &part[i], 1);
		leads_histogram_merge(&backward, &part[3 - i], 1);
	}
	ok(same(&all, &forward) && same(&all, &backward), "parts merged in any order are the whole");
	leads_histogram_merge(&forward, &part[2], -1);
	leads_histogram_merge(&forward, &part[0], -1);
	leads_histogram_merge(&backward, &part[0], -1);
	leads_histogram_merge(&backward, &part[2], -1);
	ok(same(&forward, &backward), "parts taken away in any order");
	leads_histogram_merge(&forward, &all, -1);
	is_int(forward.n, -(part[0].n + part[2].n), "more taken away than there was is remembered");
	leads_histogram_merge(&forward, &part[0], 1);
	leads_histogram_merge(&forward, &part[2], 1);
	ok(forward.n == 0 && leads_histogram_size(&forward) == 1, "nothing is left");
	is_int(leads_histogram_below(&all, LEADS_HISTOGRAM_BUCKETS), all.n, "all lie below the end");

	bytes = malloc(leads_histogram_size(&all) + 1);
	len = leads_histogram_write(&all, bytes);
	ok(leads_histogram_read(&back, bytes, len) == NULL && same(&all, &back), "written and read");
	leads_histogram_free(&back);
	for (size_t cut = 0; cut < len; cut++)
	{
		uint8_t    *copy = malloc(cut + 1);

		memcpy(copy, bytes, cut);
		read += leads_histogram_read(&back, copy, cut) == NULL;
		leads_histogram_free(&back);
		free(copy);
	}
	ok(read < (int) len, "what is cut short inside a bucket is refused");
	for (int i = 0; i < 20000; i++)
	{
		bytes[tap_random() % len] ^= (uint8_t) (1 << (tap_random() % 8));
		(void) leads_histogram_read(&back, bytes, len);
		leads_histogram_free(&back);
	}
	ok(true, "20000 damaged ones harm nobody");
	free(bytes);
	leads_histogram_free(&all);
	leads_histogram_free(&forward);
	leads_histogram_free(&backward);
	for (int i = 0; i < 4; i++)
		leads_histogram_free(&part[i]);
}

/* what waits in a queue is added like the rest, sooner or later */
static void
waiting(void)
{
	LeadsHistogramQueue q = {0};
	LeadsHistogram *now[5] = {NULL};
	LeadsHistogram *later[5] = {NULL};
	int			differ = 0;
	int			made = 0;

	for (int i = 0; i < 1000; i++)
	{
		int			to = (int) (tap_random() % 4);
		int64_t		v = (int64_t) (tap_random() >> (tap_random() % 60 + 1));
		int			times = tap_random() % 5 == 0 ? -1 : 1;

		leads_histogram_put(NULL, &now[to], v, times);
		leads_histogram_put(&q, &later[to], v, times);
	}
	ok(q.n > 0 && q.n < LEADS_HISTOGRAM_WAITING, "%d wait", q.n);
	leads_histogram_settle(&q);
	for (int i = 0; i < 5; i++)
	{
		made += later[i] != NULL;
		differ += now[i] ? !same(now[i], later[i]) : later[i] != NULL;
	}
	ok(q.n == 0 && made == 4 && differ == 0, "they are added like the rest");
	leads_histogram_settle(&q);
	for (int i = 0; i < 4; i++)
	{
		leads_histogram_free(now[i]);
		leads_histogram_free(later[i]);
		free(now[i]);
		free(later[i]);
	}
}

int
main(void)
{
	bounds();
	percentiles();
	merging();
	waiting();
	return done();
}
