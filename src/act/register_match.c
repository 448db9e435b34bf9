/*
 * register_match.c - register(): look for duplicates, meet the best one, say what was found.
 *
 * Purpose: probe through the keys, score, settle the customer met, ask the judge of
 * actions.
 * Invariants: the stripes of all keys are held, unless it is an advisory look that decides
 * nothing; the look is by the latest snapshot; of two that a person told apart one is shown;
 * what goes into evidence, matches and message is masked for whoever has no sight
 * of the customer met.
 * Called by: act/register, act/duplicate.
 */
#include "core/leads.h"

#include "utils/numeric.h"

#include "act/register_steps.h"
#include "core/policy.h"
#include "decide/protection.h"
#include "lib/mask.h"
#include "record/distinct.h"
#include "record/project.h"

#define WHY 3					/* reasons in the message */

const char *
leads_register_scope(const LeadsMatchPolicy *policy, const LeadsRegisterArgs *a)
{
	const char *scope = policy->by_line ? a->line : policy->by_project ? a->project : NULL;

	return scope ? scope : "";
}

/*
 * A project is met whatever customer it is registered for, and before every customer that is like the one sent.
 * Its stripe, or the gate, is held.
 */
void
leads_register_meet_project(LeadsCall *c)
{
	int64		key = c->match.by_project ? leads_project_key(c->scope) : 0;
	LeadsFound	met = {0};
	int			n = 0;

	if (key == 0 || c->self_id != 0 || !leads_project_find(&c->f, key, &met.customer_id, &c->scope))
		return;
	c->project_met = true;
	met.score.band = LEADS_BAND_CERTAIN;
	met.score.score = c->match.model.certain;
	for (int i = 0; i < c->nfound; i++)
		if (c->found[i].customer_id == met.customer_id)
			met.name = c->found[i].name;
		else
			n++;
	n = Min(n, c->most - 1);
	for (int i = 0, k = 0; i < c->nfound && k < n; i++)
		if (c->found[i].customer_id != met.customer_id)
			c->found[k++] = c->found[i];
	memmove(&c->found[1], &c->found[0], sizeof(LeadsFound) * n);
	c->found[0] = met;
	c->nfound = n + 1;
}

void
leads_register_policy(LeadsCall *c)
{
	LeadsPolicy p = leads_policy_at(&c->f, "match", c->f.now);

	c->match_version = p.version;
	leads_match_policy_read(p.body, &c->match);
	c->scope = leads_register_scope(&c->match, &c->in.arg);
	c->protection = leads_policy_at(&c->f, "protection", c->f.now);
	leads_contest_read(c->protection.body, &c->contest);
}

void
leads_register_compare(int64 id, const char *name, const LeadsRecord *record, void *call)
{
	LeadsCall	   *c = call;
	LeadsFound		n;
	int			i;

	if (id == c->self_id)
		return;
	n.customer_id = id;
	n.name = name;
	leads_match_score(c->in.record, record, &c->match.model, &n.score);
	if (n.score.band == LEADS_BAND_NEW)
		return;
	/* best band, then best score, then the older customer: they come in the order of some plan */
	for (i = c->nfound; i > 0; i--)
	{
		LeadsFound	   *o = &c->found[i - 1];

		if (o->score.band > n.score.band ||
			(o->score.band == n.score.band &&
			 (o->score.score > n.score.score || (o->score.score == n.score.score && o->customer_id < id))))
			break;
		c->found[i] = *o;
	}
	if (i >= c->most)
		return;
	c->found[i] = n;
	if (c->nfound < c->most)
		c->nfound++;
}

/* whose wish it is: the caller's; an imported row is its owner's */
static int64
acting(LeadsCall *c)
{
	return c->history && c->history->owner_id != 0 ? c->history->owner_id : c->f.actor_id;
}

/* is it the caller's at this instant, a lapse that nobody wrote down counted */
static bool
is_own(LeadsCall *c, int64 id)
{
	LeadsOwnership own;

	return acting(c) != 0 && leads_ownership_open(&c->f, id, c->scope, &own) &&
		own.member_id == acting(c) && !leads_protection_lapsed(own.next_due_at, c->f.now);
}

/*
 * What is likely the best one is none that a person told apart from it; and a customer's own pairs are
 * none of its matches.  Where nothing but the age decides which of two is the best one, it is the caller's own.
 */
