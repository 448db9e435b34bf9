/*
 * funnel_work.h - inside the room of funnels: one funnel being counted.
 */
#ifndef LEADS_FUNNEL_WORK_H
#define LEADS_FUNNEL_WORK_H

#include "core/leads.h"

#include "utils/hsearch.h"

#include "core/month.h"
#include "core/stream.h"
#include "read/funnel.h"
#include "lib/journey_union.h"

#define SEGMENT_KEY 1024		/* a region of 200 characters, whatever they are */
#define SEGMENTS_NEAR 4096

typedef struct LeadsFunnelWork Funnel;

typedef struct Step
{
	const char *code;
	const char *label;
} Step;

/* open leads that one entry of a rollup tells of */
typedef struct OpenLeads
{
	TimestampTz since;			/* beginning of the day on which they began, or the instant */
	int32		step;
	int64		n;
} OpenLeads;

/* registrations, where the funnel begins with them */
typedef struct Registered
{
	int64		entered;
	int64		advanced;
	int64		lost;
	int64		open;
} Registered;

typedef struct Segment
{
	int64		id;				/* channel, owner, month */
	const char *text;			/* region, "" = none */
	const char *name;
	LeadsFunnelCell cell;
	LeadsFunnelCell *shadow;	/* of leads that are asked only how old they are, or of the one that is told of; NULL = none */
	bool		touched;		/* the lead that is told of counts here */
	OpenLeads  *open;			/* open leads of rollups, by when they began */
	int			nopen;
	int			open_room;
	Registered *registered;		/* NULL = none */
} Segment;

typedef struct IdEntry
{
	int64		id;
	Segment    *segment;
} IdEntry;

typedef struct RegionEntry
{
	int64		id;
	const char *text;
} RegionEntry;

typedef struct TextEntry
{
	char		text[SEGMENT_KEY];
	Segment    *segment;
} TextEntry;

typedef struct LapsedEntry
{
	int64		lead_id;
	TimestampTz due;
} LapsedEntry;

/* what a lead counts in a segment is in s->shadow */
typedef void (*LeadsFunnelTell) (void *arg, const Segment *s, int64 lead_id, TimestampTz begun_at);

struct LeadsFunnelWork
{
	DestReceiver dest;			/* must be first: the executor hands rows to it */
	const LeadsFunnelAsk *ask;
	LeadsFrame *f;
	LeadsFunnelRule rule;
	Step		steps[LEADS_FUNNEL_STEPS];
	bool		has_won;		/* the last step is the win */
	MemoryContext cxt;
	HTAB	   *ids;
	HTAB	   *texts;
	HTAB	   *regions;		/* texts of their numbers, NULL = they are not asked for */
	Segment    *last;			/* segment of the row before */
	Segment    *near[SEGMENTS_NEAR];	/* those with small ids */
	List	   *segments;
	HTAB	   *lapsed;			/* NULL = none */
	LeadsHistogram closing;
	LeadsWalk	walk;
	LeadsWalk	limited;		/* the same lead, up to the limit of one attempt */
	LeadsMonths months;
	bool		plain;			/* most journeys need no walk */
	LeadsFunnelQuick table;
	LeadsFunnelPlain lead;		/* the one that is counted now, if it is plain */
	TimestampTz since;			/* of the leads that are read now */
	TimestampTz until;
	bool		shadow;			/* they are only asked how old they are, or told of one by one */
	LeadsFunnelTell tell;		/* told of each lead in each segment where it counts; NULL = figures are asked for */
	void	   *tell_arg;
	List	   *touched;		/* segments of the lead that comes now */
	TimestampTz begun_at;		/* of a lead of a delta */
	bool		from_rollups;
	TimestampTz rolled_since;	/* what of the period is from rollups */
	TimestampTz rolled_until;
	int			young_bucket;	/* ages of earlier buckets are young */
	TimestampTz young_from;		/* beginning of the first day of which all leads are */

	/* columns of a row of lead_journey, 0 = not asked for, and the last of them */
	int			at_lead;
	int			at_journey;
	int			at_key;
	int			columns;

	/* leads whose journeys say another family than there was at as_of; these are counted from events */
	Datum		others;			/* int8[]; 0 = none */

	/* from events: the lead whose rows come now, and those that are one with it */
	bool		any;
	int64		lead_id;
	int64		key;
	char		text[SEGMENT_KEY];
	LeadsJourneyUnion whole;
};

/* ask lives as long as the funnel; leads_funnel_pass() then reads what is asked for */
extern Funnel *leads_funnel_begin(LeadsFrame *f, const LeadsFunnelAsk *ask);
extern void leads_funnel_pass(Funnel *fn);
/* as rows say it; not while a pass is under way */
extern const char *leads_funnel_segment_name(Funnel *fn, const Segment *s);

/* run a text with fn->since, until, as_of, the members, now and fn->others as $1 to $6 */
extern void leads_funnel_run(Funnel *fn, const char *sql, LeadsReceive receive);
/* journeys of leads that began in [fn->since, fn->until) */
extern void leads_funnel_journeys(Funnel *fn);
/* one lead; key: channel or creator, or the number of a region if region is NULL; sign -1 takes it away */
extern void leads_funnel_lead(Funnel *fn, int sign, const void *bytes, size_t len, int64 lead_id, int64 key,
							  const char *region);
/* rows of lead_journey as they lie in the table */
extern void leads_funnel_journeys_begin(DestReceiver *self, int operation, TupleDesc desc);
extern bool leads_funnel_receive_journey(TupleTableSlot *slot, DestReceiver *self);
/* what a segment is told by: a column of channels or one of creators; NULL = neither */
extern const char *leads_funnel_key(const LeadsFunnelAsk *ask, const char *channel, const char *creator);
extern Segment *leads_funnel_segment_id(Funnel *fn, int64 id);
extern Segment *leads_funnel_segment_text(Funnel *fn, const char *text, int len);

/* stage 0; false: the company's funnel does not begin with registrations */
extern bool leads_funnel_registrations(Funnel *fn);

/*
 * Whole months of rollups, the rest of the period of journeys.  False: this funnel is not in rollups, and nothing was
 * counted.
 */
extern bool leads_funnel_rollups(Funnel *fn);
/* after all is counted: which leads are too young to be judged */
extern void leads_funnel_age(Funnel *fn);
extern int64 leads_funnel_young(const Funnel *fn, const Segment *s, int step);

#endif							/* LEADS_FUNNEL_WORK_H */
