/*-------------------------------------------------------------------------
 *
 * identity.c
 *		What identifies a customer: parsed names, contact points, keys.
 *
 * Purpose: the verbs hand over raw texts; here they become the parsed, folded,
 * hashed values that are compared.
 *
 * Invariants: invalid values are ignored (the intake has said so already); the
 * keys are a function of the record alone; exact keys and the first name's
 * come first, so a full list never drops what matters.
 * Called by the verbs (register, check_duplicate, merge, import) and the keepers.
 *
 *-------------------------------------------------------------------------
 */
#include "identity.h"

#include <string.h>

#include "email.h"
#include "fold.h"
#include "phone.h"
#include "uscc.h"

void
leads_record_init(LeadsRecord *r, bool person)
{
	memset(r, 0, offsetof(LeadsRecord, keys));
	r->person = person;
	r->region = -1;
	r->nkeys = -1;
	r->ncontact_keys = 0;
}

void
leads_record_add_name(LeadsRecord *r, const char *s, size_t len)
{
	LeadsName  *n = &r->name[r->nnames];

	if (r->nnames == LEADS_RECORD_NAMES_MAX)
		return;
	if (r->person)
		leads_person_parse(s, len, n);
	else
		leads_name_parse(s, len, n);
	if (n->kind == LEADS_NAME_NONE)
		return;
	if (r->region >= 0 && n->region < 0)
	{
		n->region = r->region;
		n->flags |= LEADS_NAME_GIVEN_REGION;
	}
	r->nnames++;
	r->nkeys = -1;
}

void
leads_record_set_region(LeadsRecord *r, const char *s, size_t len)
{
	LeadsName	probe;

	probe.region = -1;
	probe.flags = 0;
	leads_name_set_region(&probe, s, len);
	if (probe.region < 0)
		return;
	r->region = probe.region;
	for (int i = 0; i < r->nnames; i++)
		leads_name_set_region(&r->name[i], s, len);
	r->nkeys = -1;
}

void
leads_record_set_contact(LeadsRecord *r, const char *s, size_t len)
{
	r->ncontact = (uint8_t) leads_fold(s, len, r->contact, LEADS_RECORD_CONTACT_MAX, NULL);
}

static void
add_key(LeadsRecord *r, LeadsKeyKind kind, const char *s)
{
	r->contact_keys[r->ncontact_keys++] = leads_key_text(kind, s, strlen(s));
	r->nkeys = -1;
}

void
leads_record_add_phone(LeadsRecord *r, const char *s, size_t len)
{
	LeadsPhone	p;

	if (r->nphones == LEADS_RECORD_PHONES_MAX)
		return;
	leads_phone_parse(s, len, &p);
	if (p.kind == LEADS_PHONE_NONE || p.kind == LEADS_PHONE_INVALID)
		return;
	for (int i = 0; i < r->nphones; i++)
		if (strcmp(r->phone[i].norm, p.norm) == 0)
			return;
	memcpy(r->phone[r->nphones].norm, p.norm, sizeof(p.norm));
	r->phone[r->nphones].weak = p.weak;
	r->phone[r->nphones].mobile = p.kind == LEADS_PHONE_MOBILE;
	r->nphones++;
	if (!p.weak)
		add_key(r, LEADS_KEY_PHONE, p.tail);
}

void
leads_record_add_email(LeadsRecord *r, const char *s, size_t len)
{
	LeadsEmail	e;

	if (r->nemails == LEADS_RECORD_EMAILS_MAX)
		return;
	leads_email_parse(s, len, &e);
	if (!e.valid)
		return;
	r->email[r->nemails].norm = leads_key_text(LEADS_KEY_EMAIL, e.norm, strlen(e.norm)).key;
	r->email[r->nemails].domain = leads_key_text(LEADS_KEY_DOMAIN, e.domain, strlen(e.domain)).key;
	r->email[r->nemails].weak = e.weak_local;
	r->email[r->nemails].free = e.free_domain;
	r->nemails++;
	if (!e.weak_local)
		add_key(r, LEADS_KEY_EMAIL, e.norm);
	if (!e.free_domain && !r->person)
		add_key(r, LEADS_KEY_DOMAIN, e.domain);
}

void
leads_record_set_uscc(LeadsRecord *r, const char *s, size_t len)
{
	LeadsUscc	u;

	if (r->has_uscc)
		return;
	leads_uscc_parse(s, len, &u);
	if (!u.valid)
		return;
	memcpy(r->uscc, u.norm, sizeof(r->uscc));
	r->has_uscc = true;
	add_key(r, LEADS_KEY_USCC, u.norm);
}

int
leads_record_keys(const LeadsRecord *r, LeadsKey *out, int cap)
{
	LeadsKey	all[LEADS_RECORD_NAMES_MAX * LEADS_NAME_KEYS_MAX + 2 * LEADS_RECORD_EMAILS_MAX +
					LEADS_RECORD_PHONES_MAX + 1];
	LeadsKey	chosen[LEADS_KEYS_MAX];
	LeadsKey   *use = out;
	int			start[LEADS_RECORD_NAMES_MAX + 1];
	int			n = 0;
	int			k = 0;

	if (r->nkeys >= 0)
	{
		n = r->nkeys < cap ? r->nkeys : cap;
		memcpy(out, r->keys, (size_t) n * sizeof(LeadsKey));
		return n;
	}
	if (cap < LEADS_KEYS_MAX)
		use = chosen;

	/* exact ones, then the first name's, then the others' in turn */
	memcpy(all, r->contact_keys, r->ncontact_keys * sizeof(LeadsKey));
	n = r->ncontact_keys;
	for (int i = 0; i < r->nnames; i++)
	{
		start[i] = n;
		n += leads_name_keys(&r->name[i], all + n);
	}
	start[r->nnames] = n;
	for (int i = 0; i < n && k < LEADS_KEYS_MAX; i++)
		if (all[i].exact)
			use[k++] = all[i];
	for (int i = 0; i < r->ncontact_keys && k < LEADS_KEYS_MAX; i++)
		if (!all[i].exact)
			use[k++] = all[i];
	if (r->nnames > 0)
		for (int i = start[0]; i < start[1] && k < LEADS_KEYS_MAX; i++)
			if (!all[i].exact)
				use[k++] = all[i];
	for (int step = 0; step < LEADS_NAME_KEYS_MAX; step++)
		for (int i = 1; i < r->nnames; i++)
			if (start[i] + step < start[i + 1] && k < LEADS_KEYS_MAX && !all[start[i] + step].exact)
				use[k++] = all[start[i] + step];

	k = leads_keys_sort(use, k);
	if (use != out)
	{
		k = k < cap ? k : cap;
		memcpy(out, use, (size_t) k * sizeof(LeadsKey));
	}
	return k;
}

void
leads_record_prepare(LeadsRecord *r)
{
	LeadsKey	keys[LEADS_KEYS_MAX];
	int			n;

	if (r->nkeys >= 0)
		return;
	n = leads_record_keys(r, keys, LEADS_KEYS_MAX);
	memcpy(r->keys, keys, (size_t) n * sizeof(LeadsKey));
	r->nkeys = (int16_t) n;
}

static const char *const states[] = {"", "confirmed", "unconfirmed", "refused"};

const char *
leads_contact_state_name(LeadsContactState state)
{
	return states[state];
}

LeadsContactState
leads_contact_state_read(const char *name)
{
	for (int i = LEADS_CONTACT_CONFIRMED; i <= LEADS_CONTACT_REFUSED; i++)
		if (strcmp(states[i], name) == 0)
			return (LeadsContactState) i;
	return LEADS_CONTACT_NONE;
}
