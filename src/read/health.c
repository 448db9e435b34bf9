/*
 * health.c - is everything there, and does it run?
 *
 * Purpose: leads.health() says in one look what an administrator must know: the
 * versions, what install() made and somebody took away, pg_cron and the last
 * tick, what waits to be written down, grants that a restore does not bring back.
 * Invariants: read only; costs are bounded (counts stop at a cap), but for who has too many names, numbers or
 * addresses, which takes an index from end to end; what it shows needs no right on cron's
 * tables: a job that cannot be seen is told as such.
 * Called by: users.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/tuplestore.h"

#include "core/install.h"
#include "lib/identity.h"
#include "lib/lib.h"
#include "read/health.h"
#include "record/journey.h"
#include "record/rollup.h"

#define COUNT_MOST 10000		/* a backlog is counted no further */
#define STALE (5 * USECS_PER_MINUTE)	/* no tick for so long is worth a warning */
#define LIST_MOST 10			/* names listed in one detail */

static const LeadsMessage messages[] = {
	{"health_version", "pg_leads {0}", "pg_leads {0}"},
	{"health_version_differs", "程序库为 {0}，扩展为 {1}：请执行 ALTER EXTENSION pg_leads UPDATE，再执行 SELECT leads.install()。",
	"the library is {0}, the extension {1}: run ALTER EXTENSION pg_leads UPDATE, then SELECT leads.install()."},
	{"health_schema", "数据模式 {0}，所有者 {1}，表步骤 {2}", "schema {0}, owner {1}, table step {2}"},
	{"health_install", "表、触发器、视图和策略齐全", "tables, triggers, views and policies are all there"},
	{"health_install_missing", "缺少：{0}。请执行 SELECT leads.install()。", "missing: {0}. Run SELECT leads.install()."},
	{"health_tables_missing", "缺少：{0}。表及其数据须从备份恢复。", "missing: {0}. Tables and their rows must come from a backup."},
	{"health_install_disabled", "触发器被停用：{0}。", "triggers are disabled: {0}."},
	{"health_simulation", "模拟公司：允许 leads.clock，切勿用于真实业务", "a company for simulation: leads.clock is allowed; never use it for real work"},
	{"health_clock", "leads.clock 已设为 {0}", "leads.clock is set to {0}"},
	{"health_cron_none", "未安装 pg_cron：须由外部定时执行 CALL leads.tick()。", "pg_cron is not installed: something else must run CALL leads.tick()."},
	{"health_cron_elsewhere", "pg_cron 不在本数据库（cron.database_name = {0}）。", "pg_cron lives in another database (cron.database_name = {0})."},
	{"health_cron_hidden", "pg_cron 已安装；您看不到本公司的任务，可能由其他角色管理。", "pg_cron is installed; you see no job of this company, another role may have one."},
	{"health_cron_job", "任务 {0}：{1}", "job {0}: {1}"},
	{"health_cron_no_job", "pg_cron 已安装，但没有任务：请执行 SELECT leads.schedule_jobs()。", "pg_cron is installed, but no job is scheduled: run SELECT leads.schedule_jobs()."},
	{"health_tick_never", "尚无运行完毕的 tick；读取的答案不受影响。", "no run of tick has come to its end yet; answers of readers do not depend on it."},
	{"health_tick", "最近一次 tick：{0}（{1} 秒前）", "last tick: {0} ({1} s ago)"},
	{"health_tick_late", "最近一次 tick：{0}（{1} 秒前），已超过五分钟。", "last tick: {0} ({1} s ago), more than five minutes."},
	{"health_backlog", "已到期而未写入：{0}", "due but not written down yet: {0}"},
	{"health_reminders", "应发而未写入的提醒：{0}", "reminders due but not written yet: {0}"},
	{"health_quarantine", "被隔离的客户：{0}", "customers in quarantine: {0}"},
	{"health_rollups_none", "漏斗汇总未建立，漏斗从行程记录计算（较慢）：请执行 CALL leads.rollup_rebuild()。",
	"rollups are not built, funnels are counted from journeys, which takes longer: CALL leads.rollup_rebuild()."},
	{"health_rollups_stale", "阶段或时区已改变，漏斗汇总停用，漏斗从行程记录计算（较慢）：请执行 CALL leads.rollup_rebuild()。",
	"stages or the zone were changed, rollups are not read and funnels are counted from journeys, which takes longer: CALL leads.rollup_rebuild()."},
	{"health_journeys", "行程记录未建完，漏斗从事件计算（较慢）：请执行 CALL leads.rebuild_journeys()。",
	"journeys are not built, funnels are counted from events, which takes longer: CALL leads.rebuild_journeys()."},
	{"health_grants", "权限记录与数据库一致", "roles and parameter rights are as granted"},
	{"health_grants_missing", "{0}。请执行 SELECT leads.install()（须超级用户）。", "{0}. Run SELECT leads.install() as a superuser."},
	{"health_no_role", "角色不存在：{0}", "no such role: {0}"},
	{"health_no_set", "缺少 SET ON PARAMETER leads.actor：{0}", "no SET ON PARAMETER leads.actor: {0}"},
	{"health_keys", "查重键：规则版本 {0}，第 {1} 代频率（统计了 {2} 个名称）", "keys of rules version {0}, generation {1} of frequencies (over {2} names)"},
	{"health_names", "{0} 个客户的名称超过 {1} 个，较新的曾用名不参与查重", "{0} customers have more than {1} names: the latest of them find nobody"},
	{"health_points", "{0} 个客户的电话超过 {1} 个或邮箱超过 {2} 个，较新的不参与查重",
	"{0} customers have more than {1} telephone numbers or {2} mail addresses: the latest of them find nobody"},
	{"health_keys_old", "查重键遵循规则版本 {0}，程序库为版本 {1}，登记暂停：请执行 CALL leads.rekey()。",
	"keys follow rules of version {0}, the library has version {1}, and registrations are refused: run CALL leads.rekey()."},
	{"health_keys_broken_off", "leads.rekey() 未完成（{0}），五分钟以来没有进展：请再次执行 CALL leads.rekey()。",
	"rekey() is not complete ({0}) and has made no progress for five minutes: run CALL leads.rekey() again."},
	{"health_create_rights", "无他人可在模式 leads 或数据模式中建对象", "nobody else may create objects in schema leads or in the data schema"},
	{"health_create_rights_open", "可建对象的角色：{0}", "roles that may create objects: {0}"},
};

