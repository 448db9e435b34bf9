/*-------------------------------------------------------------------------
 *
 * test_ring.c
 *		The ring's guarantee, counted: 200 000 turns, the eligible set redrawn
 *		every 37.
 *
 *-------------------------------------------------------------------------
 */
#include "ring.h"
#include "tap.h"

#define TURNS 200000
#define REDRAW 37
#define MAX_SEATS 40

static void
set_up(LeadsRingSeat *seats, int n, const int *weight)
{
	memset(seats, 0, sizeof(LeadsRingSeat) * (size_t) n);
	for (int i = 0; i < n; i++)
	{
		seats[i].weight = weight ? weight[i] : 1;
		seats[i].position = i + 1;
		seats[i].eligible = true;
	}
}

typedef struct Counts
{
	int			periods;
	int			windows;		/* runs of n turns looked at */
	int			violations;		/* of "exactly one each" (equal weights) */
	double		worst;			/* |got - expected| inside a stable period */
	double		drift;			/* |got - expected| over the whole run */
	int			unserved;
	int64_t		vt;
} Counts;

/* Redraw who is eligible every `redraw` turns (0 = never); count everything. */
static Counts
simulate(int n, const int *weight, int turns, int redraw, int64_t start_vt)
{
	LeadsRingSeat seats[MAX_SEATS];
	Counts		c = {0};
	int64_t		vt = start_vt;
	int64_t		unit;
	double		expected_all[MAX_SEATS] = {0};
	int			got_all[MAX_SEATS] = {0};
	int			got[MAX_SEATS];
	int			history[REDRAW * 200];
	int			t = 0;
	bool		equal = true;

	set_up(seats, n, weight);
	for (int i = 0; i < n; i++)
		seats[i].pass = start_vt;
	for (int i = 1; i < n; i++)
		equal &= (seats[i].weight == seats[0].weight);
	unit = leads_ring_unit(seats, n);
	for (int turn = 1; turn <= turns; turn++)
	{
		int			picked;
		int			members = 0;
		int64_t		total = 0;

		if (turn == 1 || (redraw && (turn - 1) % redraw == 0))
		{
			int			any = 0;

			for (int i = 0; redraw && i < n; i++)
				any += (seats[i].eligible = (tap_random() % 3 != 0));
			if (redraw && !any)
				seats[tap_random() % (uint64_t) n].eligible = true;
			memset(got, 0, sizeof(got));
			t = 0;
			c.periods++;
		}
		for (int i = 0; i < n; i++)
			if (seats[i].eligible)
			{
				members++;
				total += seats[i].weight;
			}
		picked = leads_ring_pick(seats, n, &vt, turn, unit);
		if (picked < 0 || !seats[picked].eligible)
		{
			c.unserved++;
			continue;
		}
		got[picked]++;
		got_all[picked]++;
		if (t < (int) (sizeof(history) / sizeof(history[0])))
			history[t] = picked;
		t++;
		for (int i = 0; i < n; i++)
		{
			double		off;

			if (!seats[i].eligible)
				continue;
			expected_all[i] += (double) seats[i].weight / (double) total;
			off = (double) got[i] - (double) t * (double) seats[i].weight / (double) total;
			if (off < 0)
				off = -off;
			if (off > c.worst)
				c.worst = off;
		}
		if (equal && t >= members && t <= (int) (sizeof(history) / sizeof(history[0])))
		{
			/* the last `members` turns must be a permutation */
			unsigned long long seen = 0;

			c.windows++;
			for (int k = t - members; k < t; k++)
				seen |= 1ull << history[k];
			if (__builtin_popcountll(seen) != members)
				c.violations++;
		}
	}
	for (int i = 0; i < n; i++)
	{
		double		off = (double) got_all[i] - expected_all[i];

		if (off < 0)
			off = -off;
		if (off > c.drift)
			c.drift = off;
	}
	c.vt = vt;
	return c;
}

static void
report(const char *name, Counts c)
{
	diag("%s: %d stable periods, %d windows, %d violations, worst |got - expected| %.4f in a period, %.2f over all",
		 name, c.periods, c.windows, c.violations, c.worst, c.drift);
}

static void
test_guarantee(void)
{
	static const int w1234[] = {1, 2, 3, 4};
	static const int w118[] = {1, 1, 8};
	Counts		c;

	for (int n = 1; n <= 12; n += (n < 5 ? 1 : 7))
	{
		char		name[40];

		c = simulate(n, NULL, TURNS, REDRAW, 0);
		snprintf(name, sizeof(name), "%d equal seats", n);
		report(name, c);
		ok(c.violations == 0 && c.windows > 0, "%s: each window gives each member exactly one", name);
		ok(c.worst < 1 && c.unserved == 0, "%s: |got - expected| < 1", name);
	}
	c = simulate(4, w1234, TURNS, REDRAW, 0);
	report("weights 1 2 3 4", c);
	ok(c.worst < 2 && c.unserved == 0, "weights 1 2 3 4: |got - expected| < 2");
	c = simulate(3, w118, TURNS, REDRAW, 0);
	report("weights 1 1 8", c);
	ok(c.worst < 2 && c.unserved == 0, "weights 1 1 8: |got - expected| < 2");

	/* no churn: no drift at all */
	c = simulate(4, w1234, TURNS, 0, 0);
	report("weights 1 2 3 4, stable", c);
	ok(c.worst < 1.5, "weights 1 2 3 4, stable for 200000 turns");
	c = simulate(3, w118, TURNS, 0, 0);
	report("weights 1 1 8, stable", c);
	ok(c.worst < 2, "weights 1 1 8, stable for 200000 turns");
}

