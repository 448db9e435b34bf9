/*
 * funnel_count.c - one lead counted in its segment.
 *
 * Purpose: the counting of leads.funnel() and funnel_leads(), row by row of lead_journey: in which segment a lead
 * counts; the rules themselves are lib/funnel's.
 * Invariants: no row is kept; a lead that has lapsed but was not written down yet lies in a pool, as owner_at() says.
 * What nearly every row needs is inline: a funnel of all leads is some dozen nanoseconds a row beside the scan.
 * Called by: read/funnel_pass, read/funnel_months, read/funnel_registered.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "read/funnel.h"
#include "read/funnel_work.h"
#include "read/journey.h"
#include "record/journey.h"

/* ---------------------------------------------------------------- segments */

static Segment *
new_segment(Funnel *fn, int64 id, const char *text)
{
	Segment    *s = MemoryContextAllocZero(fn->cxt, sizeof(Segment));

	s->id = id;
	s->text = text;
	fn->segments = lappend(fn->segments, s);
	return s;
}

static inline Segment *
segment_of(Funnel *fn, int64 id)
{
	IdEntry    *e;
	bool		found;

	if (fn->last && fn->last->id == id)
		return fn->last;
	if ((uint64) id < SEGMENTS_NEAR)
	{
		if (fn->near[id] == NULL)
			fn->near[id] = new_segment(fn, id, "");
		return fn->last = fn->near[id];
	}
	e = hash_search(fn->ids, &id, HASH_ENTER, &found);
	if (!found)
		e->segment = new_segment(fn, id, "");
	return fn->last = e->segment;
}

Segment *
leads_funnel_segment_id(Funnel *fn, int64 id)
{
	return segment_of(fn, id);
}

Segment *
leads_funnel_segment_text(Funnel *fn, const char *text, int len)
{
	char		key[SEGMENT_KEY];
	TextEntry  *e;
	bool		found;

	if (fn->last && strncmp(fn->last->text, text, len) == 0 && fn->last->text[len] == '\0')
		return fn->last;
	if (len >= SEGMENT_KEY)
		len = pg_mbcliplen(text, len, SEGMENT_KEY - 1);
	memcpy(key, text, len);
	key[len] = '\0';
	e = hash_search(fn->texts, key, HASH_ENTER, &found);
	if (!found)
		e->segment = new_segment(fn, 0, e->text);
	return fn->last = e->segment;
}

/* where leads of a segment count */
static inline LeadsFunnelCell *
cell_in(Funnel *fn, Segment *s)
{
	if (!fn->shadow)
		return &s->cell;
	if (s->shadow == NULL)
		s->shadow = MemoryContextAllocZero(fn->cxt, sizeof(LeadsFunnelCell));
	if (fn->tell && !s->touched)
	{
		MemoryContext old = MemoryContextSwitchTo(fn->cxt);

		s->touched = true;
		fn->touched = lappend(fn->touched, s);
		MemoryContextSwitchTo(old);
	}
	return s->shadow;
}

static LeadsFunnelCell *
cell_of_owner(void *arg, int64 owner)
{
	return cell_in(arg, segment_of(arg, owner));
}

/* ---------------------------------------------------------------- one lead */

/* the entries of each month, and what came of them */
static void
count_months(Funnel *fn, const LeadsWalk *w)
{
	LeadsFunnelRule rule = fn->rule;
	int32		last = -1;

	for (int i = 0; i < w->n; i++)
	{
		int64_t		at = w->stay[i].since;
		const LeadsMonth *month;

		if (w->stay[i].step < 0 || at < fn->rule.since || at >= fn->rule.until)
			continue;
		/* stays are in the order of time: those of a month are one run */
		month = leads_months_of(&fn->months, at);
		if (month->number == last)
			continue;
		last = month->number;
		rule.since = Max(fn->rule.since, month->start);
		rule.until = Min(fn->rule.until, month->until);
		leads_funnel_tally(&rule, w, 1, cell_in(fn, segment_of(fn, last)), NULL, NULL, NULL);
	}
}

/* what a lead is counted by beside its journey */
typedef struct Place
{
	int64		key;			/* channel or creator, or the number of a region */
	const char *region;			/* NULL = its number says it */
} Place;

/* several numbers may be one region */
static Segment *
segment_of_region(Funnel *fn, const Place *place)
{
	const char *region = place->region;

	if (region == NULL)
	{
		RegionEntry *e = hash_search(fn->regions, &place->key, HASH_FIND, NULL);

		region = e ? e->text : "";
	}
	return leads_funnel_segment_text(fn, region, strlen(region));
}

