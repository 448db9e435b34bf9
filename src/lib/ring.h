/*-------------------------------------------------------------------------
 *
 * ring.h
 *		Strict round robin by stride scheduling: who is next in a ring.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_RING_H
#define LEADS_RING_H

#include "lib.h"

#define LEADS_RING_WEIGHT_MAX 1000

/* lcm(1 .. 30): the unit if the weights' own lcm is larger */
#define LEADS_RING_UNIT_MAX INT64_C(2329089562800)

typedef struct LeadsRingSeat
{
	int64_t		pass;			/* virtual time of the seat's next turn */
	int64_t		weight;			/* 1 .. LEADS_RING_WEIGHT_MAX; below 1: never
								 * picked */
	int64_t		last_turn;		/* turn number of its last assignment, ever
								 * increasing; 0 = never */
	int32_t		position;		/* last tie-breaker */
	bool		eligible;		/* may be picked now: set by the caller */
	bool		was_eligible;	/* eligible at the previous call: kept by pick */
} LeadsRingSeat;

/*
 * Pick the next seat: its index, or -1 if none is eligible.  Updates pass,
 * last_turn, was_eligible and *virtual_time in place; the caller stores all
 * seats whose fields changed, in the transaction of the assignment.
 */
extern int	leads_ring_pick(LeadsRingSeat *seats, int n, int64_t *virtual_time,
							int64_t turn_no, int64_t stride_unit);

/*
 * A turn that was given past the ring: the seat pays for it as if it had been picked, virtual time stands still.
 */
extern void leads_ring_spend(LeadsRingSeat *seats, int seat, int64_t virtual_time, int64_t turn_no, int64_t stride_unit);

/*
 * What one turn of a seat of weight 1 costs: the least common multiple of the
 * weights, so that strides are whole numbers and nothing drifts.  If it would
 * overflow, a fixed large unit; ring.c states the error bound.
 */
extern int64_t leads_ring_unit(const LeadsRingSeat *seats, int n);

/*
 * Call once, under the ring's lock, when the unit changes because a weight or
 * the membership was edited: keeps every seat's place in turns.
 */
extern void leads_ring_rescale(LeadsRingSeat *seats, int n, int64_t *virtual_time,
							   int64_t old_unit, int64_t new_unit);

#endif							/* LEADS_RING_H */
