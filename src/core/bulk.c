/*
 * bulk.c - rows written one by one, or gathered and written many at a time.
 *
 * Purpose: an import writes ten rows a registration; a statement for each costs more than the rows.
 * Invariants: what is gathered is written before any statement that could miss it, so that a caller need not know; the
 * order of rows within a table is that of the calls, the order of tables that of their ranks (foreign keys); ids come
 * from the tables' own sequences, in blocks that are drawn for this bulk and end with it; answers of steady
 * statements are remembered no longer than the bulk.
 * Called by: record (inserts and changes), act/import and act/tick (begin, end), core/spi.
 */
#include "core/leads.h"

#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "core/bulk.h"

#define MEMO_SLOTS 512
#define NOTE_SLOTS 1024
#define MOST_BYTES (32 * 1024 * 1024)	/* gathered, then it is written */
#define IDS_LEAST 1

/* rows of one table */
typedef struct Gathered
{
	LeadsInsert *insert;
	int			ncols;
	int			n;
	int			room;
	Datum	   *values;			/* row after row */
	bool	   *nulls;
	int64	   *ids;			/* a block of them */
	int			nids;
	int			used;
} Gathered;

typedef struct Memo
{
	struct Memo *next;
	LeadsQuery *q;
	int			len;
	char	   *key;
	LeadsResult result;
} Memo;

typedef struct Note
{
	struct Note *next;
	char	   *text;
} Note;

typedef struct Bulk
{
	MemoryContext cxt;			/* for the length of the bulk */
	MemoryContext rows_cxt;		/* for what is gathered */
	int			rows;
	Gathered	tables[LEADS_RANKS];
	bool		any;
	size_t		bytes;
	bool		flushing;
	Memo	   *memos[MEMO_SLOTS];
	Note	   *notes[NOTE_SLOTS];
} Bulk;

/* ---- texts ---- */

static void
make_texts(LeadsInsert *i)
{
	MemoryContext old;
	int			n = strlen(i->format);
	StringInfoData one;
	StringInfoData many;

	if (i->one_text)
	{
		i->many.arrays = true;
		i->many.text = i->many_text;
		i->many.format = i->one.format = i->format;
		i->one.text = i->one_text;
		return;
	}
	old = MemoryContextSwitchTo(TopMemoryContext);
	initStringInfo(&one);
	initStringInfo(&many);
	appendStringInfo(&one, "INSERT INTO @.%s (%s)%s VALUES (", i->table, i->columns,
					 i->id == LEADS_ID_GIVEN ? " OVERRIDING SYSTEM VALUE" : "");
	appendStringInfo(&many, "INSERT INTO @.%s (%s%s)%s SELECT * FROM ROWS FROM (", i->table, i->columns,
					 i->id == LEADS_ID_MADE ? ", id" : "", i->id == LEADS_ID_NONE ? "" : " OVERRIDING SYSTEM VALUE");
	for (int k = 1; k <= n; k++)
	{
		appendStringInfo(&one, "%s$%d", k > 1 ? ", " : "", k);
		appendStringInfo(&many, "%spg_catalog.unnest($%d)", k > 1 ? ", " : "", k);
	}
	appendStringInfoString(&one, i->id == LEADS_ID_MADE ? ") RETURNING id" : ")");
	appendStringInfoString(&many, i->id == LEADS_ID_MADE ? psprintf(", pg_catalog.unnest($%d))", n + 1) : ")");
	i->many.arrays = true;
	i->many.format = i->id == LEADS_ID_MADE ? psprintf("%sl", i->format) : i->format;
	i->many.text = many.data;
	i->ids.aside = true;
	i->ids.format = "i";
	i->ids.text = psprintf("SELECT pg_catalog.nextval('@.%s_id_seq'::pg_catalog.regclass)"
						   " FROM pg_catalog.generate_series(1, $1)", i->table);
	i->one.format = i->format;
	i->one.text = one.data;		/* last: an error above leaves none */
	MemoryContextSwitchTo(old);
}

