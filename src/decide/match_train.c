/*-------------------------------------------------------------------------
 *
 * match_train.c
 *		Weights of the judge of identity from pairs that people have judged.
 *
 * Purpose: logistic regression over confirmed and refused pairs, held near to
 * the shipped weights by a ridge.  Where there are too few, pairs that share a
 * key and that nobody judged help out: the two kinds they fall into are found
 * by expectation maximisation over a few fields (Fellegi, Sunter), and what it
 * believes of each pair counts as a weak label.
 *
 * Invariants: pure, no memory of its own; the same pairs in the same order give
 * the same weights; no weight changes its sign, and one that is shipped as 0
 * stays 0, or explain() would puzzle people; the unjudged count no more than
 * UNJUDGED_WORTH labelled pairs together.
 * Called by act/train.
 *
 *-------------------------------------------------------------------------
 */
#include "decide/match_train.h"

#include <math.h>
#include <string.h>

#define N LEADS_TRAIN_WEIGHTS
#define RIDGE 1.0				/* a shipped weight is believed as one label on its feature alone is */
#define STEPS 25
#define FOLDS 5
#define ROUNDS 30				/* of expectation and maximisation */
#define UNJUDGED_WORTH 40.0

void
leads_match_train_pair(const LeadsRecord *a, const LeadsRecord *b, const LeadsMatchModel *m,
					   LeadsTrainLabel label, LeadsTrainPair *out)
{
	double		f[LEADS_MATCH_WEIGHTS];

	memset(out, 0, sizeof(*out));
	out->label = (uint8_t) label;
	leads_match_features(a, b, m, f);
	for (int i = 0; i < N && out->n < LEADS_TRAIN_ACTIVE; i++)
		if (f[i] != 0)
		{
			out->at[out->n] = (uint8_t) i;
			out->value[out->n++] = (float) f[i];
		}
}

static double
score_of(const LeadsTrainPair *p, const double *w)
{
	double		s = 0;

	for (int i = 0; i < p->n; i++)
		s += w[p->at[i]] * p->value[i];
	return s;
}

static double
chance(double score)
{
	return 1 / (1 + exp(-score));
}

/* ---- pairs that nobody judged -------------------------------------------------- */

#define FIELDS 5
#define LEVELS 5

/* how two names agree, field by field */
static void
levels_of(const LeadsTrainPair *p, int *level)
{
	double		f[N] = {0};

	for (int i = 0; i < p->n; i++)
		f[p->at[i]] = p->value[i];
	level[0] = f[LEADS_F_CORE_EQUAL] + f[LEADS_F_LATIN_EQUAL] + f[LEADS_F_LATIN_JOINED] > 0 ? 0 :
		f[LEADS_F_CORE_SOUND] + f[LEADS_F_CORE_SWAP] > 0 ? 1 :
		f[LEADS_F_CORE_MORE] + f[LEADS_F_CORE_OTHER] > 0 || f[LEADS_F_LATIN_OVERLAP] > 0.7 ? 2 :
		f[LEADS_F_SUBSEQUENCE] + f[LEADS_F_LATIN_INITIALS] > 0 ? 3 : 4;
	level[1] = f[LEADS_F_REGION_SAME] > 0 ? 0 : f[LEADS_F_REGION_PROVINCE] > 0 ? 1 :
		f[LEADS_F_REGION_DISTRICT] + f[LEADS_F_REGION_CITY] + f[LEADS_F_REGION_CONFLICT] > 0 ? 2 :
		f[LEADS_F_REGION_UNKNOWN] > 0 ? 3 : 4;
	level[2] = f[LEADS_F_INDUSTRY_EQUAL] > 0 ? 0 :
		f[LEADS_F_INDUSTRY_HOLDING] + f[LEADS_F_INDUSTRY_CONTAINED] + f[LEADS_F_INDUSTRY_NEAR] > 0 ? 1 :
		f[LEADS_F_INDUSTRY_ONE_SIDE] > 0 ? 2 : f[LEADS_F_INDUSTRY_CONFLICT] > 0 ? 3 : 4;
	level[3] = f[LEADS_F_BRANCH_EQUAL] > 0 ? 0 :
		f[LEADS_F_BRANCH_ONE_SIDE] + f[LEADS_F_BRANCH_CONFLICT] + f[LEADS_F_BRANCH_DISTANCE] > 0 ? 1 : 2;
	level[4] = f[LEADS_F_NUMBER_CONFLICT] > 0 ? 0 : f[LEADS_F_NUMBER_ONE_SIDE] > 0 ? 1 : 2;
}

