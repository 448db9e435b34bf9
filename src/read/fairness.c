/*
 * fairness.c - leads.fairness_report(): what each seat of a ring should have got, got, and why not.
 *
 * Purpose: count the turns of a ring in a period from the evidence of the decisions;
 * a turn is shared among those who were not passed over in it, by their weights; each
 * passing over is told by its reason.
 * Invariants: reads only; what is counted is what explain() shows; seats and weights are
 * those of today; a ring of strategy least_loaded promises no share, so nothing is
 * expected of it; a manager with a team sees the rows of its team.
 * Called by: managers, administrators, BI.
 */
#include "core/leads.h"

#include "miscadmin.h"

#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "utils/tuplestore.h"

#include "core/actor.h"
#include "core/policy.h"
#include "read/fairness.h"

#define COLUMNS 8
#define CHUNK 1000

/* codes of the evidence, of one seat and of several, and what they are called here, in the order of the checks */
static const struct
{
	const char *code;
	const char *more;
	const char *reason;
}			reasons[] = {
	{"route.skip_inactive", "route.more_inactive", "fairness.inactive"},
	{"route.skip_left", "route.more_left", "fairness.left"},
	{"route.skip_leave", "route.more_leave", "fairness.leave"},
	{"route.skip_hours", "route.more_hours", "fairness.hours"},
	{"route.skip_skill", "route.more_skill", "fairness.skill"},
	{"route.skip_previous", "route.more_previous", "fairness.previous"},
	{"route.skip_full", "route.more_full", "fairness.full"},
	{"route.skip_day", "route.more_day", "fairness.day"},
	{"route.skip_rule", "route.more_rule", "fairness.rule"},
};

static const LeadsMessage messages[] = {
	{"fairness.inactive", "已停用", "not active"},
	{"fairness.left", "已离职", "left"},
	{"fairness.leave", "请假", "away"},
	{"fairness.hours", "非工作时间", "not at work"},
	{"fairness.skill", "缺少技能", "lacks a skill"},
	{"fairness.previous", "是上一任归属人", "was the previous owner"},
	{"fairness.full", "达到持有上限", "at its holder cap"},
	{"fairness.day", "达到每日上限", "at its daily cap"},
	{"fairness.rule", "达到规则上限", "at the cap of the rule"},
};

LEADS_QUERY(q_ring, "t", "SELECT r.id, r.strategy = 'least_loaded', r.everybody FROM @.ring r WHERE r.code = $1");
LEADS_QUERY(q_seats, "lb",
			"SELECT m.id, m.code, coalesce(s.weight, 1), m.created_at, m.active, m.left_at FROM @.member m"
			"  LEFT JOIN @.ring_seat s ON s.ring_id = $1 AND s.member_id = m.id"
			" WHERE s.id IS NOT NULL OR ($2 AND NOT m.is_manager AND m.partner_id IS NULL)"
			" ORDER BY coalesce(s.position, 0), m.id");
LEADS_QUERY(q_decisions, "zzjljj",
			"SELECT d.id, d.decided_at, d.evidence FROM @.decision d"
			" WHERE (d.decided_at > $1 OR (d.decided_at = $1 AND d.id > $4)) AND d.decided_at < $2"
			"   AND (d.evidence @> $3 OR d.evidence @> $5 OR d.evidence @> $6)"
			" ORDER BY d.decided_at, d.id LIMIT 1000");

typedef struct Seat
{
	int64		member_id;
	const char *code;
	int64		weight;
	TimestampTz created_at;
	bool		active;
	TimestampTz left_at;
	double		expected;
	int64		turns;			/* in which it took part */
	int64		received;
	int64		skipped[lengthof(reasons)];
	int			why;			/* passed over by who is asked at hand: index of the reason, -1 = not */
	bool		out;			/* of the turn at hand */
} Seat;

typedef struct Report
{
	LeadsFrame	f;
	const char *ring;			/* ring:sales */
	bool		least_loaded;
	const char *turn;			/* code of its turns */
	int			n;
	Seat	   *seats;
} Report;

void
leads_fairness_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}

static void
read_seats(Report *p, LeadsResult r)
{
	p->n = (int) r.n;
	p->seats = palloc0(sizeof(Seat) * Max(p->n, 1));
	for (int i = 0; i < p->n; i++)
	{
		Seat	   *s = &p->seats[i];

		s->member_id = leads_int(&r, i, 1);
		s->code = leads_text(&r, i, 2);
		s->weight = leads_int(&r, i, 3);
		s->created_at = leads_time(&r, i, 4);
		s->active = leads_bool(&r, i, 5);
		s->left_at = leads_time(&r, i, 6);
		s->why = -1;
	}
}

