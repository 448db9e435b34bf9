/*
 * contact.h - the judge of contacts: what becomes of a number, address or person that comes for a customer that is there.
 */
#ifndef LEADS_DECIDE_CONTACT_H
#define LEADS_DECIDE_CONTACT_H

#include "lib/identity.h"

typedef struct LeadsContactFacts
{
	LeadsContactState state;
	bool		by_owner;		/* whoever has the customer sends it */
	bool		taken;			/* another live customer has it */
	bool		second;			/* a USCC, and the customer has another one */
	int			today;			/* unconfirmed ones that came for the customer in this business day */
	int			most;			/* so many a day are kept */
} LeadsContactFacts;

typedef enum LeadsContactVerdict
{
	LEADS_CONTACT_STAYS,		/* it is there, or was refused: nothing to do */
	LEADS_CONTACT_ADD,			/* from now on the customer is found by it */
	LEADS_CONTACT_ASK,			/* kept; finds nobody until the owner confirms it */
	LEADS_CONTACT_CONFIRM,		/* kept before, confirmed by this */
	LEADS_CONTACT_SECOND,		/* not kept: the customer has another USCC */
	LEADS_CONTACT_TOO_MANY		/* not kept: enough of one day */
} LeadsContactVerdict;

extern LeadsContactVerdict leads_contact_decide(const LeadsContactFacts *f);

#endif							/* LEADS_DECIDE_CONTACT_H */
