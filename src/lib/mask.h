/*-------------------------------------------------------------------------
 *
 * mask.h
 *		What a reader without sight may be shown of a name, a number, an address.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_MASK_H
#define LEADS_MASK_H

#include "lib.h"

/* enough for every answer: at most 4 characters and a few stars, or a domain */
#define LEADS_MASK_MAX 280

/*
 * All three write a NUL-terminated text into out (LEADS_MASK_MAX bytes) and return
 * its length without the NUL.  Any bytes are accepted; damaged ones are skipped.  A
 * blank text stays empty.  The number of stars is fixed: it does not tell how long
 * the original is.
 */

/* first two and last two characters: 重庆****公司; up to four characters: the first alone, 张** */
extern int	leads_mask_name(const char *s, size_t len, char *out);
/* 138****5678; less than eight digits: the last two alone; no digits: stars */
extern int	leads_mask_phone(const char *s, size_t len, char *out);
/* z***@example.com; what is no address: stars */
extern int	leads_mask_email(const char *s, size_t len, char *out);

#endif							/* LEADS_MASK_H */
