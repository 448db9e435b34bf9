/*
 * rollup.h - jobs of the rollups.
 */
#ifndef LEADS_ACT_ROLLUP_H
#define LEADS_ACT_ROLLUP_H

#include "core/leads.h"

/* tick(): add up what is pending; commits: batch after batch, each a transaction, else one */
extern void leads_rollup_tick(LeadsFrame *f, bool commits);
/* journeys were made anew, so that what was added up of them is not known: count again, once whoever adds up is through */
extern void leads_rollup_follow(LeadsFrame *f);

#endif							/* LEADS_ACT_ROLLUP_H */
