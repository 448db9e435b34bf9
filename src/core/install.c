/*
 * install.c - making, upgrading and removing a company.
 *
 * Purpose: leads.install() makes the data schema, runs the table steps that it
 * lacks, re-creates triggers, views, policies and grants, and seeds defaults.
 * Invariants: a numbered step runs once and is recorded in schema_version in the
 * same transaction; everything else is re-created on every call, so the call is
 * also the upgrade and the repair; nothing made here is a member of the
 * extension; a schema that is not ours is never touched.
 * Called by: users.
 */
#include "core/leads.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "commands/extension.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "core/args.h"
#include "core/compat.h"
#include "core/hooks.h"
#include "core/install.h"
#include "core/lock.h"
#include "core/policy.h"
#include "install_steps.h"

int
leads_install_last_step(void)
{
	return LEADS_INSTALL_LAST_STEP;
}

const char *
leads_install_text(int i)
{
	if (i < LEADS_INSTALL_NSTEPS)
		return leads_install_steps[i].sql;
	i -= LEADS_INSTALL_NSTEPS;
	return i < LEADS_INSTALL_NREPAIRS ? leads_install_repairs[i].sql : NULL;
}

char *
leads_install_fault(Oid nsp, const char *only)
{
	const char *table = "";
	Oid			relid = InvalidOid;

	for (int i = 0; i < lengthof(leads_install_columns); i++)
	{
		const LeadsInstallColumn *c = &leads_install_columns[i];
		HeapTuple	tup;
		bool		ok;

		if (only && strcmp(c->table, only) != 0)
			continue;
		if (strcmp(c->table, table) != 0)
		{
			table = c->table;
			relid = get_relname_relid(table, nsp);
			if (OidIsValid(relid) &&
				get_rel_relkind(relid) != RELKIND_RELATION && get_rel_relkind(relid) != RELKIND_PARTITIONED_TABLE)
				return psprintf("\"%s\" is not a table.", table);
		}
		/* what is missing harms nobody: the statement that names it fails, and health() tells */
		tup = SearchSysCacheAttName(relid, c->column);
		if (!HeapTupleIsValid(tup))
			continue;
		ok = ((Form_pg_attribute) GETSTRUCT(tup))->atttypid == c->type &&
			(((Form_pg_attribute) GETSTRUCT(tup))->attnotnull || !c->notnull);
		ReleaseSysCache(tup);
		if (!ok)
			return psprintf("Column \"%s\" of table \"%s\" is to be %s%s.", c->column, table,
							format_type_be(c->type), c->notnull ? " NOT NULL" : "");
	}
	return NULL;
}

