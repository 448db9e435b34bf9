/*
 * rollup.h - jobs of the rollups.
 */
#ifndef LEADS_ACT_ROLLUP_H
#define LEADS_ACT_ROLLUP_H

#include "core/leads.h"

/* tick(): add up what is pending; commits: batch after batch, each a transaction, else one */
extern void leads_rollup_tick(LeadsFrame *f, bool commits);

#endif							/* LEADS_ACT_ROLLUP_H */
