/*-------------------------------------------------------------------------
 *
 * match_han.h
 *		Two company names in Han as the judge looks at them; among match_han*.c only.
 *
 * A name is compared as a view: the parser's cut may be moved to meet the other's.
 *
 * Views point into the names and live no longer.
 * Included by match_han.c and match_han_*.c.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_MATCH_HAN_H
#define LEADS_MATCH_HAN_H

#include "decide/match.h"

typedef struct LeadsHanView
{
	const LeadsName *name;
	const uint32_t *s;			/* core, then industry */
	const uint16_t *syl;
	int			ncore;
	int			n;
	int			region;			/* -1 = unknown */
} LeadsHanView;

/* ---- match_han_place.c: region, numerals, branch ----------------------------- */

/* sets one of the region features; true: the regions exclude each other */
extern bool leads_han_regions(const LeadsHanView *a, const LeadsHanView *b, double *f);

/* whole: the distance of the whole names */
extern void leads_han_branches(const LeadsName *a, const LeadsName *b, double whole, double *f);

/* ---- match_han_trade.c: trade, short forms, the whole name --------------------- */

extern void leads_han_industries(const LeadsHanView *a, const LeadsHanView *b, bool core_equal, bool moved, double *f);
extern void leads_han_short(const LeadsHanView *a, const LeadsHanView *b, double *f);

/*
 * The whole name, region and branch included, but for brackets, the words of
 * legal forms wherever they stand, and the suffixes of places.  out has room
 * for LEADS_SIMILARITY_MAX; returns the length.
 */
extern int	leads_han_squeeze(const LeadsName *n, uint32_t *out);

extern void leads_han_renamed(const LeadsName *a, const LeadsName *b, double *f);

/* distance of the squeezed names */
extern double leads_han_whole(const LeadsName *a, const LeadsName *b, double *f);

/* ---- match_han_slip.c: what kind of difference is it -------------------------- */

extern void leads_han_slip(const LeadsHanView *a, const LeadsHanView *b, double *f);
extern bool leads_han_inserted(const LeadsName *x, const LeadsName *y, double *f);

/* how rare is a core, 1 = as rare as four unusual characters in a row */
extern double leads_han_rarity(const LeadsHanView *v);

/* the same of core and trade, 1 = as eight such characters */
extern double leads_han_stem_rarity(const LeadsHanView *v);

#endif							/* LEADS_MATCH_HAN_H */
