/*
 * job.h - keeper of heartbeats and of the quarantine.
 */
#ifndef LEADS_JOB_H
#define LEADS_JOB_H

#include "core/leads.h"

/* the last run of a job; finished LEADS_NO_TIME = not yet */
extern void leads_heartbeat_write(LeadsFrame *f, const char *job, TimestampTz started, TimestampTz finished,
								  int64 settled, int64 reminded, int64 failed);
/* one more failure of a customer: it is left alone for 1, 2, 4 … minutes, at most a day */
extern void leads_quarantine_add(LeadsFrame *f, int64 customer_id, const char *sqlstate, const char *message,
								 TimestampTz now);
/* forget those for which nothing is due any more */
extern void leads_quarantine_clean(LeadsFrame *f, TimestampTz now);

#endif							/* LEADS_JOB_H */