/* where a lead counts; NULL = each step where its owner does, in a flow by months its entries where they were */
static pg_attribute_always_inline LeadsFunnelCell *
cell_of(Funnel *fn, TimestampTz begun_at, int64 owner, int64 first_owner, const Place *place)
{
	const LeadsFunnelAsk *ask = fn->ask;

	/* as for nearly every row of a report */
	if (ask->by == LEADS_FUNNEL_WHOLE && fn->last && !fn->shadow)
		return &fn->last->cell;
	if (fn->rule.by_event || (ask->by == LEADS_FUNNEL_MONTH && ask->mode == LEADS_FUNNEL_FLOW))
		return NULL;
	if (ask->by == LEADS_FUNNEL_MONTH)
		return cell_in(fn, segment_of(fn, leads_months_of(&fn->months, begun_at)->number));
	if (ask->by == LEADS_FUNNEL_REGION)
		return cell_in(fn, segment_of_region(fn, place));
	if (ask->by == LEADS_FUNNEL_OWNER && ask->credit == LEADS_CREDIT_CLOSER)
		return cell_in(fn, segment_of(fn, owner));
	if (ask->by == LEADS_FUNNEL_OWNER && ask->credit == LEADS_CREDIT_FIRST)
		return cell_in(fn, segment_of(fn, first_owner));
	return cell_in(fn, segment_of(fn, place->key));
}

/* a lead, or one attempt of it */
static void
count_walk(Funnel *fn, const LeadsWalk *w, int sign, LeadsFunnelCell *cell)
{
	if (fn->ask->by == LEADS_FUNNEL_MONTH && fn->ask->mode == LEADS_FUNNEL_FLOW)
		count_months(fn, w);
	else
		leads_funnel_tally(&fn->rule, w, sign, cell, cell_of_owner, fn, fn->shadow ? NULL : &fn->closing);
}

static inline bool
wanted(const LeadsFunnelAsk *ask, bool imported, bool test)
{
	return (!imported || ask->imported) && (!test || ask->test);
}

/*
 * Attempt nth of the lead, up to so long after it began.  The same bytes are walked again,
 * so that the limit says whose it was then, too.
 */
static void
limit_attempt(Funnel *fn, const void *bytes, size_t len, int64 pooled_at, int nth, LeadsWalk *part)
{
	int64		later = part->begun_at - fn->walk.begun_at;
	int			next = 0;

	(void) leads_walk(&fn->limited, bytes, len, &fn->rule.steps, fn->rule.as_of, pooled_at,
					  fn->rule.within < LEADS_FUNNEL_EVER - later ? fn->rule.within + later : LEADS_FUNNEL_EVER);
	for (int i = 0; i <= nth; i++)
		(void) leads_walk_attempt(&fn->limited, &next, part);
}

/* one that is not plain, or not good */
static pg_noinline void
count_walked(Funnel *fn, int sign, const void *bytes, size_t len, TimestampTz pooled_at, const Place *place)
{
	const LeadsFunnelAsk *ask = fn->ask;
	LeadsWalk  *w = &fn->walk;
	bool		limited = ask->mode == LEADS_FUNNEL_COHORT && fn->rule.within != LEADS_FUNNEL_EVER;
	LeadsWalk	part;
	int			next = 0;

	if (!leads_walk(w, bytes, len, &fn->rule.steps, fn->rule.as_of, pooled_at,
					limited && !ask->per_attempt ? fn->rule.within : LEADS_FUNNEL_EVER))
	{
		if (w->fault)
			leads_journey_damaged(w->fault);
		return;
	}
	if (!wanted(ask, w->imported, w->test))
		return;
	fn->begun_at = w->begun_at;
	if (!ask->per_attempt)
	{
		if (!w->invalid || ask->invalid)
			count_walk(fn, w, sign, cell_of(fn, w->begun_at, w->owner, w->first_owner, place));
		return;
	}
	for (int nth = 0; leads_walk_attempt(w, &next, &part); nth++)
	{
		if (part.invalid && !ask->invalid)
			continue;
		if (limited)
			limit_attempt(fn, bytes, len, pooled_at, nth, &part);
		count_walk(fn, &part, sign, cell_of(fn, w->begun_at, part.owner, w->first_owner, place));
	}
}

