/*
 * document.c - the canonical document: what conditions in policies are read over.
 *
 * Purpose: build the document from values, check a condition when it is
 * published, evaluate it when it is needed.
 * Invariants: a missing value is a missing key, a number is a number, an instant
 * is text in the business zone, so that one comparison gives one answer in every
 * session; a published condition cannot raise: what would (variables) or whose
 * answer depends on locale or zone (like_regex, datetime) is refused, and only
 * item kinds known to be sound are let in, so a newer server adds none by itself.
 * Called by: decide/routing, act/route.
 */
#include "core/leads.h"

#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonpath.h"
#include "utils/numeric.h"

#include "decide/document.h"

#define PATH_MAX_BYTES 4000

/* every key, with its children; "*" = any child */
static const struct
{
	const char *top;
	const char *sub[12];
}			known[] = {
	{"customer", {"name", "kind", "core", "region", "city", "industry", "level", "tags", "extra"}},
	{"contact", {"name", "title", "role"}},
	{"lead", {"id", "channel", "line", "project", "amount", "stage", "score", "created_at", "extra"}},
	{"owner", {"code", "team"}},
	{"registrant", {"code", "team", "partner"}},
	{"now", {NULL}},
};

static bool
same(const char *word, const char *s, int len)
{
	return strlen(word) == len && memcmp(word, s, len) == 0;
}

bool
leads_document_knows(const char *top, int toplen, const char *sub, int sublen)
{
	for (int i = 0; i < lengthof(known); i++)
	{
		if (!same(known[i].top, top, toplen))
			continue;
		if (sub == NULL)
			return true;
		for (int k = 0; k < lengthof(known[i].sub) && known[i].sub[k]; k++)
			if (same(known[i].sub[k], sub, sublen))
				return true;
		return false;
	}
	return false;
}

/* building: an object is opened only when it gets its first key */
typedef struct Builder
{
	JsonbParseState *state;
	const char *pending;		/* object wanted, not yet opened */
	bool		open;
} Builder;

static void
push_key(Builder *b, const char *key)
{
	JsonbValue	k;

	k.type = jbvString;
	k.val.string.val = unconstify(char *, key);
	k.val.string.len = strlen(key);
	(void) pushJsonbValue(&b->state, WJB_KEY, &k);
}

static void
begin_object(Builder *b, const char *name)
{
	b->pending = name;
	b->open = false;
}

static void
want_object(Builder *b)
{
	if (b->pending && !b->open)
	{
		push_key(b, b->pending);
		(void) pushJsonbValue(&b->state, WJB_BEGIN_OBJECT, NULL);
		b->open = true;
	}
}

static void
end_object(Builder *b)
{
	if (b->open)
		(void) pushJsonbValue(&b->state, WJB_END_OBJECT, NULL);
	b->pending = NULL;
	b->open = false;
}

static void
add_value(Builder *b, const char *key, JsonbValue *v)
{
	want_object(b);
	push_key(b, key);
	(void) pushJsonbValue(&b->state, WJB_VALUE, v);
}

static void
add_text(Builder *b, const char *key, const char *s)
{
	JsonbValue	v;

	if (s == NULL || *s == '\0')
		return;
	v.type = jbvString;
	v.val.string.val = unconstify(char *, s);
	v.val.string.len = strlen(s);
	add_value(b, key, &v);
}

static void
add_number(Builder *b, const char *key, Datum numeric)
{
	JsonbValue	v;

	if (numeric == (Datum) 0)
		return;
	v.type = jbvNumeric;
	v.val.numeric = DatumGetNumeric(numeric);
	add_value(b, key, &v);
}

static void
add_json(Builder *b, const char *key, Jsonb *j)
{
	JsonbValue	v;

	if (j == NULL)
		return;
	JsonbToJsonbValue(j, &v);
	add_value(b, key, &v);
}

static void
add_time(Builder *b, const char *key, TimestampTz at, const char *zone)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			tz;
	const char *tzn;
	char		buf[MAXDATELEN + 1];
	pg_tz	   *z = zone ? pg_tzset(zone) : NULL;

	if (TIMESTAMP_NOT_FINITE(at) || timestamp2tm(at, &tz, &tm, &fsec, &tzn, z ? z : session_timezone) != 0)
		return;
	EncodeDateTime(&tm, fsec, true, tz, tzn, USE_XSD_DATES, buf);
	/* the builder keeps pointers until the whole is serialised */
	add_text(b, key, pstrdup(buf));
}

