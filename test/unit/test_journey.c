/*-------------------------------------------------------------------------
 *
 * test_journey.c
 *		A journey is read as it was written, however it was written; damaged
 *		bytes are refused.
 *
 *-------------------------------------------------------------------------
 */
#include "journey.h"
#include "tap.h"

#define MANY 40

typedef struct Entry
{
	int64_t		at;
	LeadsJourneyKind kind;
	int64_t		stage;
	int64_t		owner;
} Entry;

static LeadsJourneyAdded
add(LeadsJourneyWriter *w, Entry e)
{
	return leads_journey_add(w, e.at, e.kind, e.stage, e.owner);
}

static int
read_all(const uint8_t *bytes, size_t len, Entry *out, int most, const char **fault)
{
	LeadsJourney j;
	int			n = 0;

	if (leads_journey_open(&j, bytes, len))
		while (leads_journey_next(&j))
			if (n < most)
				out[n++] = (Entry) {j.at, j.kind, j.stage, j.owner};
	*fault = j.fault;
	return n;
}

static void
by_hand(void)
{
	LeadsJourneyWriter w;
	Entry		got[MANY];
	const char *fault;
	int			n;
	int64_t		day = INT64_C(86400000000);

	leads_journey_begin(&w, LEADS_JOURNEY_IMPORTED);
	is_int(add(&w, (Entry) {day, LEADS_JOURNEY_MOVED, 2, 1}), LEADS_JOURNEY_NO_NEWS, "nothing before it was entered");
	is_int(add(&w, (Entry) {day, LEADS_JOURNEY_ENTERED, 1, 7}), LEADS_JOURNEY_ADDED, "entered");
	is_int((long long) w.len, LEADS_JOURNEY_HEAD + 9, "9 bytes with an owner");
	is_int(add(&w, (Entry) {2 * day, LEADS_JOURNEY_MOVED, 2, 7}), LEADS_JOURNEY_ADDED, "moved");
	is_int((long long) w.len, LEADS_JOURNEY_HEAD + 17, "8 bytes without");
	is_int(add(&w, (Entry) {2 * day, LEADS_JOURNEY_OWNER, 9, 7}), LEADS_JOURNEY_NO_NEWS, "the same owner is no news");
	is_int(add(&w, (Entry) {2 * day, LEADS_JOURNEY_OWNER, 9, 0}), LEADS_JOURNEY_ADDED, "into a pool");
	is_int(add(&w, (Entry) {3 * day - 1, LEADS_JOURNEY_OWNER, 0, 300}), LEADS_JOURNEY_ADDED, "claimed");
	is_int(add(&w, (Entry) {day, LEADS_JOURNEY_MOVED, 3, 300}), LEADS_JOURNEY_TOO_EARLY, "too early");
	is_int(add(&w, (Entry) {3 * day, LEADS_JOURNEY_WON, 6, 300}), LEADS_JOURNEY_ADDED, "won");
	is_int(add(&w, (Entry) {3 * day, LEADS_JOURNEY_OWNER, 0, 1}), LEADS_JOURNEY_NO_NEWS, "a closed lead changes no owner");
	is_int(add(&w, (Entry) {4 * day, LEADS_JOURNEY_REOPENED, 2, 300}), LEADS_JOURNEY_ADDED, "taken back");
	is_int(add(&w, (Entry) {4 * day, LEADS_JOURNEY_LOST, 7, 300}), LEADS_JOURNEY_ADDED, "lost");
	is_int(add(&w, (Entry) {5 * day, LEADS_JOURNEY_REVERSED, 1, 300}), LEADS_JOURNEY_ADDED, "reopened");
	is_int(add(&w, (Entry) {5 * day, LEADS_JOURNEY_ENTERED, 70000, INT64_MAX}), LEADS_JOURNEY_ADDED, "a wide stage, a long owner");
	is_int(add(&w, (Entry) {LEADS_JOURNEY_LAST, LEADS_JOURNEY_MOVED, 255, INT64_MAX}), LEADS_JOURNEY_ADDED, "after 285,000 years");
	is_int(add(&w, (Entry) {LEADS_JOURNEY_LAST, LEADS_JOURNEY_MOVED, -1, 1}), LEADS_JOURNEY_NOT_ADDED, "no negative stage");
	n = read_all(w.bytes, w.len, got, MANY, &fault);
	ok(fault == NULL, "read without a fault");
	is_int(n, 10, "entries");
	is_int(got[4].kind, LEADS_JOURNEY_WON, "the fifth is the win");
	is_int(got[3].owner, 300, "whose owner came just before");
	is_int(got[5].kind, LEADS_JOURNEY_REVERSED, "a win is taken back");
	is_int(got[7].kind, LEADS_JOURNEY_REOPENED, "a loss is reopened");
	is_int(got[8].stage, 70000, "the wide stage");
	is_int(got[8].kind, LEADS_JOURNEY_MOVED, "entered again is moved");
	ok(got[9].at == LEADS_JOURNEY_LAST && got[9].owner == INT64_MAX, "the last entry");
	is_int(w.bytes[1], LEADS_JOURNEY_IMPORTED, "imported");
	leads_journey_free(&w);
	is_int(leads_journey_kind("advanced"), LEADS_JOURNEY_MOVED, "kind of an event");
	is_int(leads_journey_kind("followed"), 0, "no kind of a journey");
}