/*
 * What to believe of each unjudged pair.  It begins with what the shipped
 * weights say; false: what came of it contradicts the very meaning of a match.
 */
static bool
believe(LeadsTrainPair *pairs, int n, void (*check) (void))
{
	double		same[FIELDS][LEVELS],
				other[FIELDS][LEVELS];
	int			level[FIELDS];
	double		sum[2] = {0};
	int			count[2] = {0};

	for (int round = 0; round < ROUNDS; round++)
	{
		double		ns = 1,
					no = 1;

		if (check)
			check();
		for (int f = 0; f < FIELDS; f++)
			for (int l = 0; l < LEVELS; l++)
				same[f][l] = other[f][l] = 0.5;
		for (int k = 0; k < n; k++)
		{
			double		b = pairs[k].belief;

			levels_of(&pairs[k], level);
			ns += b;
			no += 1 - b;
			for (int f = 0; f < FIELDS; f++)
			{
				same[f][level[f]] += b;
				other[f][level[f]] += 1 - b;
			}
		}
		for (int k = 0; k < n; k++)
		{
			double		s = log(ns / no);

			if (pairs[k].label != LEADS_TRAIN_UNJUDGED)
				continue;
			levels_of(&pairs[k], level);
			for (int f = 0; f < FIELDS; f++)
				s += log(same[f][level[f]] / (ns + 0.5 * LEVELS)) - log(other[f][level[f]] / (no + 0.5 * LEVELS));
			pairs[k].belief = (float) chance(s);
		}
	}
	/* the two kinds may have changed places */
	for (int k = 0; k < n; k++)
	{
		bool		like = score_of(&pairs[k], leads_match_default.w) > 0;

		if (pairs[k].label != LEADS_TRAIN_UNJUDGED)
			continue;
		sum[like] += pairs[k].belief;
		count[like]++;
	}
	return count[0] == 0 || count[1] == 0 || sum[1] / count[1] > sum[0] / count[0];
}

/* ---- the regression --------------------------------------------------------------- */

/* solve work->h (symmetric, positive) for its last column, which becomes the answer */
static void
solve(LeadsTrainWork *work)
{
	for (int i = 0; i < N; i++)
	{
		double		d = work->h[i][i];

		for (int j = i; j <= N; j++)
			work->h[i][j] /= d;
		for (int k = 0; k < N; k++)
		{
			double		m = work->h[k][i];

			if (k == i || m == 0)
				continue;
			for (int j = i; j <= N; j++)
				work->h[k][j] -= m * work->h[i][j];
		}
	}
}

/* does a pair count, and how much; leave: labelled ones of this fold do not, -1 = all do */
static double
worth(const LeadsTrainPair *p, int place, int leave, double unjudged)
{
	if (p->label == LEADS_TRAIN_UNJUDGED)
		return unjudged;
	return leave >= 0 && place % FOLDS == leave ? 0 : 1;
}

