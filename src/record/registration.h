/*
 * registration.h - keeper of attempts to register.
 */
#ifndef LEADS_REGISTRATION_H
#define LEADS_REGISTRATION_H

#include "core/leads.h"

typedef struct LeadsRegistration
{
	int64		id;
	int64		channel_id;
	const char *request_key;
	const char *request_hash;
	Jsonb	   *payload;
	const char *name;
	const char *scope;
	const char *outcome;
	const char *state;
	const char *reason;			/* code, NULL = none */
	const char *message;
	int64		customer_id;	/* 0 = none; so for all ids */
	int64		lead_id;
	int64		owner_id;
	int64		pool_id;
	TimestampTz protected_until;
	Jsonb	   *matches;		/* NULL = [] */
	int64		decision_id;
} LeadsRegistration;

/* the id is drawn first (lock order = id order), the row is written last */
extern int64 leads_registration_next(LeadsFrame *f);
extern void leads_registration_insert(LeadsFrame *f, const LeadsRegistration *r);
/* the stored answer under a request key, by the latest snapshot; false if there is none */
extern bool leads_registration_by_key(LeadsFrame *f, int64 channel_id, const char *key, LeadsRegistration *out);

#endif							/* LEADS_REGISTRATION_H */
