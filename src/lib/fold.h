/*-------------------------------------------------------------------------
 *
 * fold.h
 *		Unicode folding: the one form in which texts are compared.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_FOLD_H
#define LEADS_FOLD_H

#include "lib.h"

#define LEADS_FOLD_STRIPPED		1u	/* control, zero-width or bidi characters
									 * were removed */
#define LEADS_FOLD_TRUNCATED	2u	/* did not fit: the tail is missing */
#define LEADS_FOLD_BADUTF8		4u	/* damaged bytes (skipped) */

/*
 * NFKC -> strip controls, zero-width, bidi -> case-fold -> traditional to
 * simplified -> brackets, punctuation and white space.  The rule is written at
 * the top of fold.c.  Returns the number of code points in out (<= cap); flags
 * may be NULL, otherwise it is set (not or-ed).  Idempotent.
 */
extern int	leads_fold(const char *s, size_t len, uint32_t *out, int cap,
					   unsigned *flags);

/*
 * UTF-8 NFKC with controls stripped and white space at both ends trimmed: for
 * comparisons that keep what is displayed.  NUL-terminated if outcap > 0;
 * returns bytes without the NUL, always whole characters.
 */
extern int	leads_nfkc(const char *s, size_t len, char *out, size_t outcap,
					   unsigned *flags);

/* NUL-terminated if outcap > 0; returns bytes without the NUL, whole characters */
extern int	leads_utf8_encode(const uint32_t *cp, int n, char *out, size_t outcap);

/* damaged bytes are skipped and flagged; returns code points */
extern int	leads_utf8_decode(const char *s, size_t len, uint32_t *out, int cap,
							  unsigned *flags);

/* a Han character: unified, extension or compatibility ideograph, or the iteration mark */
static inline bool
leads_is_han(uint32_t c)
{
	return (c >= 0x4E00 && c <= 0x9FFF) ||
		(c >= 0x3400 && c <= 0x4DBF) ||
		(c >= 0x20000 && c <= 0x3FFFD) ||
		(c >= 0xF900 && c <= 0xFAFF) ||
		c == 0x3005 || c == 0x3007;
}

#endif							/* LEADS_FOLD_H */
