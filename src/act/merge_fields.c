/*
 * merge_fields.c - whose name, region, tags … the survivor has after a merge.
 *
 * Purpose: the survivor's value stays unless the caller chose another one's; what it lacks comes
 * from the first loser that has it; tags and extra are those of all.
 * Invariants: no value is lost: names not chosen become further names, each field overwritten is in
 * the journal; whatever differs is told as a conflict, in a dry run and after it.
 * Called by: act/merge.
 */
#include "core/leads.h"

#include "utils/json.h"

#include "act/merge_steps.h"
#include "core/policy.h"

Jsonb *
leads_merge_json(const char *text)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text)));
}

void
leads_merge_json_text(StringInfo buf, const char *s)
{
	if (s)
		escape_json(buf, s);
	else
		appendStringInfoString(buf, "null");
}

void
leads_merge_conflict(LeadsMergeCall *c, const char *field, const char *scope, int kept,
					 const char *const *values, bool refused)
{
	StringInfo	buf = &c->conflicts;
	bool		first = true;

	appendStringInfo(buf, "%s{\"field\": \"%s\"", buf->len ? ", " : "", field);
	if (scope)
	{
		appendStringInfoString(buf, ", \"scope\": ");
		escape_json(buf, scope);
	}
	if (kept >= 0)
		appendStringInfo(buf, ", \"kept\": " INT64_FORMAT, c->who[kept].id);
	if (refused)
		appendStringInfoString(buf, ", \"refused\": \"LD002\"");
	appendStringInfoString(buf, ", \"values\": {");
	for (int i = 0; i < c->n; i++)
		if (values[i])
		{
			appendStringInfo(buf, "%s\"" INT64_FORMAT "\": ", first ? "" : ", ", c->who[i].id);
			escape_json(buf, values[i]);
			first = false;
		}
	appendStringInfoString(buf, "}}");
}

/* {"region": 17}: the value of customer 17; 22023 if it is not one of the family */
static void
read_choices(LeadsMergeCall *c, int *asked)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	v;

	if (!JB_ROOT_IS_OBJECT(c->choices))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("field_choices is no object")));
	it = JsonbIteratorInit(&c->choices->root);
	(void) JsonbIteratorNext(&it, &v, true);
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		char	   *key;
		int			field = -1;
		int			whose = -1;

		if (token != WJB_KEY)
			continue;
		key = pnstrdup(v.val.string.val, v.val.string.len);
		for (int i = 0; i < LEADS_MERGE_FIELDS; i++)
			if (strcmp(leads_merge_field_names[i], key) == 0)
				field = i;
		if (field < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("field_choices names an unknown field"),
					 errhint("Fields are name, region, industry, level, tags and extra.")));
		(void) JsonbIteratorNext(&it, &v, true);
		for (int i = 0; i < c->n && v.type == jbvNumeric; i++)
			if (DatumGetBool(DirectFunctionCall2(numeric_eq, NumericGetDatum(v.val.numeric),
												 NumericGetDatum(int64_to_numeric(c->who[i].id)))))
				whose = i;
		if (whose < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("field_choices: %s is not one of the customers merged", key),
					 errhint("Give the id of the customer whose value is to stay.")));
		asked[field] = whose;
	}
}

void
leads_merge_choose_fields(LeadsMergeCall *c)
{
	int			asked[LEADS_MERGE_FIELDS];

	for (int k = 0; k < LEADS_MERGE_FIELDS; k++)
		asked[k] = -1;
	for (int i = 0; i < c->n; i++)
		leads_merge_fields_read(&c->f, c->who[i].id, &c->fields[i]);
	read_choices(c, asked);
	leads_merge_union(&c->f, c->ids, &c->joined[LEADS_FIELD_TAGS], &c->joined[LEADS_FIELD_EXTRA]);
	for (int k = 0; k < LEADS_MERGE_FIELDS; k++)
	{
		const char *values[LEADS_FAMILY];
		bool		differ = false;
		int			first = -1;

		for (int i = 0; i < c->n; i++)
		{
			values[i] = c->fields[i].shown[k];
			if (values[i] == NULL)
				continue;
			if (first < 0)
				first = i;
			else if (strcmp(values[i], values[first]) != 0)
				differ = true;
		}
		c->chosen[k] = asked[k] >= 0 ? asked[k] : k >= LEADS_FIELD_TAGS ? -1 : Max(first, 0);
		if (!differ)
			continue;
		leads_merge_conflict(c, leads_merge_field_names[k], NULL, c->chosen[k], values, false);
		if (c->chosen[k] >= 0)
			leads_evidence_add(&c->evidence, "field", "kept", "merge.field", 2, leads_merge_field_names[k],
							   psprintf(INT64_FORMAT, c->who[c->chosen[k]].id));
		else
			leads_evidence_add(&c->evidence, "field", "joined", "merge.joined", 1, leads_merge_field_names[k]);
	}
}

static bool
same(Jsonb *a, Jsonb *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return compareJsonbContainers(&a->root, &b->root) == 0;
}

void
leads_merge_write_fields(LeadsMergeCall *c)
{
	int64		survivor = c->who[0].id;

	for (int k = 0; k < LEADS_MERGE_FIELDS; k++)
	{
		Jsonb	   *before = c->fields[0].value[k];
		Jsonb	   *after = c->chosen[k] < 0 ? c->joined[k] : c->fields[c->chosen[k]].value[k];

		if (same(before, after))
			continue;
		leads_merge_field_write(&c->f, survivor, k, after);
		leads_merge_note(&c->f, c->merge_id, "field", "customer", survivor, leads_merge_field_names[k], before, after);
	}
	/* found under every name that anyone of them had */
	for (int i = 0; i < c->n; i++)
		if (c->who[i].name)
			(void) leads_merge_add_name(&c->f, c->merge_id, survivor, c->who[i].name);
}
