/*-------------------------------------------------------------------------
 *
 * fit.c
 *		Logistic regression over the rows of "accuracy dump", by Newton's method
 *		with a ridge.  Prints each feature's weight; what ships in
 *		src/decide/match_weights.h is rounded and checked by hand.
 *
 *	fit FILE [ridge]			FIT_GOLD, FIT_PAIR, FIT_UNDECIDED: how much a gold pair, another pair,
 *								one that the name cannot tell counts; FIT_HARD_GOLD, FIT_HARD: a hard
 *								negative beside either; FIT_CRM, FIT_E2E: a pair of crm_records, a
 *								retrieved candidate
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decide/match.h"

#define F LEADS_MATCH_WEIGHTS
#define N (F + 3)				/* and what these groups have more or less to begin with */
#define OF_GOLD F
#define OF_PAIRS (F + 1)
#define OF_CRM (F + 2)
#define ACTIVE 60

typedef struct Row
{
	float		weight;
	char		same;
	unsigned char n;
	unsigned char at[ACTIVE];
	float		value[ACTIVE];
} Row;

static const char *const code[F] = {
#define X(id, code, weight, zh, en) [LEADS_F_##id] = code,
	LEADS_MATCH_FEATURES(X)
#undef X
};

/*
 * The sign that a feature's weight may have: explain() would puzzle people with
 * a difference that speaks for a match.  0 = either.
 */
static int
sign_of(const char *c)
{
	static const char *const less[] = {"base", "core_distance", "core_relative", "core_other", "core_short_edit",
		"stem_relative", "whole_relative", "region_other_district", "region_other_city", "region_conflict",
		"region_unknown", "core_equal_region_conflict", "number_conflict",
		"branch_distance", "branch_edits", "branch_other_kind", "branch_conflict", "branch_one_side", "industry_conflict", "core_equal_industry_conflict",
		"subsequence_runs", "group_differs", "legal_conflict", "phone_differs", "email_differs", "contact_differs",
		"contact_of_others", "uscc_differs", "branch_other_region", "branch_place_one_side", "slip_usual", "slip_sound_usual",
		"slip_both_usual", "slip_context_usual", "slip_in_head", "core_common_same_province", "words_base", "words_distance", "words_extra_rare", "person_base"};
	static const char *const either[] = {"core_more", "industry_one_side", "short_form", "core_rarity_region_conflict",
		"region_province", "industry_holding", "place_one_side", "slip_in_trade", "number_one_side"};

	for (size_t i = 0; i < sizeof(less) / sizeof(less[0]); i++)
		if (strcmp(c, less[i]) == 0)
			return -1;
	for (size_t i = 0; i < sizeof(either) / sizeof(either[0]); i++)
		if (strcmp(c, either[i]) == 0)
			return 0;
	return 1;
}

static float
setting(const char *name, double otherwise)
{
	return (float) (getenv(name) ? atof(getenv(name)) : otherwise);
}

