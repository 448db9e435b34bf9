/*
 * import_update.c - import: a staged row changes a customer that is there.
 *
 * Purpose: modes update_by_id and update_by_key: name, region, industry, extra, and further contacts, phones, mail
 * addresses and USCC of a customer.
 * Invariants: what the row leaves empty stays; owner, creator and instant stay whatever the row says; nothing becomes a
 * registration, nobody is told; the gate is held for itself, the customer is locked and settled before it is
 * read; what it is matched by is keyed and judged anew, as by a direct change; a row has a result if and only if it
 * was dealt with.
 * Called by: act/import.
 */
#include "core/leads.h"

#include "act/corridor.h"
#include "act/guard.h"
#include "act/import_work.h"
#include "record/customer.h"
#include "record/journey.h"

static const LeadsMessage texts[] = {
	{"import.id_invalid", "未更新：客户编号“{0}”无法识别", "refused: \"{0}\" is no customer id"},
	{"import.id_unknown", "未更新：没有编号为 {0} 的客户", "refused: there is no customer {0}"},
	{"import.key_missing", "未更新：没有可用于查找客户的内容", "refused: nothing to find a customer by"},
	{"import.key_unknown", "未更新：没有确定相同的客户", "refused: no customer is certainly this one"},
	{"import.key_ambiguous", "未更新：有 {0} 个客户与之相同", "refused: {0} customers are certainly this one"},
	{"import.repeated", "未更新：本批次的另一行已更新该客户", "passed over: another row of the batch has updated this customer"},
	{"import.updated", "导入更新：{0}", "updated by an import: {0}"},
	{"import.unchanged", "内容相同，无需更新", "nothing to update"},
};

void
leads_import_update_init(void)
{
	leads_message_catalog(texts, lengthof(texts));
}

typedef struct Update
{
	LeadsImport *im;
	LeadsImportRow *row;
	LeadsHold	hold;			/* the customer, locked, and in whose hands it is */
	LeadsInput	in;				/* the row, with the customer's own name and region where it has none */
	StringInfoData names;		/* of the fields changed */
	JsonbParseState *state;		/* the same as a document */
	bool		matched;		/* among them what it is found by */
	LeadsImportUpdate out;
} Update;

static void
outcome(Update *u, const char *verdict, const char *code, const char *arg)
{
	u->out.outcome = verdict;
	u->out.code = code;
	u->out.message = leads_message1(u->im->c->f.lang, code, arg);
}

static void
matched(Update *u, int64 id)
{
	/* an id is shown to who decides over everybody's */
	u->out.matched[u->out.nmatched++] = leads_actor_reach(&u->im->c->f) == LEADS_REACH_ALL ? id : 0;
}

/* the one customer that the row certainly is; 0 = bad row */
static int64
by_key(Update *u, LeadsNewcomers *changed)
{
	LeadsCall  *c = u->im->c;
	int64		ids[LEADS_SHOWN];
	int			n = 0;

	if (u->row->in.nkeys == 0)
	{
		outcome(u, "rejected", "import.key_missing", NULL);
		return 0;
	}
	c->nfound = u->row->nfound;
	memcpy(c->found, u->row->found, sizeof(LeadsFound) * c->nfound);
	/* as earlier rows of the chunk left them */
	leads_newcomers_look(changed, c);
	for (int i = 0; i < c->nfound; i++)
	{
		bool		known = false;

		for (int k = 0; k < n; k++)
			known = known || ids[k] == c->found[i].customer_id;
		if (c->found[i].score.band == LEADS_BAND_CERTAIN && !known)
			ids[n++] = c->found[i].customer_id;
	}
	if (n == 1)
		return ids[0];
	/* that there are several is nobody's business who may not change them all */
	if (n == 0 || leads_actor_reach(&c->f) != LEADS_REACH_ALL)
	{
		outcome(u, "rejected", "import.key_unknown", NULL);
		for (int i = 0; i < Min(c->nfound, LEADS_SHOWN); i++)
			matched(u, c->found[i].customer_id);
		return 0;
	}
	outcome(u, "rejected", "import.key_ambiguous", psprintf("%d", n));
	for (int i = 0; i < n; i++)
		matched(u, ids[i]);
	return 0;
}

