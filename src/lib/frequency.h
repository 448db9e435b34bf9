/*-------------------------------------------------------------------------
 *
 * frequency.h
 *		How common characters and bigrams are among the names of one company.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_FREQUENCY_H
#define LEADS_FREQUENCY_H

#include "keys.h"

/* add one name to LEADS_DF_SIZE counts: each character and bigram of it once */
extern void leads_frequency_count(const LeadsName *n, uint32_t *counts);

/* a table for leads_keys_use(): the counts of so many names, over the shipped table as if it were some names more */
extern void leads_frequency_table(const uint32_t *counts, int64_t names, uint8_t *table);

#endif							/* LEADS_FREQUENCY_H */
