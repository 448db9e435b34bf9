/*
 * kpi_count.c - what each figure counts, fact by fact.
 *
 * Purpose: the cells of all segments, filled in one pass over each kind of facts.
 * Invariants: a fact counts in exactly one segment for what it adds above the line and one for
 * what it adds below it, so that segments add up to the whole in every attribution; a customer
 * that counts once counts where it was won first; money is added up without rounding.
 * Called by: read/kpi, read/sales.
 */
#include "core/leads.h"

#include "utils/array.h"
#include "utils/memutils.h"

#include "read/kpi_work.h"
#include "record/anchor.h"

typedef struct CustomerKey
{
	int64		customer_id;
	int64		k;				/* which KPI of the table */
} CustomerKey;

typedef struct CustomerEntry
{
	CustomerKey key;
	TimestampTz at;				/* first win */
	int64		lead_id;
	LeadsKpiCell *cell;			/* where that counts */
	LeadsMoney	money;			/* all wins */
} CustomerEntry;

typedef struct LoadEntry
{
	int64		member_id;
	int64		held;
} LoadEntry;

typedef struct Counting
{
	LeadsKpiTable *t;
	const LeadsWorkCalendar *calendar;
	HTAB	   *load;
} Counting;

/* ---------------------------------------------------------------- cells */

/* whose a lead's share is; event: who had it when it happened */
static int64
person(const Counting *c, int kpi, const LeadsFact *f, int64 event)
{
	switch (leads_kpi_credit(c->t, kpi))
	{
		case LEADS_CREDIT_EVENT:
			return event;
		case LEADS_CREDIT_CLOSER:
			return f->owner;
		case LEADS_CREDIT_CREATOR:
			return f->creator;
		case LEADS_CREDIT_FIRST:
			return f->first_owner;
	}
	return event;
}

static LeadsKpiCell *
cell(const Counting *c, int k, const LeadsFact *f, int64 event, TimestampTz at, int step)
{
	LeadsCutSegment *s = leads_cut_segment(&c->t->cut, f, person(c, c->t->which[k], f, event), at, step);

	return (LeadsKpiCell *) s->cell + k;
}

/* histograms outlive the row */
static void
put_time(const Counting *c, LeadsHistogram **h, int64 micros)
{
	MemoryContext old = MemoryContextSwitchTo(c->t->cut.cxt);

	if (*h == NULL)
		*h = palloc0(sizeof(LeadsHistogram));
	(void) leads_histogram_add(*h, micros, 1);
	MemoryContextSwitchTo(old);
}

/* a win of a customer: it counts once, where it was won first */
static void
put_customer(const Counting *c, int k, const LeadsFact *f, LeadsKpiCell *where, LeadsMoney money)
{
	CustomerKey key;
	CustomerEntry *e;
	bool		found;

	memset(&key, 0, sizeof(key));
	key.customer_id = f->customer_id;
	key.k = k;
	e = hash_search(c->t->customers, &key, HASH_ENTER, &found);
	if (!found)
		e->money = 0;
	if (!found || f->closed_at < e->at || (f->closed_at == e->at && f->id < e->lead_id))
	{
		e->at = f->closed_at;
		e->lead_id = f->id;
		e->cell = where;
	}
	e->money += money;
}

static LeadsMoney
margin(const Counting *c, const LeadsFact *f)
{
	const LeadsCutChannel *ch = leads_cut_channel(&c->t->cut, f->channel_id);
	int			m = c->t->margin >= 0 ? c->t->margin : ch ? ch->margin : LEADS_MONEY_MARGIN;

	/* an amount has four digits: what is left over is none */
	return f->amount / LEADS_MONEY_MARGIN * m;
}

/* what was won, to the channel of the last touch, or a part to that of each; what nobody touched is the first channel's */
static void
put_touches(const Counting *c, int k, const LeadsFact *f, bool last)
{
	LeadsFact	part = *f;
	LeadsMoney	before = 0;
	int			n = 1;

	for (const char *p = f->touches; *p; p++)
		n += *p == ',';
	for (int i = 0; i < n; i++)
	{
		const char *text = strchr(part.touches, ',');
		LeadsKpiCell *x;

		part.channel_id = part.touches[0] ? strtoll(part.touches, NULL, 10) : f->channel_id;
		part.touches = text ? text + 1 : "";
		if (last && i < n - 1)
			continue;
		/* parts of one lead are facts by themselves, of whole digits; what does not divide is in the last one */
		part.serial = ++c->t->cut.serial;
		part.amount = last ? f->amount : f->amount / LEADS_MONEY_MARGIN * (i + 1) / n * LEADS_MONEY_MARGIN - before;
		before += part.amount;
		x = cell(c, k, &part, f->owner, f->closed_at, f->step);
		x->num++;
		x->money += margin(c, &part);
	}
}