typedef enum
{
	OK, WARN, BAD
} Status;

static const char *const status_names[] = {"ok", "warn", "error"};

LEADS_QUERY(q_extension, "", "SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = 'pg_leads'");
LEADS_QUERY(q_have, "l",
			"SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, c.relname, '' FROM pg_catalog.pg_class c"
			" WHERE c.relnamespace = $1::pg_catalog.oid AND c.relkind IN ('r', 'p', 'v')"
			" UNION ALL "
			"SELECT 'TRIGGER', t.tgname, CASE t.tgenabled WHEN 'D' THEN 'disabled' ELSE '' END"
			"  FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid"
			" WHERE c.relnamespace = $1::pg_catalog.oid AND NOT t.tgisinternal"
			" UNION ALL "
			"SELECT 'POLICY', p.polname, '' FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid"
			" WHERE c.relnamespace = $1::pg_catalog.oid");
LEADS_QUERY(q_tick, "",
			"SELECT h.started_at, h.finished_at FROM @.heartbeat h WHERE h.job = 'tick'");
LEADS_QUERY(q_backlog, "zl",
			"SELECT count(*), min(d.next_due_at) FROM (SELECT o.next_due_at FROM @.ownership o"
			"  WHERE o.until IS NULL AND o.next_due_at <= $1 ORDER BY o.next_due_at LIMIT $2) d");
LEADS_QUERY(q_reminders, "zl",
			"SELECT count(*), min(d.remind_at) FROM (SELECT o.remind_at FROM @.ownership o"
			"  WHERE o.until IS NULL AND o.remind_at <= $1 AND (o.next_due_at IS NULL OR o.next_due_at > $1)"
			"  ORDER BY o.remind_at LIMIT $2) d");
LEADS_QUERY(q_many_names, "i",
			"SELECT count(*) FROM (SELECT FROM @.customer_name n GROUP BY n.customer_id HAVING count(*) >= $1) x");
