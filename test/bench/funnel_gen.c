/*
 * funnel_gen.c - leads, their events and journeys for the funnel benches, as rows of COPY.
 *
 *	funnel_gen TABLE LEADS [SEED]	TABLE: customer ownership lead event lead_journey journey_region flat
 *
 * A lead is the same in every table, and for the same LEADS and SEED on every machine: it follows from its number
 * alone.  LEADS customers with one lead each begin evenly over thirty months; what would happen after 2025-07-01
 * 00:00 UTC has not happened, so that young leads are immature, as in life.  Events come in the order of time, those
 * of a lead scattered, about four a lead: steps forward, stages left out, steps back, losses, reopenings, wins,
 * wins taken back, other owners, lapses into the pool and claims from it.  Journeys are packed by the library's own
 * lib/journey.  flat: events of leads for other databases (lead, microseconds, kind, stage, owner, region, channel).
 *
 * Ids are those of a new company: stages 1 to 5 open, 6 won, 7 lost; channels 1 to 13; pool 1; members from 1 on
 * (funnel_load makes them); one decision, 1, for everything.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/journey.h"

#define MEMBERS 400
#define OPEN_STAGES 5
#define WON 6
#define LOST 7
#define MOST 64
#define DAY INT64_C(86400000000)
#define BEGIN (INT64_C(8401) * DAY)		/* 2023-01-01, from 2000-01-01 on */
#define END (INT64_C(9313) * DAY)		/* 2025-07-01 */

typedef enum Kind
{
	ENTERED, ADVANCED, IS_WON, IS_LOST, REOPENED, HANDED, ASSIGNED, LAPSED, CLAIMED
} Kind;

static const char *const kind_names[] = {
	"entered", "advanced", "won", "lost", "reopened", "handed", "assigned", "lapsed", "claimed"
};

typedef struct Entry
{
	int64_t		at;
	Kind		kind;
	int			from;
	int			to;
	int			owner;			/* 0 = in the pool */
	int			attempt;
} Entry;

typedef struct Lead
{
	int64_t		id;
	int64_t		begun_at;
	int64_t		amount;			/* 0 = not known yet */
	int			region;
	int			channel;
	int			creator;		/* 0 = nobody */
	bool		imported;
	int			n;
	Entry		entry[MOST];
} Lead;

static const char *const regions[] = {
	"北京市", "上海市", "天津市", "重庆市", "广东省广州市", "广东省深圳市", "江苏省南京市", "江苏省苏州市", "浙江省杭州市", "浙江省宁波市",
	"四川省成都市", "湖北省武汉市", "湖南省长沙市", "山东省济南市", "山东省青岛市", "河南省郑州市", "福建省福州市", "陕西省西安市", "辽宁省沈阳市", "安徽省合肥市"
};
#define REGIONS ((int) (sizeof(regions) / sizeof(regions[0])))

static int64_t leads;
static uint64_t seed = 20250701;

/* ---------------------------------------------------------------- chance */

