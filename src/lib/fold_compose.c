/*-------------------------------------------------------------------------
 *
 * fold_compose.c
 *		Which two characters make one.
 *
 * Purpose: primary composites of Unicode (composition exclusions left out by
 * the table) and algorithmic Hangul.  Invariant: the inverse of the canonical
 * pairs in UnicodeData, nothing else.  Called by: the composer in fold.c, and
 * fold_space.c where dropping a separator lets two conjoining jamo meet.
 *
 *-------------------------------------------------------------------------
 */
#include "fold_table.h"

/* The primary composite of a and b, or 0. */
uint32_t
leads_compose_pair(uint32_t a, uint32_t b)
{
	int			lo = 0,
				hi = leads_npair;

	if (a - HANGUL_L < HANGUL_NL && b - HANGUL_V < HANGUL_NV)
		return HANGUL_S + ((a - HANGUL_L) * HANGUL_NV + (b - HANGUL_V)) * HANGUL_NT;
	if (a - HANGUL_S < HANGUL_NS && (a - HANGUL_S) % HANGUL_NT == 0 &&
		b - (HANGUL_T + 1) < HANGUL_NT - 1)
		return a + (b - HANGUL_T);

	if (a > 0xFFFF || b > 0xFFFF)
	{
		for (int i = 0; i < leads_npair_large; i++)
			if (leads_pair_large[3 * i] == a && leads_pair_large[3 * i + 1] == b)
				return leads_pair_large[3 * i + 2];
		return 0;
	}
	while (lo < hi)
	{
		int			mid = (lo + hi) / 2;
		const uint16_t *p = leads_pair + 3 * mid;

		if (p[0] == a && p[1] == b)
			return p[2];
		if (p[0] < a || (p[0] == a && p[1] < b))
			lo = mid + 1;
		else
			hi = mid;
	}
	return 0;
}
