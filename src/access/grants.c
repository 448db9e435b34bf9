/*
 * grants.c - profiles: which role may do what in one company.
 *
 * Purpose: grant_access() and revoke_access() turn a profile into GRANTs on functions of schema leads,
 * on relations of the data schema and on the parameter leads.actor; the tables below say which.
 * Invariants: the rows of access_grant are the truth, what PostgreSQL stores follows and is re-applied by
 * install(); every GRANT is issued as the data schema's owner, who got EXECUTE with grant option
 * from a superuser; EXECUTE opens no company by itself, so a function stays granted while any company of
 * the same owner needs it; roles are kept by name, a missing one is skipped.
 * Called by: users, core/install (hooks).
 */
#include "core/leads.h"

#include "access/grants.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "core/compat.h"
#include "core/lock.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

#define ADMIN LEADS_PROFILE_ADMIN
#define MANAGER LEADS_PROFILE_MANAGER
#define REP LEADS_PROFILE_REP
#define APP LEADS_PROFILE_APP
#define BI LEADS_PROFILE_BI
#define SENDER LEADS_PROFILE_SENDER
#define PARTNER LEADS_PROFILE_PARTNER

#define STAFF (REP | APP | MANAGER | ADMIN)
#define READERS (STAFF | BI)
#define EVERYBODY (STAFF | BI | SENDER | PARTNER)

/* the owner has every function of schema leads; one that is not listed here is the owner's alone */
static const struct
{
	const char *name;
	uint32		profiles;
}			function_rights[] = {
	/* what views call */
	{"now", EVERYBODY},
	{"sees_all", EVERYBODY},
	{"visible_members", EVERYBODY},
	{"visible_owners", EVERYBODY},
	{"visible_holdings", EVERYBODY},
	{"visible_shared", EVERYBODY},
	{"visible_pools", EVERYBODY},
	{"actor_id", EVERYBODY},
	{"may_see", EVERYBODY},
	{"mask_name", EVERYBODY},
	{"mask_phone", EVERYBODY},
	{"mask_email", EVERYBODY},
	{"show_name", EVERYBODY},
	{"show_phone", EVERYBODY},
	{"show_email", EVERYBODY},
	{"version", EVERYBODY},
	/* intake */
	{"register", STAFF | PARTNER},
	{"register_json", STAFF | PARTNER},
	{"check_duplicate", STAFF | PARTNER},
	{"matches", STAFF},
	{"not_duplicate", APP | MANAGER | ADMIN},
	/* what becomes of registrations */
	{"approve_registration", APP | MANAGER | ADMIN},
	{"reject_registration", APP | MANAGER | ADMIN},
	{"withdraw_registration", STAFF | PARTNER},
	{"raise_conflict", STAFF | PARTNER},
	{"rule_conflict", APP | MANAGER | ADMIN},
	{"override_registration", APP | MANAGER | ADMIN},
	{"set_registration", ADMIN},
	/* identity */
	{"merge", APP | MANAGER | ADMIN},
	{"unmerge", APP | MANAGER | ADMIN},
	{"canonical", READERS},
	{"import_stage", MANAGER | ADMIN},
	{"import_suggest_mapping", MANAGER | ADMIN},
	{"import_preview", MANAGER | ADMIN},
	{"import_commit", MANAGER | ADMIN},
	{"import_report", MANAGER | ADMIN},
	{"find_duplicates", MANAGER | ADMIN},
	{"scan_duplicates", MANAGER | ADMIN},
	{"forget_scan", MANAGER | ADMIN},
	/* ownership */
	{"claim", STAFF},
	{"release", STAFF},
	{"extend", STAFF},
	{"approve_extension", APP | MANAGER | ADMIN},
	{"refuse_extension", APP | MANAGER | ADMIN},
	{"set_extension", ADMIN},
	{"pause", APP | MANAGER | ADMIN},
	{"resume", APP | MANAGER | ADMIN},
	{"set_contract", APP | MANAGER | ADMIN},
	{"confirm_contact", STAFF},
	{"lock_customer", STAFF},
	{"unlock_customer", STAFF},
	{"apply_policy", ADMIN},
	{"move_pool", APP | MANAGER | ADMIN},
	{"ask_help", STAFF},
	{"add_collaborator", STAFF},
	{"remove_collaborator", STAFF},
	{"delete_customer", APP | MANAGER | ADMIN},
	{"owner_at", READERS},
	{"assign", APP | MANAGER | ADMIN},
	{"route", MANAGER | ADMIN},
	{"transfer_all", MANAGER | ADMIN},
	{"deactivate_member", MANAGER | ADMIN},
	{"set_availability", STAFF},
	/* work */
	{"log_activity", STAFF},
	{"advance", STAFF},
	{"win", STAFF},
	{"lose", STAFF},
	{"reopen", STAFF},
	{"edit_lead", STAFF},
	{"document", STAFF},
	/* reading */
	{"explain", READERS | PARTNER},
	{"explain_deadline", STAFF},
	{"due_list", READERS},
	{"when_would_lapse", STAFF},
	{"timeline", STAFF},
	{"worklist", STAFF},
	{"funnel", READERS},
	{"funnel_chart", READERS},
	{"funnel_leads", READERS},
	{"funnel_agg", READERS},
	{"funnel_of_events", READERS},
	{"window_funnel", READERS},
	{"rollup", READERS},
	{"funnel_steps", READERS},
	{"kpi", READERS},
	{"leaderboard", READERS},
	{"channel_performance", READERS},
	{"sales_cycle", READERS},
	{"loss_analysis", READERS},
	{"contact_effect", READERS},
	{"flow_report", READERS},
	{"forecast", READERS},
	{"journey_agg", READERS},
	{"journey_append", READERS},
	{"journey_entered", READERS},
	{"journey_fault", READERS},
	{"journey_entries", READERS},
	{"journey_furthest", READERS},
	{"journey_level", READERS},
	{"journey_owner_at", READERS},
	{"journey_stage_at", READERS},
	{"journey_time_in", READERS},
	{"fairness_report", MANAGER | ADMIN | BI},
	/* rules and running */
	{"set_protection", ADMIN},
	{"set_match", ADMIN},
	{"set_routing", ADMIN},
	{"train_match", ADMIN},
	{"publish", ADMIN},
	{"draft", ADMIN},
	{"policy_history", MANAGER | ADMIN},
	{"policy_diff", MANAGER | ADMIN},
	{"backtest", ADMIN},
	{"coverage", ADMIN},
	{"grant_access", ADMIN},
	{"revoke_access", ADMIN},
	{"health", MANAGER | ADMIN | BI},
	{"verify", ADMIN},
	{"rekey", ADMIN},
	{"tick", ADMIN},
	{"rebuild_journeys", ADMIN},
	{"rollup_rebuild", ADMIN},
	{"rollup_verify", ADMIN},
	{"schedule_jobs", ADMIN},
	{"unschedule_jobs", ADMIN},
	/* senders */
	{"outbox_lease", SENDER},
	{"outbox_ack", SENDER},
	{"outbox_fail", SENDER},
};