/* of what is kept the first so many find the customer, and one USCC (record/customer.c); few need a second look */
LEADS_QUERY(q_many_points, "ii",
			"SELECT count(*) FROM (SELECT FROM @.contact_point p WHERE p.norm IS NOT NULL AND p.state = 'confirmed' AND p.customer_id IN"
			"    (SELECT x.customer_id FROM @.contact_point x GROUP BY x.customer_id HAVING count(*) > least($1, $2))"
			"  GROUP BY p.customer_id HAVING count(*) > $1 + $2 + 1 OR count(DISTINCT p.norm) FILTER (WHERE p.kind = 'phone') > $1"
			"    OR count(DISTINCT p.norm) FILTER (WHERE p.kind = 'email') > $2) x");
LEADS_QUERY(q_keys, "",
			"SELECT s.norm_v, k.generation, k.phase, k.progress_at, (SELECT f.names FROM @.key_frequency f WHERE f.generation = k.generation)"
			"  FROM @.settings s CROSS JOIN @.key_state k");
LEADS_QUERY(q_quarantine, "l",
			"SELECT count(*), string_agg(d.t, ', ') FROM (SELECT 'customer/' || q.customer_id || ' ' || q.error_code AS t"
			"  FROM @.quarantine q ORDER BY q.failed_at DESC LIMIT $1) d");
LEADS_QUERY(q_no_role, "",
			"SELECT string_agg(DISTINCT g.role_name, ', ') FROM @.access_grant g"
			" WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = g.role_name)");
/* the profiles that act for others do it through leads.actor */
LEADS_QUERY(q_no_set, "",
			"SELECT string_agg(DISTINCT g.role_name, ', ') FROM @.access_grant g"
			"  JOIN pg_catalog.pg_roles r ON r.rolname = g.role_name"
			" WHERE g.profile IN ('app', 'manager', 'admin')"
			"   AND NOT pg_catalog.has_parameter_privilege(r.oid, 'leads.actor', 'SET')");
LEADS_QUERY(q_create, "l",
			"SELECT string_agg(DISTINCT coalesce(r.rolname, 'PUBLIC') || ' (' || n.nspname || ')', ', ')"
			"  FROM pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) x"
			"  LEFT JOIN pg_catalog.pg_roles r ON r.oid = x.grantee"
			" WHERE (n.nspname = 'leads' OR n.oid = $1::pg_catalog.oid)"
			"   AND x.privilege_type = 'CREATE' AND x.grantee <> n.nspowner");

static void
put(ReturnSetInfo *rsi, const char *item, Status status, const char *detail)
{
	Datum		values[3];
	bool		nulls[3] = {false};

	values[0] = CStringGetTextDatum(item);
	values[1] = CStringGetTextDatum(status_names[status]);
	values[2] = CStringGetTextDatum(detail);
	tuplestore_putvalues(rsi->setResult, rsi->setDesc, values, nulls);
}

static void
check_versions(LeadsFrame *f, ReturnSetInfo *rsi)
{
	LeadsResult r = leads_run(&q_extension);
	const char *extension = leads_found(r) ? leads_text(&r, 0, 1) : "-";
	bool		same = strcmp(extension, LEADS_VERSION) == 0;
	const char *args[3];

	put(rsi, "version", same ? OK : WARN,
		leads_message2(f->lang, same ? "health_version" : "health_version_differs", LEADS_VERSION, extension));
	/* a company of other table steps does not let us in: LD008 */
	args[0] = f->schema;
	args[1] = GetUserNameFromId(f->owner, false);
	args[2] = psprintf("%d", leads_install_last_step());
	put(rsi, "schema", OK, leads_message(f->lang, "health_schema", 3, args));
}

/* ---- what install() makes, read from its own text ---- */

static const char *
skip_blanks(const char *p)
{
	while (*p == ' ' || *p == '\t' || *p == '\n')
		p++;
	return p;
}

/* the word at *p, in buf; *p moves behind it */
static char *
next_word(const char **p)
{
	const char *from = skip_blanks(*p);
	const char *to = from;

	while (*to && !strchr(" \t\n(;", *to))
		to++;
	*p = to;
	return pnstrdup(from, to - from);
}