static pg_attribute_always_inline void
count_lead(Funnel *fn, int sign, const void *bytes, size_t len, int64 lead_id, const Place *place)
{
	const LeadsFunnelAsk *ask = fn->ask;
	TimestampTz pooled_at = LEADS_FUNNEL_EVER;
	LeadsFunnelPlain *plain = &fn->lead;

	if (fn->lapsed)
	{
		LapsedEntry *e = hash_search(fn->lapsed, &lead_id, HASH_FIND, NULL);

		if (e)
			pooled_at = e->due;
	}
	if (!fn->plain || !leads_funnel_plain(plain, &fn->table, bytes, len, fn->rule.as_of) ||
		(ask->per_attempt && plain->reopened))
	{
		count_walked(fn, sign, bytes, len, pooled_at, place);
		return;
	}
	if (plain->state == LEADS_JOURNEY_OPEN && pooled_at <= fn->rule.as_of)
		plain->owner = 0;
	fn->begun_at = plain->begun_at;
	if (wanted(ask, plain->imported, plain->test) && (!plain->invalid || ask->invalid))
		leads_funnel_plain_tally(&fn->rule, plain, sign, cell_of(fn, plain->begun_at, plain->owner, plain->first_owner, place),
								 fn->shadow ? NULL : &fn->closing);
}

/* what the lead counts in each segment goes to who asked for leads, and is forgotten */
static void
tell_lead(Funnel *fn, int64 lead_id)
{
	ListCell   *lc;

	foreach(lc, fn->touched)
	{
		Segment    *s = lfirst(lc);

		fn->tell(fn->tell_arg, s, lead_id, fn->begun_at);
		memset(s->shadow, 0, sizeof(LeadsFunnelCell));
		s->touched = false;
	}
	fn->touched = list_truncate(fn->touched, 0);
}

void
leads_funnel_lead(Funnel *fn, int sign, const void *bytes, size_t len, int64 lead_id, int64 key, const char *region)
{
	Place		place = {key, region};

	count_lead(fn, sign, bytes, len, lead_id, &place);
	if (fn->touched != NIL)
		tell_lead(fn, lead_id);
}

/* ---------------------------------------------------------------- rows of journeys */

const char *
leads_funnel_key(const LeadsFunnelAsk *ask, const char *channel, const char *creator)
{
	if (ask->by == LEADS_FUNNEL_CHANNEL)
		return channel;
	if (ask->by == LEADS_FUNNEL_OWNER && ask->credit == LEADS_CREDIT_CREATOR)
		return creator;
	return NULL;
}

/* whole rows of lead_journey come as they lie in the table: where in them is what is asked for */
void
leads_funnel_journeys_begin(DestReceiver *self, int operation, TupleDesc desc)
{
	Funnel	   *fn = (Funnel *) self;
	const char *key = fn->ask->by == LEADS_FUNNEL_REGION ? "region_id" : leads_funnel_key(fn->ask, "channel_id", "creator_id");

	fn->at_lead = leads_row_column(desc, "lead_id", INT8OID);
	fn->at_journey = leads_row_column(desc, "journey", BYTEAOID);
	fn->at_key = key ? leads_row_column(desc, key, INT4OID) : 0;
	fn->columns = Max(Max(fn->at_lead, fn->at_journey), fn->at_key);
}

/* a row of lead_journey */
bool
leads_funnel_receive_journey(TupleTableSlot *slot, DestReceiver *self)
{
	Funnel	   *fn = (Funnel *) self;
	MemoryContext old;
	Datum		d;
	bytea	   *b;
	int64		lead_id;
	Place		place = {0};

	slot_getsomeattrs(slot, fn->columns);
	d = slot->tts_values[fn->at_journey - 1];
	old = MemoryContextSwitchTo(fn->cxt);
	b = (bytea *) DatumGetPointer(d);
	leads_journey_prefetch(b);
	if (unlikely(VARATT_IS_COMPRESSED(b) || VARATT_IS_EXTERNAL(b)))
		b = pg_detoast_datum_packed(b);
	if (fn->at_key && !slot->tts_isnull[fn->at_key - 1])
		place.key = DatumGetInt32(slot->tts_values[fn->at_key - 1]);
	lead_id = DatumGetInt64(slot->tts_values[fn->at_lead - 1]);
	count_lead(fn, 1, VARDATA_ANY(b), VARSIZE_ANY_EXHDR(b), lead_id, &place);
	if (fn->touched != NIL)
		tell_lead(fn, lead_id);
	if (unlikely((Pointer) b != DatumGetPointer(d)))
		pfree(b);
	MemoryContextSwitchTo(old);
	return true;
}
