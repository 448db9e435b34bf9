/*
 * policy.h - versions of the rules.
 */
#ifndef LEADS_POLICY_H
#define LEADS_POLICY_H

#include "core/compat.h"
#include "core/leads.h"

typedef struct LeadsPolicy
{
	int32		version;		/* 0 = none active */
	Jsonb	   *body;			/* NULL if none */
} LeadsPolicy;

/* the published version of (kind, key '') that is active at an instant */
extern LeadsPolicy leads_policy_at(LeadsFrame *f, const char *kind, TimestampTz at);
/*
 * The same without its body, which may be large: *identity is a text (palloc'd) that no other version of any company
 * ever has in this database, whatever was rolled back, dropped or changed by hand.
 */
extern LeadsPolicy leads_policy_identity(LeadsFrame *f, const char *kind, TimestampTz at, char **identity);
/* one given version */
extern LeadsPolicy leads_policy_version(LeadsFrame *f, const char *kind, int32 version);
/* validate, store and activate; returns the version; LD014 */
extern int32 leads_policy_publish(LeadsFrame *f, const char *kind, const char *key, Jsonb *body, TimestampTz active_from);
/* what install() starts with: rules since ever, so that a past instant is never without rules */
extern void leads_policy_seed(LeadsFrame *f, const char *kind, const char *body);
extern int32 leads_policy_draft(LeadsFrame *f, const char *kind, const char *key, Jsonb *body);

/*
 * A validator checks one kind of document and raises LD014 with the JSON path of the
 * first fault; rooms that know a kind register theirs at load (hook table in pg_leads.c).
 */
typedef void (*LeadsPolicyValidator) (Jsonb *body);
extern void leads_policy_set_validator(const char *kind, LeadsPolicyValidator validator);
/*
 * A kind that rules what runs, too: its versions are active at once, and this is called in the transaction of the
 * publication, under the lock of the rules.
 */
typedef void (*LeadsPolicyPublished) (LeadsFrame *f);
extern void leads_policy_set_at_once(const char *kind, LeadsPolicyPublished published);
pg_noreturn extern void leads_policy_fault(const char *path, const char *fault);

/* the value of a key, NULL if it is absent; what is in a value, NULL if that is no object (or array, if one is wanted) */
extern JsonbValue *leads_json_field(JsonbContainer *object, const char *key);
extern JsonbContainer *leads_json_container(JsonbValue *v, bool array);
/* readers of jsonb objects, by key of the top level */
extern JsonbValue *leads_json_get(Jsonb *body, const char *key);
extern int64 leads_json_int(Jsonb *body, const char *key, int64 fallback);
extern double leads_json_float(Jsonb *body, const char *key, double fallback);
extern char *leads_json_text(Jsonb *body, const char *key);	/* NULL if absent */
extern bool leads_json_bool(Jsonb *body, const char *key, bool fallback);

#endif							/* LEADS_POLICY_H */
