/*-------------------------------------------------------------------------
 *
 * lib.h
 *		What every room of the PostgreSQL-free library shares.
 *
 * Nothing under src/lib includes a PostgreSQL header, allocates, or looks at
 * the locale: the rooms are pure functions over buffers of the caller, so that
 * they give one answer in every database and can be tested and fuzzed outside
 * the server.  The allocator hook below is the only tie, for the few callers
 * that build something of unknown size; a build outside the server uses
 * malloc.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_LIB_H
#define LEADS_LIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Version of everything that turns text into keys.  Raise it whenever a stored
 * key of the same text could come out different: rekey() compares it.
 */
#define LEADS_NORM_VERSION 1

/* code points of one folded text */
#define LEADS_TEXT_MAX 512

/*
 * The allocator hook.  The server side sets it to palloc and pfree in _PG_init;
 * left alone it is malloc and free.  alloc never returns NULL inside the server
 * (it raises); outside, callers must cope with NULL.
 */
typedef struct LeadsAllocator
{
	void	   *(*alloc) (size_t size);
	void		(*release) (void *ptr);
} LeadsAllocator;

extern LeadsAllocator leads_allocator;

#endif							/* LEADS_LIB_H */
