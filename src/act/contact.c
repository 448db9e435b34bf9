/*
 * contact.c - the owner's word on contacts that somebody else sent.
 *
 * Purpose: confirm_contact(): from now on the customer is found by the value, or never is.
 * Invariants: gate and stripes of the value before the customer; a value that another live customer is found by is
 * confirmed by a boss alone; rows stay, whatever is said of them; keys follow in the same transaction.
 * Called by: the owner, and bosses.
 */
#include "core/leads.h"

#include "funcapi.h"

#include "act/corridor.h"
#include "act/guard.h"
#include "core/args.h"
#include "core/lock.h"
#include "lib/email.h"
#include "lib/phone.h"
#include "lib/uscc.h"
#include "record/keyset.h"

typedef struct Value
{
	LeadsNewPoint point[3];		/* as what it could be read */
	LeadsKey	key[3];
	int			n;
	LeadsPhone	phone;
	LeadsEmail	email;
	LeadsUscc	uscc;
} Value;

static void
add_reading(Value *v, const char *kind, const char *norm, LeadsKeyKind key_kind, const char *key, bool weak, bool strong)
{
	v->point[v->n] = (LeadsNewPoint) {.kind = kind, .norm = norm, .weak = weak, .strong = strong};
	v->key[v->n++] = leads_key_text(key_kind, key, strlen(key));
}

static void
read_value(const char *s, Value *v)
{
	size_t		len = strlen(s);

	memset(v, 0, sizeof(*v));
	leads_phone_parse(s, len, &v->phone);
	if (v->phone.norm[0])
		add_reading(v, "phone", v->phone.norm, LEADS_KEY_PHONE, v->phone.tail, v->phone.weak, v->phone.kind == LEADS_PHONE_MOBILE);
	leads_email_parse(s, len, &v->email);
	if (v->email.valid)
		add_reading(v, "email", v->email.norm, LEADS_KEY_EMAIL, v->email.norm, v->email.weak_local || v->email.free_domain, false);
	leads_uscc_parse(s, len, &v->uscc);
	if (v->uscc.valid)
		add_reading(v, "uscc", v->uscc.norm, LEADS_KEY_USCC, v->uscc.norm, false, true);
}

/* whoever registers with the value waits for us, or we for it */
static void
take_stripes(LeadsFrame *f, const Value *v)
{
	int64		ids[lengthof(v->key)];

	leads_lock_gate(f, false);
	(void) leads_keyset_valid(f);
	for (int i = 0; i < v->n; i++)
		ids[i] = v->key[i].key;
	leads_lock_stripes(f, ids, v->n);
}

/* LD054 */
static void
refuse_taken(LeadsFrame *f, const LeadsHold *h, const Value *v, int i)
{
	if (!v->point[i].weak && !leads_corridor_is_boss_of(f, h) &&
		leads_customer_others_have(f, h->customer.id, &v->key[i], v->point[i].kind, v->point[i].norm))
		ereport(ERROR,
				(errcode(LEADS_ERR_CONTACT_TAKEN),
				 errmsg("the value is in use already"),
				 errhint("A manager may confirm it.")));
}

/* LD004: who could hide a customer from its like could register it anew, and begin its protection and cool-down again */
static void
refuse_hiding(LeadsFrame *f, const LeadsHold *h, const LeadsNewPoint *p)
{
	if (!p->weak && !leads_corridor_is_boss_of(f, h))
		ereport(ERROR,
				(errcode(LEADS_ERR_NO_RIGHT),
				 errmsg("customer " INT64_FORMAT " is found by this value", h->customer.id),
				 errhint("A manager may refuse it.")));
}

