/*-------------------------------------------------------------------------
 *
 * ring.c
 *		Strict round robin by stride scheduling: who is next in a ring.
 *
 * Purpose: leads go round a team fairly, also when people come and go.  Every
 * seat has a pass, the virtual time of its next turn; the smallest pass wins
 * (tie: least recently assigned, then position) and moves on by its stride,
 * unit / weight.  Called by: decide/routing, under the ring's row lock.
 *
 * Invariants:
 *	 - virtual time never goes back; an eligible seat's pass is never before it.
 *	   A seat that was away comes back at virtual time, not at the time it left:
 *	   leave brings neither a flood of turns nor, since its pass is at most one
 *	   stride ahead, a famine.
 *	 - whole numbers only: as long as the unit is a multiple of every weight
 *	   nothing drifts, however long the ring runs.
 *	 - a turn is spent only in the caller's arrays: a rolled back assignment
 *	   gives it back.
 *
 * Guarantee, in the order of the ring's lock, while the eligible set is stable:
 * equal weights: every n turns in a row give each of n seats exactly one;
 * other weights: |got - expected| < 2 turns.  test_ring.c counts it.
 *
 * Error bound of the fixed unit: where the lcm of the weights is above
 * LEADS_RING_UNIT_MAX, strides are rounded down by less than 1, out of at least
 * unit / 1000 = 2.3e9: a seat gains less than one turn in 2.3e9 of its own.
 *
 *-------------------------------------------------------------------------
 */
#include "ring.h"

/* passes above this are moved down before they can overflow */
#define PASS_HIGH (INT64_C(1) << 61)

static inline int64_t
seat_weight(const LeadsRingSeat *seat)
{
	return seat->weight > LEADS_RING_WEIGHT_MAX ? LEADS_RING_WEIGHT_MAX : seat->weight;
}

static inline bool
can_be_picked(const LeadsRingSeat *seat)
{
	return seat->eligible && seat->weight >= 1;
}

/* Does a come before b? */
static bool
before(const LeadsRingSeat *a, const LeadsRingSeat *b)
{
	if (a->pass != b->pass)
		return a->pass < b->pass;
	if (a->last_turn != b->last_turn)
		return a->last_turn < b->last_turn;
	return a->position < b->position;
}

/* Let virtual time start again at 0; what is behind it stands at it. */
static void
renormalise(LeadsRingSeat *seats, int n, int64_t *virtual_time)
{
	for (int i = 0; i < n; i++)
		seats[i].pass = seats[i].pass > *virtual_time ? seats[i].pass - *virtual_time : 0;
	*virtual_time = 0;
}

int
leads_ring_pick(LeadsRingSeat *seats, int n, int64_t *virtual_time,
				int64_t turn_no, int64_t stride_unit)
{
	int			best = -1;
	int64_t		stride;

	/* a stored value may have been edited by hand: never negative */
	if (*virtual_time < 0)
		*virtual_time = 0;
	if (stride_unit < 1)
		stride_unit = 1;
	if (stride_unit > LEADS_RING_UNIT_MAX)
		stride_unit = LEADS_RING_UNIT_MAX;

	for (int i = 0; i < n; i++)
	{
		if (can_be_picked(&seats[i]))
		{
			/*
			 * (Re-)entry.  For a seat that stayed this changes nothing, its pass
			 * is not before virtual time; so it need not be known to have left.
			 */
			if (seats[i].pass < *virtual_time)
				seats[i].pass = *virtual_time;
			if (best < 0 || before(&seats[i], &seats[best]))
				best = i;
		}
		seats[i].was_eligible = seats[i].eligible;
	}
	if (best < 0)
		return -1;

	*virtual_time = seats[best].pass;
	if (*virtual_time > PASS_HIGH)
		renormalise(seats, n, virtual_time);
	stride = stride_unit / seat_weight(&seats[best]);
	seats[best].pass += stride > 0 ? stride : 1;
	seats[best].last_turn = turn_no;
	return best;
}

void
leads_ring_spend(LeadsRingSeat *seats, int seat, int64_t virtual_time, int64_t turn_no, int64_t stride_unit)
{
	int64_t		stride;

	if (seats[seat].weight < 1)
		return;
	if (seats[seat].pass < virtual_time)
		seats[seat].pass = virtual_time;
	if (stride_unit < 1)
		stride_unit = 1;
	if (stride_unit > LEADS_RING_UNIT_MAX)
		stride_unit = LEADS_RING_UNIT_MAX;
	/* nothing overflows */
	if (seats[seat].pass > PASS_HIGH)
		return;
	stride = stride_unit / seat_weight(&seats[seat]);
	seats[seat].pass += stride > 0 ? stride : 1;
	seats[seat].last_turn = turn_no;
}

static int64_t
gcd(int64_t a, int64_t b)
{
	while (b != 0)
	{
		int64_t		r = a % b;

		a = b;
		b = r;
	}
	return a;
}

int64_t
leads_ring_unit(const LeadsRingSeat *seats, int n)
{
	int64_t		unit = 1;

	for (int i = 0; i < n; i++)
	{
		int64_t		w = seat_weight(&seats[i]);

		if (w < 1)
			continue;
		/* unit <= 2.4e12 and w <= 1000: no overflow */
		unit *= w / gcd(unit, w);
		if (unit > LEADS_RING_UNIT_MAX)
			return LEADS_RING_UNIT_MAX;
	}
	return unit;
}

void
leads_ring_rescale(LeadsRingSeat *seats, int n, int64_t *virtual_time,
				   int64_t old_unit, int64_t new_unit)
{
	if (old_unit < 1 || new_unit < 1 || old_unit == new_unit)
		return;
	if (new_unit > LEADS_RING_UNIT_MAX)
		new_unit = LEADS_RING_UNIT_MAX;

	/*
	 * After this a pass is at most one stride ahead, whatever unit it was in:
	 * an edited weight must not leave a seat waiting for turns of the old scale.
	 */
	renormalise(seats, n, virtual_time);
	for (int i = 0; i < n; i++)
	{
		int64_t		w = seat_weight(&seats[i]);
		int64_t		whole,
					part,
					limit;

		if (w < 1)
			continue;
		whole = seats[i].pass / old_unit;
		part = seats[i].pass % old_unit;
		limit = new_unit / w;
		/* part < old_unit <= 2.4e12; scale it by way of a double, exact enough */
		if (whole > limit / new_unit)
			seats[i].pass = limit;
		else
		{
			seats[i].pass = whole * new_unit +
				(int64_t) ((double) part / (double) old_unit * (double) new_unit + 0.5);
			if (seats[i].pass > limit)
				seats[i].pass = limit;
		}
	}
}