static Seat *
seat_of(Report *p, const char *code)
{
	for (int i = 0; code && i < p->n; i++)
		if (strcmp(p->seats[i].code, code) == 0)
			return &p->seats[i];
	return NULL;
}

/* argument n of a step, NULL if there is none */
static char *
step_arg(Jsonb *step, int n)
{
	JsonbValue *list = leads_json_get(step, "args");
	JsonbValue *v;

	if (list == NULL || list->type != jbvBinary || n >= JsonContainerSize(list->val.binary.data))
		return NULL;
	v = getIthJsonbValueFromContainer(list->val.binary.data, n);
	return v->type == jbvString ? pnstrdup(v->val.string.val, v->val.string.len) : NULL;
}

/* a turn: those who were not passed over share it, one has it */
static void
count_turn(Report *p, TimestampTz at, const char *receiver)
{
	Seat	   *got = seat_of(p, receiver);
	double		weights = 0;

	if (got)
		got->received++;
	for (int i = 0; i < p->n; i++)
	{
		Seat	   *s = &p->seats[i];

		/* a seat that is passed over says so; one that was not there yet (by the real clock), or is no more, does not */
		s->out |= !s->active || (s->created_at > at && !p->f.simulation) || (s->left_at != LEADS_NO_TIME && s->left_at <= at);
		if (s == got)
			s->out = false;
		if (!s->out)
			weights += s->weight;
	}
	for (int i = 0; i < p->n; i++)
		if (!p->seats[i].out)
		{
			p->seats[i].turns++;
			p->seats[i].expected += p->seats[i].weight / weights;
		}
}

/* those of a list of codes are passed over */
static void
pass_over(Report *p, char *codes, int why)
{
	for (char *rest, *code = codes ? strtok_r(codes, " ", &rest) : NULL; code; code = strtok_r(NULL, " ", &rest))
	{
		Seat	   *s = seat_of(p, code);

		if (s)
			s->why = why;
	}
}

static bool
names_ring(Report *p, Jsonb *step, int n)
{
	const char *name = step_arg(step, n);

	return name && strcmp(name, p->ring) == 0;
}

/* who is passed over stands between the rule that asks the ring and the turn, or the word that nobody could have it */
static void
read_evidence(Report *p, TimestampTz at, Jsonb *evidence)
{
	uint32		n = JB_ROOT_IS_ARRAY(evidence) ? JB_ROOT_COUNT(evidence) : 0;

	for (uint32 i = 0; i < n; i++)
	{
		Jsonb	   *step = JsonbValueToJsonb(getIthJsonbValueFromContainer(&evidence->root, i));
		char	   *code = JB_ROOT_IS_OBJECT(step) ? leads_json_text(step, "code") : NULL;
		bool		turn;

		if (code == NULL)
			continue;
		if (strcmp(code, "route.rule_fits") == 0 || strcmp(code, "route.default_ring") == 0)
			for (int k = 0; k < p->n; k++)
				p->seats[k].why = -1;
		for (int k = 0; k < lengthof(reasons); k++)
			if (strcmp(code, reasons[k].code) == 0)
				pass_over(p, step_arg(step, 0), k);
			else if (strcmp(code, reasons[k].more) == 0)
				pass_over(p, step_arg(step, 1), k);
		turn = strcmp(code, p->turn) == 0 && names_ring(p, step, 0);
		if (!turn && !(strcmp(code, "route.rule_nobody") == 0 && names_ring(p, step, 1)) &&
			!(strcmp(code, "route.ring_nobody") == 0 && names_ring(p, step, 0)))
			continue;
		for (int k = 0; k < p->n; k++)
		{
			Seat	   *s = &p->seats[k];

			s->out = s->why >= 0;
			if (s->out)
				s->skipped[s->why]++;
		}
		if (turn)
		{
			count_turn(p, at, step_arg(step, p->least_loaded ? 1 : 2));
			return;
		}
	}
}

static Jsonb *
filter(const char *code, const char *ring)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(
		psprintf("[{\"code\": \"%s\", \"args\": [\"%s\"]}]", code, ring))));
}