/*
 * After CREATE: what is made and its name; NULL if it is none of the four kinds.
 * The texts are our own, so that this need be no parser of SQL.
 */
static const char *
made_object(const char *p, const char **kind)
{
	static const char *const kinds[] = {"TABLE", "VIEW", "TRIGGER", "POLICY"};
	char	   *word = next_word(&p);

	while (strcmp(word, "OR") == 0 || strcmp(word, "REPLACE") == 0 || strcmp(word, "CONSTRAINT") == 0)
		word = next_word(&p);
	for (int i = 0; i < lengthof(kinds); i++)
		if (strcmp(word, kinds[i]) == 0)
		{
			char	   *name = next_word(&p);

			*kind = kinds[i];
			return strncmp(name, "@schema@.", 9) == 0 ? name + 9 : name;
		}
	return NULL;
}

static bool
is_there(LeadsResult *have, const char *kind, const char *name, bool *disabled)
{
	bool		found = false;

	for (uint64 i = 0; i < have->n; i++)
		if (strcmp(leads_text(have, i, 1), kind) == 0 && strcmp(leads_text(have, i, 2), name) == 0)
		{
			found = true;
			if (leads_text(have, i, 3)[0])
				*disabled = true;
		}
	return found;
}

static void
add_name(StringInfo list, int *n, const char *kind, const char *name)
{
	(*n)++;
	if (*n <= LIST_MOST)
		appendStringInfo(list, "%s%s %s", list->len > 0 ? ", " : "", kind, name);
	else if (*n == LIST_MOST + 1)
		appendStringInfoString(list, ", ...");
}

static void
check_install(LeadsFrame *f, ReturnSetInfo *rsi)
{
	LeadsResult have = leads_run(&q_have, (int64) f->nsp);
	StringInfoData missing;
	StringInfoData off;
	int			nmissing = 0;
	bool		lost = false;
	int			noff = 0;
	int			n = 0;
	const char *text;

	initStringInfo(&missing);
	initStringInfo(&off);
	for (int i = 0; (text = leads_install_text(i)) != NULL; i++)
		for (const char *p = strstr(text, "CREATE "); p; p = strstr(p + 1, "CREATE "))
		{
			const char *kind;
			const char *name;
			bool		disabled = false;

			if (p > text && p[-1] != '\n')
				continue;
			name = made_object(p + strlen("CREATE "), &kind);
			if (name == NULL)
				continue;
			n++;
			if (!is_there(&have, kind, name, &disabled))
			{
				add_name(&missing, &nmissing, kind, name);
				lost |= strcmp(kind, "TABLE") == 0;
			}
			else if (disabled)
				add_name(&off, &noff, kind, name);
		}
	if (nmissing > 0)
		put(rsi, "install", BAD, leads_message1(f->lang, lost ? "health_tables_missing" : "health_install_missing", missing.data));
	else if (noff > 0)
		put(rsi, "install", BAD, leads_message1(f->lang, "health_install_disabled", off.data));
	else
		put(rsi, "install", OK, leads_message1(f->lang, "health_install", psprintf("%d", n)));
}

/* ---- jobs ---- */

/* a statement about pg_cron as the caller, outside of any frame: row security shows a caller its own jobs */
static bool
ask(const char *sql, const char *arg, bool *answer, char **text)
{
	Oid			types[1] = {TEXTOID};
	Datum		values[1];
	bool		found;

	values[0] = CStringGetTextDatum(arg);
	if (SPI_execute_with_args(sql, 1, types, values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not run \"%s\"", sql);
	found = SPI_processed > 0;
	if (found)
	{
		bool		isnull;

		*answer = DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull)) && !isnull;
		*text = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2);
	}
	return found;
}

