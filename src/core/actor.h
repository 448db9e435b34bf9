/*
 * actor.h - who is acting.
 */
#ifndef LEADS_ACTOR_H
#define LEADS_ACTOR_H

#include "core/leads.h"

/*
 * Sets f->actor_id, actor_code, actor_manager.  by_member may be NULL;
 * channel_member is the channel's own member id or 0.  LD004 if nobody fits.
 */
extern void leads_actor_resolve(LeadsFrame *f, const char *by_member, int64 channel_member);
/* the same for readers: nobody is no error (actor_id stays 0, returns false) */
extern bool leads_actor_lookup(LeadsFrame *f);
/* the actor is the system itself: owner or superuser naming nobody */
extern bool leads_actor_is_system(LeadsFrame *f);

#endif							/* LEADS_ACTOR_H */
