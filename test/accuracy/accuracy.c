/*-------------------------------------------------------------------------
 *
 * accuracy.c
 *		How well are duplicates found?  In-process: no server, no table.
 *
 *	accuracy e2e DIR [cap]		base.txt and test.tsv of DIR: recall and end-to-end F1
 *	accuracy pairs DIR			pairs.tsv of DIR: pair F1
 *	accuracy crm FILE			crm_records: all fields, F1 and precision by band
 *	accuracy latin FILE			patstat names: pair F1
 *	accuracy persons|records FILE	rows of prepare_other.py: pair F1
 *	accuracy crmdump FILE, latindump FILE, dump DIR, pairdump DIR
 *								training rows: label, group, features (for fit.c)
 *	accuracy speed DIR			parse + keys, ns a name
 *	accuracy judge NAME NAME	one pair, with its shares
 *
 * Keys lie in one sorted array, as an index would hold them; a probe reads its
 * exact keys, then the others shortest list first, up to `cap` rows.  Errors go
 * to DIR/errors.tsv.  test/accuracy/run prepares DIR and calls this.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "decide/match.h"

#define LINE 4096
#define TOP 5

typedef struct Post
{
	int64_t		key;
	uint32_t	row;
} Post;

static char **base;
static uint32_t nbase;
static Post *post;
static size_t nposts;
static int	cap = 600;
static LeadsMatchModel model;	/* the shipped one, or with weights of ACCURACY_WEIGHTS: lines "code weight" */

/* of this process: other people's load must not count */
static double
cpu_seconds(void)
{
	return (double) clock() / CLOCKS_PER_SEC;
}

static void
fail(const char *what)
{
	perror(what);
	exit(2);
}

static FILE *
open_in(const char *dir, const char *name, const char *mode)
{
	char		path[LINE];
	FILE	   *f;

	snprintf(path, sizeof(path), "%s%s%s", dir, name[0] ? "/" : "", name);
	f = fopen(path, mode);
	if (f == NULL)
		fail(path);
	return f;
}

static void
record_of(LeadsRecord *r, const char *name)
{
	leads_record_init(r, false);
	leads_record_add_name(r, name, strlen(name));
	leads_record_prepare(r);
}

