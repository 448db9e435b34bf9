/*
 * route_seats.c - candidates of a ring, a team or a single target, and whose turn it is.
 *
 * Purpose: load candidates, lock what a choice among them depends on, choose:
 * stride round robin for strict rings, fewest customers held for the others.
 * Invariants: locks in the product's order, rings ascending before counters
 * ascending; a ring's seats are read after its row is locked; turns are rows
 * written in the caller's transaction, so a rollback gives the turn back; a
 * member that was away comes back at the ring's virtual time.
 * Called by: act/route, act/assign, act/backtest.
 */
#include "core/leads.h"

#include "act/route_seats.h"
#include "decide/protection.h"
#include "lib/ring.h"

/* $2 is the instant */
#define MEMBER_COLUMNS \
	"m.id, m.code, m.active, m.left_at, coalesce(m.holder_cap, -1), coalesce(m.daily_cap, -1)," \
	" pg_catalog.array_to_string(m.skills, pg_catalog.chr(10)), a.kind, a.until," \
	" pg_catalog.array_to_string(m.hours, ',')"
#define ON_LEAVE \
	"  LEFT JOIN @.absence a ON a.member_id = m.id AND a.since <= $2 AND (a.until IS NULL OR a.until > $2)"
#define SEAT_COLUMNS MEMBER_COLUMNS \
	", coalesce(s.id, 0), coalesce(s.weight, 1), coalesce(s.position, 0), coalesce(s.pass, 0), coalesce(s.last_turn, 0)," \
	" coalesce(s.seated, false)"
#define RING_COLUMNS "r.id, r.code, r.strategy = 'least_loaded', r.everybody, r.virtual_time, r.turn_no, r.hours = 'require', r.load = 'leads'"

LEADS_QUERY_ASIDE(q_member_code, "tz", "SELECT " MEMBER_COLUMNS " FROM @.member m " ON_LEAVE " WHERE m.code = $1");
LEADS_QUERY_ASIDE(q_member_id, "lz", "SELECT " MEMBER_COLUMNS " FROM @.member m " ON_LEAVE " WHERE m.id = $1");
LEADS_QUERY_ASIDE(q_ring_code, "t", "SELECT " RING_COLUMNS " FROM @.ring r WHERE r.code = $1");
LEADS_QUERY_ASIDE(q_ring_default, "b", "SELECT " RING_COLUMNS " FROM @.ring r WHERE r.is_default = $1");
LEADS_QUERY_ASIDE(q_ring_lock, "l", "SELECT " RING_COLUMNS " FROM @.ring r WHERE r.id = $1 FOR NO KEY UPDATE");
LEADS_QUERY_ASIDE(q_rings_manual, "l",
			"SELECT r.id FROM @.ring r WHERE r.manual_counts AND r.strategy = 'strict' AND"
			"  (EXISTS (SELECT FROM @.ring_seat s WHERE s.ring_id = r.id AND s.member_id = $1)"
			"   OR (r.everybody AND EXISTS (SELECT FROM @.member m WHERE m.id = $1 AND NOT m.is_manager AND m.partner_id IS NULL)))"
			" ORDER BY r.id");
LEADS_QUERY_ASIDE(q_seats, "lz",
			"SELECT " SEAT_COLUMNS " FROM @.ring_seat s JOIN @.member m ON m.id = s.member_id " ON_LEAVE
			" WHERE s.ring_id = $1 ORDER BY s.position, m.id");
LEADS_QUERY_ASIDE(q_everybody, "lz",
			"SELECT " SEAT_COLUMNS " FROM @.member m"
			"  LEFT JOIN @.ring_seat s ON s.ring_id = $1 AND s.member_id = m.id " ON_LEAVE
			" WHERE m.active AND NOT m.is_manager AND m.partner_id IS NULL AND (m.left_at IS NULL OR m.left_at > $2)"
			" ORDER BY coalesce(s.position, 0), m.id");
LEADS_QUERY_ASIDE(q_team, "t", "SELECT t.id FROM @.team t WHERE t.code = $1");
LEADS_QUERY_ASIDE(q_team_members, "lz",
			"WITH RECURSIVE t(id) AS ("
			"  SELECT $1 UNION SELECT c.id FROM @.team c JOIN t ON c.parent_id = t.id)"
			" SELECT " MEMBER_COLUMNS
			"  FROM @.member m " ON_LEAVE
			" WHERE m.team_id IN (SELECT t.id FROM t) AND NOT m.is_manager ORDER BY m.id");
