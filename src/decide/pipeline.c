/*
 * pipeline.c - the judge of stage moves and of follow-ups: the pipeline document, and moves.
 *
 * Purpose: which move of a lead is allowed.
 * Invariants: a closed lead only moves by reopening; a lead is closed only by
 * win and lose; open stages left out on the way forward count as skipped, and
 * winning from the middle skips like any other move.
 * Called by: act/pipeline, act/followup.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "core/policy.h"
#include "decide/pipeline.h"
#include "lib/fold.h"

static char *default_lose_reasons[] =
{"price", "competitor", "no_budget", "no_need", "no_answer", "other", "spam", "wrong_number", "test"};
static char *default_invalid_reasons[] = {"spam", "wrong_number", "test"};
static char *default_followup_kinds[] = {"call", "visit", "mail", "wechat", "meeting", "demo"};

const char *const leads_pipeline_default =
"{\"allow_skip\": true, \"back_needs_reason\": true, \"lose_note_min\": 10,"
" \"lose_reasons\": [\"price\", \"competitor\", \"no_budget\", \"no_need\", \"no_answer\", \"other\","
"                  \"spam\", \"wrong_number\", \"test\"],"
" \"invalid_reasons\": [\"spam\", \"wrong_number\", \"test\"],"
" \"qualify_needs\": [],"
" \"followup_kinds\": [\"call\", \"visit\", \"mail\", \"wechat\", \"meeting\", \"demo\"],"
" \"followup_note_min\": 5, \"followup_days_back\": 7}";

/* ---------------------------------------------------------------- the document */

typedef struct Field
{
	const char *name;
	enum
	{
		FIELD_BOOL, FIELD_INT, FIELD_CODES
	}			type;
	int			least;			/* of an integer; entries of a list */
	int			most;
	const char *const *known;	/* allowed entries, NULL = any code */
} Field;

static const char *const qualify_fields[] = {"amount", "expected_on", NULL};
static const char *const activity_kinds[] =
{"call", "visit", "mail", "wechat", "meeting", "demo", "note", NULL};

static const Field fields[] = {
	{"allow_skip", FIELD_BOOL, 0, 0, NULL},
	{"back_needs_reason", FIELD_BOOL, 0, 0, NULL},
	{"count_registrations", FIELD_BOOL, 0, 0, NULL},	/* read by read/funnel */
	{"lose_note_min", FIELD_INT, 0, 1000, NULL},
	{"lose_reasons", FIELD_CODES, 1, 100, NULL},
	{"invalid_reasons", FIELD_CODES, 0, 100, NULL},
	{"qualify_needs", FIELD_CODES, 0, 2, qualify_fields},
	{"followup_kinds", FIELD_CODES, 1, 20, activity_kinds},
	{"followup_note_min", FIELD_INT, 0, 1000, NULL},
	{"followup_days_back", FIELD_INT, 0, 3650, NULL},
};

static bool
is_code(const char *s, int len)
{
	if (len < 1 || len > 60)
		return false;
	for (int i = 0; i < len; i++)
		if ((unsigned char) s[i] <= ' ' || s[i] == ',' || s[i] == 0x7f)
			return false;
	return true;
}

static void
check_codes(const Field *fd, JsonbValue *v)
{
	const char *path = psprintf("$.%s", fd->name);
	JsonbContainer *list;
	uint32		n;

	if (v->type != jbvBinary || !JsonContainerIsArray(v->val.binary.data) ||
		JsonContainerIsScalar(v->val.binary.data))
		leads_policy_fault(path, "not an array");
	list = v->val.binary.data;
	n = JsonContainerSize(list);
	if (n < (uint32) fd->least || n > (uint32) fd->most)
		leads_policy_fault(path, psprintf("not %d to %d entries", fd->least, fd->most));
	for (uint32 i = 0; i < n; i++)
	{
		JsonbValue *e = getIthJsonbValueFromContainer(list, i);
		const char *at = psprintf("$.%s[%u]", fd->name, i);
		bool		known = fd->known == NULL;

		if (e->type != jbvString || !is_code(e->val.string.val, e->val.string.len))
			leads_policy_fault(at, "not a code");
		for (int k = 0; !known && fd->known[k]; k++)
			known = (int) strlen(fd->known[k]) == e->val.string.len &&
				memcmp(fd->known[k], e->val.string.val, e->val.string.len) == 0;
		if (!known)
			leads_policy_fault(at, "not one of those that are known");
		for (uint32 j = 0; j < i; j++)
		{
			JsonbValue *o = getIthJsonbValueFromContainer(list, j);

			if (o->val.string.len == e->val.string.len &&
				memcmp(o->val.string.val, e->val.string.val, e->val.string.len) == 0)
				leads_policy_fault(at, "named twice");
		}
	}
}

