/*
 * verify_sums.c - I15: what is credited to people adds up to what there is.
 *
 * Purpose: in each mode of funnels and each attribution, the figures of all owners, the pool's among them, are those
 * of the whole; and the rollups say what the journeys say.
 * Invariants: as everything of verify() it asks no clock: what is counted is all that was ever written down.  Cohorts
 * by event are whole, from rollups where there are some; the others are those of the newest leads, so that a large
 * company is not counted sixteen times.
 * Called by: read/verify.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "core/month.h"
#include "lib/rollup.h"
#include "read/funnel.h"
#include "read/verify.h"
#include "record/journey.h"
#include "record/rollup.h"

#define NEWEST 10000

static const LeadsMessage messages[] = {
	{"verify_cell", "汇总数据损坏（{0}）。请执行 CALL leads.rollup_rebuild()。", "is damaged: {0}. CALL leads.rollup_rebuild()."},
	{"verify_cell_other", "汇总数据与行程记录不符。请执行 CALL leads.rollup_rebuild()。",
	"does not say what the journeys say. CALL leads.rollup_rebuild()."},
	{"verify_sums", "{0}：各人之和为 {1}，总数为 {2}。", "{0}: people have {1} in all, there are {2}."},
};

LEADS_QUERY(q_since, "l",
			"SELECT min(x.entered_at) FROM (SELECT j.entered_at FROM @.lead_journey j ORDER BY j.lead_id DESC LIMIT $1) x");

LEADS_QUERY(q_cells, "",
			"SELECT concat_ws('/', c.cut, to_char(c.month, 'YYYY-MM'), coalesce(nullif(c.subject, ''), c.subject_id::text)), c.cell"
			"  FROM @.rollup_cell c ORDER BY 1");

LEADS_QUERY(q_deltas, "", "SELECT d.id, d.journey_before, d.journey_after FROM @.rollup_delta d ORDER BY d.id");

static const char *const names[] = {"entered", "advanced", "lost_here", "open_here", "skipped", "regressed", "re_entries", "moved_away"};

static int64
figure(const LeadsFunnelRow *r, int i)
{
	const int64 all[] = {r->entered, r->advanced, r->lost_here, r->open_here, r->skipped, r->regressed, r->re_entries, r->moved_away};

	return all[i];
}

static void
compare(LeadsFrame *f, ReturnSetInfo *rsi, const char *what, const LeadsFunnelResult *whole, const LeadsFunnelResult *people)
{
	for (int s = 0; s < whole->nrows; s++)
		for (int i = 0; i < lengthof(names); i++)
		{
			int64		sum = 0;

			for (int p = 0; p < people->nrows; p++)
				if (people->rows[p].position == whole->rows[s].position)
					sum += figure(&people->rows[p], i);
			if (sum != figure(&whole->rows[s], i))
			{
				const char *args[] = {psprintf("%s, %s", whole->rows[s].stage, names[i]), psprintf(INT64_FORMAT, sum),
				psprintf(INT64_FORMAT, figure(&whole->rows[s], i))};

				leads_verify_put(rsi, f->lang, "I15", what, "verify_sums", 3, args);
			}
		}
}

static bool
delta_sound(LeadsFrame *f, ReturnSetInfo *rsi, LeadsResult *r, uint64 i)
{
	for (int col = 2; col <= 3; col++)
	{
		bool		isnull;
		Datum		d = leads_datum(r, i, col, BYTEAOID, &isnull);
		bytea	   *b = isnull ? NULL : DatumGetByteaPP(d);
		const char *fault = b ? leads_journey_check(VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b)) : NULL;

		if (fault)
		{
			leads_verify_put(rsi, f->lang, "I15", psprintf("rollup_delta/" INT64_FORMAT, leads_int(r, i, 1)), "verify_cell", 1, &fault);
			return false;
		}
	}
	return true;
}

typedef struct Cells
{
	LeadsFrame *f;
	ReturnSetInfo *rsi;
	int			listed;
} Cells;

static void
cell_differs(void *arg, const char *cut, DateADT month, int64 subject_id, const char *subject)
{
	Cells	   *c = arg;
	const char *who = subject[0] ? subject : psprintf(INT64_FORMAT, subject_id);

	if (c->listed++ < LEADS_VERIFY_MOST)
		leads_verify_put(c->rsi, c->f->lang, "I15", psprintf("rollup_cell/%s/%s/%s", cut, leads_month_name(leads_month_of_date(month)), who),
						 "verify_cell_other", 0, NULL);
}

/* there are funnels, and what they would be read from can be read, and says what the journeys say */
static bool
cells_sound(LeadsFrame *f, ReturnSetInfo *rsi)
{
	LeadsFunnelSteps steps;
	LeadsResult r;
	MemoryContext cxt;
	Cells		cells = {.f = f, .rsi = rsi};
	bool		sound = true;

	/* then there are no funnels */
	if (!leads_rollup_some_steps(f, &steps))
		return false;
	if (!leads_rollup_usable(f, &steps, LEADS_JOURNEY_LAST))
		return true;
	r = leads_run(&q_cells);
	cxt = AllocSetContextCreate(CurrentMemoryContext, "leads verify cell", ALLOCSET_DEFAULT_SIZES);
	for (uint64 i = 0; i < r.n; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(cxt);
		bool		isnull;
		bytea	   *b = DatumGetByteaPP(leads_datum(&r, i, 2, BYTEAOID, &isnull));
		LeadsFunnelCell cell;
		LeadsHistogram closing;
		const char *fault;

		memset(&cell, 0, sizeof(cell));
		memset(&closing, 0, sizeof(closing));
		fault = leads_rollup_add(&cell, &closing, NULL, NULL, steps.n, (const uint8 *) VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b));
		MemoryContextSwitchTo(old);
		if (fault)
		{
			leads_verify_put(rsi, f->lang, "I15", psprintf("rollup_cell/%s", leads_text(&r, i, 1)), "verify_cell", 1, &fault);
			sound = false;
		}
		MemoryContextReset(cxt);
	}
	MemoryContextDelete(cxt);
	r = leads_run(&q_deltas);
	for (uint64 i = 0; i < r.n; i++)
		sound &= delta_sound(f, rsi, &r, i);
	if (sound && leads_journey_ready(f))
		(void) leads_rollup_compare(f, cell_differs, &cells);
	return sound;
}

