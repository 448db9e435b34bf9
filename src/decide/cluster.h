/*
 * cluster.h - from pairs that match to groups that are one.
 */
#ifndef LEADS_CLUSTER_H
#define LEADS_CLUSTER_H

#include <stdbool.h>
#include <stdint.h>

typedef struct LeadsMatched
{
	int32_t		a,
				b;				/* rows, a < b */
	float		score;
	uint8_t		band;			/* LeadsBand */
} LeadsMatched;

/* do two rows clearly differ, or has a person told them apart? */
typedef bool (*LeadsDiffer) (int32_t a, int32_t b, void *arg);

/*
 * Groups of rows.  head[row] becomes the row that stands for its group, -1 = in none; next[row] the next row
 * of the group, -1 = the last.  Both have n
 * entries, as has work; pairs are put in order.
 */
extern void leads_cluster(LeadsMatched *pairs, int64_t npairs, int32_t n, int32_t *head, int32_t *next,
						  float *work, LeadsDiffer differ, void *arg);

#endif							/* LEADS_CLUSTER_H */
