/*
 * hooks.h - where a lower room wakes a higher one; the table is in pg_leads.c.
 */
#ifndef LEADS_HOOKS_H
#define LEADS_HOOKS_H

#include "core/leads.h"

typedef struct LeadsHooks
{
	/* install(): make the defaults of a new company; runs once, as the owner, in a frame */
	void		(*seed) (LeadsFrame *f);
	/* install(): give the data schema's owner what it needs of schema leads (caller is a superuser) */
	void		(*grant_owner) (const char *role);
	/* install(): make what is missing and no fixed text can make; in a frame, after the repairs */
	void		(*mend) (LeadsFrame *f);
	/* install(): apply the rows of access_grant again; in a frame, profiles already known */
	void		(*regrant) (LeadsFrame *f);
} LeadsHooks;

extern const LeadsHooks leads_hooks;

#endif							/* LEADS_HOOKS_H */
