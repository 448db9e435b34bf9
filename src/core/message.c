/*
 * message.c - texts for people, in Chinese and English, by code.
 *
 * Purpose: outcomes, reasons and explanations are stored as code + arguments
 * and put into words here, in the install language or the one asked for.
 * Invariants: rooms own their texts and hand them in at load; an unknown code
 * comes back as itself, so that an old decision is never unreadable.
 * Called by: the verbs (messages), read/explain, core/company.
 */
#include "core/leads.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "pgtime.h"

#define CATALOGS 64

static struct
{
	const LeadsMessage *table;
	int			n;
}			catalogs[CATALOGS];
static int	ncatalogs = 0;

void
leads_message_catalog(const LeadsMessage *table, int n)
{
	if (ncatalogs >= CATALOGS)
		elog(ERROR, "too many message catalogues");
	catalogs[ncatalogs].table = table;
	catalogs[ncatalogs].n = n;
	ncatalogs++;
}

static const char *
find_text(const char *lang, const char *code)
{
	bool		zh = strcmp(lang, "zh") == 0;

	for (int c = 0; c < ncatalogs; c++)
		for (int i = 0; i < catalogs[c].n; i++)
			if (strcmp(catalogs[c].table[i].code, code) == 0)
				return zh ? catalogs[c].table[i].zh : catalogs[c].table[i].en;
	return NULL;
}

char *
leads_message(const char *lang, const char *code, int nargs, const char *const *args)
{
	const char *text = find_text(lang, code);
	StringInfoData buf;

	if (text == NULL)
		return pstrdup(code);
	initStringInfo(&buf);
	for (const char *p = text; *p; p++)
	{
		if (p[0] == '{' && p[1] >= '0' && p[1] <= '9' && p[2] == '}')
		{
			int			n = p[1] - '0';

			appendStringInfoString(&buf, n < nargs && args[n] ? args[n] : "-");
			p += 2;
		}
		else
			appendStringInfoChar(&buf, *p);
	}
	return buf.data;
}

char *
leads_message0(const char *lang, const char *code)
{
	return leads_message(lang, code, 0, NULL);
}

char *
leads_message1(const char *lang, const char *code, const char *a0)
{
	return leads_message(lang, code, 1, &a0);
}

char *
leads_message2(const char *lang, const char *code, const char *a0, const char *a1)
{
	const char *args[2] = {a0, a1};

	return leads_message(lang, code, 2, args);
}

char *
leads_clip(const char *s, int most_bytes)
{
	return pnstrdup(s, pg_mbcliplen(s, strlen(s), most_bytes));
}

char *
leads_message_time(const char *zone, int64 at)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			tz;
	pg_tz	   *tzone = pg_tzset(zone);

	if (at == LEADS_NO_TIME)
		return pstrdup("-");
	if (TIMESTAMP_NOT_FINITE(at) || tzone == NULL ||
		timestamp2tm(at, &tz, &tm, &fsec, NULL, tzone) != 0)
		return pstrdup(timestamptz_to_str(at));
	return psprintf("%04d-%02d-%02d %02d:%02d", tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min);
}
