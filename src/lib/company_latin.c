/*-------------------------------------------------------------------------
 *
 * company_latin.c
 *		Company names written in words: Latin, Greek, Cyrillic ...
 *
 * Purpose: "THE Coca-Cola Company, Inc." and "COCA COLA CO" must meet.  The
 * name becomes words; accents go, legal forms go off the tail (aliases of the
 * world's forms are in the table), single letters in a row become one word.
 *
 * Invariants: n->folded is filled by the caller, every other part here; words
 * lie in stem, parted by one space, each with its hash and frequency; pure.
 * Called by company_name.c only.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "company_parse.h"
#include "fold.h"

#define WORDS_MAX 32

typedef struct Word
{
	int			start,
				len;
} Word;

/* base letters of Latin-1 and Latin Extended-A, from U+00E0; folding left lower case; 1 = ae, 2 = oe */
static const char base_letters[] =
	"aaaaaa\1ceeeeiiiidnooooo ouuuuy yaaaaaaccccccccddddeeeeeeeeee"
	"gggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooo\2\2rrrr"
	"rrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/* plain letters for one code point; returns how many */
static int
plain(uint32_t c, uint32_t *out)
{
	if (c == 0xDF)
	{
		out[0] = out[1] = 's';
		return 2;
	}
	if (c >= 0xE0 && c < 0x180 && c - 0xE0 < sizeof(base_letters) - 1)
	{
		char		b = base_letters[c - 0xE0];

		if (b == 1 || b == 2)
		{
			out[0] = b == 1 ? 'a' : 'o';
			out[1] = 'e';
			return 2;
		}
		if (b != ' ')
		{
			out[0] = (uint32_t) b;
			return 1;
		}
	}
	if (c >= 0x300 && c < 0x370)
		return 0;				/* a mark that found no letter */
	out[0] = c;
	return 1;
}

static uint64_t
word_hash(const uint32_t *s, int n)
{
	uint64_t	h = UINT64_C(0xcbf29ce484222325);

	/* FNV-1a over bytes for ASCII, over code points elsewhere */
	for (int i = 0; i < n; i++)
		h = (h ^ s[i]) * UINT64_C(0x100000001b3);
	return h;
}

static const LeadsLatinWord *
latin_find(const LeadsLatinWord *t, int n, uint64_t hash)
{
	int			lo = 0;

	while (lo < n)
	{
		int			mid = lo + (n - lo) / 2;

		if (t[mid].hash < hash)
			lo = mid + 1;
		else if (t[mid].hash > hash)
			n = mid;
		else
			return &t[mid];
	}
	return NULL;
}

static bool
word_is(const uint32_t *s, Word w, const char *text)
{
	int			n = (int) strlen(text);

	if (w.len != n)
		return false;
	for (int i = 0; i < n; i++)
		if (s[w.start + i] != (uint32_t) text[i])
			return false;
	return true;
}

/* words of the folded name into s; returns their count */
static int
split(const LeadsName *n, uint32_t *s, Word *word)
{
	int			k = 0;
	int			m = 0;
	bool		single = false; /* the last word is a run of single letters */

	for (int i = 0; i < n->nfolded && k < WORDS_MAX;)
	{
		int			start = m;

		while (i < n->nfolded && (n->folded[i] == ' ' || n->folded[i] == '(' || n->folded[i] == ')'))
			i++;
		if (i < n->nfolded && n->folded[i] == '&')
		{
			i++;
			single = false;
			continue;
		}
		while (i < n->nfolded && n->folded[i] != ' ' && n->folded[i] != '&' &&
			   n->folded[i] != '(' && n->folded[i] != ')')
			m += plain(n->folded[i++], s + m);
		if (m == start)
			continue;
		if (m - start == 1 && s[start] >= 'a' && s[start] <= 'z' && single)
			word[k - 1].len++;	/* s a -> sa */
		else
		{
			word[k].start = start;
			word[k].len = m - start;
			k++;
			single = m - start == 1 && s[start] >= 'a' && s[start] <= 'z';
		}
	}
	return k;
}

