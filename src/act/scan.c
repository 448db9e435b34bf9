/*
 * scan.c - leads.find_duplicates() and CALL leads.scan_duplicates(): duplicates in a whole table.
 *
 * Purpose: a company arrives with 500,000 rows; which of them are one customer, and why.
 * Invariants: for bosses, who see every name; customers are read in the company's frame, any other table with the
 * caller's rights; what a person told apart stays apart. The procedure commits after the reading and about every
 * second of comparing, together with how far it is and what it found; called again it reads anew and, if that is the
 * same, goes on where it was. Nothing is locked but its own row of duplicate_scan.
 * Called by: users.
 */
#include "core/leads.h"

#include <math.h>

#include "access/xact.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/tuplestore.h"

#include "act/corridor.h"
#include "act/register_steps.h"
#include "act/scan_read.h"
#include "core/actor.h"
#include "core/args.h"
#include "core/policy.h"
#include "record/keyset.h"
#include "record/scan.h"

#define SLICE_MS 1000			/* of comparing between two commits */
#define LIST_SLICE 5000			/* lines of the list between two commits */

/* a stored scan and the customers are the whole company's; any other table is read with the caller's own rights */
static void
require_boss(LeadsFrame *f, bool whole)
{
	(void) leads_actor_lookup(f);
	leads_corridor_require_boss(f, "scan for duplicates");
	if (whole && leads_actor_reach(f) != LEADS_REACH_ALL)
		ereport(ERROR,
				(errcode(LEADS_ERR_NO_RIGHT),
				 errmsg("no right to scan the customers of the company"),
				 errdetail("A manager with a team sees its team only.")));
}

static LeadsScan *
begin(LeadsFrame *f, MemoryContext cxt, LeadsBand least)
{
	LeadsMatchPolicy policy;

	leads_match_policy_read(leads_policy_at(f, "match", leads_now_internal()).body, &policy);
	return leads_scan_begin(cxt, &policy.model, leads_keyset(f)->df, least);
}

static const char *
score_text(float score)
{
	return psprintf("%.1f", score);
}

/* ---- the answer as rows ---- */

static Datum
text_or_null(const char *s, bool *isnull)
{
	*isnull = s == NULL;
	return s ? CStringGetTextDatum(s) : (Datum) 0;
}

static void
answer(ReturnSetInfo *rsi, LeadsScan *s, const LeadsScanResult *x)
{
	Datum		v[7] = {0};
	bool		no[7] = {false};

	no[0] = x->cluster == 0;
	v[0] = Int64GetDatum(x->cluster);
	v[1] = text_or_null(leads_scan_text(s, x->row, LEADS_SCAN_ID), &no[1]);
	v[2] = text_or_null(leads_scan_text(s, x->row, LEADS_SCAN_NAME), &no[2]);
	no[3] = no[4] = no[5] = no[6] = x->match < 0;
	if (x->match >= 0)
	{
		LeadsMatchScore score;

		(void) leads_scan_score(s, x->row, x->match, &score);
		v[3] = text_or_null(leads_scan_text(s, x->match, LEADS_SCAN_ID), &no[3]);
		v[4] = CStringGetTextDatum(leads_band_name(x->band));
		v[5] = DirectFunctionCall3(numeric_in, CStringGetDatum(score_text(x->score)), ObjectIdGetDatum(InvalidOid),
								   Int32GetDatum(-1));
		v[6] = JsonbPGetDatum(leads_register_shares(&score));
	}
	tuplestore_putvalues(rsi->setResult, rsi->setDesc, v, no);
}

PG_FUNCTION_INFO_V1(leads_find_duplicates);
Datum
leads_find_duplicates(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsi = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext, "leads scan", ALLOCSET_DEFAULT_SIZES);
	MemoryContext line = AllocSetContextCreate(CurrentMemoryContext, "leads scan line", ALLOCSET_DEFAULT_SIZES);
	LeadsScanSource src;
	LeadsScan  *volatile s = NULL;
	LeadsFrame	f;

	InitMaterializedSRF(fcinfo, 0);
	leads_scan_arguments(fcinfo, 0, &src);
	leads_enter_reader(&f, leads_arg_text(fcinfo, 3 + LEADS_SCAN_COLUMNS), LEADS_PROFILE_BOSS);
	require_boss(&f, !OidIsValid(src.relid));
	PG_TRY();
	{
		LeadsScanResult *list;
		Size		n;

		s = begin(&f, cxt, src.least);
		if (!OidIsValid(src.relid))
			leads_scan_read_customers(&f, s);
		leads_leave(&f);
		if (OidIsValid(src.relid))
			leads_scan_read_table(&src, s, false);
		leads_scan_ready(s);
		(void) leads_scan_compare_some(s, 0);
		list = leads_scan_group_rows(s, &n);
		for (Size i = 0; i < n; i++)
		{
			MemoryContext old = MemoryContextSwitchTo(line);

			CHECK_FOR_INTERRUPTS();
			answer(rsi, s, &list[i]);
			MemoryContextSwitchTo(old);
			MemoryContextReset(line);
		}
	}
	PG_FINALLY();
	{
		leads_scan_end(s);
	}
	PG_END_TRY();
	MemoryContextDelete(line);
	MemoryContextDelete(cxt);
	return (Datum) 0;
}

