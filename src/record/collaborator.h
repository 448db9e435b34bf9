/*
 * collaborator.h - keeper of who works along with an owner.
 */
#ifndef LEADS_COLLABORATOR_H
#define LEADS_COLLABORATOR_H

#include "core/leads.h"

typedef enum
{
	LEADS_COLLABORATES_NOT, LEADS_COLLABORATES_READ, LEADS_COLLABORATES_WORK
} LeadsCollaboration;

/*
 * What a member may do beside the owner at f->now.  The caller knows that the customer is in somebody's hands; a time in a
 * pool since ended the right.
 */
extern LeadsCollaboration leads_collaboration(LeadsFrame *f, int64 customer_id, const char *scope, int64 member_id);
/* in any scope, for who may know that the customer is there */
extern bool leads_collaborates(LeadsFrame *f, int64 customer_id, int64 member_id);
/* from f->now on; level read or work; until LEADS_NO_TIME = none.  Returns the row */
extern int64 leads_collaborator_begin(LeadsFrame *f, int64 customer_id, const char *scope, int64 member_id, const char *level,
									  TimestampTz until, const char *reason, int64 decision_id);
/* ends what runs at f->now, of the customer and of those merged into it; false if nothing did */
extern bool leads_collaborator_end(LeadsFrame *f, int64 customer_id, const char *scope, int64 member_id);

#endif							/* LEADS_COLLABORATOR_H */