Jsonb *
leads_document_build(const LeadsDocument *d)
{
	Builder		b = {NULL, NULL, false};

	(void) pushJsonbValue(&b.state, WJB_BEGIN_OBJECT, NULL);
	begin_object(&b, "customer");
	add_text(&b, "name", d->name);
	add_text(&b, "kind", d->kind);
	add_text(&b, "core", d->core);
	add_text(&b, "region", d->region);
	add_text(&b, "city", d->city);
	add_text(&b, "industry", d->industry);
	add_text(&b, "level", d->level);
	add_json(&b, "tags", d->tags);
	add_json(&b, "extra", d->customer_extra);
	end_object(&b);
	begin_object(&b, "contact");
	add_text(&b, "name", d->contact_name);
	add_text(&b, "title", d->contact_title);
	end_object(&b);
	begin_object(&b, "lead");
	if (d->lead_id != 0)
		add_number(&b, "id", NumericGetDatum(int64_to_numeric(d->lead_id)));
	add_text(&b, "channel", d->channel);
	add_text(&b, "line", d->line);
	add_text(&b, "project", d->project);
	add_number(&b, "amount", d->amount);
	add_text(&b, "stage", d->stage);
	add_time(&b, "created_at", d->created_at, d->zone);
	add_json(&b, "extra", d->lead_extra);
	end_object(&b);
	begin_object(&b, "owner");
	add_text(&b, "code", d->owner_code);
	add_text(&b, "team", d->owner_team);
	end_object(&b);
	begin_object(&b, "registrant");
	add_text(&b, "code", d->registrant_code);
	add_text(&b, "team", d->registrant_team);
	add_text(&b, "partner", d->registrant_partner);
	end_object(&b);
	add_time(&b, "now", d->now, d->zone);
	return JsonbValueToJsonb(pushJsonbValue(&b.state, WJB_END_OBJECT, NULL));
}

/* $.top.sub: only keys that can be there, or a typing error would never match and never tell */
static char *
root_fault(JsonPathItem *root)
{
	JsonPathItem top;
	JsonPathItem sub;
	char	   *name;
	char	   *child;
	int32		len;
	int32		childlen;

	if (!jspGetNext(root, &top) || top.type != jpiKey)
		return NULL;
	name = jspGetString(&top, &len);
	if (!leads_document_knows(name, len, NULL, 0))
		return psprintf("the document has no key \"%.*s\"", len, name);
	if (!jspGetNext(&top, &sub) || sub.type != jpiKey)
		return NULL;
	child = jspGetString(&sub, &childlen);
	if (!leads_document_knows(name, len, child, childlen))
		return psprintf("the document has no key \"%.*s\" in \"%.*s\"", childlen, child, len, name);
	return NULL;
}

static char *item_fault(JsonPathItem *v);

static char *
args_fault(JsonPathItem *v)
{
	JsonPathItem arg;
	char	   *fault;

	jspGetLeftArg(v, &arg);
	if ((fault = item_fault(&arg)) != NULL)
		return fault;
	jspGetRightArg(v, &arg);
	return item_fault(&arg);
}

static char *
subscript_fault(JsonPathItem *v)
{
	JsonPathItem from;
	JsonPathItem to;
	char	   *fault;

	for (int i = 0; i < v->content.array.nelems; i++)
	{
		bool		range = jspGetArraySubscript(v, &from, &to, i);

		if ((fault = item_fault(&from)) != NULL)
			return fault;
		if (range && (fault = item_fault(&to)) != NULL)
			return fault;
	}
	return NULL;
}

