/* Training the judge: labels move the right weights the right way, near to the shipped ones. */
#include <math.h>

#include "decide/match_train.h"
#include "tap.h"

static LeadsTrainPair pairs[4000];
static LeadsTrainWork work;
static int	n;
static double w[LEADS_TRAIN_WEIGHTS];
static LeadsTrainReport report;
static int	checks;

static void
check(void)
{
	checks++;
}

static void
add(const char *a, const char *b, LeadsTrainLabel label)
{
	static LeadsRecord x,
				y;

	leads_record_init(&x, false);
	leads_record_add_name(&x, a, strlen(a));
	leads_record_init(&y, false);
	leads_record_add_name(&y, b, strlen(b));
	leads_match_train_pair(&x, &y, &leads_match_default, label, &pairs[n++]);
}

static void
train(void)
{
	leads_match_train(pairs, n, &leads_match_default, &work, check, w, &report);
}

static double
moved(int i)
{
	return w[i] - leads_match_default.w[i];
}

static const char *const town[] = {"重庆", "成都", "昆山", "宁波", "常熟", "长沙", "厦门", "大连"};
static const char *const sound[][2] = {{"鸿源", "弘源"}, {"腾胜", "腾盛"}, {"佳成", "嘉成"}, {"军峰", "俊峰"}, {"信一", "信谊"}};
static const char *const work_of[] = {"商贸", "物流", "建筑工程"};

/* company i of the same sound, twice */
static void
add_sound(int i, LeadsTrainLabel label)
{
	char		a[200],
				b[200];

	snprintf(a, sizeof(a), "%s市%s%s有限公司", town[i % 8], sound[i % 5][0], work_of[i % 3]);
	snprintf(b, sizeof(b), "%s市%s%s有限公司", town[i % 8], sound[i % 5][1], work_of[i % 3]);
	add(a, b, label);
}

/* the same name in another legal form */
static void
add_legal(int i, LeadsTrainLabel label)
{
	char		a[200],
				b[200];

	snprintf(a, sizeof(a), "%s市%s%s有限公司", town[i % 8], sound[i % 5][0], work_of[i % 3]);
	snprintf(b, sizeof(b), "%s%s%s有限责任公司", town[i % 8], sound[i % 5][0], work_of[i % 3]);
	add(a, b, label);
}

/* the same core in another town */
static void
add_town(int i, LeadsTrainLabel label)
{
	char		a[200],
				b[200];

	snprintf(a, sizeof(a), "%s市%s%s有限公司", town[i % 8], sound[i % 5][0], work_of[i % 3]);
	snprintf(b, sizeof(b), "%s市%s%s有限公司", town[(i + 1) % 8], sound[i % 5][0], work_of[i % 3]);
	add(a, b, label);
}

static bool
signs_kept(void)
{
	for (int i = 0; i < LEADS_TRAIN_WEIGHTS; i++)
		if (w[i] * leads_match_default.w[i] < 0 || (leads_match_default.w[i] == 0 && w[i] != 0) || !isfinite(w[i]))
			return false;
	return true;
}

int
main(void)
{
	double		sound_after;

	/* nothing to learn from */
	n = 0;
	train();
	ok(memcmp(w, leads_match_default.w, sizeof(w)) == 0, "without pairs the shipped weights stay");
	ok(report.before.f1 < 0 && report.after.f1 < 0, "and no accuracy is told");

	/* refused: the same sound is no match here */
	for (int i = 0; i < 30; i++)
		add_sound(i, LEADS_TRAIN_REFUSED);
	for (int i = 0; i < 30; i++)
		add_legal(i, LEADS_TRAIN_CONFIRMED);
	checks = 0;
	train();
	sound_after = w[LEADS_F_CORE_SOUND];
	ok(moved(LEADS_F_CORE_SOUND) < -0.3, "refusals take from core_sound: %.2f", moved(LEADS_F_CORE_SOUND));
	ok(moved(LEADS_F_WHOLE_EQUAL) >= -0.05, "and nothing from whole_equal: %.2f", moved(LEADS_F_WHOLE_EQUAL));
	ok(moved(LEADS_F_REGION_CONFLICT) == 0, "what did not occur stays");
	ok(signs_kept(), "no sign changes");
	ok(checks > 5, "it can be cancelled: %d checks", checks);
	is_int(report.confirmed, 30, "confirmed");
	is_int(report.refused, 30, "refused");
	is_int(report.unjudged, 0, "none unjudged");
	ok(report.before.precision < report.after.precision && report.after.recall == 1,
	   "precision %.2f, then %.2f", report.before.precision, report.after.precision);
	ok(report.occurs[LEADS_F_CORE_SOUND] && !report.occurs[LEADS_F_REGION_CONFLICT], "what occurred is known");

	/* confirmed: the other way */
	n = 0;
	for (int i = 0; i < 30; i++)
		add_town(i, LEADS_TRAIN_CONFIRMED);
	train();
	ok(moved(LEADS_F_REGION_CONFLICT) + moved(LEADS_F_EQUAL_CONFLICT) > 0.5, "confirmed pairs of two towns: conflicts weigh less, %.2f",
	   moved(LEADS_F_REGION_CONFLICT) + moved(LEADS_F_EQUAL_CONFLICT));
	ok(report.before.f1 < 0, "with confirmed ones alone nothing is measured");
	ok(signs_kept(), "no sign changes");

	/* the same pairs, the same weights */
	n = 0;
	for (int i = 0; i < 30; i++)
		add_sound(i, LEADS_TRAIN_REFUSED);
	for (int i = 0; i < 30; i++)
		add_legal(i, LEADS_TRAIN_CONFIRMED);
	train();
	ok(w[LEADS_F_CORE_SOUND] == sound_after, "the same pairs give the same weights");

	/* unjudged ones help out where there are few, and do not where there are many */
	for (int i = 0; i < 1000; i++)
		if (i % 4)
			add_town(i, LEADS_TRAIN_UNJUDGED);
		else
			add_legal(i, LEADS_TRAIN_UNJUDGED);
	train();
	is_int(report.unjudged, 0, "enough judged: the unjudged do not count");
	ok(w[LEADS_F_CORE_SOUND] == sound_after, "nor change anything");
	memmove(pairs, pairs + 60, (size_t) (n - 60) * sizeof(pairs[0]));
	n -= 60;
	train();
	is_int(report.unjudged, 1000, "none judged: they count");
	{
		float		legal = 0,
					other = 0;

		for (int k = 0; k < n; k++)
			if (k % 4)
				other += pairs[k].belief;
			else
				legal += pairs[k].belief;
		ok(legal / 250 > 0.8 && other / 750 < 0.1, "EM finds the two kinds: %.2f, %.2f", legal / 250, other / 750);
	}
	ok(signs_kept(), "no sign changes");
	ok(fabs(moved(LEADS_F_CORE_SOUND)) < 0.5, "and the weights stay near");
	return done();
}
