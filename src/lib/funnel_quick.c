/*-------------------------------------------------------------------------
 *
 * funnel_quick.c
 *		How far a lead came, how it ended and how long it took, in a few instructions an entry.
 *
 * Purpose: a funnel over all leads asks nothing else of most journeys, and the time
 * of a scan is all that it may take.
 * Invariants: the answer is that of a walk (lib/funnel), or there is none: whatever
 * is not plain, damaged bytes among it, is left to the walk; nothing outside of the
 * bytes is read.
 * Called by: read/funnel_agg, read/funnel.
 *
 *-------------------------------------------------------------------------
 */
#include "funnel.h"

/*
 * of[]: bits 0-5 step + 1 that an open lead is in, 8-13 step + 1 of the win, of an open one 8: another attempt, 14-15
 * state; KEEP: another owner, nothing else
 */
#define KEEP 0x40
#define UNKNOWN 0x80
#define ATTEMPT 0x100

/* longer ones might count beyond the last instant */
#define PLAIN_MOST 2000

void
leads_funnel_quick_begin(LeadsFunnelQuick *q, const LeadsFunnelSteps *steps)
{
	for (int stage = 0; stage < 256; stage++)
		for (int kind = 0; kind < 16; kind++)
		{
			uint16_t   *of = &q->of[stage << 4 | kind];
			LeadsJourneyState state = leads_journey_after(LEADS_JOURNEY_NONE, (LeadsJourneyKind) kind);

			if (kind == 0 || kind > LEADS_JOURNEY_KINDS)
				*of = UNKNOWN;
			else if (kind == LEADS_JOURNEY_OWNER)
				*of = KEEP;
			else
				*of = (uint16_t) (state << 14);
			if (state == LEADS_JOURNEY_OPEN && *of != UNKNOWN)
			{
				*of |= (uint16_t) (leads_funnel_step(steps, stage) + 1);
				if (kind == LEADS_JOURNEY_REOPENED || kind == LEADS_JOURNEY_REVERSED)
					*of |= ATTEMPT;
			}
			else if (state == LEADS_JOURNEY_IS_WON)
				*of |= (uint16_t) ((leads_funnel_won_step(steps, stage) + 1) << 8);
		}
}

/* an owner of one digit or two, which go up to 16383; false: it is cut off, or longer */
static inline bool
near_owner(const uint8_t **p, const uint8_t *end, uint64_t *owner)
{
	const uint8_t *d = *p;
	unsigned	two;

	if (d == end || (two = *d >> 7) >= (unsigned) (end - d) || (two & d[two] >> 7) != 0)
		return false;
	*owner = (*d & 0x7F) | ((uint64_t) (d[two] & 0x7F) << 7 & (0 - (uint64_t) two));
	*p = d + 1 + two;
	return true;
}

int
leads_funnel_quick(const LeadsFunnelQuick *q, const void *bytes, size_t len, LeadsJourneyState *state)
{
	const uint8_t *p = bytes;
	const uint8_t *end = p + len;
	uint64_t	sum;
	uint64_t	at;
	unsigned	last = 0;
	unsigned	far = 0;
	unsigned	odd = 0;		/* bits of what is not plain */
	uint16_t	wanted;

	if (len < LEADS_JOURNEY_HEAD + 8 || len > PLAIN_MOST || p[0] != LEADS_JOURNEY_VERSION ||
		(p[1] & ~LEADS_JOURNEY_FLAGS) != 0 || (p[LEADS_JOURNEY_HEAD] & 15) != LEADS_JOURNEY_ENTERED)
		return -1;
	wanted = (uint16_t) (p[2] | p[3] << 8);
	at = (uint64_t) leads_journey_era(p);
	sum = p[4];
	p += LEADS_JOURNEY_HEAD;
	do
	{
		uint64_t	word = leads_journey_load(p);
		unsigned	of = q->of[(word >> 4 & 0xFF0) | (word & 15)];

		p += 8;
		sum = leads_journey_mix(sum, word);
		at += word >> 16;
		/* wide, or bits that mean nothing */
		odd |= (unsigned) (word & 0xE0) | (of & UNKNOWN);
		last = of & KEEP ? last : of;
		far = (of & 0x3F) > far ? of & 0x3F : far;
		if (word & 0x10)
		{
			uint64_t	owner;

			if (!near_owner(&p, end, &owner))
				return -1;
			sum = leads_journey_mix(sum, owner);
		}
	} while (end - p >= 8);
	if (p != end || odd != 0 || at > (uint64_t) LEADS_JOURNEY_LAST || leads_journey_fold(sum) != wanted)
		return -1;
	*state = (LeadsJourneyState) (last >> 14);
	if (*state == LEADS_JOURNEY_IS_WON && (last >> 8 & 0x3F) > far)
		far = last >> 8 & 0x3F;
	return (int) far;
}

