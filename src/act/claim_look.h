/*
 * claim_look.h - private to act/claim: what a claimed customer meets.
 */
#ifndef LEADS_CLAIM_LOOK_H
#define LEADS_CLAIM_LOOK_H

#include "core/leads.h"
#include "decide/match.h"

typedef struct LeadsClaimLook LeadsClaimLook;

typedef struct LeadsClaimMeets
{
	int64		customer_id;	/* the other one */
	const char *name;
	int64		owner_id;		/* whose it is at this instant, 0 = nobody's */
	LeadsBand	band;
	double		score;
	bool		refuse;			/* the policy says so */
} LeadsClaimMeets;

/* once a call; the policy that rules at f->now */
extern LeadsClaimLook *leads_claim_look_begin(LeadsFrame *f);
/* the other live customer that is likely the same; id is locked and settled; false if there is none */
extern bool leads_claim_look(LeadsClaimLook *l, LeadsFrame *f, int64 id, const char *scope, LeadsClaimMeets *out);
/* written down, once a pair: the event collided, and a message to whoever has the other one */
extern void leads_claim_met(LeadsFrame *f, int64 id, const char *scope, const char *name, const LeadsClaimMeets *m, int64 decision_id);

#endif							/* LEADS_CLAIM_LOOK_H */
