/*-------------------------------------------------------------------------
 *
 * utf8.h
 *		One character of UTF-8 at a time, for the loops of the library.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_UTF8_H
#define LEADS_UTF8_H

#include "lib.h"

/*
 * Decode one character at s (s < end) into *cp; returns the bytes it took, or 0
 * if there is none: overlong, surrogate, out of range or cut.
 */
static inline int
leads_utf8_get(const unsigned char *s, const unsigned char *end, uint32_t *cp)
{
	uint32_t	c = s[0];

	if (c < 0x80)
	{
		*cp = c;
		return 1;
	}
	if (c < 0xC2)
		return 0;
	if (c < 0xE0)
	{
		if (end - s < 2 || (s[1] & 0xC0) != 0x80)
			return 0;
		*cp = (c & 0x1F) << 6 | (s[1] & 0x3Fu);
		return 2;
	}
	if (c < 0xF0)
	{
		if (end - s < 3 || (s[1] & 0xC0) != 0x80 || (s[2] & 0xC0) != 0x80)
			return 0;
		*cp = (c & 0x0F) << 12 | (s[1] & 0x3Fu) << 6 | (s[2] & 0x3Fu);
		return (*cp < 0x800 || (*cp >= 0xD800 && *cp < 0xE000)) ? 0 : 3;
	}
	if (c < 0xF5)
	{
		if (end - s < 4 || (s[1] & 0xC0) != 0x80 || (s[2] & 0xC0) != 0x80 ||
			(s[3] & 0xC0) != 0x80)
			return 0;
		*cp = (c & 0x07) << 18 | (s[1] & 0x3Fu) << 12 | (s[2] & 0x3Fu) << 6 | (s[3] & 0x3Fu);
		return (*cp < 0x10000 || *cp > 0x10FFFF) ? 0 : 4;
	}
	return 0;
}

/* Encode cp into b; returns bytes, 0 for what is no character. */
static inline int
leads_utf8_put(uint32_t cp, char *b)
{
	if (cp < 0x80)
	{
		b[0] = (char) cp;
		return 1;
	}
	if (cp < 0x800)
	{
		b[0] = (char) (0xC0 | cp >> 6);
		b[1] = (char) (0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000)
	{
		if (cp >= 0xD800 && cp < 0xE000)
			return 0;
		b[0] = (char) (0xE0 | cp >> 12);
		b[1] = (char) (0x80 | (cp >> 6 & 0x3F));
		b[2] = (char) (0x80 | (cp & 0x3F));
		return 3;
	}
	if (cp > 0x10FFFF)
		return 0;
	b[0] = (char) (0xF0 | cp >> 18);
	b[1] = (char) (0x80 | (cp >> 12 & 0x3F));
	b[2] = (char) (0x80 | (cp >> 6 & 0x3F));
	b[3] = (char) (0x80 | (cp & 0x3F));
	return 4;
}

#endif							/* LEADS_UTF8_H */
