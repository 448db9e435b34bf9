/*-------------------------------------------------------------------------
 *
 * lib.c
 *		The allocator hook: the library's only tie to whoever hosts it.
 *
 * Purpose: rooms that must build something of unknown size ask here instead of
 * calling malloc, so that inside the server such memory belongs to a memory
 * context.  Invariant: both members are always set; they are changed together,
 * once, in _PG_init, before any other call.  Called by: rooms of src/lib that
 * allocate (folding, parsing, phones, mail and rings never do).
 *
 *-------------------------------------------------------------------------
 */
#include "lib.h"

#include <stdlib.h>

LeadsAllocator leads_allocator = {malloc, free};