/* ---------------------------------------------------------------- fact by fact */

static void
count_begun(const Counting *c, int k, const LeadsFact *f)
{
	int			kpi = c->t->which[k];
	LeadsKpiCell *x;

	switch (kpi)
	{
		case KPI_LEADS:
		case KPI_NEW_LEADS:
			cell(c, k, f, f->first_owner, f->begun_at, -1)->num++;
			break;
		case KPI_CONVERSION:
			cell(c, k, f, f->first_owner, f->begun_at, -1)->den++;
			if (f->won)
				put_customer(c, k, f, cell(c, k, f, f->owner, f->begun_at, -1), 0);
			break;
		case KPI_CONVERSION_PERIOD:
			cell(c, k, f, f->first_owner, f->begun_at, -1)->den++;
			break;
		case KPI_OPPORTUNITY_RATE:
			x = cell(c, k, f, f->first_owner, f->begun_at, -1);
			x->den++;
			if (f->opportunity)
				cell(c, k, f, f->owner, f->begun_at, -1)->num++;
			break;
		case KPI_INVALID_LEADS:
			x = cell(c, k, f, f->first_owner, f->begun_at, -1);
			x->den++;
			x->num += f->walk->invalid;
			break;
		case KPI_STAGE_CONVERSION:
			/* the last one has no next */
			for (int s = 0; s <= f->reached && s < c->t->cut.nsteps - 1; s++)
			{
				x = cell(c, k, f, f->first_owner, f->begun_at, s);
				x->den++;
				if (s < f->reached)
					x->num++;
			}
			break;
		case KPI_FIRST_RESPONSE:
		case KPI_FIRST_RESPONSE_P90:
			{
				bool		met = f->contact_at != LEADS_NO_TIME && f->contact_at <= c->t->ask.now;
				TimestampTz end = met ? f->contact_at : f->open ? c->t->ask.now : f->closed_at;

				x = cell(c, k, f, f->first_owner, f->begun_at, -1);
				put_time(c, met ? &x->hist : &x->open, leads_calendar_between(&c->calendar->work, f->begun_at, end));
				x->den++;
				x->num += met;
				break;
			}
		case KPI_OPEN_LEADS:
		case KPI_OPEN_AMOUNT:
			if (!f->open)
				break;
			x = cell(c, k, f, f->owner, f->begun_at, f->step);
			x->num++;
			x->money += f->amount;
			break;
		case KPI_LOAD_GINI:
			if (f->open && f->owner != 0)
			{
				LoadEntry  *e = hash_search(c->load, &f->owner, HASH_FIND, NULL);

				if (e)
					e->held++;
			}
			break;
	}
}

static void
count_closed(const Counting *c, int k, const LeadsFact *f)
{
	int			kpi = c->t->which[k];
	LeadsKpiCell *x;

	switch (kpi)
	{
		case KPI_CONVERSION_PERIOD:
		case KPI_WON:
			if (f->won)
				cell(c, k, f, f->owner, f->closed_at, f->step)->num++;
			break;
		case KPI_LOST:
			if (!f->won)
				cell(c, k, f, f->owner, f->closed_at, f->step)->num++;
			break;
		case KPI_WIN_RATE:
			x = cell(c, k, f, f->owner, f->closed_at, f->step);
			x->den++;
			x->num += f->won;
			break;
		case KPI_WIN_RATE_AMOUNT:
			x = cell(c, k, f, f->owner, f->closed_at, f->step);
			x->num++;
			x->base += f->amount;
			if (f->won)
				x->money += f->amount;
			break;
		default:
			if (!f->won)
				break;
			if (kpi == KPI_CHANNEL_ROI_LAST || kpi == KPI_CHANNEL_ROI_LINEAR)
			{
				put_touches(c, k, f, kpi == KPI_CHANNEL_ROI_LAST);
				break;
			}
			x = cell(c, k, f, f->owner, f->closed_at, f->step);
			x->num++;
			if (kpi == KPI_WON_CUSTOMERS)
			{
				x->num--;
				put_customer(c, k, f, x, 0);
			}
			else if (kpi == KPI_CHANNEL_ROI)
				x->money += margin(c, f);
			else
				x->money += f->amount;
			if (kpi == KPI_AVG_DEAL)
				put_customer(c, k, f, x, 0);
			else if (kpi == KPI_AVG_DEAL_SIZE)
				x->den++;
			else if (kpi == KPI_CYCLE_MEAN || kpi == KPI_CYCLE_MEDIAN || kpi == KPI_CYCLE_P90)
			{
				x->micros += f->closed_at - f->begun_at;
				put_time(c, &x->hist, f->closed_at - f->begun_at);
			}
			else if (kpi == KPI_CYCLE_ATTEMPT)
				put_time(c, &x->hist, f->closed_at - f->again_at);
			else if (kpi == KPI_CYCLE_OWNED)
				put_time(c, &x->hist, f->closed_at - f->begun_at - f->pool_time);
			break;
	}
}

