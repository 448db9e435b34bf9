/*
 * company.c - the door to one company (= one data schema).
 *
 * Purpose: find the data schema, check that it is safe and that the caller may
 * come in, become its owner for our own fixed statements, and step out again.
 * Invariants: we never run as the owner in a schema where somebody else may have
 * planted a table, a trigger or a function; search_path is pg_catalog, pg_temp
 * while a frame is open; user, GUCs, frame stack and corridor flag are restored
 * on every way out, errors in subtransactions included.
 * Called by: every entry point.
 */
#include "core/leads.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "tcop/pquery.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "core/compat.h"
#include "core/corridor_flag.h"
#include "core/install.h"

/*
 * Open frames, innermost last.  They lie on the stack of their entry points, which
 * is gone when an abort is told, so their levels are kept here and not read there.
 */
#define FRAMES_MAX 64
static struct
{
	LeadsFrame *frame;
	int			level;			/* subtransaction level */
}			frames[FRAMES_MAX];
static int	nframes = 0;
static LeadsFrame *current = NULL;

static int	corridor_depth = -1;

/* schemas found safe; emptied whenever a relation, schema or role changes */
#define SAFE_SLOTS 8
static Oid	safe_schemas[SAFE_SLOTS];
static int	safe_next = 0;
/* schemas whose tables are as install() made them; emptied with the others */
static Oid	whole_schemas[SAFE_SLOTS];
static int	whole_next = 0;
static Oid	followed_schemas[SAFE_SLOTS];
static int	followed_next = 0;
static SPIPlanPtr safe_plan = NULL;

static int
trigger_depth(void)
{
	LOCAL_FCINFO(fcinfo, 0);

	InitFunctionCallInfoData(*fcinfo, NULL, 0, InvalidOid, NULL, NULL);
	return DatumGetInt32(pg_trigger_depth(fcinfo));
}

int
leads_corridor_arm(void)
{
	int			saved = corridor_depth;

	corridor_depth = trigger_depth();
	return saved;
}

void
leads_corridor_disarm(int saved)
{
	corridor_depth = saved;
}

bool
leads_in_corridor(void)
{
	return corridor_depth >= 0 && trigger_depth() == corridor_depth + 1;
}

static void
push_frame(LeadsFrame *f)
{
	if (nframes >= FRAMES_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_STATEMENT_TOO_COMPLEX),
				 errmsg("calls of leads functions are nested too deeply")));
	frames[nframes].frame = f;
	frames[nframes].level = GetCurrentTransactionNestLevel();
	nframes++;
	current = f;
}

static void
pop_frame(void)
{
	if (nframes > 0)
		nframes--;
	current = nframes > 0 ? frames[nframes - 1].frame : NULL;
}

LeadsFrame *
leads_frame_current(void)
{
	return current;
}

static void
something_changed(Datum arg, int cacheid, uint32 hashvalue)
{
	memset(safe_schemas, 0, sizeof(safe_schemas));
	memset(whole_schemas, 0, sizeof(whole_schemas));
	memset(followed_schemas, 0, sizeof(followed_schemas));
}

static void
relation_changed(Datum arg, Oid relid)
{
	something_changed(arg, RELOID, 0);
}

static void
xact_ended(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_PARALLEL_ABORT)
	{
		nframes = 0;
		current = NULL;
		corridor_depth = -1;
	}
}

static void
subxact_ended(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
	{
		int			level = GetCurrentTransactionNestLevel();

		while (nframes > 0 && frames[nframes - 1].level >= level)
			pop_frame();
	}
}

void
leads_company_init(void)
{
	CacheRegisterSyscacheCallback(NAMESPACEOID, something_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHOID, something_changed, (Datum) 0);
	CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
	RegisterXactCallback(xact_ended, NULL);
	RegisterSubXactCallback(subxact_ended, NULL);
}

static void
refuse_schema(const char *schema, const char *what)
{
	ereport(ERROR,
			(errcode(LEADS_ERR_UNSAFE_SCHEMA),
			 errmsg("schema \"%s\" is not safe to work in", schema),
			 errdetail("%s", what),
			 errhint("A data schema belongs to one role, which alone creates objects and triggers in it.")));
}

/*
 * Relations of others in the schema, CREATE on it or TRIGGER on a table for
 * others: each would let somebody run code as the owner.
 */
