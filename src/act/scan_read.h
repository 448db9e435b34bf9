/*
 * scan_read.h - private to act/scan: where the rows of a scan come from.
 */
#ifndef LEADS_SCAN_READ_H
#define LEADS_SCAN_READ_H

#include "act/scan_join.h"

#define LEADS_SCAN_COLUMNS 7	/* name, phone, contact, email, region, uscc, id */

/* what was asked for */
typedef struct LeadsScanSource
{
	Oid			relid;			/* InvalidOid = the customers */
	const char *column[LEADS_SCAN_COLUMNS];
	bool		person;
	LeadsBand	least;
} LeadsScanSource;

/* arguments from the given one on: source, the columns, kind, least_band; 22023, 42703, 42P01, LD005 */
extern void leads_scan_arguments(FunctionCallInfo fcinfo, int first, LeadsScanSource *out);
extern const char *leads_scan_source_name(const LeadsScanSource *src);
extern Jsonb *leads_scan_asked(const LeadsScanSource *src);
/* all live customers of the frame and the pairs of them that were told apart */
extern void leads_scan_read_customers(LeadsFrame *f, LeadsScan *s);
/* as whoever is the current user */
extern void leads_scan_read_table(const LeadsScanSource *src, LeadsScan *s, bool nonatomic);

#endif							/* LEADS_SCAN_READ_H */
