/*-------------------------------------------------------------------------
 *
 * utf8.c
 *		UTF-8 to code points and back.
 *
 * Purpose: the library's texts are arrays of code points; this is the way in
 * and out.  Invariants: strict (no overlong forms, surrogates or values above
 * U+10FFFF); damaged bytes are skipped one by one and flagged, never read past
 * the end; output always ends at a whole character and is NUL-terminated.
 * Called by: parsers and tests of the library, and SQL functions that show a
 * folded text.  Declared in fold.h, whose callers need both.
 *
 *-------------------------------------------------------------------------
 */
#include "utf8.h"

#include <string.h>

#include "fold.h"

int
leads_utf8_decode(const char *s, size_t len, uint32_t *out, int cap, unsigned *flags)
{
	const unsigned char *p = (const unsigned char *) s;
	const unsigned char *end = p + len;
	unsigned	f = 0;
	int			n = 0;

	while (p < end)
	{
		uint32_t	cp;
		int			l = leads_utf8_get(p, end, &cp);

		if (l == 0)
		{
			f |= LEADS_FOLD_BADUTF8;
			p++;
			continue;
		}
		if (n >= cap)
		{
			f |= LEADS_FOLD_TRUNCATED;
			break;
		}
		out[n++] = cp;
		p += l;
	}
	if (flags)
		*flags = f;
	return n;
}

int
leads_utf8_encode(const uint32_t *cp, int n, char *out, size_t outcap)
{
	size_t		used = 0;

	if (outcap == 0)
		return 0;
	for (int i = 0; i < n; i++)
	{
		char		b[4];
		int			l = leads_utf8_put(cp[i], b);

		if (used + (size_t) l >= outcap)
			break;
		memcpy(out + used, b, (size_t) l);
		used += (size_t) l;
	}
	out[used] = '\0';
	return (int) used;
}