/* ---- gathering ---- */

static Gathered *
table_of(Bulk *b, LeadsInsert *i)
{
	Gathered   *g = &b->tables[i->rank];

	if (g->insert && g->insert != i)
		elog(ERROR, "two statements of one rank: %s", i->one.text);
	if (g->insert == NULL)
	{
		g->insert = i;
		g->ncols = strlen(i->many.format);
	}
	return g;
}

static int64
next_id(Bulk *b, Gathered *g)
{
	if (g->used == g->nids)
	{
		int			n = Max(b->rows, IDS_LEAST);
		LeadsResult r = leads_run(&g->insert->ids, n);

		if (g->ids == NULL)
			g->ids = MemoryContextAlloc(b->cxt, sizeof(int64) * n);
		for (int k = 0; k < n; k++)
			g->ids[k] = leads_int(&r, k, 1);
		SPI_freetuptable(r.table);
		g->nids = n;
		g->used = 0;
	}
	return g->ids[g->used++];
}

static void
keep_value(Bulk *b, Oid type, Datum *value)
{
	int16		len;
	bool		byval;

	get_typlenbyval(type, &len, &byval);
	if (byval)
		return;
	*value = datumCopy(*value, byval, len);
	b->bytes += len == -1 ? VARSIZE_ANY(DatumGetPointer(*value)) : len;
}

static int64
gather(LeadsFrame *f, Bulk *b, LeadsInsert *i, const Datum *values, const char *nulls)
{
	Gathered   *g = table_of(b, i);
	int64		id = i->id == LEADS_ID_MADE ? next_id(b, g) : 0;
	MemoryContext old = MemoryContextSwitchTo(b->rows_cxt);
	int			given = strlen(i->format);
	int			row = g->n;
	Datum	   *v;
	bool	   *null;

	if (i->last)
		for (row = 0; row < g->n && g->values[row * g->ncols] != values[0]; row++);
	if (row == g->room)
	{
		int			room = g->room ? g->room * 2 : 64;
		Datum	   *more = palloc(sizeof(Datum) * room * g->ncols);
		bool	   *more_nulls = palloc(room * g->ncols);

		if (g->n > 0)
		{
			memcpy(more, g->values, sizeof(Datum) * g->n * g->ncols);
			memcpy(more_nulls, g->nulls, g->n * g->ncols);
		}
		g->values = more;
		g->nulls = more_nulls;
		g->room = room;
	}
	v = g->values + row * g->ncols;
	null = g->nulls + row * g->ncols;
	for (int k = 0; k < given; k++)
	{
		null[k] = nulls[k] == 'n';
		v[k] = values[k];
		if (!null[k])
			keep_value(b, leads_letter_type(i->format[k]), &v[k]);
	}
	if (i->id == LEADS_ID_MADE)
	{
		v[given] = Int64GetDatum(id);
		null[given] = false;
	}
	g->n = Max(g->n, row + 1);
	b->any = true;
	b->bytes += (sizeof(Datum) + 1) * g->ncols;
	MemoryContextSwitchTo(old);
	if (b->bytes > MOST_BYTES)
		leads_bulk_flush(f);
	return id;
}

static void
write_table(Gathered *g)
{
	LeadsInsert *i = g->insert;
	Datum	   *arrays = palloc(sizeof(Datum) * g->ncols);
	Datum	   *column = palloc(sizeof(Datum) * g->n);
	bool	   *nulls = palloc(g->n);
	char	   *none = palloc(g->ncols);
	int			dims = g->n;
	int			low = 1;

	for (int k = 0; k < g->ncols; k++)
	{
		Oid			type = leads_letter_type(i->many.format[k]);
		int16		len;
		bool		byval;
		char		align;

		get_typlenbyvalalign(type, &len, &byval, &align);
		for (int r = 0; r < g->n; r++)
		{
			column[r] = g->values[r * g->ncols + k];
			nulls[r] = g->nulls[r * g->ncols + k];
		}
		arrays[k] = PointerGetDatum(construct_md_array(column, nulls, 1, &dims, &low, type, len, byval, align));
		none[k] = ' ';
	}
	if (leads_run_values(&i->many, arrays, none).n != g->n && i->exact)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("a row was changed by somebody else meanwhile"),
				 errhint("Retry the transaction.")));
}

