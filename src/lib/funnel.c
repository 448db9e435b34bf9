/*-------------------------------------------------------------------------
 *
 * funnel.c
 *		One lead through the steps of a funnel, and what it counts there.
 *
 * Purpose: the counting rules of all funnels, in one place, over one journey.
 * Invariants: in every mode and step entered = advanced + lost + open; in cohort
 * and snapshot a lead counts once whatever its attempts, in strict and flow once a
 * step; a win that was taken back counts for nothing but in flow, where it was an
 * entry and a way back; counting and taking away are exact opposites; the order of
 * leads does not matter.
 * Called by: read/funnel, read/journey, record/rollup.
 *
 *-------------------------------------------------------------------------
 */
#include "funnel.h"

void
leads_funnel_steps_begin(LeadsFunnelSteps *s)
{
	memset(s, 0, sizeof(*s));
	memset(s->near, -1, sizeof(s->near));
	s->won = -1;
}

bool
leads_funnel_steps_add(LeadsFunnelSteps *s, int64_t stage, int step)
{
	if (s->nstages == LEADS_FUNNEL_STAGES || step >= LEADS_FUNNEL_STEPS || leads_funnel_step(s, stage) >= 0)
		return false;
	s->stage[s->nstages] = stage;
	s->step[s->nstages++] = (int8_t) step;
	if ((uint64_t) stage < 256)
		s->near[stage] = (int8_t) step;
	if (step >= s->n)
		s->n = step + 1;
	return true;
}

int
leads_funnel_step_far(const LeadsFunnelSteps *s, int64_t stage)
{
	for (int i = 0; i < s->nstages; i++)
		if (s->stage[i] == stage)
			return s->step[i];
	return -1;
}

/* ---------------------------------------------------------------- a walk */

static LeadsStay *
come(LeadsWalk *w, int step, const LeadsJourney *j, int attempt)
{
	LeadsStay  *s;

	if (w->n == w->room)
	{
		int			room = w->room ? w->room * 2 : 16;
		LeadsStay  *more = leads_allocator.alloc(sizeof(LeadsStay) * (size_t) room);

		if (more == NULL)
		{
			w->fault = "there is no memory for it";
			return NULL;
		}
		if (w->stay)
		{
			memcpy(more, w->stay, sizeof(LeadsStay) * (size_t) w->n);
			leads_allocator.release(w->stay);
		}
		w->stay = more;
		w->room = room;
	}
	s = &w->stay[w->n++];
	s->since = j->at;
	s->until = LEADS_FUNNEL_EVER;
	s->owner = s->leaver = j->owner;
	s->pooled = 0;
	s->attempt = attempt;
	s->step = (int8_t) step;
	s->won = s->invalid = false;
	s->exit = LEADS_EXIT_NONE;
	return s;
}

static void
go(LeadsWalk *w, const LeadsJourney *j, LeadsExit exit)
{
	if (w->n > 0 && w->stay[w->n - 1].until == LEADS_FUNNEL_EVER)
	{
		w->stay[w->n - 1].until = j->at;
		w->stay[w->n - 1].exit = exit;
		w->stay[w->n - 1].leaver = j->owner;
	}
}

static LeadsExit
way(int from, int to)
{
	return from < 0 || to < 0 ? LEADS_EXIT_MOVED : to > from ? LEADS_EXIT_FORWARD : LEADS_EXIT_BACK;
}

static void
arrive(LeadsWalk *w, const LeadsFunnelSteps *steps, const LeadsJourney *j, int attempt)
{
	int			step = leads_funnel_step(steps, j->stage);
	const LeadsStay *last = w->n > 0 ? &w->stay[w->n - 1] : NULL;

	/* two stages that are one step, or the same told twice */
	if (last && last->until == LEADS_FUNNEL_EVER && last->step == step && !last->won)
		return;
	if (last)
		go(w, j, last->won ? LEADS_EXIT_BACK : way(last->step, step));
	if (come(w, step, j, attempt) && step >= 0)
	{
		w->entered |= UINT32_C(1) << step;
		if (step > w->furthest)
			w->furthest = step;
	}
}