static uint64_t
next(uint64_t *s)
{
	uint64_t	z = (*s += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

static double
uniform(uint64_t *s)
{
	return (double) (next(s) >> 11) * 0x1p-53;
}

static bool
chance(uint64_t *s, double p)
{
	return uniform(s) < p;
}

static int
below(uint64_t *s, int n)
{
	return (int) (next(s) % (uint64_t) n);
}

/* a wait of so many days on average */
static int64_t
wait(uint64_t *s, double days)
{
	return (int64_t) (-log(1 - uniform(s)) * days * (double) DAY) + 1;
}

/* ---------------------------------------------------------------- a lead */

static bool
put(Lead *l, int64_t at, Kind kind, int from, int to, int owner, int attempt)
{
	if (at >= END || l->n == MOST)
		return false;
	l->entry[l->n++] = (Entry) {at, kind, from, to, owner, attempt};
	return true;
}

/* the customer changes hands at an instant, and its lead with it */
static bool
hand(Lead *l, int64_t at, Kind why, int owner, int attempt)
{
	return l->n <= MOST - 2 && put(l, at, why, 0, 0, owner, attempt) && put(l, at, HANDED, 0, 0, owner, attempt);
}

static void
live(Lead *l, uint64_t *s, int owner)
{
	static const double forward[] = {0, 0.80, 0.68, 0.62, 0.66, 0.62};
	static const double days[] = {0, 2, 7, 10, 12, 15};
	int64_t		at = l->begun_at;
	int			stage = 1;
	int			attempt = 1;

	(void) put(l, at, ENTERED, 0, 1, owner, attempt);
	for (;;)
	{
		int64_t		gap = wait(s, days[stage]);

		if (chance(s, 0.03))
		{
			/* forgotten: it lapses, and somebody claims it or nobody */
			at += 30 * DAY;
			if (!hand(l, at, LAPSED, owner = 0, attempt) || !chance(s, 0.6))
				return;
			at += wait(s, 10);
			if (!hand(l, at, CLAIMED, owner = 1 + below(s, MEMBERS), attempt))
				return;
		}
		else if (chance(s, 0.05) || owner == 0)
		{
			int			other = 1 + below(s, MEMBERS);

			if (other != owner && !hand(l, at + gap / 2, ASSIGNED, owner = other, attempt))
				return;
		}
		at += gap;
		if (chance(s, forward[stage]))
		{
			int			to = stage + 1;

			if (stage < OPEN_STAGES && chance(s, 0.10))
				to = stage + 2 + below(s, WON - stage - 1);
			if (to >= 3 && l->amount == 0)
				l->amount = 1000 * (int64_t) (1 + below(s, 900));
			if (!put(l, at, to == WON ? IS_WON : ADVANCED, stage, to, owner, attempt))
				return;
			stage = to;
		}
		else if (stage > 1 && chance(s, 0.10))
		{
			int			to = 1 + below(s, stage - 1);

			if (!put(l, at, ADVANCED, stage, to, owner, attempt))
				return;
			stage = to;
		}
		else if (chance(s, 0.85))
		{
			if (!put(l, at + wait(s, 10), IS_LOST, stage, LOST, owner, attempt))
				return;
			at = l->entry[l->n - 1].at;
			stage = LOST;
		}
		else
			return;				/* it stays where it is */
		if (stage >= WON)
		{
			int			to = 1 + below(s, OPEN_STAGES);

			if (!chance(s, stage == WON ? 0.04 : 0.05))
				return;
			at += wait(s, 30);
			if (!put(l, at, REOPENED, stage, to, owner, ++attempt))
				return;
			stage = to;
		}
	}
}

static void
make_lead(Lead *l, int64_t id)
{
	uint64_t	s = seed * UINT64_C(0xD1342543DE82EF95) + (uint64_t) id * UINT64_C(0x2545F4914F6CDD1D);
	double		step = (double) (END - BEGIN) / (double) leads;
	int			owner;

	l->id = id;
	l->n = 0;
	l->amount = 0;
	l->begun_at = BEGIN + (int64_t) (step * ((double) (id - 1) + 0.9 * uniform(&s)));
	l->region = chance(&s, 0.02) ? -1 : below(&s, REGIONS);
	l->channel = 1 + below(&s, 13);
	l->imported = chance(&s, 0.01);
	owner = chance(&s, 0.03) ? 0 : 1 + below(&s, MEMBERS);
	l->creator = chance(&s, 0.5) ? owner : 0;
	live(l, &s, owner);
}

/* ---------------------------------------------------------------- COPY */

static char line[8192];
static char *p;

static void
text(const char *s)
{
	size_t		n = strlen(s);

	memcpy(p, s, n);
	p += n;
}

static void
number(int64_t v)
{
	char		digits[24];
	int			n = 0;

	do
		digits[n++] = (char) ('0' + v % 10);
	while ((v /= 10) > 0);
	while (n > 0)
		*p++ = digits[--n];
}

static void
padded(int64_t v, int width)
{
	for (int i = width - 1; i >= 0; i--, v /= 10)
		p[i] = (char) ('0' + v % 10);
	p += width;
}

static void
tab(void)
{
	*p++ = '\t';
}

static void
id_or_null(int64_t v)
{
	if (v == 0)
		text("\\N");
	else
		number(v);
	tab();
}

static void
instant(int64_t at)
{
	int64_t		us = at % DAY;
	/* days from 0000-03-01 on, by 400 years */
	int64_t		z = at / DAY + 730425;
	int64_t		era = z / 146097;
	int64_t		doe = z - era * 146097;
	int64_t		yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t		doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t		mp = (5 * doy + 2) / 153;
	int64_t		month = mp < 10 ? mp + 3 : mp - 9;

	padded(yoe + era * 400 + (month <= 2), 4);
	*p++ = '-';
	padded(month, 2);
	*p++ = '-';
	padded(doy - (153 * mp + 2) / 5 + 1, 2);
	*p++ = ' ';
	padded(us / INT64_C(3600000000), 2);
	*p++ = ':';
	padded(us / 60000000 % 60, 2);
	*p++ = ':';
	padded(us / 1000000 % 60, 2);
	*p++ = '.';
	padded(us % 1000000, 6);
	text("+00");
}

static void
end_line(void)
{
	p[-1] = '\n';
	fwrite(line, 1, (size_t) (p - line), stdout);
	p = line;
}

/* ---------------------------------------------------------------- tables */

static void
customer(const Lead *l)
{
	number(l->id);
	text("\tcompany\t客户");
	padded(l->id, 8);
	text("有限公司\t");
	text(l->region < 0 ? "\\N" : regions[l->region]);
	tab();
	instant(l->begun_at);
	tab();
	id_or_null(l->creator);
	instant(l->entry[l->n - 1].at);
	tab();
	end_line();
}

/* id, customer, member, pool, since, until, cause, end_cause, decision, end_decision, recorded_at, end_recorded_at */
static void
ownership(const Lead *l)
{
	static int64_t id;
	static const char *const causes[] = {[ASSIGNED] = "assigned", [LAPSED] = "lapsed", [CLAIMED] = "claimed"};
	const char *cause = l->entry[0].owner == 0 ? "pooled" : l->creator != 0 ? "registered" : "routed";
	int			last = 0;

	for (int i = 1; i <= l->n; i++)
	{
		const Entry *since = &l->entry[last];
		const Entry *e = i < l->n ? &l->entry[i] : NULL;

		if (e && e->kind < ASSIGNED)
			continue;
		number(++id);
		tab();
		number(l->id);
		tab();
		id_or_null(since->owner);
		id_or_null(since->owner == 0);
		instant(since->at);
		tab();
		if (e)
			instant(e->at);
		else
			text("\\N");
		tab();
		text(cause);
		tab();
		text(e ? causes[e->kind] : "\\N");
		text("\t1\t");
		text(e ? "1\t" : "\\N\t");
		instant(since->at);
		tab();
		if (e)
			instant(e->at);
		else
			text("\\N");
		tab();
		end_line();
		last = i;
		cause = e ? causes[e->kind] : NULL;
	}
}

static const Entry *
last_move(const Lead *l)
{
	int			i = l->n - 1;

	while (l->entry[i].kind >= HANDED)
		i--;
	return &l->entry[i];
}

/* what the customer wants: 240 bytes and more, no two alike */
static void
need(const Lead *l)
{
	uint64_t	s = (uint64_t) l->id ^ seed;
	int			n = 16 + below(&s, 8);

	for (int i = 0; i < n; i++)
	{
		text("需求");
		padded((int64_t) (next(&s) % 100000000), 8);
	}
}

/* id, customer, stage, stage_since, attempt, channel, need, amount, closed_at, close_reason, created_at, created_by, first owner, imported, version, extra */
static void
lead(const Lead *l)
{
	static const char *const reasons[] = {"price", "rival", "no_budget", "no_need", "no_answer"};
	const Entry *e = last_move(l);

	number(l->id);
	tab();
	number(l->id);
	tab();
	number(e->to);
	tab();
	instant(e->at);
	tab();
	number(e->attempt);
	tab();
	number(l->channel);
	tab();
	need(l);
	tab();
	id_or_null(l->amount);
	if (e->to >= WON)
		instant(e->at);
	else
		text("\\N");
	tab();
	text(e->to == LOST ? reasons[l->id % 5] : "\\N");
	tab();
	instant(l->begun_at);
	tab();
	id_or_null(l->creator);
	id_or_null(l->entry[0].owner);
	text(l->imported ? "t\t" : "f\t");
	number(l->n);
	text("\t{\"source\": \"bench\", \"budget\": ");
	number(l->amount);
	text("}\t");
	end_line();
}

static void
journey(const Lead *l)
{
	static const char hex[] = "0123456789abcdef";
	LeadsJourneyWriter w;

	leads_journey_begin(&w, l->imported ? LEADS_JOURNEY_IMPORTED : 0);
	for (int i = 0; i < l->n; i++)
	{
		const Entry *e = &l->entry[i];
		LeadsJourneyKind kind = leads_journey_kind(kind_names[e->kind]);

		if (kind != 0 && leads_journey_add(&w, e->at, kind, e->to, e->owner) == LEADS_JOURNEY_NOT_ADDED)
			abort();
	}
	number(l->id);
	tab();
	instant(l->begun_at);
	text("\t\\\\x");
	for (size_t i = 0; i < w.len; i++)
	{
		*p++ = hex[w.bytes[i] >> 4];
		*p++ = hex[w.bytes[i] & 15];
	}
	leads_journey_free(&w);
	tab();
	number(l->channel);
	tab();
	id_or_null(l->entry[0].owner);
	id_or_null(l->creator);
	id_or_null(l->region + 1);
	end_line();
}

/* ---------------------------------------------------------------- events, in the order of time */

typedef struct Pending
{
	int64_t		at;				/* of the entry next */
	int			next;
	Lead		lead;			/* entry beyond n are not copied */
} Pending;

static Pending **heap;
static int	pending;
static int	room;

static bool
before(const Pending *a, const Pending *b)
{
	return a->at != b->at ? a->at < b->at : a->lead.id < b->lead.id;
}

static void
sift_down(int i)
{
	Pending    *x = heap[i];

	for (int k; (k = 2 * i + 1) < pending; i = k)
	{
		if (k + 1 < pending && before(heap[k + 1], heap[k]))
			k++;
		if (!before(heap[k], x))
			break;
		heap[i] = heap[k];
	}
	heap[i] = x;
}

static void
push(const Lead *l)
{
	size_t		size = offsetof(Pending, lead.entry) + sizeof(Entry) * (size_t) l->n;
	Pending    *x = malloc(size);
	int			i = pending++;

	if (pending > room)
		heap = realloc(heap, sizeof(Pending *) * (size_t) (room = room ? room * 2 : 1024));
	if (x == NULL || heap == NULL)
		abort();
	x->at = l->entry[0].at;
	x->next = 0;
	memcpy(&x->lead, l, offsetof(Lead, entry) + sizeof(Entry) * (size_t) l->n);
	for (; i > 0 && before(x, heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = x;
}

/* id, customer, lead, kind, at, recorded_at, actor, owner, pool, from, to, attempt, amount, decision */
static void
event(const Lead *l, const Entry *e)
{
	static int64_t id;
	bool		of_lead = e->kind < ASSIGNED;

	number(++id);
	tab();
	number(l->id);
	tab();
	id_or_null(of_lead ? l->id : 0);
	text(kind_names[e->kind]);
	tab();
	instant(e->at);
	tab();
	instant(e->at);
	tab();
	id_or_null(e->owner);
	id_or_null(e->owner);
	id_or_null(e->owner == 0);
	id_or_null(e->from);
	id_or_null(e->to);
	id_or_null(of_lead ? e->attempt : 0);
	id_or_null(e->kind == IS_WON || (e->kind == ADVANCED && e->to >= 3) ? l->amount : 0);
	text("1\t");
	end_line();
}

/* for other databases: only what a lead did */
static void
flat(const Lead *l, const Entry *e)
{
	if (e->kind >= ASSIGNED)
		return;
	number(l->id);
	tab();
	/* from 1970 on */
	number(e->at + INT64_C(10957) * DAY);
	tab();
	text(kind_names[e->kind]);
	tab();
	id_or_null(e->to);
	number(e->owner);
	tab();
	number(l->region + 1);
	tab();
	number(l->channel);
	tab();
	end_line();
}

static void
in_time(void (*put_row) (const Lead *, const Entry *))
{
	Lead		l;

	for (int64_t id = 1; id <= leads || pending > 0;)
	{
		Pending    *x = pending > 0 ? heap[0] : NULL;

		if (id <= leads)
			make_lead(&l, id);
		if (id <= leads && (x == NULL || l.begun_at <= x->at))
		{
			push(&l);
			id++;
			continue;
		}
		/* all until the next lead begins, so that it is made but once */
		while (pending > 0 && (id > leads || heap[0]->at < l.begun_at))
		{
			x = heap[0];
			put_row(&x->lead, &x->lead.entry[x->next]);
			if (++x->next < x->lead.n)
				x->at = x->lead.entry[x->next].at;
			else
			{
				heap[0] = heap[--pending];
				free(x);
			}
			if (pending > 0)
				sift_down(0);
		}
	}
}

static void
each_lead(void (*put_rows) (const Lead *))
{
	Lead		l;

	for (int64_t id = 1; id <= leads; id++)
	{
		make_lead(&l, id);
		put_rows(&l);
	}
}

static void
region_names(void)
{
	for (int i = 0; i < REGIONS; i++)
	{
		number(i + 1);
		tab();
		text(regions[i]);
		tab();
		end_line();
	}
}

int
main(int argc, char **argv)
{
	const char *table = argc > 2 ? argv[1] : "";

	p = line;
	leads = argc > 2 ? atoll(argv[2]) : 0;
	if (argc > 3)
		seed = strtoull(argv[3], NULL, 10);
	setvbuf(stdout, NULL, _IOFBF, 1 << 20);
	if (leads < 1 || leads > 100000000)
		table = "";
	if (strcmp(table, "journey_region") == 0)
		region_names();
	else if (strcmp(table, "customer") == 0)
		each_lead(customer);
	else if (strcmp(table, "ownership") == 0)
		each_lead(ownership);
	else if (strcmp(table, "lead") == 0)
		each_lead(lead);
	else if (strcmp(table, "lead_journey") == 0)
		each_lead(journey);
	else if (strcmp(table, "event") == 0)
		in_time(event);
	else if (strcmp(table, "flat") == 0)
		in_time(flat);
	else
	{
		fputs("usage: funnel_gen customer|ownership|lead|event|lead_journey|flat LEADS [SEED]\n", stderr);
		return 2;
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
