/*
 * contest.h - what becomes of registrations: approve, reject, withdraw, queue, conflicts.
 */
#ifndef LEADS_CONTEST_H
#define LEADS_CONTEST_H

#include "act/register_steps.h"

/* one registration on its way; the call's frame is the frame of everything */
typedef struct LeadsContest
{
	LeadsCall  *c;
	LeadsAttempt a;
	LeadsHold	hold;
	LeadsAttemptState state;
	const char *reason;
	int64		lead_id;		/* answers of a grant */
	int64		owner_id;
	TimestampTz protected_until;
	int64		decision_id;
} LeadsContest;

/* enter, actor; LD004 */
extern void leads_contest_open(LeadsContest *t, LeadsCall *c, const char *verb, const char *by_member);
/* the registration, if the actor may know of it: its own, its partner's, a boss those in its reach; LD001 */
extern void leads_contest_find(LeadsContest *t, int64 id);
/* deciding is a boss's business, and nobody decides over what it sent itself; LD004 */
extern void leads_contest_need_judge(LeadsContest *t);
/* the three of them; judge: only if it decides */
extern void leads_contest_begin(LeadsContest *t, LeadsCall *c, const char *verb, const char *by_member, int64 id, bool judge);
/* lock its customer (beside: the stripes of what was sent first, so that a customer can be made), settle, read again */
extern void leads_contest_hold(LeadsContest *t, bool beside);
/* the state machine: LD002 with what is allowed */
extern LeadsAttemptStep leads_contest_step(LeadsContest *t, LeadsAttemptEvent event);
/* the state, its reason and decision; the event, and a message to the registrant under this topic */
extern void leads_contest_move(LeadsContest *t, LeadsAttemptState to, const char *topic);
/* the registrant becomes the owner; beside: of a new customer that stands apart from the one met */
extern void leads_contest_grant(LeadsContest *t, bool beside);
/*
 * The same for one that is queued, whose state follows, or that was refused: then it is registered once more, as
 * approved and linked to it.  Returns the registration that counts.
 */
extern int64 leads_contest_let_in(LeadsContest *t, bool beside);
/* who waited behind it is blocked, with it as reference */
extern void leads_contest_close_queue(LeadsContest *t);
/* the first one behind it takes its place */
extern void leads_contest_promote(LeadsContest *t);
extern void leads_contest_end(LeadsContest *t);

/* does the actor decide over what this member, or this partner's people, registered */
extern bool leads_contest_reaches(LeadsFrame *f, int64 member_id, int64 partner_id);

/* contest_call.c: arguments and answers */
extern int64 leads_contest_id_arg(FunctionCallInfo fcinfo, const char *what);
extern Datum leads_contest_answer(FunctionCallInfo fcinfo, LeadsContest *t, int64 registration_id);

/* a protection document with its part "registration"; at load */
extern void leads_contest_init(void);

#endif							/* LEADS_CONTEST_H */
