/*-------------------------------------------------------------------------
 *
 * test_journey_union.c
 *		Several leads that turned out to be one have one journey.
 *
 *-------------------------------------------------------------------------
 */
#include "journey_union.h"
#include "tap.h"

#define MANY 200
#define LEADS 4
#define ENTERED LEADS_JOURNEY_ENTERED
#define MOVED LEADS_JOURNEY_MOVED
#define WON LEADS_JOURNEY_WON
#define LOST LEADS_JOURNEY_LOST
#define INVALID LEADS_JOURNEY_INVALID
#define REOPENED LEADS_JOURNEY_REOPENED
#define OWNER LEADS_JOURNEY_OWNER
#define JOINED 0				/* lead is stage from now on */

typedef struct Row
{
	int64_t		lead;
	int64_t		at;
	int			kind;
	int64_t		stage;
	int64_t		owner;
} Row;

static void
make(LeadsJourneyUnion *u, const Row *rows, int n)
{
	leads_journey_union_begin(u, 0);
	for (int i = 0; i < n; i++)
	{
		const Row  *r = &rows[i];

		if (r->kind == JOINED)
			leads_journey_union_join(u, r->lead, r->stage, r->at);
		else
			leads_journey_union_add(u, r->lead, r->at, (LeadsJourneyKind) r->kind, r->stage, r->owner);
	}
}

/* as "1:s1/7 3:s2 5:lost", owners where they change */
static const char *
told(const Row *rows, int n)
{
	static const char *const names[] = {"", "s", "s", "won", "lost", "again", "back", "owner", "pipe", "invalid"};
	static char out[2000];
	LeadsJourneyUnion u;
	LeadsJourney j;
	int64_t		owner = 0;
	size_t		len = 0;

	make(&u, rows, n);
	out[0] = '\0';
	if (u.w.len > 0 && leads_journey_open(&j, u.w.bytes, u.w.len))
		while (leads_journey_next(&j))
		{
			len += (size_t) snprintf(out + len, sizeof(out) - len, "%s%lld:%s", len ? " " : "", (long long) j.at, names[j.kind]);
			if (j.kind != OWNER && !leads_journey_loses(j.kind) && j.kind != WON)
				len += (size_t) snprintf(out + len, sizeof(out) - len, "%lld", (long long) j.stage);
			if (j.owner != owner)
				len += (size_t) snprintf(out + len, sizeof(out) - len, "/%lld", (long long) j.owner);
			owner = j.owner;
		}
	leads_journey_union_end(&u);
	leads_journey_free(&u.w);
	return out;
}

#define TOLD(want, name, ...) \
	do { \
		Row			rows[] = {__VA_ARGS__}; \
		is_str(told(rows, (int) (sizeof(rows) / sizeof(rows[0]))), want, name); \
	} while (0)