/* reps and BI see views only; the raw contact columns are granted to nobody */
static const struct
{
	const char *relation;
	const char *rights;
	uint32		profiles;
}			relation_rights[] = {
	{"intake", "SELECT, INSERT", STAFF | PARTNER},
	{"intake", "SELECT", BI},
	{"my_lead", "SELECT", READERS},
	{"my_lead", "UPDATE (stage, reason, amount, need, line, project, expected_on, extra, close_reason, close_note)", STAFF},
	{"my_customer", "SELECT", READERS},
	{"my_contact", "SELECT", READERS},
	{"followup", "SELECT, INSERT", STAFF},
	{"due", "SELECT", READERS},
	{"notice_list", "SELECT", READERS},
	{"extension_list", "SELECT", READERS},
	{"pool_item", "SELECT", READERS},
	{"pool_item", "UPDATE (claimed_by)", STAFF},
	{"member_list", "SELECT", READERS},
	{"stage_list", "SELECT", READERS},
	{"funnel", "SELECT", READERS},
	{"funnel_by_channel", "SELECT", READERS},
	{"funnel_by_owner", "SELECT", READERS},
	{"funnel_by_region", "SELECT", READERS},
	{"cohort_funnel", "SELECT", READERS},
	{"stage_time", "SELECT", READERS},
	{"stage_flow", "SELECT", READERS},
	{"pipeline_now", "SELECT", READERS},
	{"velocity", "SELECT", READERS},
	{"leaderboard", "SELECT", READERS},
	{"channel_performance", "SELECT", READERS},
	{"sales_cycle", "SELECT", READERS},
	{"forecast", "SELECT", READERS},
	{"collision", "SELECT", MANAGER | ADMIN},
	{"access_list", "SELECT", ADMIN},
	{"outbox", "SELECT", SENDER | ADMIN},
	/* the organisation and its rules */
	{"team", "SELECT, INSERT, UPDATE, DELETE", ADMIN},
	{"member", "SELECT, INSERT, UPDATE", ADMIN},
	{"partner", "SELECT, INSERT, UPDATE", ADMIN},
	{"channel", "SELECT, INSERT, UPDATE", ADMIN},
	{"channel_cost", "SELECT, INSERT, UPDATE, DELETE", ADMIN},
	{"territory", "SELECT, INSERT, UPDATE, DELETE", ADMIN},
	{"pool", "SELECT, INSERT, UPDATE", ADMIN},
	{"pool_member", "SELECT, INSERT, UPDATE, DELETE", ADMIN},
	{"ring", "SELECT, INSERT, UPDATE", ADMIN},
	{"ring_seat", "SELECT, INSERT, UPDATE, DELETE", ADMIN},
	{"stage", "SELECT, UPDATE (label_zh, label_en)", ADMIN},
	{"routing_rule", "SELECT, INSERT, UPDATE, DELETE", ADMIN},
	{"policy", "SELECT", ADMIN},
	{"settings", "SELECT", ADMIN},
	{"schema_version", "SELECT", ADMIN},
	{"heartbeat", "SELECT", ADMIN},
	{"quarantine", "SELECT", ADMIN},
	{"key_progress", "SELECT", ADMIN},
	{"member_counter", "SELECT", ADMIN},
	{"rule_counter", "SELECT", ADMIN},
	{"absence", "SELECT, INSERT, UPDATE, DELETE", ADMIN},
	/* import: rows go in, nobody reads contacts out of them */
	{"import_row", "INSERT (batch, row_no, name, phone, contact, email, region, industry, amount, need, line, project, uscc,"
	" kind, owner, created_by, created_at, customer_id, extra)", MANAGER | ADMIN},
	{"import_progress", "SELECT", MANAGER | ADMIN},
	{"duplicate_progress", "SELECT", MANAGER | ADMIN},
	{"duplicate_list", "SELECT", MANAGER | ADMIN},
	/* behind row security */
	{"customer", "SELECT, UPDATE (level, tags, industry, extra)", ADMIN},
	{"lead", "SELECT, UPDATE (amount, need, expected_on, extra)", ADMIN},
	{"ownership", "SELECT", ADMIN},
	{"activity", "SELECT", ADMIN},
	{"pause", "SELECT", ADMIN},
	{"contract", "SELECT", ADMIN},
	{"collaborator", "SELECT", ADMIN},
	{"notice", "SELECT", ADMIN},
	{"customer_distinct", "SELECT", ADMIN},
	{"conflict", "SELECT", ADMIN},
	{"extension_request", "SELECT", ADMIN},
	{"project", "SELECT", ADMIN},
	{"event", "SELECT", ADMIN},
	{"decision", "SELECT", ADMIN},
	{"merge", "SELECT", ADMIN},
	{"merge_item", "SELECT", ADMIN},
};

