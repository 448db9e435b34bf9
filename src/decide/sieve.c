/*
 * sieve.c - which pairs of a whole table are worth the judge's time.
 *
 * Purpose: of the pairs in a table of 500,000 names that share a key, nine in ten differ in more than the judge
 * forgives; a few bits a record tell which, a hundred times faster than the judge.
 * Invariants: it errs on the side of passing; only pairs of one Chinese company name each are ever held
 * back. Sounds, not characters, are compared, with n = l, z = zh and so on, so that a homophone costs nothing; a
 * typing error costs one sound on either side.
 * Called by: act/scan_join.
 */
#include "decide/sieve.h"

#include "lib/company_parse.h"
#include "lib/pinyin.h"

#define LONG_CORE 5				/* sounds: such a core may differ by two */

/* 0 to 63 */
static int
sound_bit_no(uint32_t c, uint16_t syllable)
{
	uint32_t	x = leads_pinyin_fuzzy(syllable);

	if (x == 0)
		x = c;
	return (int) ((x * 0x9E3779B1u) >> 26);
}

static uint64_t
sound_bit(uint32_t c, uint16_t syllable)
{
	return UINT64_C(1) << sound_bit_no(c, syllable);
}

static uint32_t
hotline_bits(const char *number)
{
	uint32_t	h = 0;

	for (; *number; number++)
		h = (h + (uint32_t) *number) * 0x9E3779B1u;
	return (UINT32_C(1) << (h >> 27)) | (UINT32_C(1) << (h >> 22 & 31));
}

void
leads_sieve_make(const LeadsRecord *r, LeadsSieve *out)
{
	const LeadsName *n = &r->name[0];

	out->core = out->whole = 0;
	out->province = -1;
	out->contact = 0;
	for (int i = 0; i < r->ncontact; i++)
		out->contact |= UINT32_C(1) << (sound_bit_no(r->contact[i], leads_pinyin(r->contact[i])) & 31);
	for (int i = 0; i < r->nphones; i++)
		if (r->phone[i].weak)
			out->contact |= hotline_bits(r->phone[i].norm);
	if (r->person || r->nnames != 1 || n->kind != LEADS_NAME_CJK)
		return;
	out->province = (int16_t) leads_region_province(n->region);
	for (int i = 0; i < n->nstem; i++)
	{
		uint64_t	bit = sound_bit(n->stem[i], n->syl[i]);

		out->whole |= bit;
		if (i < n->ncore)
			out->core |= bit;
	}
	for (int i = 0; i < n->nbcore; i++)
		out->whole |= sound_bit(n->bcore[i], leads_pinyin(n->bcore[i]));
}

/* sounds of the one that the other lacks, whichever are fewer */
static int
missing(const LeadsSieve *a, const LeadsSieve *b)
{
	int			x = __builtin_popcountll(a->whole & ~b->whole);
	int			y = __builtin_popcountll(b->whole & ~a->whole);

	return x < y ? x : y;
}

bool
leads_sieve_pass(const LeadsSieve *a, const LeadsSieve *b)
{
	int			lacks;
	int			forgiven = 1;

	if (a->core == 0 || b->core == 0)
		return true;
	lacks = missing(a, b);
	if (lacks == 0)
		return true;
	/* the same person, or perhaps so, lifts what the names alone would not */
	if (__builtin_popcount(a->contact & b->contact) >= 2)
		forgiven = 2;
	else if (a->province >= 0 && b->province >= 0 && a->province != b->province)
		return false;
	if (__builtin_popcountll(a->core) >= LONG_CORE && __builtin_popcountll(b->core) >= LONG_CORE)
		forgiven = 2;
	return lacks <= forgiven;
}