static void
check_field(const Field *fd, JsonbValue *v)
{
	const char *path = psprintf("$.%s", fd->name);

	switch (fd->type)
	{
		case FIELD_BOOL:
			if (v->type != jbvBool)
				leads_policy_fault(path, "neither true nor false");
			break;
		case FIELD_INT:
			{
				int			k;
				bool		fault = false;

				if (v->type != jbvNumeric)
					leads_policy_fault(path, "not a number");
				/* a fraction or a monster is no count */
				k = numeric_int4_opt_error(v->val.numeric, &fault);
				if (fault || k < fd->least || k > fd->most ||
					!DatumGetBool(DirectFunctionCall2(numeric_eq, NumericGetDatum(v->val.numeric),
													  NumericGetDatum(int64_to_numeric(k)))))
					leads_policy_fault(path, psprintf("not a whole number from %d to %d", fd->least, fd->most));
				break;
			}
		case FIELD_CODES:
			check_codes(fd, v);
			break;
	}
}

static bool
listed(char **list, int n, const char *code)
{
	for (int i = 0; i < n; i++)
		if (strcmp(list[i], code) == 0)
			return true;
	return false;
}

/* nothing is lost for a reason that is none */
static void
check_invalid(Jsonb *body)
{
	LeadsPipeline p;

	leads_pipeline_read(body, 0, &p);
	for (int i = 0; i < p.ninvalid_reasons && leads_json_get(body, "invalid_reasons"); i++)
		if (!listed(p.lose_reasons, p.nlose_reasons, p.invalid_reasons[i]))
			leads_policy_fault(psprintf("$.invalid_reasons[%d]", i), "not one of lose_reasons");
}