LEADS_QUERY_ASIDE(q_role_members, "tz",
			"SELECT " MEMBER_COLUMNS " FROM @.member m " ON_LEAVE
			" WHERE $1 = ANY (m.skills) AND NOT m.is_manager AND m.partner_id IS NULL ORDER BY m.id");
LEADS_QUERY_ASIDE(q_rule_given, "lz",
			"SELECT c.member_id, c.given FROM @.rule_counter c WHERE c.rule_id = $1 AND c.given_since = $2");

LEADS_QUERY(q_loads, "lzb",
			"SELECT o.member_id, sum(g.load) FROM @.ownership o"
			"  JOIN @.lead l ON l.customer_id = o.customer_id AND l.scope = o.scope AND l.closed_at IS NULL"
			"  JOIN @.stage g ON g.id = l.stage_id"
			" WHERE coalesce(o.member_id, 0) IN (SELECT s.member_id FROM @.ring_seat s WHERE s.ring_id = $1"
			"    UNION SELECT m.id FROM @.member m WHERE $3 AND m.active AND NOT m.is_manager AND m.partner_id IS NULL)"
			"   AND o.until IS NULL AND (o.next_due_at IS NULL OR o.next_due_at > $2) GROUP BY o.member_id");
LEADS_QUERY(q_load_of, "lt",
			"SELECT coalesce(sum(g.load), 0) FROM @.lead l JOIN @.stage g ON g.id = l.stage_id"
			" WHERE l.customer_id = $1 AND l.scope = $2 AND l.closed_at IS NULL");

/* the skills of a member, as the query joins them */
static void
read_skills(LeadsSeat *s, char *text)
{
	s->skills = NULL;
	s->nskills = 0;
	if (text == NULL)
		return;
	s->skills = palloc(sizeof(char *) * (strlen(text) / 2 + 1));
	for (char *word = strtok(text, "\n"); word; word = strtok(NULL, "\n"))
		s->skills[s->nskills++] = word;
}

static void
read_seats(LeadsSeats *g, LeadsResult r, bool with_seat)
{
	g->n = (int) r.n;
	g->seats = palloc0(sizeof(LeadsSeat) * Max(g->n, 1));
	for (int i = 0; i < g->n; i++)
	{
		LeadsSeat  *s = &g->seats[i];

		s->member_id = leads_int(&r, i, 1);
		s->code = leads_text(&r, i, 2);
		s->active = leads_bool(&r, i, 3);
		s->left_at = leads_time(&r, i, 4);
		s->cap = (int32) leads_int(&r, i, 5);
		s->daily_cap = (int32) leads_int(&r, i, 6);
		read_skills(s, leads_text(&r, i, 7));
		s->leave = leads_text(&r, i, 8);
		s->leave_until = leads_time(&r, i, 9);
		s->hours = leads_text(&r, i, 10);
		s->nslots = s->hours ? leads_candidate_slots(s->hours, &s->slots) : 0;
		s->weight = 1;
		s->last_assigned_at = LEADS_NO_TIME;
		if (!with_seat)
			continue;
		s->seat_id = leads_int(&r, i, 11);
		s->weight = leads_int(&r, i, 12);
		s->position = (int32) leads_int(&r, i, 13);
		s->pass = leads_int(&r, i, 14);
		s->last_turn = leads_int(&r, i, 15);
		s->seated = leads_bool(&r, i, 16);
	}
}

LeadsSeats *
leads_seats_member(LeadsFrame *f, const char *code, int64 id)
{
	LeadsResult r = code ? leads_run(&q_member_code, code, f->now) : leads_run(&q_member_id, id, f->now);
	LeadsSeats *g;

	if (!leads_found(r))
		return NULL;
	g = palloc0(sizeof(LeadsSeats));
	g->least_loaded = true;
	read_seats(g, r, false);
	g->name = psprintf("member:%s", g->seats[0].code);
	return g;
}