static void
take(LeadsWalk *w, const LeadsFunnelSteps *steps, const LeadsJourney *j, int *attempt)
{
	LeadsStay  *s;

	switch (j->kind)
	{
		case LEADS_JOURNEY_OWNER:
			w->owner = j->owner;
			return;
		case LEADS_JOURNEY_WON:
			go(w, j, LEADS_EXIT_FORWARD);
			s = come(w, leads_funnel_won_step(steps, j->stage), j, *attempt);
			if (s)
				s->won = true;
			w->closed_at = j->at;
			break;
		case LEADS_JOURNEY_LOST:
		case LEADS_JOURNEY_INVALID:
			go(w, j, LEADS_EXIT_LOST);
			if (w->n > 0)
				w->stay[w->n - 1].invalid = j->kind == LEADS_JOURNEY_INVALID;
			w->closed_at = j->at;
			break;
		case LEADS_JOURNEY_REOPENED:
		case LEADS_JOURNEY_REVERSED:
			(*attempt)++;
			arrive(w, steps, j, *attempt);
			break;
		default:
			arrive(w, steps, j, *attempt);
			break;
	}
	w->owner = j->owner;
	w->invalid = j->kind == LEADS_JOURNEY_INVALID;
	w->state = leads_journey_after(w->state, j->kind);
}

/* later than the limit nothing counts, but whether it was a lead; *state: of the attempt that the limit fell into */
static void
found_out(LeadsWalk *w, const LeadsJourney *j, LeadsJourneyState *state)
{
	if (j->kind == LEADS_JOURNEY_OWNER)
		return;
	w->invalid = j->kind == LEADS_JOURNEY_INVALID;
	if (!leads_journey_loses(j->kind))
		*state = *state == LEADS_JOURNEY_IS_LOST ? LEADS_JOURNEY_NONE : *state;
	else if (*state != LEADS_JOURNEY_NONE)
	{
		*state = LEADS_JOURNEY_IS_LOST;
		w->stay[w->n - 1].invalid = w->invalid;
	}
}

/* without an owner for so long */
static void
lie(LeadsWalk *w, int64_t since, int64_t until)
{
	if (w->n > 0 && w->stay[w->n - 1].until == LEADS_FUNNEL_EVER)
		w->stay[w->n - 1].pooled += until - since;
}

bool
leads_walk(LeadsWalk *w, const void *bytes, size_t len, const LeadsFunnelSteps *steps, int64_t as_of, int64_t pooled_at,
		   int64_t within)
{
	LeadsJourney j;
	int64_t		since = 0;
	int64_t		until = as_of;
	LeadsJourneyState state;
	int			attempt = 1;

	w->n = 0;
	w->state = LEADS_JOURNEY_NONE;
	w->furthest = -1;
	w->entered = 0;
	w->closed_at = 0;
	w->fault = NULL;
	if (!leads_journey_open(&j, bytes, len))
	{
		w->fault = j.fault;
		return false;
	}
	w->imported = (j.flags & LEADS_JOURNEY_IMPORTED) != 0;
	w->test = (j.flags & LEADS_JOURNEY_TEST) != 0;
	w->invalid = false;
	w->begun_at = leads_journey_begun(&j);
	if (w->begun_at > as_of)
	{
		w->fault = leads_journey_check(bytes, len);
		return false;
	}
	if ((uint64_t) within < (uint64_t) as_of - (uint64_t) w->begun_at)
		as_of = w->begun_at + within;
	while (leads_journey_next(&j))
	{
		if (j.at > as_of)
			break;
		if (w->state == LEADS_JOURNEY_NONE)
			w->first_owner = j.owner;
		else if (w->owner == 0)
			lie(w, since, j.at);
		since = j.at;
		take(w, steps, &j, &attempt);
	}
	state = w->n > 0 ? w->state : LEADS_JOURNEY_NONE;
	for (bool more = j.at > as_of; more && j.at <= until; more = leads_journey_next(&j))
		found_out(w, &j, &state);
	/* what came later counts for nothing, but that it is good */
	while (j.fault == NULL && leads_journey_next(&j))
		;
	if (j.fault)
		w->fault = j.fault;
	if (w->state == LEADS_JOURNEY_OPEN && pooled_at <= as_of)
		w->owner = 0;
	return w->fault == NULL;
}

void
leads_walk_free(LeadsWalk *w)
{
	if (w->stay)
		leads_allocator.release(w->stay);
	w->stay = NULL;
	w->n = w->room = 0;
}