static void
drop_distinct(LeadsCall *c)
{
	int64		ids[LEADS_CANDIDATES];
	bool		apart[LEADS_CANDIDATES];
	int			first = c->self_id ? 0 : 1;
	int			n = 0;

	if (c->nfound <= first || (first == 1 && c->found[0].score.band < LEADS_BAND_LIKELY))
		return;
	for (int i = first; i < c->nfound; i++)
		ids[i - first] = c->found[i].customer_id;
	if (!leads_distinct_among(&c->f, c->self_id ? c->self_id : c->found[0].customer_id, ids, c->nfound - first, apart))
		return;
	for (int i = first; i < c->nfound; i++)
	{
		if (!apart[i - first])
			c->found[first + n++] = c->found[i];
		else if (first == 1 && c->found[i].score.score == c->found[0].score.score &&
				 !is_own(c, c->found[0].customer_id) && is_own(c, c->found[i].customer_id))
			c->found[0] = c->found[i];
	}
	c->nfound = first + n;
}

/* candidates that names alone leave standing */
typedef struct Sieve
{
	const LeadsCall *call;
	const LeadsCandidate *candidates;
	double		least;			/* what contact data could still lift to possible */
	int64		ids[LEADS_CANDIDATES];
	int			n;
} Sieve;

static void
sift(int64 id, const char *name, const LeadsRecord *record, void *arg)
{
	Sieve	   *s = arg;
	LeadsMatchScore score;

	for (int i = 0; i < s->call->ncandidates; i++)
		if (s->candidates[i].customer_id == id && s->candidates[i].weight >= LEADS_WEIGHT_EXACT)
		{
			s->ids[s->n++] = id;
			return;
		}
	leads_match_score(s->call->in.record, record, &s->call->match.model, &score);
	if (score.score >= s->least)
		s->ids[s->n++] = id;
}

/* contact data counts only where both sides have some */
static bool
has_contact_data(const LeadsRecord *r)
{
	return r->nphones > 0 || r->nemails > 0 || r->ncontact > 0 || r->has_uscc;
}

/*
 * Names first: contact data is fetched only of those that it could make a match.  Who
 * shares no phone, mail or USCC with us (those are exact keys) can win by it no more
 * than what an equal contact weighs.
 */
void
leads_register_look(LeadsCall *c)
{
	LeadsCandidate candidates[LEADS_CANDIDATES];
	LeadsKey	keys[LEADS_KEYS_MAX];
	int64		ids[LEADS_CANDIDATES];
	const double *w = c->match.model.w;
	Sieve		s = {.call = c, .candidates = candidates};

	s.least = c->match.model.possible - Max(w[LEADS_F_CONTACT_EQUAL], w[LEADS_F_CONTACT_SIMILAR]) -
		Max(w[LEADS_F_PHONE_WEAK_EQUAL], 0) - Max(w[LEADS_F_EMAIL_DOMAIN_EQUAL], 0);
	leads_input_keys(&c->f, &c->in);
	memcpy(keys, c->in.keys, sizeof(LeadsKey) * c->in.nkeys);
	leads_record_prepare(c->in.record);
	leads_customer_weigh(&c->f, c->self_id, c->match.shared_by, c->in.record, keys, c->in.nkeys);
	c->ncandidates = leads_customer_probe(&c->f, keys, c->in.nkeys, candidates, LEADS_CANDIDATES);
	for (int i = 0; i < c->ncandidates; i++)
		ids[i] = candidates[i].customer_id;
	if (has_contact_data(c->in.record))
	{
		leads_customer_records(&c->f, ids, c->ncandidates, true, sift, &s);
		leads_customer_records(&c->f, s.ids, s.n, false, leads_register_compare, c);
	}
	else
		leads_customer_records(&c->f, ids, c->ncandidates, true, leads_register_compare, c);
	for (int i = 0; i < c->nfound; i++)
		ids[i] = c->found[i].customer_id;
	if (!c->advisory && leads_customer_unseen(&c->f, ids, c->nfound))
		leads_customer_refuse_unseen();
	drop_distinct(c);
}

static const char *
masked(const char *name)
{
	char		buf[LEADS_MASK_MAX];

	if (name == NULL)
		return "***";
	leads_mask_name(name, strlen(name), buf);
	return pstrdup(buf);
}