/* may name another member through leads.actor */
#define NEEDS_PARAMETER (APP | MANAGER | ADMIN)

LEADS_QUERY(q_routines, "S",
			"SELECT p.oid::pg_catalog.regprocedure,"
			"   pg_catalog.has_function_privilege(p.oid, 'EXECUTE WITH GRANT OPTION')"
			" FROM pg_catalog.pg_proc p WHERE p.pronamespace = 'leads'::pg_catalog.regnamespace"
			"   AND p.proname = ANY ($1) ORDER BY p.oid");
LEADS_QUERY(q_parameter, "",
			"SELECT pg_catalog.has_parameter_privilege('leads.actor', 'SET WITH GRANT OPTION')");
LEADS_QUERY(q_all_mine, "",
			"SELECT pg_catalog.has_parameter_privilege('leads.actor', 'SET WITH GRANT OPTION')"
			"   AND NOT EXISTS (SELECT FROM pg_catalog.pg_proc p WHERE p.pronamespace = 'leads'::pg_catalog.regnamespace"
			"     AND NOT pg_catalog.has_function_privilege(p.oid, 'EXECUTE WITH GRANT OPTION'))");
LEADS_QUERY(q_rows, "", "SELECT g.role_name, g.profile FROM @.access_grant g ORDER BY g.id");
LEADS_QUERY(q_of_role, "t", "SELECT g.profile FROM @.access_grant g WHERE g.role_name = $1");
LEADS_QUERY(q_forget, "t", "DELETE FROM @.access_grant WHERE role_name = $1");
LEADS_QUERY(q_insert, "ttt",
			"INSERT INTO @.access_grant (role_name, profile, granted_by, granted_at)"
			" VALUES ($1, $2, $3, pg_catalog.clock_timestamp()) ON CONFLICT DO NOTHING");