static void
check_safe(LeadsFrame *f)
{
	Oid			types[2] = {OIDOID, OIDOID};
	Datum		values[2] = {ObjectIdGetDatum(f->nsp), ObjectIdGetDatum(f->owner)};

	for (int i = 0; i < SAFE_SLOTS; i++)
		if (safe_schemas[i] == f->nsp)
			return;

	if (safe_plan == NULL)
	{
		SPIPlanPtr	plan = SPI_prepare(
			"SELECT CASE WHEN c.relowner <> $2 THEN 'relation of another role: ' ELSE 'trigger right of another role: ' END || c.relname"
			"  FROM pg_catalog.pg_class c"
			" WHERE c.relnamespace = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')"
			"   AND ((c.relowner <> $2 AND NOT (SELECT a.rolsuper FROM pg_catalog.pg_roles a WHERE a.oid = c.relowner))"
			"        OR EXISTS (SELECT FROM pg_catalog.aclexplode(c.relacl) x"
			"                    WHERE x.privilege_type = 'TRIGGER' AND x.grantee <> c.relowner))"
			" UNION ALL "
			"SELECT 'CREATE right of another role' FROM pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) x"
			" WHERE n.oid = $1 AND x.privilege_type = 'CREATE' AND x.grantee <> $2"
			" LIMIT 1", 2, types);

		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "could not prepare the safety check");
		safe_plan = plan;
	}
	/* beside parallel workers no new command may begin: what the query's own snapshot says is not kept */
	if (SPI_execute_plan(safe_plan, values, NULL, IsInParallelMode(), 1) != SPI_OK_SELECT)
		elog(ERROR, "safety check failed");
	if (SPI_processed > 0)
		refuse_schema(f->schema, SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1));
	if (IsInParallelMode())
		return;
	safe_schemas[safe_next] = f->nsp;
	safe_next = (safe_next + 1) % SAFE_SLOTS;
}

static const struct
{
	const char *name;
	uint32		bit;
}			profile_names[] = {
	{"owner", LEADS_PROFILE_OWNER},
	{"admin", LEADS_PROFILE_ADMIN},
	{"manager", LEADS_PROFILE_MANAGER},
	{"rep", LEADS_PROFILE_REP},
	{"app", LEADS_PROFILE_APP},
	{"bi", LEADS_PROFILE_BI},
	{"sender", LEADS_PROFILE_SENDER},
	{"partner", LEADS_PROFILE_PARTNER},
};

uint32
leads_profile_bit(const char *name)
{
	for (int i = 0; i < lengthof(profile_names); i++)
		if (strcmp(profile_names[i].name, name) == 0)
			return profile_names[i].bit;
	return 0;
}

/*
 * Tables of another shape: a NULL or a number where we read a pointer would bring the server down, and
 * not every owner of a schema may do that.
 */
static void
check_shape(LeadsFrame *f, const char *table)
{
	char	   *fault;

	for (int i = 0; i < SAFE_SLOTS; i++)
		if (whole_schemas[i] == f->nsp)
			return;
	fault = leads_install_fault(f->nsp, table);
	if (fault)
		ereport(ERROR,
				(errcode(LEADS_ERR_NOT_INSTALLED),
				 errmsg("the tables of company \"%s\" are not as leads.install() made them", f->schema),
				 errdetail("%s", fault)));
	if (table == NULL)
	{
		whole_schemas[whole_next] = f->nsp;
		whole_next = (whole_next + 1) % SAFE_SLOTS;
	}
}

LEADS_QUERY(q_settings, "",
			"SELECT s.lang, s.simulation, s.zone, (SELECT max(v.step) FROM @.schema_version v) FROM @.settings s");
LEADS_QUERY(q_gone, "ttz",
			"SELECT FROM @.member m WHERE m.db_role IN ($1, $2) AND (NOT m.active OR m.left_at <= $3)");
LEADS_QUERY(q_grants, "",
			"SELECT g.role_name, g.profile FROM @.access_grant g");

/*
 * DROP EXTENSION … CASCADE took the triggers: what is written before they are back is missed by whatever follows the
 * tables, sums of funnels among it.
 */
static void
check_triggers(LeadsFrame *f)
{
	for (int i = 0; i < SAFE_SLOTS; i++)
		if (followed_schemas[i] == f->nsp)
			return;
	if (!OidIsValid(get_trigger_oid(get_relname_relid("schema_version", f->nsp), "leads_guard", true)))
		ereport(ERROR,
				(errcode(LEADS_ERR_NOT_INSTALLED),
				 errmsg("the triggers of company \"%s\" are not there", f->schema),
				 errdetail("They went with the extension when it was dropped."),
				 errhint("Run SELECT leads.install(%s);", quote_literal_cstr(f->schema))));
	followed_schemas[followed_next] = f->nsp;
	followed_next = (followed_next + 1) % SAFE_SLOTS;
}