/* schedule_jobs() names its job after the company */
static void
check_cron(ReturnSetInfo *rsi, const char *schema, const char *lang, bool ticking)
{
	static const char *const extension =
		"SELECT true, NULL FROM pg_catalog.pg_extension e WHERE e.extname = $1";
	static const char *const may =
		"SELECT CASE WHEN pg_catalog.has_schema_privilege($1, 'USAGE')"
		" THEN pg_catalog.has_table_privilege('cron.job', 'SELECT') ELSE false END, NULL";
	static const char *const job =
		"SELECT j.active, pg_catalog.concat_ws(' ', j.schedule, j.command) FROM cron.job j"
		" WHERE j.jobname = $1 AND j.database = pg_catalog.current_database() ORDER BY j.active DESC";
	bool		yes = false;
	char	   *text = NULL;
	char	   *name = psprintf("pg_leads tick %s", schema);
	const char *home = GetConfigOption("cron.database_name", true, false);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (!ask(extension, "pg_cron", &yes, &text))
	{
		if (home && strcmp(home, get_database_name(MyDatabaseId)) != 0)
			put(rsi, "cron", ticking ? OK : WARN, leads_message1(lang, "health_cron_elsewhere", home));
		else
			put(rsi, "cron", ticking ? OK : WARN, leads_message0(lang, "health_cron_none"));
	}
	else if (ask(may, "cron", &yes, &text) && yes && ask(job, name, &yes, &text))
		put(rsi, "cron", yes ? OK : WARN, leads_message2(lang, "health_cron_job", name, text));
	else if (superuser())
		put(rsi, "cron", ticking ? OK : WARN, leads_message0(lang, "health_cron_no_job"));
	else
		put(rsi, "cron", ticking ? OK : WARN, leads_message0(lang, "health_cron_hidden"));
	SPI_finish();
}

/* true: it runs */
static bool
check_tick(LeadsFrame *f, ReturnSetInfo *rsi)
{
	LeadsResult r = leads_run(&q_tick);
	TimestampTz last = LEADS_NO_TIME;
	int64		age;

	if (leads_found(r))
		last = leads_time(&r, 0, 2);
	if (last == LEADS_NO_TIME)
	{
		put(rsi, "tick", WARN, leads_message0(f->lang, "health_tick_never"));
		return false;
	}
	age = leads_now_internal() - last;
	put(rsi, "tick", age > STALE ? WARN : OK,
		leads_message2(f->lang, age > STALE ? "health_tick_late" : "health_tick",
					   leads_message_time(f->zone, last), psprintf(INT64_FORMAT, Max(age, 0) / USECS_PER_SEC)));
	return age <= STALE;
}

/* what waits: how many, and a warning if the eldest waits for long */
static void
put_backlog(LeadsFrame *f, ReturnSetInfo *rsi, const char *item, const char *code, LeadsQuery *q)
{
	TimestampTz now = leads_now_internal();
	LeadsResult r = leads_run(q, now, (int64) COUNT_MOST);
	int64		n = leads_int(&r, 0, 1);

	put(rsi, item, n > 0 && now - leads_time(&r, 0, 2) > STALE ? WARN : OK,
		leads_message1(f->lang, code, psprintf(INT64_FORMAT "%s", n, n >= COUNT_MOST ? "+" : "")));
}

static void
check_quarantine(LeadsFrame *f, ReturnSetInfo *rsi)
{
	LeadsResult r = leads_run(&q_quarantine, (int64) COUNT_MOST);
	int64		n = leads_int(&r, 0, 1);
	char	   *list = leads_text(&r, 0, 2);

	put(rsi, "quarantine", n > 0 ? BAD : OK,
		leads_message1(f->lang, "health_quarantine",
					   n > 0 ? psprintf(INT64_FORMAT " (%s)", n, leads_clip(list, 200)) : "0"));
}

/* by which rules customers are found; rekey() that was broken off harms nobody, but keys of another library stop intake */
static void
check_keys(LeadsFrame *f, ReturnSetInfo *rsi)
{
	LeadsResult r = leads_run(&q_keys);
	const char *args[3];

	if (!leads_found(r))
		return;
	args[0] = leads_text(&r, 0, 1);
	args[1] = leads_text(&r, 0, 2);
	args[2] = leads_isnull(&r, 0, 5) ? "0" : leads_text(&r, 0, 5);
	if (leads_int(&r, 0, 1) != LEADS_NORM_VERSION)
		put(rsi, "keys", BAD, leads_message2(f->lang, "health_keys_old", args[0], psprintf("%d", LEADS_NORM_VERSION)));
	else if (strcmp(leads_text(&r, 0, 3), "steady") != 0 && leads_now_internal() - leads_time(&r, 0, 4) > STALE)
		put(rsi, "keys", WARN, leads_message1(f->lang, "health_keys_broken_off", leads_text(&r, 0, 3)));
	else
		put(rsi, "keys", OK, leads_message(f->lang, "health_keys", 3, args));
}

