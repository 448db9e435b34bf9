/*-------------------------------------------------------------------------
 *
 * journey.h
 *		The history of one lead, packed: read, written, changed.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_JOURNEY_H
#define LEADS_JOURNEY_H

#include <string.h>

#include "lib.h"

/*
 * The bytes, version 1.  All numbers are little-endian.
 *
 *	 0	version (1)
 *	 1	flags: bit 0 imported, bit 1 test data; the others are 0
 *	 2	check sum of all that follows, 2 bytes
 *	 4	era: bits 48-55 of the first instant, microseconds since 2000-01-01 UTC
 *		(859 to 3141), whose others stand in the first word
 *	 5	entries, each a word of 8 bytes:
 *		bits 0-3 kind, bit 4 an owner follows, bit 5 wide, 6-7 are 0, 8-15 stage,
 *		16-63 microseconds since the entry before (8.9 years)
 *		wide: stage (8 bytes) and time (8 bytes) follow, those of the word are 0,
 *		that of the first entry is the instant, and its era is 0
 *		owner: base 128, low digits first, high bit = more; 0 = nobody, in a pool
 *
 * An owner stands only where it changes, so that an entry takes 8 bytes, or 9 to
 * 11 with an owner.  The attempt is not stored: it is 1 and one more after each
 * reopening.  Nor is the amount: funnels count heads, an amount changes after the
 * win, numeric(20,4) does not fit into 8 bytes, and the few won events have it.
 * Whether a move went back is said by the order of the stages when it is read.
 */
#define LEADS_JOURNEY_VERSION 1
#define LEADS_JOURNEY_HEAD 5
#define LEADS_JOURNEY_IMPORTED 0x01
#define LEADS_JOURNEY_TEST 0x02
#define LEADS_JOURNEY_FLAGS (LEADS_JOURNEY_IMPORTED | LEADS_JOURNEY_TEST)

typedef enum LeadsJourneyKind
{
	LEADS_JOURNEY_ENTERED = 1,	/* always the first, and only that */
	LEADS_JOURNEY_MOVED,		/* to another open stage, forward or back */
	LEADS_JOURNEY_WON,
	LEADS_JOURNEY_LOST,
	LEADS_JOURNEY_REOPENED,		/* after a loss; stage: where it goes on */
	LEADS_JOURNEY_REVERSED,		/* the win was taken back; stage: where it goes on */
	LEADS_JOURNEY_OWNER,		/* another owner, or a pool; no stage */
	LEADS_JOURNEY_PIPELINE,		/* moved to a stage of another pipeline */
	LEADS_JOURNEY_INVALID		/* lost because it was no lead at all: spam, a wrong number */
} LeadsJourneyKind;

#define LEADS_JOURNEY_KINDS 9

/* the earliest instant of PostgreSQL's, and the latest of which the earliest can be taken away */
#define LEADS_JOURNEY_LAST INT64_C(9000000000000000000)
#define LEADS_JOURNEY_FIRST INT64_C(-211813488000000000)

/* reading: open, then next until it says false; then fault is NULL or says what is wrong */
typedef struct LeadsJourney
{
	const uint8_t *p;
	const uint8_t *first;		/* entry */
	const uint8_t *end;
	const char *fault;
	uint64_t	sum;
	uint16_t	sum_wanted;
	uint8_t		flags;

	/* the entry read last */
	int64_t		at;				/* before the first: see leads_journey_begun() */
	int64_t		stage;
	int64_t		owner;			/* owner from here on, 0 = nobody */
	LeadsJourneyKind kind;
} LeadsJourney;

static inline uint64_t
leads_journey_load(const uint8_t *p)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t	v;

	memcpy(&v, p, 8);
	return v;
#else
	uint64_t	v = 0;

	for (int i = 7; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
#endif
}

static inline uint64_t
leads_journey_mix(uint64_t sum, uint64_t v)
{
	return (sum << 7 | sum >> 57) ^ v;
}

static inline uint16_t
leads_journey_fold(uint64_t sum)
{
	/* one wrong bit is always seen; bytes that change places, or more, but for once in 65536 */
	return (uint16_t) (sum * UINT64_C(0x9E3779B97F4A7C15) >> 48);
}

/* the first instant without what stands in the first word */
static inline int64_t
leads_journey_era(const uint8_t *bytes)
{
	return (int64_t) ((uint64_t) (int64_t) (int8_t) bytes[4] << 48);
}

/* all of it read: NULL, or what is wrong with it */
extern const char *leads_journey_check(const void *bytes, size_t len);

extern bool leads_journey_wrong(LeadsJourney *j, const char *why);
extern bool leads_journey_far(LeadsJourney *j);
extern bool leads_journey_wide(LeadsJourney *j, uint64_t word);
extern bool leads_journey_owner(LeadsJourney *j);

/* false if the head is wrong: then fault says why */
static inline bool
leads_journey_open(LeadsJourney *j, const void *bytes, size_t len)
{
	const uint8_t *b = bytes;

	j->fault = NULL;
	j->owner = 0;
	j->stage = 0;
	j->p = b;
	j->end = b + len;
	if (len < LEADS_JOURNEY_HEAD + 8)
		return leads_journey_wrong(j, "it is too short");
	if (b[0] != LEADS_JOURNEY_VERSION)
		return leads_journey_wrong(j, "its version is unknown");
	if ((b[1] & ~LEADS_JOURNEY_FLAGS) != 0)
		return leads_journey_wrong(j, "its flags are unknown");
	j->flags = b[1];
	j->sum_wanted = (uint16_t) (b[2] | b[3] << 8);
	j->at = leads_journey_era(b);
	j->sum = b[4];
	if ((b[LEADS_JOURNEY_HEAD] & 15) != LEADS_JOURNEY_ENTERED)
		return leads_journey_wrong(j, "it does not begin with an entry");
	j->p = j->first = b + LEADS_JOURNEY_HEAD;
	return (b[LEADS_JOURNEY_HEAD] & 0x20) == 0 || leads_journey_far(j);
}

