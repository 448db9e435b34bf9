/*
 * kpi_cut.c - segments: what figures are cut by.
 *
 * Purpose: names of channels, members, teams, stages and periods of a fact, and one
 * cell for each combination that occurs.
 * Invariants: days and months are those of the business zone; a lead or an act without an
 * owner counts in the segment of the pool, one without a region, team or the like in one of
 * its own: the segments of a cut add up to the whole.
 * Called by: read/kpi, read/sales.
 */
#include "core/leads.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/datetime.h"
#include "utils/memutils.h"

#include "read/kpi.h"

#define TEXT_LENGTH 1024			/* of one name in a key: 200 characters, whatever they are */

LEADS_QUERY(q_stages, "",
			"SELECT s.id, s.code, s.label_zh, s.label_en, s.kind, s.qualifies, (s.probability * 10000)::bigint FROM @.stage s"
			" WHERE s.kind IN ('open', 'won') ORDER BY s.kind = 'won', s.position");
LEADS_QUERY(q_members, "",
			"SELECT m.id, m.code, m.name, coalesce(t.code, '') FROM @.member m LEFT JOIN @.team t ON t.id = m.team_id");
LEADS_QUERY(q_channels, "", "SELECT c.id, c.code, c.name, (c.margin * 10000)::bigint FROM @.channel c");

static const char *const names[] = {
	"channel", "owner", "team", "region", "industry", "line", "stage", "returning", "reason", "day", "week", "month", "quarter", "year"
};

/* by a digest of the names: there may be many segments, and names are long */
typedef struct KeyEntry
{
	uint64		digest;
	LeadsCutSegment *segment;
} KeyEntry;

const char *
leads_cut_name(LeadsCutBy by)
{
	return names[by];
}

int
leads_cut_find(const char *name)
{
	for (int k = 0; k < lengthof(names); k++)
		if (strcmp(names[k], name) == 0)
			return k;
	return -1;
}

void
leads_cut_add(LeadsCut *cut, LeadsCutBy by)
{
	Assert(cut->n < LEADS_CUT_ROOM);
	cut->mask |= LEADS_CUT_BIT(by);
	cut->by[cut->n++] = by;
}

void
leads_cut_read(LeadsCut *cut, ArrayType *by)
{
	Datum	   *items;
	bool	   *nulls;
	int			n;

	cut->n = 0;
	cut->mask = 0;
	if (by == NULL)
		return;
	deconstruct_array(by, TEXTOID, -1, false, TYPALIGN_INT, &items, &nulls, &n);
	if (n > LEADS_CUT_MOST)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("figures are cut by at most %d things", LEADS_CUT_MOST)));
	for (int i = 0; i < n; i++)
	{
		char	   *name = nulls[i] ? NULL : TextDatumGetCString(items[i]);
		int			k = name ? leads_cut_find(name) : -1;

		if (k < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown cut \"%s\"", name ? leads_clip(name, 60) : "NULL"),
					 errhint("Figures are cut by channel, owner, team, region, industry, line, stage, returning, reason, day, week, month, quarter and year.")));
		if (cut->mask & LEADS_CUT_BIT(k))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("cut \"%s\" stands twice", name)));
		leads_cut_add(cut, (LeadsCutBy) k);
	}
}

static HTAB *
make_table(MemoryContext cxt, Size key, Size entry, int flags)
{
	HASHCTL		ctl;

	memset(&ctl, 0, sizeof(ctl));
	ctl.keysize = key;
	ctl.entrysize = entry;
	ctl.hcxt = cxt;
	return hash_create("leads kpi", 64, &ctl, HASH_ELEM | HASH_CONTEXT | flags);
}

static void
load_stages(LeadsCut *cut)
{
	LeadsResult r = leads_run(&q_stages);
	bool		zh = strcmp(cut->f->lang, "zh") == 0;
	int			n = 0;

	leads_funnel_steps_begin(&cut->steps);
	cut->won_step = -1;
	cut->qualifies = -1;
	for (uint64 i = 0; i < r.n; i++)
	{
		bool		won = strcmp(leads_text(&r, i, 5), "won") == 0;

		/* several ways to win are one step */
		if (won && cut->won_step >= 0)
			continue;
		if (n == LEADS_FUNNEL_STEPS)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("a funnel has at most %d stages", LEADS_FUNNEL_STEPS)));
		cut->step_stage[n] = leads_int(&r, i, 1);
		cut->step_code[n] = leads_text(&r, i, 2);
		cut->step_label[n] = leads_text(&r, i, zh ? 3 : 4);
		cut->step_probability[n] = (int) leads_int(&r, i, 7);
		if (won)
			cut->steps.won = cut->won_step = n;
		else
		{
			(void) leads_funnel_steps_add(&cut->steps, cut->step_stage[n], n);
			if (cut->qualifies < 0 && leads_bool(&r, i, 6))
				cut->qualifies = n;
		}
		n++;
	}
	cut->steps.n = cut->nsteps = n;
	if (cut->qualifies < 0)
		cut->qualifies = n;
}

