/*
 * grants.h - profiles: which role may do what in one company.
 */
#ifndef LEADS_GRANTS_H
#define LEADS_GRANTS_H

#include "core/leads.h"

/* hooks of core/hooks.h */
extern void leads_access_grant_owner(const char *role);
extern void leads_access_regrant(LeadsFrame *f);

#endif							/* LEADS_GRANTS_H */
