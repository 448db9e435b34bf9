/*
 * import_row.c - import: a staged row is checked and becomes what register() reads.
 *
 * Purpose: texts of a spreadsheet into the arguments of register() and its history: owner, creator, instant;
 * and an index in memory of customers that no look could find yet.
 * Invariants: a fault is a reason with a column, never an error; nothing of the locale or DateStyle counts;
 * a newcomer is compared exactly as it will be once it is stored.
 * Called by: act/import, act/import_call.
 */
#include "core/leads.h"

#include "miscadmin.h"
#include "pgtime.h"
#include "utils/datetime.h"
#include "utils/hsearch.h"
#include "utils/numeric.h"

#include "act/import.h"
#include "act/import_row.h"
#include "core/actor.h"
#include "lib/mask.h"

#define VALUE_CHARS 200
#define KEY_CAP 300				/* newcomers looked at under one key that is not exact */

typedef struct LeadsImportMember
{
	struct LeadsImportMember *next;
	char	   *code;
	int64		id;				/* 0 = there is none */
	bool		reached;		/* the caller decides over it */
} LeadsImportMember;

static const LeadsMessage texts[] = {
	{"import.owner_unknown", "未导入：没有编码为“{0}”的成员（归属人）", "refused: there is no member \"{0}\" (owner)"},
	{"import.creator_unknown", "未导入：没有编码为“{0}”的成员（创建人）", "refused: there is no member \"{0}\" (created_by)"},
	{"import.created_at_invalid", "未导入：创建时间“{0}”无法识别", "refused: created_at \"{0}\" is no date"},
	{"import.created_at_future", "未导入：创建时间“{0}”在将来", "refused: created_at \"{0}\" is in the future"},
	{"import.kind_unknown", "未导入：类型“{0}”应为企业或个人", "refused: kind \"{0}\" is neither company nor person"},
	{"import.extra_invalid", "未导入：扩展字段应为 JSON 对象", "refused: extra is not a JSON object"},
	{"import.failed", "未导入：{0}", "refused: {0}"},
	{"import.owner_kept", "保留原归属人 {0}", "{0} had it before and keeps it"},
	{"import.owner_full", "原归属人持有已达上限，按规则分配：{1}", "its owner holds as many customers as it may; the rules gave it to {1}"},
	{"import.owner_over_cap", "原归属人 {0} 持有已达上限，按规则分配", "{0} had it before but holds as many as it may: rules decide"},
	{"import.owner_left", "原归属人 {0} 已离岗，按规则分配", "{0} had it before but is not here any more: rules decide"},
};

void
leads_import_init(void)
{
	leads_message_catalog(texts, lengthof(texts));
	leads_import_update_init();
}

static void
refuse(LeadsImportRow *row, const char *reason, const char *arg)
{
	if (row->in.reason == NULL)
	{
		row->in.reason = reason;
		row->in.reason_arg = arg ? leads_clip(arg, 100) : NULL;
	}
}

/* trimmed of blanks; NULL if nothing is left */
static const char *
trimmed(const char *s)
{
	char	   *t;
	size_t		n;

	if (s == NULL)
		return NULL;
	while (*s == ' ' || *s == '\t' || *s == '\r' || *s == '\n')
		s++;
	t = pstrdup(s);
	for (n = strlen(t); n > 0 && (t[n - 1] == ' ' || t[n - 1] == '\t' || t[n - 1] == '\r' || t[n - 1] == '\n'); n--)
		t[n - 1] = '\0';
	return n > 0 ? t : NULL;
}

/* 0: there is none.  An owner must be within the caller's reach: the manager of a team gives to its team only. */
static int64
member_id(LeadsFrame *f, LeadsImportMembers *members, const char *code, bool owner)
{
	LeadsImportMember *m;
	LeadsMember found;
	MemoryContext old;

	for (m = members->first; m; m = m->next)
		if (strcmp(m->code, code) == 0)
			return owner && !m->reached ? 0 : m->id;
	old = MemoryContextSwitchTo(members->cxt);
	m = palloc(sizeof(LeadsImportMember));
	m->code = pstrdup(code);
	/* a statement leaves us in SPI's memory, which does not last */
	m->id = leads_member_by_code(f, code, &found) ? found.id : 0;
	m->reached = m->id != 0 && leads_actor_reaches(f, m->id);
	MemoryContextSwitchTo(old);
	m->next = members->first;
	members->first = m;
	return owner && !m->reached ? 0 : m->id;
}

