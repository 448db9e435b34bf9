/*-------------------------------------------------------------------------
 *
 * test_rollup.c
 *		Cells written and read back, added in any order, taken away, damaged.
 *
 *-------------------------------------------------------------------------
 */
#include "rollup.h"
#include "tap.h"

#define STEPS 6

static uint64_t state = 88172645463325252u;

static uint64_t
draw(uint64_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % n;
}

static void
put_histogram(LeadsHistogram **h, int64_t value, int64_t n)
{
	if (*h == NULL)
		*h = calloc(1, sizeof(LeadsHistogram));
	leads_histogram_add(*h, value, n);
}

static void
fill(LeadsRollup *r, int n)
{
	int64_t    *arrays[10] = {r->cell.entered, r->cell.advanced, r->cell.lost, r->cell.open, r->cell.next, r->cell.skipped,
	r->cell.regressed, r->cell.reentered, r->cell.moved, r->cell.pooled};

	for (int i = 0; i < n; i++)
	{
		int			s = (int) draw(STEPS);
		int64_t		c = (int64_t) draw(1000) - 300;

		arrays[draw(10)][s] += draw(50) == 0 ? c * INT64_C(1000000000) : c;
		if (draw(2))
			put_histogram(&r->cell.hours[s], (int64_t) draw(UINT64_C(1) << draw(60)), c);
		if (draw(2))
			put_histogram(&r->closing, (int64_t) draw(UINT64_C(1) << draw(60)), c);
		leads_rollup_day(r, s, (int) draw(LEADS_ROLLUP_DAYS), c);
	}
}

static size_t
write(const LeadsRollup *r, uint8_t **bytes)
{
	size_t		most = leads_rollup_size(r, STEPS);
	size_t		len;

	/* exactly as much as was asked for: the sanitizer sees the rest */
	*bytes = malloc(most);
	len = leads_rollup_write(r, STEPS, *bytes);
	return len <= most ? len : 0;
}

static void
add_day(void *arg, int step, int day, int64_t n)
{
	leads_rollup_day(arg, step, day, n);
}

static const char *
add(LeadsRollup *r, const uint8_t *bytes, size_t len)
{
	uint8_t    *copy = malloc(len ? len : 1);
	const char *fault;

	memcpy(copy, bytes, len);
	if (r->closing == NULL)
		r->closing = calloc(1, sizeof(LeadsHistogram));
	fault = leads_rollup_add(&r->cell, r->closing, add_day, r, STEPS, copy, len);
	free(copy);
	return fault;
}

static bool
same(const LeadsRollup *a, const LeadsRollup *b)
{
	uint8_t    *x;
	uint8_t    *y;
	size_t		n = write(a, &x);
	size_t		m = write(b, &y);
	bool		equal = n > 0 && n == m && memcmp(x, y, n) == 0;

	free(x);
	free(y);
	return equal;
}

int
main(void)
{
	LeadsRollup empty = {0};
	int			faults = 0;
	int			different = 0;
	int			unordered = 0;
	int			left = 0;
	int			refused = 0;
	int			tried = 0;
	uint8_t    *bytes;
	size_t		len;

	ok(leads_rollup_empty(&empty, STEPS), "nothing is empty");
	len = write(&empty, &bytes);
	ok(len == 2 + 10 * STEPS + 1 + 3 * (STEPS + 1), "and takes %d bytes", (int) len);
	free(bytes);
	/* whatever differs is told, be it hours alone */
	for (int i = 0; i < 3; i++)
	{
		LeadsRollup one = {0};

		if (i == 0)
			put_histogram(&one.cell.hours[STEPS - 1], 1000, -1);
		else if (i == 1)
			put_histogram(&one.closing, 1000, 1);
		else
			leads_rollup_day(&one, STEPS - 1, LEADS_ROLLUP_DAYS - 1, 1);
		ok(!leads_rollup_empty(&one, STEPS), "%s alone are something", i == 0 ? "hours" : i == 1 ? "closings" : "days");
		leads_rollup_free(&one, STEPS);
	}
	for (int turn = 0; turn < 200; turn++)
	{
		LeadsRollup a = {0};
		LeadsRollup b = {0};
		LeadsRollup ab = {0};
		LeadsRollup ba = {0};
		LeadsRollup back = {0};
		uint8_t    *x;
		uint8_t    *y;
		size_t		n;
		size_t		m;

		fill(&a, (int) draw(60));
		fill(&b, (int) draw(60));
		n = write(&a, &x);
		m = write(&b, &y);
		faults += add(&back, x, n) != NULL;
		different += !same(&a, &back);
		faults += add(&ab, x, n) != NULL;
		faults += add(&ab, y, m) != NULL;
		faults += add(&ba, y, m) != NULL;
		faults += add(&ba, x, n) != NULL;
		unordered += !same(&ab, &ba);
		/* what was added and taken away again is not there */
		for (int s = 0; s < STEPS; s++)
		{
			ab.cell.entered[s] -= a.cell.entered[s] + b.cell.entered[s];
			left += ab.cell.entered[s] != 0;
		}
		/* cut off, and with a byte changed: refused or read, never beyond the end */
		for (size_t k = 0; k < n; k += 1 + n / 40)
		{
			LeadsRollup c = {0};
			uint8_t		was = x[k];

			tried += 2;
			refused += add(&c, x, k) != NULL;
			leads_rollup_free(&c, STEPS);
			x[k] = (uint8_t) draw(256);
			refused += add(&c, x, n) != NULL;
			x[k] = was;
			leads_rollup_free(&c, STEPS);
		}
		leads_rollup_free(&a, STEPS);
		leads_rollup_free(&b, STEPS);
		leads_rollup_free(&ab, STEPS);
		leads_rollup_free(&ba, STEPS);
		leads_rollup_free(&back, STEPS);
		free(x);
		free(y);
	}
	ok(faults == 0, "what was written is read");
	ok(different == 0, "and says the same");
	ok(unordered == 0, "in any order");
	ok(left == 0, "taken away, nothing is left");
	ok(refused > tried / 2, "%d of %d damaged ones are refused", refused, tried);
	{
		LeadsRollup a = {0};
		uint8_t		other[2] = {LEADS_ROLLUP_VERSION + 1, STEPS};

		ok(add(&a, other, 2) != NULL, "another version is refused");
		other[0] = LEADS_ROLLUP_VERSION;
		other[1] = STEPS + 1;
		ok(add(&a, other, 2) != NULL, "other steps are refused");
		ok(add(&a, other, 0) != NULL, "nothing is refused");
		leads_rollup_free(&a, STEPS);
	}
	return tap_done();
}