static bool
read_ring(LeadsSeats *g, LeadsResult r)
{
	if (!leads_found(r))
		return false;
	g->ring_id = leads_int(&r, 0, 1);
	g->name = psprintf("ring:%s", leads_text(&r, 0, 2));
	g->least_loaded = leads_bool(&r, 0, 3);
	g->everybody = leads_bool(&r, 0, 4);
	g->virtual_time = leads_int(&r, 0, 5);
	g->turn_no = leads_int(&r, 0, 6);
	g->hours = leads_bool(&r, 0, 7);
	g->by_leads = leads_bool(&r, 0, 8);
	return true;
}

static void
load_seats(LeadsFrame *f, LeadsSeats *g)
{
	read_seats(g, leads_run(g->everybody ? &q_everybody : &q_seats, g->ring_id, f->now), true);
}

LeadsSeats *
leads_seats_ring(LeadsFrame *f, const char *code)
{
	LeadsSeats *g = palloc0(sizeof(LeadsSeats));

	if (!read_ring(g, code ? leads_run(&q_ring_code, code) : leads_run(&q_ring_default, true)))
		return NULL;
	load_seats(f, g);
	return g;
}

LeadsSeats *
leads_seats_team(LeadsFrame *f, const char *code)
{
	LeadsResult r = leads_run(&q_team, code);
	LeadsSeats *g;

	if (!leads_found(r))
		return NULL;
	g = palloc0(sizeof(LeadsSeats));
	g->name = psprintf("team:%s", code);
	g->least_loaded = true;
	read_seats(g, leads_run(&q_team_members, leads_int(&r, 0, 1), f->now), false);
	return g;
}

LeadsSeats *
leads_seats_role(LeadsFrame *f, const char *code)
{
	LeadsSeats *g = palloc0(sizeof(LeadsSeats));

	g->name = psprintf("role:%s", code);
	g->least_loaded = true;
	read_seats(g, leads_run(&q_role_members, code, f->now), false);
	return g;
}

LeadsSeats *
leads_seats_copy(const LeadsSeats *g, MemoryContext cxt)
{
	MemoryContext old = MemoryContextSwitchTo(cxt);
	LeadsSeats *copy = palloc(sizeof(LeadsSeats));

	*copy = *g;
	copy->own_memory = cxt;
	copy->name = pstrdup(g->name);
	copy->seats = palloc(sizeof(LeadsSeat) * Max(g->n, 1));
	for (int i = 0; i < g->n; i++)
	{
		LeadsSeat  *s = &copy->seats[i];

		*s = g->seats[i];
		s->code = pstrdup(s->code);
		s->leave = s->leave ? pstrdup(s->leave) : NULL;
		s->hours = s->hours ? pstrdup(s->hours) : NULL;
		s->slots = palloc(sizeof(LeadsSlot) * Max(s->nslots, 1));
		memcpy(s->slots, g->seats[i].slots, s->nslots ? sizeof(LeadsSlot) * s->nslots : 0);
		s->skills = palloc(sizeof(char *) * Max(s->nskills, 1));
		for (int k = 0; k < s->nskills; k++)
			s->skills[k] = pstrdup(g->seats[i].skills[k]);
	}
	MemoryContextSwitchTo(old);
	return copy;
}

bool
leads_seats_sure(const LeadsSeats *g, const LeadsWanted *w)
{
	for (int i = 0; i < g->n; i++)
		if (!leads_candidate_limited(&g->seats[i], w) && leads_candidate_present(&g->seats[i], w) == LEADS_SEAT_FITS)
			return true;
	return false;
}

static int
by_ring(const void *a, const void *b)
{
	int64		x = (*(LeadsSeats *const *) a)->ring_id;
	int64		y = (*(LeadsSeats *const *) b)->ring_id;

	return x < y ? -1 : x > y;
}

static void
lock_rings(LeadsFrame *f, LeadsSeats **groups, int n)
{
	LeadsSeats **rings = palloc(sizeof(LeadsSeats *) * Max(n, 1));
	int			nrings = 0;

	for (int i = 0; i < n; i++)
		if (groups[i]->ring_id != 0 && !groups[i]->least_loaded)
			rings[nrings++] = groups[i];
	qsort(rings, nrings, sizeof(LeadsSeats *), by_ring);
	for (int i = 0; i < nrings; i++)
	{
		/* deleted meanwhile: nobody sits there */
		if (read_ring(rings[i], leads_run(&q_ring_lock, rings[i]->ring_id)))
			load_seats(f, rings[i]);
		else
			rings[i]->n = 0;
	}
}

