/*-------------------------------------------------------------------------
 *
 * test_funnel_quick.c
 *		The short ways through a journey say what a walk says, or leave it to the walk.
 *
 *-------------------------------------------------------------------------
 */
#include "funnel.h"
#include "tap.h"

static LeadsFunnelRule rule;
static LeadsFunnelQuick quick;

static void
free_cell(LeadsFunnelCell *c)
{
	for (int s = 0; s < LEADS_FUNNEL_STEPS; s++)
	{
		if (c->hours[s])
			leads_histogram_free(c->hours[s]);
		if (c->ages[s])
			leads_histogram_free(c->ages[s]);
		free(c->hours[s]);
		free(c->ages[s]);
	}
}

static int
same_histogram(const LeadsHistogram *a, const LeadsHistogram *b)
{
	LeadsHistogram none = {0};

	a = a ? a : &none;
	b = b ? b : &none;
	if (a->n != b->n)
		return 0;
	for (int o = 0; o < LEADS_HISTOGRAM_OCTAVES; o++)
		for (int i = 0; i < LEADS_HISTOGRAM_SUB; i++)
			if ((a->octave[o] ? a->octave[o][i] : 0) != (b->octave[o] ? b->octave[o][i] : 0))
				return 0;
	return 1;
}

static int
same_cell(const LeadsFunnelCell *a, const LeadsFunnelCell *b)
{
	if (memcmp(a, b, offsetof(LeadsFunnelCell, hours)) != 0)
		return 0;
	for (int s = 0; s < LEADS_FUNNEL_STEPS; s++)
		if (!same_histogram(a->hours[s], b->hours[s]) || !same_histogram(a->ages[s], b->ages[s]))
			return 0;
	return 1;
}

typedef struct Seen
{
	int			quick;
	int			plain;
	int			refused;		/* damaged, by the walk */
	int			won;
	int			lost;
	int			back;
	int			again;
	int			reopened;
	int			skipped;
	int			pooled;
	int			nowhere;
	int			invalid;
	int			test;
	int			differ;
} Seen;

/* bytes lie in memory of just their size */
static void
compare(const uint8_t *bytes, size_t len, int64_t as_of, Seen *seen)
{
	LeadsWalk	w = {0};
	LeadsWalk	attempt;
	LeadsFunnelPlain p;
	LeadsJourneyState state = LEADS_JOURNEY_NONE;
	bool		begun = leads_walk(&w, bytes, len, &rule.steps, LEADS_JOURNEY_LAST, LEADS_FUNNEL_EVER, LEADS_FUNNEL_EVER);
	int			far = leads_funnel_quick(&quick, bytes, len, &state);

	if (far >= 0)
	{
		seen->quick++;
		seen->nowhere += far == 0;
		seen->differ += !begun || far != leads_funnel_level(&rule, &w) || state != w.state;
	}
	seen->refused += w.fault != NULL;
	rule.as_of = as_of;
	begun = leads_walk(&w, bytes, len, &rule.steps, as_of, LEADS_FUNNEL_EVER, LEADS_FUNNEL_EVER);
	if (leads_funnel_plain(&p, &quick, bytes, len, as_of))
	{
		LeadsFunnelCell a = {0};
		LeadsFunnelCell b = {0};
		LeadsHistogram ca = {0};
		LeadsHistogram cb = {0};

		seen->plain++;
		/* in one attempt or several */
		for (int next = 0, n = 0; leads_walk_attempt(&w, &next, &attempt); n++)
			seen->differ += p.reopened != (n > 0 || next < w.n);
		seen->differ += !begun || p.state != w.state || p.begun_at != w.begun_at || p.first_owner != w.first_owner ||
			p.owner != w.owner || p.imported != w.imported || p.test != w.test || p.invalid != w.invalid;
		leads_funnel_plain_tally(&rule, &p, 1, &a, &ca);
		leads_funnel_tally(&rule, &w, 1, &b, NULL, NULL, &cb);
		seen->differ += !same_cell(&a, &b) || !same_histogram(&ca, &cb);
		seen->won += p.state == LEADS_JOURNEY_IS_WON;
		seen->lost += p.state == LEADS_JOURNEY_IS_LOST;
		seen->invalid += p.invalid;
		seen->test += p.test;
		seen->back += p.back != 0;
		seen->again += p.again;
		seen->reopened += p.reopened;
		for (int s = 0; s < LEADS_FUNNEL_STEPS; s++)
		{
			seen->skipped += a.skipped[s] != 0;
			seen->pooled += a.pooled[s] != 0;
		}
		leads_funnel_plain_tally(&rule, &p, -1, &a, &ca);
		for (int s = 0; s < LEADS_FUNNEL_STEPS; s++)
			seen->differ += a.entered[s] != 0 || a.skipped[s] != 0 || a.regressed[s] != 0 || a.reentered[s] != 0 || a.pooled[s] != 0;
		free_cell(&a);
		free_cell(&b);
		leads_histogram_free(&ca);
		leads_histogram_free(&cb);
	}
	leads_walk_free(&w);
}

