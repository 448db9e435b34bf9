/*
 * funnel_raw_rows.c - rows of leads in any order: taken in, kept, told lead by lead.
 *
 * Purpose: one pass over rows of any table, without sorting them: a row goes to
 * one of 128 parts by its mixed id; a part is spread into buckets of a few leads
 * and those are put in order where they lie, in the cache.
 * Invariants: rows that are kept take work_mem at most, whatever comes after them
 * goes to a temporary file in chunks; telling a part takes MOST_ROWS rows twice at
 * most; one lead with more rows than that goes through PostgreSQL's sort; the file
 * is closed when the group is done, however that comes about.
 * Called by: read/funnel_raw.
 */
#include "core/leads.h"

#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"
#include "utils/tuplesort.h"

#include "read/funnel_raw.h"

#define FEW_FIRST 32
#define FEW_MOST 32768
#define SLAB_CHUNKS 64
#define MOST_ROWS (1024 * 1024)	/* of a part at a time: 16 MB, and as much to spread them */
#define BUCKET_ROWS 8
#define CELL_BITS 12			/* a part too large is told by cells of so many bits of the id */

#define ST_SORT sort_few
#define ST_ELEMENT_TYPE RawFew
#define ST_COMPARE(a, b) ((a)->part != (b)->part ? ((a)->part < (b)->part ? -1 : 1) : leads_raw_compare(&(a)->row, &(b)->row))
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT sort_rows
#define ST_ELEMENT_TYPE LeadsRawRow
#define ST_COMPARE(a, b) leads_raw_compare(a, b)
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

/* ---------------------------------------------------------------- taking in */

RawRows *
leads_raw_new(MemoryContext cxt)
{
	RawRows    *s = MemoryContextAllocZero(cxt, sizeof(RawRows));

	s->cxt = cxt;
	s->budget = (Size) work_mem * 1024;
	s->few_room = FEW_FIRST;
	s->few = MemoryContextAlloc(cxt, sizeof(RawFew) * s->few_room);
	return s;
}

static LeadsRawRow *
new_chunk(RawRows *s)
{
	if (s->slab_left == 0)
	{
		s->slab = MemoryContextAlloc(s->cxt, RAW_CHUNK * SLAB_CHUNKS);
		s->slab_left = SLAB_CHUNKS;
	}
	return (LeadsRawRow *) (s->slab + (Size) --s->slab_left * RAW_CHUNK);
}

/* the array of few is full: a larger one, or parts */
void
leads_raw_few_full(RawRows *s)
{
	RawFew	   *few = s->few;

	if (s->few_room < FEW_MOST)
	{
		s->few_room *= 2;
		s->few = repalloc(few, sizeof(RawFew) * s->few_room);
		return;
	}
	s->part = MemoryContextAllocZero(s->cxt, sizeof(RawPart) * LEADS_RAW_PARTS);
	for (int i = 0; i < LEADS_RAW_PARTS; i++)
	{
		RawPart    *p = &s->part[i];

		p->chunk = p->next = new_chunk(s);
		p->end = p->chunk + RAW_CHUNK_ROWS;
	}
	s->few = NULL;
	for (int i = 0; i < s->nfew; i++)
	{
		RawPart    *p = &s->part[few[i].part];

		if (p->next == p->end)
			leads_raw_chunk_full(s, p);
		*p->next++ = few[i].row;
	}
	s->nfew = 0;
	pfree(few);
}