static void
test_large(void)
{
	/* primes: their lcm is far above the unit's limit */
	static const int primes[] = {997, 991, 983, 977, 971, 967, 953, 947, 941, 937, 2, 3, 1};
	LeadsRingSeat seats[MAX_SEATS];
	Counts		c;

	set_up(seats, 13, primes);
	is_int(leads_ring_unit(seats, 13), LEADS_RING_UNIT_MAX, "an lcm too large gives the fixed unit");
	c = simulate(13, primes, TURNS, 0, 0);
	report("weights with a huge lcm, stable", c);
	ok(c.worst < 3, "the fixed unit does not drift visibly");

	/* close to the end of 64 bits: it renormalises and goes on */
	c = simulate(5, NULL, TURNS, REDRAW, INT64_MAX - 3);
	report("5 equal seats starting at the end of 64 bits", c);
	ok(c.violations == 0 && c.worst < 1 && c.unserved == 0, "overflow: the guarantee holds");
	ok(c.vt >= 0 && c.vt < (INT64_C(1) << 61), "overflow: virtual time started again");
	c = simulate(13, primes, TURNS, REDRAW, INT64_MAX - 3);
	ok(c.unserved == 0 && c.vt >= 0, "overflow with the fixed unit");
}

static void
test_small(void)
{
	static const int w[] = {4, 6, 10};
	LeadsRingSeat seats[4];
	int64_t		vt = 0;

	is_int(leads_ring_pick(seats, 0, &vt, 1, 1), -1, "an empty ring picks nobody");
	set_up(seats, 3, w);
	is_int(leads_ring_unit(seats, 3), 60, "unit is the lcm");
	seats[0].eligible = seats[1].eligible = seats[2].eligible = false;
	is_int(leads_ring_pick(seats, 3, &vt, 1, 60), -1, "nobody eligible: nobody picked");
	is_int(vt, 0, "and nothing moved");

	set_up(seats, 3, NULL);
	is_int(leads_ring_pick(seats, 3, &vt, 1, 1), 0, "first by position");
	is_int(leads_ring_pick(seats, 3, &vt, 2, 1), 1, "second");
	is_int(leads_ring_pick(seats, 3, &vt, 3, 1), 2, "third");
	is_int(leads_ring_pick(seats, 3, &vt, 4, 1), 0, "and round");
	is_int(seats[0].last_turn, 4, "the turn is noted");

	/* away for a thousand turns: no flood on return */
	seats[2].eligible = false;
	for (int i = 5; i < 1005; i++)
		leads_ring_pick(seats, 3, &vt, i, 1);
	ok(!seats[2].was_eligible, "was_eligible is kept");
	seats[2].eligible = true;
	{
		int			got = 0;

		for (int i = 1005; i < 1011; i++)
			got += (leads_ring_pick(seats, 3, &vt, i, 1) == 2);
		is_int(got, 2, "a seat that comes back gets its share, not its arrears");
	}

	/* coming and going each turn gains nothing */
	{
		int			got[3] = {0};

		set_up(seats, 3, NULL);
		vt = 0;
		for (int i = 1; i <= 3000; i++)
		{
			seats[0].eligible = (i % 2 == 0);
			got[leads_ring_pick(seats, 3, &vt, i, 1)]++;
		}
		diag("seat that blinks: %d of 3000, the others %d and %d", got[0], got[1], got[2]);
		ok(got[0] <= 1000, "a seat that blinks does not gain");
	}

	/* weight edited: the unit changes, nobody waits for turns of the old scale */
	{
		static const int old[] = {1, 7, 11};
		int			got[3] = {0};
		int64_t		unit;

		set_up(seats, 3, old);
		vt = 0;
		unit = leads_ring_unit(seats, 3);
		for (int i = 1; i <= 50; i++)
			leads_ring_pick(seats, 3, &vt, i, unit);
		seats[0].weight = seats[1].weight = seats[2].weight = 1;
		leads_ring_rescale(seats, 3, &vt, unit, leads_ring_unit(seats, 3));
		unit = leads_ring_unit(seats, 3);
		for (int i = 51; i <= 59; i++)
			got[leads_ring_pick(seats, 3, &vt, i, unit)]++;
		ok(got[0] >= 2 && got[1] >= 2 && got[2] >= 2, "after a rescale everybody goes on at once (%d %d %d)",
		   got[0], got[1], got[2]);
	}

	/* nonsense weights */
	set_up(seats, 2, NULL);
	seats[0].weight = 0;
	seats[1].weight = 5000;
	vt = 0;
	is_int(leads_ring_unit(seats, 2), 1000, "a weight is at most 1000");
	is_int(leads_ring_pick(seats, 2, &vt, 1, 1000), 1, "weight 0 is never picked");
	is_int(seats[1].pass, 1, "stride of the clamped weight");
}

int
main(void)
{
	test_small();
	test_guarantee();
	test_large();
	return done();
}
