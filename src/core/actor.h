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
/* over whom the actor decides: itself; its team and the teams below (a manager with a team); everybody */
typedef enum
{
	LEADS_REACH_SELF, LEADS_REACH_TEAM, LEADS_REACH_ALL
} LeadsReach;

/*
 * The system, and a role with profile owner or admin acting as itself, reach everybody; a manager acting as itself, or a
 * member with is_manager named by a role that may name it, reaches its team and the teams below, without a team everybody.
 */
extern LeadsReach leads_actor_reach(LeadsFrame *f);
/* is this member the actor or within its reach? */
extern bool leads_actor_reaches(LeadsFrame *f, int64 member_id);
/* the actor is the system itself: owner or superuser naming nobody */
extern bool leads_actor_is_system(LeadsFrame *f);

#endif							/* LEADS_ACTOR_H */