static bool
in_period(const Counting *c, TimestampTz at)
{
	const LeadsFactAsk *ask = &c->t->ask;

	return at != LEADS_NO_TIME && at <= ask->now && (ask->since == LEADS_NO_TIME || at >= ask->since) &&
		(ask->until == LEADS_NO_TIME || at < ask->until);
}

static void
count_stay(const Counting *c, int k, const LeadsFact *f)
{
	int			kpi = c->t->which[k];
	bool		by_merge = strcmp(f->state, "merged") == 0 || strcmp(f->state, "unmerged") == 0;
	bool		left = f->what && strcmp(f->what, "merged") != 0 && strcmp(f->what, "unmerged") != 0;
	bool		came = !by_merge && in_period(c, f->at);
	bool		went = left && in_period(c, f->until);
	bool		held = f->doer != 0;
	LeadsKpiCell *x;

	switch (kpi)
	{
		case KPI_POOL_IN:
			if (came)
				cell(c, k, f, f->doer, f->at, -1)->num++;
			break;
		case KPI_POOL_OUT:
			if (went)
				cell(c, k, f, f->doer, f->until, -1)->num++;
			break;
		case KPI_CLAIM_RATE:
		case KPI_RECYCLE_RATE:
			if (!came)
				break;
			x = cell(c, k, f, f->doer, f->at, -1);
			x->den++;
			x->num += kpi == KPI_CLAIM_RATE ? left && strcmp(f->what, "claimed") == 0 : f->again;
			break;
		case KPI_POOL_DWELL:
			if (went)
				put_time(c, &cell(c, k, f, f->doer, f->until, -1)->hist, f->until - f->at);
			break;
		case KPI_CHURN:
			if (came && held)
				cell(c, k, f, f->doer, f->at, -1)->num++;
			break;
	}
}

static void
count_registration(const Counting *c, int k, const LeadsFact *f)
{
	int			kpi = c->t->which[k];
	LeadsKpiCell *x = cell(c, k, f, f->doer, f->at, -1);
	bool		waited = strcmp(f->what, "pending") == 0 || strcmp(f->what, "queued") == 0;
	bool		approved = waited && f->until != LEADS_NO_TIME && strcmp(f->state, "approved") == 0;
	bool		refused = waited && f->until != LEADS_NO_TIME && strcmp(f->state, "rejected") == 0;

	switch (kpi)
	{
		case KPI_REGISTRATIONS:
			x->num++;
			break;
		case KPI_DUPLICATE_RATE:
			x->den++;
			x->num += strcmp(f->what, "created") != 0 && strcmp(f->what, "pending") != 0 && strcmp(f->what, "rejected") != 0;
			break;
		case KPI_INVALID_RATE:
			x->den++;
			x->num += strcmp(f->what, "rejected") == 0;
			break;
		case KPI_CONTENTION_RATE:
			x->den++;
			x->num += f->effective;
			break;
		case KPI_APPROVAL_RATE:
			x->den += approved || refused;
			x->num += approved;
			break;
		case KPI_APPROVAL_HOURS:
			if (approved || refused)
				put_time(c, &x->hist, f->until - f->at);
			break;
		case KPI_PROTECTED_WON:
			x->den += f->protected;
			x->num += f->used;
			break;
		case KPI_EXPIRED_UNUSED:
			x->num += f->again;
			break;
	}
}

