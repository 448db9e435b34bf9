/*
 * register_input.h - private to act/register: what was sent, checked and put in order.
 */
#ifndef LEADS_REGISTER_INPUT_H
#define LEADS_REGISTER_INPUT_H

#include "act/register.h"
#include "decide/match.h"
#include "lib/email.h"
#include "lib/phone.h"
#include "lib/uscc.h"

#define LEADS_PAYLOAD_EXTRA (32 * 1024)	/* of extra, what is kept of an attempt */

typedef struct LeadsInput
{
	LeadsRegisterArgs arg;		/* cleaned: controls, zero-width and bidi characters gone, blanks NULL */
	bool		person;
	bool		stripped;		/* something was cleaned away */
	LeadsPhone	phone;
	LeadsEmail	email;
	LeadsUscc	uscc;
	bool		phone_ok;		/* sent and valid; so the others */
	bool		email_ok;
	bool		uscc_ok;
	const char *reason;			/* NULL = fine, else the code of the refusal */
	const char *reason_arg;
	LeadsRecord *record;		/* what the scorer compares */
	LeadsKey	keys[LEADS_KEYS_MAX];
	int			nkeys;
	int64		epoch;			/* of the rules that the keys follow, 0 = of none in particular */
	const char *core;			/* read from the name, NULL = nothing */
	const char *region;			/* given, else read from the name */
	const char *city;
	const char *industry;
	Jsonb	   *payload;		/* as sent, cut */
	char	   *hash;			/* of the content, for request_key */
} LeadsInput;

/* 22023 for arguments that no sender may send */
extern void leads_input_read(const LeadsRegisterArgs *args, bool inbound, LeadsInput *out);

/* what the scorer compares; region: as sent, or as stored (read from the name where none was sent) */
extern void leads_input_record(const LeadsInput *in, const char *region, LeadsRecord *r);

/* keys by the rules of this moment; with the gate held, of as long as it is held; LD085 */
extern void leads_input_keys(LeadsFrame *f, LeadsInput *in);

#endif							/* LEADS_REGISTER_INPUT_H */
