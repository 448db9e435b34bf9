/*
 * register_input.c - what was sent, checked and put in order.
 *
 * Purpose: clean the texts, check them, read phone, mail, USCC and name, make the
 * keys, and keep what was sent for the registration row.
 * Invariants: runs before any lock, because it needs none; a fault becomes a reason,
 * not an error, so that the attempt can be kept; what an inbound channel sent wrong
 * is left out with a note, never a reason to lose the customer.
 * Called by: act/register.
 */
#include "core/leads.h"

#include "common/cryptohash.h"
#include "common/sha2.h"
#include "mb/pg_wchar.h"
#include "utils/numeric.h"

#include "act/register_input.h"
#include "record/keyset.h"
#include "lib/fold.h"

#define NAME_MAX_CHARS 200
#define SHORT_MAX_CHARS 200
#define LONG_MAX_CHARS 4000
#define PAYLOAD_TEXT_BYTES 1300	/* 200 characters, a mail address */
#define PAYLOAD_NEED_BYTES 16000	/* 4000 characters: a registration that waits is made a lead from it */

/* controls, zero-width and bidi characters: nobody typed them on purpose */
static bool
is_junk(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xAD || c == 0x61C || c == 0x180E ||
		(c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
		(c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB);
}

/* trimmed, without junk; NULL if nothing is left.  Line breaks inside a long text stay. */
static char *
clean(const char *s, bool many_lines, bool *stripped)
{
	size_t		len;
	char	   *out;
	char	   *p;
	const char *q;

	if (s == NULL)
		return NULL;
	len = strlen(s);
	out = p = palloc(len + 1);
	for (q = s; *q;)
	{
		int			l = pg_utf_mblen((const unsigned char *) q);
		uint32_t	c = utf8_to_unicode((const unsigned char *) q);

		if (is_junk(c) && !(many_lines && (c == '\n' || c == '\t')))
		{
			/* a tab or a line break in a name parts words */
			if (c == '\n' || c == '\t' || c == '\r')
				*p++ = ' ';
			*stripped = true;
		}
		else
		{
			memcpy(p, q, l);
			p += l;
		}
		q += l;
	}
	*p = '\0';
	/* trim ASCII and ideographic blanks */
	for (;;)
	{
		if (out[0] == ' ' || out[0] == '\n' || out[0] == '\t')
			out++;
		else if (strncmp(out, "\343\200\200", 3) == 0 || strncmp(out, "\302\240", 2) == 0)
			out += out[0] == '\343' ? 3 : 2;
		else
			break;
	}
	for (;;)
	{
		size_t		n = strlen(out);

		if (n >= 1 && (out[n - 1] == ' ' || out[n - 1] == '\n' || out[n - 1] == '\t'))
			out[n - 1] = '\0';
		else if (n >= 3 && strcmp(out + n - 3, "\343\200\200") == 0)
			out[n - 3] = '\0';
		else if (n >= 2 && strcmp(out + n - 2, "\302\240") == 0)
			out[n - 2] = '\0';
		else
			break;
	}
	return out[0] ? out : NULL;
}

static void
refuse(LeadsInput *in, const char *reason, const char *arg)
{
	if (in->reason == NULL)
	{
		in->reason = reason;
		in->reason_arg = arg;
	}
}

static void
limit(LeadsInput *in, const char *field, const char *s, int most)
{
	if (s && pg_mbstrlen(s) > most)
		refuse(in, "register.too_long", field);
}

/* ---- what was sent, as JSON ---- */

static void
push_text(JsonbParseState **state, JsonbIteratorToken token, const char *s, int len)
{
	JsonbValue	v;

	v.type = jbvString;
	v.val.string.val = unconstify(char *, s);
	v.val.string.len = len;
	pushJsonbValue(state, token, &v);
}

static void
push_field(JsonbParseState **state, const char *key, const char *s)
{
	int			most = strcmp(key, "need") == 0 ? PAYLOAD_NEED_BYTES : PAYLOAD_TEXT_BYTES;

	if (s == NULL)
		return;
	push_text(state, WJB_KEY, key, strlen(key));
	push_text(state, WJB_VALUE, s, pg_mbcliplen(s, strlen(s), most));
}

static const char *
numeric_text(Datum amount)
{
	return amount ? DatumGetCString(DirectFunctionCall1(numeric_out, amount)) : NULL;
}

static Jsonb *
make_payload(const LeadsRegisterArgs *a)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	push_field(&state, "name", a->name);
	push_field(&state, "phone", a->phone);
	push_field(&state, "contact", a->contact);
	push_field(&state, "email", a->email);
	push_field(&state, "region", a->region);
	push_field(&state, "industry", a->industry);
	push_field(&state, "amount", numeric_text(a->amount));
	push_field(&state, "need", a->need);
	push_field(&state, "line", a->line);
	push_field(&state, "project", a->project);
	push_field(&state, "uscc", a->uscc);
	push_field(&state, "kind", a->kind);
	if (a->extra)
	{
		JsonbValue	v;

		push_text(&state, WJB_KEY, "extra", 5);
		if (VARSIZE_ANY(a->extra) <= LEADS_PAYLOAD_EXTRA)
		{
			JsonbToJsonbValue(a->extra, &v);
			pushJsonbValue(&state, WJB_VALUE, &v);
		}
		else
			push_text(&state, WJB_VALUE, "cut: larger than 32 kB", 22);
	}
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/* SHA-256 over everything but the key and who brought it */
static char *
make_hash(const LeadsRegisterArgs *a)
{
	const char *parts[] = {
		a->name, a->phone, a->contact, a->email, a->region, a->industry, numeric_text(a->amount), a->need,
		a->line, a->project, a->uscc, a->kind,
		a->extra ? JsonbToCString(NULL, &a->extra->root, VARSIZE(a->extra)) : NULL
	};
	pg_cryptohash_ctx *ctx = pg_cryptohash_create(PG_SHA256);
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	char	   *hex = palloc(2 * sizeof(digest) + 1);
	bool		ok = ctx != NULL && pg_cryptohash_init(ctx) >= 0;

	for (int i = 0; ok && i < lengthof(parts); i++)
	{
		/* the length before each part: no two contents run together alike */
		int64		len = parts[i] ? (int64) strlen(parts[i]) : -1;

		ok = pg_cryptohash_update(ctx, (const uint8 *) &len, sizeof(len)) >= 0 &&
			(len <= 0 || pg_cryptohash_update(ctx, (const uint8 *) parts[i], len) >= 0);
	}
	ok = ok && pg_cryptohash_final(ctx, digest, sizeof(digest)) >= 0;
	if (ctx)
		pg_cryptohash_free(ctx);
	if (!ok)
		elog(ERROR, "could not compute a digest");
	for (int i = 0; i < (int) sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return hex;
}

/* ---- checks ---- */

static void
check_texts(LeadsInput *in)
{
	LeadsRegisterArgs *a = &in->arg;

	limit(in, "name", a->name, NAME_MAX_CHARS);
	limit(in, "contact", a->contact, SHORT_MAX_CHARS);
	limit(in, "region", a->region, SHORT_MAX_CHARS);
	limit(in, "industry", a->industry, SHORT_MAX_CHARS);
	limit(in, "line", a->line, SHORT_MAX_CHARS);
	limit(in, "project", a->project, SHORT_MAX_CHARS);
	limit(in, "phone", a->phone, SHORT_MAX_CHARS);
	limit(in, "email", a->email, 320);
	limit(in, "uscc", a->uscc, SHORT_MAX_CHARS);
	limit(in, "need", a->need, LONG_MAX_CHARS);
	limit(in, "request_key", a->request_key, SHORT_MAX_CHARS);
	/* a key that cannot be stored names no attempt: the refusal is kept without it */
	if (a->request_key && pg_mbstrlen(a->request_key) > SHORT_MAX_CHARS)
		a->request_key = NULL;
	if (a->extra && VARSIZE_ANY(a->extra) > 64 * 1024)
		refuse(in, "register.too_long", "extra");
	if (a->amount)
	{
		if (numeric_is_nan(DatumGetNumeric(a->amount)) || numeric_is_inf(DatumGetNumeric(a->amount)) ||
			DatumGetBool(DirectFunctionCall2(numeric_lt, a->amount,
											 DirectFunctionCall1(int4_numeric, Int32GetDatum(0)))) ||
			DatumGetBool(DirectFunctionCall2(numeric_ge, a->amount,
											 DirectFunctionCall1(int8_numeric, Int64GetDatum(INT64CONST(10000000000000000))))))
			refuse(in, "register.amount_invalid", numeric_text(a->amount));
	}
}

static void
check_values(LeadsInput *in, bool inbound)
{
	LeadsRegisterArgs *a = &in->arg;

	if (a->phone)
	{
		leads_phone_parse(a->phone, strlen(a->phone), &in->phone);
		in->phone_ok = in->phone.kind != LEADS_PHONE_NONE && in->phone.kind != LEADS_PHONE_INVALID;
		if (!in->phone_ok && !inbound)
			refuse(in, "register.phone_invalid", NULL);
	}
	if (a->email)
	{
		leads_email_parse(a->email, strlen(a->email), &in->email);
		in->email_ok = in->email.present && in->email.valid;
		if (!in->email_ok && !inbound)
			refuse(in, "register.email_invalid", NULL);
	}
	if (a->uscc)
	{
		leads_uscc_parse(a->uscc, strlen(a->uscc), &in->uscc);
		in->uscc_ok = in->uscc.present && in->uscc.valid;
		if (!in->uscc_ok && !inbound)
			refuse(in, "register.uscc_invalid", NULL);
	}
	if (in->person)
	{
		if (a->name == NULL && !(in->phone_ok && in->phone.kind == LEADS_PHONE_MOBILE))
			refuse(in, "register.person_needs_mobile", NULL);
	}
	else
	{
		uint32_t	folded[LEADS_TEXT_MAX];

		if (a->name == NULL ||
			leads_fold(a->name, strlen(a->name), folded, LEADS_TEXT_MAX, NULL) == 0)
			refuse(in, "register.name_required", NULL);
	}
}

static const char *
part(const LeadsName *name, LeadsNamePart p)
{
	char		buf[1024];

	return leads_name_text(name, p, buf, sizeof(buf)) > 0 ? pstrdup(buf) : NULL;
}

void
leads_input_record(const LeadsInput *in, const char *region, LeadsRecord *r)
{
	const LeadsRegisterArgs *a = &in->arg;

	leads_record_init(r, in->person);
	if (a->name)
		leads_record_add_name(r, a->name, strlen(a->name));
	if (region)
		leads_record_set_region(r, region, strlen(region));
	if (a->contact)
		leads_record_set_contact(r, a->contact, strlen(a->contact));
	if (in->phone_ok)
		leads_record_add_phone(r, a->phone, strlen(a->phone));
	if (in->email_ok)
		leads_record_add_email(r, a->email, strlen(a->email));
	if (in->uscc_ok)
		leads_record_set_uscc(r, a->uscc, strlen(a->uscc));
}

static void
read_identity(LeadsInput *in)
{
	LeadsRegisterArgs *a = &in->arg;
	LeadsRecord *r = palloc(LEADS_RECORD_ROOM(1));

	leads_input_record(in, a->region, r);
	in->nkeys = leads_record_keys(r, in->keys, LEADS_KEYS_MAX);
	in->record = r;
	if (a->name)
	{
		LeadsName  *n = palloc(sizeof(LeadsName));

		if (in->person)
			leads_person_parse(a->name, strlen(a->name), n);
		else
			leads_name_parse(a->name, strlen(a->name), n);
		if (a->region)
			leads_name_set_region(n, a->region, strlen(a->region));
		in->core = part(n, LEADS_NAME_CORE);
		in->city = part(n, LEADS_NAME_CITY);
		in->region = part(n, LEADS_NAME_REGION);
		in->industry = part(n, LEADS_NAME_INDUSTRY);
	}
	/* what the sender says of region and industry counts more than what the name says */
	if (a->region && in->region == NULL)
		in->region = a->region;
	if (a->industry)
		in->industry = a->industry;
}

void
leads_input_keys(LeadsFrame *f, LeadsInput *in)
{
	const LeadsKeyset *k = leads_keyset_valid(f);

	if (in->epoch == k->epoch)
		return;
	in->record->nkeys = -1;
	in->nkeys = leads_record_keys(in->record, in->keys, LEADS_KEYS_MAX);
	in->epoch = k->epoch;
}

void
leads_input_read(const LeadsRegisterArgs *args, bool inbound, LeadsInput *in)
{
	LeadsRegisterArgs *a = &in->arg;

	memset(in, 0, sizeof(*in));
	*a = *args;
	if (args->extra && !JB_ROOT_IS_OBJECT(args->extra))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("extra must be a JSON object")));
	if (args->kind && strcmp(args->kind, "company") != 0 && strcmp(args->kind, "person") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("kind is 'company' or 'person'")));
	in->person = args->kind && strcmp(args->kind, "person") == 0;
	in->payload = make_payload(args);
	a->name = clean(args->name, false, &in->stripped);
	a->phone = clean(args->phone, false, &in->stripped);
	a->contact = clean(args->contact, false, &in->stripped);
	a->email = clean(args->email, false, &in->stripped);
	a->region = clean(args->region, false, &in->stripped);
	a->industry = clean(args->industry, false, &in->stripped);
	a->need = clean(args->need, true, &in->stripped);
	a->line = clean(args->line, false, &in->stripped);
	a->project = clean(args->project, false, &in->stripped);
	a->uscc = clean(args->uscc, false, &in->stripped);
	if (args->request_key && args->request_key[0] == '\0')
		a->request_key = NULL;
	if (a->request_key)
		in->hash = make_hash(args);
	check_texts(in);
	if (in->reason == NULL)
		check_values(in, inbound);
	if (in->reason == NULL)
		read_identity(in);
	/* nothing that it could ever be found by: a name of punctuation */
	if (in->reason == NULL && in->nkeys == 0)
		refuse(in, "register.name_required", NULL);
}
