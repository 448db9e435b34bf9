/*
 * cluster.c - from pairs that match to groups that are one.
 *
 * Purpose: A resembles B, B resembles C; whether A, B and C are one customer is for A and C to say, too.
 * Invariants: the best pair first; whoever joins a group must not clearly differ from any of those in it (from
 * the first CHECKED of a large one), so a chain never becomes a group; a row is in one group at most; the head is the
 * row that the pairs of its group speak most for, of equals the first. The result depends on the set of pairs alone.
 * Called by: act/scan_result.
 */
#include "decide/cluster.h"

#include <stdlib.h>

#define CHECKED 32

/* best first; ties by row, so that every run answers alike */
static int
by_score(const void *x, const void *y)
{
	const LeadsMatched *p = x;
	const LeadsMatched *q = y;

	if (p->band != q->band)
		return p->band < q->band ? 1 : -1;
	if (p->score != q->score)
		return p->score < q->score ? 1 : -1;
	if (p->a != q->a)
		return p->a < q->a ? -1 : 1;
	return p->b < q->b ? -1 : p->b > q->b;
}

/* does any of the first rows of one group differ from any of the other's? */
static bool
groups_differ(int32_t x, int32_t y, const int32_t *next, LeadsDiffer differ, void *arg)
{
	int			nx = 0;

	for (int32_t a = x; a >= 0 && nx < CHECKED; a = next[a], nx++)
	{
		int			ny = 0;

		for (int32_t b = y; b >= 0 && ny < CHECKED; b = next[b], ny++)
			if (differ(a, b, arg))
				return true;
	}
	return false;
}

/* put the group of head y into that of head x, behind its first */
static void
join(int32_t x, int32_t y, int32_t *head, int32_t *next)
{
	int32_t		last = y;

	for (int32_t r = y; r >= 0; r = next[r])
	{
		head[r] = x;
		last = r;
	}
	next[last] = next[x];
	next[x] = y;
}

void
leads_cluster(LeadsMatched *pairs, int64_t npairs, int32_t n, int32_t *head, int32_t *next, float *work,
			  LeadsDiffer differ, void *arg)
{
	float	   *voice = work;

	for (int32_t i = 0; i < n; i++)
	{
		head[i] = next[i] = -1;
		work[i] = 1;			/* rows of the group, so that the smaller one is moved */
	}
	qsort(pairs, (size_t) npairs, sizeof(LeadsMatched), by_score);
	for (int64_t i = 0; i < npairs; i++)
	{
		int32_t		x = head[pairs[i].a] >= 0 ? head[pairs[i].a] : pairs[i].a;
		int32_t		y = head[pairs[i].b] >= 0 ? head[pairs[i].b] : pairs[i].b;

		if (x == y || groups_differ(x, y, next, differ, arg))
			continue;
		if (work[x] < work[y])
		{
			int32_t		other = x;

			x = y;
			y = other;
		}
		head[x] = x;
		work[x] += work[y];
		join(x, y, head, next);
	}

	/* who is the most like the others */
	for (int32_t i = 0; i < n; i++)
		voice[i] = 0;
	for (int64_t i = 0; i < npairs; i++)
		if (head[pairs[i].a] >= 0 && head[pairs[i].a] == head[pairs[i].b])
		{
			voice[pairs[i].a] += pairs[i].score;
			voice[pairs[i].b] += pairs[i].score;
		}
	for (int32_t i = 0; i < n; i++)
	{
		int32_t		best = i;

		if (head[i] != i)
			continue;
		for (int32_t r = i; r >= 0; r = next[r])
			if (voice[r] > voice[best] || (voice[r] == voice[best] && r < best))
				best = r;
		if (best == i)
			continue;
		/* exchange the two in the list: the head comes first */
		for (int32_t r = i, before = -1; r >= 0; before = r, r = next[r])
			if (r == best)
			{
				next[before] = next[best];
				next[best] = i;
				break;
			}
		for (int32_t r = best; r >= 0; r = next[r])
			head[r] = best;
	}
}
