/*-------------------------------------------------------------------------
 *
 * match.c
 *		The judge of identity: are two records the same customer?
 *
 * Purpose: features are weighed and summed to one number, the log-odds that
 * the two are one; thresholds make a band of it.  Values in, decision out.
 *
 * Invariants: score is the sum of the shares; a band above "new" only if the
 * records share a key (registration's locks rest on it); a query whose core is
 * under three characters, without a region, never rises above "possible" on
 * its name alone, or "likely" if it is a whole company name and equal to the
 * letter; neither a person's nor a company's contact fields alone
 * decide, but for a person's mobile and a USCC.
 * Called by the verbs (register, check_duplicate, find_duplicates, import).
 *
 *-------------------------------------------------------------------------
 */
#include "decide/match.h"

#include <math.h>
#include <string.h>

#include "lib/company_parse.h"

const LeadsMatchModel leads_match_default = {
	.certain = 5.0,
	.likely = 1.0,
	.possible = -2.2,
	.w = {
#define X(id, code, weight, zh, en) [LEADS_F_##id] = weight,
		LEADS_MATCH_FEATURES(X)
#undef X
	},
};

static const struct
{
	const char *code;
	const char *zh;
	const char *en;
}			feature[LEADS_MATCH_WEIGHTS] = {
#define X(id, code, weight, zh, en) [LEADS_F_##id] = {code, zh, en},
	LEADS_MATCH_FEATURES(X)
#undef X
};

int
leads_match_weight_index(const char *name)
{
	for (int i = 0; i < LEADS_MATCH_WEIGHTS; i++)
		if (strcmp(feature[i].code, name) == 0)
			return i;
	return -1;
}

const char *
leads_match_feature_text(const char *name, bool zh)
{
	int			i = leads_match_weight_index(name);

	return i < 0 ? "" : zh ? feature[i].zh : feature[i].en;
}

/*
 * Shares in order of their strength.  What does not fit is summed up in
 * "rest", so that the shares always add to the score.
 */
static void
add_share(LeadsMatchScore *out, int i, double weight)
{
	int			at;

	for (at = out->nshares; at > 0 && fabs(out->share[at - 1].weight) < fabs(weight); at--)
		if (at < LEADS_MATCH_FEATURES_MAX)
			out->share[at] = out->share[at - 1];
	if (at < LEADS_MATCH_FEATURES_MAX)
	{
		out->share[at].name = feature[i].code;
		out->share[at].weight = weight;
		if (out->nshares < LEADS_MATCH_FEATURES_MAX)
			out->nshares++;
	}
}

static void
add_cap(LeadsMatchScore *out, int i, LeadsBand highest)
{
	if (out->band <= highest)
		return;
	out->band = highest;
	if (out->nshares == LEADS_MATCH_FEATURES_MAX)
		out->nshares--;
	out->share[out->nshares].name = feature[i].code;
	out->share[out->nshares].weight = 0;
	out->nshares++;
}

/*
 * The query is a whole company name, trade and legal form included, and the
 * stored name is the same to the letter: 华为技术有限公司 twice.  That is more
 * than a short core; yet without a region two companies may be meant.
 */
static bool
whole_name(const LeadsRecord *q, const double *f)
{
	for (int i = 0; i < q->nnames; i++)
		if (q->name[i].nlegal > 0 && q->name[i].nstem > q->name[i].ncore)
			return f[LEADS_F_NAME_EQUAL] > 0;
	return false;
}

/* is any of the query's names long enough to stand alone? */
static bool
short_query(const LeadsRecord *q)
{
	for (int i = 0; i < q->nnames; i++)
	{
		const LeadsName *n = &q->name[i];

		if (n->kind != LEADS_NAME_CJK || n->ncore >= 3 || n->region >= 0)
			return false;
	}
	return q->nnames > 0;
}