/* an intake tool gets the names of its channel's member and no manager's, whoever that is */
static LeadsReach
reach(LeadsCall *c)
{
	if (!c->reach_known)
		c->reach = (c->f.profiles & LEADS_PROFILE_BOSS) != 0 ? leads_actor_reach(&c->f) : LEADS_REACH_SELF;
	c->reach_known = true;
	return c->reach;
}

/* who decides over everybody sees every name */
static bool
sees_all(LeadsCall *c)
{
	return reach(c) == LEADS_REACH_ALL;
}

/* a worker sees those of its own customers, the manager of a team those of the team's */
bool
leads_register_sees(LeadsCall *c, int64 owner_id)
{
	return sees_all(c) || (owner_id != 0 && (owner_id == c->f.actor_id ||
											 (reach(c) == LEADS_REACH_TEAM && leads_actor_reaches(&c->f, owner_id))));
}

LeadsVeil
leads_register_veil(LeadsCall *c)
{
	LeadsVeil	v = {.owner = c->match.tells != LEADS_TELLS_OWNER, .until = c->match.hides_until};

	if (c->own.member_id == 0 || c->counterpart == LEADS_IS_OWN || leads_register_sees(c, c->own.member_id))
		return (LeadsVeil) {0};
	if (c->match.tells == LEADS_TELLS_TEAM)
		(void) leads_member_team(&c->f, c->own.member_id, &v.team_code, &v.team_name);
	return v;
}

/* the strongest reasons, in words */
const char *
leads_register_why(LeadsCall *c)
{
	const LeadsMatchScore *score = &c->found[0].score;
	StringInfoData buf;
	bool		used[LEADS_MATCH_FEATURES_MAX] = {false};
	bool		zh = strcmp(c->f.lang, "zh") == 0;

	if (c->project_met)
		return leads_message0(c->f.lang, "register.same_project");
	initStringInfo(&buf);
	for (int n = 0; n < WHY; n++)
	{
		int			best = -1;

		for (int i = 0; i < score->nshares; i++)
			if (!used[i] && score->share[i].weight > 0 &&
				(best < 0 || score->share[i].weight > score->share[best].weight))
				best = i;
		if (best < 0)
			break;
		used[best] = true;
		appendStringInfo(&buf, "%s%s", n ? (zh ? "、" : ", ") : "",
						 leads_match_feature_text(score->share[best].name, zh));
	}
	return buf.data;
}

static const char *
score_text(double score)
{
	return psprintf("%.1f", score);
}

/* what was found into the evidence; names as this caller may see them */
void
leads_register_note_matches(LeadsCall *c)
{
	LeadsEvidence *e = &c->evidence;

	if (c->withheld)
	{
		leads_evidence_add(e, "match", "withheld", "register.withheld.why", 0);
		return;
	}
	if (c->nfound == 0)
		leads_evidence_add(e, "match", "new", "register.no_match", 1, psprintf("%d", c->ncandidates));
	for (int i = 0; i < c->nfound; i++)
	{
		LeadsFound	   *m = &c->found[i];
		const char *name = i == 0 && c->shown_name ? c->shown_name :
			sees_all(c) ? m->name : masked(m->name);

		leads_evidence_add(e, "match", leads_band_name(m->score.band), "register.match", 2,
						   name, score_text(m->score.score));
		if (i > 0)
			continue;
		for (int s = 0; s < m->score.nshares; s++)
			leads_evidence_add(e, "feature", psprintf("%+.2f", m->score.share[s].weight),
							   psprintf("feature.%s", m->score.share[s].name), 0);
	}
}

static void
push_string(JsonbParseState **state, JsonbIteratorToken token, const char *s)
{
	JsonbValue	v;

	v.type = jbvString;
	v.val.string.val = unconstify(char *, s);
	v.val.string.len = strlen(s);
	pushJsonbValue(state, token, &v);
}

static void
push_number(JsonbParseState **state, const char *text)
{
	JsonbValue	v;

	v.type = jbvNumeric;
	v.val.numeric = DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(text),
														ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	pushJsonbValue(state, WJB_VALUE, &v);
}

static JsonbValue *
push_shares(JsonbParseState **state, const LeadsMatchScore *score)
{
	pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
	for (int s = 0; s < score->nshares; s++)
	{
		push_string(state, WJB_KEY, score->share[s].name);
		push_number(state, psprintf("%.2f", score->share[s].weight));
	}
	return pushJsonbValue(state, WJB_END_OBJECT, NULL);
}

