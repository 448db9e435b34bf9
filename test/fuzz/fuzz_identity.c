/*
 * fuzz_identity.c - libFuzzer target: two records from random bytes through fold, parse, keys and score.
 *
 * Purpose: no bytes crash src/lib or the judge (ASAN and UBSAN watch), and what the
 * judge promises holds for any bytes.
 * Invariants checked: folding is idempotent; keys are sorted and distinct; a record
 * that matches (possible or more) shares a key with the other; the score is finite.
 * Called by: test/fuzz/run (make check-nightly).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decide/match.h"
#include "lib/fold.h"
#include "lib/mask.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fail(const char *what)
{
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

static void
check_fold(const char *s, size_t len)
{
	uint32_t	a[LEADS_TEXT_MAX];
	uint32_t	b[LEADS_TEXT_MAX];
	char		utf8[LEADS_TEXT_MAX * 4 + 1];
	char		masked[LEADS_MASK_MAX];
	unsigned	flags;
	int			n = leads_fold(s, len, a, LEADS_TEXT_MAX, &flags);
	int			m;

	if (!(flags & LEADS_FOLD_TRUNCATED))
	{
		int			bytes = leads_utf8_encode(a, n, utf8, sizeof(utf8));

		m = leads_fold(utf8, bytes, b, LEADS_TEXT_MAX, &flags);
		if (m != n || memcmp(a, b, n * sizeof(uint32_t)) != 0)
			fail("folding is not idempotent");
	}
	leads_mask_name(s, len, masked);
	leads_mask_phone(s, len, masked);
	leads_mask_email(s, len, masked);
}

/* fields are parted by line feeds: name, region, contact, phone, mail, USCC, further names */
static void
fill(LeadsRecord *r, const char *s, size_t len)
{
	int			field = 0;

	leads_record_init(r, len > 0 && s[0] == '\001');
	while (len > 0)
	{
		const char *end = memchr(s, '\n', len);
		size_t		n = end ? (size_t) (end - s) : len;

		switch (field++)
		{
			case 1:
				leads_record_set_region(r, s, n);
				break;
			case 2:
				leads_record_set_contact(r, s, n);
				break;
			case 3:
				leads_record_add_phone(r, s, n);
				break;
			case 4:
				leads_record_add_email(r, s, n);
				break;
			case 5:
				leads_record_set_uscc(r, s, n);
				break;
			default:
				leads_record_add_name(r, s, n);
				check_fold(s, n);
				break;
		}
		s += n;
		len -= n;
		if (len > 0)
		{
			s++;
			len--;
		}
	}
}

static int
keys_of(const LeadsRecord *r, LeadsKey *keys)
{
	int			n = leads_record_keys(r, keys, LEADS_KEYS_MAX);

	if (n < 0 || n > LEADS_KEYS_MAX)
		fail("too many keys");
	for (int i = 1; i < n; i++)
		/* the same stem in two places is two entries */
		if (keys[i - 1].key > keys[i].key || (keys[i - 1].key == keys[i].key && keys[i - 1].stored >= keys[i].stored))
			fail("keys are not sorted and distinct");
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static LeadsRecord a;
	static LeadsRecord b;
	LeadsKey	ka[LEADS_KEYS_MAX];
	LeadsKey	kb[LEADS_KEYS_MAX];
	LeadsMatchScore score;
	const char *s = (const char *) data;
	const char *half = size > 0 ? memchr(s, '\0', size) : NULL;
	size_t		first = half ? (size_t) (half - s) : size;
	int			na;
	int			nb;
	bool		shared = false;

	fill(&a, s, first);
	fill(&b, half ? half + 1 : s, half ? size - first - 1 : size);
	na = keys_of(&a, ka);
	nb = keys_of(&b, kb);
	leads_match_score(&a, &b, &leads_match_default, &score);
	if (!isfinite(score.score) || score.nshares < 0 || score.nshares > LEADS_MATCH_FEATURES_MAX)
		fail("score out of bounds");
	for (int i = 0, j = 0; i < na && j < nb;)
	{
		if (ka[i].key == kb[j].key)
		{
			shared = true;
			break;
		}
		if (ka[i].key < kb[j].key)
			i++;
		else
			j++;
	}
	if (score.band != LEADS_BAND_NEW && !shared)
		fail("a match without a shared key");
	return 0;
}