LEADS_QUERY(q_delete, "tt", "DELETE FROM @.access_grant WHERE role_name = $1 AND profile = $2");

/*
 * Other companies whose owner issues the same GRANTs: those of the same owner, and, since a superuser's
 * grants count as the function owner's, those of all superusers if this owner is one.
 */
LEADS_QUERY(q_siblings, "",
			"SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_namespace n"
			" JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'access_grant' AND c.relkind = 'r'"
			"   AND c.relowner = n.nspowner"
			" JOIN pg_catalog.pg_class v ON v.relnamespace = n.oid AND v.relname = 'schema_version' AND v.relkind = 'r'"
			"   AND v.relowner = n.nspowner"
			" JOIN pg_catalog.pg_roles o ON o.oid = n.nspowner"
			" JOIN pg_catalog.pg_roles me ON me.rolname = current_user"
			" WHERE n.oid <> '@.access_grant'::pg_catalog.regclass::pg_catalog.oid"
			"   AND (o.oid = me.oid OR (o.rolsuper AND me.rolsuper))");

static void
run(const char *verb, const char *what, const char *where, const char *role)
{
	/* a role may be called "@.x" */
	leads_run_sql(psprintf("%s %s ON %s %s %s", verb, what, leads_qualify(where, leads_frame_current()->qschema),
						   strcmp(verb, "GRANT") == 0 ? "TO" : "FROM", quote_identifier(role)));
}

/* GRANT or REVOKE EXECUTE on what these profiles need and the others do not */
static void
routines(const char *verb, uint32 profiles, uint32 except, const char *role)
{
	Datum		names[lengthof(function_rights)];
	int			n = 0;
	int			missing = 0;
	StringInfoData list;
	LeadsResult r;

	for (int i = 0; i < lengthof(function_rights); i++)
		if ((function_rights[i].profiles & profiles) && !(function_rights[i].profiles & except))
			names[n++] = CStringGetTextDatum(function_rights[i].name);
	if (n == 0)
		return;
	r = leads_run(&q_routines, PointerGetDatum(construct_array(names, n, TEXTOID, -1, false, TYPALIGN_INT)));
	initStringInfo(&list);
	for (uint64 i = 0; i < r.n; i++)
	{
		if (leads_bool(&r, i, 2))
			appendStringInfo(&list, "%s%s", list.len ? ", " : "", leads_text(&r, i, 1));
		else
			missing++;
	}
	if (list.len > 0)
		run(verb, "EXECUTE", psprintf("ROUTINE %s", list.data), role);
	if (missing > 0 && strcmp(verb, "GRANT") == 0)
		ereport(WARNING,
				(errmsg("%d functions of schema leads could not be granted to role \"%s\"", missing, role),
				 errhint("A superuser must run leads.install() once, to pass them on to the company's owner.")));
}

static void
relations(const char *verb, LeadsFrame *f, uint32 profiles, const char *role)
{
	for (int i = 0; i < lengthof(relation_rights); i++)
		if ((relation_rights[i].profiles & profiles) &&
			OidIsValid(get_relname_relid(relation_rights[i].relation, f->nsp)))
			run(verb, relation_rights[i].rights, psprintf("@.%s", relation_rights[i].relation), role);
}

static void
parameter(const char *verb, const char *role)
{
	LeadsResult r = leads_run(&q_parameter);

	if (leads_bool(&r, 0, 1))
	{
		/* one row for the whole cluster: companies of other databases queue here */
		leads_lock_parameter();
		run(verb, "SET", "PARAMETER leads.actor", role);
	}
	else if (strcmp(verb, "GRANT") == 0)
		ereport(WARNING,
				(errmsg("the right to set leads.actor could not be granted to role \"%s\"", role),
				 errhint("A superuser must run leads.install() once, to pass it on to the company's owner.")));
}

