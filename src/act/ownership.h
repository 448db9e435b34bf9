/*
 * ownership.h - release, and who owned what when.
 */
#ifndef LEADS_ACT_OWNERSHIP_H
#define LEADS_ACT_OWNERSHIP_H

#include "core/leads.h"

/*
 * Give a customer back: the owner or a boss, into the pool named or the one it would lapse to.  Begins
 * and ends the corridor; returns the decision and the pool's code.  LD001, LD002, LD050.
 */
extern int64 leads_ownership_release(LeadsFrame *f, int64 customer_id, const char *scope, const char *reason,
									 const char *pool_code, const char **into);
/*
 * May the caller of a reader ask about this live customer: a rep about what it owns or owned, a manager about what its team does,
 * both about pools that they may see?
 */
extern bool leads_ownership_may_ask(LeadsFrame *f, int64 customer_id);
extern void leads_ownership_verbs_init(void);

#endif							/* LEADS_ACT_OWNERSHIP_H */