/* a choice depends on a count where there is a limit, or where the fewest win */
static bool
counts(const LeadsSeats *g, const LeadsSeat *s)
{
	return s->cap >= 0 || s->daily_cap >= 0 || g->rule_caps || (g->least_loaded && g->n > 1);
}

/* nobody that any rule could give anything to */
static bool
gone(const LeadsSeat *s, TimestampTz now)
{
	return !s->active || (s->left_at != LEADS_NO_TIME && s->left_at <= now);
}

static const LeadsHeld *
find_held(const LeadsHeld *held, int n, int64 member_id)
{
	for (int lo = 0, hi = n - 1; lo <= hi;)
	{
		int			mid = (lo + hi) / 2;

		if (held[mid].member_id == member_id)
			return &held[mid];
		if (held[mid].member_id < member_id)
			lo = mid + 1;
		else
			hi = mid - 1;
	}
	return NULL;
}

int64
leads_seats_load(int64 customer_id, const char *scope)
{
	LeadsResult r = leads_run(&q_load_of, customer_id, scope ? scope : "");

	return leads_int(&r, 0, 1);
}

/* behind the locks of the counters, which whoever gives or takes a customer has to have */
static void
load_leads(LeadsFrame *f, LeadsSeats *g)
{
	LeadsResult r = leads_run(&q_loads, g->ring_id, f->now, g->everybody);

	for (int i = 0; i < g->n; i++)
	{
		g->seats[i].load = 0;
		for (uint64 k = 0; k < r.n; k++)
			if (leads_int(&r, k, 1) == g->seats[i].member_id)
				g->seats[i].load = leads_int(&r, k, 2);
	}
}

void
leads_seats_lock(LeadsFrame *f, LeadsSeats **groups, int n, bool lock)
{
	LeadsHeld  *held;
	int64	   *uncounted;
	int			total = 0;
	int			nheld = 0;
	int			nuncounted = 0;

	if (lock)
		lock_rings(f, groups, n);
	for (int i = 0; i < n; i++)
		total += groups[i]->n;
	held = palloc0(sizeof(LeadsHeld) * Max(total, 1));
	uncounted = palloc(sizeof(int64) * Max(total, 1));
	for (int i = 0; i < n; i++)
		for (int k = 0; k < groups[i]->n; k++)
		{
			LeadsSeat  *s = &groups[i]->seats[k];

			if (gone(s, f->now))
				continue;
			if (counts(groups[i], s))
				held[nheld++].member_id = s->member_id;
			else
				uncounted[nuncounted++] = s->member_id;
		}
	if (nheld == 0)
		return;
	leads_counters_held(f, held, nheld, f->now, leads_protection_day_start(f->now, f->zone), lock, uncounted, nuncounted);
	for (int i = 0; i < n; i++)
		for (int k = 0; k < groups[i]->n; k++)
		{
			LeadsSeat  *s = &groups[i]->seats[k];
			const LeadsHeld *h = find_held(held, nheld, s->member_id);

			if (h)
			{
				s->held = h->held;
				s->load = h->held;
				s->given = h->given;
				s->last_assigned_at = h->last_assigned_at;
			}
		}
	for (int i = 0; i < n; i++)
		if (groups[i]->by_leads && groups[i]->least_loaded && groups[i]->n > 1)
			load_leads(f, groups[i]);
}

/* store the seats that changed: those with a row, or those without */
static void
write_seats(LeadsSeats *g, const LeadsRingSeat *now, bool stored)
{
	int64	   *col[4];
	int			n = 0;

	for (int c = 0; c < 4; c++)
		col[c] = palloc(sizeof(int64) * Max(g->n, 1));
	for (int i = 0; i < g->n; i++)
	{
		LeadsSeat  *s = &g->seats[i];

		if ((s->seat_id != 0) != stored ||
			(stored && s->pass == now[i].pass && s->last_turn == now[i].last_turn && s->seated == now[i].was_eligible))
			continue;
		col[0][n] = stored ? s->seat_id : s->member_id;
		col[1][n] = now[i].pass;
		col[2][n] = now[i].last_turn;
		col[3][n] = now[i].was_eligible;
		n++;
	}
	if (n == 0)
		return;
	if (stored)
		leads_seats_write(n, col[0], col[1], col[2], col[3]);
	else
		leads_seats_make(g->ring_id, n, col[0], col[1], col[2], col[3]);
}

