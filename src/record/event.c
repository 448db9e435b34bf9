/*
 * event.c - keeper of the append-only history.
 *
 * Purpose: what happened to whom, when, by whom; the truth that funnels, journeys
 * and timelines are computed from.
 * Invariants: rows are never changed; all events of one mutation share one instant
 * and are ordered by (at, id); at is the effective instant, recorded_at when it was
 * written (they differ for a lapse that was written later); journeys follow in the
 * same transaction.
 * Called by: the verbs, act/corridor, record/journey.
 */
#include "core/leads.h"

#include "core/bulk.h"
#include "record/event.h"
#include "record/journey.h"

LEADS_INSERT(i_event, LEADS_RANK_EVENT, LEADS_ID_MADE, "event",
			 "customer_id, lead_id, scope, kind, at, recorded_at, actor_id, owner_id, pool_id, from_stage_id, to_stage_id,"
			 " attempt, amount, decision_id, data", "lLttzzLLLLLInLj");

int64
leads_event_write(LeadsFrame *f, const LeadsEvent *e)
{
	TimestampTz at = e->at == LEADS_NO_TIME ? f->now : e->at;
	int64		id = leads_insert(f, &i_event, e->customer_id, e->lead_id, e->scope ? e->scope : "", e->kind,
								  at, f->now,
								  e->by_system ? (int64) 0 : f->actor_id, e->owner_id, e->pool_id,
								  e->from_stage, e->to_stage, (int) e->attempt, e->amount,
								  e->decision_id, e->data);

	leads_journey_follow(f, e, at);
	return id;
}
