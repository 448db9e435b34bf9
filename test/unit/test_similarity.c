/* Edit distances by sound, overlap by rarity, short forms. */
#include <math.h>

#include "fold.h"
#include "keys.h"
#include "pinyin.h"
#include "similarity.h"
#include "tap.h"

typedef struct Text
{
	uint32_t	s[64];
	uint16_t	syl[64];
	int			n;
} Text;

static Text
text(const char *utf8)
{
	Text		t;

	t.n = leads_utf8_decode(utf8, strlen(utf8), t.s, 64, NULL);
	for (int i = 0; i < t.n; i++)
		t.syl[i] = leads_pinyin(t.s[i]);
	return t;
}

static double
dist(const char *a, const char *b)
{
	Text		x = text(a),
				y = text(b);

	return leads_pinyin_distance((LeadsSyllables) {x.s, x.syl, x.n}, (LeadsSyllables) {y.s, y.syl, y.n});
}

static void
dist_is(const char *a, const char *b, double want)
{
	double		d = dist(a, b);

	ok(fabs(d - want) < 1e-9, "%s, %s: %.1f (want %.1f)", a, b, d, want);
	ok(fabs(dist(b, a) - d) < 1e-9, "%s, %s: symmetric", b, a);
}

static double
overlap(const char *a, const char *b, double *contained)
{
	Text		x = text(a),
				y = text(b);

	return leads_overlap(x.s, x.n, y.s, y.n, contained);
}

static int
runs(const char *a, const char *b)
{
	Text		x = text(a),
				y = text(b);

	return leads_subsequence(x.s, x.n, y.s, y.n);
}

int
main(void)
{
	double		c;

	dist_is("永盛", "永辰", 0.5);	/* cheng, chen */
	dist_is("鸿源", "鸿源", 0);
	dist_is("鸿源", "弘源", 0.3);
	dist_is("盛南", "申南", 0.5);
	dist_is("华北", "北华", 0.6);
	dist_is("鸿源", "鸿达", 1);
	dist_is("鸿源", "鸿源达", 1);
	dist_is("鸿源", "甲乙", 2);
	dist_is("", "鸿源", 2);
	dist_is("", "", 0);
	dist_is("abc", "abd", 1);
	dist_is("东方红", "东红", 1);

	ok(fabs(overlap("鸿源商贸", "鸿源商贸", &c) - 1) < 1e-9 && fabs(c - 1) < 1e-9, "overlap of equals is 1");
	ok(overlap("鸿源", "甲乙", &c) == 0 && c == 0, "nothing in common");
	ok(overlap("鸿源", "鸿源商贸", &c) < 1 && fabs(c - 1) < 1e-9, "contained");
	ok(overlap("鸿源商贸", "鸿源建筑", NULL) > overlap("鸿源商贸", "甲乙商贸", NULL),
	   "a rare bigram in common weighs more than a common one");
	ok(leads_df_bigram(0x5546, 0x8D38) > leads_df_bigram(0x9E3F, 0x6E90), "商贸 is more frequent than 鸿源");

	is_int(runs("万科", "万科企业"), 1, "万科 in 万科企业: one run");
	is_int(runs("深振业", "深圳振业"), 2, "深振业 in 深圳振业: two runs");
	is_int(runs("万达", "万科企业"), 0, "no subsequence");
	{
		Text		a = text("kitten"),
					b = text("sitting");

		is_int(leads_edit_distance(a.s, a.n, b.s, b.n), 3, "kitten, sitting");
		is_int(leads_common(a.s, a.n, b.s, b.n), 4, "common: ittn");
	}
	{
		uint32_t	x[200],
					y[200];
		int			bad = 0;

		for (int round = 0; round < 5000; round++)
		{
			int			n = (int) (tap_random() % 200),
						m = (int) (tap_random() % 200);
			double		o;

			for (int i = 0; i < 200; i++)
			{
				x[i] = 0x4E00 + (uint32_t) (tap_random() % 40);
				y[i] = 0x4E00 + (uint32_t) (tap_random() % 40);
			}
			o = leads_overlap(x, n, y, m, &c);
			bad += o < 0 || o > 1.0001 || c < 0 || c > 1.0001;
			bad += fabs(o - leads_overlap(y, m, x, n, NULL)) > 1e-9;
			bad += leads_edit_distance(x, n, y, m) != leads_edit_distance(y, m, x, n);
			bad += leads_common(x, n, y, m) > 48;
			leads_subsequence(x, n, y, m);
		}
		is_int(bad, 0, "5,000 random pairs: bounded and symmetric");
	}
	return done();
}
