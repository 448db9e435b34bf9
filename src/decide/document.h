/*
 * document.h - the canonical document: what conditions in policies are read over.
 */
#ifndef LEADS_DOCUMENT_H
#define LEADS_DOCUMENT_H

#include "core/leads.h"

/* NULL, 0 and LEADS_NO_TIME mean unknown: the key is left out */
typedef struct LeadsDocument
{
	const char *name;
	const char *kind;			/* company, person */
	const char *core;
	const char *region;
	const char *city;
	const char *industry;
	const char *level;
	Jsonb	   *tags;			/* array of texts */
	Jsonb	   *customer_extra;
	const char *contact_name;
	const char *contact_title;
	int64		lead_id;
	const char *channel;
	const char *line;
	const char *project;
	const char *stage;
	Datum		amount;			/* numeric */
	TimestampTz created_at;
	Jsonb	   *lead_extra;
	const char *owner_code;
	const char *owner_team;
	const char *registrant_code;
	const char *registrant_team;
	const char *registrant_partner;
	TimestampTz now;
	const char *zone;			/* instants are written in it: 2026-03-01T09:00:00+08:00 */
} LeadsDocument;

extern Jsonb *leads_document_build(const LeadsDocument *d);
/* is $.top, or $.top.sub, a key the document can have?  sub may be NULL */
extern bool leads_document_knows(const char *top, int toplen, const char *sub, int sublen);

/*
 * Check a condition as it is published: NULL if it is sound, else the fault in
 * words.  Sound is a jsonpath whose root is a predicate, over keys the document
 * has, in the part of the language whose answer depends on nothing else.
 */
extern char *leads_document_path_fault(const char *path);

typedef enum
{
	LEADS_PREDICATE_NO, LEADS_PREDICATE_YES, LEADS_PREDICATE_ERROR
} LeadsPredicate;

/* evaluate, silently: never raises for what the document holds */
extern LeadsPredicate leads_document_holds(Jsonb *document, struct varlena *jsonpath);

#endif							/* LEADS_DOCUMENT_H */