/* ---------------------------------------------------------------- with times */

bool
leads_funnel_plain(LeadsFunnelPlain *out, const LeadsFunnelQuick *q, const void *bytes, size_t len, int64_t as_of)
{
	const uint8_t *p = bytes;
	const uint8_t *end = p + len;
	uint64_t	sum;
	uint64_t	at;
	uint64_t	since;
	uint64_t	closed_at = 0;
	uint64_t	entered;		/* by step + 1 */
	uint64_t	again = 0;
	uint64_t	word;
	bool		reopened = false;
	bool		invalid = false;	/* the last loss was of no lead */
	unsigned	attempt = 0;
	unsigned	far;
	unsigned	here;			/* step + 1, 0 = closed */
	unsigned	last;
	unsigned	odd;
	uint32_t	back = 0;
	uint64_t	owner = 0;
	uint64_t	before;			/* instant of the entry before */
	uint16_t	wanted;
	int			n = 1;

	if (len < LEADS_JOURNEY_HEAD + 8 || len > LEADS_JOURNEY_HEAD + 8 * LEADS_FUNNEL_PLAIN_MOST ||
		p[0] != LEADS_JOURNEY_VERSION || (p[1] & ~LEADS_JOURNEY_FLAGS) != 0)
		return false;
	out->imported = (p[1] & LEADS_JOURNEY_IMPORTED) != 0;
	out->test = (p[1] & LEADS_JOURNEY_TEST) != 0;
	wanted = (uint16_t) (p[2] | p[3] << 8);
	/* the first entry: the lead began */
	word = leads_journey_load(p + LEADS_JOURNEY_HEAD);
	at = (uint64_t) leads_journey_era(p) + (word >> 16);
	sum = leads_journey_mix(p[4], word);
	p += LEADS_JOURNEY_HEAD + 8;
	last = q->of[(word >> 4 & 0xFF0) | LEADS_JOURNEY_ENTERED];
	here = far = last & 0x3F;
	if ((word & 0xEF) != LEADS_JOURNEY_ENTERED || here == 0)
		return false;
	if (word & 0x10)
	{
		if (!near_owner(&p, end, &owner))
			return false;
		sum = leads_journey_mix(sum, owner);
	}
	odd = 0;
	out->begun_at = (int64_t) at;
	out->first_owner = (int64_t) owner;
	since = before = at;
	entered = UINT64_C(1) << here;
	out->pooled[0] = 0;
	out->attempt[0] = 0;
	out->step[0] = (uint8_t) (here - 1);
	while (end - p >= 8)
	{
		unsigned	of;
		unsigned	to;

		word = leads_journey_load(p);
		of = q->of[(word >> 4 & 0xFF0) | (word & 15)];
		to = of & 0x3F;
		p += 8;
		sum = leads_journey_mix(sum, word);
		at += word >> 16;
		odd |= (unsigned) (word & 0xE0) | (of & UNKNOWN);
		/* it lay in a pool */
		if (owner == 0 && here != 0)
			out->pooled[n - 1] += (int64_t) (at - before);
		before = at;
		if (word & 0x10)
		{
			if (!near_owner(&p, end, &owner))
				return false;
			sum = leads_journey_mix(sum, owner);
		}
		if (of & KEEP)
			continue;
		if ((of >> 14) != LEADS_JOURNEY_OPEN)
		{
			/* closed twice, and a win in a step that was entered, are no plain matter */
			if (here == 0 || ((of >> 8 & 0x3F) != 0 && (entered >> (of >> 8 & 0x3F) & 1) != 0))
				return false;
			last = of;
			out->spent[n - 1] = (int64_t) (at - since);
			closed_at = at;
			invalid = (word & 15) == LEADS_JOURNEY_INVALID;
			here = 0;
			continue;
		}
		/* nor is a win that was taken back, or a stage that is no step */
		if (to == 0 || (last >> 14) == LEADS_JOURNEY_IS_WON)
			return false;
		last = of;
		attempt += of >> 8 & 1;
		if (to == here)
			continue;
		if (here != 0)
		{
			out->spent[n - 1] = (int64_t) (at - since);
			back |= (uint32_t) (to < here) << (here - 1);
		}
		else
			reopened = true;
		since = at;
		again |= entered >> to & 1;
		entered |= UINT64_C(1) << to;
		out->pooled[n] = 0;
		out->attempt[n] = (uint8_t) attempt;
		out->step[n++] = (uint8_t) (to - 1);
		far = to > far ? to : far;
		here = to;
	}
	if (p != end || odd != 0 || at > (uint64_t) LEADS_JOURNEY_LAST || (int64_t) at > as_of ||
		leads_journey_fold(sum) != wanted)
		return false;
	out->n = n;
	out->again = again != 0;
	out->reopened = reopened;
	out->state = (LeadsJourneyState) (last >> 14);
	out->invalid = invalid && out->state == LEADS_JOURNEY_IS_LOST;
	out->won = out->state == LEADS_JOURNEY_IS_WON ? (int) (last >> 8 & 0x3F) - 1 : -1;
	out->far = (int) far - 1;
	out->entered = (uint32_t) (entered >> 1);
	out->back = back;
	out->closed_at = (int64_t) closed_at;
	out->owner = (int64_t) owner;
	return true;
}

