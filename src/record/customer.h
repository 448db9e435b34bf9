/*
 * customer.h - keeper of customers, contacts, contact points and keys.
 */
#ifndef LEADS_CUSTOMER_H
#define LEADS_CUSTOMER_H

#include "core/leads.h"
#include "decide/match.h"

typedef struct LeadsCustomer
{
	int64		id;
	bool		person;
	const char *name;			/* NULL for a nameless person */
	const char *region;
	const char *city;
	const char *industry;
	const char *status;			/* live, merged, deleted */
	int64		merged_into;
	TimestampTz created_at;
	TimestampTz last_event_at;
} LeadsCustomer;

/*
 * Lock the row (FOR NO KEY UPDATE) and read it; a merged one leads to its survivor,
 * which is locked instead.  False if there is none.
 */
extern bool leads_customer_lock(LeadsFrame *f, int64 id, LeadsCustomer *out);
/* the same for the next of several, ascending; held: the highest locked so far. 40001 if it was merged into one below that somebody has */
extern bool leads_customer_lock_next(LeadsFrame *f, int64 id, int64 held, LeadsCustomer *out);
/*
 * Lock the very row, tombstones too, against rows that would refer to it (FOR UPDATE), and read it.  False
 * if there is none.  For who moves the rows of a customer.
 */
extern bool leads_customer_lock_whole(LeadsFrame *f, int64 id, LeadsCustomer *out);
/* read without lock; follows merges */
extern bool leads_customer_read(LeadsFrame *f, int64 id, LeadsCustomer *out);
/* lock without waiting: false also if another transaction has it (tick) */
extern bool leads_customer_try_lock(LeadsFrame *f, int64 id, LeadsCustomer *out);
/* the same for many, ascending: how many could be locked, and those */
extern int	leads_customers_try_lock(LeadsFrame *f, const int64 *ids, int n, LeadsCustomer **out);
/* the highest id there is; and the customers above one, at most so many, ascending; latest snapshot */
extern int64 leads_customer_newest(LeadsFrame *f);
extern int	leads_customer_since(LeadsFrame *f, int64 id, int most, int64 **ids);
/* last_event_at = f->now; every mutation ends with it */
extern void leads_customer_touch(LeadsFrame *f, int64 id);
/* a direct change of the name: the new core (NULL = none), and the old name still finds it */
extern void leads_customer_renamed(int64 id, const char *before, const char *core);

typedef struct LeadsNewCustomer
{
	bool		person;
	const char *name;
	const char *core;
	const char *region;
	const char *city;
	const char *industry;
	Jsonb	   *extra;			/* NULL = {} */
	TimestampTz created_at;
	int64		created_by;		/* 0 = system */
} LeadsNewCustomer;

/* fields anew, extra added to what there is; keys are left to the caller */
typedef struct LeadsRevision
{
	const char *name;
	const char *region;
	const char *city;
	const char *industry;
	Jsonb	   *extra;			/* NULL = nothing to add */
} LeadsRevision;

extern void leads_customer_revise(LeadsFrame *f, int64 id, const LeadsRevision *r);
extern bool leads_customer_has_extra(LeadsFrame *f, int64 id, Jsonb *extra);
extern bool leads_customer_has_contact(LeadsFrame *f, int64 id, const char *name);
extern bool leads_customer_has_point(LeadsFrame *f, int64 id, const char *kind, const char *norm);

extern int64 leads_customer_insert(LeadsFrame *f, const LeadsNewCustomer *c);
extern int64 leads_contact_insert(LeadsFrame *f, int64 customer_id, const char *name);
/* norm NULL = not valid, kept as typed; strong: may stand only once in the company */
extern void leads_contact_point_insert(LeadsFrame *f, int64 customer_id, int64 contact_id, const char *kind,
									   const char *raw, const char *norm, bool weak, bool strong);
/* ---- customer_contact.c: what comes later, and how it stands ---- */

typedef struct LeadsNewPoint
{
	const char *kind;			/* phone, email, uscc */
	const char *raw;
	const char *norm;
	bool		weak;
	bool		strong;			/* may stand only once in the company */
} LeadsNewPoint;

/* how it stands with the customer; row: the contact_point, or contact */
extern LeadsContactState leads_customer_point_state(LeadsFrame *f, int64 id, const char *kind, const char *norm, int64 *row);
extern LeadsContactState leads_customer_contact_state(LeadsFrame *f, int64 id, const char *name, int64 *row);
extern bool leads_customer_has_other_uscc(LeadsFrame *f, int64 id, const char *norm);
/* some other live customer is found by this value; key: its key */
extern bool leads_customer_others_have(LeadsFrame *f, int64 id, const LeadsKey *key, const char *kind, const char *norm);
/* live customers that have a value of this one as their strong key; latest snapshot */
extern int	leads_customer_strong_elsewhere(LeadsFrame *f, int64 id, int64 **ids);
/* how many came since then that were not confirmed */
extern int	leads_customer_unconfirmed_since(LeadsFrame *f, int64 id, TimestampTz since);
extern void leads_customer_add_point(LeadsFrame *f, int64 id, int64 contact_id, const LeadsNewPoint *p, LeadsContactState state);
extern int64 leads_customer_add_contact(LeadsFrame *f, int64 id, const char *name, LeadsContactState state);
extern void leads_customer_set_point(LeadsFrame *f, int64 row, LeadsContactState state, bool strong);
extern void leads_customer_set_contact(LeadsFrame *f, int64 row, LeadsContactState state);

