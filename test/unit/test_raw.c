/*-------------------------------------------------------------------------
 *
 * test_raw.c
 *		Rows told without a journey count as the journey of the same rows does.
 *
 *-------------------------------------------------------------------------
 */
#include "raw.h"
#include "tap.h"

#define MANY 12
#define HOUR INT64_C(3600000000)
#define LEADS 60000

static uint64_t seed = 88172645463325252;

static unsigned
draw(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned) (seed >> 20) % n;
}

static void
packed(void)
{
	static const int64_t ids[] = {INT64_MIN, -1, 0, 1, 4711, INT64_MAX};
	static const int64_t ats[] = {LEADS_JOURNEY_FIRST, -1, 0, 1, LEADS_JOURNEY_LAST};
	int			wrong = 0;
	int			disorder = 0;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		for (size_t k = 0; k < sizeof(ats) / sizeof(ats[0]); k++)
			for (int code = 0; code < LEADS_RAW_CODE(LEADS_RAW_NO_STEP + 1, 0); code++)
			{
				uint64_t	m = leads_raw_mix(ids[i]);
				LeadsRawRow r = leads_raw_pack(m, ats[k], code);

				wrong += leads_raw_at(r) != ats[k] || leads_raw_code(r) != code || !leads_raw_same(r, leads_raw_pack(m, 77, 0));
				if (k > 0)
					disorder += !leads_raw_before(leads_raw_pack(m, ats[k - 1], 98), r);
				if (code > 0)
					disorder += !leads_raw_before(leads_raw_pack(m, ats[k], code - 1), r);
			}
	is_int(wrong, 0, "a row is read as it was written");
	is_int(disorder, 0, "rows of a lead are ordered by instant, then by what happened");
}

/* the same rows told by hand, at once, and as a journey */
static void
random_leads(LeadsFunnelMode mode, int64_t within, const char *name)
{
	LeadsFunnelRule rule;
	LeadsFunnelCell cell;
	LeadsWalk	walk;
	LeadsRaw	at_once;
	LeadsRaw	by_row;
	int			wrong = 0;
	int			ties = 0;
	int			ends = 0;

	memset(&rule, 0, sizeof(rule));
	memset(&cell, 0, sizeof(cell));
	memset(&walk, 0, sizeof(walk));
	leads_funnel_steps_begin(&rule.steps);
	for (int s = 0; s < 6; s++)
		(void) leads_funnel_steps_add(&rule.steps, s + 1, s);
	rule.mode = mode;
	rule.within = within;
	rule.since = LEADS_JOURNEY_FIRST;
	rule.until = LEADS_FUNNEL_EVER;
	rule.as_of = LEADS_JOURNEY_LAST;
	leads_raw_begin(&at_once, mode, 6, within);
	leads_raw_begin(&by_row, mode, 6, within);
	for (int l = 0; l < LEADS; l++)
	{
		LeadsJourneyWriter w;
		LeadsRawRow rows[MANY];
		int			n = 1 + (int) draw(MANY);
		int64_t		at = (int64_t) draw(1000) * HOUR - 300 * HOUR;
		uint64_t	id = leads_raw_mix(l);
		int			before = -1;

		leads_journey_begin(&w, 0);
		for (int i = 0; i < n; i++)
		{
			/* anything may come after anything: lost twice, won after lost; the stage rises where the instant stays */
			int			step = (int) draw(8);
			int			end = draw(4) > 0 ? LEADS_RAW_OPEN : 1 + (int) draw(2);
			int			code = LEADS_RAW_CODE(step < 6 ? step : LEADS_RAW_NO_STEP, end);

			if (code / 3 <= before / 3 || draw(4) > 0 || i == 0)
				at += (1 + draw(60)) * HOUR;
			else
				ties++;
			before = code;
			ends += end != LEADS_RAW_OPEN;
			rows[i] = leads_raw_pack(id, at, code);
			(void) leads_journey_add(&w, at, i == 0 ? LEADS_JOURNEY_ENTERED : end == LEADS_RAW_OPEN ? LEADS_JOURNEY_MOVED
									 : end == LEADS_RAW_WON ? LEADS_JOURNEY_WON : LEADS_JOURNEY_LOST, step + 1, 0);
			if (i == 0)
				leads_raw_first(&by_row, at, code);
			else
				leads_raw_row(&by_row, at, code);
		}
		leads_raw_end(&by_row);
		leads_raw_tell(&at_once, rows, (size_t) n);
		if (leads_walk(&walk, w.bytes, w.len, &rule.steps, rule.as_of, LEADS_FUNNEL_EVER,
					   mode == LEADS_FUNNEL_COHORT ? within : LEADS_FUNNEL_EVER))
			leads_funnel_tally(&rule, &walk, 1, &cell, NULL, NULL, NULL);
		else
			wrong++;
		leads_journey_free(&w);
	}
	leads_raw_finish(&at_once);
	leads_raw_finish(&by_row);
	for (int s = 0; s < 6; s++)
	{
		wrong += at_once.entered[s] != cell.entered[s] || at_once.advanced[s] != cell.advanced[s] || at_once.lost[s] != cell.lost[s] ||
			at_once.open[s] != cell.open[s] || at_once.next[s] != cell.next[s];
		wrong += memcmp(&at_once.entered, &by_row.entered, sizeof(at_once.entered)) != 0 || memcmp(&at_once.next, &by_row.next, sizeof(at_once.next)) != 0;
		wrong += at_once.entered[s] != at_once.advanced[s] + at_once.lost[s] + at_once.open[s];
	}
	leads_walk_free(&walk);
	ok(wrong == 0, "%s: %d leads, %d ties, %d wins and losses", name, LEADS, ties, ends);
}