/* the row that the value names goes to this state; false if it is in it; LD001 if there is none */
static bool
set_state(LeadsFrame *f, const LeadsHold *h, const char *value, const Value *v, LeadsContactState to, const char **kind)
{
	int64		row;
	LeadsContactState is;

	for (int i = 0; i < v->n; i++)
	{
		bool		strong = v->point[i].strong && h->customer.person == (strcmp(v->point[i].kind, "phone") == 0);

		is = leads_customer_point_state(f, h->customer.id, v->point[i].kind, v->point[i].norm, &row);
		if (is == LEADS_CONTACT_NONE)
			continue;
		*kind = v->point[i].kind;
		if (is == to)
			return false;
		if (to == LEADS_CONTACT_CONFIRMED)
			refuse_taken(f, h, v, i);
		else if (is == LEADS_CONTACT_CONFIRMED)
			refuse_hiding(f, h, &v->point[i]);
		leads_customer_set_point(f, row, to, strong && !leads_strong_taken(f, v->point[i].kind, v->point[i].norm));
		return true;
	}
	is = leads_customer_contact_state(f, h->customer.id, value, &row);
	if (is == LEADS_CONTACT_NONE)
		ereport(ERROR,
				(errcode(LEADS_ERR_UNKNOWN_ID),
				 errmsg("customer " INT64_FORMAT " has no such contact", h->customer.id)));
	*kind = "contact";
	if (is != to)
		leads_customer_set_contact(f, row, to);
	return is != to;
}

static int64
record(LeadsFrame *f, const LeadsHold *h, LeadsContactState to, const char *kind)
{
	LeadsEvidence e;
	LeadsDecision d = {
		.kind = "contact", .verdict = leads_contact_state_name(to), .customer_id = h->customer.id, .at = LEADS_NO_TIME
	};
	LeadsEvent	ev = {
		.kind = "edited", .customer_id = h->customer.id, .at = LEADS_NO_TIME, .owner_id = h->own.member_id,
		.pool_id = h->own.pool_id
	};

	leads_evidence_begin(&e);
	leads_evidence_add(&e, "contact", d.verdict, psprintf("contact.%s", d.verdict), 1, kind);
	ev.decision_id = leads_decision_write(f, &d, &e);
	ev.data = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(psprintf("{\"fields\": [\"%s\"]}", kind))));
	(void) leads_event_write(f, &ev);
	return ev.decision_id;
}

PG_FUNCTION_INFO_V1(leads_confirm_contact);
Datum
leads_confirm_contact(PG_FUNCTION_ARGS)
{
	int64		id = leads_arg_id(fcinfo, 0, "customer_id");
	char	   *value = leads_arg_text(fcinfo, 1);
	LeadsContactState to = PG_ARGISNULL(2) || PG_GETARG_BOOL(2) ? LEADS_CONTACT_CONFIRMED : LEADS_CONTACT_REFUSED;
	char	   *scope = PG_ARGISNULL(3) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(3));
	char	   *by_member = leads_arg_text(fcinfo, 4);
	LeadsFrame	f;
	LeadsHold	h;
	Value	   *v = palloc(sizeof(Value));
	const char *kind = NULL;
	Datum		values[3] = {0};
	bool		nulls[3] = {false, false, true};

	if (value == NULL || strspn(value, " \t\r\n") == strlen(value))
		ereport(ERROR, (errcode(LEADS_ERR_REQUIRED), errmsg("value is required")));
	read_value(value, v);
	leads_enter(&f, NULL, LEADS_PROFILE_WORKER);
	leads_actor_resolve(&f, by_member, 0);
	take_stripes(&f, v);
	leads_corridor_begin(&f, id, scope, &h);
	leads_corridor_require_owner(&f, &h);
	if (set_state(&f, &h, value, v, to, &kind))
	{
		values[2] = Int64GetDatum(record(&f, &h, to, kind));
		nulls[2] = false;
		leads_guard_changed(&f, h.customer.id);
	}
	leads_corridor_end(&f, h.customer.id);
	leads_leave(&f);
	values[0] = CStringGetTextDatum(kind);
	values[1] = CStringGetTextDatum(leads_contact_state_name(to));
	PG_RETURN_DATUM(leads_answer(fcinfo, values, nulls));
}
