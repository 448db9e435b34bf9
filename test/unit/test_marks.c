/*-------------------------------------------------------------------------
 *
 * test_marks.c
 *		A walk knows test data, and what turned out to be no lead, as of an instant.
 *
 *-------------------------------------------------------------------------
 */
#include "funnel.h"
#include "tap.h"

#define MOST 12

typedef struct Entry
{
	int64_t		at;
	LeadsJourneyKind kind;
} Entry;

/* what an attempt is worth: 0 = there is none, 1 = it counts, 2 = it was no lead */
static void
by_hand(const Entry *e, int n, int64_t as_of, bool *whole, int *attempts)
{
	int			a = 0;
	bool		lost = false;

	*whole = false;
	memset(attempts, 0, sizeof(int) * MOST);
	for (int i = 0; i < n && e[i].at <= as_of; i++)
	{
		if (e[i].kind == LEADS_JOURNEY_OWNER)
			continue;
		*whole = e[i].kind == LEADS_JOURNEY_INVALID;
		if (!leads_journey_loses(e[i].kind) && lost)
			a++;
		lost = leads_journey_loses(e[i].kind);
		attempts[a] = e[i].kind == LEADS_JOURNEY_INVALID ? 2 : 1;
	}
}

static int
random_entries(Entry *e)
{
	static const LeadsJourneyKind open[] = {LEADS_JOURNEY_MOVED, LEADS_JOURNEY_MOVED, LEADS_JOURNEY_OWNER, LEADS_JOURNEY_WON, LEADS_JOURNEY_LOST, LEADS_JOURNEY_INVALID};
	LeadsJourneyState state = LEADS_JOURNEY_NONE;
	int			n = 1 + (int) (tap_random() % MOST);
	int64_t		at = 100;

	for (int i = 0; i < n; i++)
	{
		e[i].kind = i == 0 ? LEADS_JOURNEY_ENTERED : state == LEADS_JOURNEY_OPEN ? open[tap_random() % 6] : LEADS_JOURNEY_REOPENED;
		/* closed twice, which no verb does */
		if (state == LEADS_JOURNEY_IS_LOST && tap_random() % 10 == 0)
			e[i].kind = tap_random() % 2 ? LEADS_JOURNEY_LOST : LEADS_JOURNEY_INVALID;
		e[i].at = at += (int64_t) (tap_random() % 10);
		state = leads_journey_after(state, e[i].kind);
	}
	return n;
}

int
main(void)
{
	LeadsFunnelSteps steps;
	LeadsWalk	w = {0};
	int			flags = 0;
	int			wholes = 0;
	int			parts = 0;
	int			later = 0;
	int			invalid = 0;
	int			again = 0;

	leads_funnel_steps_begin(&steps);
	for (int s = 0; s < 5; s++)
		(void) leads_funnel_steps_add(&steps, s + 1, s);
	for (int round = 0; round < 40000; round++)
	{
		Entry		e[MOST];
		int			n = random_entries(e);
		int64_t		as_of = tap_random() % 3 ? LEADS_JOURNEY_LAST : 100 + (int64_t) (tap_random() % 60);
		int64_t		within = tap_random() % 2 ? LEADS_FUNNEL_EVER : (int64_t) (tap_random() % 60);
		uint8_t		flag = (uint8_t) (tap_random() % 4);
		LeadsJourneyWriter j;
		LeadsWalk	part;
		bool		whole;
		int			want[MOST];
		int			next = 0;

		leads_journey_begin(&j, flag);
		for (int i = 0; i < n; i++)
			(void) leads_journey_add(&j, e[i].at, e[i].kind, 1 + (int64_t) (tap_random() % 7), 1 + (int64_t) (tap_random() % 3));
		by_hand(e, n, as_of, &whole, want);
		if (leads_walk(&w, j.bytes, j.len, &steps, as_of, LEADS_FUNNEL_EVER, within))
		{
			flags += w.imported != ((flag & LEADS_JOURNEY_IMPORTED) != 0) || w.test != ((flag & LEADS_JOURNEY_TEST) != 0);
			wholes += w.invalid != whole;
			invalid += whole;
			/* the limit cut the loss off */
			later += whole && w.state != LEADS_JOURNEY_IS_LOST;
			for (int a = 0; leads_walk_attempt(&w, &next, &part); a++)
			{
				parts += want[a] != (part.invalid ? 2 : 1);
				again += a > 0 && part.invalid;
			}
		}
		leads_journey_free(&j);
	}
	leads_walk_free(&w);
	is_int(flags, 0, "40000 walks know imported history and test data");
	is_int(wholes, 0, "and what was no lead as of an instant, whatever the time limit");
	is_int(parts, 0, "and which attempts were none");
	ok(invalid > 2000 && later > 500 && again > 500, "%d were none, %d found out later than the limit, %d in a later attempt", invalid, later, again);
	return done();
}