static void
random_journeys(int won_step)
{
	Seen		seen = {0};
	Seen		hurt = {0};

	leads_funnel_steps_begin(&rule.steps);
	/* stage 6 is the same step as 5; 7 and 9 are none; 300 is far */
	for (int stage = 1; stage <= 6; stage++)
		(void) leads_funnel_steps_add(&rule.steps, stage, stage < 6 ? stage - 1 : 4);
	(void) leads_funnel_steps_add(&rule.steps, 300, 5);
	if (won_step >= 0)
	{
		rule.steps.won = won_step;
		rule.steps.n = won_step + 1;
	}
	rule.mode = LEADS_FUNNEL_COHORT;
	rule.within = LEADS_FUNNEL_EVER;
	rule.until = LEADS_FUNNEL_EVER;
	rule.since = LEADS_JOURNEY_FIRST;
	rule.hours = true;
	leads_funnel_quick_begin(&quick, &rule.steps);
	for (int round = 0; round < 60000; round++)
	{
		LeadsJourneyWriter w;
		int64_t		at = round % 50 == 0 ? INT64_C(-5000000) : (int64_t) (tap_random() % 1000000000);
		int			n = 1 + (int) (tap_random() % (round % 10 == 0 ? 40 : 6));
		int64_t		as_of = tap_random() % 4 == 0 ? at + (int64_t) (tap_random() % 5000000) : LEADS_JOURNEY_LAST;
		int64_t		stage = 1 + (int64_t) (tap_random() % 8);
		uint8_t    *copy;

		leads_journey_begin(&w, (tap_random() % 5 == 0 ? LEADS_JOURNEY_IMPORTED : 0) | (tap_random() % 20 == 0 ? LEADS_JOURNEY_TEST : 0));
		for (int i = 0; i < n; i++)
		{
			uint64_t	what = tap_random() % 20;
			LeadsJourneyKind kind = i == 0 ? LEADS_JOURNEY_ENTERED :
				what < 10 ? LEADS_JOURNEY_MOVED : what < 13 ? LEADS_JOURNEY_OWNER : what < 15 ? LEADS_JOURNEY_WON :
				what < 17 ? (tap_random() % 8 == 0 ? LEADS_JOURNEY_INVALID : LEADS_JOURNEY_LOST) : what < 19 ? LEADS_JOURNEY_REOPENED : LEADS_JOURNEY_PIPELINE;

			if (kind != LEADS_JOURNEY_OWNER && i > 0)
				stage = tap_random() % 40 == 0 ? 300 : tap_random() % 3 == 0 ? 1 + (int64_t) (tap_random() % 9) : stage + 1;
			(void) leads_journey_add(&w, at, kind, stage, (int64_t) (tap_random() % 4 == 0 ? tap_random() % 3 * (tap_random() % 20000) : 77));
			at += (int64_t) (tap_random() % 1000000) * (tap_random() % 100 == 0 ? INT64_C(1000000000) : 100);
		}
		copy = malloc(w.len);
		memcpy(copy, w.bytes, w.len);
		compare(copy, w.len, as_of, &seen);
		/* damaged: what a walk refuses, no short way may take */
		for (int k = (int) (tap_random() % 3); k >= 0; k--)
			copy[tap_random() % w.len] ^= (uint8_t) (1 << tap_random() % 8);
		compare(copy, w.len, as_of, &hurt);
		free(copy);
		if (w.len > 1)
		{
			size_t		len = tap_random() % w.len;

			copy = malloc(len + 1);
			memcpy(copy + 1, w.bytes, len);
			compare(copy + 1, len, as_of, &hurt);
			free(copy);
		}
		leads_journey_free(&w);
	}
	ok(seen.differ == 0, "win at step %d: they say the same", won_step);
	is_int(hurt.differ, 0, "damaged, too");
	ok(seen.quick > 40000 && seen.plain > 10000 && seen.won > 500 && seen.lost > 500 && seen.back > 500 && seen.again > 500 && seen.reopened > 500 &&
	   seen.skipped > 500 && seen.nowhere > 100 && seen.pooled > 500 && seen.invalid > 100 && seen.test > 100 &&
	   hurt.refused > 100000, "%d quick, %d plain: %d won, %d lost, %d back, %d again, %d reopened, %d skips, %d nowhere, %d in a pool, %d no leads, %d test data; of the damaged %d refused, %d quick",
	   seen.quick, seen.plain, seen.won, seen.lost, seen.back, seen.again, seen.reopened, seen.skipped, seen.nowhere, seen.pooled, seen.invalid, seen.test, hurt.refused, hurt.quick);
}

int
main(void)
{
	random_journeys(6);
	random_journeys(-1);
	random_journeys(31);
	return done();
}
