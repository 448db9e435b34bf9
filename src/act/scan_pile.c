/*
 * scan_pile.c - numbers that are put on a pile and come back sorted, in memory or in temporary files.
 *
 * Purpose: the sorted keys and pairs of a whole table, within maintenance_work_mem.  tuplesort would do it,
 * but its files end with the transaction, and a scan that shows how far it is commits on the way.
 * Invariants: a number goes by its upper bits to one of LEADS_PILE_PARTS parts; when the memory is used up, all parts
 * are written to a file each; one part at a time is read back and sorted. Files outlive transactions, so
 * whoever makes a pile ends it, also after an error.
 * Called by: act/scan_join.
 */
#include "core/leads.h"

#include "storage/buffile.h"
#include "utils/memutils.h"

#include "act/scan_pile.h"

#define ST_SORT sort_numbers
#define ST_ELEMENT_TYPE uint64
#define ST_COMPARE(a, b) (*(a) < *(b) ? -1 : *(a) > *(b))
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

#define ROOM_FIRST 1024

void
leads_pile_begin(LeadsPile *p, MemoryContext cxt, int bits, Size budget)
{
	memset(p, 0, sizeof(LeadsPile));
	p->cxt = cxt;
	p->shift = Max(bits - 6, 0);	/* 2^6 parts */
	p->budget = Max(budget, sizeof(uint64) * ROOM_FIRST * LEADS_PILE_PARTS);
}

static void
write_out(LeadsPile *p)
{
	MemoryContext old = MemoryContextSwitchTo(p->cxt);

	for (int i = 0; i < LEADS_PILE_PARTS; i++)
	{
		if (p->part[i].n > 0)
		{
			if (p->part[i].file == NULL)
				p->part[i].file = BufFileCreateTemp(true);
			BufFileWrite(p->part[i].file, p->part[i].v, sizeof(uint64) * p->part[i].n);
			p->part[i].filed += p->part[i].n;
		}
		if (p->part[i].v)
			pfree(p->part[i].v);
		p->part[i].v = NULL;
		p->part[i].n = p->part[i].room = 0;
	}
	p->held = 0;
	MemoryContextSwitchTo(old);
}

static void
grow(LeadsPile *p, int i)
{
	Size		room = p->part[i].room ? 2 * p->part[i].room : ROOM_FIRST;

	/* an enlarged part lives twice for a moment */
	if (p->held + sizeof(uint64) * room > p->budget && p->held > 0)
	{
		write_out(p);
		room = ROOM_FIRST;
	}
	if (p->part[i].v)
		p->part[i].v = repalloc_huge(p->part[i].v, sizeof(uint64) * room);
	else
		p->part[i].v = MemoryContextAllocHuge(p->cxt, sizeof(uint64) * room);
	p->held += sizeof(uint64) * (room - p->part[i].room);
	p->part[i].room = room;
}

void
leads_pile_add(LeadsPile *p, uint64 v)
{
	int			i = (int) (v >> p->shift);

	Assert(i < LEADS_PILE_PARTS);
	if (p->part[i].n == p->part[i].room)
		grow(p, i);
	p->part[i].v[p->part[i].n++] = v;
	p->total++;
}

uint64 *
leads_pile_part(LeadsPile *p, int i, Size *n)
{
	Size		filed = p->part[i].filed;
	uint64	   *all = p->part[i].v;

	if (filed > 0)
	{
		all = MemoryContextAllocHuge(p->cxt, sizeof(uint64) * (filed + p->part[i].n));
		if (BufFileSeek(p->part[i].file, 0, 0, SEEK_SET) != 0 ||
			BufFileRead(p->part[i].file, all, sizeof(uint64) * filed) != sizeof(uint64) * filed)
			ereport(ERROR, (errcode_for_file_access(), errmsg("could not read a temporary file of the scan")));
		BufFileClose(p->part[i].file);
		p->part[i].file = NULL;
		p->part[i].filed = 0;
		if (p->part[i].n > 0)
			memcpy(all + filed, p->part[i].v, sizeof(uint64) * p->part[i].n);
		if (p->part[i].v)
			pfree(p->part[i].v);
		p->part[i].v = all;
		p->part[i].n += filed;
		p->held -= Min(p->held, sizeof(uint64) * p->part[i].room);
		p->part[i].room = 0;
	}
	*n = p->part[i].n;
	if (*n > 1)
		sort_numbers(all, *n);
	return all;
}

void
leads_pile_drop(LeadsPile *p, int i)
{
	if (p->part[i].v)
		pfree(p->part[i].v);
	p->part[i].v = NULL;
	p->held -= Min(p->held, sizeof(uint64) * p->part[i].room);
	p->part[i].n = p->part[i].room = 0;
}

void
leads_pile_end(LeadsPile *p)
{
	for (int i = 0; i < LEADS_PILE_PARTS; i++)
	{
		if (p->part[i].file)
			BufFileClose(p->part[i].file);
		p->part[i].file = NULL;
		leads_pile_drop(p, i);
	}
}