static int64
find(Update *u, LeadsNewcomers *changed)
{
	const char *arg = u->row->staged.customer_id;

	if (strcmp(u->im->mode, "update_by_key") == 0)
		return by_key(u, changed);
	if (u->row->target == 0)
	{
		outcome(u, "rejected", "import.id_invalid", arg ? leads_clip(arg, 100) : "");
		u->out.column = "customer_id";
		u->out.value = arg ? leads_clip(arg, 100) : NULL;
	}
	return u->row->target;
}

static void
changed(Update *u, const char *field)
{
	JsonbValue	v;

	appendStringInfo(&u->names, "%s%s", u->names.len ? ", " : "", field);
	v.type = jbvString;
	v.val.string.val = unconstify(char *, field);
	v.val.string.len = strlen(field);
	pushJsonbValue(&u->state, WJB_ELEM, &v);
}

static bool
differs(const char *given, const char *stored)
{
	return given != NULL && (stored == NULL || strcmp(given, stored) != 0);
}

static void
add_point(Update *u, const char *kind, const char *raw, const char *norm, bool weak, bool strong)
{
	LeadsFrame *f = &u->im->c->f;

	if (raw == NULL || norm == NULL || leads_customer_has_point(f, u->hold.customer.id, kind, norm))
		return;
	leads_contact_point_insert(f, u->hold.customer.id, 0, kind, raw, norm, weak,
							   strong && !leads_strong_taken(f, kind, norm));
	changed(u, kind);
	u->matched = true;
}

static void
apply(Update *u)
{
	LeadsFrame *f = &u->im->c->f;
	LeadsInput *in = &u->in;
	LeadsCustomer *c = &u->hold.customer;
	const LeadsRegisterArgs *given = &u->row->in.arg;
	LeadsRevision r = {.name = c->name, .region = c->region, .city = c->city, .industry = c->industry};
	/* by key, the name says who is meant, in whatever spelling */
	bool		renamed = strcmp(u->im->mode, "update_by_id") == 0 && differs(given->name, c->name);

	if (renamed)
	{
		r.name = in->arg.name;
		changed(u, "name");
	}
	if ((renamed || given->region) && differs(in->region, c->region))
	{
		r.region = in->region;
		r.city = in->city;
		changed(u, "region");
	}
	if (differs(given->industry, c->industry))
	{
		r.industry = given->industry;
		changed(u, "industry");
	}
	if (given->extra && !leads_customer_has_extra(f, c->id, given->extra))
	{
		r.extra = given->extra;
		changed(u, "extra");
	}
	u->matched = renamed || differs(r.region, c->region);
	if (u->names.len > 0)
		leads_customer_revise(f, c->id, &r);
	if (differs(r.region, c->region))
		leads_journey_region(f, c->id);
	if (renamed)
		leads_customer_renamed(c->id, c->name, in->core);
	if (given->contact && !leads_customer_has_contact(f, c->id, given->contact))
	{
		(void) leads_contact_insert(f, c->id, given->contact);
		changed(u, "contact");
	}
	if (in->phone_ok)
		add_point(u, "phone", given->phone, in->phone.norm, in->phone.weak, c->person && in->phone.kind == LEADS_PHONE_MOBILE);
	if (in->email_ok)
		add_point(u, "email", given->email, in->email.norm, in->email.weak_local || in->email.free_domain, false);
	if (in->uscc_ok)
		add_point(u, "uscc", given->uscc, in->uscc.norm, false, !c->person);
}

/* decision and event, and what the change means for others */
static void
record(Update *u)
{
	LeadsFrame *f = &u->im->c->f;
	LeadsEvidence e;
	LeadsDecision d = {.kind = "import", .verdict = "updated", .customer_id = u->hold.customer.id, .at = LEADS_NO_TIME};
	LeadsEvent	ev = {.kind = "edited", .customer_id = u->hold.customer.id, .at = LEADS_NO_TIME};
	JsonbParseState *state = NULL;
	JsonbValue	v;

