/*-------------------------------------------------------------------------
 *
 * phone.h
 *		Telephone numbers: what people type -> one comparable form.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_PHONE_H
#define LEADS_PHONE_H

#include "lib.h"

typedef enum LeadsPhoneKind
{
	LEADS_PHONE_NONE,			/* blank */
	LEADS_PHONE_INVALID,		/* never a key */
	LEADS_PHONE_MOBILE,
	LEADS_PHONE_LANDLINE,
	LEADS_PHONE_FOREIGN,
	LEADS_PHONE_SERVICE			/* 400, 800, 95xxx: weak */
} LeadsPhoneKind;

typedef struct LeadsPhone
{
	LeadsPhoneKind kind;
	bool		weak;			/* must not be a key on its own */
	char		norm[24];		/* digits; CN without +86, landline with area
								 * code (leading 0) and no dash; foreign
								 * "+<digits>"; "" for NONE and INVALID */
	char		ext[12];		/* extension, digits */
	char		tail[9];		/* last 8 digits of the number; "" for NONE and
								 * INVALID */
} LeadsPhone;

extern void leads_phone_parse(const char *s, size_t len, LeadsPhone *out);

#endif							/* LEADS_PHONE_H */