/* ---- the stored scan ---- */

typedef struct Stored
{
	LeadsFrame *f;
	const char *code;
	LeadsScanSource src;
	bool		again;
	bool		commits;
	LeadsScan  *scan;
	MemoryContext cxt;			/* of the scan */
	MemoryContext step;			/* reset with every step */
	LeadsScanRow row;
	int			runs;			/* this call's number: another one means that somebody took over */
	int64		written;		/* matches that are in duplicate_pair */
} Stored;

static void
step_begin(Stored *st)
{
	if (SPI_connect_ext(st->f->nonatomic ? SPI_OPT_NONATOMIC : 0) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

static void
step_end(Stored *st)
{
	SPI_finish();
	MemoryContextSwitchTo(st->step);
}

/* show how far it is, and go on; the row is locked again, and still ours */
static void
commit(Stored *st)
{
	LeadsFrame *f = st->f;

	MemoryContextReset(st->step);
	if (!st->commits)
		return;
	leads_frame_commit(f);
	leads_frame_now(f, LEADS_NO_TIME);
	step_begin(st);
	if (!leads_scan_read(f, st->code, &st->row) || st->row.runs != st->runs)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("scan \"%s\" was taken over by another call", leads_clip(st->code, 100))));
	step_end(st);
}

/* the row of the scan, made or locked; false: it is finished, and not wanted again */
static bool
open_scan(Stored *st)
{
	LeadsFrame *f = st->f;
	const char *source = leads_scan_source_name(&st->src);
	Jsonb	   *asked = leads_scan_asked(&st->src);
	bool		same;

	leads_scan_insert(f, st->code, source, asked);
	if (!leads_scan_read(f, st->code, &st->row))
		elog(ERROR, "scan is gone");
	same = st->row.asked && compareJsonbContainers(&st->row.asked->root, &asked->root) == 0;
	if (!same && !st->again)
		ereport(ERROR,
				(errcode(LEADS_ERR_WRONG_STATE),
				 errmsg("scan \"%s\" was started with other arguments", leads_clip(st->code, 100)),
				 errhint("Choose another name, or repeat it with again => true.")));
	if (strcmp(st->row.state, "finished") == 0 && !st->again)
		return false;
	/* one that was broken off goes on, also when it was to begin again */
	leads_scan_resume(f, st->row.id, source, asked, !same || (st->again && strcmp(st->row.state, "finished") == 0));
	st->runs = st->row.runs + 1;
	return true;
}

static void
read_rows(Stored *st)
{
	LeadsFrame *f = st->f;

	if (!OidIsValid(st->src.relid))
	{
		leads_scan_read_customers(f, st->scan);
		return;
	}
	leads_frame_suspend(f);
	leads_scan_read_table(&st->src, st->scan, st->commits);
	leads_frame_resume(f);
}

static void
know(int64 pair, int64 score, void *arg)
{
	leads_scan_known(arg, (int32) (pair >> LEADS_SCAN_ROW_BITS), (int32) (pair & LEADS_SCAN_ROW_MASK),
					 (float) (score >> 2) / 100, (LeadsBand) (score & 3));
}

/* what an earlier call compared counts if it read the same */
static void
take_up(Stored *st)
{
	LeadsScan  *s = st->scan;
	int64		done = 0;

	step_begin(st);
	if (st->row.checksum == (int64) s->checksum && st->row.done > 0)
	{
		done = st->row.done;
		leads_scan_skip(s, (uint64) done);
		leads_scan_pairs(st->f, st->row.id, know, s);
	}
	st->written = s->nfound;
	leads_scan_compare(st->f, st->row.id, (int64) s->checksum, s->n, (int64) s->pairs.total, done);
	step_end(st);
}

static void
write_found(Stored *st)
{
	LeadsScan  *s = st->scan;
	int			n = (int) (s->nfound - st->written);
	int64	   *pairs = palloc(sizeof(int64) * Max(n, 1));
	int64	   *scores = palloc(sizeof(int64) * Max(n, 1));

	for (int i = 0; i < n; i++)
	{
		LeadsMatched *m = &s->found[st->written + i];

		pairs[i] = (int64) LEADS_SCAN_PAIR(m->a, m->b);
		scores[i] = ((int64) rint(m->score * 100.0) << 2) + m->band;
	}
	step_begin(st);
	leads_scan_progress(st->f, st->row.id, pairs, scores, n, (int64) s->done, leads_clock_read());
	step_end(st);
	st->written += n;
}

