/*-------------------------------------------------------------------------
 *
 * email.h
 *		E-mail addresses -> one comparable form.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_EMAIL_H
#define LEADS_EMAIL_H

#include "lib.h"

typedef struct LeadsEmail
{
	bool		present;		/* not blank */
	bool		valid;
	bool		weak_local;		/* a role box: info@, sales@ ... */
	bool		free_domain;	/* a free-mail provider: says nothing of a company */
	char		norm[321];		/* lower case, plus-tag removed; "" if not valid */
	char		domain[256];	/* part of norm after '@'; "" if not valid */
} LeadsEmail;

extern void leads_email_parse(const char *s, size_t len, LeadsEmail *out);

#endif							/* LEADS_EMAIL_H */