void
leads_bulk_flush(LeadsFrame *f)
{
	Bulk	   *b = f->bulk;
	MemoryContext cxt;
	MemoryContext old;

	if (b == NULL || !b->any || b->flushing)
		return;
	b->flushing = true;
	cxt = AllocSetContextCreate(b->cxt, "leads bulk flush", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(cxt);
	for (int k = 0; k < LEADS_RANKS; k++)
	{
		Gathered   *g = &b->tables[k];

		if (g->n > 0)
			write_table(g);
		g->n = g->room = 0;
		g->values = NULL;
		g->nulls = NULL;
		MemoryContextReset(cxt);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
	MemoryContextReset(b->rows_cxt);
	memset(b->notes, 0, sizeof(b->notes));
	b->bytes = 0;
	b->any = b->flushing = false;
}

void
leads_bulk_begin(LeadsFrame *f, MemoryContext parent, int rows)
{
	MemoryContext cxt = AllocSetContextCreate(parent, "leads bulk", ALLOCSET_DEFAULT_SIZES);
	Bulk	   *b = MemoryContextAllocZero(cxt, sizeof(Bulk));

	b->cxt = cxt;
	b->rows_cxt = AllocSetContextCreate(cxt, "leads bulk rows", ALLOCSET_DEFAULT_SIZES);
	b->rows = rows;
	f->bulk = b;
}

void
leads_bulk_end(LeadsFrame *f)
{
	leads_bulk_flush(f);
	leads_bulk_forget(f);
}

void
leads_bulk_forget(LeadsFrame *f)
{
	Bulk	   *b = f->bulk;

	f->bulk = NULL;
	if (b)
		MemoryContextDelete(b->cxt);
}

int64
leads_insert(LeadsFrame *f, LeadsInsert *i,...)
{
	Bulk	   *b = f->bulk;
	Datum		values[LEADS_SPI_ARGS];
	char		nulls[LEADS_SPI_ARGS];
	va_list		ap;
	LeadsResult r;

	if (i->one.text == NULL)
		make_texts(i);
	va_start(ap, i);
	leads_read_args(i->format, ap, values, nulls);
	va_end(ap);
	if (b)
		return gather(f, b, i, values, nulls);
	r = leads_run_values(&i->one, values, nulls);
	return i->id == LEADS_ID_MADE ? leads_int(&r, 0, 1) : 0;
}

uint64
leads_change(LeadsFrame *f, LeadsInsert *i,...)
{
	Bulk	   *b = f->bulk;
	Datum		values[LEADS_SPI_ARGS];
	char		nulls[LEADS_SPI_ARGS];
	va_list		ap;

	if (i->one.text == NULL)
		make_texts(i);
	va_start(ap, i);
	leads_read_args(i->format, ap, values, nulls);
	va_end(ap);
	if (b == NULL)
		return leads_run_values(&i->one, values, nulls).n;
	(void) gather(f, b, i, values, nulls);
	return 1;
}

int64
leads_insert_id(LeadsFrame *f, LeadsInsert *i)
{
	Bulk	   *b = f->bulk;
	LeadsResult r;

	if (i->one.text == NULL)
		make_texts(i);
	if (b)
		return next_id(b, table_of(b, i));
	r = leads_run(&i->ids, 1);
	return leads_int(&r, 0, 1);
}

/* ---- values not yet to be seen ---- */

static Note **
note_slot(Bulk *b, const char *text)
{
	return &b->notes[hash_bytes((const unsigned char *) text, strlen(text)) % NOTE_SLOTS];
}

void
leads_bulk_note(LeadsFrame *f, const char *kind, const char *value)
{
	Bulk	   *b = f->bulk;
	MemoryContext old;
	Note	   *n;
	Note	  **slot;

	if (b == NULL)
		return;
	old = MemoryContextSwitchTo(b->rows_cxt);
	n = palloc(sizeof(Note));
	n->text = psprintf("%s:%s", kind, value);
	slot = note_slot(b, n->text);
	n->next = *slot;
	*slot = n;
	MemoryContextSwitchTo(old);
}

bool
leads_bulk_noted(LeadsFrame *f, const char *kind, const char *value)
{
	Bulk	   *b = f->bulk;
	char	   *text;

	if (b == NULL || !b->any)
		return false;
	text = psprintf("%s:%s", kind, value);
	for (Note *n = *note_slot(b, text); n; n = n->next)
		if (strcmp(n->text, text) == 0)
			return true;
	return false;
}

/* ---- answers remembered ---- */

static char *
memo_key(LeadsQuery *q, const Datum *values, const char *nulls, int *len)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int k = 0; q->format[k]; k++)
	{
		appendStringInfoChar(&buf, nulls[k]);
		if (nulls[k] == 'n')
			continue;
		if (get_typbyval(leads_letter_type(q->format[k])))
			appendBinaryStringInfo(&buf, (const char *) &values[k], sizeof(Datum));
		else
			appendBinaryStringInfo(&buf, DatumGetPointer(values[k]), VARSIZE_ANY(DatumGetPointer(values[k])));
	}
	*len = buf.len;
	return buf.data;
}

