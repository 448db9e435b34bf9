/*
 * actor.c - who is acting.
 *
 * Purpose: one rule for every call, in the order of spec section 2: by_member,
 * leads.actor, the member bound to the role, the channel's member, the system.
 * Invariants: by_member and leads.actor count only for a profile of *this*
 * company that may act for others, since the grant on the parameter is valid in
 * the whole cluster; a member that is inactive or has left is nobody, even if no
 * job ever ran.
 * Called by: every verb.
 */
#include "core/leads.h"

#include "miscadmin.h"

#include "core/actor.h"

LEADS_QUERY(q_by_code, "t",
			"SELECT m.id, m.code, m.is_manager, m.active, m.left_at FROM @.member m WHERE m.code = $1");
LEADS_QUERY(q_by_role, "t",
			"SELECT m.id, m.code, m.is_manager, m.active, m.left_at FROM @.member m WHERE m.db_role = $1");
LEADS_QUERY(q_by_id, "l",
			"SELECT m.id, m.code, m.is_manager, m.active, m.left_at FROM @.member m WHERE m.id = $1");

static bool
take_member(LeadsFrame *f, LeadsResult r)
{
	TimestampTz left;

	if (!leads_found(r) || !leads_bool(&r, 0, 4))
		return false;
	left = leads_time(&r, 0, 5);
	if (left != LEADS_NO_TIME && left <= (f->reader ? leads_now_internal() : leads_clock_read()))
		return false;
	f->actor_id = leads_int(&r, 0, 1);
	f->actor_code = leads_text(&r, 0, 2);
	f->actor_manager = leads_bool(&r, 0, 3);
	return true;
}

static void
refuse(const char *detail)
{
	ereport(ERROR,
			(errcode(LEADS_ERR_NO_RIGHT),
			 errmsg("no member to act as"),
			 errdetail("%s", detail),
			 errhint("Bind the role to a member (member.db_role), or call as a role that may name one.")));
}

static bool
bound_member(LeadsFrame *f)
{
	return take_member(f, leads_run(&q_by_role, GetUserNameFromId(f->caller, false)));
}

/* the first three rules; *named tells that somebody was named but may not act */
static bool
named_member(LeadsFrame *f, const char *by_member, const char **fault)
{
	const char *code = by_member;

	*fault = NULL;
	if (code == NULL && leads_actor_guc && leads_actor_guc[0])
		code = leads_actor_guc;
	if (code == NULL)
		return bound_member(f);
	if ((f->profiles & LEADS_PROFILE_PROXY) == 0)
	{
		/* naming oneself is no proxy */
		if (bound_member(f) && strcmp(f->actor_code, code) == 0)
			return true;
		f->actor_id = 0;
		f->actor_code = NULL;
		*fault = by_member ? "The role may not name another member in by_member."
			: "The role may not act through leads.actor in this company.";
		return false;
	}
	f->acting_for = true;
	if (!take_member(f, leads_run(&q_by_code, code)))
	{
		*fault = "The member named is unknown, inactive or has left.";
		return false;
	}
	return true;
}

void
leads_actor_resolve(LeadsFrame *f, const char *by_member, int64 channel_member)
{
	const char *fault;

	if (named_member(f, by_member, &fault))
		return;
	if (fault)
		refuse(fault);
	if (channel_member != 0 && (f->profiles & LEADS_PROFILE_APP) != 0 &&
		take_member(f, leads_run(&q_by_id, channel_member)))
		return;
	if (f->profiles & LEADS_PROFILE_OWNER)
		return;					/* the system */
	refuse("The role is bound to no active member.");
}

bool
leads_actor_lookup(LeadsFrame *f)
{
	const char *fault;

	return named_member(f, NULL, &fault);
}

bool
leads_actor_is_system(LeadsFrame *f)
{
	return f->actor_id == 0 && (f->profiles & LEADS_PROFILE_OWNER) != 0;
}
