/*
 * stream.h - rows of a report, handed on as they come.
 */
#ifndef LEADS_STREAM_H
#define LEADS_STREAM_H

#include "core/leads.h"

#include "nodes/params.h"
#include "tcop/dest.h"

/* what receives rows: receive is called for each; startup may be NULL */
typedef bool (*LeadsReceive) (TupleTableSlot *slot, DestReceiver *self);
typedef void (*LeadsReceiveBegin) (DestReceiver *self, int operation, TupleDesc desc);
extern void leads_stream_to(DestReceiver *dest, LeadsReceiveBegin begin, LeadsReceive receive);

extern void leads_stream_param(ParamListInfo p, int i, Oid type, Datum value, bool isnull);
/* run a text of the company, read-only, with the caller's snapshot */
extern void leads_stream(LeadsFrame *f, const char *sql, ParamListInfo p, DestReceiver *dest);

#endif							/* LEADS_STREAM_H */