static bool
share_a_key(const LeadsRecord *q, const LeadsRecord *s)
{
	LeadsKey	a[LEADS_KEYS_MAX],
				b[LEADS_KEYS_MAX];
	int			na,
				nb;

	if (q->nkeys >= 0 && s->nkeys >= 0)
		return leads_keys_meet(q->keys, q->nkeys, s->keys, s->nkeys);
	na = leads_record_keys(q, a, LEADS_KEYS_MAX);
	nb = leads_record_keys(s, b, LEADS_KEYS_MAX);
	return leads_keys_meet(a, na, b, nb);
}

void
leads_match_score(const LeadsRecord *q, const LeadsRecord *s,
				  const LeadsMatchModel *m, LeadsMatchScore *out)
{
	double		f[LEADS_MATCH_WEIGHTS];
	double		kept = 0;
	double		contact;
	double		name;

	leads_match_features(q, s, m, f);
	out->score = 0;
	out->nshares = 0;
	for (int i = 0; i < LEADS_MATCH_WEIGHTS; i++)
		if (f[i] != 0 && m->w[i] != 0)
		{
			out->score += f[i] * m->w[i];
			add_share(out, i, f[i] * m->w[i]);
		}
	out->band = out->score >= m->certain ? LEADS_BAND_CERTAIN :
		out->score >= m->likely ? LEADS_BAND_LIKELY :
		out->score >= m->possible ? LEADS_BAND_POSSIBLE : LEADS_BAND_NEW;

	if (q->person != s->person)
		add_cap(out, LEADS_F_CAP_NO_KEY, LEADS_BAND_NEW);
	if (out->band > LEADS_BAND_NEW && !share_a_key(q, s))
		add_cap(out, LEADS_F_CAP_NO_KEY, LEADS_BAND_NEW);

	contact = f[LEADS_F_PHONE_EQUAL] + f[LEADS_F_EMAIL_EQUAL] + f[LEADS_F_EMAIL_DOMAIN_EQUAL] +
		f[LEADS_F_CONTACT_EQUAL];
	if (!q->person && contact == 0 && f[LEADS_F_USCC_EQUAL] == 0 && short_query(q))
		add_cap(out, LEADS_F_CAP_SHORT_NAME, whole_name(q, f) ? LEADS_BAND_LIKELY : LEADS_BAND_POSSIBLE);

	/* contact alone: at most possible, but for a person's mobile and a USCC */
	name = f[LEADS_F_CORE_EQUAL] + f[LEADS_F_CORE_SOUND] + f[LEADS_F_CORE_SWAP] + f[LEADS_F_CORE_MORE] +
		f[LEADS_F_CORE_OTHER] + f[LEADS_F_STEM_NEAR] + f[LEADS_F_SUBSEQUENCE] + f[LEADS_F_OVERLAP] +
		f[LEADS_F_LATIN_OVERLAP] + f[LEADS_F_LATIN_EQUAL] + f[LEADS_F_LATIN_JOINED] + f[LEADS_F_LATIN_INITIALS];
	if (!q->person && f[LEADS_F_USCC_EQUAL] == 0 && name < 0.3)
		add_cap(out, LEADS_F_CAP_CONTACT_ONLY, LEADS_BAND_POSSIBLE);
	if (q->person && f[LEADS_F_PERSON_MOBILE] == 0 &&
		f[LEADS_F_PERSON_EMAIL] + f[LEADS_F_PERSON_PHONE] == 0)
		add_cap(out, LEADS_F_CAP_CONTACT_ONLY, LEADS_BAND_POSSIBLE);

	/* what fell off the list of shares */
	for (int i = 0; i < out->nshares; i++)
		kept += out->share[i].weight;
	if (fabs(kept - out->score) > 1e-9)
	{
		int			last = out->nshares - 1;

		while (last > 0 && out->share[last].weight == 0)
			last--;
		out->share[last].name = feature[LEADS_F_REST].code;
		out->share[last].weight += out->score - kept;
	}
}
