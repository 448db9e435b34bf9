/*-------------------------------------------------------------------------
 *
 * journey_union.h
 *		One journey of what happened to several leads that turned out to be one.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_JOURNEY_UNION_H
#define LEADS_JOURNEY_UNION_H

#include "journey.h"

typedef struct LeadsJourneyMember
{
	int64_t		lead;
	int64_t		stage;			/* where it is, or was when it was closed */
	int64_t		owner;
	LeadsJourneyState state;
	int64_t    *seen;			/* stages that it came to */
	size_t		nseen;
	size_t		room;
} LeadsJourneyMember;

typedef struct LeadsJourneyUnion
{
	LeadsJourneyWriter w;		/* the journey */
	LeadsJourneyMember *members;
	size_t		n;
	size_t		room;
	int64_t		stage;			/* where the journey is */
} LeadsJourneyUnion;

extern void leads_journey_union_begin(LeadsJourneyUnion *u, uint8_t flags);
/* what happened to one of the leads, in the order of time; of one lead alone it is what leads_journey_add() makes */
extern void leads_journey_union_add(LeadsJourneyUnion *u, int64_t lead, int64_t at, LeadsJourneyKind kind, int64_t stage,
									int64_t owner);
/* from this instant on lead is into: told before what else happened at it */
extern void leads_journey_union_join(LeadsJourneyUnion *u, int64_t lead, int64_t into, int64_t at);
/* memory, but for the journey's: that goes by leads_journey_free(&u->w) */
extern void leads_journey_union_end(LeadsJourneyUnion *u);

#endif							/* LEADS_JOURNEY_UNION_H */