/* of one that was opened, and of which no entry was read yet */
static inline int64_t
leads_journey_begun(const LeadsJourney *j)
{
	uint64_t	word = leads_journey_load(j->p);

	if ((word & 0x20) == 0)
		return j->at + (int64_t) (word >> 16);
	return (int64_t) leads_journey_load(j->p + 16);
}

/* the next entry; false at the end or at a fault */
static inline bool
leads_journey_next(LeadsJourney *j)
{
	uint64_t	word;
	uint64_t	at;

	if (j->end - j->p < 8)
	{
		if (j->p != j->end)
			return leads_journey_wrong(j, "it ends inside an entry");
		if (leads_journey_fold(j->sum) != j->sum_wanted)
			return leads_journey_wrong(j, "its check sum is wrong");
		return false;
	}
	word = leads_journey_load(j->p);
	j->p += 8;
	j->sum = leads_journey_mix(j->sum, word);
	j->kind = (LeadsJourneyKind) (word & 15);
	if (j->kind == 0 || (int) j->kind > LEADS_JOURNEY_KINDS || (word & 0xC0) != 0)
		return leads_journey_wrong(j, "an entry is of an unknown kind");
	if (word & 0x20)
	{
		if (!leads_journey_wide(j, word))
			return false;
	}
	else
	{
		j->stage = (int64_t) (word >> 8 & 0xFF);
		at = (uint64_t) j->at + (word >> 16);
		if (at > (uint64_t) LEADS_JOURNEY_LAST && j->at >= 0)
			return leads_journey_wrong(j, "an instant is out of range");
		j->at = (int64_t) at;
	}
	return (word & 0x10) ? leads_journey_owner(j) : true;
}

/* state of a lead after an entry */
typedef enum LeadsJourneyState
{
	LEADS_JOURNEY_NONE, LEADS_JOURNEY_OPEN, LEADS_JOURNEY_IS_WON, LEADS_JOURNEY_IS_LOST
} LeadsJourneyState;

static inline bool
leads_journey_loses(LeadsJourneyKind kind)
{
	return kind == LEADS_JOURNEY_LOST || kind == LEADS_JOURNEY_INVALID;
}

static inline LeadsJourneyState
leads_journey_after(LeadsJourneyState before, LeadsJourneyKind kind)
{
	switch (kind)
	{
		case LEADS_JOURNEY_WON:
			return LEADS_JOURNEY_IS_WON;
		case LEADS_JOURNEY_LOST:
		case LEADS_JOURNEY_INVALID:
			return LEADS_JOURNEY_IS_LOST;
		case LEADS_JOURNEY_OWNER:
			return before;
		default:
			return LEADS_JOURNEY_OPEN;
	}
}

/*
 * Writing.  Memory comes from leads_allocator; bytes and len are the journey,
 * empty until something was entered.
 */
typedef struct LeadsJourneyWriter
{
	uint8_t    *bytes;
	size_t		len;
	size_t		room;
	int64_t		at;				/* of the last entry */
	int64_t		owner;
	uint64_t	sum;
	LeadsJourneyState state;
	bool		failed;			/* no memory (outside the server) */
} LeadsJourneyWriter;

typedef enum LeadsJourneyAdded
{
	LEADS_JOURNEY_ADDED,
	LEADS_JOURNEY_NO_NEWS,		/* nothing entered yet, or the owner is the same, or the lead is closed */
	LEADS_JOURNEY_TOO_EARLY,	/* before the last entry */
	LEADS_JOURNEY_NOT_ADDED		/* instant out of range, stage or owner negative */
} LeadsJourneyAdded;

extern void leads_journey_begin(LeadsJourneyWriter *w, uint8_t flags);
/* go on with a journey; NULL, or what is wrong with it */
extern const char *leads_journey_resume(LeadsJourneyWriter *w, const void *bytes, size_t len);
/*
 * What happened.  A second ENTERED counts as MOVED; REOPENED and REVERSED are told apart by the state before;
 * before the first ENTERED nothing is taken, and OWNER only while the lead is open and if it is news.
 */
extern LeadsJourneyAdded leads_journey_add(LeadsJourneyWriter *w, int64_t at, LeadsJourneyKind kind, int64_t stage,
										   int64_t owner);
/*
 * The same at its place in time, after what happened at the same instant; *w goes on from bytes.  NULL, or what
 * is wrong with the journey.
 */
extern const char *leads_journey_put(LeadsJourneyWriter *w, const void *bytes, size_t len, int64_t at,
									 LeadsJourneyKind kind, int64_t stage, int64_t owner, LeadsJourneyAdded *added);
extern void leads_journey_free(LeadsJourneyWriter *w);

/* kind of an event row: entered, advanced, won, lost, invalid, reopened, handed, moved; 0 = none of a journey */
extern LeadsJourneyKind leads_journey_kind(const char *name);

#endif							/* LEADS_JOURNEY_H */