static void
load_settings(LeadsFrame *f)
{
	LeadsResult r = leads_run(&q_settings);

	if (!leads_found(r))
		ereport(ERROR,
				(errcode(LEADS_ERR_NOT_INSTALLED),
				 errmsg("company \"%s\" is not installed completely", f->schema),
				 errhint("Run SELECT leads.install(%s);", quote_literal_cstr(f->schema))));
	f->lang = leads_text(&r, 0, 1);
	f->simulation = leads_bool(&r, 0, 2);
	f->zone = leads_text(&r, 0, 3);
	if (leads_int(&r, 0, 4) != leads_install_last_step())
		ereport(ERROR,
				(errcode(LEADS_ERR_NOT_INSTALLED),
				 errmsg("the tables of company \"%s\" are of version " INT64_FORMAT ", the library is of version %d",
						f->schema, leads_int(&r, 0, 4), leads_install_last_step()),
				 errhint("Run SELECT leads.install(%s);", quote_literal_cstr(f->schema))));
}

static void
load_profiles(LeadsFrame *f)
{
	LeadsResult r;

	f->profiles = 0;
	if (has_privs_of_role(f->caller, f->owner))
		f->profiles |= LEADS_PROFILE_OWNER;
	r = leads_run(&q_grants);
	for (uint64 i = 0; i < r.n; i++)
	{
		Oid			role = get_role_oid(leads_text(&r, i, 1), true);

		if (OidIsValid(role) && has_privs_of_role(f->caller, role))
			f->profiles |= leads_profile_bit(leads_text(&r, i, 2));
	}
	/* who has left has no rights, whatever role it puts on (a superuser and the owner aside) */
	if (f->profiles != 0 && (f->profiles & LEADS_PROFILE_OWNER) == 0)
	{
		r = leads_run(&q_gone, GetUserNameFromId(f->caller, false), GetUserNameFromId(GetSessionUserId(), false),
					  f->reader ? leads_now_internal() : leads_clock_read());
		if (leads_found(r))
			f->profiles = 0;
	}
}

