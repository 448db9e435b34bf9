/*-------------------------------------------------------------------------
 *
 * fold_space.c
 *		Last stage of folding: brackets, punctuation, white space.
 *
 * Purpose: rules 6 and 7 at the top of fold.c, as a small state machine over
 * the composed and folded characters.  Only fold.c calls it.
 *
 * Invariants: what it puts out it would put out again unchanged (the second
 * half of fold's idempotence); a separator is written only together with the
 * character after it, so a cut never leaves one at the end; it looks one
 * character ahead by taking back, never by waiting.
 *
 *-------------------------------------------------------------------------
 */
#include "fold_space.h"

#include <string.h>

#include "fold_table.h"

/* what a run of separators had in it */
#define RUN_SPACE 1u
#define RUN_DOT 2u
#define RUN_APOSTROPHE 4u
#define RUN_AMPERSAND 8u

void
leads_spacer_init(LeadsSpacer *f, uint32_t *out, int cap)
{
	*f = (LeadsSpacer) {.out = out, .cap = cap, .hold = -1};
}

static inline void
put(LeadsSpacer *f, uint32_t cp)
{
	if (f->n >= f->cap)
	{
		f->full = true;
		return;
	}
	f->out[f->n++] = cp;
}

/* Put a separator and the character after it, both or neither. */
static inline void
put_separated(LeadsSpacer *f, uint32_t separator, uint32_t cp)
{
	if (f->n + 1 >= f->cap)
	{
		f->full = true;
		return;
	}
	f->out[f->n++] = separator;
	f->out[f->n++] = cp;
}

/*
 * A letter after "x.y" was taken for an initial, but its word goes on: the dot
 * was a boundary after all ("U.S.Steel").
 */
static void
undo_initial(LeadsSpacer *f)
{
	if (f->n >= f->cap)
	{
		f->n = f->hold;
		f->full = true;
	}
	else
	{
		memmove(f->out + f->hold + 1, f->out + f->hold,
				(size_t) (f->n - f->hold) * sizeof(uint32_t));
		f->out[f->hold] = ' ';
		f->n++;
	}
	f->hold = -1;
}

/* A letter or digit of a script that puts spaces between words. */
static void
space_word(LeadsSpacer *f, uint32_t cp, LeadsCharKind kind)
{
	bool		letter = (kind == LEADS_CHAR_LETTER);
	unsigned	run = f->run;

	if (f->hold >= 0)
	{
		undo_initial(f);
		if (f->full)
			return;
	}
	if (f->side != LEADS_SIDE_WORD || (run & ~RUN_APOSTROPHE) != 0)
		f->seglen = 0;
	f->seglen++;
	f->segletter = letter;
	f->run = 0;
	if (run == 0 || f->side != LEADS_SIDE_WORD)
		put(f, cp);
	else if (run & RUN_AMPERSAND)
		put_separated(f, '&', cp);
	else if (run & RUN_SPACE)
		put_separated(f, ' ', cp);
	else if (run & RUN_DOT)
	{
		if (f->dot_initial && letter)
		{
			f->hold = f->n;
			put(f, cp);
		}
		else
			put_separated(f, ' ', cp);
	}
	else
		put(f, cp);
	f->side = LEADS_SIDE_WORD;
	f->on_letter = true;
}

/* One composed and folded character. */
void
leads_space(LeadsSpacer *f, uint32_t cp)
{
	LeadsCharProp p;

	if (f->full)
		return;
	p = leads_char_prop(cp);
	switch ((LeadsCharKind) p.kind)
	{
		case LEADS_CHAR_LETTER:
		case LEADS_CHAR_DIGIT:
			space_word(f, cp, p.kind);
			return;

		case LEADS_CHAR_CJK:
			f->hold = -1;
			f->run = 0;
			f->side = LEADS_SIDE_CJK;
			f->on_letter = true;
			/* two conjoining jamo may have met because what was between them went */
			if (p.back && f->n > 0)
			{
				uint32_t	c = leads_compose_pair(f->out[f->n - 1], cp);

				if (c != 0)
				{
					f->out[f->n - 1] = c;
					return;
				}
			}
			put(f, cp);
			return;

		case LEADS_CHAR_MARK:
			if (f->on_letter)
				put(f, cp);
			return;

		case LEADS_CHAR_OPEN:
		case LEADS_CHAR_CLOSE:
			f->run = 0;
			f->side = LEADS_SIDE_BRACKET;
			put(f, p.kind == LEADS_CHAR_OPEN ? '(' : ')');
			break;

		case LEADS_CHAR_DOT:
			if ((f->run & ~RUN_APOSTROPHE) == 0)
				f->dot_initial = (f->side == LEADS_SIDE_WORD && f->seglen == 1 && f->segletter);
			else
				f->run |= RUN_SPACE;
			f->run |= RUN_DOT;
			break;

		case LEADS_CHAR_APOSTROPHE:
			f->run |= RUN_APOSTROPHE;
			break;

		case LEADS_CHAR_AMPERSAND:
			f->run |= RUN_AMPERSAND;
			break;

		case LEADS_CHAR_SPACE:
		case LEADS_CHAR_SPACE_CONTROL:
		case LEADS_CHAR_PUNCT:
			f->run |= RUN_SPACE;
			break;

		case LEADS_CHAR_CONTROL:
		case LEADS_CHAR_IGNORABLE:
			return;				/* gone before; harmless */
	}
	f->on_letter = false;
	f->hold = -1;
}
