/*
 * funnel_raw.h - rows of leads in any order: taken in, kept, told lead by lead.
 */
#ifndef LEADS_FUNNEL_RAW_H
#define LEADS_FUNNEL_RAW_H

#include "core/leads.h"
#include "storage/buffile.h"

#include "lib/raw.h"

#define RAW_CHUNK (16 * 1024)
#define RAW_CHUNK_ROWS ((int) (RAW_CHUNK / sizeof(LeadsRawRow)))
#define RAW_CHUNK_BLOCKS (RAW_CHUNK / BLCKSZ)

/* few rows: as they came, with the part that they would lie in */
typedef struct RawFew
{
	LeadsRawRow row;
	int64		part;
} RawFew;

typedef struct RawPart
{
	LeadsRawRow *next;			/* where the next row goes */
	LeadsRawRow *end;			/* of the chunk that is being filled */
	LeadsRawRow *chunk;
	LeadsRawRow **kept;			/* full chunks in memory */
	uint32	   *filed;			/* numbers of full chunks in the file */
	int			nkept;
	int			nfiled;
	int			kept_room;
	int			filed_room;
} RawPart;

typedef struct RawRows
{
	MemoryContext cxt;
	RawFew	   *few;			/* NULL = they lie in parts */
	int			nfew;
	int			few_room;
	RawPart    *part;
	char	   *slab;			/* chunks not given out yet */
	int			slab_left;
	Size		budget;			/* bytes in memory */
	bool		full;			/* what comes now goes to the file */
	BufFile    *file;
	uint32		nfile;			/* chunks in the file */
} RawRows;

extern RawRows *leads_raw_new(MemoryContext cxt);
extern void leads_raw_few_full(RawRows *s);
extern void leads_raw_chunk_full(RawRows *s, RawPart *p);
/* tell all leads; the rows are gone then */
extern void leads_raw_tell_all(RawRows *s, LeadsRaw *w);
extern void leads_raw_close(RawRows *s);

static inline void
leads_raw_add(RawRows *s, int64 id, TimestampTz at, int code)
{
	uint64		mixed = leads_raw_mix(id);
	LeadsRawRow row = leads_raw_pack(mixed, at, code);

	if (likely(s->few == NULL))
	{
		RawPart    *p = &s->part[leads_raw_part(mixed)];

		if (unlikely(p->next == p->end))
			leads_raw_chunk_full(s, p);
		*p->next++ = row;
	}
	else
	{
		s->few[s->nfew].row = row;
		s->few[s->nfew].part = leads_raw_part(mixed);
		if (unlikely(++s->nfew == s->few_room))
			leads_raw_few_full(s);
	}
}

#endif							/* LEADS_FUNNEL_RAW_H */
