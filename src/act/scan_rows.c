/*
 * scan_rows.c - the rows of a scan: their texts, their keys, who was told apart.
 *
 * Purpose: take rows in from whatever table, keep of each what comparing needs.
 * Invariants: the texts of a row lie one after the other in the order they came, a byte that says what they are and
 * their length before each; in memory until half of maintenance_work_mem is full, then in a file; the checksum
 * covers everything that the answer depends on.
 * Called by: act/scan_read, act/scan_join.
 */
#include "core/leads.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "act/scan_join.h"

#define TEXT_MOST 1000			/* bytes of one text */

LeadsScan *
leads_scan_begin(MemoryContext cxt, const LeadsMatchModel *model, const uint8 *df, LeadsBand least)
{
	LeadsScan  *s = MemoryContextAllocZero(cxt, sizeof(LeadsScan));
	MemoryContext old = MemoryContextSwitchTo(cxt);
	Size		memory = (Size) maintenance_work_mem * 1024;

	s->cxt = cxt;
	s->model = *model;
	s->least = least;
	s->texts_most = memory / 2;
	s->loaded[0] = s->loaded[1] = -1;
	s->record[0] = palloc(sizeof(LeadsRecord));
	s->record[1] = palloc(sizeof(LeadsRecord));
	s->checksum = hash_bytes_extended((const unsigned char *) model, sizeof(LeadsMatchModel), LEADS_NORM_VERSION);
	s->checksum = hash_bytes_extended((const unsigned char *) LEADS_VERSION, strlen(LEADS_VERSION), s->checksum + least);
	if (df)
	{
		s->df = palloc(LEADS_DF_SIZE);
		memcpy(s->df, df, LEADS_DF_SIZE);
		s->checksum = hash_bytes_extended(df, LEADS_DF_SIZE, s->checksum);
	}
	initStringInfo(&s->row);
	leads_pile_begin(&s->keys, cxt, 64, memory / 2);
	MemoryContextSwitchTo(old);
	return s;
}

/* ---- rows ---- */

void
leads_scan_row_begin(LeadsScan *s)
{
	resetStringInfo(&s->row);
}

void
leads_scan_row_text(LeadsScan *s, LeadsScanTag tag, const char *text)
{
	Size		len;
	uint16		n;

	if (text == NULL || text[0] == '\0')
		return;
	len = strlen(text);
	if (len > TEXT_MOST)
		len = strlen(text = leads_clip(text, TEXT_MOST));
	n = (uint16) len;
	appendStringInfoChar(&s->row, (char) tag);
	appendBinaryStringInfo(&s->row, (char *) &n, sizeof(n));
	appendBinaryStringInfo(&s->row, text, n);
}

void
leads_scan_parse(const char *line, Size len, LeadsRecord *r)
{
	Size		i = 0;

	leads_record_init(r, len > 0 && line[0] == LEADS_SCAN_PERSON);
	while (i < len)
	{
		char		tag = line[i];
		uint16		n;
		const char *text;

		memcpy(&n, line + i + 1, sizeof(n));
		text = line + i + 1 + sizeof(n);
		i += 1 + sizeof(n) + n;
		switch (tag)
		{
			case LEADS_SCAN_NAME:
			case LEADS_SCAN_FORMER:
				leads_record_add_name(r, text, n);
				break;
			case LEADS_SCAN_REGION:
				leads_record_set_region(r, text, n);
				break;
			case LEADS_SCAN_PHONE:
				leads_record_add_phone(r, text, n);
				break;
			case LEADS_SCAN_EMAIL:
				leads_record_add_email(r, text, n);
				break;
			case LEADS_SCAN_USCC:
				leads_record_set_uscc(r, text, n);
				break;
			case LEADS_SCAN_CONTACT:
				leads_record_set_contact(r, text, n);
				break;
		}
	}
}

/* texts outgrow the memory: they live in a file from now on */
static void
to_file(LeadsScan *s)
{
	MemoryContext old = MemoryContextSwitchTo(s->cxt);

	s->file = BufFileCreateTemp(true);
	BufFileWrite(s->file, s->texts, s->used);
	pfree(s->texts);
	s->texts = NULL;
	MemoryContextSwitchTo(old);
}

static void
keep_texts(LeadsScan *s)
{
	Size		len = (Size) s->row.len;

	if (s->file == NULL && s->used + len > s->texts_room)
	{
		Size		room = Max(s->texts_room * 2, 65536);

		if (room > s->texts_most && s->texts)
			to_file(s);
		else
		{
			s->texts = s->texts ? repalloc_huge(s->texts, room) : MemoryContextAllocHuge(s->cxt, room);
			s->texts_room = room;
		}
	}
	if (s->file)
		BufFileWrite(s->file, s->row.data, len);
	else
		memcpy(s->texts + s->used, s->row.data, len);
	s->used += len;
	s->line_room = Max(s->line_room, len);
}