/* the chunk of a part is full: it is kept, or written and used again */
void
leads_raw_chunk_full(RawRows *s, RawPart *p)
{
	CHECK_FOR_INTERRUPTS();
	/* groups of one query share the memory of one */
	if (!s->full && s->slab_left == 0)
		s->full = MemoryContextMemAllocated(s->cxt, true) + RAW_CHUNK * SLAB_CHUNKS > s->budget;
	if (!s->full)
	{
		if (p->nkept == p->kept_room)
		{
			p->kept_room = p->kept_room ? p->kept_room * 2 : 8;
			p->kept = p->kept ? repalloc(p->kept, sizeof(LeadsRawRow *) * p->kept_room)
				: MemoryContextAlloc(s->cxt, sizeof(LeadsRawRow *) * p->kept_room);
		}
		p->kept[p->nkept++] = p->chunk;
		p->chunk = new_chunk(s);
		p->end = p->chunk + RAW_CHUNK_ROWS;
	}
	else
	{
		if (s->file == NULL)
		{
			MemoryContext old = MemoryContextSwitchTo(s->cxt);

			s->file = BufFileCreateTemp(false);
			MemoryContextSwitchTo(old);
		}
		if (p->nfiled == p->filed_room)
		{
			p->filed_room = p->filed_room ? p->filed_room * 2 : 8;
			p->filed = p->filed ? repalloc(p->filed, sizeof(uint32) * p->filed_room)
				: MemoryContextAlloc(s->cxt, sizeof(uint32) * p->filed_room);
		}
		BufFileWrite(s->file, p->chunk, RAW_CHUNK);
		p->filed[p->nfiled++] = s->nfile++;
	}
	p->next = p->chunk;
}

void
leads_raw_close(RawRows *s)
{
	if (s->file)
		BufFileClose(s->file);
	s->file = NULL;
}

/* ---------------------------------------------------------------- reading a part */

static void
read_chunk(RawRows *s, uint32 number, LeadsRawRow *into)
{
	CHECK_FOR_INTERRUPTS();
	if (BufFileSeekBlock(s->file, (long) number * RAW_CHUNK_BLOCKS) != 0 ||
		BufFileRead(s->file, into, RAW_CHUNK) != RAW_CHUNK)
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not read rows of a funnel from a temporary file")));
}

static Size
part_rows(const RawPart *p)
{
	return ((Size) p->nkept + p->nfiled) * RAW_CHUNK_ROWS + (p->next - p->chunk);
}

/* chunk i of a part: full ones in memory, in the file (through buffer), the one being filled */
static const LeadsRawRow *
chunk_at(RawRows *s, const RawPart *p, int i, LeadsRawRow *buffer, int *n)
{
	*n = RAW_CHUNK_ROWS;
	if (i < p->nkept)
		return p->kept[i];
	i -= p->nkept;
	if (i < p->nfiled)
	{
		read_chunk(s, p->filed[i], buffer);
		return buffer;
	}
	*n = (int) (p->next - p->chunk);
	return p->chunk;
}

static inline int
chunks_of(const RawPart *p)
{
	return p->nkept + p->nfiled + 1;
}

/* ---------------------------------------------------------------- telling */

/* rows of a part lie in from, all of them or those of some cells: spread to buckets, put in order, told */
typedef struct Teller
{
	LeadsRaw   *w;
	LeadsRawRow *read;			/* from the file */
	LeadsRawRow *spread;
	uint32	   *start;
	int			nstart;
} Teller;

static inline void
insert_rows(LeadsRawRow *rows, int n)
{
	for (int i = 1; i < n; i++)
	{
		LeadsRawRow r = rows[i];
		int			k = i;

		for (; k > 0 && leads_raw_before(r, rows[k - 1]); k--)
			rows[k] = rows[k - 1];
		rows[k] = r;
	}
}

static void
order_buckets(Teller *t, int nbuckets)
{
	uint32		from = 0;

	for (int b = 0; b < nbuckets; b++)
	{
		uint32		to = t->start[b];

		if (to - from > 24)
			sort_rows(t->spread + from, to - from);
		else
			insert_rows(t->spread + from, (int) (to - from));
		from = to;
	}
}

typedef struct Source
{
	const LeadsRawRow *rows;
	int			n;
} Source;

