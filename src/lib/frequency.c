/*-------------------------------------------------------------------------
 *
 * frequency.c
 *		How common characters and bigrams are among the names of one company.
 *
 * Purpose: where every second customer is called 云岭 something, 云岭 is no rare
 * pair of characters, whatever it is elsewhere; keys are made of the rarest.
 *
 * Invariants: the table depends on the names and the shipped table alone, not on
 * the order of the names; slots are shared by what falls together in them, as in
 * the shipped table.
 * Called by act/rekey.
 *
 *-------------------------------------------------------------------------
 */
#include "frequency.h"

#include <math.h>

#include "company_parse.h"

#define PRIOR 20000.0			/* names that the shipped table counts for */
#define SLOTS_MOST (2 * LEADS_NAME_STEM_MAX + LEADS_NAME_BRANCH_MAX)

void
leads_frequency_count(const LeadsName *n, uint32_t *counts)
{
	uint32_t	slot[SLOTS_MOST];
	int			k = 0;

	if (n->kind != LEADS_NAME_CJK)
		return;
	for (int i = 0; i < n->nstem; i++)
		slot[k++] = leads_df_slot(n->stem[i], 0);
	for (int i = 0; i + 1 < n->nstem; i++)
		slot[k++] = leads_df_slot(n->stem[i], n->stem[i + 1]);
	for (int i = 0; i + 1 < n->nbcore; i++)
		slot[k++] = leads_df_slot(n->bcore[i], n->bcore[i + 1]);
	for (int i = 0; i < k; i++)
	{
		int			before = 0;

		while (before < i && slot[before] != slot[i])
			before++;
		if (before == i)
			counts[slot[i]]++;
	}
}

void
leads_frequency_table(const uint32_t *counts, int64_t names, uint8_t *table)
{
	for (int i = 0; i < LEADS_DF_SIZE; i++)
	{
		double		shipped = leads_df_shipped[i] ? exp2(leads_df_shipped[i] / 8.0) : 0;
		double		million = (counts[i] * 1e6 + shipped * PRIOR) / ((double) names + PRIOR);
		double		v = million > 1 ? 8 * log2(million) : 0;

		table[i] = (uint8_t) (v + 0.5);
	}
}
