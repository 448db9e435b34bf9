/*-------------------------------------------------------------------------
 *
 * similarity.h
 *		How alike are two sequences of characters?
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_SIMILARITY_H
#define LEADS_SIMILARITY_H

#include "lib.h"

/* characters looked at; what lies behind counts as equal to nothing */
#define LEADS_SIMILARITY_MAX 48

/* a text with the syllables of its characters (NULL: none) */
typedef struct LeadsSyllables
{
	const uint32_t *s;
	const uint16_t *syl;
	int			n;
} LeadsSyllables;

/*
 * Edit distance with swaps of neighbours.  Another character of the same
 * syllable costs .3, of a confusable syllable or with a less usual reading in
 * common .5, a swap .6, anything else 1.
 */
extern double leads_pinyin_distance(LeadsSyllables a, LeadsSyllables b);

/* the same without readings: 1 each, a swap 1 (words of Latin script) */
extern int	leads_edit_distance(const uint32_t *a, int na, const uint32_t *b, int nb);

/*
 * What two texts share, weighed by rarity: 2 * weight(shared) / weight(both),
 * characters and bigrams together.  *contained, if given, is weight(shared) /
 * weight(the lighter).  0 .. 1.
 */
extern double leads_overlap(const uint32_t *a, int na, const uint32_t *b, int nb,
							double *contained);

/* Is a a subsequence of b?  Returns the number of runs it falls into, 0 = no. */
extern int	leads_subsequence(const uint32_t *a, int na, const uint32_t *b, int nb);

/* Longest common subsequence, in characters. */
extern int	leads_common(const uint32_t *a, int na, const uint32_t *b, int nb);

/*
 * Texts of any length: is 1 - edit distance / characters of the longer >= alike (.5 .. 1)?  row: room for nb + 1.  Two empty
 * texts are alike.
 */
extern int	leads_text_alike(const uint32_t *a, int na, const uint32_t *b, int nb, double alike, int *row);

#endif							/* LEADS_SIMILARITY_H */