bool
leads_walk_attempt(const LeadsWalk *w, int *next, LeadsWalk *attempt)
{
	const LeadsStay *last;
	int			first = *next;
	int			end = first;

	if (first >= w->n)
		return false;
	while (end < w->n && w->stay[end].exit != LEADS_EXIT_LOST)
		end++;
	if (end < w->n)
		end++;
	*next = end;
	*attempt = *w;
	attempt->stay = w->stay + first;
	attempt->n = end - first;
	attempt->room = 0;
	attempt->furthest = -1;
	attempt->entered = 0;
	attempt->begun_at = w->stay[first].since;
	attempt->invalid = w->stay[end - 1].invalid;
	for (int i = first; i < end; i++)
		if (w->stay[i].step >= 0 && !w->stay[i].won)
		{
			attempt->entered |= UINT32_C(1) << w->stay[i].step;
			if (w->stay[i].step > attempt->furthest)
				attempt->furthest = w->stay[i].step;
		}
	last = &w->stay[end - 1];
	if (end < w->n)
	{
		attempt->state = LEADS_JOURNEY_IS_LOST;
		attempt->closed_at = last->until;
		attempt->owner = last->leaver;
	}
	return true;
}

/* ---------------------------------------------------------------- counting */

typedef struct Count
{
	const LeadsFunnelRule *rule;
	const LeadsWalk *w;
	int			sign;
	LeadsFunnelCell *cell;
	LeadsFunnelCellOf cell_of;
	void	   *arg;
	int64_t		owner[LEADS_FUNNEL_STEPS];	/* whose the step is, with by_event */
} Count;

static LeadsFunnelCell *
cell_at(const Count *c, int step)
{
	return c->rule->by_event ? c->cell_of(c->arg, c->owner[step]) : c->cell;
}

/* stays that are over; those in one step add up within an attempt */
static void
put_hours(const Count *c)
{
	const LeadsWalk *w = c->w;

	if (!c->rule->hours)
		return;
	for (int i = 0; i < w->n; i++)
	{
		const LeadsStay *s = &w->stay[i];
		int64_t		spent = 0;
		bool		first = true;

		if (s->step < 0 || s->won || s->exit == LEADS_EXIT_NONE)
			continue;
		cell_at(c, s->step)->pooled[s->step] += c->sign * (s->pooled / 1000000);
		for (int k = i - 1; k >= 0 && first && w->stay[k].attempt == s->attempt; k--)
			first = w->stay[k].step != s->step || w->stay[k].won;
		if (!first)
			continue;
		for (int k = i; k < w->n && w->stay[k].attempt == s->attempt; k++)
			if (w->stay[k].step == s->step && !w->stay[k].won && w->stay[k].exit != LEADS_EXIT_NONE)
				spent += w->stay[k].until - w->stay[k].since;
		leads_histogram_put(c->rule->later, &cell_at(c, s->step)->hours[s->step], spent, c->sign);
	}
}

/* left it backwards; came again */
static void
put_ways(const Count *c, uint32_t counted)
{
	const LeadsWalk *w = c->w;
	uint32_t	back = 0;
	uint32_t	seen = 0;

	for (int i = 0; i < w->n; i++)
	{
		const LeadsStay *s = &w->stay[i];
		uint32_t	bit;

		if (s->step < 0 || (counted & (bit = UINT32_C(1) << s->step)) == 0)
			continue;
		if (s->exit == LEADS_EXIT_BACK && (back & bit) == 0)
		{
			cell_at(c, s->step)->regressed[s->step] += c->sign;
			back |= bit;
		}
		if (seen & bit)
			cell_at(c, s->step)->reentered[s->step] += c->sign;
		seen |= bit;
	}
}

/* the step that a lead stands at by its furthest, and whether it is through: -1 = in no step */
static int
reached(const LeadsWalk *w, bool *through)
{
	int			won = -1;

	*through = w->state == LEADS_JOURNEY_IS_WON;
	if (*through)
		won = w->stay[w->n - 1].step;
	return won > w->furthest ? won : w->furthest;
}

static void
count_at(const Count *c, int s, bool advanced)
{
	LeadsFunnelCell *cell = cell_at(c, s);

	cell->entered[s] += c->sign;
	if (advanced)
		cell->advanced[s] += c->sign;
	else if (c->w->state == LEADS_JOURNEY_IS_LOST)
		cell->lost[s] += c->sign;
	else
	{
		cell->open[s] += c->sign;
		cell->moved[s] += c->w->stay[c->w->n - 1].step < 0 ? c->sign : 0;
		if (c->rule->aged)
			c->rule->aged(c->rule->aged_arg, cell, s, c->sign);
		else if (c->rule->hours)
			leads_histogram_put(c->rule->later, &cell->ages[s], c->rule->as_of - c->w->begun_at, c->sign);
	}
}