static char *
item_fault(JsonPathItem *v)
{
	JsonPathItem next;
	char	   *fault = NULL;

	check_stack_depth();
	switch (v->type)
	{
		case jpiNull:
		case jpiString:
		case jpiNumeric:
		case jpiBool:
		case jpiAnyArray:
		case jpiAnyKey:
		case jpiKey:
		case jpiCurrent:
		case jpiType:
		case jpiSize:
		case jpiAbs:
		case jpiFloor:
		case jpiCeiling:
		case jpiDouble:
		case jpiLast:
			break;
		case jpiRoot:
			fault = root_fault(v);
			break;
		case jpiAnd:
		case jpiOr:
		case jpiEqual:
		case jpiNotEqual:
		case jpiLess:
		case jpiGreater:
		case jpiLessOrEqual:
		case jpiGreaterOrEqual:
		case jpiAdd:
		case jpiSub:
		case jpiMul:
		case jpiDiv:
		case jpiMod:
		case jpiStartsWith:
			fault = args_fault(v);
			break;
		case jpiNot:
		case jpiIsUnknown:
		case jpiPlus:
		case jpiMinus:
		case jpiExists:
		case jpiFilter:
			{
				JsonPathItem arg;

				jspGetArg(v, &arg);
				fault = item_fault(&arg);
				break;
			}
		case jpiIndexArray:
			fault = subscript_fault(v);
			break;
		case jpiAny:
			if (v->content.anybounds.last == PG_UINT32_MAX)
				fault = pstrdup(".** needs bounds here: .**{1 to 3}");
			break;
		case jpiLikeRegex:
			fault = pstrdup("like_regex is not allowed: its answer depends on the locale");
			break;
		case jpiDatetime:
			fault = pstrdup("datetime() is not allowed: its answer depends on the time zone");
			break;
		case jpiVariable:
			fault = pstrdup("variables are not known here");
			break;
		default:
			fault = pstrdup("this item method is not allowed");
			break;
	}
	if (fault == NULL && jspGetNext(v, &next))
		fault = item_fault(&next);
	return fault;
}

static bool
is_predicate(JsonPathItem *v)
{
	if (jspHasNext(v))
		return false;
	switch (v->type)
	{
		case jpiAnd:
		case jpiOr:
		case jpiNot:
		case jpiIsUnknown:
		case jpiEqual:
		case jpiNotEqual:
		case jpiLess:
		case jpiGreater:
		case jpiLessOrEqual:
		case jpiGreaterOrEqual:
		case jpiExists:
		case jpiStartsWith:
		case jpiLikeRegex:		/* refused below, with its own reason */
			return true;
		default:
			return false;
	}
}

char *
leads_document_path_fault(const char *path)
{
	JsonPath   *volatile jp = NULL;
	char	   *volatile fault = NULL;
	MemoryContext cxt = CurrentMemoryContext;
	JsonPathItem root;

	if (strlen(path) > PATH_MAX_BYTES)
		return pstrdup("the condition is longer than 4000 bytes");
	/*
	 * The parser takes nothing but memory, and every caller raises what we
	 * return: the error is only put into other words.
	 */
	PG_TRY();
	{
		jp = DatumGetJsonPathP(DirectFunctionCall1(jsonpath_in, CStringGetDatum(path)));
	}
	PG_CATCH();
	{
		ErrorData  *err;

		MemoryContextSwitchTo(cxt);
		err = CopyErrorData();
		if (ERRCODE_TO_CATEGORY(err->sqlerrcode) != ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION &&
			ERRCODE_TO_CATEGORY(err->sqlerrcode) != ERRCODE_DATA_EXCEPTION)
			PG_RE_THROW();
		FlushErrorState();
		fault = err->message;
	}
	PG_END_TRY();
	if (fault)
		return fault;
	jspInit(&root, jp);
	if (!is_predicate(&root))
		return pstrdup("the root is not a predicate: write $.lead.amount > 1000, not $ ? (@.lead.amount > 1000)");
	return item_fault(&root);
}

LeadsPredicate
leads_document_holds(Jsonb *document, struct varlena *jsonpath)
{
	LOCAL_FCINFO(fcinfo, 4);
	Jsonb	   *vars = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum("{}")));
	Datum		d;

	InitFunctionCallInfoData(*fcinfo, NULL, 4, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = JsonbPGetDatum(document);
	fcinfo->args[0].isnull = false;
	fcinfo->args[1].value = PointerGetDatum(jsonpath);
	fcinfo->args[1].isnull = false;
	fcinfo->args[2].value = JsonbPGetDatum(vars);
	fcinfo->args[2].isnull = false;
	fcinfo->args[3].value = BoolGetDatum(true);	/* silent */
	fcinfo->args[3].isnull = false;
	d = jsonb_path_match(fcinfo);
	/* a predicate is true, false or unknown, and unknown is an error within it */
	if (fcinfo->isnull)
		return LEADS_PREDICATE_ERROR;
	return DatumGetBool(d) ? LEADS_PREDICATE_YES : LEADS_PREDICATE_NO;
}
