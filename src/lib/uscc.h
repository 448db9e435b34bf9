/*-------------------------------------------------------------------------
 *
 * uscc.h
 *		Unified social credit code (统一社会信用代码), GB 32100-2015.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_USCC_H
#define LEADS_USCC_H

#include "lib.h"

typedef struct LeadsUscc
{
	bool		present;		/* not blank */
	bool		valid;			/* 18 characters of the code's alphabet and a
								 * right check character */
	char		norm[19];		/* upper case; "" if not valid */
} LeadsUscc;

extern void leads_uscc_parse(const char *s, size_t len, LeadsUscc *out);

#endif							/* LEADS_USCC_H */
