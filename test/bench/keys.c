/*
 * keys.c - names in, rows of customer and customer_key out, by the library's own parser and keys.
 *
 *	keys DIR [after] < names	DIR/customer.tsv: id, name, core, region, city, industry; DIR/key.tsv: id, nr, key_a, key_b
 *
 * A bulk load for the benches: what register() would write of these, for COPY.  Ids count from after + 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/identity.h"

static FILE *
out(const char *dir, const char *name)
{
	char		path[4096];
	FILE	   *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (f == NULL)
	{
		perror(path);
		exit(2);
	}
	return f;
}

/* a column of COPY; names hold no tab, no line break, and no backslash once it is doubled */
static void
column(FILE *f, const char *s, char end)
{
	if (*s == '\0')
		fputs("\\N", f);
	for (; *s; s++)
	{
		if (*s == '\\')
			fputc('\\', f);
		fputc(*s, f);
	}
	fputc(end, f);
}

static void
part(FILE *f, const LeadsName *n, LeadsNamePart p, char end)
{
	char		buf[2048];

	leads_name_text(n, p, buf, sizeof(buf));
	column(f, buf, end);
}

/* as leads_keys_insert() lays them out */
static void
key_rows(FILE *f, const LeadsRecord *r, long id)
{
	long long	entry[LEADS_KEY_COLUMNS][LEADS_KEYS_MAX];
	int			n[LEADS_KEY_COLUMNS] = {0};
	bool		more = true;

	for (int i = 0; i < r->nkeys; i++)
	{
		int			p = leads_key_column(&r->keys[i]);

		if (r->keys[i].reach != LEADS_KEY_WITHIN)
			entry[p][n[p]++] = leads_key_entry(&r->keys[i], id);
	}
	for (int row = 0; more; row++)
	{
		more = false;
		for (int p = 0; p < LEADS_KEY_COLUMNS; p++)
			more |= row < n[p];
		if (!more)
			break;
		fprintf(f, "%ld\t%d", id, row + 1);
		for (int p = 0; p < LEADS_KEY_COLUMNS; p++)
			if (row < n[p])
				fprintf(f, "\t%lld", entry[p][row]);
			else
				fputs("\t\\N", f);
		fputc('\n', f);
	}
}

int
main(int argc, char **argv)
{
	static LeadsRecord r;
	char		line[4096];
	FILE	   *customers;
	FILE	   *keys;
	long		id = 0;

	if (argc != 2 && argc != 3)
		return 2;
	if (argc == 3)
		id = atol(argv[2]);
	customers = out(argv[1], "customer.tsv");
	keys = out(argv[1], "key.tsv");
	while (fgets(line, sizeof(line), stdin))
	{
		line[strcspn(line, "\n")] = 0;
		leads_record_init(&r, false);
		leads_record_add_name(&r, line, strlen(line));
		leads_record_prepare(&r);
		fprintf(customers, "%ld\t", ++id);
		column(customers, line, '\t');
		part(customers, &r.name[0], LEADS_NAME_CORE, '\t');
		part(customers, &r.name[0], LEADS_NAME_REGION, '\t');
		part(customers, &r.name[0], LEADS_NAME_CITY, '\t');
		part(customers, &r.name[0], LEADS_NAME_INDUSTRY, '\n');
		key_rows(keys, &r, id);
	}
	return fclose(customers) != 0 || fclose(keys) != 0;
}
