/*
 * contact.c - the judge of contacts.
 *
 * Purpose: a customer that writes from a second number should be known by it the next time, and nobody should be able
 * to make a customer be found by a number that is not its own.
 * Invariants: only what its owner sends, and nobody else has, counts at once; whatever a stranger sends waits for the
 * owner; what was refused is not asked again; PostgreSQL-free.
 * Called by: act/register, act/contact.
 */
#include "decide/contact.h"

LeadsContactVerdict
leads_contact_decide(const LeadsContactFacts *f)
{
	bool		trusted = f->by_owner && !f->taken;

	if (f->state == LEADS_CONTACT_CONFIRMED)
		return LEADS_CONTACT_STAYS;
	if (f->state != LEADS_CONTACT_NONE)
		return trusted ? LEADS_CONTACT_CONFIRM : LEADS_CONTACT_STAYS;
	if (f->second)
		return LEADS_CONTACT_SECOND;
	if (trusted)
		return LEADS_CONTACT_ADD;
	return f->today < f->most ? LEADS_CONTACT_ASK : LEADS_CONTACT_TOO_MANY;
}