/* profile owner, passed on by the company's owner: every function, to grant further */
static void
pass_on(const char *role)
{
	LeadsResult r = leads_run(&q_all_mine);

	if (!leads_bool(&r, 0, 1))
		return;
	leads_lock_parameter();
	leads_run_sql(psprintf("GRANT EXECUTE ON ALL ROUTINES IN SCHEMA leads TO %s WITH GRANT OPTION",
						   quote_identifier(role)));
	leads_run_sql(psprintf("GRANT SET ON PARAMETER leads.actor TO %s WITH GRANT OPTION", quote_identifier(role)));
}

/* what the profiles need, in the frame of the company */
static void
apply(LeadsFrame *f, const char *role, uint32 profiles)
{
	if (profiles == 0)
		return;
	run("GRANT", "USAGE", "SCHEMA @schema@", role);
	/* an owner by profile works with everything; the schema's owner has it anyway */
	if (profiles & LEADS_PROFILE_OWNER)
	{
		pass_on(role);
		profiles |= ADMIN | MANAGER;
	}
	routines("GRANT", profiles, 0, role);
	relations("GRANT", f, profiles, role);
	if (profiles & NEEDS_PARAMETER)
		parameter("GRANT", role);
}

static uint32
bits(LeadsResult *r)
{
	uint32		profiles = 0;

	for (uint64 i = 0; i < r->n; i++)
		profiles |= leads_profile_bit(leads_text(r, i, 1));
	return profiles;
}

/* profiles that the role holds in other companies whose GRANTs are the same owner's */
static uint32
elsewhere(const char *role)
{
	LeadsResult r = leads_run(&q_siblings);
	uint32		profiles = 0;

	for (uint64 i = 0; i < r.n; i++)
	{
		LeadsResult g = leads_run_sql(psprintf("SELECT g.profile FROM %s.access_grant g WHERE g.role_name = %s",
											   leads_text(&r, i, 1), quote_literal_cstr(role)));

		profiles |= bits(&g);
	}
	return profiles;
}

void
leads_access_regrant(LeadsFrame *f)
{
	LeadsResult r;

	leads_lock_install("");
	r = leads_run(&q_rows);
	for (uint64 i = 0; i < r.n; i++)
	{
		char	   *role = leads_text(&r, i, 1);
		Oid			oid = get_role_oid(role, true);

		if (!OidIsValid(oid))
			ereport(WARNING,
					(errmsg("role \"%s\" does not exist, its profile %s is not applied", role, leads_text(&r, i, 2))));
		else if (oid != f->owner)
			apply(f, role, leads_profile_bit(leads_text(&r, i, 2)));
	}
}

static void
run_plain(const char *text)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute(text, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "SPI failed: %s", text);
	SPI_finish();
}

void
leads_access_grant_owner(const char *role)
{
	leads_lock_install("");
	leads_lock_parameter();
	run_plain(psprintf("GRANT EXECUTE ON ALL ROUTINES IN SCHEMA leads TO %s WITH GRANT OPTION",
					   quote_identifier(role)));
	run_plain(psprintf("GRANT SET ON PARAMETER leads.actor TO %s WITH GRANT OPTION", quote_identifier(role)));
}

/* arguments that both functions check alike */
static uint32
read_args(FunctionCallInfo fcinfo, char **role, char **profile, char **schema)
{
	uint32		bit;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(LEADS_ERR_REQUIRED),
				 errmsg("role_name and profile are required")));
	*role = text_to_cstring(PG_GETARG_TEXT_PP(0));
	*profile = text_to_cstring(PG_GETARG_TEXT_PP(1));
	*schema = PG_ARGISNULL(2) ? pstrdup(leads_schema_guc) : text_to_cstring(PG_GETARG_TEXT_PP(2));
	bit = leads_profile_bit(*profile);
	if (bit == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown profile \"%s\"", *profile),
				 errhint("Profiles are owner, admin, manager, rep, app, bi, sender and partner.")));
	return bit;
}