static void
list_row(Stored *st, const LeadsScanResult *x)
{
	LeadsScan  *s = st->scan;
	LeadsMatchScore score;

	if (x->match >= 0)
		(void) leads_scan_score(s, x->row, x->match, &score);
	leads_scan_list(st->f, st->row.id, x->cluster, leads_scan_text(s, x->row, LEADS_SCAN_ID),
					leads_scan_text(s, x->row, LEADS_SCAN_NAME),
					x->match < 0 ? NULL : leads_scan_text(s, x->match, LEADS_SCAN_ID),
					x->match < 0 ? NULL : leads_band_name(x->band),
					x->match < 0 ? NULL : score_text(x->score),
					x->match < 0 ? NULL : leads_register_shares(&score));
}

static void
write_list(Stored *st)
{
	LeadsScanResult *list;
	Size		n;

	list = leads_scan_group_rows(st->scan, &n);
	step_begin(st);
	leads_scan_group(st->f, st->row.id, st->scan->clusters);
	step_end(st);
	for (Size i = 0; i < n; i++)
	{
		if (i % LIST_SLICE == 0)
			commit(st);
		if (i % 100 == 0)
			step_begin(st);
		CHECK_FOR_INTERRUPTS();
		list_row(st, &list[i]);
		if (i % 100 == 99 || i == n - 1)
			step_end(st);
	}
	step_begin(st);
	leads_scan_finish(st->f, st->row.id, (int64) n, leads_clock_read());
	step_end(st);
}

static void
run(Stored *st)
{
	bool		more = true;

	if (!open_scan(st))
		return;
	commit(st);
	read_rows(st);
	leads_scan_ready(st->scan);
	take_up(st);
	while (more)
	{
		commit(st);
		more = leads_scan_compare_some(st->scan, SLICE_MS);
		write_found(st);
	}
	commit(st);
	write_list(st);
}

PG_FUNCTION_INFO_V1(leads_scan_duplicates);
Datum
leads_scan_duplicates(PG_FUNCTION_ARGS)
{
	bool		commits = fcinfo->context && IsA(fcinfo->context, CallContext) &&
		!((CallContext *) fcinfo->context)->atomic;
	char	   *schema = leads_arg_text(fcinfo, 5 + LEADS_SCAN_COLUMNS);
	LeadsFrame	f;
	Stored	   *st = palloc0(sizeof(Stored));

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("scan is required")));
	st->f = &f;
	st->code = leads_arg_text(fcinfo, 0);
	if (st->code[0] == '\0' || strlen(st->code) > 100)
		ereport(ERROR, (errcode(LEADS_ERR_TOO_LONG), errmsg("the name of a scan has 1 to 100 bytes")));
	st->commits = commits;
	st->again = !PG_ARGISNULL(4 + LEADS_SCAN_COLUMNS) && PG_GETARG_BOOL(4 + LEADS_SCAN_COLUMNS);
	leads_scan_arguments(fcinfo, 1, &st->src);
	if (commits)
		leads_enter_nonatomic(&f, schema, LEADS_PROFILE_BOSS);
	else
		leads_enter(&f, schema, LEADS_PROFILE_BOSS);
	require_boss(&f, true);
	leads_frame_now(&f, LEADS_NO_TIME);
	st->cxt = AllocSetContextCreate(f.outer_cxt, "leads scan", ALLOCSET_DEFAULT_SIZES);
	st->step = AllocSetContextCreate(f.outer_cxt, "leads scan step", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(st->step);
	PG_TRY();
	{
		st->scan = begin(&f, st->cxt, st->src.least);
		run(st);
	}
	PG_FINALLY();
	{
		leads_scan_end(st->scan);
	}
	PG_END_TRY();
	leads_leave(&f);
	MemoryContextDelete(st->step);
	MemoryContextDelete(st->cxt);
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(leads_forget_scan);
Datum
leads_forget_scan(PG_FUNCTION_ARGS)
{
	LeadsFrame	f;
	char	   *code = leads_arg_text(fcinfo, 0);

	if (code == NULL)
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("scan is required")));
	leads_enter(&f, leads_arg_text(fcinfo, 1), LEADS_PROFILE_BOSS);
	require_boss(&f, true);
	if (!leads_scan_forget(&f, code))
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID),
				 errmsg("there is no scan \"%s\"", leads_clip(code, 100))));
	leads_leave(&f);
	PG_RETURN_VOID();
}