static int
by_key(const void *a, const void *b)
{
	const Post *x = a,
			   *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

static void
load_base(const char *dir)
{
	FILE	   *f = open_in(dir, "base.txt", "r");
	char		line[LINE];
	size_t		room = 0,
				proom = 0;
	static LeadsRecord r;

	while (fgets(line, sizeof(line), f))
	{
		line[strcspn(line, "\n")] = 0;
		if (nbase == room)
			base = realloc(base, (room = room ? room * 2 : 1024) * sizeof(char *));
		base[nbase] = strdup(line);
		record_of(&r, line);
		if (nposts + LEADS_KEYS_MAX > proom)
			post = realloc(post, (proom = proom ? proom * 2 : 65536) * sizeof(Post));
		for (int i = 0; i < r.nkeys; i++)
		{
			post[nposts].key = r.keys[i].key;
			post[nposts++].row = nbase;
		}
		nbase++;
	}
	fclose(f);
	qsort(post, nposts, sizeof(Post), by_key);
}

static size_t
lower(int64_t key)
{
	size_t		lo = 0,
				hi = nposts;

	while (lo < hi)
	{
		size_t		mid = lo + (hi - lo) / 2;

		if (post[mid].key < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int
by_row(const void *a, const void *b)
{
	uint32_t	x = *(const uint32_t *) a,
				y = *(const uint32_t *) b;

	return x < y ? -1 : x > y;
}

/* rows that share a key, each once */
static int
candidates(const LeadsRecord *q, uint32_t *out)
{
	struct
	{
		size_t		at;
		size_t		n;
		bool		exact;
	}			list[LEADS_KEYS_MAX];
	int			n = 0,
				m = 0;

	for (int i = 0; i < q->nkeys; i++)
	{
		size_t		at = lower(q->keys[i].key);
		size_t		end = at;
		int			k;
		bool		exact = q->keys[i].exact;

		while (end < nposts && post[end].key == q->keys[i].key)
			end++;
		for (k = i; k > 0 && (list[k - 1].exact < exact ||
							  (list[k - 1].exact == exact && list[k - 1].n > end - at)); k--)
			list[k] = list[k - 1];
		list[k].at = at;
		list[k].n = end - at;
		list[k].exact = exact;
	}
	for (int i = 0; i < q->nkeys; i++)
		for (size_t j = 0; j < list[i].n && n < cap; j++)
			out[n++] = post[list[i].at + j].row;
	qsort(out, (size_t) n, sizeof(uint32_t), by_row);
	for (int i = 0; i < n; i++)
		if (m == 0 || out[m - 1] != out[i])
			out[m++] = out[i];
	return m;
}

/* random substitutions and what is only a core: the name alone cannot tell */
static bool
undecidable(const char *kind)
{
	return strcmp(kind, "short") == 0 || strcmp(kind, "sub") == 0 || strcmp(kind, "core3") == 0;
}

/* ---- end to end -------------------------------------------------------------- */

typedef struct Answer
{
	char	   *query,
			   *target,
			   *kind;
	bool		found,			/* target among the candidates */
				top5,
				right;			/* the best is the target */
	uint32_t	best;
	double		score;
	LeadsBand	band;
	bool		any;
	int			ncand;
} Answer;

static int
read_tsv(FILE *f, char *line, char **part, int max)
{
	int			n = 0;

	if (!fgets(line, LINE, f))
		return -1;
	line[strcspn(line, "\n")] = 0;
	for (char *p = line; n < max; n++)
	{
		part[n] = p;
		p = strchr(p, '\t');
		if (p == NULL)
			return n + 1;
		*p++ = 0;
	}
	return n;
}

static void
probe(Answer *a)
{
	static LeadsRecord q,
				s;
	uint32_t   *rows = malloc((size_t) cap * sizeof(uint32_t));
	struct
	{
		double		score;
		uint32_t	row;
	}			top[TOP];
	int			ntop = 0;

	record_of(&q, a->query);
	a->ncand = candidates(&q, rows);
	for (int i = 0; i < a->ncand; i++)
	{
		LeadsMatchScore sc;
		int			at;

		record_of(&s, base[rows[i]]);
		leads_match_score(&q, &s, &model, &sc);
		if (strcmp(base[rows[i]], a->target) == 0)
			a->found = true;
		if (!a->any || sc.score > a->score)
		{
			a->any = true;
			a->score = sc.score;
			a->band = sc.band;
			a->best = rows[i];
		}
		for (at = ntop; at > 0 && top[at - 1].score < sc.score; at--)
			if (at < TOP)
				top[at] = top[at - 1];
		if (at < TOP)
		{
			top[at].score = sc.score;
			top[at].row = rows[i];
			if (ntop < TOP)
				ntop++;
		}
	}
	for (int i = 0; i < ntop; i++)
		a->top5 |= strcmp(base[top[i].row], a->target) == 0;
	a->right = a->any && a->target[0] && strcmp(base[a->best], a->target) == 0;
	free(rows);
}

/* F1 of the answers of one half at a threshold; half -1 = all; hard = without short and sub */
static double
f1_at(const Answer *a, int n, int half, bool hard, double t, double *precision, double *recall)
{
	int			tp = 0,
				fp = 0,
				fn = 0;

	for (int i = 0; i < n; i++)
	{
		bool		says = a[i].any && a[i].score >= t;

		if (half >= 0 && (i & 1) != half)
			continue;
		if (hard && undecidable(a[i].kind))
			continue;
		if (says && a[i].right)
			tp++;
		else
		{
			fp += says;
			fn += a[i].target[0] != 0;
		}
	}
	if (precision)
		*precision = tp + fp ? (double) tp / (tp + fp) : 1;
	if (recall)
		*recall = tp + fn ? (double) tp / (tp + fn) : 1;
	return tp ? 2.0 * tp / (2 * tp + fp + fn) : 0;
}

static double
best_threshold(const Answer *a, int n, int half, bool hard)
{
	double		best = -1,
				at = 0;

	for (double t = -12; t < 20; t += 0.05)
	{
		double		f = f1_at(a, n, half, hard, t, NULL, NULL);

		if (f > best)
		{
			best = f;
			at = t;
		}
	}
	return at;
}

static Answer *
answers(const char *dir, const char *file, int *n)
{
	FILE	   *f = open_in(dir, file, "r");
	char		line[LINE];
	char	   *part[3];
	Answer	   *a = NULL;
	int			got;

	*n = 0;
	while ((got = read_tsv(f, line, part, 3)) > 0)
	{
		if (got != 3)
			continue;
		if ((*n & (*n - 1)) == 0)
			a = realloc(a, (size_t) (*n ? *n * 2 : 1) * sizeof(Answer));
		memset(&a[*n], 0, sizeof(Answer));
		a[*n].query = strdup(part[0]);
		a[*n].target = strdup(part[1]);
		a[*n].kind = strdup(part[2]);
		(*n)++;
	}
	fclose(f);
	return a;
}

static void
end_to_end(const char *dir)
{
	static const char *const bands[] = {"new", "possible", "likely", "certain"};
	FILE	   *err = open_in(dir, "errors.tsv", "w");
	int			n,
				known = 0,
				found = 0,
				top5 = 0,
				band[4][2] = {{0}};
	Answer	   *a;
	double		t0,
				took,
				t,
				p,
				r,
				f,
				f2;
	long		cand = 0;

	load_base(dir);
	a = answers(dir, "test.tsv", &n);
	t0 = cpu_seconds();
	for (int i = 0; i < n; i++)
		probe(&a[i]);
	took = cpu_seconds() - t0;
	t = best_threshold(a, n, 0, false);
	f = f1_at(a, n, 1, false, t, &p, &r);
	f2 = f1_at(a, n, 1, true, best_threshold(a, n, 0, true), NULL, NULL);
	for (int i = 0; i < n; i++)
	{
		cand += a[i].ncand;
		band[a[i].any ? a[i].band : 0][a[i].right]++;
		if (a[i].target[0])
		{
			known++;
			found += a[i].found;
			top5 += a[i].top5;
		}
		if ((a[i].any && a[i].score >= t) ? !a[i].right : a[i].target[0] != 0)
			fprintf(err, "%s\t%s\t%s\t%.2f\t%s\t%s\t%s\n", a[i].kind, a[i].query, a[i].target, a[i].any ? a[i].score : -99,
					a[i].any ? bands[a[i].band] : "-", a[i].any ? base[a[i].best] : "", a[i].found ? a[i].top5 ? "top5" : "found" : "lost");
	}
	fclose(err);
	printf("base %u  keys/name %.1f  queries %d  candidates/query %.0f  ms/query %.3f\n",
		   nbase, (double) nposts / nbase, n, (double) cand / n, took * 1000 / n);
	printf("candidate recall %.3f  recall@5 %.3f\n", (double) found / known, (double) top5 / known);
	printf("end-to-end F1 %.3f (precision %.3f recall %.3f at %.2f)  without short forms and substitutions %.3f\n",
		   f, p, r, t, f2);
	for (int b = 3; b >= 0; b--)
		printf("  best in band %-8s %5d, right %.4f\n", bands[b], band[b][0] + band[b][1],
			   band[b][1] / (double) (band[b][0] + band[b][1] ? band[b][0] + band[b][1] : 1));
	/* by kind */
	for (int i = 0; i < n; i++)
	{
		int			c = 0,
					fo = 0,
					t5 = 0,
					good = 0;
		bool		first = true;

		for (int j = 0; j < i && first; j++)
			first = strcmp(a[i].kind, a[j].kind) != 0;
		if (!first)
			continue;
		for (int j = i; j < n; j++)
			if (strcmp(a[i].kind, a[j].kind) == 0)
			{
				c++;
				fo += a[j].found;
				t5 += a[j].top5;
				good += a[j].target[0] ? a[j].right && a[j].score >= t : !(a[j].any && a[j].score >= t);
			}
		printf("  %-8s %5d  found %.3f  top5 %.3f  right %.3f\n", a[i].kind, c, (double) fo / c, (double) t5 / c, (double) good / c);
	}
}

/* ---- pairs --------------------------------------------------------------------- */

typedef struct Judged
{
	double		score;
	bool		same;
	bool		half;
	bool		gold,
				typo,
				undecided;		/* sub, short and core3: the name alone cannot tell */
	LeadsBand	band;
	char	   *text;
} Judged;

static double
pair_f1(const Judged *j, int n, int which, int half, double t)
{
	int			tp = 0,
				fp = 0,
				fn = 0;

	for (int i = 0; i < n; i++)
	{
		if (half >= 0 && j[i].half != half)
			continue;
		if (j[i].same && !(which == 0 ? j[i].gold : which == 1 ? j[i].typo : j[i].typo && !j[i].undecided))
			continue;
		tp += j[i].same && j[i].score >= t;
		fp += !j[i].same && j[i].score >= t;
		fn += j[i].same && j[i].score < t;
	}
	return tp ? 2.0 * tp / (2 * tp + fp + fn) : 0;
}

static double
report_pairs(const Judged *j, int n, int which, const char *what)
{
	double		best = -1,
				at = 0;

	for (double t = -12; t < 20; t += 0.05)
	{
		double		f = pair_f1(j, n, which, 0, t);

		if (f > best)
		{
			best = f;
			at = t;
		}
	}
	printf("%-32s F1 %.3f at %.2f\n", what, pair_f1(j, n, which, 1, at), at);
	return at;
}

static void
pairs(const char *dir)
{
	FILE	   *f = open_in(dir, "pairs.tsv", "r");
	FILE	   *err = open_in(dir, "pair_errors.tsv", "w");
	char		line[LINE];
	char	   *part[5];
	Judged	   *j = NULL;
	int			n = 0;
	static LeadsRecord a,
				b;
	int			band[4][2] = {{0}};
	double		at[3];

	while (read_tsv(f, line, part, 5) == 5)
	{
		LeadsMatchScore s;
		char		text[LINE * 2];

		if ((n & (n - 1)) == 0)
			j = realloc(j, (size_t) (n ? n * 2 : 1) * sizeof(Judged));
		record_of(&a, part[0]);
		record_of(&b, part[1]);
		leads_match_score(&a, &b, &model, &s);
		j[n].score = s.band == LEADS_BAND_NEW && s.score > model.possible ? -12 : s.score;
		j[n].band = s.band;
		j[n].same = part[2][0] == '1';
		j[n].gold = strcmp(part[3], "gold") == 0;
		j[n].typo = !j[n].gold && j[n].same;
		j[n].half = part[4][0] == '1';
		j[n].undecided = undecidable(part[3]);
		snprintf(text, sizeof(text), "%s\t%s\t%s\t%.2f", part[3], part[0], part[1], s.score);
		j[n].text = strdup(text);
		band[s.band][j[n].same]++;
		n++;
	}
	at[0] = report_pairs(j, n, 0, "pair: gold + hard negatives");
	at[1] = report_pairs(j, n, 1, "pair: typos + hard negatives");
	at[2] = report_pairs(j, n, 2, "  without sub, short and core3");
	for (int i = 0; i < n; i++)
		if ((j[i].score >= at[j[i].gold ? 0 : j[i].undecided ? 1 : 2]) != j[i].same)
			fprintf(err, "%d\t%s\n", j[i].same, j[i].text);
	for (int b2 = 3; b2 >= 0; b2--)
		printf("  band %d: %d pairs, same %.4f\n", b2, band[b2][0] + band[b2][1],
			   band[b2][1] / (double) (band[b2][0] + band[b2][1] ? band[b2][0] + band[b2][1] : 1));
	fclose(f);
	fclose(err);
}

/* one pair, to look at */
static void
judge(const char *x, const char *y)
{
	static LeadsRecord a,
				b;
	LeadsMatchScore s;
	char		core[400],
				region[100];

	record_of(&a, x);
	record_of(&b, y);
	leads_match_score(&a, &b, &model, &s);
	printf("%s | %s: %.2f band %d\n", x, y, s.score, s.band);
	for (int i = 0; i < 2; i++)
	{
		const LeadsName *n = i ? &b.name[0] : &a.name[0];

		leads_name_text(n, LEADS_NAME_CORE, core, sizeof(core));
		leads_name_text(n, LEADS_NAME_REGION, region, sizeof(region));
		printf("  core %s region %s", core, region);
		leads_name_text(n, LEADS_NAME_INDUSTRY, core, sizeof(core));
		leads_name_text(n, LEADS_NAME_BRANCH, region, sizeof(region));
		printf(" industry %s branch %s\n", core, region);
	}
	for (int i = 0; i < s.nshares; i++)
		printf("  %s %.2f\n", s.share[i].name, s.share[i].weight);
}

/* ---- training rows ------------------------------------------------------------- */

static void
print_row(const char *group, bool same, const LeadsRecord *q, const LeadsRecord *s)
{
	double		v[LEADS_MATCH_WEIGHTS];

	leads_match_features(q, s, &model, v);
	printf("%d %s", same, group);
	for (int i = 0; i < LEADS_MATCH_WEIGHTS; i++)
		if (v[i] != 0)
			printf(" %d:%.4g", i, v[i]);
	printf("\n");
}

static void
dump(const char *dir)
{
	static LeadsRecord q,
				s;
	uint32_t   *rows = malloc((size_t) cap * sizeof(uint32_t));
	Answer	   *a;
	int			n;
	FILE	   *f;
	char		line[LINE];
	char	   *part[5];

	load_base(dir);
	a = answers(dir, "train.tsv", &n);
	for (int i = 0; i < n; i++)
	{
		int			m;

		record_of(&q, a[i].query);
		m = candidates(&q, rows);
		for (int k = 0; k < m; k++)
		{
			bool		same = strcmp(base[rows[k]], a[i].target) == 0;
			LeadsMatchScore sc;

			record_of(&s, base[rows[k]]);
			leads_match_score(&q, &s, &model, &sc);
			/* the clear ones teach nothing: keep one in sixteen, with its weight */
			if (same || sc.score > -6)
				print_row(a[i].kind, same, &q, &s);
			else if ((k & 15) == 0)
				print_row("easy", same, &q, &s);
		}
	}
	f = open_in(dir, "pairs.tsv", "r");
	while (read_tsv(f, line, part, 5) == 5)
	{
		if (part[4][0] == '1')
			continue;			/* the other half is for reporting */
		record_of(&q, part[0]);
		record_of(&s, part[1]);
		print_row(part[2][0] == '0' || strcmp(part[3], "gold") == 0 ? part[3] : undecidable(part[3]) ? "pair?" : "pair",
				  part[2][0] == '1', &q, &s);
	}
	fclose(f);
	free(rows);
}

/* both halves of the pairs, to look at features elsewhere: half, kind, label, features */
static void
dump_pairs(const char *dir)
{
	FILE	   *f = open_in(dir, "pairs.tsv", "r");
	char		line[LINE],
				group[100];
	char	   *part[5];
	static LeadsRecord q,
				s;

	while (read_tsv(f, line, part, 5) == 5)
	{
		record_of(&q, part[0]);
		record_of(&s, part[1]);
		snprintf(group, sizeof(group), "%s %s", part[3], part[4]);
		print_row(group, part[2][0] == '1', &q, &s);
	}
	fclose(f);
}

/* ---- speed --------------------------------------------------------------------- */

static void
speed(const char *dir)
{
	FILE	   *f = open_in(dir, "base.txt", "r");
	char		line[LINE];
	static LeadsName n;
	LeadsKey	keys[LEADS_NAME_KEYS_MAX];
	double		t0,
				parse,
				both;
	int			rounds = 3;
	long		sum = 0;

	while (nbase < 100000 && fgets(line, sizeof(line), f))
	{
		line[strcspn(line, "\n")] = 0;
		if ((nbase & (nbase - 1)) == 0)
			base = realloc(base, (size_t) (nbase ? nbase * 2 : 1) * sizeof(char *));
		base[nbase++] = strdup(line);
	}
	fclose(f);
	t0 = cpu_seconds();
	for (int r = 0; r < rounds; r++)
		for (uint32_t i = 0; i < nbase; i++)
		{
			leads_name_parse(base[i], strlen(base[i]), &n);
			sum += n.ncore;
		}
	parse = cpu_seconds() - t0;
	t0 = cpu_seconds();
	for (int r = 0; r < rounds; r++)
		for (uint32_t i = 0; i < nbase; i++)
		{
			leads_name_parse(base[i], strlen(base[i]), &n);
			sum += leads_name_keys(&n, keys);
		}
	both = cpu_seconds() - t0;
	printf("parse %.0f ns, parse + keys %.0f ns a name (%ld)\n",
		   parse * 1e9 / rounds / nbase, both * 1e9 / rounds / nbase, sum & 1);
}

#include "accuracy_more.h"

static void
load_model(void)
{
	const char *file = getenv("ACCURACY_WEIGHTS");
	FILE	   *f = file ? fopen(file, "r") : NULL;
	char		code[100];
	double		w;
	char		line[LINE];

	model = leads_match_default;
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%99s %lf", code, &w) == 2)
		{
			int			i = leads_match_weight_index(code);

			if (i >= 0)
				model.w[i] = w;
		}
	if (f)
		fclose(f);
}

int
main(int argc, char **argv)
{
	load_model();
	if (argc > 3 && strcmp(argv[1], "judge") != 0)
		cap = atoi(argv[3]);
	if (argc < 3)
		return 2;
	if (strcmp(argv[1], "judge") == 0)
		judge(argv[2], argv[3]);
	else if (strcmp(argv[1], "e2e") == 0)
		end_to_end(argv[2]);
	else if (strcmp(argv[1], "pairs") == 0)
		pairs(argv[2]);
	else if (strcmp(argv[1], "dump") == 0)
		dump(argv[2]);
	else if (strcmp(argv[1], "pairdump") == 0)
		dump_pairs(argv[2]);
	else if (strcmp(argv[1], "speed") == 0)
		speed(argv[2]);
	else if (strcmp(argv[1], "crm") == 0)
		crm(argv[2], false);
	else if (strcmp(argv[1], "crmdump") == 0)
		crm(argv[2], true);
	else if (strcmp(argv[1], "persons") == 0 || strcmp(argv[1], "records") == 0)
		records(argv[2], argv[1][0] == 'p');
	else if (strcmp(argv[1], "latin") == 0)
		latin(argv[2], false);
	else if (strcmp(argv[1], "latindump") == 0)
		latin(argv[2], true);
	else
		return 2;
	return 0;
}