/* owner and admin are given by the company's owner; the rest by an admin, too */
static void
require_right(LeadsFrame *f, uint32 bit)
{
	if ((bit == LEADS_PROFILE_OWNER && !has_privs_of_role(f->caller, f->owner)) ||
		(bit == ADMIN && (f->profiles & LEADS_PROFILE_OWNER) == 0))
		ereport(ERROR,
				(errcode(LEADS_ERR_NO_RIGHT),
				 errmsg("no right to change who holds this profile"),
				 errdetail("Profile owner is given by the owner of the data schema or a superuser, profile admin by a holder of profile owner.")));
}

/*
 * Rows name roles, so that they outlive a dump.  Rows of a role that may not even look
 * into the schema are those of a namesake that was dropped: the new role does not inherit them.
 */
static void
forget_namesake(LeadsFrame *f, const char *role)
{
	LeadsResult r;

	if (leads_namespace_aclcheck(f->nsp, get_role_oid(role, false), ACL_USAGE) == ACLCHECK_OK)
		return;
	r = leads_run(&q_forget, role);
	if (r.n > 0)
		ereport(WARNING,
				(errmsg("older profiles of role \"%s\" are taken back", role),
				 errdetail("They were granted to a role of this name that has no rights in the company any more."),
				 errhint("Grant again what the role is to have.")));
}

PG_FUNCTION_INFO_V1(leads_grant_access);
Datum
leads_grant_access(PG_FUNCTION_ARGS)
{
	char	   *role;
	char	   *profile;
	char	   *schema;
	uint32		bit = read_args(fcinfo, &role, &profile, &schema);
	LeadsFrame	f;

	(void) get_role_oid(role, false);
	if (bit == LEADS_PROFILE_OWNER && superuser())
	{
		leads_access_grant_owner(role);
		/* before the company exists: the role may now install it */
		if (!OidIsValid(get_namespace_oid(schema, true)))
			PG_RETURN_VOID();
	}
	leads_enter(&f, schema, LEADS_PROFILE_OWNER | ADMIN);
	require_right(&f, bit);
	leads_lock_install("");
	forget_namesake(&f, role);
	leads_run(&q_insert, role, profile, GetUserNameFromId(f.caller, false));
	if (get_role_oid(role, false) != f.owner)
		apply(&f, role, bit);
	leads_leave(&f);
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(leads_revoke_access);
Datum
leads_revoke_access(PG_FUNCTION_ARGS)
{
	char	   *role;
	char	   *profile;
	char	   *schema;
	uint32		bit = read_args(fcinfo, &role, &profile, &schema);
	Oid			oid;
	uint32		rest;
	uint32		others;
	uint32		taken = bit;
	LeadsResult r;
	LeadsFrame	f;

	leads_enter(&f, schema, LEADS_PROFILE_OWNER | ADMIN);
	require_right(&f, bit);
	oid = get_role_oid(role, true);
	if (OidIsValid(oid) && oid == f.owner && bit == LEADS_PROFILE_OWNER)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("role \"%s\" owns the data schema and keeps profile owner", role)));
	leads_lock_install("");
	r = leads_run(&q_delete, role, profile);
	if (r.n == 0)
	{
		/* nothing to take from a role that never was; a dropped role leaves its row */
		(void) get_role_oid(role, false);
		leads_leave(&f);
		PG_RETURN_VOID();
	}
	if (OidIsValid(oid) && oid != f.owner)
	{
		r = leads_run(&q_of_role, role);
		rest = bits(&r);
		others = elsewhere(role);
		if (bit == LEADS_PROFILE_OWNER)
		{
			taken |= ADMIN | MANAGER;
			if (!(others & LEADS_PROFILE_OWNER))
			{
				leads_run_sql(psprintf("REVOKE ALL ON ALL ROUTINES IN SCHEMA leads FROM %s", quote_identifier(role)));
				parameter("REVOKE", role);
				routines("GRANT", others, 0, role);
				if (others & NEEDS_PARAMETER)
					parameter("GRANT", role);
			}
		}
		relations("REVOKE", &f, taken, role);
		routines("REVOKE", taken, rest | others, role);
		if ((taken & NEEDS_PARAMETER) && !((rest | others) & (NEEDS_PARAMETER | LEADS_PROFILE_OWNER)))
			parameter("REVOKE", role);
		if (rest == 0)
			run("REVOKE", "USAGE", "SCHEMA @schema@", role);
		apply(&f, role, rest);
	}
	leads_leave(&f);
	PG_RETURN_VOID();
}
