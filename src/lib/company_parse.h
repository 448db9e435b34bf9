/*-------------------------------------------------------------------------
 *
 * company_parse.h
 *		What the parts of the company-name parser share among themselves:
 *		company_name.c, company_branch.c, company_region.c, company_latin.c; keys.c and the judge
 *		use the region relations.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_COMPANY_PARSE_H
#define LEADS_COMPANY_PARSE_H

#include "company_name.h"
#include "company_table.h"

/* dictionary look-ups; the word of exactly len characters, or NULL */
extern const LeadsWord *leads_dict_find(const LeadsDict *d, const uint32_t *s, int len);

/* longest word that ends at s[n - 1] (dictionaries hashed backwards) */
extern const LeadsWord *leads_dict_tail(const LeadsDict *d, const uint32_t *s, int n, int longest);

/*
 * Read administrative units at the head of s.  Returns the characters taken;
 * *unit is the most specific unit, or -1 (also with characters taken: a
 * district's name that several cities have).  *before is the length without
 * the last unit.
 */
extern int	leads_region_head(const uint32_t *s, int n, int *unit, int *before);

/* the unit that s names as a whole, -1 = none or not one */
extern int	leads_region_whole(const uint32_t *s, int n);

/* the same, brand-like names too, and where several bear it the one that goes with `other` */
extern int	leads_region_any(const uint32_t *s, int n, int other);

/* is unit a inside unit b (or the same)?  Both >= 0. */
extern bool leads_region_inside(int a, int b);

extern int	leads_region_province(int unit);	/* -1 for -1 */
extern int	leads_region_city(int unit);		/* -1 if only the province is known */

/* short name of a unit (重庆); returns characters */
extern int	leads_region_short(int unit, uint32_t *out, int cap);

/* the Latin path: n->folded is filled, everything else is reset */
extern void leads_latin_parse(LeadsName *n);

extern bool leads_is_letter(uint32_t c);	/* Latin letter or digit */

/* a script that writes without spaces: Han, kana, Hangul, bopomofo */
extern bool leads_is_cjk(uint32_t c);

/* room for a name while it is taken apart */
#define LEADS_NAME_WORK_MAX 256

/* take marks of the stock exchange off; write a bank's short name out; new length */
extern int	leads_strip_listing(uint32_t *w, int n);
extern int	leads_expand_bank(uint32_t *w, int n);

/* numerals in order of appearance, at most LEADS_NAME_NUMBERS_MAX */
extern int	leads_read_numbers(const uint32_t *s, int n, int16_t *out);

/* small ordinals in digits as words; new length */
extern int	leads_spell_numerals(uint32_t *w, int n, int cap);

/* where the branch begins, n = there is none; bare: without its parent's legal form */
extern int	leads_find_branch(const uint32_t *s, int n);
extern int	leads_find_bare_branch(const uint32_t *s, int n);
extern void leads_parse_branch(LeadsName *n, const uint32_t *s, int len);

#endif							/* LEADS_COMPANY_PARSE_H */