static void
become_owner(LeadsFrame *f)
{
	f->guc_level = NewGUCNestLevel();
	(void) set_config_option("search_path", "pg_catalog, pg_temp",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	/* plans are kept: one made while a table was small must not scan it later */
	(void) set_config_option("enable_seqscan", "off",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	/* and the price that this puts on the scan of a table of one row would have every call compiled */
	(void) set_config_option("jit", "off",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	check_safe(f);
	SetUserIdAndSecContext(f->owner,
						   f->saved_sec | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
	f->switched = true;
}

Oid
leads_schema_owner(Oid nsp)
{
	HeapTuple	tup = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(nsp));
	Oid			owner;

	if (!HeapTupleIsValid(tup))
		elog(ERROR, "no schema with OID %u", nsp);
	owner = ((Form_pg_namespace) GETSTRUCT(tup))->nspowner;
	ReleaseSysCache(tup);
	return owner;
}

void
leads_check_utf8(void)
{
	if (GetDatabaseEncoding() != PG_UTF8)
		ereport(ERROR,
				(errcode(LEADS_ERR_ENCODING),
				 errmsg("pg_leads works in UTF8 databases only"),
				 errdetail("The encoding of this database is %s.", GetDatabaseEncodingName())));
}

static void
open_frame(LeadsFrame *f, Oid nsp, const char *schema)
{
	f->nsp = nsp;
	f->schema = schema;
	f->qschema = quote_identifier(schema);
	f->owner = leads_schema_owner(nsp);
	leads_check_utf8();
	if (SPI_connect_ext(f->nonatomic ? SPI_OPT_NONATOMIC : 0) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	push_frame(f);
	become_owner(f);
}

void
leads_frame_load(LeadsFrame *f)
{
	/* an older company lacks tables and is told its version */
	check_shape(f, "settings");
	check_shape(f, "schema_version");
	load_settings(f);
	check_shape(f, NULL);
	load_profiles(f);
}

static void
not_installed(const char *schema)
{
	ereport(ERROR,
			(errcode(LEADS_ERR_NOT_INSTALLED),
			 errmsg("there is no company \"%s\"", schema),
			 errhint("Set leads.schema to the data schema, or run SELECT leads.install(%s);",
					 quote_literal_cstr(schema))));
}

static bool
is_company(Oid nsp)
{
	return OidIsValid(get_relname_relid("settings", nsp)) &&
		OidIsValid(get_relname_relid("schema_version", nsp)) &&
		OidIsValid(get_relname_relid("access_grant", nsp));
}

static void
enter(LeadsFrame *f, const char *schema, uint32 profiles, bool nonatomic, bool reader)
{
	Oid			nsp;

	memset(f, 0, sizeof(*f));
	f->outer_cxt = CurrentMemoryContext;
	f->caller = GetUserId();
	GetUserIdAndSecContext(&f->saved_user, &f->saved_sec);
	f->nonatomic = nonatomic;
	f->reader = reader;
	f->now = LEADS_NO_TIME;
	if (schema == NULL)
		schema = leads_schema_guc;
	nsp = get_namespace_oid(schema, true);
	if (!OidIsValid(nsp))
		not_installed(schema);
	/* asked before anything else, so that an outsider learns nothing */
	if (leads_namespace_aclcheck(nsp, f->caller, ACL_USAGE) != ACLCHECK_OK)
		ereport(ERROR,
				(errcode(LEADS_ERR_NO_RIGHT),
				 errmsg("no access to company \"%s\"", schema)));
	if (!is_company(nsp))
		not_installed(schema);
	open_frame(f, nsp, pstrdup(schema));
	leads_frame_load(f);
	if (profiles != LEADS_PROFILE_NOBODY && (f->profiles & profiles) == 0)
		ereport(ERROR,
				(errcode(LEADS_ERR_NO_RIGHT),
				 errmsg("no access to company \"%s\"", schema),
				 errdetail("The role holds no profile that allows this call."),
				 errhint("An administrator can run leads.grant_access(role, profile).")));
	if (!reader)
		check_triggers(f);
}

void
leads_enter(LeadsFrame *f, const char *schema, uint32 profiles)
{
	enter(f, schema, profiles, false, false);
}

void
leads_enter_reader(LeadsFrame *f, const char *schema, uint32 profiles)
{
	enter(f, schema, profiles, false, true);
}

void
leads_enter_nonatomic(LeadsFrame *f, const char *schema, uint32 profiles)
{
	enter(f, schema, profiles, true, false);
}

void
leads_enter_trigger(LeadsFrame *f, Oid nsp)
{
	memset(f, 0, sizeof(*f));
	f->outer_cxt = CurrentMemoryContext;
	f->caller = GetUserId();
	GetUserIdAndSecContext(&f->saved_user, &f->saved_sec);
	f->now = LEADS_NO_TIME;
	if (!is_company(nsp))
		not_installed(get_namespace_name(nsp));
	open_frame(f, nsp, get_namespace_name(nsp));
	leads_frame_load(f);
}

void
leads_enter_bare(LeadsFrame *f, Oid nsp, const char *schema)
{
	memset(f, 0, sizeof(*f));
	f->outer_cxt = CurrentMemoryContext;
	f->caller = GetUserId();
	GetUserIdAndSecContext(&f->saved_user, &f->saved_sec);
	f->now = LEADS_NO_TIME;
	open_frame(f, nsp, pstrdup(schema));
}

static void
step_out(LeadsFrame *f)
{
	SetUserIdAndSecContext(f->saved_user, f->saved_sec);
	/* rolled back, not committed: a SET by a trigger of the company's owner would stay with the caller */
	AtEOXact_GUC(false, f->guc_level);
	f->switched = false;
}

void
leads_leave(LeadsFrame *f)
{
	Assert(current == f);
	step_out(f);
	pop_frame();
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	MemoryContextSwitchTo(f->outer_cxt);
}

void
leads_frame_suspend(LeadsFrame *f)
{
	step_out(f);
	pop_frame();
}

void
leads_frame_resume(LeadsFrame *f)
{
	/* the commit took the call's snapshot along, and what lies out of line is read under one (18 insists) */
	EnsurePortalSnapshotExists();
	push_frame(f);
	become_owner(f);
}

void
leads_frame_commit(LeadsFrame *f)
{
	leads_frame_suspend(f);
	SPI_commit();
	leads_frame_resume(f);
}

bool
leads_frame_sees_all(LeadsFrame *f, bool commits)
{
	if (IsolationUsesXactSnapshot() && commits)
	{
		leads_frame_suspend(f);
		SPI_commit();
		/* it has no snapshot yet, and the next one begins as the session says */
		XactIsoLevel = XACT_READ_COMMITTED;
		leads_frame_resume(f);
	}
	return !IsolationUsesXactSnapshot();
}

void
leads_require(LeadsFrame *f, uint32 profiles, const char *what)
{
	if ((f->profiles & profiles) == 0)
		ereport(ERROR,
				(errcode(LEADS_ERR_NO_RIGHT),
				 errmsg("no right to %s", what)));
}

TimestampTz
leads_frame_now(LeadsFrame *f, TimestampTz last_event_at)
{
	TimestampTz now;

	if (leads_clock_is_false() && !f->simulation)
		ereport(ERROR,
				(errcode(LEADS_ERR_CLOCK),
				 errmsg("leads.clock is set, but company \"%s\" works for real", f->schema),
				 errdetail("One write from a false time would poison every later one."),
				 errhint("RESET leads.clock, or install a company for tests with simulation => true.")));
	now = leads_clock_read();
	if (last_event_at != LEADS_NO_TIME && now <= last_event_at)
		now = last_event_at + 1;
	f->now = now;
	leads_clock_wrote(now);
	return now;
}

char *
leads_keep(LeadsFrame *f, const char *s)
{
	return s ? MemoryContextStrdup(f->outer_cxt, s) : NULL;
}