void
leads_verify_sums(LeadsFrame *f, ReturnSetInfo *rsi)
{
	static const char *const modes[] = {"cohort", "strict", "flow", "snapshot"};
	LeadsResult r = leads_run(&q_since, (int64) NEWEST);
	TimestampTz newest = leads_time(&r, 0, 1);

	if (!cells_sound(f, rsi))
		return;
	for (LeadsFunnelMode mode = LEADS_FUNNEL_COHORT; mode <= LEADS_FUNNEL_SNAPSHOT; mode++)
		for (int credit = LEADS_CREDIT_EVENT; credit <= LEADS_CREDIT_FIRST; credit++)
		{
			bool		all = mode == LEADS_FUNNEL_COHORT && credit == LEADS_CREDIT_EVENT;
			LeadsFunnelAsk ask = {
				.since = all ? LEADS_NO_TIME : newest, .until = LEADS_NO_TIME, .mode = mode, .as_of = LEADS_JOURNEY_LAST,
				.within = LEADS_FUNNEL_EVER, .imported = !all, .test = !all, .invalid = !all, .all = true, .now = LEADS_JOURNEY_LAST
			};
			LeadsFunnelResult whole;
			LeadsFunnelResult people;

			CHECK_FOR_INTERRUPTS();
			SPI_connect();
			leads_funnel_count(f, &ask, &whole);
			ask.by = LEADS_FUNNEL_OWNER;
			ask.credit = credit;
			leads_funnel_count(f, &ask, &people);
			compare(f, rsi, psprintf("funnel/%s/%s", modes[mode], leads_credit_name(credit)), &whole, &people);
			SPI_finish();
		}
}

void
leads_verify_sums_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}