Jsonb *
leads_register_shares(const LeadsMatchScore *score)
{
	JsonbParseState *state = NULL;

	return JsonbValueToJsonb(push_shares(&state, score));
}

Jsonb *
leads_register_matches(LeadsCall *c)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < c->nfound; i++)
	{
		LeadsFound	   *m = &c->found[i];
		bool		clear = sees_all(c) || (i == 0 && c->met_clear);

		pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
		if (clear)
		{
			push_string(&state, WJB_KEY, "customer_id");
			push_number(&state, psprintf(INT64_FORMAT, m->customer_id));
		}
		push_string(&state, WJB_KEY, "name");
		push_string(&state, WJB_VALUE, clear && m->name ? m->name : masked(m->name));
		push_string(&state, WJB_KEY, "band");
		push_string(&state, WJB_VALUE, leads_band_name(m->score.band));
		push_string(&state, WJB_KEY, "score");
		push_number(&state, score_text(m->score.score));
		push_string(&state, WJB_KEY, "shares");
		(void) push_shares(&state, &m->score);
		pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	}
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_ARRAY, NULL));
}

LEADS_QUERY(q_closed, "lt",
			"SELECT EXISTS (SELECT FROM @.lead l WHERE l.customer_id = $1 AND l.scope = $2)"
			"   AND NOT EXISTS (SELECT FROM @.lead l WHERE l.customer_id = $1 AND l.scope = $2 AND l.closed_at IS NULL)");

/* the registrant's own, or its organisation's */
static bool
is_ours(LeadsCall *c, int64 member_id, int64 partner_id)
{
	int64		who = acting(c);

	if (c->partner.id != 0 || partner_id != 0)
		return c->partner.id != 0 && c->partner.id == partner_id;
	return who != 0 && member_id == who;
}

/* a registration that waits for approval goes before a pool */
static bool
meet_pending(LeadsCall *c, LeadsActionInput *in)
{
	if (!leads_attempt_pending(&c->f, c->customer.id, c->scope, &c->rival))
		return false;
	in->state = is_ours(c, c->rival.actor_id, c->rival.partner_id) ? LEADS_IS_PENDING_OWN : LEADS_IS_PENDING;
	return true;
}

/* the very same name, held down for nothing but that it is short: two may bear it, but nobody registers both as one's own */
static bool
same_short_name(LeadsCall *c, const LeadsMatchScore *score)
{
	for (int i = 0; i < score->nshares && score->score >= c->match.model.likely; i++)
		if (strcmp(score->share[i].name, "name_equal") == 0)
			return true;
	return false;
}

/* in whose hands the customer is, seen from the caller; what the judge asks of it */
static void
judge(LeadsCall *c, LeadsBand band, const LeadsMatchScore *score)
{
	LeadsFrame *f = &c->f;
	LeadsActionInput in = {
		.inbound = c->channel.inbound, .returning_days = c->match.returning_days, .band = band,
		.queue = c->contest.queue, .approval = leads_register_needs_approval(c)
	};
	LeadsResult r;
	int64		who = acting(c);

	memset(&c->rival, 0, sizeof(c->rival));
	if (band != LEADS_BAND_NEW)
	{
		if (c->has_own && c->own.member_id != 0)
		{
			in.state = is_ours(c, c->own.member_id, c->own.partner_id) ? LEADS_IS_OWN : LEADS_IS_OTHERS;
			in.protected = c->own.protected_until != LEADS_NO_TIME && c->own.protected_until > f->now;
		}
		else if (meet_pending(c, &in))
			;
		else if (!c->has_own)
			in.state = LEADS_IS_NOBODYS;
		else
		{
			in.state = who == 0 || leads_pool_has_member(f, c->own.pool_id, who) ?
				LEADS_IS_POOLED : LEADS_IS_POOLED_ELSEWHERE;
			in.unowned_days = (int) ((f->now - c->own.since) / USECS_PER_DAY);
			r = leads_run(&q_closed, c->customer.id, c->scope);
			in.closed = leads_bool(&r, 0, 1);
		}
		if (band == LEADS_BAND_POSSIBLE && !in.inbound && (in.state == LEADS_IS_OWN || in.state == LEADS_IS_PENDING_OWN) &&
			same_short_name(c, score))
			in.band = LEADS_BAND_LIKELY;
		c->met_clear = leads_register_sees(c, c->own.member_id) || in.state == LEADS_IS_POOLED ||
			in.state == LEADS_IS_PENDING_OWN;
		c->shown_name = c->met_clear ?
			c->customer.name : masked(c->customer.name);
		if (c->shown_name == NULL)
			c->shown_name = "***";
	}
	c->counterpart = in.state;
	c->action = leads_action_decide(&in);
	c->position = c->counterpart == LEADS_IS_PENDING && band != LEADS_BAND_NEW &&
		strcmp(c->action.code, "register.queued_possible") != 0 ? leads_attempts_waiting(f, c->rival.id) + 1 : 0;
	if (c->action.beside)
		memset(&c->rival, 0, sizeof(c->rival));
}