/* a far beginning with a right check sum */
static const char *
forged(uint8_t era, int64_t at)
{
	uint8_t		b[LEADS_JOURNEY_HEAD + 24] = {LEADS_JOURNEY_VERSION, 0, 0, 0, era, LEADS_JOURNEY_ENTERED | 0x20};
	uint64_t	sum = leads_journey_mix(leads_journey_mix(leads_journey_mix(era, b[5]), 3), (uint64_t) at);
	uint16_t	folded = leads_journey_fold(sum);

	b[2] = (uint8_t) folded;
	b[3] = (uint8_t) (folded >> 8);
	b[LEADS_JOURNEY_HEAD + 8] = 3;
	for (int i = 0; i < 8; i++)
		b[LEADS_JOURNEY_HEAD + 16 + i] = (uint8_t) ((uint64_t) at >> 8 * i);
	return leads_journey_check(b, sizeof(b));
}

/* the first instant stands in two places, or, far off, whole */
static void
eras(void)
{
	static const struct
	{
		int64_t		at;
		int64_t		stage;
		int			bytes;
	}			first[] = {
		{0, 3, 8}, {-1, 3, 8}, {1, 3, 8}, {INT64_C(1) << 48, 3, 8}, {(INT64_C(1) << 48) - 1, 255, 8}, {-(INT64_C(1) << 48) - 1, 3, 8},
		{INT64_C(845000000000000), 0, 8}, {(INT64_C(1) << 55) - 1, 3, 8}, {-(INT64_C(1) << 55), 3, 8}, {INT64_C(1) << 55, 3, 24},
		{-(INT64_C(1) << 55) - 1, 3, 24}, {LEADS_JOURNEY_FIRST, 3, 24}, {LEADS_JOURNEY_LAST, 3, 24}, {INT64_C(845000000000000), 256, 24}
	};
	int			wrong = 0;
	int			unseen = 0;

	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
	{
		LeadsJourneyWriter w;
		LeadsJourneyWriter again;
		LeadsJourney j = {0};
		Entry		got[2];
		const char *fault;

		leads_journey_begin(&w, 0);
		wrong += add(&w, (Entry) {first[i].at, LEADS_JOURNEY_ENTERED, first[i].stage, 0}) != LEADS_JOURNEY_ADDED;
		wrong += w.len != LEADS_JOURNEY_HEAD + (size_t) first[i].bytes;
		wrong += !leads_journey_open(&j, w.bytes, w.len) || leads_journey_begun(&j) != first[i].at;
		wrong += leads_journey_resume(&again, w.bytes, w.len) != NULL || again.at != first[i].at || again.sum != w.sum;
		leads_journey_free(&again);
		if (first[i].at < LEADS_JOURNEY_LAST)
			wrong += add(&w, (Entry) {first[i].at + 1, LEADS_JOURNEY_WON, 6, 0}) != LEADS_JOURNEY_ADDED;
		wrong += read_all(w.bytes, w.len, got, 2, &fault) != (first[i].at < LEADS_JOURNEY_LAST ? 2 : 1) || fault != NULL;
		wrong += got[0].at != first[i].at || got[0].stage != first[i].stage;
		/* another era, or another instant of a far one, is seen */
		for (int bit = 0; bit < 8; bit++)
		{
			w.bytes[4] ^= (uint8_t) (1 << bit);
			unseen += leads_journey_check(w.bytes, w.len) == NULL;
			w.bytes[4] ^= (uint8_t) (1 << bit);
		}
		for (int b = 0; b < (first[i].bytes == 24 ? 64 : 0); b++)
		{
			w.bytes[LEADS_JOURNEY_HEAD + 16 + b / 8] ^= (uint8_t) (1 << b % 8);
			unseen += leads_journey_check(w.bytes, w.len) == NULL;
			w.bytes[LEADS_JOURNEY_HEAD + 16 + b / 8] ^= (uint8_t) (1 << b % 8);
		}
		if (first[i].bytes == 24)
			unseen += leads_journey_open(&j, w.bytes, LEADS_JOURNEY_HEAD + 23);
		leads_journey_free(&w);
	}
	is_int(wrong, 0, "first instants from 4714 BC to 294276: read as written, in few bytes from 859 to 3141");
	is_int(unseen, 0, "a wrong era is no journey");
	ok(forged(0, LEADS_JOURNEY_LAST) == NULL && forged(0, LEADS_JOURNEY_FIRST) == NULL, "the first and the last instant");
	ok(forged(0, LEADS_JOURNEY_LAST + 1) && forged(0, LEADS_JOURNEY_FIRST - 1), "none before and after");
	ok(forged(1, LEADS_JOURNEY_FIRST) != NULL, "what is far has no era");
}

