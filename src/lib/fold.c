/*-------------------------------------------------------------------------
 *
 * fold.c
 *		Unicode folding: the one form in which texts are compared.
 *
 * Purpose: two spellings of one name must meet in one sequence of code points,
 * whatever the database's locale, the server's Unicode version or the typist's
 * keyboard.  Called by every parser and key maker of the library, and through
 * SQL functions by the server side.
 *
 * Invariants: pure, no allocation, no locale; fold(fold(x)) = fold(x), even
 * when the result was cut; any bytes are accepted; one pass, work and memory
 * bounded whatever the input; stored keys depend on every rule here, so a
 * change of a rule raises LEADS_NORM_VERSION.
 *
 * The rule, in order:
 *
 * 1. Damaged UTF-8 is skipped byte by byte (flag BADUTF8).
 * 2. Controls, zero-width and bidi characters are removed (flag STRIPPED); so
 *    are the other default-ignorable ones (variation selectors, Hangul
 *    fillers).  Tab, line feed and their like are removed as characters
 *    (flag) but still separate words like a space.
 * 3. NFKC: full-width forms, ligatures, circled and squared characters,
 *    compatibility ideographs, composed accents.  No more than MAX_MARKS
 *    combining marks on one letter are kept (flag TRUNCATED); marks on
 *    anything but a letter vanish.
 * 4. Case folding, full: STRASSE = straße.  Accents stay.
 * 5. Traditional to simplified, one character at a time; a character that is
 *    itself standard simplified stays (policy: gen/make_tables.py).
 * 6. Brackets ()[]{}<> 【】〔〕《》〈〉〖〗 become '(' and ')'.
 * 7. White space, punctuation and symbols separate.  Of a run of them there
 *    remains, between two tokens of a script that spaces its words (Latin,
 *    Greek, Cyrillic, digits ...):
 *      '&'      if it has one            Johnson & Johnson -> johnson&johnson
 *      nothing  if apostrophes only      O'Neil -> oneil
 *      nothing  if it is one dot between single letters (initials)
 *                                        S.A. -> sa, U.S. Steel -> us steel
 *      a space  otherwise                Co.,Ltd -> co ltd, Co.Ltd -> co ltd,
 *                                        Coca-Cola -> coca cola
 *    and nothing anywhere else: at both ends, next to a CJK character, next
 *    to a bracket.  So the result has letters, digits, marks, CJK, '(', ')',
 *    single inner spaces and single inner '&', and nothing else.
 *
 *-------------------------------------------------------------------------
 */
#include "fold.h"

#include <string.h>

#include "fold_space.h"
#include "fold_table.h"
#include "utf8.h"

/* combining marks kept on one letter: Unicode's own stream-safe limit */
#define MAX_MARKS 30

/*
 * The stages are chained: decoder -> decomposer -> marks (canonical order) ->
 * fold of single characters -> composer -> either the spacer (fold) or the
 * UTF-8 writer (nfkc).
 */
typedef struct Folder
{
	bool		folding;		/* else plain NFKC */
	unsigned	flags;

	/* marks since the last starter, decomposed, in input order */
	int			nmark;
	uint32_t	mark[MAX_MARKS];
	uint8_t		mark_ccc[MAX_MARKS];

	/* composer: [starter] and the marks it did not take */
	int			ncomp;
	bool		has_starter;
	uint8_t		last_ccc;
	uint32_t	comp[MAX_MARKS + 2];

	LeadsSpacer spacer;

	/* UTF-8 writer */
	char	   *text;
	size_t		textcap;
	size_t		ntext;
	bool		text_full;		/* no room left: something was dropped */
	size_t		nkeep;			/* bytes up to the last one that is not white space */
} Folder;

/* --------------------------------------------------------- UTF-8 writer */

