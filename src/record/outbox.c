/*
 * outbox.c - keeper of messages for senders outside.
 *
 * Purpose: one row a message, written in the transaction of its cause; a sender
 * outside the database maps it to mail, SMS, DingTalk or WeCom.
 * Invariants: (topic, subject, dedupe_key) is unique, so that a repeated cause sends
 * once; payloads hold ids and names, never a phone, a mail address, a URL or a secret;
 * nothing is NOTIFYed here (it would serialise commits).
 * Called by: the verbs, act/corridor, act/tick.
 */
#include "core/leads.h"

#include "core/bulk.h"
#include "record/outbox.h"

#define INTO "INSERT INTO @.outbox (topic, subject, dedupe_key, member_id, payload, created_at, effective_at)"
#define ONCE " ON CONFLICT (topic, subject, dedupe_key) DO NOTHING"
LEADS_CHANGE(c_insert, LEADS_RANK_OUTBOX, false, "tttLjzz",
			 INTO " VALUES ($1, $2, $3, $4, $5, $6, $7)" ONCE,
			 INTO " SELECT * FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4),"
			 " pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7))" ONCE);

static void
push(JsonbParseState **state, JsonbIteratorToken token, const char *s)
{
	JsonbValue	v;

	v.type = jbvString;
	v.val.string.val = pstrdup(s);
	v.val.string.len = strlen(s);
	pushJsonbValue(state, token, &v);
}

bool
leads_outbox_write(LeadsFrame *f, const char *topic, int64 customer_id, const char *dedupe_key,
				   int64 member_id, TimestampTz effective_at,...)
{
	JsonbParseState *state = NULL;
	const char *key;
	va_list		ap;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	va_start(ap, effective_at);
	while ((key = va_arg(ap, const char *)) != NULL)
	{
		const char *value = va_arg(ap, const char *);

		if (value == NULL)
			continue;
		push(&state, WJB_KEY, key);
		push(&state, WJB_VALUE, value);
	}
	va_end(ap);
	return leads_change(f, &c_insert, topic, psprintf("customer/" INT64_FORMAT, customer_id), dedupe_key, member_id,
						JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)), f->now, effective_at) == 1;
}