int
main(int argc, char **argv)
{
	FILE	   *f = argc > 1 ? fopen(argv[1], "r") : NULL;
	double		ridge = argc > 2 ? atof(argv[2]) : 3;
	char		line[4096];
	Row		   *row = NULL;
	size_t		n = 0,
				room = 0;
	double		w[N] = {0};
	long		used[N] = {0};

	if (f == NULL)
		return 2;
	while (fgets(line, sizeof(line), f))
	{
		char	   *p = line;
		char	   *group;
		Row		   *r;
		bool		hard;

		if (n == room)
			row = realloc(row, (room = room ? room * 2 : 65536) * sizeof(Row));
		r = &row[n++];
		memset(r, 0, sizeof(*r));
		r->same = *p == '1';
		group = p + 2;
		p = strchr(group, ' ');
		if (p == NULL)
		{
			n--;
			continue;
		}
		*p++ = 0;
		hard = !r->same && (strncmp(group, "one_char", 8) == 0 || strncmp(group, "sibling", 7) == 0 ||
							strncmp(group, "ordinal", 7) == 0 || strncmp(group, "same_core", 9) == 0);
		r->weight = strcmp(group, "easy") == 0 ? 16 : strcmp(group, "short") == 0 && r->same ? 1.5 : 1;
		if (strcmp(group, "gold") == 0)
			r->weight = setting("FIT_GOLD", 60);
		else if (hard)
			r->weight = setting("FIT_HARD", 10);
		else if (strncmp(group, "pair", 4) == 0)
			r->weight = setting("FIT_PAIR", 10) * (strcmp(group, "pair") == 0 ? 1 : setting("FIT_UNDECIDED", 0.3));
		else if (strcmp(group, "crm") == 0)
			r->weight = setting("FIT_CRM", 6);
		else
			r->weight *= setting("FIT_E2E", 2);
		if (strcmp(group, "crm") == 0)
		{
			r->at[r->n] = OF_CRM;
			r->value[r->n++] = 1;
		}
		if (strcmp(group, "gold") == 0 || hard || strncmp(group, "pair", 4) == 0)
		{
			r->at[r->n] = strcmp(group, "gold") == 0 ? OF_GOLD : OF_PAIRS;
			r->value[r->n++] = 1;
		}
		while (*p && *p != '\n' && r->n < ACTIVE)
		{
			r->at[r->n] = (unsigned char) strtol(p, &p, 10);
			r->value[r->n] = strtof(p + 1, &p);
			used[r->at[r->n]]++;
			r->n++;
			while (*p == ' ')
				p++;
		}
		if (hard)
		{
			/* once beside the other pairs, once beside the gold ones */
			if (n == room)
				row = realloc(row, (room = room * 2) * sizeof(Row));
			row[n] = row[n - 1];
			row[n].weight = setting("FIT_HARD_GOLD", 10);
			row[n++].at[0] = OF_GOLD;
		}
	}
	fclose(f);
	for (int it = 0; it < 30; it++)
	{
		static double h[N][N + 1];
		double		loss = 0;

		memset(h, 0, sizeof(h));
		for (int i = 0; i < N; i++)
		{
			h[i][i] = ridge;
			h[i][N] = -ridge * w[i];
		}
		for (size_t k = 0; k < n; k++)
		{
			const Row  *r = &row[k];
			double		z = 0,
						p,
						g,
						c;

			for (int i = 0; i < r->n; i++)
				z += w[r->at[i]] * r->value[i];
			p = 1 / (1 + exp(-z));
			loss -= r->weight * log(fmax(r->same ? p : 1 - p, 1e-12));
			g = r->weight * (r->same - p);
			c = r->weight * p * (1 - p);
			for (int i = 0; i < r->n; i++)
			{
				h[r->at[i]][N] += g * r->value[i];
				for (int j = 0; j < r->n; j++)
					h[r->at[i]][r->at[j]] += c * r->value[i] * r->value[j];
			}
		}
		/* a weight at its bound that wants beyond it stays there */
		for (int i = 0; i < N; i++)
			if (i < F && w[i] == 0 && sign_of(code[i]) * h[i][N] < 0)
			{
				for (int j = 0; j < N; j++)
					h[i][j] = h[j][i] = 0;
				h[i][i] = 1;
				h[i][N] = 0;
			}
		/* solve h d = g */
		for (int i = 0; i < N; i++)
		{
			double		d = h[i][i];

			if (fabs(d) < 1e-12)
				continue;
			for (int j = i; j <= N; j++)
				h[i][j] /= d;
			for (int k = 0; k < N; k++)
				if (k != i && h[k][i] != 0)
				{
					double		m = h[k][i];

					for (int j = i; j <= N; j++)
						h[k][j] -= m * h[i][j];
				}
		}
		for (int i = 0; i < N; i++)
		{
			w[i] += fmax(-2, fmin(2, h[i][N]));
			if (i < F && sign_of(code[i]) * w[i] < 0)
				w[i] = 0;
		}
		fprintf(stderr, "%d %.1f\n", it, loss);
	}
	for (int i = 0; i < N; i++)
		if (used[i])
			printf("%s %.2f %ld\n", i < F ? code[i] : i == OF_GOLD ? "(gold pairs)" : i == OF_PAIRS ? "(pairs)" : "(crm)", w[i], used[i]);
	return 0;
}
