/*
 * verify_judged.c - the invariants that a judge must be asked about.
 *
 * Purpose: I7, a stored deadline is the one its policy version gives; and the
 * second half of I4, no two live customers are one by the match policy; and the
 * second half of I10, the journey of a lead is what its events say.
 * Invariants: judges get values and return values; what they need is read here,
 * in an SPI level of its own, so that a long list does not pile up.
 * Called by: read/verify.c.
 */
#include "core/leads.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "core/policy.h"
#include "decide/match_policy.h"
#include "decide/protection.h"
#include "read/verify.h"
#include "record/anchor.h"
#include "record/customer.h"
#include "record/distinct.h"
#include "record/journey.h"
#include "record/keyset.h"

#define CHUNK 5000				/* intervals read at once */
#define GROUP_MOST 20			/* a key held by more customers says little */
#define PAIRS_MOST 20000		/* pairs scored in one call */

static const LeadsMessage messages[] = {
	{"verify_wrong_deadline", "归属区间 {0} 的到期时刻为 {1}，按策略应为 {2}。",
	"interval {0} is due at {1}, by its policy it would be at {2}."},
	{"verify_no_policy", "归属区间 {0} 引用的保护策略版本 {1} 不存在。",
	"interval {0} names protection policy version {1}, which does not exist."},
	{"verify_certain", "按现行查重策略，与客户 {0} 必为同一客户（{1} 分）。",
	"is certainly the same customer as {0} by the match policy (score {1})."},
	{"verify_journey_missing", "没有行程记录。请执行 CALL leads.rebuild_journeys()。", "has no journey. CALL leads.rebuild_journeys()."},
	{"verify_journey_journey", "行程记录与事件不符。请执行 CALL leads.rebuild_journeys()。",
	"its journey is not what its events say. CALL leads.rebuild_journeys()."},
	{"verify_journey_orphan", "有行程记录，但线索不存在。请执行 CALL leads.rebuild_journeys()。",
	"has a journey, but there is no such lead. CALL leads.rebuild_journeys()."},
	{"verify_journey_copy", "行程记录中的渠道、首任归属、创建人或地区与线索不符。请执行 CALL leads.rebuild_journeys()。",
	"channel, first owner, creator or region beside its journey differ from the lead. CALL leads.rebuild_journeys()."},
};

LEADS_QUERY(q_intervals, "ll",
			"SELECT o.id, o.customer_id, o.next_due_at, o.policy_version, o.policy_entry, c.last_event_at"
			"  FROM @.ownership o JOIN @.customer c ON c.id = o.customer_id"
			" WHERE o.until IS NULL AND o.member_id IS NOT NULL AND o.id > $1"
			" ORDER BY o.id LIMIT $2");
LEADS_QUERY(q_pairs, "ll",
			"WITH k AS MATERIALIZED (SELECT v.key, c.customer_id FROM @.customer_key c,"
			"   LATERAL (VALUES ((c.key_a >> 40) * 2), ((c.key_b >> 40) * 2 + 1)) v(key) WHERE v.key IS NOT NULL)"
			"SELECT DISTINCT x.customer_id, y.customer_id"
			"  FROM (SELECT k.key FROM k GROUP BY k.key HAVING count(*) BETWEEN 2 AND $1) g"
			"  JOIN k x ON x.key = g.key"
			"  JOIN k y ON y.key = g.key AND y.customer_id > x.customer_id"
			"  JOIN @.customer cx ON cx.id = x.customer_id AND cx.status = 'live'"
			"  JOIN @.customer cy ON cy.id = y.customer_id AND cy.status = 'live'"
			" ORDER BY x.customer_id, y.customer_id LIMIT $2");

static const char *
instant(TimestampTz at)
{
	return at == LEADS_NO_TIME ? "-" : pstrdup(timestamptz_to_str(at));
}

/* policy versions are few: the last one used is kept */
static bool
policy_of(LeadsFrame *f, int32 version, int32 entry, LeadsProtection *p)
{
	LeadsPolicy found;

	if (version == 0)
		return false;
	if (p->version == version && p->entry == entry)
		return true;
	found = leads_policy_version(f, "protection", version);
	if (found.body == NULL)
		return false;
	leads_protection_read(found.body, version, entry, p);
	return true;
}

