/*
 * notice.c - what an owner is told before a deadline.
 *
 * Purpose: send the notices that fell due, drop those that a more urgent one or a moved deadline took the place of.
 * Invariants: a notice belongs to one interval, one deadline and one offset, and is sent once; after an outage the most urgent
 * one alone is sent; which notice stands at an instant follows from deadline and policy, so that readers
 * see it whether a job ran or not.
 * Called by: act/tick, act/deadline.
 */
#include "core/leads.h"

#include "act/corridor.h"
#include "act/deadline.h"
#include "act/notice.h"
#include "record/notice.h"
#include "record/outbox.h"

static const LeadsMessage messages[] = {
	{"remind.due", "保护期将于 {0} 届满", "the protection ends at {0}"},
};

void
leads_notice_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

static const char *
ahead(const LeadsProtection *p, int i)
{
	return psprintf("%d %s", p->notices[i].n, p->notices[i].unit == LEADS_HOURS ? "hours" : "days");
}

/* the last notice of a deadline that fell due after one instant and by another, -1 = none */
static int
most_urgent(LeadsFrame *f, const LeadsProtection *p, TimestampTz due, TimestampTz after, TimestampTz by)
{
	int			best = -1;

	for (int i = 0; due != LEADS_NO_TIME && i < p->nnotices; i++)
	{
		TimestampTz at = leads_protection_notice_at(p, i, due, f->zone);

		if (at > after && at <= by)
			best = i;
	}
	return best;
}

/* rows for what fell due before the one that is sent (all of it: most = p->nnotices) and was not sent */
static int
drop(LeadsFrame *f, const LeadsOwnership *o, const LeadsProtection *p, TimestampTz due, int most, const char *state)
{
	int			n = 0;

	for (int i = 0; i < most; i++)
	{
		TimestampTz at = leads_protection_notice_at(p, i, due, f->zone);

		if (at >= o->remind_at && at <= f->now && leads_notice_insert(f, o, due, ahead(p, i), at, state))
			n++;
	}
	return n;
}

static void
tell(LeadsFrame *f, const LeadsCustomer *c, const LeadsOwnership *o, TimestampTz due, TimestampTz at, bool several, int collapsed)
{
	char	   *until = leads_message_time(f->zone, due);
	char	   *key = psprintf(INT64_FORMAT "/" INT64_FORMAT, o->id, due);
	LeadsEvent	ev;

	if (several)
		key = psprintf("%s/" INT64_FORMAT, key, at);
	(void) leads_outbox_write(f, "reminder", c->id, key, o->member_id, at,
							  "collapsed", collapsed > 0 ? psprintf("%d", collapsed) : NULL,
							  "customer", psprintf(INT64_FORMAT, c->id), "scope", o->scope, "name", c->name,
							  "due_at", until, "message", leads_message1(f->lang, "remind.due", until), NULL);
	memset(&ev, 0, sizeof(ev));
	ev.kind = "reminded";
	ev.customer_id = c->id;
	ev.scope = o->scope;
	ev.at = at;
	ev.owner_id = o->member_id;
	ev.decision_id = o->decision_id;
	ev.by_system = true;
	(void) leads_event_write(f, &ev);
}

bool
leads_notice_send(LeadsFrame *f, const LeadsCustomer *c, LeadsOwnership *o)
{
	LeadsProtection p;
	TimestampTz due = leads_ownership_deadline(o);
	TimestampTz at = LEADS_NO_TIME;
	bool		sent = false;
	int			i;

	(void) leads_deadline_rules(f, o, &p);
	i = most_urgent(f, &p, due, o->remind_at - 1, f->now);
	if (i >= 0)
	{
		int			collapsed = drop(f, o, &p, due, i, "collapsed");

		at = leads_protection_notice_at(&p, i, due, f->zone);
		/* a deadline that was there before, and came back, was told then */
		sent = leads_notice_insert(f, o, due, ahead(&p, i), at, "sent");
		if (sent)
			tell(f, c, o, due, at, p.nnotices > 1, collapsed);
	}
	o->remind_at = leads_protection_notice(&p, due, Max(at, f->now), f->zone, NULL);
	leads_deadline_nominal(o);
	o->told_due = due;
	if (i >= 0 && o->noticed_at == LEADS_NO_TIME)
		o->noticed_at = f->now;
	leads_deadline_release(f, o, &p);
	leads_ownership_update(f, o);
	return sent;
}

void
leads_notice_supersede(LeadsFrame *f, const LeadsOwnership *o, const LeadsProtection *p)
{
	if (o->remind_at != LEADS_NO_TIME && o->remind_at <= f->now && o->next_due_at != LEADS_NO_TIME)
		(void) drop(f, o, p, o->next_due_at, p->nnotices, "superseded");
}

TimestampTz
leads_notice_after(const LeadsOwnership *o)
{
	return Max(o->counts_from != LEADS_NO_TIME ? o->counts_from : o->since, o->protect_from);
}

TimestampTz
leads_notice_current(LeadsFrame *f, const LeadsOwnership *o)
{
	LeadsProtection p;
	TimestampTz due = leads_ownership_deadline(o);
	int			i;

	(void) leads_deadline_rules(f, o, &p);
	i = most_urgent(f, &p, due, leads_notice_after(o), f->now);
	return i >= 0 ? leads_protection_notice_at(&p, i, due, f->zone) : LEADS_NO_TIME;
}
