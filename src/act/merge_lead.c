/*
 * merge_lead.c - leads of customers that turn out to be one.
 *
 * Purpose: who was there twice asked twice: of each customer the open lead that went furthest, in one scope, line and
 * project, is one inquiry with those of the others; on the way back each is itself again.
 * Invariants: the furthest stays (of equal ones the survivor's), the others become tombstones that calls and figures
 * follow; no lead changes its stage; closed leads stay as they are, each deal was really made; two open leads of one
 * customer never become one.
 * Called by: act/merge, act/merge_undo.
 */
#include "core/leads.h"

#include "act/merge_steps.h"
#include "record/journey.h"

static bool
took_part(const LeadsMergeLead *from, const LeadsMergeLead *to)
{
	for (const LeadsMergeLead *l = from; l < to; l++)
		if (l->customer_id == to->customer_id)
			return true;
	return false;
}

void
leads_merge_choose_leads(LeadsMergeCall *c)
{
	LeadsMergeLead *leads;
	int			n = leads_merge_leads(&c->f, c->ids, &leads);
	int			first = 0;

	c->pairs = palloc0(sizeof(LeadsMergePair) * Max(n, 1));
	for (int i = 1; i < n; i++)
	{
		LeadsMergePair *p = &c->pairs[c->npairs];

		if (strcmp(leads[i].same, leads[first].same) != 0)
			first = i;
		if (i == first || took_part(leads + first, leads + i))
			continue;
		p->lead = leads[i];
		p->into = leads[first].id;
		c->npairs++;
		leads_evidence_add(&c->evidence, "lead", "joined", "merge.lead", 2, psprintf(INT64_FORMAT, p->lead.id),
						   psprintf(INT64_FORMAT, p->into));
	}
}

static void
tell(LeadsFrame *f, const char *kind, const LeadsMergeLead *l, const char *data, int64 decision_id)
{
	LeadsEvent	e = {
		.kind = kind, .customer_id = l->customer_id, .lead_id = l->id, .scope = l->scope, .at = LEADS_NO_TIME,
		.decision_id = decision_id, .data = leads_merge_json(data)
	};

	(void) leads_event_write(f, &e);
}

void
leads_merge_write_leads(LeadsMergeCall *c)
{
	for (int i = 0; i < c->npairs; i++)
	{
		const LeadsMergePair *p = &c->pairs[i];

		leads_merge_join(&c->f, c->merge_id, p->lead.id, p->into);
		tell(&c->f, "merged", &p->lead,
			 psprintf("{\"merge\": " INT64_FORMAT ", \"lead\": " INT64_FORMAT "}", c->merge_id, p->into), c->decision_id);
	}
	for (int i = 0; i < c->npairs; i++)
	{
		leads_journey_whole(&c->f, c->pairs[i].lead.id);
		/* the pairs of one lead stand together */
		if (i == c->npairs - 1 || c->pairs[i].into != c->pairs[i + 1].into)
			leads_journey_whole(&c->f, c->pairs[i].into);
	}
}

void
leads_merge_part_leads(LeadsFrame *f, int64 merge_id, int64 decision_id)
{
	LeadsMergeLead *leads;
	int			n = leads_merge_part(f, merge_id, &leads);

	for (int i = 0; i < n; i++)
	{
		leads_journey_whole(f, leads[i].id);
		if (leads[i].parted)
			tell(f, "unmerged", &leads[i], psprintf("{\"merge\": " INT64_FORMAT "}", merge_id), decision_id);
	}
}