static void
check_interval(LeadsFrame *f, ReturnSetInfo *rsi, LeadsResult *r, uint64 i, LeadsProtection *p,
			   const LeadsWorkCalendar *calendar)
{
	int32		version = (int32) leads_int(r, i, 4);
	TimestampTz stored = leads_time(r, i, 3);
	TimestampTz due;
	LeadsDeadline plain;
	LeadsOwnership own;
	LeadsProtectionFacts facts;
	const char *subject;
	const char *args[3];

	subject = psprintf("customer/" INT64_FORMAT, leads_int(r, i, 2));
	args[0] = leads_text(r, i, 1);
	if (!policy_of(f, version, (int32) leads_int(r, i, 5), p))
	{
		/* owned without a policy: then without a deadline, too */
		if (version == 0 && stored == LEADS_NO_TIME)
			return;
		args[1] = psprintf("%d", version);
		leads_verify_put(rsi, f->lang, "I7", subject, "verify_no_policy", 2, args);
		return;
	}
	if (!leads_ownership_by_id(f, leads_int(r, i, 1), &own))
		return;
	leads_anchor_read(f, &own, p, calendar, &facts);
	plain = leads_protection_due(p, &facts, NULL, NULL);
	due = plain.next_due_at;
	/* what waits for a notice is released later than its deadline, by what its owner was told */
	if (own.deadline_at != LEADS_NO_TIME || p->min_notice.n > 0)
	{
		TimestampTz release = leads_protection_release(p, leads_ownership_deadline(&own), own.due_by, own.noticed_at, f->zone);

		if (stored != release)
		{
			args[1] = instant(stored);
			args[2] = instant(release);
			leads_verify_put(rsi, f->lang, "I7", subject, "verify_wrong_deadline", 3, args);
			return;
		}
		stored = leads_ownership_deadline(&own);
	}
	/* an extension waits: what is stored is held, what would stand without is beside it */
	if (own.extension_id != 0)
	{
		TimestampTz held;

		plain.next_due_at = own.extension_due;
		held = plain.due_by ? leads_protection_hold(p, &facts, plain).next_due_at : own.extension_due;
		if (stored != held && (held == LEADS_NO_TIME || stored < held ||
							   stored > leads_protection_days_after(leads_time(r, i, 6), p->grace_days, f->zone)))
		{
			args[1] = instant(stored);
			args[2] = instant(held);
			leads_verify_put(rsi, f->lang, "I7", subject, "verify_wrong_deadline", 3, args);
			return;
		}
		stored = own.extension_due;
	}
	if (stored == due)
		return;
	/* a mutation may have lifted it, to no later than its own instant, or the moment after, and the grace */
	if (due != LEADS_NO_TIME && stored > due &&
		(stored <= leads_protection_days_after(leads_time(r, i, 6) + 1, p->grace_days, f->zone) ||
		 stored <= leads_protection_refused(p, due, leads_time(r, i, 6), f->zone)))
		return;
	args[1] = instant(stored);
	args[2] = instant(due);
	leads_verify_put(rsi, f->lang, "I7", subject, "verify_wrong_deadline", 3, args);
}

void
leads_verify_deadlines(LeadsFrame *f, ReturnSetInfo *rsi)
{
	int64		after = 0;
	uint64		n;
	LeadsProtection p;
	LeadsWorkCalendar calendar;

	memset(&p, 0, sizeof(p));
	leads_anchor_calendar(f, &calendar);
	do
	{
		LeadsResult r;

		CHECK_FOR_INTERRUPTS();
		SPI_connect();
		r = leads_run(&q_intervals, after, (int64) CHUNK);
		n = r.n;
		for (uint64 i = 0; i < n; i++)
			check_interval(f, rsi, &r, i, &p, &calendar);
		if (n > 0)
			after = leads_int(&r, n - 1, 1);
		SPI_finish();
	} while (n == CHUNK);
}

void
leads_verify_pairs(LeadsFrame *f, ReturnSetInfo *rsi)
{
	LeadsResult r = leads_run(&q_pairs, (int64) GROUP_MOST, (int64) PAIRS_MOST);
	LeadsRecord *older = palloc(sizeof(LeadsRecord));
	LeadsRecord *newer = palloc(sizeof(LeadsRecord));
	LeadsMatchPolicy policy;
	int64		have = 0;
	uint64		listed = 0;

	(void) leads_keyset(f);
	leads_match_policy_read(leads_policy_at(f, "match", leads_now_internal()).body, &policy);
	for (uint64 i = 0; i < r.n && listed < LEADS_VERIFY_MOST; i++)
	{
		int64		a = leads_int(&r, i, 1);
		int64		b = leads_int(&r, i, 2);
		LeadsMatchScore score;
		const char *args[2];

		CHECK_FOR_INTERRUPTS();
		SPI_connect();
		if (have != a)
			leads_customer_record(f, a, older);
		have = a;
		leads_customer_record(f, b, newer);
		leads_customer_weigh(f, b, policy.shared_by, newer, NULL, 0);
		/* as it was asked: the newer one came to the older one */
		leads_match_score(newer, older, &policy.model, &score);
		if (score.band == LEADS_BAND_CERTAIN && !leads_distinct_holds(f, a, b))
		{
			args[0] = psprintf(INT64_FORMAT, a);
			args[1] = psprintf("%.1f", score.score);
			leads_verify_put(rsi, f->lang, "I4", psprintf("customer/" INT64_FORMAT, b), "verify_certain", 2, args);
			listed++;
		}
		SPI_finish();
	}
}

typedef struct Journeys
{
	LeadsFrame *f;
	ReturnSetInfo *rsi;
	bool		ready;
	int			listed;
} Journeys;

static void
journey_differs(void *arg, int64 lead_id, const char *how)
{
	Journeys   *j = arg;

	/* not built yet is no fault; health() tells */
	if (j->listed >= LEADS_VERIFY_MOST || (!j->ready && strcmp(how, "missing") == 0))
		return;
	j->listed++;
	leads_verify_put(j->rsi, j->f->lang, "I10", psprintf("lead/" INT64_FORMAT, lead_id),
					 psprintf("verify_journey_%s", how), 0, NULL);
}

bool
leads_verify_journeys(LeadsFrame *f, ReturnSetInfo *rsi)
{
	Journeys	j = {.f = f, .rsi = rsi, .ready = leads_journey_ready(f)};
	int64		after = 0;

	do
	{
		CHECK_FOR_INTERRUPTS();
		SPI_connect();
		after = leads_journey_compare(f, after, CHUNK, false, journey_differs, &j);
		SPI_finish();
	} while (after != 0);
	return j.listed == 0;
}

void
leads_verify_judged_init(void)
{
	leads_message_catalog(messages, lengthof(messages));
}
