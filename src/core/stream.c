/*
 * stream.c - rows of a report, handed on as they come.
 *
 * Purpose: a report over all leads keeps none of their rows.
 * Invariants: read-only; the text is planned anew for each report, with its parameters as constants.
 * Called by: read/funnel_pass, read/kpi_facts.
 */
#include "core/leads.h"

#include "utils/guc.h"

#include "core/stream.h"

static void
begin_nothing(DestReceiver *self, int operation, TupleDesc desc)
{
}

static void
end_nothing(DestReceiver *self)
{
}

void
leads_stream_to(DestReceiver *dest, LeadsReceiveBegin begin, LeadsReceive receive)
{
	dest->rStartup = begin ? begin : begin_nothing;
	dest->receiveSlot = receive;
	dest->rShutdown = end_nothing;
	dest->rDestroy = end_nothing;
	dest->mydest = DestNone;
}

void
leads_stream_param(ParamListInfo p, int i, Oid type, Datum value, bool isnull)
{
	p->params[i].value = value;
	p->params[i].isnull = isnull;
	p->params[i].pflags = PARAM_FLAG_CONST;
	p->params[i].ptype = type;
}

void
leads_stream(LeadsFrame *f, const char *sql, ParamListInfo p, DestReceiver *dest)
{
	SPIExecuteOptions options;
	int			rc;

	memset(&options, 0, sizeof(options));
	options.params = p;
	options.read_only = true;
	options.dest = dest;
	/* a report reads much: unlike the kept look-ups of the frame it may scan */
	(void) set_config_option("enable_seqscan", "on", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	rc = SPI_execute_extended(leads_qualify(sql, f->qschema), &options);
	if (rc < 0)
		elog(ERROR, "could not read: %s", SPI_result_code_string(rc));
}