/* decisions that name the ring, a thousand at a time, in memory of their own */
static void
read_decisions(Report *p, TimestampTz since, TimestampTz until)
{
	Jsonb	   *turn = filter(p->turn, p->ring);
	Jsonb	   *rule_nobody = filter("route.rule_nobody", p->ring);
	Jsonb	   *ring_nobody = filter("route.ring_nobody", p->ring);
	TimestampTz at = since;
	int64		id = 0;
	uint64		n;

	do
	{
		LeadsResult r;

		if (SPI_connect() != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed");
		r = leads_run(&q_decisions, at, until, turn, id, rule_nobody, ring_nobody);
		n = r.n;
		for (uint64 i = 0; i < n; i++)
		{
			CHECK_FOR_INTERRUPTS();
			id = leads_int(&r, i, 1);
			at = leads_time(&r, i, 2);
			read_evidence(p, at, leads_jsonb(&r, i, 3));
		}
		SPI_finish();
	} while (n == CHUNK);
}

static Datum
rounded(double x)
{
	return DirectFunctionCall2(numeric_round, DirectFunctionCall1(float8_numeric, Float8GetDatum(x)), Int32GetDatum(2));
}

static void
put_seat(Report *p, ReturnSetInfo *rsi, const Seat *s)
{
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {false};
	int64		all = 0;

	for (int k = 0; k < lengthof(reasons); k++)
		all += s->skipped[k];
	values[0] = CStringGetTextDatum(s->code);
	values[1] = Int32GetDatum((int32) s->weight);
	values[2] = Int64GetDatum(s->turns);
	values[3] = rounded(s->expected);
	values[4] = Int64GetDatum(s->received);
	values[5] = rounded(s->received - s->expected);
	nulls[3] = nulls[5] = p->least_loaded;
	values[6] = Int64GetDatum(all);
	nulls[7] = true;
	values[7] = (Datum) 0;
	tuplestore_putvalues(rsi->setResult, rsi->setDesc, values, nulls);
	for (int i = 1; i < 6; i++)
		nulls[i] = true;
	nulls[7] = false;
	for (int k = 0; k < lengthof(reasons); k++)
	{
		if (s->skipped[k] == 0)
			continue;
		values[6] = Int64GetDatum(s->skipped[k]);
		values[7] = CStringGetTextDatum(leads_message0(p->f.lang, reasons[k].reason));
		tuplestore_putvalues(rsi->setResult, rsi->setDesc, values, nulls);
	}
}

PG_FUNCTION_INFO_V1(leads_fairness_report);
Datum
leads_fairness_report(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsi = (ReturnSetInfo *) fcinfo->resultinfo;
	Report	   *p = palloc0(sizeof(Report));
	LeadsFrame *f = &p->f;
	char	   *code = PG_ARGISNULL(0) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(0));
	TimestampTz until = PG_ARGISNULL(2) ? leads_now_internal() : PG_GETARG_TIMESTAMPTZ(2);
	TimestampTz since = PG_ARGISNULL(1) ? until - 30 * USECS_PER_DAY : PG_GETARG_TIMESTAMPTZ(1);
	LeadsResult r;

	if (code == NULL)
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("ring is required")));
	if (TIMESTAMP_NOT_FINITE(since) || TIMESTAMP_NOT_FINITE(until) || since >= until)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a period ends after it begins")));
	InitMaterializedSRF(fcinfo, 0);
	leads_enter_reader(f, NULL, LEADS_PROFILE_BOSS | LEADS_PROFILE_BI);
	(void) leads_actor_lookup(f);
	r = leads_run(&q_ring, code);
	if (!leads_found(r))
		ereport(ERROR, (errcode(LEADS_ERR_UNKNOWN_ID), errmsg("there is no ring \"%s\"", code)));
	p->ring = psprintf("ring:%s", code);
	p->least_loaded = leads_bool(&r, 0, 2);
	p->turn = p->least_loaded ? "route.least_loaded" : "route.turn";
	read_seats(p, leads_run(&q_seats, leads_int(&r, 0, 1), leads_bool(&r, 0, 3)));
	read_decisions(p, since, until);
	for (int i = 0; i < p->n; i++)
		if ((f->profiles & (LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN | LEADS_PROFILE_BI)) != 0 ||
			leads_actor_reaches(f, p->seats[i].member_id))
			put_seat(p, rsi, &p->seats[i]);
	leads_leave(f);
	return (Datum) 0;
}