static Entry
random_entry(int64_t *at, int n)
{
	static const LeadsJourneyKind kinds[] = {
		LEADS_JOURNEY_MOVED, LEADS_JOURNEY_MOVED, LEADS_JOURNEY_WON, LEADS_JOURNEY_LOST, LEADS_JOURNEY_REOPENED,
		LEADS_JOURNEY_OWNER, LEADS_JOURNEY_PIPELINE
	};
	Entry		e;

	if (tap_random() % 5 > 0)
		*at += (int64_t) (tap_random() >> (16 + tap_random() % 40));
	e.at = *at;
	e.kind = n == 0 ? LEADS_JOURNEY_ENTERED : kinds[tap_random() % 7];
	e.stage = tap_random() % 20 ? (int64_t) (tap_random() % 9 + 1) : (int64_t) (tap_random() >> 1);
	e.owner = tap_random() % 10 ? (int64_t) (tap_random() % 500) : (int64_t) (tap_random() >> 1);
	return e;
}

/* one by one, resumed at each entry, and with one entry that comes late: the same bytes */
static void
however_written(void)
{
	int			differ = 0;
	int			late = 0;
	int			unread = 0;
	long		entries = 0;
	long		bytes = 0;

	for (int round = 0; round < 20000; round++)
	{
		Entry		e[MANY];
		Entry		got[MANY];
		int64_t		at = (int64_t) (tap_random() % 1000000000000000);
		int			n = 1 + (int) (tap_random() % 12);
		LeadsJourneyWriter once;
		LeadsJourneyWriter again;
		const char *fault;
		int			m;

		leads_journey_begin(&once, 0);
		for (int i = 0; i < n; i++)
		{
			e[i] = random_entry(&at, i);
			(void) add(&once, e[i]);
		}
		m = read_all(once.bytes, once.len, got, MANY, &fault);
		unread += fault != NULL;
		entries += m;
		bytes += (long) once.len;
		leads_journey_begin(&again, 0);
		for (int i = 0; i < n; i++)
		{
			LeadsJourneyWriter next;

			if (again.len < LEADS_JOURNEY_HEAD + 8)
			{
				(void) add(&again, e[i]);
				continue;
			}
			if (leads_journey_resume(&next, again.bytes, again.len) != NULL)
				differ++;
			(void) add(&next, e[i]);
			leads_journey_free(&again);
			again = next;
		}
		differ += once.len != again.len || memcmp(once.bytes, again.bytes, once.len) != 0;
		leads_journey_free(&again);
		/* what was read, less one stage move that is put in later */
		if (m > 2)
		{
			int			out = 1 + (int) (tap_random() % (unsigned) (m - 1));
			LeadsJourneyWriter less;
			LeadsJourneyWriter whole;
			LeadsJourneyWriter put;
			LeadsJourneyAdded added;

			leads_journey_begin(&less, 0);
			leads_journey_begin(&whole, 0);
			for (int i = 0; i < m; i++)
			{
				/* open all along, so that the state does not depend on the missing one */
				got[i].kind = i == 0 ? LEADS_JOURNEY_ENTERED : LEADS_JOURNEY_MOVED;
				if (i > 0 && i < m && got[i].at == got[i - 1].at)
					got[i].at = ++got[i - 1].at;
			}
			for (int i = 1; i < m; i++)
				if (got[i].at <= got[i - 1].at)
					got[i].at = got[i - 1].at + 1;
			for (int i = 0; i < m; i++)
			{
				(void) add(&whole, got[i]);
				if (i != out)
					(void) add(&less, got[i]);
			}
			fault = leads_journey_put(&put, less.bytes, less.len, got[out].at, got[out].kind, got[out].stage,
									  got[out].owner, &added);
			late += fault != NULL || added != LEADS_JOURNEY_ADDED || put.len != whole.len ||
				memcmp(put.bytes, whole.bytes, put.len) != 0;
			leads_journey_free(&less);
			leads_journey_free(&whole);
			leads_journey_free(&put);
		}
		leads_journey_free(&once);
	}
	is_int(unread, 0, "20000 journeys are read without a fault");
	is_int(differ, 0, "resumed at each entry they are the same bytes");
	is_int(late, 0, "an entry that comes late takes its place");
	diag("%.1f bytes an entry, with wild stages and owners", (double) bytes / (double) entries);
}