static void
by_hand(void)
{
	TOLD("1:s1/7 2:s2", "one lead is its own journey", {1, 1, ENTERED, 1, 7}, {1, 2, MOVED, 2, 7});
	TOLD("1:s1/7 3:s2 4:s3", "the same stage counts when the first came there",
		 {1, 1, ENTERED, 1, 7}, {2, 2, ENTERED, 1, 7}, {2, 3, MOVED, 2, 7}, {1, 4, MOVED, 3, 7}, {2, 5, MOVED, 3, 7},
		 {1, 6, JOINED, 2, 0});
	TOLD("1:s1/7 2:s3 4:s2/8 5:s3/7", "a stage that one came to later than the other to the next, and then where the one is that stays",
		 {1, 1, ENTERED, 1, 7}, {1, 2, MOVED, 3, 7}, {2, 3, ENTERED, 1, 8}, {2, 4, MOVED, 2, 8}, {2, 5, JOINED, 1, 0});
	TOLD("1:s1/7 2:s2 3:s1 5:s2", "coming back is coming again",
		 {1, 1, ENTERED, 1, 7}, {1, 2, MOVED, 2, 7}, {1, 3, MOVED, 1, 7}, {2, 4, ENTERED, 1, 7}, {1, 5, MOVED, 2, 7});
	TOLD("1:s1/7 5:s2", "lost is who still goes on elsewhere not",
		 {1, 1, ENTERED, 1, 7}, {2, 2, ENTERED, 1, 7}, {1, 3, LOST, 9, 7}, {1, 4, REOPENED, 1, 7}, {1, 5, MOVED, 2, 7});
	TOLD("1:s1/7 3:s2", "nor does it go back where the first one is opened again",
		 {1, 1, ENTERED, 1, 7}, {2, 2, ENTERED, 1, 7}, {2, 3, MOVED, 2, 7}, {1, 4, LOST, 9, 7}, {1, 5, REOPENED, 1, 7}, {1, 6, JOINED, 2, 0});
	TOLD("1:s1/7 2:lost 3:again1/8", "who asks again after a loss opens it",
		 {1, 1, ENTERED, 1, 7}, {1, 2, LOST, 9, 7}, {2, 3, ENTERED, 1, 8});
	TOLD("1:s1/7 3:won 5:back2", "a win stands until it is taken back",
		 {1, 1, ENTERED, 1, 7}, {2, 2, ENTERED, 1, 7}, {1, 3, WON, 6, 7}, {2, 4, MOVED, 2, 7}, {1, 5, REOPENED, 2, 7});
	TOLD("1:s1/7 3:s2 4:lost", "after the merge the lead that stays is alone",
		 {1, 1, ENTERED, 1, 7}, {2, 1, ENTERED, 1, 7}, {1, 3, MOVED, 2, 7}, {2, 3, JOINED, 1, 0}, {1, 4, LOST, 9, 7});
	TOLD("1:s1/7 4:invalid", "it was no lead if the last of them says so",
		 {1, 1, ENTERED, 1, 7}, {2, 1, ENTERED, 1, 7}, {1, 3, LOST, 9, 7}, {2, 4, INVALID, 9, 7});
	TOLD("1:s1/7 4:lost", "and was one if another had said so before",
		 {1, 1, ENTERED, 1, 7}, {2, 1, ENTERED, 1, 7}, {1, 3, INVALID, 9, 7}, {2, 4, LOST, 9, 7});
	TOLD("1:s1/7 2:invalid 3:again1/8", "who asks again after that opens it, too",
		 {1, 1, ENTERED, 1, 7}, {1, 2, INVALID, 9, 7}, {2, 3, ENTERED, 1, 8});
	TOLD("1:s1/7 2:s3 3:s2 5:s3", "where the other had been it comes back to",
		 {2, 1, ENTERED, 1, 7}, {2, 2, MOVED, 3, 7}, {2, 3, MOVED, 2, 7}, {1, 3, ENTERED, 2, 7}, {2, 4, JOINED, 1, 0}, {1, 5, MOVED, 3, 7});
	TOLD("1:s1/7 3:owner/8 4:owner/7", "owners are who had it last, from the merge on the one of the lead that stays",
		 {1, 1, ENTERED, 1, 7}, {2, 2, ENTERED, 1, 9}, {2, 3, OWNER, 0, 8}, {2, 4, JOINED, 1, 0});
	TOLD("2:s1/7", "nothing of a lead counts before it began", {1, 1, MOVED, 2, 7}, {2, 1, LOST, 9, 7}, {1, 2, ENTERED, 1, 7});
}