static void
write_text(Folder *f, uint32_t cp)
{
	char		b[4];
	int			l;
	LeadsCharKind kind;

	if (f->text_full)
		return;
	kind = leads_char_prop(cp).kind;
	if (kind == LEADS_CHAR_SPACE && f->nkeep == 0)
		return;					/* leading */
	l = leads_utf8_put(cp, b);
	if (f->ntext + (size_t) l >= f->textcap)
	{
		/* white space at the end would have been trimmed: no loss until more comes */
		f->ntext = f->textcap;
		f->text_full = (kind != LEADS_CHAR_SPACE);
		return;
	}
	memcpy(f->text + f->ntext, b, (size_t) l);
	f->ntext += (size_t) l;
	if (kind != LEADS_CHAR_SPACE)
		f->nkeep = f->ntext;
}

/* ------------------------------------------------------------- composer */

static inline void
emit(Folder *f, uint32_t cp)
{
	if (f->folding)
		leads_space(&f->spacer, cp);
	else
		write_text(f, cp);
}

static inline void
drain(Folder *f)
{
	for (int i = 0; i < f->ncomp; i++)
		emit(f, f->comp[i]);
	f->ncomp = 0;
}

static void
compose(Folder *f, uint32_t cp)
{
	LeadsCharProp p = leads_char_prop(cp);

	if (p.back && f->has_starter && f->ncomp > 0 &&
		(f->ncomp == 1 || f->last_ccc < p.ccc))
	{
		uint32_t	c = leads_compose_pair(f->comp[0], cp);

		if (c != 0)
		{
			f->comp[0] = c;
			return;
		}
	}
	if (p.ccc == 0)
	{
		drain(f);
		f->has_starter = true;
	}
	else if (f->ncomp == 0)
		f->has_starter = false;
	f->comp[f->ncomp++] = cp;
	f->last_ccc = p.ccc;
}

/* Fold one decomposed character and hand it to the composer. */
static void
fold_one(Folder *f, uint32_t cp)
{
	uint16_t	v = f->folding ? leads_foldto_value(cp) : 0;

	if (v == 0)
		compose(f, cp);
	else if (!leads_is_sequence(v))
		compose(f, v);
	else
	{
		int			len;
		const uint32_t *s = leads_sequence(v, &len);

		for (int i = 0; i < len; i++)
			compose(f, s[i]);
	}
}

static void
flush_marks(Folder *f)
{
	/* stable insertion sort: canonical order */
	for (int i = 1; i < f->nmark; i++)
	{
		uint32_t	m = f->mark[i];
		uint8_t		c = f->mark_ccc[i];
		int			j = i;

		for (; j > 0 && f->mark_ccc[j - 1] > c; j--)
		{
			f->mark[j] = f->mark[j - 1];
			f->mark_ccc[j] = f->mark_ccc[j - 1];
		}
		f->mark[j] = m;
		f->mark_ccc[j] = c;
	}
	for (int i = 0; i < f->nmark; i++)
		fold_one(f, f->mark[i]);
	f->nmark = 0;
}

/* One character of the full decomposition. */
static inline void
decomposed(Folder *f, uint32_t cp, uint8_t ccc)
{
	if (ccc == 0)
	{
		if (f->nmark > 0)
			flush_marks(f);
		fold_one(f, cp);
	}
	else if (f->nmark < MAX_MARKS)
	{
		f->mark[f->nmark] = cp;
		f->mark_ccc[f->nmark++] = ccc;
	}
	else
		f->flags |= LEADS_FOLD_TRUNCATED;
}

