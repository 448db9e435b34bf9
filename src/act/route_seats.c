/*
 * route_seats.c - candidates of a ring, a team or a single target, and whose turn it is.
 *
 * Purpose: load candidates, lock what a choice among them depends on, choose:
 * stride round robin for strict rings, fewest customers held for the others.
 * Invariants: locks in the product's order, rings ascending before counters
 * ascending; a ring's seats are read after its row is locked; turns are rows
 * written in the caller's transaction, so a rollback gives the turn back; a
 * member that was away comes back at the ring's virtual time.
 * Called by: act/route.
 */
#include "core/leads.h"

#include "act/route_seats.h"
#include "lib/ring.h"

#define SEAT_COLUMNS \
	"m.id, m.code, m.active, m.left_at, coalesce(m.holder_cap, -1), coalesce(s.id, 0), coalesce(s.weight, 1)," \
	" coalesce(s.position, 0), coalesce(s.pass, 0), coalesce(s.last_turn, 0), coalesce(s.seated, false)"
#define RING_COLUMNS "r.id, r.code, r.strategy = 'least_loaded', r.everybody, r.virtual_time, r.turn_no"

LEADS_QUERY(q_ring_code, "t", "SELECT " RING_COLUMNS " FROM @.ring r WHERE r.code = $1");
LEADS_QUERY(q_ring_default, "b", "SELECT " RING_COLUMNS " FROM @.ring r WHERE r.is_default = $1");
LEADS_QUERY(q_ring_lock, "l", "SELECT " RING_COLUMNS " FROM @.ring r WHERE r.id = $1 FOR NO KEY UPDATE");
LEADS_QUERY(q_seats, "l",
			"SELECT " SEAT_COLUMNS " FROM @.ring_seat s JOIN @.member m ON m.id = s.member_id"
			" WHERE s.ring_id = $1 ORDER BY s.position, m.id");
LEADS_QUERY(q_everybody, "lz",
			"SELECT " SEAT_COLUMNS " FROM @.member m"
			"  LEFT JOIN @.ring_seat s ON s.ring_id = $1 AND s.member_id = m.id"
			" WHERE m.active AND NOT m.is_manager AND (m.left_at IS NULL OR m.left_at > $2)"
			" ORDER BY coalesce(s.position, 0), m.id");
LEADS_QUERY(q_team, "t", "SELECT t.id FROM @.team t WHERE t.code = $1");
LEADS_QUERY(q_team_members, "l",
			"WITH RECURSIVE t(id) AS ("
			"  SELECT $1 UNION SELECT c.id FROM @.team c JOIN t ON c.parent_id = t.id)"
			" SELECT m.id, m.code, m.active, m.left_at, coalesce(m.holder_cap, -1)"
			"  FROM @.member m WHERE m.team_id IN (SELECT t.id FROM t) AND NOT m.is_manager ORDER BY m.id");

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
		s->weight = 1;
		s->last_assigned_at = LEADS_NO_TIME;
		if (!with_seat)
			continue;
		s->seat_id = leads_int(&r, i, 6);
		s->weight = leads_int(&r, i, 7);
		s->position = (int32) leads_int(&r, i, 8);
		s->pass = leads_int(&r, i, 9);
		s->last_turn = leads_int(&r, i, 10);
		s->seated = leads_bool(&r, i, 11);
	}
}

LeadsSeats *
leads_seats_member(LeadsFrame *f, const char *code, int64 id)
{
	LeadsMember m;
	LeadsSeats *g;

	if (!(code ? leads_member_by_code(f, code, &m) : leads_member_by_id(f, id, &m)))
		return NULL;
	g = palloc0(sizeof(LeadsSeats));
	g->name = psprintf("member:%s", m.code);
	g->least_loaded = true;
	g->n = 1;
	g->seats = palloc0(sizeof(LeadsSeat));
	g->seats[0].member_id = m.id;
	g->seats[0].code = m.code;
	g->seats[0].active = m.active;
	g->seats[0].left_at = m.left_at;
	g->seats[0].cap = m.holder_cap;
	g->seats[0].weight = 1;
	g->seats[0].last_assigned_at = LEADS_NO_TIME;
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
	return true;
}