LEADS_QUERY(q_steps, """", "SELECT v.step FROM @.schema_version v");
LEADS_QUERY(q_record, "itt",
			"INSERT INTO @.schema_version (step, title, library, applied_at)"
			" VALUES ($1, $2, $3, pg_catalog.clock_timestamp())");
LEADS_QUERY(q_settings, "tbtt",
			"INSERT INTO @.settings (lang, simulation, zone, norm_v, installed_at, installed_by)"
			" VALUES ($1, $2, $3, 1, pg_catalog.clock_timestamp(), $4)");
LEADS_QUERY(q_owner_grant, "tt",
			"INSERT INTO @.access_grant (role_name, profile, granted_by, granted_at)"
			" VALUES ($1, 'owner', $2, pg_catalog.clock_timestamp()) ON CONFLICT DO NOTHING");
LEADS_QUERY(q_lang, "t", "UPDATE @.settings SET lang = $1 WHERE lang <> $1");

static void
run_steps(void)
{
	bool		done[LEADS_INSTALL_LAST_STEP + 1];
	LeadsFrame *f = leads_frame_current();

	memset(done, 0, sizeof(done));
	if (OidIsValid(get_relname_relid("schema_version", f->nsp)))
	{
		LeadsResult r = leads_run(&q_steps);

		for (uint64 i = 0; i < r.n; i++)
		{
			int64		n = leads_int(&r, i, 1);

			if (n < 1 || n > LEADS_INSTALL_LAST_STEP)
				ereport(ERROR,
						(errcode(LEADS_ERR_NOT_INSTALLED),
						 errmsg("company \"%s\" was installed by a newer pg_leads", f->schema),
						 errdetail("It has table step " INT64_FORMAT ", this library knows %d.",
								   n, LEADS_INSTALL_LAST_STEP)));
			done[n] = true;
		}
	}
	for (int i = 0; i < LEADS_INSTALL_NSTEPS; i++)
	{
		const LeadsInstallStep *s = &leads_install_steps[i];

		if (done[s->number])
			continue;
		leads_run_text(s->sql);
		leads_run(&q_record, s->number, s->title, LEADS_VERSION);
	}
}

/* our schema, or none yet; anything else is refused */
static Oid
find_schema(const char *schema)
{
	Oid			nsp = get_namespace_oid(schema, true);

	if (OidIsValid(nsp) && !OidIsValid(get_relname_relid("schema_version", nsp)))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNSAFE_SCHEMA),
				 errmsg("schema \"%s\" exists and is no company of pg_leads", schema),
				 errhint("install() makes its own schema; choose another name.")));
	return nsp;
}

static void
make_schema(const char *schema, const char *owner)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute(psprintf("CREATE SCHEMA %s AUTHORIZATION %s",
							 quote_identifier(schema), quote_identifier(owner)), false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not create the schema");
	SPI_finish();
}

/* "does not exist, skipping" of DROP … IF EXISTS is no news to anybody */
static void
run_repairs(void)
{
	int			level = NewGUCNestLevel();

	(void) set_config_option("client_min_messages", "warning",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	for (int i = 0; i < LEADS_INSTALL_NREPAIRS; i++)
		leads_run_text(leads_install_repairs[i].sql);
	AtEOXact_GUC(true, level);
}

static void
check_environment(const char *schema)
{
	if (creating_extension)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("install() cannot run inside CREATE or ALTER EXTENSION"),
				 errdetail("The tables would become members of the extension and would be dropped with it.")));
	leads_check_utf8();
	if (schema[0] == '\0' || strlen(schema) >= NAMEDATALEN ||
		strpbrk(schema, "\"'\\@") != NULL ||	/* would have to be quoted inside literals */
		strncmp(schema, "pg_", 3) == 0 || strcmp(schema, "leads") == 0 || strcmp(schema, "public") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" cannot be a data schema", schema)));
}

PG_FUNCTION_INFO_V1(leads_install);
Datum
leads_install(PG_FUNCTION_ARGS)
{
	char	   *schema = leads_arg_text(fcinfo, 0);
	char	   *owner = leads_arg_text(fcinfo, 1);
	char	   *lang = leads_arg_text(fcinfo, 2);
	bool		simulation = !PG_ARGISNULL(3) && PG_GETARG_BOOL(3);
	char	   *zone = leads_arg_text(fcinfo, 4);
	Oid			nsp;
	Oid			owner_oid;
	bool		fresh;
	LeadsFrame	f;

	if (schema == NULL)
		schema = pstrdup(leads_schema_guc);
	check_environment(schema);
	if (lang && strcmp(lang, "zh") != 0 && strcmp(lang, "en") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("lang is 'zh' or 'en', not \"%s\"", lang)));
	if (zone && pg_tzset(zone) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown time zone \"%s\"", zone)));
	leads_lock_install(schema);
	nsp = find_schema(schema);
	fresh = !OidIsValid(nsp);
	if (fresh)
	{
		owner_oid = owner ? get_role_oid(owner, false) : GetUserId();
		if (!has_privs_of_role(GetUserId(), owner_oid))
			ereport(ERROR,
					(errcode(LEADS_ERR_NO_RIGHT),
					 errmsg("no right to install for role \"%s\"", owner)));
		make_schema(schema, GetUserNameFromId(owner_oid, false));
		nsp = get_namespace_oid(schema, false);
	}
	else
	{
		owner_oid = leads_schema_owner(nsp);
		if (!has_privs_of_role(GetUserId(), owner_oid))
			ereport(ERROR,
					(errcode(LEADS_ERR_NO_RIGHT),
					 errmsg("no right to install company \"%s\"", schema)));
		/* somebody was here first, perhaps on purpose */
		if (owner && get_role_oid(owner, false) != owner_oid)
			ereport(ERROR,
					(errcode(LEADS_ERR_UNSAFE_SCHEMA),
					 errmsg("schema \"%s\" belongs to role \"%s\", not to \"%s\"", schema,
							GetUserNameFromId(owner_oid, false), owner),
					 errhint("Leave owner out to install it again for its owner, or choose another name.")));
	}
	if (leads_hooks.grant_owner && superuser() && !superuser_arg(owner_oid))
		leads_hooks.grant_owner(GetUserNameFromId(owner_oid, false));

	leads_enter_bare(&f, nsp, schema);
	leads_spi_forget();
	run_steps();
	if (fresh)
		leads_run(&q_settings, lang ? lang : "zh", simulation,
				  zone ? zone : pg_get_timezone_name(session_timezone), GetUserNameFromId(f.caller, false));
	else if (lang)
		leads_run(&q_lang, lang);
	leads_run(&q_owner_grant, GetUserNameFromId(owner_oid, false), GetUserNameFromId(f.caller, false));
	CommandCounterIncrement();
	leads_frame_load(&f);
	run_repairs();
	if (fresh)
		leads_hooks.seed(&f);
	leads_hooks.mend(&f);
	if (leads_hooks.regrant)
		leads_hooks.regrant(&f);
	leads_leave(&f);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("company %s, pg_leads %s, table step %d",
											  schema, LEADS_VERSION, LEADS_INSTALL_LAST_STEP)));
}

PG_FUNCTION_INFO_V1(leads_uninstall);
Datum
leads_uninstall(PG_FUNCTION_ARGS)
{
	char	   *schema = leads_arg_text(fcinfo, 0);
	char	   *confirm = leads_arg_text(fcinfo, 1);
	Oid			nsp;

	if (schema == NULL || confirm == NULL || strcmp(schema, confirm) != 0)
		ereport(ERROR,
				(errcode(LEADS_ERR_REQUIRED),
				 errmsg("uninstall() deletes every customer of the company"),
				 errhint("Repeat the name of the data schema as second argument to confirm.")));
	check_environment(schema);
	leads_lock_install(schema);
	nsp = find_schema(schema);
	if (!OidIsValid(nsp))
		ereport(ERROR,
				(errcode(LEADS_ERR_NOT_INSTALLED),
				 errmsg("there is no company \"%s\"", schema)));
	if (!has_privs_of_role(GetUserId(), leads_schema_owner(nsp)))
		ereport(ERROR,
				(errcode(LEADS_ERR_NO_RIGHT),
				 errmsg("no right to delete company \"%s\"", schema)));
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute(psprintf("DROP SCHEMA %s CASCADE", quote_identifier(schema)), false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not drop the schema");
	SPI_finish();
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(leads_version);
Datum
leads_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(LEADS_VERSION));
}

PG_FUNCTION_INFO_V1(leads_check_encoding);
Datum
leads_check_encoding(PG_FUNCTION_ARGS)
{
	leads_check_utf8();
	PG_RETURN_VOID();
}