/* stays of one step in one attempt are one time */
static void
put_again(const LeadsFunnelRule *rule, const LeadsFunnelPlain *w, int over, int sign, LeadsFunnelCell *cell)
{
	uint32_t	seen = 0;

	for (int i = 0; i < w->n; i++)
	{
		int64_t		spent = 0;
		bool		first = true;

		if (seen & UINT32_C(1) << w->step[i])
			cell->reentered[w->step[i]] += sign;
		seen |= UINT32_C(1) << w->step[i];
		for (int k = i - 1; k >= 0 && first && w->attempt[k] == w->attempt[i]; k--)
			first = w->step[k] != w->step[i];
		if (i >= over || !first || !rule->hours)
			continue;
		for (int k = i; k < over && w->attempt[k] == w->attempt[i]; k++)
			if (w->step[k] == w->step[i])
				spent += w->spent[k];
		leads_histogram_put(rule->later, &cell->hours[w->step[i]], spent, sign);
	}
}

void
leads_funnel_plain_tally(const LeadsFunnelRule *rule, const LeadsFunnelPlain *w, int sign, LeadsFunnelCell *cell,
						 LeadsHistogram *closing)
{
	bool		through = w->state == LEADS_JOURNEY_IS_WON;
	int			far = w->won > w->far ? w->won : w->far;
	uint32_t	missed = ~(w->entered | (w->won >= 0 ? UINT32_C(1) << w->won : 0)) & ((UINT32_C(2) << far) - 1);
	int			over = through ? far + 1 : far;

	for (int s = 0; s < over; s++)
	{
		cell->entered[s] += sign;
		cell->advanced[s] += sign;
		cell->next[s] += sign;
	}
	if (!through)
	{
		cell->entered[far] += sign;
		if (w->state == LEADS_JOURNEY_IS_LOST)
			cell->lost[far] += sign;
		else
		{
			cell->open[far] += sign;
			if (rule->aged)
				rule->aged(rule->aged_arg, cell, far, sign);
			else if (rule->hours)
				leads_histogram_put(rule->later, &cell->ages[far], rule->as_of - w->begun_at, sign);
		}
	}
	for (; missed != 0; missed &= missed - 1)
		cell->skipped[__builtin_ctz(missed)] += sign;
	for (uint32_t back = w->back; back != 0; back &= back - 1)
		cell->regressed[__builtin_ctz(back)] += sign;
	over = w->n - (w->state == LEADS_JOURNEY_OPEN);
	if (w->again)
		put_again(rule, w, over, sign, cell);
	if (rule->hours)
		for (int i = 0; i < over; i++)
		{
			if (!w->again)
				leads_histogram_put(rule->later, &cell->hours[w->step[i]], w->spent[i], sign);
			cell->pooled[w->step[i]] += sign * (w->pooled[i] / 1000000);
		}
	if (closing && w->state != LEADS_JOURNEY_OPEN)
		(void) leads_histogram_add(closing, w->closed_at - w->begun_at, sign);
}
