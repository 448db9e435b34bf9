/*-------------------------------------------------------------------------
 *
 * journey.c
 *		The history of one lead, packed: what the header does not inline.
 *
 * Purpose: a funnel over all leads reads a narrow table once; everything that
 * it needs of a lead is in some 40 bytes.
 * Invariants: whatever bytes come in, nothing outside of them is read and a
 * fault is reported, never guessed over; the same entries give the same bytes,
 * however they were added; a journey written here is read without a fault.
 * Called by: record/journey, read/journey, read/funnel.
 *
 *-------------------------------------------------------------------------
 */
#include "journey.h"

#define OWNER_BIT 0x10
#define WIDE_BIT 0x20
#define DELTA_MAX ((UINT64_C(1) << 48) - 1)
#define ERA_LAST ((INT64_C(1) << 55) - 1)
#define ENTRY_MOST (24 + 10)

bool
leads_journey_wrong(LeadsJourney *j, const char *why)
{
	j->fault = why;
	j->p = j->end;
	return false;
}

/* the first entry is wide, because its stage is, or its instant: that one stands in it whole */
bool
leads_journey_far(LeadsJourney *j)
{
	int64_t		at;

	if (j->end - j->p < 24)
		return leads_journey_wrong(j, "it ends inside an entry");
	at = (int64_t) leads_journey_load(j->p + 16);
	if (j->at != 0 || at < LEADS_JOURNEY_FIRST || at > LEADS_JOURNEY_LAST)
		return leads_journey_wrong(j, "its first instant is out of range");
	return true;
}

bool
leads_journey_wide(LeadsJourney *j, uint64_t word)
{
	uint64_t	stage;
	uint64_t	delta;

	if (j->end - j->p < 16)
		return leads_journey_wrong(j, "it ends inside an entry");
	if ((word >> 8) != 0)
		return leads_journey_wrong(j, "an entry is of an unknown kind");
	stage = leads_journey_load(j->p);
	delta = leads_journey_load(j->p + 8);
	j->p += 16;
	j->sum = leads_journey_mix(leads_journey_mix(j->sum, stage), delta);
	if (stage > INT64_MAX)
		return leads_journey_wrong(j, "a stage is out of range");
	j->stage = (int64_t) stage;
	if (j->p == j->first + 24)
	{
		/* looked at when it was opened */
		j->at = (int64_t) delta;
		return true;
	}
	/* LAST - at fits: at is not below FIRST */
	if (delta > (uint64_t) LEADS_JOURNEY_LAST - (uint64_t) j->at)
		return leads_journey_wrong(j, "an instant is out of range");
	j->at = (int64_t) ((uint64_t) j->at + delta);
	return true;
}

bool
leads_journey_owner(LeadsJourney *j)
{
	uint64_t	owner = 0;

	for (int shift = 0;; shift += 7)
	{
		uint8_t		digit;

		if (j->p == j->end)
			return leads_journey_wrong(j, "it ends inside an entry");
		digit = *j->p++;
		if (shift == 63 && digit > 0)
			return leads_journey_wrong(j, "an owner is out of range");
		owner |= (uint64_t) (digit & 0x7F) << shift;
		if ((digit & 0x80) == 0)
			break;
	}
	j->sum = leads_journey_mix(j->sum, owner);
	j->owner = (int64_t) owner;
	return true;
}

const char *
leads_journey_check(const void *bytes, size_t len)
{
	LeadsJourney j;

	if (leads_journey_open(&j, bytes, len))
		while (leads_journey_next(&j))
			;
	return j.fault;
}

/* ---------------------------------------------------------------- writing */

static void
store(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t) (v >> (8 * i));
}

static bool
reserve(LeadsJourneyWriter *w, size_t more)
{
	size_t		room = w->room ? w->room : 128;
	uint8_t    *bytes;

	if (w->len + more <= w->room)
		return true;
	while (room < w->len + more)
		room *= 2;
	bytes = leads_allocator.alloc(room);
	if (bytes == NULL)
	{
		w->failed = true;
		return false;
	}
	if (w->bytes)
	{
		memcpy(bytes, w->bytes, w->len);
		leads_allocator.release(w->bytes);
	}
	w->bytes = bytes;
	w->room = room;
	return true;
}

void
leads_journey_begin(LeadsJourneyWriter *w, uint8_t flags)
{
	memset(w, 0, sizeof(*w));
	w->state = LEADS_JOURNEY_NONE;
	if (!reserve(w, LEADS_JOURNEY_HEAD))
		return;
	memset(w->bytes, 0, LEADS_JOURNEY_HEAD);
	w->bytes[0] = LEADS_JOURNEY_VERSION;
	w->bytes[1] = flags & LEADS_JOURNEY_FLAGS;
}

void
leads_journey_free(LeadsJourneyWriter *w)
{
	if (w->bytes)
		leads_allocator.release(w->bytes);
	memset(w, 0, sizeof(*w));
}

const char *
leads_journey_resume(LeadsJourneyWriter *w, const void *bytes, size_t len)
{
	LeadsJourney j;
	LeadsJourneyState state = LEADS_JOURNEY_NONE;

	memset(w, 0, sizeof(*w));
	if (!leads_journey_open(&j, bytes, len))
		return j.fault;
	while (leads_journey_next(&j))
		state = leads_journey_after(state, j.kind);
	if (j.fault)
		return j.fault;
	if (!reserve(w, len + ENTRY_MOST))
		return "there is no memory for it";
	memcpy(w->bytes, bytes, len);
	w->len = len;
	w->at = j.at;
	w->owner = j.owner;
	w->sum = j.sum;
	w->state = state;
	return NULL;
}

