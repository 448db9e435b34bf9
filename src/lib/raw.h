/*-------------------------------------------------------------------------
 *
 * raw.h
 *		A lead's rows of any table, in time, into the counts of a funnel.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_RAW_H
#define LEADS_RAW_H

#include "funnel.h"

/*
 * A row in 16 bytes that are ordered as they stand: who, when, what.
 *
 *	hi	57 bits of the mixed id, 7 high bits of the instant
 *	lo	57 low bits of the instant, 7 bits of code
 *
 * An id is mixed one to one; its 7 high bits are the part that the row lies in and
 * stand nowhere else.  The instant has its sign turned, so that it sorts as it is.
 */
typedef struct LeadsRawRow
{
	uint64_t	hi;
	uint64_t	lo;
} LeadsRawRow;

#define LEADS_RAW_PARTS 128
#define LEADS_RAW_SHIFT 7

/* what: step * 3 + end; rows of one instant go by it, that is by the position of their stage */
#define LEADS_RAW_NO_STEP LEADS_FUNNEL_STEPS	/* a stage that is no step */
#define LEADS_RAW_OPEN 0
#define LEADS_RAW_WON 1
#define LEADS_RAW_LOST 2
#define LEADS_RAW_CODE(step, end) ((uint8_t) ((step) * 3 + (end)))

static inline uint64_t
leads_raw_mix(int64_t id)
{
	uint64_t	v = (uint64_t) id;

	v = (v ^ v >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	v = (v ^ v >> 27) * UINT64_C(0x94D049BB133111EB);
	return v ^ v >> 31;
}

static inline int
leads_raw_part(uint64_t mixed)
{
	return (int) (mixed >> (64 - LEADS_RAW_SHIFT));
}

static inline LeadsRawRow
leads_raw_pack(uint64_t mixed, int64_t at, int code)
{
	uint64_t	t = (uint64_t) at ^ UINT64_C(1) << 63;
	LeadsRawRow r;

	r.hi = mixed << LEADS_RAW_SHIFT | t >> (64 - LEADS_RAW_SHIFT);
	r.lo = t << LEADS_RAW_SHIFT | (uint64_t) code;
	return r;
}

/* of rows of one part: the same lead */
static inline bool
leads_raw_same(LeadsRawRow a, LeadsRawRow b)
{
	return ((a.hi ^ b.hi) >> LEADS_RAW_SHIFT) == 0;
}

static inline bool
leads_raw_before(LeadsRawRow a, LeadsRawRow b)
{
	return a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo);
}

static inline int
leads_raw_compare(const LeadsRawRow *a, const LeadsRawRow *b)
{
	return leads_raw_before(*a, *b) ? -1 : leads_raw_before(*b, *a);
}

static inline int64_t
leads_raw_at(LeadsRawRow r)
{
	return (int64_t) ((r.hi << (64 - LEADS_RAW_SHIFT) | r.lo >> LEADS_RAW_SHIFT) ^ UINT64_C(1) << 63);
}

static inline int
leads_raw_code(LeadsRawRow r)
{
	return (int) (r.lo & ((1 << LEADS_RAW_SHIFT) - 1));
}

/* counts of all leads that were told, and the one that is being told */
typedef struct LeadsRaw
{
	LeadsFunnelMode mode;
	int			n;				/* steps */
	int64_t		within;			/* LEADS_FUNNEL_EVER = no limit */

	int64_t		entered[LEADS_FUNNEL_STEPS];
	int64_t		advanced[LEADS_FUNNEL_STEPS];
	int64_t		lost[LEADS_FUNNEL_STEPS];
	int64_t		open[LEADS_FUNNEL_STEPS];
	int64_t		next[LEADS_FUNNEL_STEPS];
	/* cohort: leads by how they ended and how far they came, 0 = in no step */
	int64_t		ends[3][LEADS_FUNNEL_STEPS + 1];

	/* this lead */
	int64_t		limit;			/* cohort: what came later is left out */
	int			far;			/* furthest open step, -1 = none */
	int			last;			/* code of the last row */
	/* this stay: strict, flow */
	int			step;
	bool		won;
	bool		lasts;
	bool		won_next;		/* strict: the step before the win was entered in time */
	int64_t		since;
	uint32_t	seen;
	uint32_t	nexts;
	uint32_t	forward;
	uint32_t	gone;
	uint32_t	been;
	int64_t		been_at[LEADS_FUNNEL_STEPS];
} LeadsRaw;

extern void leads_raw_begin(LeadsRaw *w, LeadsFunnelMode mode, int n, int64_t within);
/* all rows of some leads of one part, in order */
extern void leads_raw_tell(LeadsRaw *w, const LeadsRawRow *rows, size_t n);
/* the same row by row: the first of a lead, another, the end of it */
extern void leads_raw_first(LeadsRaw *w, int64_t at, int code);
extern void leads_raw_row(LeadsRaw *w, int64_t at, int code);
extern void leads_raw_end(LeadsRaw *w);
/* all leads were told */
extern void leads_raw_finish(LeadsRaw *w);

/* ---------------------------------------------------------------- a sliding window */

#define LEADS_WINDOW_DEDUPLICATION 1
#define LEADS_WINDOW_ORDER 2
#define LEADS_WINDOW_INCREASE 4

typedef struct LeadsWindowRow
{
	int64_t		at;
	int32_t		step;			/* 1 to LEADS_FUNNEL_STEPS, 0 = none */
} LeadsWindowRow;

static inline int
leads_window_compare(const LeadsWindowRow *a, const LeadsWindowRow *b)
{
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return (a->step > b->step) - (a->step < b->step);
}

/* how many steps a chain went, of rows in order */
extern int	leads_window_level(const LeadsWindowRow *rows, size_t n, int64_t within, int modes);

#endif							/* LEADS_RAW_H */