	leads_evidence_begin(&e);
	leads_evidence_add(&e, "import", "updated", "import.updated", 1, u->names.data);
	ev.decision_id = leads_decision_write(f, &d, &e);
	if (u->hold.has_own)
	{
		ev.owner_id = u->hold.own.member_id;
		ev.pool_id = u->hold.own.pool_id;
	}
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	v.type = jbvString;
	v.val.string.val = "fields";
	v.val.string.len = 6;
	pushJsonbValue(&state, WJB_KEY, &v);
	JsonbToJsonbValue(JsonbValueToJsonb(pushJsonbValue(&u->state, WJB_END_ARRAY, NULL)), &v);
	pushJsonbValue(&state, WJB_VALUE, &v);
	ev.data = JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
	(void) leads_event_write(f, &ev);
	u->out.decision_id = ev.decision_id;
	if (u->matched)
		leads_guard_changed(f, u->hold.customer.id);
	leads_customer_touch(f, u->hold.customer.id);
}

/* later rows of the chunk meet it as it is now */
static void
show(Update *u, LeadsNewcomers *changed)
{
	LeadsRecord *r = palloc(sizeof(LeadsRecord));
	LeadsKey	keys[LEADS_KEYS_MAX];
	int			n;

	leads_customer_record(&u->im->c->f, u->hold.customer.id, r);
	n = leads_record_keys(r, keys, LEADS_KEYS_MAX);
	leads_newcomers_add(changed, u->hold.customer.id, u->in.arg.name, r, keys, n);
}

/* locked and settled; false if it is not there, or not the importer's to change */
static bool
hold(Update *u, int64 id)
{
	LeadsFrame *f = &u->im->c->f;
	LeadsHold  *h = &u->hold;

	if (!leads_customer_lock(f, id, &h->customer))
		return false;
	leads_frame_now(f, h->customer.last_event_at);
	(void) leads_corridor_settle(f, &h->customer);
	h->has_own = leads_ownership_open(f, h->customer.id, "", &h->own);
	return leads_corridor_is_boss_of(f, h);
}

static void
update(Update *u, LeadsNewcomers *newcomers)
{
	LeadsFrame *f = &u->im->c->f;
	LeadsCustomer *c = &u->hold.customer;
	int64		id = find(u, newcomers);

	if (id == 0)
		return;
	if (!hold(u, id))
	{
		if (u->row->target == 0)
			outcome(u, "rejected", "import.key_unknown", NULL);
		else
		{
			outcome(u, "rejected", "import.id_unknown", psprintf(INT64_FORMAT, id));
			u->out.column = "customer_id";
			u->out.value = psprintf(INT64_FORMAT, id);
		}
		return;
	}
	u->out.customer_id = c->id;
	if (leads_import_updated_before(f, u->im->batch, c->id))
	{
		outcome(u, "repeated", "import.repeated", NULL);
		return;
	}
	leads_import_reread(f, &u->im->c->channel, u->row, c, &u->in);
	if (u->in.reason)
	{
		outcome(u, "rejected", u->in.reason, u->in.reason_arg);
		return;
	}
	initStringInfo(&u->names);
	pushJsonbValue(&u->state, WJB_BEGIN_ARRAY, NULL);
	apply(u);
	if (u->names.len == 0)
	{
		outcome(u, "unchanged", "import.unchanged", NULL);
		return;
	}
	record(u);
	outcome(u, "updated", "import.updated", u->names.data);
	if (u->matched)
		show(u, newcomers);
}

const char *
leads_import_update_row(LeadsImport *im, LeadsImportRow *row, LeadsNewcomers *changed)
{
	Update		u = {.im = im, .row = row, .out = {.row_id = row->staged.id, .batch = im->batch}};

	if (row->in.reason)
	{
		outcome(&u, "rejected", row->in.reason, row->in.reason_arg);
		u.out.column = leads_import_column(row, &u.out.value);
	}
	else
		update(&u, changed);
	leads_import_update_insert(&im->c->f, &u.out);
	return u.out.outcome;
}
