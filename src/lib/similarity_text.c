/*
 * similarity_text.c - are two texts of any length alike?
 *
 * Purpose: second half of the room: a yes or no by edit distance, in time and memory of the distance that is asked for.
 * Invariants: no allocation; symmetric; the answer is the one that the whole matrix would give.
 * Called by: decide/pipeline (follow-ups).
 */
#include "lib/similarity.h"

static inline int
least(int a, int b)
{
	return a < b ? a : b;
}

int
leads_text_alike(const uint32_t *a, int na, const uint32_t *b, int nb, double alike, int *row)
{
	int			longer = na > nb ? na : nb;
	/* a hair for 1 - .9, which is no binary number */
	int			most = (int) ((1 - alike) * longer + 1e-9);

	if (na - nb > most || nb - na > most)
		return 0;
	for (int j = 0; j <= nb; j++)
		row[j] = j;
	for (int i = 1; i <= na; i++)
	{
		int			from = i - most > 1 ? i - most : 1;
		int			to = least(nb, i + most);
		int			before = row[from - 1];
		int			best = from == 1 ? i : most + 1;

		/* what lies left of the band costs more than is asked for */
		row[from - 1] = from == 1 ? i : most + 1;
		for (int j = from; j <= to; j++)
		{
			int			above = j == i + most ? most + 1 : row[j];
			int			cost = before + (a[i - 1] != b[j - 1]);

			before = row[j];
			cost = least(cost, least(above, row[j - 1]) + 1);
			row[j] = cost;
			best = least(best, cost);
		}
		if (best > most)
			return 0;
	}
	return row[nb] <= most;
}
