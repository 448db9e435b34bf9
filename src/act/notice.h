/*
 * notice.h - what an owner is told before a deadline.
 */
#ifndef LEADS_ACT_NOTICE_H
#define LEADS_ACT_NOTICE_H

#include "core/leads.h"
#include "decide/protection.h"
#include "record/customer.h"
#include "record/ownership.h"

/*
 * Send what fell due of one interval of a locked customer: the most urgent one, the others collapse into it; the release
 * follows.  Writes o.  False if nothing was to be sent.
 */
extern bool leads_notice_send(LeadsFrame *f, const LeadsCustomer *c, LeadsOwnership *o);
/* the deadline of o->next_due_at is about to move: what fell due for it and was not sent is not sent any more */
extern void leads_notice_supersede(LeadsFrame *f, const LeadsOwnership *o, const LeadsProtection *p);
/* notices that fall due after this instant are sent: what began was told by that */
extern TimestampTz leads_notice_after(const LeadsOwnership *o);
/* the most urgent notice of the deadline that fell due by now, whether a job sent it or not; LEADS_NO_TIME */
extern TimestampTz leads_notice_current(LeadsFrame *f, const LeadsOwnership *o);
/* texts, at load */
extern void leads_notice_init(void);

#endif							/* LEADS_ACT_NOTICE_H */
