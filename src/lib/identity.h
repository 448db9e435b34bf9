/*-------------------------------------------------------------------------
 *
 * identity.h
 *		What identifies a customer: parsed names, contact points, keys.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_IDENTITY_H
#define LEADS_IDENTITY_H

#include "company_name.h"
#include "keys.h"

/* a survivor of merges bears many names */
#define LEADS_RECORD_NAMES_MAX	24
#define LEADS_RECORD_PHONES_MAX 16
#define LEADS_RECORD_EMAILS_MAX 8
#define LEADS_RECORD_CONTACT_MAX 32

/*
 * What the judge knows of a customer.  A plain value: copy it (leads_record_bytes), keep it for one
 * LEADS_NORM_VERSION.  Filled by the functions below only.
 */
typedef struct LeadsRecord
{
	bool		person;
	bool		has_uscc;
	uint8_t		nnames;			/* [0] is the name, others former or short */
	uint8_t		nphones;
	uint8_t		nemails;
	uint8_t		ncontact;
	int16_t		region;			/* given separately, -1 = not */
	int16_t		nkeys;			/* -1: keys not made yet */
	struct
	{
		char		norm[24];
		bool		weak;
		bool		mobile;
	}			phone[LEADS_RECORD_PHONES_MAX];
	struct
	{
		int64_t		norm;		/* hashes */
		int64_t		domain;
		bool		weak;		/* a role box */
		bool		free;		/* a free-mail provider */
	}			email[LEADS_RECORD_EMAILS_MAX];
	char		uscc[19];
	uint32_t	contact[LEADS_RECORD_CONTACT_MAX];
	LeadsKey	keys[LEADS_KEYS_MAX];	/* by leads_record_prepare */
	LeadsKey	contact_keys[2 * LEADS_RECORD_EMAILS_MAX + LEADS_RECORD_PHONES_MAX + 1];
	uint8_t		ncontact_keys;
	LeadsName	name[LEADS_RECORD_NAMES_MAX];
} LeadsRecord;

/* room for a record of so many names at most; what of one is in use */
#define LEADS_RECORD_ROOM(names) (offsetof(LeadsRecord, name) + (names) * sizeof(LeadsName))
#define leads_record_bytes(r) LEADS_RECORD_ROOM((r)->nnames)

extern void leads_record_init(LeadsRecord *r, bool person);

/* Blank or invalid values, and those beyond the room there is, are ignored. */
extern void leads_record_add_name(LeadsRecord *r, const char *s, size_t len);
extern void leads_record_set_region(LeadsRecord *r, const char *s, size_t len);
extern void leads_record_set_contact(LeadsRecord *r, const char *s, size_t len);
extern void leads_record_add_phone(LeadsRecord *r, const char *s, size_t len);
extern void leads_record_add_email(LeadsRecord *r, const char *s, size_t len);
extern void leads_record_set_uscc(LeadsRecord *r, const char *s, size_t len);

/* The record's keys, sorted, distinct by key; returns their count. */
extern int	leads_record_keys(const LeadsRecord *r, LeadsKey *out, int cap);

/* Optional: make the keys once for many leads_match_score calls. */
extern void leads_record_prepare(LeadsRecord *r);

/* how a number, address or person stands with a customer: only confirmed ones go into its record */
typedef enum LeadsContactState
{
	LEADS_CONTACT_NONE,
	LEADS_CONTACT_CONFIRMED,
	LEADS_CONTACT_UNCONFIRMED,
	LEADS_CONTACT_REFUSED
} LeadsContactState;

extern const char *leads_contact_state_name(LeadsContactState state);
extern LeadsContactState leads_contact_state_read(const char *name);

/* how sure the judge of identity is; thresholds are policy */
typedef enum LeadsBand
{
	LEADS_BAND_NEW,
	LEADS_BAND_POSSIBLE,
	LEADS_BAND_LIKELY,
	LEADS_BAND_CERTAIN
} LeadsBand;

#endif							/* LEADS_IDENTITY_H */