static void
damaged(void)
{
	int			missed_cut = 0;
	int			missed_flip = 0;

	for (int round = 0; round < 2000; round++)
	{
		LeadsJourneyWriter w;
		Entry		got[MANY];
		int64_t		at = (int64_t) (tap_random() % 1000000000000000);
		int			n = 1 + (int) (tap_random() % 8);
		const char *fault;
		uint8_t    *copy;

		leads_journey_begin(&w, 0);
		for (int i = 0; i < n; i++)
			(void) add(&w, random_entry(&at, i));
		/* copies of the exact size, so that ASAN sees a byte too far */
		for (size_t cut = 0; cut < w.len; cut++)
		{
			copy = malloc(cut ? cut : 1);
			memcpy(copy, w.bytes, cut);
			(void) read_all(copy, cut, got, MANY, &fault);
			missed_cut += fault == NULL;
			free(copy);
		}
		for (int i = 0; i < 50; i++)
		{
			size_t		where = LEADS_JOURNEY_HEAD + tap_random() % (w.len - LEADS_JOURNEY_HEAD);

			copy = malloc(w.len);
			memcpy(copy, w.bytes, w.len);
			copy[where] ^= (uint8_t) (1 << (tap_random() % 8));
			(void) read_all(copy, w.len, got, MANY, &fault);
			missed_flip += fault == NULL;
			free(copy);
		}
		copy = malloc(w.len);
		for (int i = 0; i < 20; i++)
		{
			LeadsJourneyWriter x;

			memcpy(copy, w.bytes, w.len);
			for (int k = 0; k < 4; k++)
				copy[tap_random() % w.len] = (uint8_t) tap_random();
			if (leads_journey_resume(&x, copy, w.len) == NULL)
				leads_journey_free(&x);
		}
		free(copy);
		leads_journey_free(&w);
	}
	/* 2 bytes of check sum: one in 65,536 may slip through */
	ok(missed_cut <= 3, "what is cut short is refused (%d missed)", missed_cut);
	ok(missed_flip <= 8, "a flipped bit is refused (%d of 100000 missed)", missed_flip);
}

int
main(void)
{
	by_hand();
	eras();
	however_written();
	damaged();
	return done();
}
