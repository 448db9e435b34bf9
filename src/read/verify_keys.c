/*
 * verify_keys.c - are customers found by what they are called?
 *
 * Purpose: the first half of I4 rests on the keys: those stored must be those that the names and contact points of
 * each live customer give by the rules in use.
 * Invariants: while rekey() is at work a customer may have more keys, never fewer; a portion at a time is
 * read, in an SPI level of its own.
 * Called by: read/verify.c.
 */
#include "core/leads.h"

#include "miscadmin.h"

#include "read/verify.h"
#include "record/customer.h"
#include "record/keyset.h"

#define PORTION 1000

static const LeadsMessage messages[] = {
	{"verify_key_rules", "存储的查重键遵循规则版本 {0}，程序库为版本 {1}：请执行 CALL leads.rekey()。",
	"stored keys follow rules of version {0}, the library has version {1}: run CALL leads.rekey()."},
	{"verify_key_missing", "缺少 {0} 个查重键，按名称或联系方式可能找不到。", "lacks {0} keys: it may not be found by its names and contact points."},
	{"verify_key_more", "多出 {0} 个查重键。", "has {0} keys that its names and contact points do not give."},
};

typedef struct Keys
{
	LeadsFrame *f;
	ReturnSetInfo *rsi;
	int64		done_to;		/* of rekey() building the next generation */
	int64		last;
	LeadsRecord *record;
	uint64		listed;
} Keys;

static void
tell(Keys *k, int64 id, const char *code, int n)
{
	const char *arg = psprintf("%d", n);

	if (n > 0 && k->listed++ < LEADS_VERIFY_MOST)
		leads_verify_put(k->rsi, k->f->lang, "I4", psprintf("customer/" INT64_FORMAT, id), code, 1, &arg);
}

static void
check(const LeadsCustomerText *t, void *arg)
{
	Keys	   *k = arg;
	const LeadsKeyset *rules = leads_keyset(k->f);
	LeadsKey	keys[LEADS_KEYS_MAX];
	LeadsKey	all[LEADS_KEYS_BOTH];
	int			n;
	int			others;

	CHECK_FOR_INTERRUPTS();
	k->last = t->id;
	leads_customer_text_record(t, k->record);
	n = leads_record_keys(k->record, keys, LEADS_KEYS_MAX);
	memcpy(all, keys, sizeof(LeadsKey) * n);
	/* who is not done yet has those of before, who registered meanwhile both */
	if (t->id <= k->done_to)
		n = leads_keyset_all(rules, k->record, keys, n, all);
	tell(k, t->id, "verify_key_missing", leads_keys_missing(k->f, t->id, all, n, &others));
	if (rules->phase == LEADS_KEYS_STEADY)
		tell(k, t->id, "verify_key_more", others);
}

void
leads_verify_keys(LeadsFrame *f, ReturnSetInfo *rsi)
{
	const LeadsKeyset *rules = leads_keyset(f);
	Keys		k = {.f = f, .rsi = rsi, .last = PG_INT64_MIN};
	int			n;

	if (rules->norm_v != LEADS_NORM_VERSION)
	{
		const char *args[2] = {psprintf("%d", rules->norm_v), psprintf("%d", LEADS_NORM_VERSION)};

		leads_verify_put(rsi, f->lang, "I4", "keys", "verify_key_rules", 2, args);
		return;
	}
	k.done_to = leads_keyset_done_to(f);
	k.record = palloc(sizeof(LeadsRecord));
	do
	{
		SPI_connect();
		n = leads_customer_texts(f, k.last, PORTION, check, &k);
		SPI_finish();
	} while (n > 0);
}

void
leads_verify_keys_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}
