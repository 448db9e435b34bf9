/*-------------------------------------------------------------------------
 *
 * raw.c
 *		A lead's rows of any table, in time, into the counts of a funnel.
 *
 * Purpose: what lib/funnel counts of a journey, counted of rows in order without
 * making one: a few registers a lead, no memory.
 * Invariants: the counts are those of lib/funnel over the journey that the same
 * rows make, in every mode (the tests compare them); entered = advanced + lost +
 * open at each step; the first row begins the lead whatever its end.
 * Called by: read/funnel_raw, read/window_funnel.
 *
 *-------------------------------------------------------------------------
 */
#include "raw.h"

void
leads_raw_begin(LeadsRaw *w, LeadsFunnelMode mode, int n, int64_t within)
{
	memset(w, 0, sizeof(*w));
	w->mode = mode;
	w->n = n;
	w->within = within;
}

/* ---------------------------------------------------------------- cohort, snapshot */

static inline int
step_of(int code)
{
	return code / 3;
}

static inline int
end_of(int code)
{
	return code % 3;
}

/* open step of a row, -1 = none */
static inline int
open_step(int code)
{
	return end_of(code) == LEADS_RAW_OPEN && code < LEADS_RAW_CODE(LEADS_RAW_NO_STEP, 0) ? step_of(code) : -1;
}

static inline int64_t
limit_of(const LeadsRaw *w, int64_t at)
{
	return w->within > INT64_MAX - 1 - (at > 0 ? at : 0) ? INT64_MAX : at + w->within;
}

static inline void
end_cohort(LeadsRaw *w)
{
	int			far = w->far;
	int			end = end_of(w->last);

	if (end == LEADS_RAW_WON && w->last < LEADS_RAW_CODE(LEADS_RAW_NO_STEP, 0) && step_of(w->last) > far)
		far = step_of(w->last);
	w->ends[end][far + 1]++;
}

static inline void
end_snapshot(LeadsRaw *w)
{
	int			step = open_step(w->last);

	if (step >= 0)
	{
		w->entered[step]++;
		w->open[step]++;
	}
}

/* ---------------------------------------------------------------- strict, flow */

/* the stay is over */
static inline void
leave(LeadsRaw *w, int64_t at, bool forward, bool lost)
{
	if (w->lasts && w->step < LEADS_RAW_NO_STEP)
	{
		uint32_t	bit = UINT32_C(1) << w->step;

		if (forward && at - w->since <= w->within)
			w->forward |= bit;
		if (lost)
			w->gone |= bit;
	}
}

static inline void
arrive(LeadsRaw *w, int64_t at, int step)
{
	uint32_t	bit;

	if (w->lasts && w->step == step && !w->won)
		return;
	leave(w, at, !w->won && w->step < LEADS_RAW_NO_STEP && step < LEADS_RAW_NO_STEP && step > w->step, false);
	w->step = step;
	w->since = at;
	w->won = false;
	w->lasts = true;
	if (step == LEADS_RAW_NO_STEP)
		return;
	bit = UINT32_C(1) << step;
	w->seen |= bit;
	if (step > w->far)
		w->far = step;
	if (step > 0 && (w->been & bit >> 1) && at - w->been_at[step - 1] <= w->within)
		w->nexts |= bit >> 1;
	w->been |= bit;
	w->been_at[step] = at;
}

static inline void
win(LeadsRaw *w, int64_t at, int step)
{
	leave(w, at, true, false);
	w->step = step;
	w->since = at;
	w->won = true;
	w->lasts = true;
	w->won_next = false;
	if (step < LEADS_RAW_NO_STEP)
	{
		uint32_t	bit = UINT32_C(1) << step;

		w->won_next = step > 0 && (w->been & bit >> 1) && at - w->been_at[step - 1] <= w->within;
		w->been |= bit;
		w->been_at[step] = at;
		if (w->mode == LEADS_FUNNEL_FLOW)
			w->seen |= bit;
	}
}

static inline void
move(LeadsRaw *w, int64_t at, int code)
{
	w->last = code;
	switch (end_of(code))
	{
		case LEADS_RAW_OPEN:
			arrive(w, at, step_of(code));
			break;
		case LEADS_RAW_WON:
			win(w, at, step_of(code));
			break;
		default:
			leave(w, at, false, true);
			w->lasts = false;
			break;
	}
}

static void
end_strict(LeadsRaw *w)
{
	bool		through = end_of(w->last) == LEADS_RAW_WON;
	bool		lost = end_of(w->last) == LEADS_RAW_LOST;
	int			far = w->far;

	/* a win counts only if it stands */
	if (through && w->step < LEADS_RAW_NO_STEP)
	{
		uint32_t	bit = UINT32_C(1) << w->step;

		w->seen |= bit;
		if (w->won_next)
			w->nexts |= bit >> 1;
		if (w->step > far)
			far = w->step;
	}
	for (uint32_t left = w->seen; left != 0; left &= left - 1)
	{
		int			s = __builtin_ctz(left);

		w->entered[s]++;
		if (through || s < far)
			w->advanced[s]++;
		else if (lost)
			w->lost[s]++;
		else
			w->open[s]++;
		w->next[s] += w->nexts >> s & 1;
	}
}

