/*-------------------------------------------------------------------------
 *
 * rollup.h
 *		What the leads of one month count in a funnel, as bytes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_LIB_ROLLUP_H
#define LEADS_LIB_ROLLUP_H

#include "funnel.h"

#define LEADS_ROLLUP_VERSION 2
#define LEADS_ROLLUP_DAYS 31

/*
 * The cell first: whoever is handed the cell has the rollup.  Instead of ages, which change from day to day, it holds
 * on which day of the month the open leads began.
 */
typedef struct LeadsRollup
{
	LeadsFunnelCell cell;
	LeadsHistogram *closing;	/* from the beginning to the last closing; NULL = none */
	int64_t    *days[LEADS_FUNNEL_STEPS];	/* open leads by day of the month; NULL = none */
} LeadsRollup;

/* false: no memory (outside the server) */
extern bool leads_rollup_day(LeadsRollup *r, int step, int day, int64_t n);
/* nothing is counted in it */
extern bool leads_rollup_empty(const LeadsRollup *r, int nsteps);

extern size_t leads_rollup_size(const LeadsRollup *r, int nsteps);
extern size_t leads_rollup_write(const LeadsRollup *r, int nsteps, uint8_t *bytes);

/*
 * Add the bytes to a cell; closing NULL = not wanted; day is told of the days.  NULL, or what is wrong with
 * the bytes; then a part of them may have been added.
 */
typedef void (*LeadsRollupDay) (void *arg, int step, int day, int64_t n);
extern const char *leads_rollup_add(LeadsFunnelCell *cell, LeadsHistogram *closing, LeadsRollupDay day, void *arg,
									int nsteps, const uint8_t *bytes, size_t len);
extern void leads_rollup_free(LeadsRollup *r, int nsteps);

#endif							/* LEADS_LIB_ROLLUP_H */
