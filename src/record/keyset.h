/*
 * keyset.h - keeper of the rules that stored keys follow.
 */
#ifndef LEADS_KEYSET_H
#define LEADS_KEYSET_H

#include "core/leads.h"
#include "decide/match.h"

typedef enum LeadsKeyPhase
{
	LEADS_KEYS_STEADY,
	LEADS_KEYS_BUILDING,		/* whoever writes keys writes those of the next generation, too */
	LEADS_KEYS_DROPPING
} LeadsKeyPhase;

typedef struct LeadsKeyset
{
	int64		epoch;			/* another one after every change, never 0 */
	int32		generation;
	LeadsKeyPhase phase;
	bool		whole;
	int32		norm_v;			/* rules that stored keys follow */
	const uint8 *df;			/* NULL = the shipped one */
	const uint8 *next_df;		/* building: of the next generation */
} LeadsKeyset;

/*
 * The rules of this moment; true of all others who register as long as the gate is held.  From here on the
 * library makes the keys of this company.  Valid until the next call.
 */
extern const LeadsKeyset *leads_keyset(LeadsFrame *f);
/* the same; LD085 if the stored keys are of another version of the library */
extern const LeadsKeyset *leads_keyset_valid(LeadsFrame *f);
/* install(): say so if all keys have to be written anew */
extern void leads_keyset_mend(LeadsFrame *f);
/* the keys that a customer is to have by now: these, and while the next generation is being built those, too; LEADS_KEYS_BOTH */
extern int	leads_keyset_all(const LeadsKeyset *k, LeadsRecord *r, const LeadsKey *have, int n, LeadsKey *out);
/* write them, for one that has none */
extern void leads_keyset_write(LeadsFrame *f, int64 customer_id, LeadsRecord *r, const LeadsKey *keys, int n);

/* customers up to this id have what the phase is about */
extern int64 leads_keyset_done_to(LeadsFrame *f);

/* ---- for rekey() ---- */

typedef struct LeadsKeyState
{
	int32		generation;
	int32		next_generation;
	LeadsKeyPhase phase;
	bool		whole;
	int			runs;
	int64		after_id;
} LeadsKeyState;

/* the row, locked */
extern void leads_keyset_state(LeadsFrame *f, LeadsKeyState *out);
extern void leads_keyset_run(LeadsFrame *f);
/* with the gate held exclusively: from now on there are two sets */
extern void leads_keyset_build(LeadsFrame *f, const uint8 *df, int64 names, bool whole);
extern void leads_keyset_progress(LeadsFrame *f, int64 after_id, int64 done, int64 changed, TimestampTz at);
/* with the gate held exclusively: the second one is the one */
extern void leads_keyset_switch(LeadsFrame *f);
extern void leads_keyset_finish(LeadsFrame *f);

#endif							/* LEADS_KEYSET_H */