/* low, high: cells of the ids that are told */
static void
tell_rows(Teller *t, const Source *sources, int nsources, Size n, uint32 low, uint32 high)
{
	int			bits = 1;
	int			shift;
	uint64		first = (uint64) low << (64 - CELL_BITS);
	uint32		at = 0;

	if (n == 0)
		return;
	while (bits < 18 && (n >> bits) > BUCKET_ROWS)
		bits++;
	/* the buckets lie between the first and the last cell */
	shift = pg_leftmost_one_pos64(((uint64) (high - low) << (64 - CELL_BITS)) - 1) + 1 - bits;
	if (t->start == NULL || t->nstart < (1 << bits))
	{
		if (t->start)
			pfree(t->start);
		t->nstart = 1 << bits;
		t->start = palloc(sizeof(uint32) * t->nstart);
	}
	memset(t->start, 0, sizeof(uint32) << bits);
	for (int i = 0; i < nsources; i++)
		for (int k = 0; k < sources[i].n; k++)
			t->start[(sources[i].rows[k].hi - first) >> shift]++;
	for (int b = 0; b < 1 << bits; b++)
	{
		uint32		c = t->start[b];

		t->start[b] = at;
		at += c;
	}
	for (int i = 0; i < nsources; i++)
		for (int k = 0; k < sources[i].n; k++)
			t->spread[t->start[(sources[i].rows[k].hi - first) >> shift]++] = sources[i].rows[k];
	CHECK_FOR_INTERRUPTS();
	order_buckets(t, 1 << bits);
	leads_raw_tell(t->w, t->spread, n);
}

/* a part that is told at once */
static void
tell_part(RawRows *s, RawPart *p, Teller *t)
{
	Source	   *sources = palloc(sizeof(Source) * chunks_of(p));
	Size		n = part_rows(p);
	LeadsRawRow *read = NULL;

	if (p->nfiled)
		read = t->read;
	for (int i = 0; i < chunks_of(p); i++)
	{
		sources[i].rows = chunk_at(s, p, i, read, &sources[i].n);
		if (read && sources[i].rows == read)
			read += RAW_CHUNK_ROWS;
	}
	tell_rows(t, sources, chunks_of(p), n, 0, 1 << CELL_BITS);
	pfree(sources);
}

/* rows of one cell, more than memory takes: PostgreSQL sorts them */
static void
tell_sorted(RawRows *s, RawPart *p, LeadsRaw *w, uint32 cell, LeadsRawRow *buffer)
{
	TupleDesc	desc = CreateTemplateTupleDesc(2);
	AttrNumber	atts[2] = {1, 2};
	Oid			ops[2] = {Int8LessOperator, Int8LessOperator};
	Oid			collations[2] = {InvalidOid, InvalidOid};
	bool		nulls_first[2] = {false, false};
	Tuplesortstate *sort;
	TupleTableSlot *slot;
	LeadsRawRow last = {0, 0};
	bool		any = false;

	TupleDescInitEntry(desc, 1, "hi", INT8OID, -1, 0);
	TupleDescInitEntry(desc, 2, "lo", INT8OID, -1, 0);
	slot = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);
	sort = tuplesort_begin_heap(desc, 2, atts, ops, collations, nulls_first, Min(work_mem, 16 * 1024), NULL, TUPLESORT_NONE);
	for (int i = 0; i < chunks_of(p); i++)
	{
		int			n;
		const LeadsRawRow *rows = chunk_at(s, p, i, buffer, &n);

		for (int k = 0; k < n; k++)
		{
			if (rows[k].hi >> (64 - CELL_BITS) != cell)
				continue;
			ExecClearTuple(slot);
			/* the sign is turned, so that signed order is unsigned order */
			slot->tts_values[0] = Int64GetDatum((int64) (rows[k].hi ^ UINT64CONST(1) << 63));
			slot->tts_values[1] = Int64GetDatum((int64) (rows[k].lo ^ UINT64CONST(1) << 63));
			slot->tts_isnull[0] = slot->tts_isnull[1] = false;
			ExecStoreVirtualTuple(slot);
			tuplesort_puttupleslot(sort, slot);
		}
	}
	ExecDropSingleTupleTableSlot(slot);
	tuplesort_performsort(sort);
	slot = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
	while (tuplesort_gettupleslot(sort, true, false, slot, NULL))
	{
		bool		isnull;
		LeadsRawRow r;

		CHECK_FOR_INTERRUPTS();
		r.hi = (uint64) DatumGetInt64(slot_getattr(slot, 1, &isnull)) ^ UINT64CONST(1) << 63;
		r.lo = (uint64) DatumGetInt64(slot_getattr(slot, 2, &isnull)) ^ UINT64CONST(1) << 63;
		if (any && leads_raw_same(r, last))
			leads_raw_row(w, leads_raw_at(r), leads_raw_code(r));
		else
		{
			if (any)
				leads_raw_end(w);
			leads_raw_first(w, leads_raw_at(r), leads_raw_code(r));
		}
		any = true;
		last = r;
	}
	if (any)
		leads_raw_end(w);
	ExecDropSingleTupleTableSlot(slot);
	tuplesort_end(sort);
	FreeTupleDesc(desc);
}

