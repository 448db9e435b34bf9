/*
 * routing_cover.c - the judge of routing rules, second half: which rule stands in the way of which.
 *
 * Purpose: say whether every customer that fits one rule fits an earlier one, and
 * whether a rule contradicts itself.
 * Invariants: values in, verdict out; true is sure, false says nothing: two predicates
 * are alike only if they are written alike.
 * Called by: act/coverage.
 */
#include "core/leads.h"

#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "decide/routing.h"
#include "lib/company_name.h"

static bool
within(const char *region, const char *prefix)
{
	return leads_region_within(region, strlen(region), prefix, strlen(prefix));
}

/* some region of the territory holds this one */
static bool
in_territory(const LeadsRoutingRule *r, const char *region)
{
	for (int i = 0; i < r->nterritory; i++)
		if (within(region, r->territory[i]))
			return true;
	return false;
}

/* wherever b applies, a's condition on places holds */
static bool
places_cover(const LeadsRoutingRule *a, const LeadsRoutingRule *b)
{
	bool		region = a->region == NULL;
	bool		territory = a->nterritory == 0;

	if (!region)
		region = b->region && within(b->region, a->region);
	if (!region && b->nterritory > 0)
	{
		region = true;
		for (int i = 0; i < b->nterritory && region; i++)
			region = within(b->territory[i], a->region);
	}
	if (!territory)
		territory = b->region && in_territory(a, b->region);
	if (!territory && b->nterritory > 0)
	{
		territory = true;
		for (int i = 0; i < b->nterritory && territory; i++)
			territory = in_territory(a, b->territory[i]);
	}
	return region && territory;
}

static bool
contains(const LeadsRoutingRule *hay, const LeadsRoutingRule *word)
{
	uint32_t	h[LEADS_TEXT_MAX];
	uint32_t	w[LEADS_TEXT_MAX];
	int			nh = leads_fold(hay->industry, strlen(hay->industry), h, LEADS_TEXT_MAX, NULL);
	int			nw = leads_fold(word->industry, strlen(word->industry), w, LEADS_TEXT_MAX, NULL);

	for (int i = 0; i + nw <= nh; i++)
		if (memcmp(h + i, w, sizeof(uint32_t) * nw) == 0)
			return true;
	return false;
}

static bool
same(const char *a, const char *b)
{
	return a == NULL || (b && strcmp(a, b) == 0);
}

bool
leads_routing_covers(const LeadsRoutingRule *a, const LeadsRoutingRule *b)
{
	if (!places_cover(a, b))
		return false;
	if (a->industry && (b->industry == NULL || !contains(b, a)))
		return false;
	if (!same(a->line, b->line) || !same(a->channel, b->channel) || !same(a->when_text, b->when_text))
		return false;
	/* an amount that is not known fits no limit: either of b's limits makes it known */
	if ((a->min_amount || a->max_amount) && !b->min_amount && !b->max_amount)
		return false;
	if (a->min_amount && (!b->min_amount ||
						  DatumGetBool(DirectFunctionCall2(numeric_lt, b->min_amount, a->min_amount))))
		return false;
	if (a->max_amount && (!b->max_amount ||
						  DatumGetBool(DirectFunctionCall2(numeric_gt, b->max_amount, a->max_amount))))
		return false;
	return true;
}

bool
leads_routing_impossible(const LeadsRoutingRule *r)
{
	if (r->region == NULL || r->nterritory == 0 || in_territory(r, r->region))
		return false;
	for (int i = 0; i < r->nterritory; i++)
		if (within(r->territory[i], r->region))
			return false;
	return true;
}
