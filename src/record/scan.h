/*
 * scan.h - keeper of scans for duplicates and what they found.
 */
#ifndef LEADS_SCAN_RECORD_H
#define LEADS_SCAN_RECORD_H

#include "core/leads.h"

typedef struct LeadsScanRow
{
	int64		id;
	const char *source;			/* NULL = the customers */
	Jsonb	   *asked;
	const char *state;
	int			runs;
	int64		checksum;
	int64		done;
} LeadsScanRow;

/* read and lock; false if there is none of this name */
extern bool leads_scan_read(LeadsFrame *f, const char *code, LeadsScanRow *out);
extern void leads_scan_insert(LeadsFrame *f, const char *code, const char *source, Jsonb *asked);
/* one more call works on it; anew: what was asked and found before is forgotten */
extern void leads_scan_resume(LeadsFrame *f, int64 id, const char *source, Jsonb *asked, bool anew);
/* everything is read; pairs found before stay only if done is not 0 */
extern void leads_scan_compare(LeadsFrame *f, int64 id, int64 checksum, int64 rows, int64 pairs, int64 done);
/* pairs found since the last call */
extern void leads_scan_progress(LeadsFrame *f, int64 id, const int64 *pairs, const int64 *scores, int n, int64 done,
								TimestampTz at);
typedef void (*LeadsPairReader) (int64 pair, int64 score, void *arg);
extern void leads_scan_pairs(LeadsFrame *f, int64 id, LeadsPairReader reader, void *arg);
/* the list is written anew */
extern void leads_scan_group(LeadsFrame *f, int64 id, int64 clusters);
extern void leads_scan_list(LeadsFrame *f, int64 id, int64 cluster, const char *item, const char *name,
							const char *matched, const char *band, const char *score, Jsonb *shares);
extern void leads_scan_finish(LeadsFrame *f, int64 id, int64 listed, TimestampTz at);
/* scan and list are forgotten; returns false if there is none of this name */
extern bool leads_scan_forget(LeadsFrame *f, const char *code);

#endif							/* LEADS_SCAN_RECORD_H */