static void
end_flow(LeadsRaw *w)
{
	/* a win that stands has nowhere further to go */
	if (w->lasts && w->won && w->step < LEADS_RAW_NO_STEP)
		w->forward |= UINT32_C(1) << w->step;
	for (uint32_t left = w->seen; left != 0; left &= left - 1)
	{
		int			s = __builtin_ctz(left);

		w->entered[s]++;
		if (w->forward >> s & 1)
		{
			w->advanced[s]++;
			w->next[s]++;
		}
		else if (w->gone >> s & 1)
			w->lost[s]++;
		else
			w->open[s]++;
	}
}

/* ---------------------------------------------------------------- leads */

static inline void
first(LeadsRaw *w, int64_t at, int code)
{
	/* it begins there, whatever is said of its end */
	code = LEADS_RAW_CODE(step_of(code), LEADS_RAW_OPEN);
	w->last = code;
	if (w->mode == LEADS_FUNNEL_COHORT)
	{
		w->limit = limit_of(w, at);
		w->far = open_step(code);
	}
	else if (w->mode != LEADS_FUNNEL_SNAPSHOT)
	{
		w->far = -1;
		w->won = w->lasts = w->won_next = false;
		w->seen = w->nexts = w->forward = w->gone = w->been = 0;
		arrive(w, at, step_of(code));
	}
}

static inline void
row(LeadsRaw *w, int64_t at, int code)
{
	if (w->mode == LEADS_FUNNEL_COHORT)
	{
		int			step = open_step(code);

		if (at > w->limit)
			return;
		w->last = code;
		if (step > w->far)
			w->far = step;
	}
	else if (w->mode == LEADS_FUNNEL_SNAPSHOT)
		w->last = code;
	else
		move(w, at, code);
}

static inline void
end(LeadsRaw *w)
{
	switch (w->mode)
	{
		case LEADS_FUNNEL_COHORT:
			end_cohort(w);
			break;
		case LEADS_FUNNEL_STRICT:
			end_strict(w);
			break;
		case LEADS_FUNNEL_FLOW:
			end_flow(w);
			break;
		case LEADS_FUNNEL_SNAPSHOT:
			end_snapshot(w);
			break;
	}
}

void
leads_raw_first(LeadsRaw *w, int64_t at, int code)
{
	first(w, at, code);
}

void
leads_raw_row(LeadsRaw *w, int64_t at, int code)
{
	row(w, at, code);
}

void
leads_raw_end(LeadsRaw *w)
{
	end(w);
}

void
leads_raw_tell(LeadsRaw *w, const LeadsRawRow *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
	{
		if (i == 0 || !leads_raw_same(rows[i], rows[i - 1]))
		{
			if (i > 0)
				end(w);
			first(w, leads_raw_at(rows[i]), leads_raw_code(rows[i]));
		}
		else
			row(w, leads_raw_at(rows[i]), leads_raw_code(rows[i]));
	}
	if (n > 0)
		end(w);
}

void
leads_raw_finish(LeadsRaw *w)
{
	int64_t		beyond = 0;

	/* from the last step back: who is beyond has passed */
	for (int i = w->n - 1; i >= 0 && w->mode == LEADS_FUNNEL_COHORT; i--)
	{
		w->advanced[i] = w->next[i] = beyond + w->ends[LEADS_RAW_WON][i + 1];
		w->lost[i] = w->ends[LEADS_RAW_LOST][i + 1];
		w->open[i] = w->ends[LEADS_RAW_OPEN][i + 1];
		beyond = w->entered[i] = w->advanced[i] + w->lost[i] + w->open[i];
	}
}

/* ---------------------------------------------------------------- a sliding window */

int
leads_window_level(const LeadsWindowRow *rows, size_t n, int64_t within, int modes)
{
	int64_t		began[LEADS_FUNNEL_STEPS + 1];	/* when the chain began that last came to a step */
	int64_t		came[LEADS_FUNNEL_STEPS + 1];	/* when it came there */
	bool		there[LEADS_FUNNEL_STEPS + 1] = {false};
	int			level = 0;

	for (size_t i = 0; i < n; i++)
	{
		int			s = rows[i].step;
		int64_t		at = rows[i].at;

		if (s == 0)
		{
			if ((modes & LEADS_WINDOW_ORDER) && there[1])
				break;
			continue;
		}
		if (s == 1)
			began[1] = at;
		else if ((modes & LEADS_WINDOW_DEDUPLICATION) && there[s])
			break;
		else if (!there[s - 1])
		{
			if ((modes & LEADS_WINDOW_ORDER) && there[1])
				break;
			continue;
		}
		else if ((uint64_t) at - (uint64_t) began[s - 1] > (uint64_t) within ||
				 ((modes & LEADS_WINDOW_INCREASE) && came[s - 1] >= at))
			continue;
		else
			began[s] = began[s - 1];
		came[s] = at;
		there[s] = true;
		if (s > level)
			level = s;
	}
	return level;
}