/* a customer is found by so many names */
static void
check_names(LeadsFrame *f, ReturnSetInfo *rsi)
{
	LeadsResult r = leads_run(&q_many_names, LEADS_RECORD_NAMES_MAX);

	if (leads_int(&r, 0, 1) > 0)
		put(rsi, "names", WARN, leads_message2(f->lang, "health_names", leads_text(&r, 0, 1), psprintf("%d", LEADS_RECORD_NAMES_MAX)));
}

/* and by so many numbers and addresses */
static void
check_points(LeadsFrame *f, ReturnSetInfo *rsi)
{
	LeadsResult r = leads_run(&q_many_points, LEADS_RECORD_PHONES_MAX, LEADS_RECORD_EMAILS_MAX);
	const char *args[3];

	if (leads_int(&r, 0, 1) == 0)
		return;
	args[0] = leads_text(&r, 0, 1);
	args[1] = psprintf("%d", LEADS_RECORD_PHONES_MAX);
	args[2] = psprintf("%d", LEADS_RECORD_EMAILS_MAX);
	put(rsi, "points", WARN, leads_message(f->lang, "health_points", 3, args));
}

/* ---- rights ---- */

static void
check_grants(LeadsFrame *f, ReturnSetInfo *rsi)
{
	LeadsResult r = leads_run(&q_no_role);
	char	   *no_role = leads_text(&r, 0, 1);
	char	   *no_set;
	char	   *what = NULL;

	r = leads_run(&q_no_set);
	no_set = leads_text(&r, 0, 1);
	if (no_role)
		what = leads_message1(f->lang, "health_no_role", no_role);
	if (no_set)
		what = psprintf("%s%s%s", what ? what : "", what ? "; " : "", leads_message1(f->lang, "health_no_set", no_set));
	put(rsi, "grants", what ? WARN : OK,
		what ? leads_message1(f->lang, "health_grants_missing", what) : leads_message0(f->lang, "health_grants"));
}

static void
check_create(LeadsFrame *f, ReturnSetInfo *rsi)
{
	LeadsResult r = leads_run(&q_create, (int64) f->nsp);
	char	   *open = leads_text(&r, 0, 1);

	put(rsi, "create_rights", open ? WARN : OK,
		open ? leads_message1(f->lang, "health_create_rights_open", open) : leads_message0(f->lang, "health_create_rights"));
}

PG_FUNCTION_INFO_V1(leads_health);
Datum
leads_health(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	ReturnSetInfo *rsi = (ReturnSetInfo *) fcinfo->resultinfo;
	const char *schema;
	const char *lang;
	bool		ticking;

	InitMaterializedSRF(fcinfo, 0);
	leads_enter_reader(&f, NULL, LEADS_PROFILE_BOSS | LEADS_PROFILE_BI);
	check_versions(&f, rsi);
	check_install(&f, rsi);
	if (f.simulation)
		put(rsi, "simulation", WARN, leads_message0(f.lang, "health_simulation"));
	if (leads_clock_is_false())
		put(rsi, "clock", WARN, leads_message1(f.lang, "health_clock", leads_clock_guc));
	ticking = check_tick(&f, rsi);
	put_backlog(&f, rsi, "backlog", "health_backlog", &q_backlog);
	put_backlog(&f, rsi, "reminders", "health_reminders", &q_reminders);
	check_quarantine(&f, rsi);
	if (!leads_journey_ready(&f))
		put(rsi, "journeys", WARN, leads_message0(f.lang, "health_journeys"));
	if (leads_rollup_fault(&f))
		put(rsi, "rollups", WARN, leads_message0(f.lang, leads_rollup_fault(&f)));
	check_keys(&f, rsi);
	check_names(&f, rsi);
	check_points(&f, rsi);
	check_grants(&f, rsi);
	check_create(&f, rsi);
	schema = leads_keep(&f, f.schema);
	lang = leads_keep(&f, f.lang);
	leads_leave(&f);
	check_cron(rsi, schema, lang, ticking);
	return (Datum) 0;
}

void
leads_health_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}