void
leads_cut_begin(LeadsFrame *f, LeadsCut *cut, Size cell_size)
{
	LeadsResult r;

	cut->f = f;
	cut->cxt = CurrentMemoryContext;
	cut->cell_size = cell_size;
	cut->list = NIL;
	cut->zone = pg_tzset(f->zone);
	if (cut->zone == NULL)
		cut->zone = session_timezone;
	cut->pool = leads_message0(f->lang, "funnel.pool");
	cut->no_region = leads_message0(f->lang, "funnel.no_region");
	cut->last = NULL;
	cut->segments = make_table(cut->cxt, sizeof(uint64), sizeof(KeyEntry), HASH_BLOBS);
	cut->members = make_table(cut->cxt, sizeof(int64), sizeof(LeadsCutMember), HASH_BLOBS);
	cut->channels = make_table(cut->cxt, sizeof(int64), sizeof(LeadsCutChannel), HASH_BLOBS);
	load_stages(cut);
	r = leads_run(&q_members);
	for (uint64 i = 0; i < r.n; i++)
	{
		int64		id = leads_int(&r, i, 1);
		LeadsCutMember *m = hash_search(cut->members, &id, HASH_ENTER, NULL);

		m->code = leads_text(&r, i, 2);
		m->name = leads_text(&r, i, 3);
		m->team = leads_text(&r, i, 4);
	}
	r = leads_run(&q_channels);
	for (uint64 i = 0; i < r.n; i++)
	{
		int64		id = leads_int(&r, i, 1);
		LeadsCutChannel *c = hash_search(cut->channels, &id, HASH_ENTER, NULL);

		c->code = leads_text(&r, i, 2);
		c->name = leads_text(&r, i, 3);
		c->margin = (int32) leads_int(&r, i, 4);
	}
}

const LeadsCutMember *
leads_cut_member(const LeadsCut *cut, int64 id)
{
	return id == 0 ? NULL : hash_search(cut->members, &id, HASH_FIND, NULL);
}

const LeadsCutChannel *
leads_cut_channel(const LeadsCut *cut, int64 id)
{
	return id == 0 ? NULL : hash_search(cut->channels, &id, HASH_FIND, NULL);
}

void
leads_cut_local(const LeadsCut *cut, TimestampTz at, struct pg_tm *tm)
{
	int			tz;
	fsec_t		fsec;

	if (TIMESTAMP_NOT_FINITE(at) || timestamp2tm(at, &tz, tm, &fsec, NULL, cut->zone) != 0)
		memset(tm, 0, sizeof(*tm));
}

/* a period as text that sorts by time */
static void
put_time(StringInfo out, LeadsCutBy by, const struct pg_tm *tm)
{
	switch (by)
	{
		case LEADS_CUT_DAY:
			appendStringInfo(out, "%04d-%02d-%02d", tm->tm_year, tm->tm_mon, tm->tm_mday);
			break;
		case LEADS_CUT_WEEK:
			{
				/* 1 to 3 January may be of the last week of the year before, and so on */
				int			week = date2isoweek(tm->tm_year, tm->tm_mon, tm->tm_mday);
				int			year = date2isoyear(tm->tm_year, tm->tm_mon, tm->tm_mday);

				appendStringInfo(out, "%04d-W%02d", year, week);
				break;
			}
		case LEADS_CUT_MONTH:
			appendStringInfo(out, "%04d-%02d", tm->tm_year, tm->tm_mon);
			break;
		case LEADS_CUT_QUARTER:
			appendStringInfo(out, "%04d-Q%d", tm->tm_year, (tm->tm_mon - 1) / 3 + 1);
			break;
		default:
			appendStringInfo(out, "%04d", tm->tm_year);
			break;
	}
}

static void
put_name(StringInfo out, const char *s)
{
	int			len = strlen(s);
	int			start = out->len;

	appendBinaryStringInfo(out, s, len < TEXT_LENGTH ? len : pg_mbcliplen(s, len, TEXT_LENGTH - 1));
	/* it stands between names */
	for (int i = start; i < out->len; i++)
		if (out->data[i] == '\x1f')
			out->data[i] = ' ';
}

static void
put_text(LeadsCut *cut, StringInfo out, LeadsCutBy by, const LeadsFact *fact, int64 person, TimestampTz at, int step)
{
	const LeadsCutMember *m;
	const LeadsCutChannel *c;
	struct pg_tm tm;

	switch (by)
	{
		case LEADS_CUT_CHANNEL:
			c = leads_cut_channel(cut, fact->channel_id);
			put_name(out, c ? c->code : "-");
			break;
		case LEADS_CUT_OWNER:
			m = leads_cut_member(cut, person);
			put_name(out, m ? m->code : cut->pool);
			break;
		case LEADS_CUT_TEAM:
			m = leads_cut_member(cut, person);
			put_name(out, m == NULL ? cut->pool : m->team[0] ? m->team : "-");
			break;
		case LEADS_CUT_REGION:
			put_name(out, fact->region[0] ? fact->region : cut->no_region);
			break;
		case LEADS_CUT_INDUSTRY:
			put_name(out, fact->industry[0] ? fact->industry : "-");
			break;
		case LEADS_CUT_LINE:
			put_name(out, fact->line[0] ? fact->line : "-");
			break;
		case LEADS_CUT_STAGE:
			put_name(out, step >= 0 ? cut->step_code[step] : "-");
			break;
		case LEADS_CUT_REASON:
			put_name(out, fact->reason && fact->reason[0] ? fact->reason : "-");
			break;
		case LEADS_CUT_RETURNING:
			put_name(out, fact->returning ? "returning" : "new");
			break;
		default:
			if (TIMESTAMP_NOT_FINITE(at))
			{
				put_name(out, "-");
				break;
			}
			leads_cut_local(cut, at, &tm);
			put_time(out, by, &tm);
			break;
	}
}

