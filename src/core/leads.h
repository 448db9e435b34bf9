/*
 * leads.h - what every room of the server side includes.
 */
#ifndef LEADS_H
#define LEADS_H

#include "postgres.h"
#include "fmgr.h"
#include "funcapi.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/jsonb.h"

#include "core/compat.h"
#include "core/error.h"
#include "core/spi.h"
#include "core/clock.h"
#include "core/message.h"
#include "core/company.h"

/* GUCs, defined in pg_leads.c */
extern char *leads_schema_guc;
extern char *leads_actor_guc;
extern char *leads_clock_guc;

#define LEADS_VERSION "0.1.0"

#endif							/* LEADS_H */