/* how many of the last words are one legal form; *group if it says group */
static int
legal_tail(const uint32_t *s, const Word *word, int k, bool *group)
{
	for (int take = k - 1 < 5 ? k - 1 : 5; take > 0; take--)
	{
		uint32_t	joined[64];
		int			n = 0;
		const LeadsLatinWord *l;

		for (int i = k - take; i < k; i++)
		{
			if (n + word[i].len + 1 > 64)
				return 0;
			if (n > 0)
				joined[n++] = ' ';
			memcpy(joined + n, s + word[i].start, (size_t) word[i].len * sizeof(uint32_t));
			n += word[i].len;
		}
		l = latin_find(leads_latin_legal, leads_nlatin_legal, word_hash(joined, n));
		if (l != NULL)
		{
			*group = l->value == 'g';
			return take;
		}
	}
	return 0;
}

/* forms that some countries write in front: N.V. Nutricia, PT Astra, OOO Gazprom; how many words */
static int
legal_head(const uint32_t *s, const Word *word, int k)
{
	static const char *const forms[] = {"nv", "pt", "ooo", "oao", "zao", "pao", "koninklijke"};

	if (k > 2 && (word_is(s, word[0], "naamloze") || word_is(s, word[0], "besloten")) &&
		word_is(s, word[1], "vennootschap"))
		return 2;
	for (size_t i = 0; k > 1 && i < sizeof(forms) / sizeof(forms[0]); i++)
		if (word_is(s, word[0], forms[i]))
			return 1;
	return 0;
}

void
leads_latin_parse(LeadsName *n)
{
	uint32_t	s[LEADS_NAME_FOLDED_MAX * 2 + 4];
	Word		word[WORDS_MAX];
	int			k = split(n, s, word);
	int			first = 0;
	int			m = 0;

	n->kind = LEADS_NAME_LATIN;
	if (k > 1 && word_is(s, word[0], "the"))
		first = 1;
	first += legal_head(s, word + first, k - first);
	for (;;)
	{
		bool		group = false;
		int			take = legal_tail(s, word + first, k - first, &group);

		if (take == 0)
			break;
		if (group)
			n->flags |= LEADS_NAME_GROUP;
		else if (n->nlegal == 0)
		{
			for (int i = k - take; i < k; i++)
			{
				if (n->nlegal > 0 && n->nlegal < LEADS_NAME_LEGAL_MAX)
					n->legal[n->nlegal++] = ' ';
				for (int j = 0; j < word[i].len && n->nlegal < LEADS_NAME_LEGAL_MAX; j++)
					n->legal[n->nlegal++] = s[word[i].start + j];
			}
			n->legal_class = 'c';
		}
		k -= take;
	}
	for (int i = first; i < k; i++)
	{
		const LeadsLatinWord *d;

		if (i > first && (word_is(s, word[i], "and") || word_is(s, word[i], "of") ||
						  word_is(s, word[i], "und") || word_is(s, word[i], "et") ||
						  word_is(s, word[i], "de")))
			continue;
		if (n->ntokens == LEADS_NAME_TOKENS_MAX || m + word[i].len + 1 > LEADS_NAME_STEM_MAX)
		{
			n->flags |= LEADS_NAME_TRUNCATED;
			break;
		}
		if (m > 0)
			n->stem[m++] = ' ';
		n->token[n->ntokens].start = (uint8_t) m;
		n->token[n->ntokens].len = (uint8_t) word[i].len;
		n->token[n->ntokens].hash = word_hash(s + word[i].start, word[i].len);
		d = latin_find(leads_latin_df, leads_nlatin_df, n->token[n->ntokens].hash);
		n->token[n->ntokens].df = d ? d->value : 0;
		n->ntokens++;
		memcpy(n->stem + m, s + word[i].start, (size_t) word[i].len * sizeof(uint32_t));
		m += word[i].len;
	}
	n->nstem = n->ncore = (uint8_t) m;
	memset(n->syl, 0, (size_t) m * sizeof(uint16_t));
}
