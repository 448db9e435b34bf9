/*-------------------------------------------------------------------------
 *
 * accuracy_more.h
 *		The parts of accuracy.c that need records with all fields, and Latin
 *		names: every pair that shares a key is judged, F1 is that of the pairs.
 *
 *-------------------------------------------------------------------------
 */

/* one field of a CSV line, in place; "" quotes.  Returns the rest or NULL. */
static char *
csv_field(char *p, char **field)
{
	char	   *out;

	if (p == NULL)
	{
		*field = (char *) "";
		return NULL;
	}
	if (*p != '"')
	{
		*field = p;
		p = strchr(p, ',');
		if (p)
			*p++ = 0;
		return p;
	}
	*field = out = ++p;
	for (; *p; p++)
	{
		if (*p == '"' && p[1] == '"')
			p++;
		else if (*p == '"')
		{
			p++;
			break;
		}
		*out++ = *p;
	}
	p = *p == ',' ? p + 1 : NULL;
	*out = 0;
	return p;
}

typedef struct Item
{
	char	   *cluster;
	char	   *name,
			   *contact,
			   *phone,
			   *email;
} Item;

typedef struct Pair
{
	double		score;
	bool		same;
	bool		half;
	LeadsBand	band;
	uint32_t	a,
				b;
} Pair;

static Item *item;
static uint32_t nitems;
static bool people;			/* the items are persons */

static void
item_record(const Item *i, LeadsRecord *r)
{
	leads_record_init(r, people);
	leads_record_add_name(r, i->name, strlen(i->name));
	leads_record_set_contact(r, i->contact, strlen(i->contact));
	leads_record_add_phone(r, i->phone, strlen(i->phone));
	leads_record_add_email(r, i->email, strlen(i->email));
	leads_record_prepare(r);
}

static int
by_score(const void *a, const void *b)
{
	double		x = ((const Pair *) a)->score,
				y = ((const Pair *) b)->score;

	return x < y ? 1 : x > y ? -1 : 0;
}

/* a cluster's half, so that threshold and report see other companies */
static bool
half_of(const char *cluster)
{
	unsigned	h = 5381;

	while (*cluster)
		h = h * 33 + (unsigned char) *cluster++;
	return h >> 4 & 1;
}

static int
by_cluster(const void *a, const void *b)
{
	return strcmp(((const Item *) a)->cluster, ((const Item *) b)->cluster);
}