/* int8[] */
extern Datum leads_id_array(const int64 *ids, int n);
/* of two generations of rules (keyset.h), at most */
#define LEADS_KEYS_BOTH (2 * LEADS_KEYS_MAX)

extern void leads_keys_insert(LeadsFrame *f, int64 customer_id, const LeadsKey *keys, int n);
/* how many of these a customer lacks; others: how many it has besides */
extern int	leads_keys_missing(LeadsFrame *f, int64 customer_id, const LeadsKey *keys, int n, int *others);
extern void leads_keys_delete(LeadsFrame *f, int64 customer_id);
/* keys for every live customer, if there are no keys at all */
extern void leads_keys_mend(LeadsFrame *f);

/*
 * Live customers among the ids, each with everything the scorer compares, or with its names and region
 * alone; latest snapshot.
 */
typedef void (*LeadsRecordReader) (int64 id, const char *name, const LeadsRecord *record, void *arg);
extern void leads_customer_records(LeadsFrame *f, const int64 *ids, int n, bool names_only,
								   LeadsRecordReader reader, void *arg);
/* the same for deleted ones */
extern void leads_customer_former_records(LeadsFrame *f, const int64 *ids, int n, LeadsRecordReader reader, void *arg);
/* keys by the rules of now for so many deleted ones with greater ids, besides what they have; the last id, 0 = there is none */
extern int64 leads_customer_formers_rekey(LeadsFrame *f, int64 after, int limit);
/* deleted ones that share a key: who comes back is not new to whoever had it */
extern void leads_customer_formers(LeadsFrame *f, const LeadsKey *keys, int n, LeadsRecordReader reader, void *arg);
extern void leads_customer_link_former(LeadsFrame *f, int64 customer_id, int64 former_id);
/* nothing finds it any more; its keys are remembered, its rows stay */
extern void leads_customer_delete(LeadsFrame *f, int64 id);
/* some customer has this strong key already; latest snapshot */
extern bool leads_strong_taken(LeadsFrame *f, const char *kind, const char *norm);
/* the same for one customer */
extern void leads_customer_record(LeadsFrame *f, int64 id, LeadsRecord *out);

/* one live customer as it was typed; the texts are the reader's only while it runs */
typedef struct LeadsCustomerText
{
	int64		id;
	bool		person;
	bool		named;			/* name[0] is its name, not a former one */
	int			nnames;
	const char *name[LEADS_RECORD_NAMES_MAX];
	const char *region;			/* or NULL */
	int			npoints;
	const char *point[25];		/* kind:raw */
	const char *contact;		/* or NULL */
} LeadsCustomerText;

typedef void (*LeadsCustomerReader) (const LeadsCustomerText *t, void *arg);
/* what the judge compares of it, as leads_customer_record() fills it */
extern void leads_customer_text_record(const LeadsCustomerText *t, LeadsRecord *out);
/* so many live customers with greater ids, in their order; returns how many there were */
extern int	leads_customer_texts(LeadsFrame *f, int64 after, int limit, LeadsCustomerReader reader, void *arg);

/*
 * Numbers that so many other customers have are weak from here on (company; shared_by 0: none is), and of the keys to look
 * by theirs are no longer read whole.  The stripes of the numbers are held, or it is advice.
 */
extern void leads_customer_weigh(LeadsFrame *f, int64 id, int shared_by, LeadsRecord *r, LeadsKey *keys, int nkeys);

typedef struct LeadsCandidate
{
	int64		customer_id;
	double		weight;			/* keys in common, rare ones and exact ones count more */
} LeadsCandidate;

/* a candidate at least as heavy shares a key that is exact */
#define LEADS_WEIGHT_EXACT 20.0

/* customers that share a key, heaviest first, at most cap; looks with the latest snapshot */
extern int	leads_customer_probe(LeadsFrame *f, const LeadsKey *keys, int n, LeadsCandidate *out, int cap);
/*
 * One of these customers became findable, or was keyed anew, after the transaction took its own snapshot
 * (REPEATABLE READ and above).  Who decides on such a one must refuse: later statements could not see it.
 */
extern bool leads_customer_unseen(LeadsFrame *f, const int64 *ids, int nids);
pg_noreturn extern void leads_customer_refuse_unseen(void);

#endif							/* LEADS_CUSTOMER_H */