/* leads side by side for a while, then one after the other becomes lead 1 */
static int
random_rows(Row *rows)
{
	LeadsJourneyState state[LEADS + 1] = {LEADS_JOURNEY_NONE};
	int			leads = 1 + (int) (tap_random() % LEADS);
	int			left = leads;
	int			n = 0;
	int64_t		at = 1;

	for (int i = 0; i < 60 && n < MANY - LEADS; i++)
	{
		int			l = 1 + (int) (tap_random() % (unsigned) left);
		int			kind = (int[]) {MOVED, MOVED, MOVED, WON, LOST, REOPENED, OWNER, INVALID}[tap_random() % 8];

		at += (int64_t) (tap_random() % 3);
		if (state[l] == LEADS_JOURNEY_NONE)
			kind = ENTERED;
		else if ((state[l] == LEADS_JOURNEY_OPEN) == (kind == REOPENED))
			continue;
		rows[n++] = (Row) {l, at, kind, 1 + (int64_t) (tap_random() % 5), (int64_t) (tap_random() % 3)};
		state[l] = leads_journey_after(state[l], (LeadsJourneyKind) kind);
		if (left > 1 && tap_random() % 8 == 0 && state[left] == LEADS_JOURNEY_OPEN && state[1] == LEADS_JOURNEY_OPEN)
			rows[n++] = (Row) {left--, ++at, JOINED, 1, 0};
	}
	for (; left > 1; left--)
		for (int l = 1; l <= left; l += left - 1)
		{
			if (state[l] == LEADS_JOURNEY_NONE)
				rows[n++] = (Row) {l, ++at, ENTERED, 1, 1};
			else if (state[l] != LEADS_JOURNEY_OPEN)
				rows[n++] = (Row) {l, ++at, REOPENED, 2, 1};
			state[l] = LEADS_JOURNEY_OPEN;
			if (l == left)
				rows[n++] = (Row) {left, ++at, JOINED, 1, 0};
		}
	return n;
}

static void
at_random(void)
{
	int			alone = 0;
	int			unread = 0;
	int			grew = 0;
	int			elsewhere = 0;
	int			stages = 0;

	for (int round = 0; round < 20000; round++)
	{
		Row			rows[MANY];
		int			n = random_rows(rows);
		int			cut = 1 + (int) (tap_random() % (unsigned) n);
		LeadsJourneyUnion u;
		LeadsJourneyUnion part;
		LeadsJourneyWriter one;
		LeadsJourney j;
		int64_t		stage = 0;
		LeadsJourneyState state = LEADS_JOURNEY_NONE;
		int			seen[2] = {0, 0};

		make(&u, rows, n);
		make(&part, rows, cut);
		/* up to an instant it is what happened up to it */
		grew += u.w.len < part.w.len ||
			memcmp(u.w.bytes + 4, part.w.bytes + 4, part.w.len > 4 ? part.w.len - 4 : 0) != 0;
		leads_journey_begin(&one, 0);
		for (int i = 0; i < n; i++)
		{
			if (rows[i].lead != 1)
				continue;
			(void) leads_journey_add(&one, rows[i].at, (LeadsJourneyKind) rows[i].kind, rows[i].stage, rows[i].owner);
			if (rows[i].kind == OWNER)
				continue;
			state = leads_journey_after(state, (LeadsJourneyKind) rows[i].kind);
			if (!leads_journey_loses((LeadsJourneyKind) rows[i].kind))
				stage = rows[i].stage;
		}
		if (u.n == 1)
			alone += one.len != u.w.len || memcmp(one.bytes, u.w.bytes, one.len) != 0;
		/* it is where lead 1 is */
		elsewhere += u.w.state != state || (state == LEADS_JOURNEY_OPEN && u.stage != stage);
		/* and was wherever one of them was while nothing was won */
		for (int i = 0; i < n; i++)
		{
			if (rows[i].kind == WON)
				seen[0] = -1000;
			if (rows[i].kind == ENTERED || rows[i].kind == MOVED || rows[i].kind == REOPENED)
				seen[0] |= seen[0] < 0 ? 0 : 1 << rows[i].stage;
		}
		if (leads_journey_open(&j, u.w.bytes, u.w.len))
			while (leads_journey_next(&j))
				if (j.kind != OWNER && !leads_journey_loses(j.kind))
					seen[1] |= 1 << j.stage;
		unread += j.fault != NULL;
		stages += seen[0] >= 0 && seen[0] != seen[1];
		leads_journey_free(&one);
		leads_journey_union_end(&part);
		leads_journey_free(&part.w);
		leads_journey_union_end(&u);
		leads_journey_free(&u.w);
	}
	is_int(unread, 0, "20000 unions are read without a fault");
	is_int(alone, 0, "of one lead alone it is that lead's, byte for byte");
	is_int(grew, 0, "what was told is never taken back");
	is_int(elsewhere, 0, "in the end it is where the lead is that stays");
	is_int(stages, 0, "every stage that one of them came to is in it, and no other");
}

int
main(void)
{
	by_hand();
	at_random();
	return done();
}
