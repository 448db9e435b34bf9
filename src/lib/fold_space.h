/*-------------------------------------------------------------------------
 *
 * fold_space.h
 *		Last stage of folding: brackets, punctuation, white space.  Only fold.c
 *		calls it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_FOLD_SPACE_H
#define LEADS_FOLD_SPACE_H

#include "lib.h"

/* what the last thing put out was */
typedef enum LeadsSide
{
	LEADS_SIDE_NOTHING,
	LEADS_SIDE_WORD,
	LEADS_SIDE_CJK,
	LEADS_SIDE_BRACKET
} LeadsSide;

typedef struct LeadsSpacer
{
	uint32_t   *out;
	int			cap;
	int			n;
	bool		full;			/* no room left: something was dropped */
	LeadsSide	side;
	unsigned	run;			/* separators since then: RUN_* */
	bool		on_letter;		/* the character just seen can carry marks */
	bool		dot_initial;	/* the run's dot follows a single letter */
	int			seglen;			/* characters in the current piece of a word */
	bool		segletter;
	int			hold;			/* where a letter stands that may be an initial
								 * after a dropped dot; -1 = none */
} LeadsSpacer;

extern void leads_spacer_init(LeadsSpacer *f, uint32_t *out, int cap);
extern void leads_space(LeadsSpacer *f, uint32_t cp);

#endif							/* LEADS_FOLD_SPACE_H */
