/*
 * customer_scan.c - all customers in the order of their ids, with what the judge of identity compares.
 *
 * Purpose: reading a whole company costs four narrow scans, not three look-ups a customer.
 * Invariants: the same texts in the same order as leads_customer_records() gives the judge; merged and
 * deleted customers are left out.
 * Called by: act/scan_read, act/rekey.
 */
#include "core/leads.h"

#include "record/customer.h"

#define NAMES (LEADS_RECORD_NAMES_MAX - 1)
#define POINTS 25				/* as q_points of customer.c */

LEADS_QUERY(q_customers, "li",
			"SELECT c.id, c.kind = 'person', c.name, c.region FROM @.customer c"
			" WHERE c.id > $1 AND c.status = 'live' ORDER BY c.id LIMIT $2");
LEADS_QUERY(q_names, "ll",
			"SELECT n.customer_id, n.name FROM @.customer_name n"
			" WHERE n.customer_id BETWEEN $1 AND $2 ORDER BY n.customer_id, n.id");
LEADS_QUERY(q_points, "ll",
			"SELECT p.customer_id, p.kind || ':' || p.raw FROM @.contact_point p"
			" WHERE p.customer_id BETWEEN $1 AND $2 AND p.norm IS NOT NULL AND p.state = 'confirmed' ORDER BY p.customer_id, p.id");
LEADS_QUERY(q_contacts, "ll",
			"SELECT t.customer_id, t.name FROM @.contact t"
			" WHERE t.customer_id BETWEEN $1 AND $2 AND t.name IS NOT NULL AND t.state = 'confirmed' ORDER BY t.customer_id, t.id");

/* the texts of one customer out of a list that is sorted by customer; at most so many */
static int
texts_of(LeadsResult *r, uint64 *at, int64 id, const char **out, int most)
{
	int			n = 0;

	while (*at < r->n && leads_int(r, *at, 1) < id)
		(*at)++;
	for (; *at < r->n && leads_int(r, *at, 1) == id; (*at)++)
		if (n < most)
			out[n++] = leads_text(r, *at, 2);
	return n;
}

int
leads_customer_texts(LeadsFrame *f, int64 after, int limit, LeadsCustomerReader reader, void *arg)
{
	LeadsResult c = leads_run(&q_customers, after, limit);
	LeadsResult names,
				points,
				contacts;
	uint64		at[3] = {0};
	int64		last;

	if (c.n == 0)
		return 0;
	last = leads_int(&c, c.n - 1, 1);
	names = leads_run(&q_names, leads_int(&c, 0, 1), last);
	points = leads_run(&q_points, leads_int(&c, 0, 1), last);
	contacts = leads_run(&q_contacts, leads_int(&c, 0, 1), last);
	for (uint64 i = 0; i < c.n; i++)
	{
		LeadsCustomerText t;

		t.id = leads_int(&c, i, 1);
		t.person = leads_bool(&c, i, 2);
		t.nnames = 0;
		t.name[0] = leads_text(&c, i, 3);
		if (t.name[0])
			t.nnames = 1;
		t.named = t.nnames == 1;
		t.region = leads_text(&c, i, 4);
		t.nnames += texts_of(&names, &at[0], t.id, t.name + t.nnames, NAMES);
		t.npoints = texts_of(&points, &at[1], t.id, t.point, POINTS);
		t.contact = NULL;
		(void) texts_of(&contacts, &at[2], t.id, &t.contact, 1);
		reader(&t, arg);
	}
	return (int) c.n;
}

void
leads_customer_text_record(const LeadsCustomerText *t, LeadsRecord *out)
{
	leads_record_init(out, t->person);
	for (int i = 0; i < t->nnames; i++)
		leads_record_add_name(out, t->name[i], strlen(t->name[i]));
	if (t->region)
		leads_record_set_region(out, t->region, strlen(t->region));
	for (int i = 0; i < t->npoints; i++)
	{
		const char *raw = strchr(t->point[i], ':') + 1;

		if (strncmp(t->point[i], "phone:", 6) == 0)
			leads_record_add_phone(out, raw, strlen(raw));
		else if (strncmp(t->point[i], "email:", 6) == 0)
			leads_record_add_email(out, raw, strlen(raw));
		else
			leads_record_set_uscc(out, raw, strlen(raw));
	}
	if (t->contact)
		leads_record_set_contact(out, t->contact, strlen(t->contact));
}
