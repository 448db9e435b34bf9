/*-------------------------------------------------------------------------
 *
 * journey_union.c
 *		One journey of what happened to several leads that turned out to be one.
 *
 * Purpose: customers that are merged had the same inquiry twice; it counts once, with what happened to either.
 * Invariants: what was told is never taken back, so that the journey up to an instant is made of what happened up to
 * it; of one lead alone it is the lead's own, byte for byte.  While there are several, it goes where whoever moved
 * last went: a stage that another came to before counts when that one came; it is lost when the last of them is,
 * and was no lead if that one says so, won when one of them is.  From the merge on it is where the lead that stays is.
 * Called by: record/journey, read/funnel.
 *
 *-------------------------------------------------------------------------
 */
#include "journey_union.h"

void
leads_journey_union_begin(LeadsJourneyUnion *u, uint8_t flags)
{
	memset(u, 0, sizeof(*u));
	leads_journey_begin(&u->w, flags);
}

void
leads_journey_union_end(LeadsJourneyUnion *u)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->members[i].seen)
			leads_allocator.release(u->members[i].seen);
	if (u->members)
		leads_allocator.release(u->members);
	u->members = NULL;
	u->n = u->room = 0;
}

/* room for one more of them; the old place is let go */
static void *
grow(LeadsJourneyUnion *u, void *old, size_t n, size_t *room, size_t size)
{
	void	   *more;

	if (n < *room)
		return old;
	more = leads_allocator.alloc((*room ? *room * 2 : 8) * size);
	if (more == NULL)
	{
		u->w.failed = true;
		return NULL;
	}
	*room = *room ? *room * 2 : 8;
	if (old)
	{
		memcpy(more, old, n * size);
		leads_allocator.release(old);
	}
	return more;
}

static LeadsJourneyMember *
find(LeadsJourneyUnion *u, int64_t lead)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->members[i].lead == lead)
			return &u->members[i];
	return NULL;
}

static LeadsJourneyMember *
find_or_make(LeadsJourneyUnion *u, int64_t lead)
{
	LeadsJourneyMember *m = find(u, lead);
	void	   *more;

	if (m)
		return m;
	more = grow(u, u->members, u->n, &u->room, sizeof(LeadsJourneyMember));
	if (more == NULL)
		return NULL;
	u->members = more;
	m = &u->members[u->n++];
	memset(m, 0, sizeof(*m));
	m->lead = lead;
	return m;
}

static bool
saw(const LeadsJourneyMember *m, int64_t stage)
{
	for (size_t i = 0; i < m->nseen; i++)
		if (m->seen[i] == stage)
			return true;
	return false;
}

static void
see(LeadsJourneyUnion *u, LeadsJourneyMember *m, int64_t stage)
{
	void	   *more;

	if (saw(m, stage) || (more = grow(u, m->seen, m->nseen, &m->room, sizeof(int64_t))) == NULL)
		return;
	m->seen = more;
	m->seen[m->nseen++] = stage;
}

static bool
another(const LeadsJourneyUnion *u, const LeadsJourneyMember *m, LeadsJourneyState state)
{
	for (size_t i = 0; i < u->n; i++)
		if (&u->members[i] != m && u->members[i].state == state)
			return true;
	return false;
}

static bool
another_saw(const LeadsJourneyUnion *u, const LeadsJourneyMember *m, int64_t stage)
{
	for (size_t i = 0; i < u->n; i++)
		if (&u->members[i] != m && saw(&u->members[i], stage))
			return true;
	return false;
}

static void
tell(LeadsJourneyUnion *u, int64_t at, LeadsJourneyKind kind, int64_t stage, int64_t owner)
{
	if (leads_journey_add(&u->w, at, kind, stage, owner) == LEADS_JOURNEY_ADDED && kind != LEADS_JOURNEY_OWNER &&
		!leads_journey_loses(kind))
		u->stage = stage;
}

/* it came to a stage, and is open */
static void
move(LeadsJourneyUnion *u, LeadsJourneyMember *m, int64_t at, LeadsJourneyKind kind, int64_t stage, int64_t owner)
{
	/* who comes back from a loss while another goes on goes nowhere */
	bool		told_before = another_saw(u, m, stage) && (!saw(m, stage) || kind == LEADS_JOURNEY_REOPENED);

	if (u->w.state == LEADS_JOURNEY_IS_WON)
	{
		/* a win stands until whoever won it takes it back */
		if (another(u, m, LEADS_JOURNEY_IS_WON))
			return;
		tell(u, at, LEADS_JOURNEY_REVERSED, stage, owner);
	}
	else if (u->w.state == LEADS_JOURNEY_IS_LOST)
		tell(u, at, LEADS_JOURNEY_REOPENED, stage, owner);
	else if (!told_before && stage != u->stage)
		tell(u, at, kind == LEADS_JOURNEY_PIPELINE ? kind : LEADS_JOURNEY_MOVED, stage, owner);
}

void
leads_journey_union_add(LeadsJourneyUnion *u, int64_t lead, int64_t at, LeadsJourneyKind kind, int64_t stage, int64_t owner)
{
	LeadsJourneyMember *m;
	bool		alone;

	/* nothing of a lead counts before it began */
	if (kind != LEADS_JOURNEY_ENTERED && find(u, lead) == NULL)
		return;
	m = find_or_make(u, lead);
	if (m == NULL)
		return;
	alone = u->n == 1;
	if (alone)
		tell(u, at, kind, stage, owner);
	else if (kind == LEADS_JOURNEY_OWNER && m->state == LEADS_JOURNEY_OPEN)
		tell(u, at, kind, 0, owner);
	m->state = leads_journey_after(m->state, kind);
	m->owner = owner;
	if (kind == LEADS_JOURNEY_OWNER)
		return;
	if (leads_journey_loses(kind))
	{
		if (!alone && !another(u, m, LEADS_JOURNEY_OPEN) && u->w.state == LEADS_JOURNEY_OPEN)
			tell(u, at, kind, stage, owner);
		return;
	}
	if (!alone && kind == LEADS_JOURNEY_WON && u->w.state != LEADS_JOURNEY_IS_WON)
		tell(u, at, kind, stage, owner);
	else if (!alone && kind != LEADS_JOURNEY_WON)
		move(u, m, at, kind, stage, owner);
	m->stage = stage;
	see(u, m, stage);
}

void
leads_journey_union_join(LeadsJourneyUnion *u, int64_t lead, int64_t into, int64_t at)
{
	LeadsJourneyMember *gone = find(u, lead);
	LeadsJourneyMember *m = find(u, into);

	if (gone == NULL || m == NULL)
		return;
	/* where the other was it was, too: coming there is coming back */
	for (size_t i = 0; i < gone->nseen; i++)
		see(u, m, gone->seen[i]);
	gone->state = LEADS_JOURNEY_NONE;
	if (m->state != LEADS_JOURNEY_OPEN)
		return;
	if (u->w.state != LEADS_JOURNEY_OPEN)
		tell(u, at, LEADS_JOURNEY_REOPENED, m->stage, m->owner);
	else if (u->stage != m->stage)
		tell(u, at, LEADS_JOURNEY_MOVED, m->stage, m->owner);
	else
		tell(u, at, LEADS_JOURNEY_OWNER, 0, m->owner);
}