void
leads_register_meet(LeadsCall *c)
{
	LeadsFrame *f = &c->f;
	LeadsBand	band;

	leads_register_meet_project(c);
	band = c->nfound ? c->found[0].score.band : LEADS_BAND_NEW;
	if (band != LEADS_BAND_NEW && leads_customer_lock(f, c->found[0].customer_id, &c->customer))
	{
		if (c->found[0].name == NULL)
			c->found[0].name = c->customer.name;
		c->scope = leads_scope_spelt(f, c->customer.id, c->scope);
		leads_frame_now(f, c->customer.last_event_at);
		if (leads_corridor_settle(f, &c->customer))
			c->settled_id = c->customer.id;
		c->has_own = leads_ownership_open(f, c->customer.id, c->scope, &c->own);
	}
	/* there by the latest snapshot, not by our own */
	else if (c->project_met)
		leads_customer_refuse_unseen();
	else
		band = LEADS_BAND_NEW;
	judge(c, band, &c->found[0].score);
}

/*
 * A statement for all: one a customer would cost more than to find and compare them.  Whoever is in somebody's hands or
 * a pool is live, under the name that was compared; the others are read: a merge meanwhile leads to the survivor.
 */
static void
glance(LeadsCall *c)
{
	LeadsFrame *f = &c->f;
	int			n = c->nfound;
	int64		ids[LEADS_CANDIDATES + 1];
	const char *codes[LEADS_CANDIDATES + 1];
	LeadsOwnership own[LEADS_CANDIDATES + 1];
	bool		whole = c->scope[0] == '\0';

	c->glances = palloc0(sizeof(LeadsGlance) * n);
	for (int i = 0; i < n; i++)
		ids[i] = c->found[i].customer_id;
	if (whole)
		leads_ownerships_open(f, ids, n, c->scope, own);
	for (int i = 0; i < n; i++)
	{
		LeadsGlance *g = &c->glances[i];

		if (whole && own[i].id != 0 && c->found[i].name)
		{
			g->customer.id = ids[i];
			g->customer.name = c->found[i].name;
			g->own = own[i];
		}
		/* a scope is spelt as each has it */
		else if (!leads_customer_read(f, ids[i], &g->customer))
			g->customer.id = 0;
		else if (!leads_ownership_open(f, g->customer.id, leads_scope_spelt(f, g->customer.id, c->scope), &g->own))
			memset(&g->own, 0, sizeof(g->own));
		if (g->own.id != 0 && g->own.member_id != 0 && leads_protection_lapsed(g->own.next_due_at, f->now))
		{
			g->own.member_id = 0;
			g->own.pool_id = g->own.lapse_pool_id;
			g->own.since = g->own.next_due_at;
			g->own.protected_until = LEADS_NO_TIME;
		}
		ids[i] = g->own.member_id;
	}
	leads_member_codes(f, ids, n, codes);
	for (int i = 0; i < n; i++)
		c->glances[i].owner_code = codes[i];
}

bool
leads_register_peek(LeadsCall *c, int i)
{
	LeadsGlance *g;

	if (c->glances == NULL)
		glance(c);
	g = &c->glances[i];
	if (g->customer.id == 0)
		return false;
	c->customer = g->customer;
	c->own = g->own;
	c->has_own = g->own.id != 0;
	if (c->found[i].name == NULL)
		c->found[i].name = c->customer.name;
	c->scope = leads_scope_spelt(&c->f, c->customer.id, c->scope);
	c->pool_code = NULL;
	leads_register_name_holder(c, 0, c->own.pool_id);
	c->owner_code = g->owner_code;
	judge(c, c->found[i].score.band, &c->found[i].score);
	return true;
}
