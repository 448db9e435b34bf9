/*
 * extension.h - keeper of extensions that somebody must approve.
 */
#ifndef LEADS_EXTENSION_H
#define LEADS_EXTENSION_H

#include "core/leads.h"
#include "record/ownership.h"

typedef struct LeadsExtension
{
	int64		id;
	int64		customer_id;	/* as it was asked: maybe merged since */
	const char *scope;
	int64		ownership_id;
	int64		owner_id;		/* member in whose hands that interval is, or was */
	int32		days;
	int64		asked_by;		/* 0 = system */
	const char *ruling;			/* NULL, approved, refused */
} LeadsExtension;

/* with the latest snapshot; false if there is none with this id */
extern bool leads_extension_read(LeadsFrame *f, int64 id, LeadsExtension *out);
/* asked for now; the interval that waits for it is the caller's to write (ownership.extension_id) */
extern int64 leads_extension_insert(LeadsFrame *f, const LeadsOwnership *o, int32 days, const char *reason, int64 decision_id);
/* decided now; 40001 if it was decided meanwhile */
extern void leads_extension_rule(LeadsFrame *f, int64 id, const char *ruling, const char *reason, int64 decision_id);

#endif							/* LEADS_EXTENSION_H */