/* the ring as its arithmetic sees it */
static LeadsRingSeat *
ring_seats(const LeadsSeats *g)
{
	LeadsRingSeat *seats = palloc0(sizeof(LeadsRingSeat) * Max(g->n, 1));

	for (int i = 0; i < g->n; i++)
	{
		const LeadsSeat *s = &g->seats[i];

		seats[i].pass = s->pass;
		seats[i].weight = s->weight;
		seats[i].last_turn = s->last_turn;
		seats[i].position = s->position;
		seats[i].was_eligible = s->seated;
	}
	return seats;
}

/* take the new state over, and store it */
static void
keep_turn(LeadsSeats *g, LeadsRingSeat *seats, bool write)
{
	if (write)
	{
		write_seats(g, seats, true);
		write_seats(g, seats, false);
	}
	for (int i = 0; i < g->n; i++)
	{
		g->seats[i].pass = seats[i].pass;
		g->seats[i].last_turn = seats[i].last_turn;
		g->seats[i].seated = seats[i].was_eligible;
	}
}

static LeadsSeat *
pick_turn(LeadsSeats *g, const LeadsWanted *w, bool write)
{
	LeadsRingSeat *seats = ring_seats(g);
	int			chosen;

	for (int i = 0; i < g->n; i++)
		seats[i].eligible = leads_candidate_judge(&g->seats[i], w) == LEADS_SEAT_FITS;
	chosen = leads_ring_pick(seats, g->n, &g->virtual_time, g->turn_no + 1, leads_ring_unit(seats, g->n));
	keep_turn(g, seats, write);
	if (chosen < 0)
		return NULL;
	g->turn_no++;
	if (write)
		leads_ring_write(g->ring_id, g->virtual_time, g->turn_no);
	return &g->seats[chosen];
}

LeadsSeat *
leads_seats_pick(LeadsFrame *f, LeadsSeats *g, const LeadsWanted *w, bool write)
{
	LeadsSeat  *best = NULL;

	if (g->ring_id != 0 && !g->least_loaded)
		return pick_turn(g, w, write);
	for (int i = 0; i < g->n; i++)
	{
		LeadsSeat  *s = &g->seats[i];

		if (leads_candidate_judge(s, w) == LEADS_SEAT_FITS && (best == NULL || leads_candidate_lighter(s, best)))
			best = s;
	}
	return best;
}

void
leads_seats_count_rule(LeadsFrame *f, LeadsSeats *g, int64 rule_id, TimestampTz day)
{
	LeadsResult r = leads_run(&q_rule_given, rule_id, day);

	for (int i = 0; i < g->n; i++)
	{
		g->seats[i].rule_given = 0;
		for (uint64 k = 0; k < r.n; k++)
			if (leads_int(&r, k, 1) == g->seats[i].member_id)
				g->seats[i].rule_given = (int32) leads_int(&r, k, 2);
	}
}

int
leads_seats_spend(LeadsFrame *f, int64 member_id)
{
	LeadsResult r = leads_run(&q_rings_manual, member_id);
	int			n = (int) r.n;
	int64	   *ids = palloc(sizeof(int64) * Max(n, 1));

	for (int i = 0; i < n; i++)
		ids[i] = leads_int(&r, i, 1);
	for (int i = 0; i < n; i++)
	{
		LeadsSeats	g;
		LeadsRingSeat *seats;

		memset(&g, 0, sizeof(g));
		if (!read_ring(&g, leads_run(&q_ring_lock, ids[i])))
			continue;
		load_seats(f, &g);
		seats = ring_seats(&g);
		for (int k = 0; k < g.n; k++)
			if (g.seats[k].member_id == member_id)
				leads_ring_spend(seats, k, g.virtual_time, g.turn_no + 1, leads_ring_unit(seats, g.n));
		keep_turn(&g, seats, true);
		leads_ring_write(g.ring_id, g.virtual_time, g.turn_no + 1);
	}
	return n;
}
