/*
 * match_policy.h - the document that sets the duplicate check.
 */
#ifndef LEADS_MATCH_POLICY_H
#define LEADS_MATCH_POLICY_H

#include "core/leads.h"
#include "decide/match.h"

#define LEADS_RETURNING_DAYS 180
#define LEADS_PROBE_QUOTA 100
#define LEADS_UNCONFIRMED_DAILY 5
#define LEADS_SHARED_BY 5

/* claim(): the customer is likely the same as another one */
typedef enum LeadsOnClaim
{
	LEADS_ON_CLAIM_NOTE,		/* it is claimed, and the collision written down */
	LEADS_ON_CLAIM_REFUSE,		/* not if somebody else has the other one */
	LEADS_ON_CLAIM_OFF
} LeadsOnClaim;

/* whose a customer is, to colleagues who have no sight of it */
typedef enum LeadsTells
{
	LEADS_TELLS_OWNER,
	LEADS_TELLS_TEAM,
	LEADS_TELLS_NOBODY
} LeadsTells;

typedef struct LeadsMatchPolicy
{
	LeadsMatchModel model;
	int32		returning_days; /* a closed customer that nobody owned for so long comes back as new */
	int32		probe_quota;	/* duplicate checks a member may make in a business day; 0 = no limit */
	int32		unconfirmed_daily;	/* contacts a customer gets in a business day from others than its owner */
	int32		shared_by;		/* a number of so many customers is no evidence for any of them; 0 = it always is */
	LeadsOnClaim on_claim;
	LeadsTells	tells;
	bool		hides_until;	/* nor are they told how long it is protected */
	bool		by_line;		/* scope is the product line, not the whole customer */
	bool		by_project;		/* scope is the project, whatever customer it is registered for */
} LeadsMatchPolicy;

/* LD014 with the JSON path of the first fault */
extern void leads_match_policy_validate(Jsonb *body);
/* what is not in the document (NULL: nothing is) has its default */
extern void leads_match_policy_read(Jsonb *body, LeadsMatchPolicy *out);

#endif							/* LEADS_MATCH_POLICY_H */