/* are these its names, one after the other? */
static bool
is_key(const LeadsCut *cut, const LeadsCutSegment *s, const char *key)
{
	for (int i = 0; i < cut->n; i++)
	{
		size_t		len = strlen(s->text[i]);

		if (strncmp(key, s->text[i], len) != 0 || key[len] != (i + 1 < cut->n ? '\x1f' : '\0'))
			return false;
		key += len + 1;
	}
	return true;
}

static LeadsCutSegment *
find(LeadsCut *cut, const char *key, bool *found)
{
	KeyEntry   *e;
	char	   *p;

	/* two keys with one digest: the next digest */
	for (uint64 seed = 0;; seed++)
	{
		uint64		digest = DatumGetUInt64(hash_any_extended((const unsigned char *) key, strlen(key), seed));

		e = hash_search(cut->segments, &digest, HASH_ENTER, found);
		if (!*found || is_key(cut, e->segment, key))
			break;
	}
	if (*found)
		return e->segment;
	e->segment = MemoryContextAllocZero(cut->cxt, sizeof(LeadsCutSegment));
	e->segment->cell = MemoryContextAllocZero(cut->cxt, cut->cell_size);
	p = MemoryContextStrdup(cut->cxt, key);
	for (int i = 0; i < cut->n; i++)
	{
		char	   *end = strchr(p, '\x1f');

		e->segment->text[i] = p;
		if (end)
		{
			*end = '\0';
			p = end + 1;
		}
	}
	{
		MemoryContext old = MemoryContextSwitchTo(cut->cxt);

		cut->list = lappend(cut->list, e->segment);
		MemoryContextSwitchTo(old);
	}
	return e->segment;
}

LeadsCutSegment *
leads_cut_segment(LeadsCut *cut, const LeadsFact *fact, int64 person, TimestampTz at, int step)
{
	StringInfoData key;
	LeadsCutSegment *s;
	bool		found;

	if (cut->last && fact->serial != 0 && fact->serial == cut->last_serial && person == cut->last_person && at == cut->last_at && step == cut->last_step)
		return cut->last;
	initStringInfo(&key);
	for (int i = 0; i < cut->n; i++)
	{
		if (i > 0)
			appendStringInfoChar(&key, '\x1f');
		put_text(cut, &key, cut->by[i], fact, person, at, step);
	}
	s = find(cut, key.data, &found);
	if (!found)
	{
		s->step = step;
		s->member_id = person;
		s->channel_id = fact->channel_id;
	}
	pfree(key.data);
	cut->last = s;
	cut->last_serial = fact->serial;
	cut->last_person = person;
	cut->last_at = at;
	cut->last_step = step;
	return s;
}

LeadsCutSegment *
leads_cut_of(LeadsCut *cut, const char *const *text, int step)
{
	StringInfoData key;
	LeadsCutSegment *s;
	bool		found;

	initStringInfo(&key);
	for (int i = 0; i < cut->n; i++)
	{
		if (i > 0)
			appendStringInfoChar(&key, '\x1f');
		put_name(&key, text[i]);
	}
	s = find(cut, key.data, &found);
	if (!found)
		s->step = step;
	return s;
}

static const LeadsCut *sorting; /* list_sort has no argument of its own */

static int
by_text(const ListCell *a, const ListCell *b)
{
	const LeadsCutSegment *x = lfirst(a);
	const LeadsCutSegment *y = lfirst(b);

	for (int i = 0; i < sorting->n; i++)
	{
		int			c = sorting->by[i] == LEADS_CUT_STAGE ? x->step - y->step : strcmp(x->text[i], y->text[i]);

		if (c != 0)
			return c;
	}
	return 0;
}

void
leads_cut_sort(LeadsCut *cut)
{
	sorting = cut;
	list_sort(cut->list, by_text);
	sorting = NULL;
}

Datum
leads_cut_array(const LeadsCutSegment *s, int n)
{
	Datum		items[LEADS_CUT_ROOM];

	for (int i = 0; i < n; i++)
		items[i] = CStringGetTextDatum(s->text[i]);
	return PointerGetDatum(construct_array(items, n, TEXTOID, -1, false, TYPALIGN_INT));
}