static void
count_activity(const Counting *c, int k, const LeadsFact *f)
{
	int			kpi = c->t->which[k];
	bool		call = strcmp(f->what, "call") == 0;
	LeadsKpiCell *x;

	if (kpi == KPI_FOLLOWUPS ? !f->effective : kpi != KPI_FOLLOWUPS_RAW && !call)
		return;
	/* of a call of which nobody knows how long it was, nobody knows whether it was connected */
	if ((kpi == KPI_CALL_CONNECT_RATE && f->seconds < 0) || (kpi == KPI_TALK_TIME && f->seconds < KPI_TALK_LEAST))
		return;
	x = cell(c, k, f, f->doer, f->at, -1);
	x->num += kpi != KPI_CALL_CONNECT_RATE || f->seconds > 0;
	x->den++;
	x->micros += f->seconds;
}

static void
count_rest(const Counting *c, int k, const LeadsFact *f)
{
	int			kpi = c->t->which[k];
	const LeadsFactAsk *ask = &c->t->ask;

	switch (f->kind)
	{
		case LEADS_FACT_EVER:
			/* one outside the period is no first win in it, and makes no segment */
			if (f->won)
				put_customer(c, k, f, in_period(c, f->closed_at) ? cell(c, k, f, f->owner, f->closed_at, -1) : NULL,
							 kpi == KPI_LTV ? margin(c, f) : 0);
			break;
		case LEADS_FACT_ACTIVITY:
			count_activity(c, k, f);
			break;
		case LEADS_FACT_CLAIM:
			cell(c, k, f, f->doer, f->at, -1)->num++;
			break;
		case LEADS_FACT_COST:
			/* what is no channel's (salaries, say) is a cost of winning customers, not of a channel */
			if (f->channel_id == 0 && kpi != KPI_CAC)
				break;
			if (kpi == KPI_CHANNEL_ROI || kpi == KPI_CHANNEL_ROI_LAST || kpi == KPI_CHANNEL_ROI_LINEAR)
				cell(c, k, f, 0, f->at, -1)->base += f->amount;
			else
				cell(c, k, f, 0, f->at, -1)->money += f->amount;
			break;
		case LEADS_FACT_MEMBER:
			{
				TimestampTz since = Max(f->at, ask->since);
				TimestampTz until = ask->until == LEADS_NO_TIME ? ask->now : Min(ask->until, ask->now);
				LeadsFact	whose = *f;

				if (f->until != LEADS_NO_TIME)
					until = Min(until, f->until);
				whose.owner = whose.creator = whose.first_owner = f->id;
				if (until > since)
					cell(c, k, &whose, f->id, since, -1)->micros += until - since;
				break;
			}
		default:
			break;
	}
}

static void
take(void *arg, const LeadsFact *f)
{
	const Counting *c = arg;

	for (int k = 0; k < c->t->n; k++)
	{
		if ((leads_kpis[c->t->which[k]].kinds & f->kind) == 0)
			continue;
		/* counted as found, and by nobody else */
		if (f->walk && f->walk->invalid && !c->t->ask.invalid && c->t->which[k] != KPI_INVALID_LEADS)
			continue;
		if (f->kind == LEADS_FACT_BEGUN)
			count_begun(c, k, f);
		else if (f->kind == LEADS_FACT_CLOSED)
			count_closed(c, k, f);
		else if (f->kind == LEADS_FACT_POOL)
			count_stay(c, k, f);
		else if (f->kind == LEADS_FACT_REGISTRATION)
			count_registration(c, k, f);
		else
			count_rest(c, k, f);
	}
}

/* ---------------------------------------------------------------- in the end */

static void
end_customers(Counting *c)
{
	HASH_SEQ_STATUS seq;
	CustomerEntry *e;

	hash_seq_init(&seq, c->t->customers);
	while ((e = hash_seq_search(&seq)) != NULL)
	{
		int			kpi = c->t->which[e->key.k];

		/* new customers are those of whom the first win ever lies in the period */
		if ((kpi == KPI_CAC || kpi == KPI_LTV) && !in_period(c, e->at))
			continue;
		if (kpi == KPI_CONVERSION || kpi == KPI_WON_CUSTOMERS)
			e->cell->num++;
		else
			e->cell->den++;
		e->cell->money += e->money;
	}
}

static int
by_held(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return x < y ? -1 : x > y;
}