static void
count_cohort(Count *c)
{
	const LeadsWalk *w = c->w;
	bool		through;
	int			far = reached(w, &through);
	int			max = -1;
	uint32_t	entered = w->entered;

	if (through && w->stay[w->n - 1].step >= 0)
		entered |= UINT32_C(1) << w->stay[w->n - 1].step;
	if (c->rule->by_event)
		for (int i = 0; i < w->n; i++)
			if (!w->stay[i].won || (through && i == w->n - 1))
				while (max < w->stay[i].step)
					c->owner[++max] = w->stay[i].owner;
	for (int s = 0; s <= far; s++)
	{
		count_at(c, s, through || s < far);
		if (through || s < far)
			cell_at(c, s)->next[s] += c->sign;
		if ((entered & UINT32_C(1) << s) == 0)
			cell_at(c, s)->skipped[s] += c->sign;
	}
	put_ways(c, w->entered);
	put_hours(c);
}

static void
count_strict(Count *c)
{
	const LeadsWalk *w = c->w;
	bool		through;
	int			far = reached(w, &through);
	uint32_t	seen = 0;
	uint32_t	next = 0;

	for (int i = 0; i < w->n; i++)
	{
		const LeadsStay *s = &w->stay[i];
		uint32_t	bit;

		if (s->step < 0 || (s->won && !(through && i == w->n - 1)))
			continue;
		bit = UINT32_C(1) << s->step;
		if ((seen & bit) == 0)
			c->owner[s->step] = s->owner;
		seen |= bit;
		/* the step before was entered before, no longer ago than within */
		for (int k = 0; k < i && s->step > 0 && (next & bit >> 1) == 0; k++)
			if (w->stay[k].step == s->step - 1 && s->since - w->stay[k].since <= c->rule->within)
				next |= bit >> 1;
	}
	for (int s = 0; s <= far; s++)
	{
		if ((seen & UINT32_C(1) << s) == 0)
			continue;
		count_at(c, s, through || s < far);
		if (next & UINT32_C(1) << s)
			cell_at(c, s)->next[s] += c->sign;
	}
	put_ways(c, w->entered);
	put_hours(c);
}

static void
count_flow(Count *c)
{
	const LeadsWalk *w = c->w;
	uint32_t	seen = 0;
	uint32_t	forward = 0;
	uint32_t	lost = 0;
	uint32_t	back = 0;
	uint32_t	away = 0;

	for (int i = 0; i < w->n; i++)
	{
		const LeadsStay *s = &w->stay[i];
		uint32_t	bit;

		if (s->step < 0 || s->since < c->rule->since || s->since >= c->rule->until)
			continue;
		bit = UINT32_C(1) << s->step;
		if ((seen & bit) == 0)
			c->owner[s->step] = s->owner;
		else
			cell_at(c, s->step)->reentered[s->step] += c->sign;
		seen |= bit;
		/* a win that stands has nowhere further to go */
		if ((s->exit == LEADS_EXIT_FORWARD && s->until - s->since <= c->rule->within) ||
			(s->won && s->exit == LEADS_EXIT_NONE))
			forward |= bit;
		else if (s->exit == LEADS_EXIT_LOST)
			lost |= bit;
		else if (s->exit == LEADS_EXIT_BACK)
			back |= bit;
		if (s->exit == LEADS_EXIT_MOVED)
			away |= bit;
		if (c->rule->hours && s->exit != LEADS_EXIT_NONE && !s->won)
		{
			leads_histogram_put(c->rule->later, &cell_at(c, s->step)->hours[s->step], s->until - s->since, c->sign);
			cell_at(c, s->step)->pooled[s->step] += c->sign * (s->pooled / 1000000);
		}
	}
	for (int s = 0; s < c->rule->steps.n; s++)
	{
		uint32_t	bit = UINT32_C(1) << s;
		LeadsFunnelCell *cell;

		if ((seen & bit) == 0)
			continue;
		cell = cell_at(c, s);
		cell->entered[s] += c->sign;
		if (forward & bit)
		{
			cell->advanced[s] += c->sign;
			cell->next[s] += c->sign;
		}
		else if (lost & bit)
			cell->lost[s] += c->sign;
		else
		{
			cell->open[s] += c->sign;
			cell->moved[s] += away & bit ? c->sign : 0;
		}
		if (back & bit)
			cell->regressed[s] += c->sign;
	}
}

