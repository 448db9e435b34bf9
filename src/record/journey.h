/*
 * journey.h - keeper of journeys, the packed histories of leads.
 */
#ifndef LEADS_RECORD_JOURNEY_H
#define LEADS_RECORD_JOURNEY_H

#include "core/leads.h"
#include "lib/journey_union.h"
#include "record/event.h"

/* columns of lead as flags of a journey; kind of an event in its journey */
#define LEADS_JOURNEY_FLAGS_OF(l) "(" l ".imported::integer + 2 * " l ".test::integer)"
#define LEADS_JOURNEY_KIND_OF(e) \
	"CASE WHEN " e ".kind = 'lost' AND " e ".data->'invalid' = 'true' THEN 'invalid' ELSE " e ".kind END"

/* after an event was written: the journey of its lead, or those of the open leads whose owner it changed */
extern void leads_journey_follow(LeadsFrame *f, const LeadsEvent *e, TimestampTz at);
/*
 * Events of customers that change hands, many of them: what their leads are told is gathered in cxt from the first
 * call on, and written by the second (in a bulk, or a row at a time).  After an error: forget.
 */
extern void leads_journey_hand_over_begin(LeadsFrame *f, MemoryContext cxt);
extern void leads_journey_hand_over_end(LeadsFrame *f);
extern void leads_journey_hand_over_forget(LeadsFrame *f);
/* the region of a customer was changed */
extern void leads_journey_region(LeadsFrame *f, int64 customer_id);
/* were all journeys written once? until then funnels read events */
extern bool leads_journey_ready(LeadsFrame *f);

/* install(): say so if journeys have to be built */
extern void leads_journey_mend(LeadsFrame *f);

/* the journey of one lead from its events, and of those that were merged into it; w->len is 0 if it has none, or is one of these */
extern void leads_journey_from_events(LeadsFrame *f, int64 lead_id, LeadsJourneyWriter *w);
/* the same, written: leads became one, or are two again */
extern void leads_journey_whole(LeadsFrame *f, int64 lead_id);
/* one event of a lead; kind joined: from then on the lead is what stage says */
extern void leads_journey_take(LeadsJourneyUnion *u, int64 lead_id, TimestampTz at, const char *kind, int64 stage, int64 owner);

typedef void (*LeadsJourneyDiffers) (void *arg, int64 lead_id, const char *how);
/*
 * Compare the journeys of the next n leads after one with their events, tell of each that differs (how: missing,
 * journey, copy, orphan: of a lead that is gone), and write them anew if asked to.  Returns the last lead looked at, 0 = there is none after it.
 */
extern int64 leads_journey_compare(LeadsFrame *f, int64 after, int n, bool write, LeadsJourneyDiffers tell, void *arg);

/* LD095 with what is wrong */
pg_noreturn extern void leads_journey_damaged(const char *fault);

#endif							/* LEADS_RECORD_JOURNEY_H */
