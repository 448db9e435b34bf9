/*
 * sight.h - what a caller may see of one company.
 */
#ifndef LEADS_SIGHT_H
#define LEADS_SIGHT_H

#include "core/leads.h"

/* in a frame whose actor has been looked up: everything, whoever owns it */
extern bool leads_sight_all(LeadsFrame *f);
/* members whose customers the caller sees if it does not see everything: int8[] */
extern Datum leads_sight_members(LeadsFrame *f);

#endif							/* LEADS_SIGHT_H */
