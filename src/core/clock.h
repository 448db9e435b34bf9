/*
 * clock.h - what time it is.
 */
#ifndef LEADS_CLOCK_H
#define LEADS_CLOCK_H

#include "utils/timestamp.h"

/* leads.clock is set */
extern bool leads_clock_is_false(void);
/* for mutators, after the lock is held: leads.clock, else clock_timestamp() */
extern TimestampTz leads_clock_read(void);
/* for readers: leads.now() */
extern TimestampTz leads_now_internal(void);
/* an instant was written by this transaction: leads.now() is not before it */
extern void leads_clock_wrote(TimestampTz at);
extern void leads_clock_init(void);

#endif							/* LEADS_CLOCK_H */
