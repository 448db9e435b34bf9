/*
 * project.c - keeper of projects, and of the spelling of scopes.
 *
 * Purpose: one project, one owner, whoever is registered as its customer; and one scope for
 * all spellings of a product line or project.
 * Invariants: the key is unique; whoever looks for a project by its key holds the key's stripe,
 * or the gate, so that of two who register one at the same instant the second finds it;
 * generic names of less than four characters are no projects, but scopes of a customer.
 * Called by: act/register.
 */
#include "core/leads.h"

#include "common/hashfn.h"

#include "lib/fold.h"
#include "record/project.h"

#define LEAST_CHARS 4
#define MOST_CHARS 512

LEADS_QUERY(q_find, "l",
			"SELECT coalesce(c.merged_into, c.id), p.name FROM @.project p JOIN @.customer c ON c.id = p.customer_id"
			" WHERE p.key = $1 AND c.status <> 'deleted'");
LEADS_QUERY(q_insert, "ltlz",
			"INSERT INTO @.project AS p (key, name, customer_id, created_at) VALUES ($1, $2, $3, $4)"
			/* its customer was deleted: the project goes on with the new one */
			" ON CONFLICT (key) DO UPDATE SET customer_id = excluded.customer_id, name = excluded.name");
LEADS_QUERY(q_scopes, "l",
			"SELECT o.scope FROM @.ownership o WHERE o.customer_id = $1 AND o.until IS NULL AND o.scope <> ''"
			" UNION SELECT r.scope FROM @.registration r WHERE r.customer_id = $1 AND r.state = 'pending' AND r.scope <> ''"
			" ORDER BY 1");

/* what is written between the words is left out: （二期） is 二期 */
static int
fold(const char *s, uint32_t *out)
{
	int			n = leads_fold(s, strlen(s), out, MOST_CHARS, NULL);
	int			kept = 0;

	for (int i = 0; i < n; i++)
		if (out[i] >= 0x80 || isalnum((unsigned char) out[i]))
			out[kept++] = out[i];
	return kept;
}

int64
leads_project_key(const char *name)
{
	uint32_t	folded[MOST_CHARS];
	int			n = name ? fold(name, folded) : 0;
	int64		key;

	if (n < LEAST_CHARS)
		return 0;
	key = (int64) hash_bytes_extended((const unsigned char *) folded, n * sizeof(uint32_t), 0x70726f6a656374);
	return key != 0 ? key : 1;
}

bool
leads_project_find(LeadsFrame *f, int64 key, int64 *customer_id, const char **name)
{
	LeadsResult r = leads_run_latest(&q_find, key);

	if (!leads_found(r))
		return false;
	*customer_id = leads_int(&r, 0, 1);
	*name = leads_text(&r, 0, 2);
	return true;
}

void
leads_project_insert(LeadsFrame *f, int64 key, const char *name, int64 customer_id)
{
	leads_run(&q_insert, key, name, customer_id, f->now);
}

const char *
leads_scope_spelt(LeadsFrame *f, int64 customer_id, const char *scope)
{
	uint32_t	asked[MOST_CHARS];
	uint32_t	there[MOST_CHARS];
	LeadsResult r;
	int			n;

	if (scope[0] == '\0')
		return scope;
	n = fold(scope, asked);
	r = leads_run_latest(&q_scopes, customer_id);
	for (uint64 i = 0; i < r.n; i++)
	{
		const char *s = leads_text(&r, i, 1);

		if (n > 0 && fold(s, there) == n && memcmp(asked, there, n * sizeof(uint32_t)) == 0)
			return s;
	}
	return scope;
}