static void
windows(void)
{
	static const LeadsWindowRow rows[] = {{0, 1}, {1, 2}, {1, 3}, {2, 0}, {3, 2}, {4, 3}, {5, 4}};
	static const LeadsWindowRow far[] = {{INT64_MIN, 1}, {INT64_MAX, 2}};

	is_int(leads_window_level(rows, 7, 5, 0), 4, "in time");
	is_int(leads_window_level(rows, 7, 4, 0), 3, "too late for the last");
	is_int(leads_window_level(rows, 7, 9, LEADS_WINDOW_ORDER), 3, "broken by what is no step");
	is_int(leads_window_level(rows, 7, 9, LEADS_WINDOW_DEDUPLICATION), 3, "broken by a step that comes again");
	is_int(leads_window_level(rows, 7, 9, LEADS_WINDOW_INCREASE), 4, "each later than the one before");
	is_int(leads_window_level(rows, 3, 9, LEADS_WINDOW_INCREASE), 2, "not at the same instant");
	is_int(leads_window_level(far, 2, INT64_MAX, 0), 1, "instants as far apart as they can be");
	is_int(leads_window_level(rows, 0, 9, 0), 0, "no row");
}

int
main(void)
{
	packed();
	random_leads(LEADS_FUNNEL_COHORT, LEADS_FUNNEL_EVER, "cohort");
	random_leads(LEADS_FUNNEL_COHORT, 100 * HOUR, "cohort within");
	random_leads(LEADS_FUNNEL_STRICT, LEADS_FUNNEL_EVER, "strict");
	random_leads(LEADS_FUNNEL_STRICT, 60 * HOUR, "strict within");
	random_leads(LEADS_FUNNEL_FLOW, LEADS_FUNNEL_EVER, "flow");
	random_leads(LEADS_FUNNEL_FLOW, 30 * HOUR, "flow within");
	random_leads(LEADS_FUNNEL_SNAPSHOT, LEADS_FUNNEL_EVER, "snapshot");
	windows();
	return done();
}
