/*
 * args.h - the arguments of a call, read; its answer, made.
 */
#ifndef LEADS_ARGS_H
#define LEADS_ARGS_H

#include "datatype/timestamp.h"
#include "fmgr.h"

#define LEADS_REASON_MAX 1000	/* characters */

/* said, and true */
#define LEADS_ARG_YES(n) (!PG_ARGISNULL(n) && PG_GETARG_BOOL(n))
/* NULL where SQL has NULL; palloc'd */
extern char *leads_arg_text(FunctionCallInfo fcinfo, int n);
/* LD005 with the argument's name where SQL has NULL */
extern int64 leads_arg_id(FunctionCallInfo fcinfo, int n, const char *name);
/* an end: LEADS_NO_TIME where SQL has NULL; -infinity is before everything, not open */
extern TimestampTz leads_arg_end(FunctionCallInfo fcinfo, int n);
/* why, in words: blank is as good as missing; LD005 if it is required, LD007 over LEADS_REASON_MAX characters */
extern char *leads_arg_reason(FunctionCallInfo fcinfo, int n, bool required);
/* the composite answer of the function called */
extern Datum leads_answer(FunctionCallInfo fcinfo, Datum *values, bool *nulls);

#endif							/* LEADS_ARGS_H */