/* 12,000.50 and ¥12000: numeric_in would read more than a spreadsheet means, and raise */
static bool
read_amount(const char *s, Datum *out)
{
	char		buf[40];
	int			n = 0;
	int			digits = 0;
	int			points = 0;

	if (strncmp(s, "\302\245", 2) == 0)
		s += 2;
	else if (strncmp(s, "\357\277\245", 3) == 0)
		s += 3;
	for (; *s; s++)
	{
		if (*s == ',' && digits > 0 && points == 0)
			continue;
		if (n >= (int) sizeof(buf) - 1)
			return false;
		if (*s >= '0' && *s <= '9')
			digits++;
		else if (*s == '.')
			points++;
		else if (!((*s == '-' || *s == '+') && n == 0))
			return false;
		buf[n++] = *s;
	}
	buf[n] = '\0';
	if (digits == 0 || points > 1)
		return false;
	*out = DirectFunctionCall3(numeric_in, CStringGetDatum(buf), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	return true;
}

/* a number of at most so many digits; -1 if there is none */
static int
digits(const char **p, int most)
{
	int			v = 0;
	int			n = 0;

	while (n < most && **p >= '0' && **p <= '9')
	{
		v = v * 10 + (*(*p)++ - '0');
		n++;
	}
	return n > 0 ? v : -1;
}

static bool
skip(const char **p, const char *s)
{
	size_t		n = strlen(s);

	if (strncmp(*p, s, n) != 0)
		return false;
	*p += n;
	return true;
}

/* 2024-01-31, 2024/1/31 10:20, 2024年1月31日, 2024-01-31T10:20:30.5+08:00; without offset in the business zone */
static bool
read_instant(const char *s, const char *zone, TimestampTz *out)
{
	struct pg_tm tm;
	int			tz;
	fsec_t		fsec = 0;

	memset(&tm, 0, sizeof(tm));
	tm.tm_isdst = -1;
	if ((tm.tm_year = digits(&s, 4)) < 1900 || !(skip(&s, "-") || skip(&s, "/") || skip(&s, ".") || skip(&s, "\345\271\264")))
		return false;
	if ((tm.tm_mon = digits(&s, 2)) < 1 || !(skip(&s, "-") || skip(&s, "/") || skip(&s, ".") || skip(&s, "\346\234\210")))
		return false;
	if ((tm.tm_mday = digits(&s, 2)) < 1)
		return false;
	(void) skip(&s, "\346\227\245");
	if (tm.tm_mon > 12 || tm.tm_mday > day_tab[isleap(tm.tm_year)][tm.tm_mon - 1])
		return false;
	tz = INT_MIN;
	if (skip(&s, "T") || skip(&s, " "))
	{
		while (skip(&s, " "));
		if ((tm.tm_hour = digits(&s, 2)) < 0 || !skip(&s, ":") || (tm.tm_min = digits(&s, 2)) < 0)
			return false;
		if (skip(&s, ":"))
		{
			if ((tm.tm_sec = digits(&s, 2)) < 0)
				return false;
			if (skip(&s, "."))
			{
				int			unit = 100000;

				for (; *s >= '0' && *s <= '9'; s++, unit /= 10)
					fsec += (*s - '0') * unit;
			}
		}
		if (tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 59)
			return false;
		if (skip(&s, "Z"))
			tz = 0;
		else if (*s == '+' || *s == '-')
		{
			int			sign = *s++ == '+' ? -1 : 1;
			int			h = digits(&s, 2);
			int			m = 0;

			if (skip(&s, ":") || (*s >= '0' && *s <= '9'))
				m = digits(&s, 2);
			if (h < 0 || h > 15 || m < 0 || m > 59)
				return false;
			tz = sign * (h * 3600 + m * 60);
		}
	}
	if (*s)
		return false;
	if (tz == INT_MIN)
		tz = DetermineTimeZoneOffset(&tm, pg_tzset(zone));
	return tm2timestamp(&tm, fsec, &tz, out) == 0;
}

static const char *
read_kind(const char *s)
{
	static const char *const words[][2] = {
		{"company", "company"}, {"person", "person"}, {"企业", "company"}, {"公司", "company"}, {"单位", "company"},
		{"个人", "person"}, {"自然人", "person"}
	};

	if (s == NULL)
		return "company";
	for (int i = 0; i < lengthof(words); i++)
		if (pg_strcasecmp(s, words[i][0]) == 0)
			return words[i][1];
	return NULL;
}

static void
read_history(LeadsFrame *f, LeadsImportMembers *members, LeadsImportRow *row)
{
	LeadsStaged *s = &row->staged;
	LeadsHistory *h = &row->history;
	const char *owner = trimmed(s->owner);
	const char *creator = trimmed(s->created_by);
	const char *at = trimmed(s->created_at);

	h->owner_id = owner ? member_id(f, members, owner, true) : 0;
	h->creator_id = creator ? member_id(f, members, creator, false) : h->owner_id;
	h->created_at = LEADS_NO_TIME;
	if (owner && h->owner_id == 0)
		refuse(row, "import.owner_unknown", owner);
	if (creator && h->creator_id == 0)
		refuse(row, "import.creator_unknown", creator);
	if (at && !read_instant(at, f->zone, &h->created_at))
		refuse(row, "import.created_at_invalid", at);
	else if (at && h->created_at > f->now)
		refuse(row, "import.created_at_future", at);
}

static void
read_input(const LeadsChannel *channel, LeadsImportRow *row)
{
	LeadsStaged *s = &row->staged;
	const char *kind = trimmed(s->kind);
	const char *amount = trimmed(s->amount);
	LeadsRegisterArgs args = {
		.name = s->name, .phone = s->phone, .contact = s->contact, .email = s->email, .region = s->region,
		.industry = s->industry, .need = s->need, .channel = channel->code, .line = s->line ? s->line : "",
		.project = s->project, .uscc = s->uscc, .kind = read_kind(kind), .extra = s->extra
	};
	const char *bad_kind = args.kind == NULL ? kind : NULL;
	bool		bad_extra = args.extra && !JB_ROOT_IS_OBJECT(args.extra);
	bool		bad_amount = amount && !read_amount(amount, &args.amount);

	if (bad_kind)
		args.kind = "company";
	if (bad_extra)
		args.extra = NULL;
	leads_input_read(&args, channel->inbound, &row->in);
	if (bad_kind)
		refuse(row, "import.kind_unknown", bad_kind);
	if (bad_extra)
		refuse(row, "import.extra_invalid", NULL);
	if (bad_amount)
		refuse(row, "register.amount_invalid", amount);
}

void
leads_import_read(LeadsFrame *f, const LeadsChannel *channel, LeadsImportMembers *members, LeadsImportRow *row)
{
	read_input(channel, row);
	read_history(f, members, row);
}

void
leads_import_read_update(LeadsFrame *f, const LeadsChannel *channel, LeadsImportRow *row)
{
	const char *id = trimmed(row->staged.customer_id);
	LeadsInput *in = &row->in;
	int64		n = 0;

	read_input(channel, row);
	if (in->reason && in->arg.name == NULL &&
		(strcmp(in->reason, "register.name_required") == 0 || strcmp(in->reason, "register.person_needs_mobile") == 0))
	{
		/* found by its phone, mail address or USCC then, or by its id */
		in->reason = in->reason_arg = NULL;
		in->record = palloc(LEADS_RECORD_ROOM(1));
		leads_input_record(in, in->arg.region, in->record);
		in->nkeys = leads_record_keys(in->record, in->keys, LEADS_KEYS_MAX);
	}
	for (; id && *id >= '0' && *id <= '9' && n < PG_INT64_MAX / 100; id++)
		n = n * 10 + (*id - '0');
	row->target = id && *id == '\0' ? n : 0;
}

void
leads_import_reread(LeadsFrame *f, const LeadsChannel *channel, const LeadsImportRow *row, const LeadsCustomer *customer,
					LeadsInput *out)
{
	LeadsRegisterArgs args = row->in.arg;

	if (args.name == NULL)
		args.name = customer->name;
	if (args.region == NULL)
		args.region = customer->region;
	args.kind = customer->person ? "person" : "company";
	leads_input_read(&args, channel->inbound, out);
	/* a person of old may have no mobile */
	if (out->reason && strcmp(out->reason, "register.person_needs_mobile") == 0)
		out->reason = NULL;
}

static const char *
masked(const char *s, int (*mask) (const char *, size_t, char *))
{
	char		buf[LEADS_MASK_MAX];

	mask(s, strlen(s), buf);
	return pstrdup(buf);
}

const char *
leads_import_column(const LeadsImportRow *row, const char **value)
{
	const LeadsStaged *s = &row->staged;
	const struct
	{
		const char *column;
		const char *reason;
		const char *value;
	}			columns[] = {
		{"name", "register.name_required", s->name}, {"phone", "register.phone_invalid", s->phone},
		{"phone", "register.person_needs_mobile", s->phone}, {"email", "register.email_invalid", s->email},
		{"uscc", "register.uscc_invalid", s->uscc}, {"amount", "register.amount_invalid", s->amount},
		{"kind", "import.kind_unknown", s->kind}, {"owner", "import.owner_unknown", s->owner},
		{"created_by", "import.creator_unknown", s->created_by},
		{"created_at", "import.created_at_invalid", s->created_at},
		{"created_at", "import.created_at_future", s->created_at}, {"extra", "import.extra_invalid", NULL},
		/* for register.too_long */
		{"contact", NULL, s->contact}, {"region", NULL, s->region}, {"industry", NULL, s->industry},
		{"line", NULL, s->line}, {"project", NULL, s->project}, {"need", NULL, s->need}
	};
	bool		too_long = strcmp(row->in.reason, "register.too_long") == 0;

	*value = NULL;
	for (int i = 0; i < lengthof(columns); i++)
	{
		if (too_long ? strcmp(columns[i].column, row->in.reason_arg) != 0 :
			columns[i].reason == NULL || strcmp(columns[i].reason, row->in.reason) != 0)
			continue;
		if (columns[i].value == NULL)
			return columns[i].column;
		if (strcmp(columns[i].column, "phone") == 0)
			*value = masked(leads_clip(columns[i].value, 60), leads_mask_phone);
		else if (strcmp(columns[i].column, "email") == 0)
			*value = masked(leads_clip(columns[i].value, 60), leads_mask_email);
		else
			*value = leads_clip(columns[i].value, VALUE_CHARS);
		return columns[i].column;
	}
	return NULL;
}

/* ---- newcomers ---- */

typedef struct Link
{
	struct Link *next;
	int			newcomer;
} Link;

typedef struct KeyEntry
{
	int64		key;
	int			n;
	Link	   *first;
} KeyEntry;

typedef struct Newcomer
{
	int64		customer_id;
	const char *name;
	LeadsRecord *record;
	int			seen;			/* number of the look that met it last */
} Newcomer;

struct LeadsNewcomers
{
	MemoryContext cxt;
	HTAB	   *keys;
	Newcomer   *all;
	int			n;
	int			room;
	int			looks;
};

LeadsNewcomers *
leads_newcomers_begin(MemoryContext cxt)
{
	LeadsNewcomers *w = MemoryContextAllocZero(cxt, sizeof(LeadsNewcomers));
	HASHCTL		ctl = {.keysize = sizeof(int64), .entrysize = sizeof(KeyEntry), .hcxt = cxt};

	w->cxt = cxt;
	w->keys = hash_create("leads newcomers", 4096, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	w->room = 256;
	w->all = MemoryContextAlloc(cxt, sizeof(Newcomer) * w->room);
	return w;
}

void
leads_newcomers_add(LeadsNewcomers *w, int64 customer_id, const char *name, const LeadsRecord *record,
					const LeadsKey *keys, int nkeys)
{
	MemoryContext old = MemoryContextSwitchTo(w->cxt);
	LeadsRecord *r = palloc(leads_record_bytes(record));
	Newcomer   *new;

	memcpy(r, record, leads_record_bytes(record));
	if (w->n == w->room)
	{
		w->room *= 2;
		w->all = repalloc_huge(w->all, sizeof(Newcomer) * w->room);
	}
	new = &w->all[w->n];
	new->customer_id = customer_id;
	new->name = name ? pstrdup(name) : NULL;
	new->record = r;
	new->seen = 0;
	for (int i = 0; i < nkeys; i++)
	{
		bool		found;
		KeyEntry   *e = hash_search(w->keys, &keys[i].key, HASH_ENTER, &found);
		Link	   *l = palloc(sizeof(Link));

		if (!found)
		{
			e->n = 0;
			e->first = NULL;
		}
		l->newcomer = w->n;
		l->next = e->first;
		e->first = l;
		e->n++;
	}
	w->n++;
	MemoryContextSwitchTo(old);
}

void
leads_newcomers_look(LeadsNewcomers *w, LeadsCall *c)
{
	w->looks++;
	for (int i = 0; i < c->in.nkeys; i++)
	{
		KeyEntry   *e = hash_search(w->keys, &c->in.keys[i].key, HASH_FIND, NULL);
		int			most = c->in.keys[i].exact ? INT_MAX : KEY_CAP;

		for (Link *l = e ? e->first : NULL; l && most-- > 0; l = l->next)
		{
			Newcomer   *n = &w->all[l->newcomer];

			if (n->seen == w->looks)
				continue;
			n->seen = w->looks;
			c->ncandidates++;
			leads_register_compare(n->customer_id, n->name, n->record, c);
		}
	}
}
