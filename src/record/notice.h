/*
 * notice.h - keeper of the notices before a deadline.
 */
#ifndef LEADS_NOTICE_H
#define LEADS_NOTICE_H

#include "core/leads.h"
#include "record/ownership.h"

/* state: sent, collapsed, superseded; false if there is one already, whatever became of it */
extern bool leads_notice_insert(LeadsFrame *f, const LeadsOwnership *o, TimestampTz due, const char *ahead, TimestampTz notify_at,
								const char *state);

#endif							/* LEADS_NOTICE_H */
