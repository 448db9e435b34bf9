/*
 * fuzz_journey.c - libFuzzer target: random bytes as a journey, as entries, as a histogram.
 *
 * Purpose: damaged bytes are refused and harm nobody (ASAN and UBSAN watch); what is
 * accepted can be gone on with; what was written is read back.
 * Invariants checked: in every mode entered = advanced + lost + open; what is counted
 * and taken away again leaves nothing; cohort never rises from step to step.
 * Called by: test/fuzz/run (make check-nightly).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/funnel.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fail(const char *what)
{
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

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

static void
check_counts(const LeadsFunnelCell *c, LeadsFunnelMode mode, int sign)
{
	for (int s = 0; s < LEADS_FUNNEL_STEPS; s++)
	{
		if (c->entered[s] != c->advanced[s] + c->lost[s] + c->open[s])
			fail("entered is not advanced + lost + open");
		if (sign < 0 && (c->entered[s] != 0 || c->next[s] != 0 || c->skipped[s] != 0 || c->regressed[s] != 0 ||
						 c->reentered[s] != 0 || c->moved[s] != 0 || c->pooled[s] != 0 || (c->hours[s] && leads_histogram_size(c->hours[s]) != 1) ||
						 (c->ages[s] && leads_histogram_size(c->ages[s]) != 1)))
			fail("taken away, something is left");
		if (mode == LEADS_FUNNEL_COHORT && s > 0 && c->entered[s] > c->entered[s - 1])
			fail("a cohort rises");
	}
}

/* the short ways say what the walk said, or nothing */
static void
check_short(const uint8_t *bytes, size_t len, const LeadsFunnelRule *rule, const LeadsWalk *w, bool begun)
{
	LeadsFunnelQuick quick;
	LeadsFunnelPlain plain;
	LeadsJourneyState state;
	int			far;

	leads_funnel_quick_begin(&quick, &rule->steps);
	far = leads_funnel_quick(&quick, bytes, len, &state);
	if (far >= 0 && (!begun || far != leads_funnel_level(rule, w) || state != w->state))
		fail("the short way says something else");
	if (leads_funnel_plain(&plain, &quick, bytes, len, rule->as_of) &&
		(!begun || plain.state != w->state || plain.owner != w->owner || plain.begun_at != w->begun_at ||
		 plain.test != w->test || plain.invalid != w->invalid))
		fail("the plain way says something else");
}

static void
check_walk(const uint8_t *bytes, size_t len)
{
	static const int64_t limits[] = {0, 86400000000, LEADS_FUNNEL_EVER};
	LeadsFunnelRule rule;
	LeadsWalk	w;

	memset(&rule, 0, sizeof(rule));
	memset(&w, 0, sizeof(w));
	leads_funnel_steps_begin(&rule.steps);
	for (int s = 0; s < 6; s++)
		(void) leads_funnel_steps_add(&rule.steps, s == 4 ? 70000 : s + 1, s);
	rule.since = LEADS_JOURNEY_FIRST;
	rule.until = LEADS_FUNNEL_EVER;
	rule.hours = true;
	for (int mode = LEADS_FUNNEL_COHORT; mode <= (int) LEADS_FUNNEL_SNAPSHOT; mode++)
		for (int k = 0; k < 3; k++)
		{
			LeadsFunnelCell cell;
			bool		begun;

			memset(&cell, 0, sizeof(cell));
			rule.mode = (LeadsFunnelMode) mode;
			rule.within = limits[k];
			rule.as_of = LEADS_JOURNEY_LAST;
			begun = leads_walk(&w, bytes, len, &rule.steps, rule.as_of, LEADS_FUNNEL_EVER,
							   mode == LEADS_FUNNEL_COHORT ? rule.within : LEADS_FUNNEL_EVER);
			if (mode == LEADS_FUNNEL_COHORT && rule.within == LEADS_FUNNEL_EVER)
				check_short(bytes, len, &rule, &w, begun);
			if (!begun)
				continue;
			leads_funnel_tally(&rule, &w, 1, &cell, NULL, NULL, NULL);
			check_counts(&cell, rule.mode, 1);
			leads_funnel_tally(&rule, &w, -1, &cell, NULL, NULL, NULL);
			check_counts(&cell, rule.mode, -1);
			if (leads_funnel_level(&rule, &w) < 0 || leads_funnel_level(&rule, &w) > 6)
				fail("a level out of range");
			free_cell(&cell);
		}
	leads_walk_free(&w);
}

/* each 12 bytes are an entry */
static void
write_and_read(const uint8_t *data, size_t size)
{
	LeadsJourneyWriter w;
	LeadsJourney j;
	int64_t		at = 0;
	int			added = 0;
	int			read = 0;

	leads_journey_begin(&w, 0);
	for (; size >= 12; data += 12, size -= 12)
	{
		int64_t		stage = data[1] < 250 ? data[1] % 7 : (int64_t) data[1] << 40;
		int64_t		owner = data[2] < 250 ? data[2] : (int64_t) data[2] << 50;
		uint64_t	delta;

		memcpy(&delta, data + 4, 8);
		delta >>= data[3] % 64;
		if (delta > (uint64_t) LEADS_JOURNEY_LAST - (uint64_t) at)
			delta = 0;
		at += (int64_t) delta;
		added += leads_journey_add(&w, at, added == 0 ? LEADS_JOURNEY_ENTERED : (LeadsJourneyKind) (1 + data[0] % LEADS_JOURNEY_KINDS),
								   stage, owner) == LEADS_JOURNEY_ADDED;
	}
	if (added > 0)
	{
		if (!leads_journey_open(&j, w.bytes, w.len))
			fail("what was written cannot be opened");
		while (leads_journey_next(&j))
			read++;
		if (j.fault || read != added)
			fail("what was written is not read");
		check_walk(w.bytes, w.len);
	}
	leads_journey_free(&w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	LeadsJourneyWriter w;
	LeadsHistogram h;

	check_walk(data, size);
	if (leads_journey_resume(&w, data, size) == NULL)
	{
		(void) leads_journey_add(&w, w.at, LEADS_JOURNEY_MOVED, 3, 9);
		check_walk(w.bytes, w.len);
		leads_journey_free(&w);
	}
	if (leads_histogram_read(&h, data, size) == NULL && h.n > 0)
		(void) leads_histogram_at(&h, 0.5);
	leads_histogram_free(&h);
	write_and_read(data, size);
	return 0;
}
