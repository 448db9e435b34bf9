/*
 * reroute.h - a customer that is there already goes through the rules.
 */
#ifndef LEADS_REROUTE_H
#define LEADS_REROUTE_H

#include "act/corridor.h"
#include "act/route.h"

/* what the rules look at: the customer, its scope's newest lead, who holds it */
extern void leads_reroute_request(LeadsFrame *f, const LeadsHold *h, LeadsRouteRequest *q);

#endif							/* LEADS_REROUTE_H */
