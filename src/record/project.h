/*
 * project.h - keeper of projects, and of the spelling of scopes.
 */
#ifndef LEADS_PROJECT_H
#define LEADS_PROJECT_H

#include "core/leads.h"

/* one for all spellings of a name (case, width, traditional characters, punctuation); 0: too short to name a project */
extern int64 leads_project_key(const char *name);
/* the project of a key, by the latest snapshot: its customer and the name it was first registered under */
extern bool leads_project_find(LeadsFrame *f, int64 key, int64 *customer_id, const char **name);
extern void leads_project_insert(LeadsFrame *f, int64 key, const char *name, int64 customer_id);
/* the scope that the customer has already under another spelling, else the one asked for */
extern const char *leads_scope_spelt(LeadsFrame *f, int64 customer_id, const char *scope);

#endif							/* LEADS_PROJECT_H */