void
leads_pipeline_validate(Jsonb *body)
{
	JsonbIterator *it = JsonbIteratorInit(&body->root);
	JsonbValue	v;
	JsonbIteratorToken t;

	while ((t = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		const Field *fd = NULL;

		if (t != WJB_KEY)
			continue;
		for (int i = 0; i < lengthof(fields); i++)
			if ((int) strlen(fields[i].name) == v.val.string.len &&
				memcmp(fields[i].name, v.val.string.val, v.val.string.len) == 0)
				fd = &fields[i];
		if (fd == NULL)
			leads_policy_fault(psprintf("$.%s", pnstrdup(v.val.string.val, v.val.string.len)), "unknown key");
		(void) JsonbIteratorNext(&it, &v, true);
		check_field(fd, &v);
	}
	check_invalid(body);
}

static void
read_codes(Jsonb *body, const char *key, char **fallback, int nfallback, char ***out, int *nout)
{
	JsonbValue *v = leads_json_get(body, key);
	uint32		n;

	*out = fallback;
	*nout = nfallback;
	if (v == NULL || v->type != jbvBinary || !JsonContainerIsArray(v->val.binary.data))
		return;
	n = JsonContainerSize(v->val.binary.data);
	*out = palloc(sizeof(char *) * Max(n, 1));
	*nout = n;
	for (uint32 i = 0; i < n; i++)
	{
		JsonbValue *e = getIthJsonbValueFromContainer(v->val.binary.data, i);

		(*out)[i] = e->type == jbvString ? pnstrdup(e->val.string.val, e->val.string.len) : pstrdup("");
	}
}

void
leads_pipeline_read(Jsonb *body, int32 version, LeadsPipeline *out)
{
	char	  **needs;
	int			nneeds;

	out->version = version;
	out->allow_skip = leads_json_bool(body, "allow_skip", true);
	out->back_needs_reason = leads_json_bool(body, "back_needs_reason", true);
	out->lose_note_min = (int) leads_json_int(body, "lose_note_min", 10);
	out->followup_note_min = (int) leads_json_int(body, "followup_note_min", 5);
	out->followup_days_back = (int) leads_json_int(body, "followup_days_back", 7);
	out->followup_seconds_min = 0;
	out->followup_alike = LEADS_FOLLOWUP_ALIKE;
	out->followup_gap = out->followup_grace = 0;
	read_codes(body, "lose_reasons", default_lose_reasons, lengthof(default_lose_reasons),
			   &out->lose_reasons, &out->nlose_reasons);
	read_codes(body, "invalid_reasons", default_invalid_reasons, lengthof(default_invalid_reasons),
			   &out->invalid_reasons, &out->ninvalid_reasons);
	read_codes(body, "followup_kinds", default_followup_kinds, lengthof(default_followup_kinds),
			   &out->followup_kinds, &out->nfollowup_kinds);
	read_codes(body, "qualify_needs", NULL, 0, &needs, &nneeds);
	out->qualify_amount = listed(needs, nneeds, "amount");
	out->qualify_date = listed(needs, nneeds, "expected_on");
}

/* ---------------------------------------------------------------- moves */

bool
leads_pipeline_opportunity(const LeadsStep *steps, int n, int at)
{
	for (int i = 0; i < n; i++)
		if (steps[i].qualifies && steps[i].position <= steps[at].position)
			return true;
	return false;
}

/* what lies between two places of the pipeline, and what the qualifying stage asks for */
static LeadsMove
judge(const LeadsPipeline *p, const LeadsStep *steps, int n, int from, int to, const LeadsMoveFacts *facts)
{
	LeadsMove	m = {LEADS_MOVE_OK};
	bool		before = leads_pipeline_opportunity(steps, n, from);
	bool		after = leads_pipeline_opportunity(steps, n, to);

	m.back = steps[to].position < steps[from].position;
	m.qualifies = after && !before;
	m.disqualifies = before && !after;
	for (int i = 0; i < n; i++)
		if (steps[i].open && steps[i].position > steps[from].position && steps[i].position < steps[to].position)
			m.skipped++;
	if (m.skipped > 0 && !p->allow_skip)
		m.fault = LEADS_MOVE_SKIPS;
	else if (m.back && p->back_needs_reason && !facts->has_reason)
		m.fault = LEADS_MOVE_NO_REASON;
	else if (m.qualifies && p->qualify_amount && !facts->has_amount)
		m.fault = LEADS_MOVE_NO_AMOUNT;
	else if (m.qualifies && p->qualify_date && !facts->has_date)
		m.fault = LEADS_MOVE_NO_DATE;
	return m;
}

LeadsMove
leads_pipeline_advance(const LeadsPipeline *p, const LeadsStep *steps, int n,
					   int from, int to, const LeadsMoveFacts *facts)
{
	LeadsMove	m = {LEADS_MOVE_OK};

	if (!steps[from].open)
		m.fault = LEADS_MOVE_CLOSED;
	else if (!steps[to].open)
		m.fault = LEADS_MOVE_CLOSING;
	else if (from == to)
		m.fault = LEADS_MOVE_SAME;
	else
		m = judge(p, steps, n, from, to, facts);
	return m;
}

LeadsMove
leads_pipeline_win(const LeadsPipeline *p, const LeadsStep *steps, int n,
				   int from, int won, const LeadsMoveFacts *facts)
{
	LeadsMove	m = {LEADS_MOVE_CLOSED};

	if (steps[from].open)
		m = judge(p, steps, n, from, won, facts);
	return m;
}

LeadsMoveFault
leads_pipeline_lose(const LeadsPipeline *p, const LeadsStep *from, const char *reason, const char *note)
{
	if (!from->open)
		return LEADS_MOVE_CLOSED;
	if (reason == NULL || leads_followup_length(reason) == 0)
		return LEADS_MOVE_NO_REASON;
	if (!listed(p->lose_reasons, p->nlose_reasons, reason))
		return LEADS_MOVE_UNKNOWN_REASON;
	if (strcmp(reason, "other") == 0 && leads_followup_length(note) < p->lose_note_min)
		return LEADS_MOVE_NO_NOTE;
	return LEADS_MOVE_OK;
}

bool
leads_pipeline_invalid(const LeadsPipeline *p, const char *reason)
{
	return listed(p->invalid_reasons, p->ninvalid_reasons, reason);
}

LeadsMoveFault
leads_pipeline_reopen(const LeadsStep *from, const LeadsStep *to)
{
	if (from->open)
		return LEADS_MOVE_NOT_CLOSED;
	if (!to->open)
		return LEADS_MOVE_CLOSING;
	return LEADS_MOVE_OK;
}

char *
leads_pipeline_next(const LeadsPipeline *p, const LeadsStep *steps, int n, int from)
{
	/* what a reason, an amount or a date would cure is allowed */
	static const LeadsMoveFacts all = {true, true, true};
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < n; i++)
		if (leads_pipeline_advance(p, steps, n, from, i, &all).fault == LEADS_MOVE_OK)
			appendStringInfo(&buf, "%s%s", buf.len ? ", " : "", steps[i].code);
	return buf.len ? buf.data : NULL;
}

/* ---------------------------------------------------------------- follow-ups */

/* the text as people see it; NULL reads as empty */
static char *
seen(const char *note)
{
	size_t		len = note ? strlen(note) : 0;
	size_t		cap = len * 4 + 1;
	char	   *out = palloc(cap);

	out[0] = '\0';
	if (len > 0)
		(void) leads_nfkc(note, len, out, cap, NULL);
	return out;
}

int
leads_followup_length(const char *note)
{
	return pg_mbstrlen(seen(note));
}