/* Gini of what the members hold: (2 * sum of rank * held) / (n * sum) - (n + 1) / n, ranks from the least */
static void
end_gini(Counting *c, int k)
{
	LeadsFact	none;
	HASH_SEQ_STATUS seq;
	LoadEntry  *e;
	int64	   *held = palloc(sizeof(int64) * Max(hash_get_num_entries(c->load), 1));
	int			n = 0;
	LeadsKpiCell *x;

	memset(&none, 0, sizeof(none));
	x = cell(c, k, &none, 0, LEADS_NO_TIME, -1);
	hash_seq_init(&seq, c->load);
	while ((e = hash_seq_search(&seq)) != NULL)
		held[n++] = e->held;
	qsort(held, n, sizeof(int64), by_held);
	for (int i = 0; i < n; i++)
	{
		x->ranked += (i + 1) * held[i];
		x->num += held[i];
	}
	x->den = n;
}

LEADS_QUERY(q_active, "z",
			"SELECT m.id FROM @.member m WHERE m.active AND m.partner_id IS NULL AND NOT m.is_manager"
			" AND (m.left_at IS NULL OR m.left_at > $1)");

static HTAB *
make_table(Size key, Size entry)
{
	HASHCTL		ctl;

	memset(&ctl, 0, sizeof(ctl));
	ctl.keysize = key;
	ctl.entrysize = entry;
	ctl.hcxt = CurrentMemoryContext;
	return hash_create("leads kpi", 64, &ctl, HASH_ELEM | HASH_CONTEXT | HASH_BLOBS);
}

/* who could hold something counts, though it holds nothing */
static void
begin_load(Counting *c)
{
	LeadsResult r = leads_run(&q_active, c->t->ask.now);
	ArrayType  *members = c->t->ask.all ? NULL : DatumGetArrayTypeP(c->t->ask.members);

	c->load = make_table(sizeof(int64), sizeof(LoadEntry));
	for (uint64 i = 0; i < r.n; i++)
	{
		int64		id = leads_int(&r, i, 1);
		bool		seen = members == NULL;

		for (int j = seen ? 0 : ArrayGetNItems(ARR_NDIM(members), ARR_DIMS(members)) - 1; j >= 0 && !seen; j--)
			seen = ((int64 *) ARR_DATA_PTR(members))[j] == id;
		if (seen)
			((LoadEntry *) hash_search(c->load, &id, HASH_ENTER, NULL))->held = 0;
	}
}

void
leads_kpi_count(LeadsFrame *f, LeadsKpiTable *t)
{
	Counting	c;
	LeadsWorkCalendar calendar;
	int			kinds = 0;
	LeadsFact	none;

	memset(&c, 0, sizeof(c));
	c.t = t;
	leads_cut_begin(f, &t->cut, sizeof(LeadsKpiCell) * t->n);
	t->customers = make_table(sizeof(CustomerKey), sizeof(CustomerEntry));
	for (int k = 0; k < t->n; k++)
	{
		int			kpi = t->which[k];

		kinds |= leads_kpis[kpi].kinds;
		t->ask.contact |= kpi == KPI_FIRST_RESPONSE || kpi == KPI_FIRST_RESPONSE_P90;
		t->ask.touches |= kpi == KPI_CHANNEL_ROI_LAST || kpi == KPI_CHANNEL_ROI_LINEAR;
		t->ask.found |= kpi == KPI_INVALID_LEADS;
		t->ask.pool_time |= kpi == KPI_CYCLE_OWNED;
		t->ask.protection |= kpi == KPI_PROTECTED_WON || kpi == KPI_EXPIRED_UNUSED;
		if (kpi == KPI_LOAD_GINI)
			begin_load(&c);
	}
	if (t->ask.contact)
	{
		leads_anchor_calendar(f, &calendar);
		c.calendar = &calendar;
	}
	for (int kind = 1; kind <= LEADS_FACT_MEMBER; kind <<= 1)
		if (kinds & kind)
			leads_facts_read(&t->cut, &t->ask, (LeadsFactKind) kind, take, &c);
	end_customers(&c);
	for (int k = 0; k < t->n; k++)
		if (t->which[k] == KPI_LOAD_GINI)
			end_gini(&c, k);
	/* a figure that is not cut is there, though nothing counts in it */
	memset(&none, 0, sizeof(none));
	none.region = none.industry = none.line = "";
	if (t->cut.n == 0)
		(void) leads_cut_segment(&t->cut, &none, 0, LEADS_NO_TIME, -1);
	leads_cut_sort(&t->cut);
}