static void
put_owner(LeadsJourneyWriter *w, uint64_t owner)
{
	w->sum = leads_journey_mix(w->sum, owner);
	do
	{
		w->bytes[w->len++] = (uint8_t) ((owner & 0x7F) | (owner > 0x7F ? 0x80 : 0));
		owner >>= 7;
	} while (owner > 0);
}

LeadsJourneyAdded
leads_journey_add(LeadsJourneyWriter *w, int64_t at, LeadsJourneyKind kind, int64_t stage, int64_t owner)
{
	bool		first = w->state == LEADS_JOURNEY_NONE;
	uint64_t	delta;
	uint64_t	word;
	uint16_t	sum;
	bool		wide;

	if (first && kind != LEADS_JOURNEY_ENTERED)
		return LEADS_JOURNEY_NO_NEWS;
	if (kind == LEADS_JOURNEY_OWNER && (w->state != LEADS_JOURNEY_OPEN || owner == w->owner))
		return LEADS_JOURNEY_NO_NEWS;
	if (at < LEADS_JOURNEY_FIRST || at > LEADS_JOURNEY_LAST || stage < 0 || owner < 0)
		return LEADS_JOURNEY_NOT_ADDED;
	if (!first && at < w->at)
		return LEADS_JOURNEY_TOO_EARLY;
	if (kind == LEADS_JOURNEY_ENTERED && !first)
		kind = LEADS_JOURNEY_MOVED;
	if (kind == LEADS_JOURNEY_REOPENED || kind == LEADS_JOURNEY_REVERSED)
		kind = w->state == LEADS_JOURNEY_IS_WON ? LEADS_JOURNEY_REVERSED : LEADS_JOURNEY_REOPENED;
	if (kind == LEADS_JOURNEY_OWNER)
		stage = 0;
	if (first && !w->bytes)
		leads_journey_begin(w, 0);
	if (first)
		w->len = LEADS_JOURNEY_HEAD;
	if (w->failed || !reserve(w, ENTRY_MOST))
		return LEADS_JOURNEY_NOT_ADDED;
	delta = (uint64_t) at - (uint64_t) w->at;
	word = (uint64_t) kind | (owner != w->owner ? OWNER_BIT : 0);
	wide = stage > 0xFF || (first ? at < -ERA_LAST - 1 || at > ERA_LAST : delta > DELTA_MAX);
	if (first)
	{
		delta = wide ? (uint64_t) at : (uint64_t) at & DELTA_MAX;
		w->bytes[4] = wide ? 0 : (uint8_t) ((uint64_t) at >> 48);
		w->sum = w->bytes[4];
	}
	if (wide)
	{
		word |= WIDE_BIT;
		store(w->bytes + w->len, word);
		store(w->bytes + w->len + 8, (uint64_t) stage);
		store(w->bytes + w->len + 16, delta);
		w->len += 24;
		w->sum = leads_journey_mix(leads_journey_mix(leads_journey_mix(w->sum, word), (uint64_t) stage), delta);
	}
	else
	{
		word |= (uint64_t) stage << 8 | delta << 16;
		store(w->bytes + w->len, word);
		w->len += 8;
		w->sum = leads_journey_mix(w->sum, word);
	}
	if (owner != w->owner)
		put_owner(w, (uint64_t) owner);
	w->at = at;
	w->owner = owner;
	w->state = leads_journey_after(w->state, kind);
	sum = leads_journey_fold(w->sum);
	w->bytes[2] = (uint8_t) sum;
	w->bytes[3] = (uint8_t) (sum >> 8);
	return LEADS_JOURNEY_ADDED;
}

const char *
leads_journey_put(LeadsJourneyWriter *w, const void *bytes, size_t len, int64_t at, LeadsJourneyKind kind,
				  int64_t stage, int64_t owner, LeadsJourneyAdded *added)
{
	const char *fault = leads_journey_resume(w, bytes, len);
	LeadsJourney j;
	bool		there = false;

	if (fault)
		return fault;
	*added = leads_journey_add(w, at, kind, stage, owner);
	if (*added != LEADS_JOURNEY_TOO_EARLY)
		return NULL;
	/* it came late: told again from the beginning */
	(void) leads_journey_open(&j, bytes, len);
	leads_journey_free(w);
	leads_journey_begin(w, j.flags);
	while (leads_journey_next(&j))
	{
		if (!there && j.at > at)
		{
			*added = leads_journey_add(w, at, kind, stage, owner);
			there = true;
		}
		(void) leads_journey_add(w, j.at, j.kind, j.stage, j.owner);
	}
	return NULL;
}

LeadsJourneyKind
leads_journey_kind(const char *name)
{
	static const struct
	{
		const char *name;
		LeadsJourneyKind kind;
	}			kinds[] = {
		{"entered", LEADS_JOURNEY_ENTERED}, {"advanced", LEADS_JOURNEY_MOVED}, {"won", LEADS_JOURNEY_WON},
		{"lost", LEADS_JOURNEY_LOST}, {"reopened", LEADS_JOURNEY_REOPENED}, {"handed", LEADS_JOURNEY_OWNER},
		{"moved", LEADS_JOURNEY_PIPELINE}, {"invalid", LEADS_JOURNEY_INVALID}
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return kinds[i].kind;
	return (LeadsJourneyKind) 0;
}
