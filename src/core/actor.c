/*
 * actor.c - who is acting.
 *
 * Purpose: one rule for every call, in the order of spec section 2: by_member,
 * leads.actor, the member bound to the role, the channel's member, the system.
 * Invariants: by_member and leads.actor count only for a profile of *this*
 * company that may act for others, since the grant on the parameter is valid in
 * the whole cluster; a member that is inactive or has left is nobody, even if no
 * job ever ran; a manager with a team names and decides over its team and the teams
 * below, nobody else, and is not told whether there is anybody else.
 * Called by: every verb.
 */
#include "core/leads.h"

#include "miscadmin.h"

#include "core/actor.h"

LEADS_QUERY(q_by_code, "t",
			"SELECT m.id, m.code, m.is_manager, m.active, m.left_at, m.partner_id FROM @.member m WHERE m.code = $1");
LEADS_QUERY(q_by_role, "t",
			"SELECT m.id, m.code, m.is_manager, m.active, m.left_at, m.partner_id FROM @.member m WHERE m.db_role = $1");
/* who is in the team of a manager or in a team below it; a manager without a team has no row */
LEADS_QUERY(q_reach, "ll",
			"WITH RECURSIVE below(id) AS ("
			"  SELECT m.team_id FROM @.member m WHERE m.id = $1 AND m.team_id IS NOT NULL"
			"  UNION SELECT t.id FROM @.team t JOIN below b ON t.parent_id = b.id)"
			" SELECT FROM @.member m WHERE m.id = $2 AND (m.id = $1 OR m.team_id IN (SELECT b.id FROM below b))");
LEADS_QUERY(q_has_team, "l", "SELECT FROM @.member m WHERE m.id = $1 AND m.team_id IS NOT NULL");
LEADS_QUERY(q_own_role, "lt", "SELECT FROM @.member m WHERE m.id = $1 AND m.db_role = $2");
LEADS_QUERY(q_by_id, "l",
			"SELECT m.id, m.code, m.is_manager, m.active, m.left_at, m.partner_id FROM @.member m WHERE m.id = $1");

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
	f->actor_partner = leads_int(&r, 0, 6);
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

/* a manager names whom it manages: without a team, or bound to nobody, everybody */
static bool
may_name(LeadsFrame *f, int64 member_id)
{
	LeadsFrame	self = *f;

	if ((f->profiles & LEADS_PROFILE_PROXY) != LEADS_PROFILE_MANAGER)
		return true;
	if (!bound_member(&self) || !leads_found(leads_run(&q_has_team, self.actor_id)))
		return true;
	return leads_found(leads_run(&q_reach, self.actor_id, member_id));
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
	if (!take_member(f, leads_run(&q_by_code, code)) || !may_name(f, f->actor_id))
	{
		f->actor_id = 0;
		f->actor_code = NULL;
		f->actor_manager = false;
		*fault = "The member named is unknown, not of the team, inactive or has left.";
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

LeadsReach
leads_actor_reach(LeadsFrame *f)
{
	/* who names somebody that it may not act for reaches nobody, not all */
	if (f->actor_id == 0)
		return (f->profiles & LEADS_PROFILE_BOSS) != 0 && !f->acting_for ? LEADS_REACH_ALL : LEADS_REACH_SELF;
	/* rights of the role are not the rights of the member it names */
	if ((f->profiles & LEADS_PROFILE_BOSS) != 0 &&
		leads_found(leads_run(&q_own_role, f->actor_id, GetUserNameFromId(f->caller, false))))
	{
		if ((f->profiles & (LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN)) != 0)
			return LEADS_REACH_ALL;
	}
	else if (!f->actor_manager || (f->profiles & LEADS_PROFILE_PROXY) == 0)
		return LEADS_REACH_SELF;
	return leads_found(leads_run(&q_has_team, f->actor_id)) ? LEADS_REACH_TEAM : LEADS_REACH_ALL;
}

bool
leads_actor_reaches(LeadsFrame *f, int64 member_id)
{
	switch (leads_actor_reach(f))
	{
		case LEADS_REACH_ALL:
			return true;
		case LEADS_REACH_TEAM:
			return leads_found(leads_run(&q_reach, f->actor_id, member_id));
		case LEADS_REACH_SELF:
			break;
	}
	return f->actor_id != 0 && member_id == f->actor_id;
}