static Memo **
memo_slot(Bulk *b, LeadsQuery *q, const char *key, int len)
{
	uint32		h = hash_bytes((const unsigned char *) key, len) ^
		hash_bytes((const unsigned char *) &q, sizeof(q));

	return &b->memos[h % MEMO_SLOTS];
}

bool
leads_bulk_before(LeadsFrame *f, LeadsQuery *q, const Datum *values, const char *nulls, LeadsResult *r)
{
	Bulk	   *b = f->bulk;
	char	   *key;
	int			len;

	if (b->flushing || q->aside)
		return false;
	if (!q->steady)
	{
		leads_bulk_flush(f);
		return false;
	}
	key = memo_key(q, values, nulls, &len);
	for (Memo *m = *memo_slot(b, q, key, len); m; m = m->next)
		if (m->q == q && m->len == len && memcmp(m->key, key, len) == 0)
		{
			*r = m->result;
			pfree(key);
			return true;
		}
	pfree(key);
	return false;
}

void
leads_bulk_after(LeadsFrame *f, LeadsQuery *q, const Datum *values, const char *nulls, LeadsResult *r)
{
	Bulk	   *b = f->bulk;
	MemoryContext old;
	Memo	   *m;
	Memo	  **slot;

	if (b == NULL || b->flushing || !q->steady)
		return;
	old = MemoryContextSwitchTo(b->cxt);
	m = palloc0(sizeof(Memo));
	m->q = q;
	m->key = memo_key(q, values, nulls, &m->len);
	m->result.n = r->n;
	if (r->table)
	{
		SPITupleTable *t = palloc0(sizeof(SPITupleTable));

		t->tupdesc = CreateTupleDescCopy(r->table->tupdesc);
		t->vals = palloc(sizeof(HeapTuple) * Max(r->n, 1));
		for (uint64 k = 0; k < r->n; k++)
			t->vals[k] = heap_copytuple(r->table->vals[k]);
		t->numvals = t->alloced = r->n;
		m->result.table = t;
	}
	slot = memo_slot(b, q, m->key, m->len);
	m->next = *slot;
	*slot = m;
	MemoryContextSwitchTo(old);
}
