/*-------------------------------------------------------------------------
 *
 * match.h
 *		The judge of identity: are two records the same customer?
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_MATCH_H
#define LEADS_MATCH_H

#include "lib/company_name.h"
#include "lib/keys.h"

#define LEADS_RECORD_NAMES_MAX	4
#define LEADS_RECORD_PHONES_MAX 8
#define LEADS_RECORD_EMAILS_MAX 4
#define LEADS_RECORD_CONTACT_MAX 32

/*
 * What the judge knows of a customer.  A plain value: copy it, keep it for one
 * LEADS_NORM_VERSION.  Filled by the functions below only.
 */
typedef struct LeadsRecord
{
	bool		person;
	bool		has_uscc;
	uint8_t		nnames;			/* [0] is the name, others former or short */
	uint8_t		nphones;
	uint8_t		nemails;
	uint8_t		ncontact;
	int16_t		region;			/* given separately, -1 = not */
	int16_t		nkeys;			/* -1: keys not made yet */
	struct
	{
		char		norm[24];
		bool		weak;
		bool		mobile;
	}			phone[LEADS_RECORD_PHONES_MAX];
	struct
	{
		int64_t		norm;		/* hashes */
		int64_t		domain;
		bool		weak;		/* a role box */
		bool		free;		/* a free-mail provider */
	}			email[LEADS_RECORD_EMAILS_MAX];
	char		uscc[19];
	uint32_t	contact[LEADS_RECORD_CONTACT_MAX];
	LeadsKey	keys[LEADS_KEYS_MAX];	/* by leads_record_prepare */
	LeadsKey	contact_keys[2 * LEADS_RECORD_EMAILS_MAX + LEADS_RECORD_PHONES_MAX + 1];
	uint8_t		ncontact_keys;
	LeadsName	name[LEADS_RECORD_NAMES_MAX];
} LeadsRecord;

extern void leads_record_init(LeadsRecord *r, bool person);

/* Blank or invalid values, and those beyond the room there is, are ignored. */
extern void leads_record_add_name(LeadsRecord *r, const char *s, size_t len);
extern void leads_record_set_region(LeadsRecord *r, const char *s, size_t len);
extern void leads_record_set_contact(LeadsRecord *r, const char *s, size_t len);
extern void leads_record_add_phone(LeadsRecord *r, const char *s, size_t len);
extern void leads_record_add_email(LeadsRecord *r, const char *s, size_t len);
extern void leads_record_set_uscc(LeadsRecord *r, const char *s, size_t len);

/* The record's keys, sorted, distinct by key; returns their count. */
extern int	leads_record_keys(const LeadsRecord *r, LeadsKey *out, int cap);

/* Optional: make the keys once for many leads_match_score calls. */
extern void leads_record_prepare(LeadsRecord *r);

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

typedef enum LeadsBand
{
	LEADS_BAND_NEW,
	LEADS_BAND_POSSIBLE,
	LEADS_BAND_LIKELY,
	LEADS_BAND_CERTAIN
} LeadsBand;

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

#endif							/* LEADS_MATCH_H */