void *
leads_scan_enlarged(MemoryContext cxt, void *p, Size size)
{
	return p ? repalloc_huge(p, size) : MemoryContextAllocHuge(cxt, size);
}

void
leads_scan_row_end(LeadsScan *s, int64 customer_id)
{
	LeadsRecord *r = s->record[0];
	LeadsKey	keys[LEADS_KEYS_MAX];
	int			n;

	if (s->n >= s->room - 1)
	{
		if ((uint64) s->n >= LEADS_SCAN_ROW_MASK)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("a scan takes " UINT64_FORMAT " rows at most", LEADS_SCAN_ROW_MASK)));
		s->room = Max(1024, s->room * 2);
		s->at = leads_scan_enlarged(s->cxt, s->at, sizeof(uint64) * s->room);
		s->sieve = leads_scan_enlarged(s->cxt, s->sieve, sizeof(LeadsSieve) * s->room);
		if (customer_id != 0)
			s->ids = leads_scan_enlarged(s->cxt, s->ids, sizeof(int64) * s->room);
	}
	leads_scan_parse(s->row.data, s->row.len, r);
	/* a view that is read may call into another company */
	leads_keys_use(s->df);
	n = leads_record_keys(r, keys, LEADS_KEYS_MAX);
	for (int i = 0; i < n; i++)
		leads_pile_add(&s->keys,
					   ((uint64) keys[i].key >> LEADS_SCAN_KEY_SHIFT << LEADS_SCAN_KEY_SHIFT) | ((uint64) s->n << 2) |
					   (keys[i].exact ? LEADS_SCAN_EXACT : 0) | (keys[i].exact || keys[i].kind == LEADS_KEY_DOMAIN ? LEADS_SCAN_ALWAYS : 0));
	leads_sieve_make(r, &s->sieve[s->n]);
	s->checksum = hash_bytes_extended((unsigned char *) s->row.data, s->row.len, s->checksum);
	s->at[s->n] = s->used;
	keep_texts(s);
	if (customer_id != 0)
		s->ids[s->n] = customer_id;
	s->at[++s->n] = s->used;
}

const char *
leads_scan_line(LeadsScan *s, int32 row, Size *len)
{
	*len = s->at[row + 1] - s->at[row];
	if (s->file == NULL)
		return s->texts + s->at[row];
	if (s->line == NULL)
		s->line = MemoryContextAlloc(s->cxt, s->line_room);
	if (BufFileSeek(s->file, 0, (off_t) s->at[row], SEEK_SET) != 0 || BufFileRead(s->file, s->line, *len) != *len)
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not read a temporary file of the scan")));
	return s->line;
}

char *
leads_scan_text(LeadsScan *s, int32 row, LeadsScanTag tag)
{
	Size		len;
	const char *line = leads_scan_line(s, row, &len);

	for (Size i = 0; i < len;)
	{
		uint16		n;

		memcpy(&n, line + i + 1, sizeof(n));
		if (line[i] == (char) tag)
			return pnstrdup(line + i + 1 + sizeof(n), n);
		i += 1 + sizeof(n) + n;
	}
	return NULL;
}

/* ---- who was told apart ---- */

/* the row of a customer, -1 = it was not read */
static int32
row_of(LeadsScan *s, int64 id)
{
	int32		low = 0,
				high = s->n;

	while (low < high)
	{
		int32		mid = low + (high - low) / 2;

		if (s->ids[mid] < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->n && s->ids[low] == id ? low : -1;
}

/* called in ascending order of the two */
void
leads_scan_part_pair(LeadsScan *s, int64 low_id, int64 high_id)
{
	int32		a,
				b;
	uint64		both[2];

	if (s->n == 0)
		return;
	a = row_of(s, low_id);
	b = row_of(s, high_id);
	if (a < 0 || b < 0)
		return;
	if (s->nparted == s->parted_room)
	{
		s->parted_room = Max(256, s->parted_room * 2);
		s->parted = leads_scan_enlarged(s->cxt, s->parted, sizeof(uint64) * s->parted_room);
	}
	s->parted[s->nparted++] = both[0] = LEADS_SCAN_PAIR(a, b);
	both[1] = 1;
	s->checksum = hash_bytes_extended((unsigned char *) both, sizeof(both), s->checksum);
}

bool
leads_scan_parted(LeadsScan *s, int32 a, int32 b)
{
	uint64		pair = LEADS_SCAN_PAIR(Min(a, b), Max(a, b));
	Size		low = 0,
				high = s->nparted;

	while (low < high)
	{
		Size		mid = low + (high - low) / 2;

		if (s->parted[mid] < pair)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->nparted && s->parted[low] == pair;
}