/* a part too large: as many cells at a time as memory takes, its chunks read again for each */
static void
tell_large(RawRows *s, RawPart *p, Teller *t, LeadsRawRow *buffer)
{
	Size	   *count = palloc0(sizeof(Size) << CELL_BITS);
	uint32		low = 0;

	for (int i = 0; i < chunks_of(p); i++)
	{
		int			n;
		const LeadsRawRow *rows = chunk_at(s, p, i, buffer, &n);

		for (int k = 0; k < n; k++)
			count[rows[k].hi >> (64 - CELL_BITS)]++;
	}
	while (low < 1 << CELL_BITS)
	{
		Size		n = 0;
		uint32		high = low;
		Size		got = 0;
		Source		source;

		while (high < 1 << CELL_BITS && n + count[high] <= MOST_ROWS)
			n += count[high++];
		if (high == low)
		{
			tell_sorted(s, p, t->w, low, buffer);
			low++;
			continue;
		}
		for (int i = 0; i < chunks_of(p) && n > 0; i++)
		{
			int			nrows;
			const LeadsRawRow *rows = chunk_at(s, p, i, buffer, &nrows);

			for (int k = 0; k < nrows; k++)
			{
				uint32		cell = (uint32) (rows[k].hi >> (64 - CELL_BITS));

				if (cell >= low && cell < high)
					t->read[got++] = rows[k];
			}
		}
		source.rows = t->read;
		source.n = (int) got;
		tell_rows(t, &source, 1, got, low, high);
		low = high;
	}
	pfree(count);
}

static void
tell_few(RawRows *s, LeadsRaw *w)
{
	LeadsRawRow *rows = palloc(sizeof(LeadsRawRow) * Max(s->nfew, 1));

	sort_few(s->few, s->nfew);
	for (int from = 0, to; from < s->nfew; from = to)
	{
		for (to = from; to < s->nfew && s->few[to].part == s->few[from].part; to++)
			rows[to] = s->few[to].row;
		leads_raw_tell(w, rows + from, to - from);
	}
	pfree(rows);
}

void
leads_raw_tell_all(RawRows *s, LeadsRaw *w)
{
	MemoryContext mine = AllocSetContextCreate(CurrentMemoryContext, "leads rows of a funnel", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(mine);
	Teller		t = {.w = w};

	if (s->few)
		tell_few(s, w);
	else
	{
		LeadsRawRow *buffer = palloc(RAW_CHUNK);
		Size		most = 0;
		bool		filed = false;

		for (int i = 0; i < LEADS_RAW_PARTS; i++)
		{
			most = Max(most, part_rows(&s->part[i]));
			filed = filed || s->part[i].nfiled > 0;
		}
		t.spread = palloc_extended(sizeof(LeadsRawRow) * Min(most, MOST_ROWS), MCXT_ALLOC_HUGE);
		if (filed || most > MOST_ROWS)
			t.read = palloc_extended(sizeof(LeadsRawRow) * (Min(most, MOST_ROWS) + RAW_CHUNK_ROWS), MCXT_ALLOC_HUGE);
		for (int i = 0; i < LEADS_RAW_PARTS; i++)
		{
			CHECK_FOR_INTERRUPTS();
			if (part_rows(&s->part[i]) <= MOST_ROWS)
				tell_part(s, &s->part[i], &t);
			else
				tell_large(s, &s->part[i], &t, buffer);
		}
	}
	leads_raw_close(s);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(mine);
}
