/*
 * claim.h - taking customers out of a pool.
 */
#ifndef LEADS_CLAIM_H
#define LEADS_CLAIM_H

#include "core/leads.h"

typedef struct LeadsClaimRow
{
	int64		customer_id;
	const char *outcome;		/* claimed, own, refused */
	const char *reason;			/* SQLSTATE of the refusal, NULL = none */
	const char *message;		/* in the install language */
	const char *owner;			/* code; NULL if it is nobody's or not the caller's to know */
	TimestampTz protected_until;
	int64		decision_id;
} LeadsClaimRow;

/*
 * Claim for the actor of the frame; ids may repeat.  all: one refusal refuses all (LD001, LD060 to
 * LD065); else each customer has its own answer.  Ends the corridor; returns the number of rows, which
 * live until the frame is left.
 */
extern int	leads_claim_customers(LeadsFrame *f, const int64 *ids, int n, const char *scope, bool all,
								  LeadsClaimRow **rows);
extern void leads_claim_init(void);

#endif							/* LEADS_CLAIM_H */
