/*
 * scan_pile.h - numbers that are put on a pile and come back sorted, in memory or in temporary files.
 */
#ifndef LEADS_SCAN_PILE_H
#define LEADS_SCAN_PILE_H

#include "core/leads.h"
#include "storage/buffile.h"

#define LEADS_PILE_PARTS 64

typedef struct LeadsPile
{
	MemoryContext cxt;
	int			shift;			/* number >> shift is the part it belongs to */
	Size		budget;			/* bytes of memory, before parts go to files */
	Size		held;
	uint64		total;
	struct
	{
		uint64	   *v;
		Size		n,
					room;
		BufFile    *file;
		uint64		filed;
	}			part[LEADS_PILE_PARTS];
} LeadsPile;

/* for numbers of so many bits */
extern void leads_pile_begin(LeadsPile *p, MemoryContext cxt, int bits, Size budget);
extern void leads_pile_add(LeadsPile *p, uint64 v);
/* one part, sorted; parts ascend.  It stands until it is dropped. */
extern uint64 *leads_pile_part(LeadsPile *p, int part, Size *n);
extern void leads_pile_drop(LeadsPile *p, int part);
/* close what files there are; harmless when done twice */
extern void leads_pile_end(LeadsPile *p);

#endif							/* LEADS_SCAN_PILE_H */