static void
count_snapshot(Count *c)
{
	const LeadsStay *last = c->w->n > 0 ? &c->w->stay[c->w->n - 1] : NULL;
	LeadsFunnelCell *cell;

	if (c->w->state != LEADS_JOURNEY_OPEN || last->step < 0)
		return;
	/* whose it is now */
	c->owner[last->step] = c->w->owner;
	cell = cell_at(c, last->step);
	cell->entered[last->step] += c->sign;
	cell->open[last->step] += c->sign;
	if (c->rule->hours)
		leads_histogram_put(c->rule->later, &cell->hours[last->step], c->rule->as_of - last->since, c->sign);
}

void
leads_funnel_tally(const LeadsFunnelRule *rule, const LeadsWalk *w, int sign, LeadsFunnelCell *cell,
				   LeadsFunnelCellOf cell_of, void *arg, LeadsHistogram *closing)
{
	Count		c = {.rule = rule, .w = w, .sign = sign, .cell = cell, .cell_of = cell_of, .arg = arg};

	switch (rule->mode)
	{
		case LEADS_FUNNEL_COHORT:
			count_cohort(&c);
			break;
		case LEADS_FUNNEL_STRICT:
			count_strict(&c);
			break;
		case LEADS_FUNNEL_FLOW:
			count_flow(&c);
			break;
		case LEADS_FUNNEL_SNAPSHOT:
			count_snapshot(&c);
			break;
	}
	if (closing && (w->state == LEADS_JOURNEY_IS_WON || w->state == LEADS_JOURNEY_IS_LOST))
		(void) leads_histogram_add(closing, w->closed_at - w->begun_at, sign);
}

static void
merge_histograms(LeadsHistogram **h, const LeadsHistogram *other)
{
	if (other == NULL)
		return;
	if (*h == NULL)
		*h = leads_histogram_new();
	if (*h)
		(void) leads_histogram_merge(*h, other, 1);
}

void
leads_funnel_merge(LeadsFunnelCell *cell, const LeadsFunnelCell *other, int n)
{
	for (int s = 0; s < n; s++)
	{
		cell->entered[s] += other->entered[s];
		cell->advanced[s] += other->advanced[s];
		cell->lost[s] += other->lost[s];
		cell->open[s] += other->open[s];
		cell->next[s] += other->next[s];
		cell->skipped[s] += other->skipped[s];
		cell->regressed[s] += other->regressed[s];
		cell->reentered[s] += other->reentered[s];
		cell->moved[s] += other->moved[s];
		cell->pooled[s] += other->pooled[s];
		merge_histograms(&cell->hours[s], other->hours[s]);
		merge_histograms(&cell->ages[s], other->ages[s]);
	}
}

int
leads_funnel_level(const LeadsFunnelRule *rule, const LeadsWalk *w)
{
	int64_t		began[LEADS_FUNNEL_STEPS];	/* when the chain began that last came to a step */
	uint32_t	chained = 0;
	bool		through;
	int			level = 0;

	if (rule->mode == LEADS_FUNNEL_SNAPSHOT)
		return w->state == LEADS_JOURNEY_OPEN ? w->stay[w->n - 1].step + 1 : 0;
	if (rule->mode == LEADS_FUNNEL_COHORT)
		return reached(w, &through) + 1;
	through = w->state == LEADS_JOURNEY_IS_WON;
	for (int i = 0; i < w->n; i++)
	{
		const LeadsStay *s = &w->stay[i];
		uint32_t	bit;

		if (s->step < 0 || (s->won && !(through && i == w->n - 1)))
			continue;
		bit = UINT32_C(1) << s->step;
		if (s->step == 0)
			began[0] = s->since;
		else if ((chained & bit >> 1) != 0 && s->since - began[s->step - 1] <= rule->within)
			began[s->step] = began[s->step - 1];
		else
			continue;
		chained |= bit;
		if (s->step + 1 > level)
			level = s->step + 1;
	}
	return level;
}