static void
load_seats(LeadsFrame *f, LeadsSeats *g)
{
	read_seats(g, g->everybody ? leads_run(&q_everybody, g->ring_id, f->now) : leads_run(&q_seats, g->ring_id), true);
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
	read_seats(g, leads_run(&q_team_members, leads_int(&r, 0, 1)), false);
	return g;
}

const char *
leads_seat_absent(const LeadsSeat *s, int64 exclude_id, TimestampTz now)
{
	if (!s->active)
		return "route.skip_inactive";
	if (s->left_at != LEADS_NO_TIME && s->left_at <= now)
		return "route.skip_left";
	if (s->member_id == exclude_id)
		return "route.skip_previous";
	return NULL;
}

bool
leads_seat_full(const LeadsSeat *s)
{
	return s->cap >= 0 && s->held >= s->cap;
}

bool
leads_seats_sure(const LeadsSeats *g, int64 exclude_id, TimestampTz now)
{
	for (int i = 0; i < g->n; i++)
		if (g->seats[i].cap < 0 && leads_seat_absent(&g->seats[i], exclude_id, now) == NULL)
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

/* a choice depends on a count where there is a cap, or where the fewest win */
static bool
counts(const LeadsSeats *g, const LeadsSeat *s)
{
	return s->cap >= 0 || (g->least_loaded && g->n > 1);
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

void
leads_seats_lock(LeadsFrame *f, LeadsSeats **groups, int n, int64 exclude_id, bool lock)
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

			if (leads_seat_absent(s, exclude_id, f->now) != NULL)
				continue;
			if (counts(groups[i], s))
				held[nheld++].member_id = s->member_id;
			else
				uncounted[nuncounted++] = s->member_id;
		}
	if (nheld == 0)
		return;
	leads_counters_held(f, held, nheld, f->now, lock, uncounted, nuncounted);
	for (int i = 0; i < n; i++)
		for (int k = 0; k < groups[i]->n; k++)
		{
			LeadsSeat  *s = &groups[i]->seats[k];
			const LeadsHeld *h = find_held(held, nheld, s->member_id);

			if (h)
			{
				s->held = h->held;
				s->last_assigned_at = h->last_assigned_at;
			}
		}
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

static LeadsSeat *
pick_turn(LeadsFrame *f, LeadsSeats *g, int64 exclude_id, bool write)
{
	LeadsRingSeat *seats = palloc0(sizeof(LeadsRingSeat) * Max(g->n, 1));
	int64_t		virtual_time = g->virtual_time;
	int			chosen;

	for (int i = 0; i < g->n; i++)
	{
		LeadsSeat  *s = &g->seats[i];

		seats[i].pass = s->pass;
		seats[i].weight = s->weight;
		seats[i].last_turn = s->last_turn;
		seats[i].position = s->position;
		seats[i].was_eligible = s->seated;
		seats[i].eligible = leads_seat_absent(s, exclude_id, f->now) == NULL && !leads_seat_full(s);
	}
	chosen = leads_ring_pick(seats, g->n, &virtual_time, g->turn_no + 1, leads_ring_unit(seats, g->n));
	if (write)
	{
		write_seats(g, seats, true);
		write_seats(g, seats, false);
	}
	if (chosen < 0)
		return NULL;
	g->turn_no++;
	if (write)
		leads_ring_write(g->ring_id, virtual_time, g->turn_no);
	return &g->seats[chosen];
}

/* fewest held, then least recently assigned, then position, then member */
static bool
lighter(const LeadsSeat *a, const LeadsSeat *b)
{
	if (a->held != b->held)
		return a->held < b->held;
	/* never assigned is DT_NOBEGIN: before every instant */
	if (a->last_assigned_at != b->last_assigned_at)
		return a->last_assigned_at < b->last_assigned_at;
	return a->position < b->position;
}

LeadsSeat *
leads_seats_pick(LeadsFrame *f, LeadsSeats *g, int64 exclude_id, bool write)
{
	LeadsSeat  *best = NULL;

	if (g->ring_id != 0 && !g->least_loaded)
		return pick_turn(f, g, exclude_id, write);
	for (int i = 0; i < g->n; i++)
	{
		LeadsSeat  *s = &g->seats[i];

		if (leads_seat_absent(s, exclude_id, f->now) != NULL || leads_seat_full(s))
			continue;
		if (best == NULL || lighter(s, best))
			best = s;
	}
	return best;
}
