/*-------------------------------------------------------------------------
 *
 * match.h
 *		The judge of identity: are two records the same customer?
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_MATCH_H
#define LEADS_MATCH_H

#include "lib/identity.h"

/* ---- the decision ----------------------------------------------------------- */

/*
 * Every feature: code, default weight (log-odds), Chinese, English.  The codes
 * are stable: policies name them.  match_features.c says what each measures.
 */
#include "decide/match_weights.h"

enum
{
#define X(id, code, weight, zh, en) LEADS_F_##id,
	LEADS_MATCH_FEATURES(X)
#undef X
	LEADS_MATCH_WEIGHTS
};

#define LEADS_MATCH_FEATURES_MAX 24

typedef struct LeadsMatchShare
{
	const char *name;			/* stable short code, static storage */
	double		weight;
} LeadsMatchShare;

/*
 * score is the sum of the shares.  band follows from score and the model's
 * thresholds, but for the caps, each of which shows as a share of weight 0:
 * cap_no_key, cap_short_name, cap_contact_only.
 */
typedef struct LeadsMatchScore
{
	double		score;
	LeadsBand	band;
	int			nshares;
	LeadsMatchShare share[LEADS_MATCH_FEATURES_MAX];
} LeadsMatchScore;

typedef struct LeadsMatchModel
{
	double		certain,
				likely,
				possible;		/* thresholds */
	double		w[LEADS_MATCH_WEIGHTS];
} LeadsMatchModel;

extern const LeadsMatchModel leads_match_default;

extern void leads_match_score(const LeadsRecord *query, const LeadsRecord *stored,
							  const LeadsMatchModel *m, LeadsMatchScore *out);

/* One sentence fragment in Chinese or English; "" for an unknown code. */
extern const char *leads_match_feature_text(const char *name, bool zh);

/* For policies that override weights by code; -1 unknown. */
extern int	leads_match_weight_index(const char *name);

/*
 * The features of a pair, LEADS_MATCH_WEIGHTS values (for training and tests);
 * m picks the best pair of names.
 */
extern void leads_match_features(const LeadsRecord *query, const LeadsRecord *stored,
								 const LeadsMatchModel *m, double *value);

/* ---- among the judge's own files (match_features.c, match_han.c) ---------------- */

extern void leads_compare_han(const LeadsName *x, const LeadsName *y, double *f);
extern void leads_compare_numbers(const int16_t *a, int na, const int16_t *b, int nb, double *f);
extern double leads_sound_distance(const uint32_t *a, const uint16_t *sa, int na,
								   const uint32_t *b, const uint16_t *sb, int nb);

#endif							/* LEADS_MATCH_H */
