/*
 * outbox.h - keeper of messages for senders outside.
 */
#ifndef LEADS_OUTBOX_H
#define LEADS_OUTBOX_H

#include "core/leads.h"

/*
 * One message; a second one with the same topic, subject and key is dropped.  facts: key, value
 * pairs of texts, NULL ends them; never a phone or a mail address.
 */
extern bool leads_outbox_write(LeadsFrame *f, const char *topic, int64 customer_id, const char *dedupe_key,
							   int64 member_id, TimestampTz effective_at,...);

#endif							/* LEADS_OUTBOX_H */