static void
fit(const LeadsTrainPair *pairs, int n, int leave, double unjudged, LeadsTrainWork *work,
	void (*check) (void), double *w)
{
	const double *prior = leads_match_default.w;

	memcpy(w, prior, N * sizeof(double));
	for (int step = 0; step < STEPS; step++)
	{
		int			place[2] = {0};
		double		longest = 0;

		if (check)
			check();
		memset(work->h, 0, sizeof(work->h));
		for (int i = 0; i < N; i++)
		{
			work->h[i][i] = RIDGE;
			work->h[i][N] = -RIDGE * (w[i] - prior[i]);
		}
		for (int k = 0; k < n; k++)
		{
			const LeadsTrainPair *p = &pairs[k];
			int			at = p->label == LEADS_TRAIN_UNJUDGED ? 0 : place[p->label]++;
			double		c = worth(p, at, leave, unjudged);
			double		q;

			if (c == 0)
				continue;
			q = chance(score_of(p, w));
			for (int i = 0; i < p->n; i++)
			{
				work->h[p->at[i]][N] += c * (p->belief - q) * p->value[i];
				for (int j = 0; j < p->n; j++)
					work->h[p->at[i]][p->at[j]] += c * q * (1 - q) * p->value[i] * p->value[j];
			}
		}
		/* what is shipped as 0 stays, and so does a weight at 0 that wants beyond it */
		for (int i = 0; i < N; i++)
			if (prior[i] == 0 || (w[i] == 0 && prior[i] * work->h[i][N] < 0))
			{
				for (int j = 0; j < N; j++)
					work->h[i][j] = work->h[j][i] = 0;
				work->h[i][i] = 1;
				work->h[i][N] = 0;
			}
		solve(work);
		for (int i = 0; i < N; i++)
		{
			double		before = w[i];

			w[i] += fmax(-1, fmin(1, work->h[i][N]));
			if (w[i] * prior[i] < 0)
				w[i] = 0;
			longest = fmax(longest, fabs(w[i] - before));
		}
		if (longest < 1e-4)
			break;
	}
}

static void
measure(const int *called, const LeadsTrainReport *r, LeadsTrainAccuracy *out)
{
	double		tp = called[LEADS_TRAIN_CONFIRMED],
				fp = called[LEADS_TRAIN_REFUSED];

	out->precision = out->recall = out->f1 = -1;
	if (r->confirmed < LEADS_TRAIN_MEASURABLE || r->refused < LEADS_TRAIN_MEASURABLE)
		return;
	if (tp + fp > 0)
		out->precision = tp / (tp + fp);
	out->recall = tp / r->confirmed;
	out->f1 = 2 * tp / (tp + fp + r->confirmed);
}

void
leads_match_train(LeadsTrainPair *pairs, int n, const LeadsMatchModel *now, LeadsTrainWork *work,
				  void (*check) (void), double *w, LeadsTrainReport *report)
{
	int			before[2] = {0},
				after[2] = {0};
	double		unjudged = 0;

	memset(report, 0, sizeof(*report));
	for (int k = 0; k < n; k++)
	{
		LeadsTrainPair *p = &pairs[k];

		report->confirmed += p->label == LEADS_TRAIN_CONFIRMED;
		report->refused += p->label == LEADS_TRAIN_REFUSED;
		report->unjudged += p->label == LEADS_TRAIN_UNJUDGED;
		p->belief = p->label == LEADS_TRAIN_UNJUDGED ? (float) chance(score_of(p, leads_match_default.w)) :
			p->label == LEADS_TRAIN_CONFIRMED;
		if (p->label != LEADS_TRAIN_UNJUDGED)
			before[p->label] += score_of(p, now->w) >= now->likely;
	}
	if ((report->confirmed < LEADS_TRAIN_ENOUGH || report->refused < LEADS_TRAIN_ENOUGH) &&
		report->unjudged > 0 && believe(pairs, n, check))
		unjudged = fmin(1, UNJUDGED_WORTH / report->unjudged);
	else
		report->unjudged = 0;
	for (int k = 0; k < n; k++)
		for (int i = 0; i < pairs[k].n && (pairs[k].label != LEADS_TRAIN_UNJUDGED || unjudged > 0); i++)
			report->occurs[pairs[k].at[i]] = true;

	measure(before, report, &report->before);
	if (report->before.recall >= 0)
		for (int fold = 0; fold < FOLDS; fold++)
		{
			int			place[2] = {0};

			fit(pairs, n, fold, unjudged, work, check, w);
			for (int k = 0; k < n; k++)
				if (pairs[k].label != LEADS_TRAIN_UNJUDGED && place[pairs[k].label]++ % FOLDS == fold)
					after[pairs[k].label] += score_of(&pairs[k], w) >= now->likely;
		}
	measure(after, report, &report->after);
	fit(pairs, n, -1, unjudged, work, check, w);
}