/* judge the pairs that share a key; dump rows instead of a report if asked */
static void
resolve(const char *what, bool rows)
{
	static const char *const bands[] = {"new", "possible", "likely", "certain"};
	static LeadsRecord q,
				s;
	Pair	   *pair = NULL;
	size_t		npairs = 0,
				room = 0,
				proom = 0;
	long		known[2] = {0};
	uint32_t   *found = malloc((size_t) cap * sizeof(uint32_t));
	double		best[2] = {-1, -1},
				at = 0,
				got = 0;
	long		tp = 0,
				fp = 0,
				band[4][2] = {{0}};

	qsort(item, nitems, sizeof(Item), by_cluster);
	for (uint32_t i = 0, j; i < nitems; i = j)
	{
		for (j = i; j < nitems && strcmp(item[i].cluster, item[j].cluster) == 0; j++)
			;
		known[half_of(item[i].cluster)] += (long) (j - i) * (j - i - 1) / 2;
	}
	for (uint32_t i = 0; i < nitems; i++)
	{
		item_record(&item[i], &s);
		if (nposts + LEADS_KEYS_MAX > proom)
			post = realloc(post, (proom = proom ? proom * 2 : 65536) * sizeof(Post));
		for (int k = 0; k < s.nkeys; k++)
		{
			post[nposts].key = s.keys[k].key;
			post[nposts++].row = i;
		}
	}
	qsort(post, nposts, sizeof(Post), by_key);
	for (uint32_t i = 0; i < nitems; i++)
	{
		int			n;

		item_record(&item[i], &q);
		n = candidates(&q, found);
		for (int k = 0; k < n; k++)
		{
			LeadsMatchScore sc;
			bool		same;

			if (found[k] <= i)
				continue;
			item_record(&item[found[k]], &s);
			leads_match_score(&q, &s, &model, &sc);
			same = strcmp(item[i].cluster, item[found[k]].cluster) == 0;
			if (rows && half_of(item[i].cluster) == 0 && (same || sc.score > -8))
				print_row("crm", same, &q, &s);
			if (npairs == room)
				pair = realloc(pair, (room = room ? room * 2 : 65536) * sizeof(Pair));
			pair[npairs].score = sc.score;
			pair[npairs].band = sc.band;
			pair[npairs].same = same;
			pair[npairs].half = half_of(item[i].cluster);
			pair[npairs].a = i;
			pair[npairs++].b = found[k];
		}
	}
	free(found);
	if (rows)
		return;
	qsort(pair, npairs, sizeof(Pair), by_score);
	for (size_t i = 0; i < npairs; i++)
	{
		double		f;

		band[pair[i].band][pair[i].same]++;
		if (pair[i].half)
			continue;
		tp += pair[i].same;
		fp += !pair[i].same;
		f = 2.0 * tp / (tp + fp + known[0]);
		if (f > best[0])
		{
			best[0] = f;
			at = pair[i].score;
		}
	}
	tp = fp = 0;
	for (size_t i = 0; i < npairs && pair[i].score >= at; i++)
		if (pair[i].half)
		{
			tp += pair[i].same;
			fp += !pair[i].same;
		}
	got = 2.0 * tp / (tp + fp + known[1]);
	printf("%s: %u records, pair F1 %.3f (precision %.3f recall %.3f) at %.2f\n", what, nitems, got,
		   tp / (double) (tp + fp ? tp + fp : 1), tp / (double) (known[1] ? known[1] : 1), at);
	/* where a few huge clusters decide what a half is like, one threshold over all pairs says more */
	{
		double		top = 0,
					f,
					where = 0;

		tp = fp = 0;
		for (size_t i = 0; i < npairs; i++)
		{
			tp += pair[i].same;
			fp += !pair[i].same;
			f = 2.0 * tp / (tp + fp + known[0] + known[1]);
			if (f > top)
			{
				top = f;
				where = pair[i].score;
			}
		}
		printf("  best threshold over all pairs: F1 %.3f at %.2f\n", top, where);
	}
	tp = fp = 0;
	for (size_t i = 0; i < npairs; i++)
		if (pair[i].band > LEADS_BAND_NEW)
		{
			tp += pair[i].same;
			fp += !pair[i].same;
		}
	printf("  possible or better, all pairs: F1 %.3f\n", 2.0 * tp / (tp + fp + known[0] + known[1]));
	for (int b = 3; b >= 1; b--)
		printf("  pairs in band %-8s %6ld, same %.4f\n", bands[b], band[b][0] + band[b][1],
			   band[b][1] / (double) (band[b][0] + band[b][1] ? band[b][0] + band[b][1] : 1));
	if (getenv("ACCURACY_ERRORS"))
		for (size_t i = 0; i < npairs; i++)
			if ((pair[i].score >= at) != pair[i].same)
				printf("%d\t%.2f\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", pair[i].same, pair[i].score,
					   item[pair[i].a].name, item[pair[i].b].name, item[pair[i].a].contact, item[pair[i].b].contact,
					   item[pair[i].a].phone, item[pair[i].b].phone, item[pair[i].a].email, item[pair[i].b].email);
	free(pair);
}

/* columns: which CSV field is what, -1 = none */
static void
load_items(const char *file, int cluster, int name, int contact, int phone, int email)
{
	FILE	   *f = open_in(file, "", "r");
	char		line[LINE];
	size_t		room = 0;
	bool		header = true;

	while (fgets(line, sizeof(line), f))
	{
		char	   *field[12];
		char	   *p = line;

		line[strcspn(line, "\r\n")] = 0;
		for (int i = 0; i < 12; i++)
			p = csv_field(p, &field[i]);
		if (header)
		{
			header = false;
			continue;
		}
		if (nitems == room)
			item = realloc(item, (room = room ? room * 2 : 1024) * sizeof(Item));
		item[nitems].cluster = strdup(field[cluster]);
		item[nitems].name = strdup(field[name]);
		item[nitems].contact = strdup(contact < 0 ? "" : field[contact]);
		item[nitems].phone = strdup(phone < 0 ? "" : field[phone]);
		item[nitems++].email = strdup(email < 0 ? "" : field[email]);
	}
	fclose(f);
}

static void
crm(const char *file, bool rows)
{
	load_items(file, 1, 2, 3, 4, 5);
	resolve("crm_records, all fields", rows);
}

static void
latin(const char *file, bool rows)
{
	load_items(file, 1, 2, -1, -1, -1);
	cap = (int) (nitems * 8);	/* one cluster has 676 of the names: pairs are counted here, not probes */
	resolve("Latin names (patstat)", rows);
}

static void
records(const char *file, bool persons)
{
	people = persons;
	load_items(file, 1, 2, 3, 4, 5);
	cap = (int) (nitems * 8);
	resolve(persons ? "persons (splink 1000), name and mail only" : "restaurants, name and telephone only", false);
}
