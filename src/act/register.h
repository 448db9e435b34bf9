/*
 * register.h - the one entrance.
 */
#ifndef LEADS_REGISTER_H
#define LEADS_REGISTER_H

#include "core/leads.h"

typedef struct LeadsRegisterArgs
{
	/* NULL = not sent */
	const char *name;
	const char *phone;
	const char *contact;
	const char *email;
	const char *region;
	const char *industry;
	Datum		amount;			/* numeric, 0 = not sent */
	const char *need;
	const char *channel;		/* NULL = manual */
	const char *line;
	const char *project;
	const char *uscc;
	const char *kind;			/* NULL = company */
	const char *by_member;
	Jsonb	   *extra;
	const char *request_key;
} LeadsRegisterArgs;

typedef struct LeadsRegisterAnswer
{
	int64		registration_id;
	const char *outcome;
	const char *reason;			/* code, NULL = none */
	const char *message;
	int64		customer_id;	/* 0 = none, or not to be seen by the caller */
	int64		lead_id;
	const char *owner;			/* code of the member, NULL = none */
	const char *pool;			/* code, NULL = none */
	TimestampTz protected_until;
	Jsonb	   *matches;		/* never NULL */
	int64		decision_id;
} LeadsRegisterAnswer;

/*
 * Register in a data schema (NULL = leads.schema).  The answer lies in the caller's memory.  A business
 * refusal is an outcome; raised are LD004, LD011, LD001 (unknown channel) and 22023 (malformed arguments).
 */
extern void leads_register_run(const char *schema, const LeadsRegisterArgs *args, LeadsRegisterAnswer *out);

extern void leads_register_init(void);

#endif							/* LEADS_REGISTER_H */
