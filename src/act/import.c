/*
 * import.c - CALL leads.import_commit(): staged rows become registrations.
 *
 * Purpose: a million rows through the one entrance: the arguments, the batch, chunk after chunk, a commit after each.
 * Invariants: one commit of a batch at a time, the batch's row lock says whose; outcome and registration of a row
 * are written together, so a commit that was broken off goes on where it was; import_chunk.c does the rows.
 * Called by: users.
 */
#include "core/leads.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/memutils.h"

#include "act/import_work.h"
#include "core/args.h"

/* the batch, locked; made if COPY alone staged it; false: nothing was ever staged */
static void
open_batch(LeadsImport *im, LeadsBatch *b)
{
	LeadsFrame *f = &im->c->f;
	LeadsChannel *channel = &im->c->channel;

	leads_frame_now(f, LEADS_NO_TIME);
	if (!leads_batch_read(f, im->batch, true, b))
	{
		if (leads_batch_rows(f, im->batch) == 0)
			ereport(ERROR,
					(errcode(LEADS_ERR_UNKNOWN_ID),
					 errmsg("there is no import batch \"%s\"", leads_clip(im->batch, 100)),
					 errhint("Stage rows with leads.import_stage(), or COPY them into %s.import_row.", f->qschema)));
		if (leads_channel_by_code(f, "import", channel))
			leads_batch_make(f, im->batch, channel->id);
		if (!leads_batch_read(f, im->batch, true, b))
			ereport(ERROR,
					(errcode(LEADS_ERR_UNKNOWN_ID),
					 errmsg("unknown channel \"import\"")));
	}
	if (!leads_channel_by_code(f, b->channel, channel) || !channel->active)
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID),
				 errmsg("unknown channel \"%s\"", b->channel)));
	if (!channel->allowed)
		ereport(ERROR,
				(errcode(LEADS_ERR_NO_RIGHT),
				 errmsg("no right to register through channel \"%s\"", channel->code)));
}

static void
start(LeadsImport *im, LeadsBatch *b)
{
	LeadsFrame *f = &im->c->f;
	int64		total = leads_batch_rows(f, im->batch);

	if (im->whole && total > LEADS_IMPORT_CHUNK_MOST)
		ereport(ERROR,
				(errcode(LEADS_ERR_TOO_LONG),
				 errmsg("%d rows at most can be imported in one transaction", LEADS_IMPORT_CHUNK_MOST),
				 errdetail("Batch \"%s\" has " INT64_FORMAT "; nobody could register meanwhile.", im->batch, total),
				 errhint("Use mode skip_bad, outside a transaction block.")));
	leads_batch_start(f, b->id, im->mode, total, f->now);
}

static void
run(LeadsImport *im, bool commits)
{
	LeadsFrame *f = &im->c->f;
	LeadsBatch	b;

	open_batch(im, &b);
	leads_actor_resolve(f, NULL, im->c->channel.member_id);
	if (strcmp(b.state, "committed") == 0 && leads_staged_rows(f, im->batch, LEADS_ROWS_START, 1, false).n == 0)
		return;
	start(im, &b);
	for (bool fenced = false;; fenced = true)
	{
		if (commits && !im->whole)
			leads_frame_commit(f);
		/* whoever commits this batch, too, may take its time */
		leads_import_step(im);
		(void) leads_batch_read(f, im->batch, true, &b);
		SPI_finish();
		if (!fenced)
			leads_import_fence(im);
		if (!leads_import_chunk(im))
			break;
		leads_import_step(im);
		leads_batch_progress(f, b.id, &im->tally, im->gate_ms, leads_clock_read());
		SPI_finish();
	}
	leads_batch_finish(f, b.id, leads_clock_read());
}

static void
read_mode(LeadsImport *im, const char *mode, const char *prefer)
{
	static const char *const modes[] = {"skip_bad", "all_or_nothing", "update_by_id", "update_by_key"};

	for (int i = 0; i < lengthof(modes); i++)
		if (strcmp(modes[i], mode ? mode : modes[0]) == 0)
		{
			im->mode = modes[i];
			im->updates = i >= 2;
		}
	if (im->mode == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown import mode \"%s\"", leads_clip(mode, 100)),
				 errhint("The modes are skip_bad, all_or_nothing, update_by_id and update_by_key.")));
	im->latest = prefer && strcmp(prefer, "latest") == 0;
	if (prefer && !im->latest && strcmp(prefer, "first") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("prefer is 'first' or 'latest'")));
	im->start = im->after = im->latest ? LEADS_ROWS_END : LEADS_ROWS_START;
}

PG_FUNCTION_INFO_V1(leads_import_commit);
Datum
leads_import_commit(PG_FUNCTION_ARGS)
{
	bool		commits = fcinfo->context && IsA(fcinfo->context, CallContext) &&
		!((CallContext *) fcinfo->context)->atomic;
	const char *schema = leads_arg_text(fcinfo, 4);
	LeadsCall  *c = palloc0(sizeof(LeadsCall));
	LeadsImport im = {.c = c};

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("batch is required")));
	im.batch = text_to_cstring(PG_GETARG_TEXT_PP(0));
	read_mode(&im, leads_arg_text(fcinfo, 1), leads_arg_text(fcinfo, 3));
	im.chunk = PG_ARGISNULL(2) ? 2000 : PG_GETARG_INT32(2);
	if (im.chunk < 1 || im.chunk > LEADS_IMPORT_CHUNK_MOST)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("chunk is between 1 and %d", LEADS_IMPORT_CHUNK_MOST)));
	im.whole = !commits || strcmp(im.mode, "all_or_nothing") == 0;
	im.limit = im.whole ? LEADS_IMPORT_CHUNK_MOST : Min(im.chunk, LEADS_IMPORT_CHUNK_FIRST);
	if (commits)
		leads_enter_nonatomic(&c->f, schema, LEADS_PROFILE_BOSS);
	else
		leads_enter(&c->f, schema, LEADS_PROFILE_BOSS);
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("import_commit() works in READ COMMITTED only")));
	im.cxt = AllocSetContextCreate(c->f.outer_cxt, "leads import chunk", ALLOCSET_DEFAULT_SIZES);
	run(&im, commits);
	MemoryContextDelete(im.cxt);
	leads_leave(&c->f);
	PG_RETURN_VOID();
}
