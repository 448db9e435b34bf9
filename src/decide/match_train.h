/*-------------------------------------------------------------------------
 *
 * match_train.h
 *		Weights of the judge of identity from pairs that people have judged.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_MATCH_TRAIN_H
#define LEADS_MATCH_TRAIN_H

#include "decide/match.h"

/* features that a pair of names can have at once */
#define LEADS_TRAIN_ACTIVE 48

/* only names are trained: what telephone and mail were before a merge is gone */
#define LEADS_TRAIN_WEIGHTS LEADS_F_PERSON_BASE

/* fewer confirmed or fewer refused ones than these: pairs that nobody judged help out */
#define LEADS_TRAIN_ENOUGH 20

/* fewer than these on either side: the accuracy cannot be measured */
#define LEADS_TRAIN_MEASURABLE 5

typedef enum LeadsTrainLabel
{
	LEADS_TRAIN_REFUSED,
	LEADS_TRAIN_CONFIRMED,
	LEADS_TRAIN_UNJUDGED
} LeadsTrainLabel;

typedef struct LeadsTrainPair
{
	uint8_t		label;			/* LeadsTrainLabel */
	uint8_t		n;
	uint8_t		at[LEADS_TRAIN_ACTIVE];
	float		value[LEADS_TRAIN_ACTIVE];
	float		belief;			/* that it is one customer; set by leads_match_train */
} LeadsTrainPair;

/* room for the equations, so that nothing is allocated here */
typedef struct LeadsTrainWork
{
	double		h[LEADS_TRAIN_WEIGHTS][LEADS_TRAIN_WEIGHTS + 1];
} LeadsTrainWork;

/* of the labelled pairs: called likely or more against confirmed; negative = cannot be measured */
typedef struct LeadsTrainAccuracy
{
	double		precision,
				recall,
				f1;
} LeadsTrainAccuracy;

typedef struct LeadsTrainReport
{
	int			confirmed,
				refused,
				unjudged;		/* how many of these counted, 0 if there were enough labelled ones */
	bool		occurs[LEADS_TRAIN_WEIGHTS];	/* the feature stood in a pair that counted */
	LeadsTrainAccuracy before,
				after;			/* after: each pair by weights that have not seen it */
} LeadsTrainReport;

/* The features of two names as a pair; m picks the best names of records that have several. */
extern void leads_match_train_pair(const LeadsRecord *a, const LeadsRecord *b, const LeadsMatchModel *m,
								   LeadsTrainLabel label, LeadsTrainPair *out);

/*
 * w gets LEADS_TRAIN_WEIGHTS weights near to the shipped ones that explain the labels best.  now: the
 * model that rules, for the accuracy before and the threshold.  check, if given, is called between steps
 * and may not return.
 */
extern void leads_match_train(LeadsTrainPair *pairs, int n, const LeadsMatchModel *now, LeadsTrainWork *work,
							  void (*check) (void), double *w, LeadsTrainReport *report);

#endif							/* LEADS_MATCH_TRAIN_H */
