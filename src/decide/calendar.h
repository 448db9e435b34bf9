/*
 * calendar.h - the reader of calendar documents: from jsonb and a zone to working time.
 *
 * Values in, values out; never SPI.
 */
#ifndef LEADS_DECIDE_CALENDAR_H
#define LEADS_DECIDE_CALENDAR_H

#include "postgres.h"
#include "utils/jsonb.h"

#include "lib/calendar.h"

typedef struct LeadsWorkCalendar
{
	LeadsCalendar work;
	LeadsCalRange *freezes;		/* clocks of protection stand still; as instants */
	int			nfreezes;
} LeadsWorkCalendar;

/* the document that install() seeds */
extern const char *const leads_calendar_default;

/* LD014 with the JSON path of the first fault, a calendar without working slots included */
extern void leads_calendar_validate(Jsonb *body);
/* body NULL = the default document; in the memory of the caller; zone: unless the document names one */
extern void leads_calendar_read(Jsonb *body, const char *zone, LeadsWorkCalendar *out);

#endif							/* LEADS_DECIDE_CALENDAR_H */