/* One character as it was typed: strip, then decompose. */
static void
typed(Folder *f, uint32_t cp)
{
	LeadsCharProp p = leads_char_prop(cp);
	uint16_t	v;

	if (p.kind == LEADS_CHAR_CONTROL)
	{
		f->flags |= LEADS_FOLD_STRIPPED;
		return;
	}
	if (p.kind == LEADS_CHAR_IGNORABLE && f->folding)
		return;
	if (p.kind == LEADS_CHAR_SPACE_CONTROL)
	{
		f->flags |= LEADS_FOLD_STRIPPED;
		cp = ' ';
	}

	v = leads_nfkd_value(cp);
	if (v == 0)
	{
		uint32_t	s = cp - HANGUL_S;

		if (s < HANGUL_NS)
		{
			decomposed(f, HANGUL_L + s / (HANGUL_NV * HANGUL_NT), 0);
			decomposed(f, HANGUL_V + s / HANGUL_NT % HANGUL_NV, 0);
			if (s % HANGUL_NT != 0)
				decomposed(f, HANGUL_T + s % HANGUL_NT, 0);
		}
		else
			decomposed(f, cp, p.ccc);
	}
	else if (!leads_is_sequence(v))
	{
		/* a compatibility Hangul filler is one, like what it stands for */
		p = leads_char_prop(v);
		if (p.kind != LEADS_CHAR_IGNORABLE || !f->folding)
			decomposed(f, v, p.ccc);
	}
	else
	{
		int			len;
		const uint32_t *seq = leads_sequence(v, &len);

		for (int i = 0; i < len; i++)
		{
			LeadsCharProp q = leads_char_prop(seq[i]);

			if (q.kind == LEADS_CHAR_IGNORABLE && f->folding)
				continue;
			decomposed(f, seq[i], q.ccc);
		}
	}
}

/* Read all of s through the stages. */
static void
run(Folder *f, const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *) s;
	const unsigned char *end = p + len;

	while (p < end && !f->spacer.full && !f->text_full)
	{
		uint32_t	cp;
		int			l = leads_utf8_get(p, end, &cp);

		if (l == 0)
		{
			f->flags |= LEADS_FOLD_BADUTF8;
			p++;
			continue;
		}
		p += l;

		/*
		 * Han and printable ASCII are nearly everything: starters that do not
		 * decompose and do not compose backwards.
		 */
		if ((cp >= 0x4E00 && cp <= 0x9FFF) || (cp >= 0x20 && cp < 0x7F))
		{
			if (f->nmark > 0)
				flush_marks(f);
			if (f->folding)
			{
				uint16_t	v = leads_foldto_value(cp);

				if (leads_is_sequence(v))
				{
					fold_one(f, cp);
					continue;
				}
				if (v != 0)
					cp = v;
			}
			drain(f);
			f->comp[0] = cp;
			f->ncomp = 1;
			f->has_starter = true;
			f->last_ccc = 0;
		}
		else
			typed(f, cp);
	}
	if (f->nmark > 0)
		flush_marks(f);
	drain(f);
	if (f->spacer.full || f->text_full)
		f->flags |= LEADS_FOLD_TRUNCATED;
}

/* The big arrays need no clearing: their counts say how much of them counts. */
static void
init(Folder *f, bool folding)
{
	f->folding = folding;
	f->flags = 0;
	f->nmark = 0;
	f->ncomp = 0;
	f->has_starter = false;
	f->last_ccc = 0;
	leads_spacer_init(&f->spacer, NULL, 0);
	f->text = NULL;
	f->textcap = 0;
	f->ntext = 0;
	f->nkeep = 0;
	f->text_full = false;
}

int
leads_fold(const char *s, size_t len, uint32_t *out, int cap, unsigned *flags)
{
	Folder		f;

	init(&f, true);
	leads_spacer_init(&f.spacer, out, cap);
	run(&f, s, len);
	if (flags)
		*flags = f.flags;
	return f.spacer.n;
}

int
leads_nfkc(const char *s, size_t len, char *out, size_t outcap, unsigned *flags)
{
	Folder		f;

	init(&f, false);
	f.text = out;
	f.textcap = outcap;
	run(&f, s, len);
	if (outcap > 0)
		out[f.nkeep] = '\0';
	if (flags)
		*flags = f.flags;
	return (int) f.nkeep;
}
