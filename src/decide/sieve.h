/*
 * sieve.h - which pairs of a whole table are worth the judge's time.
 */
#ifndef LEADS_SIEVE_H
#define LEADS_SIEVE_H

#include "lib/identity.h"

/* what is kept of a record while all others are compared with it; a plain value */
typedef struct LeadsSieve
{
	uint64_t	core;			/* the sounds of its core, a bit each of 64; 0 = always let it pass */
	uint64_t	whole;			/* of core, industry and branch */
	int16_t		province;		/* -1 = unknown */
	uint32_t	contact;		/* sounds of the contact person, and hotlines, two bits each: what no key stands for */
} LeadsSieve;

extern void leads_sieve_make(const LeadsRecord *r, LeadsSieve *out);

/* false: these two, sharing a key that is not exact, are nothing that the judge would call likely */
extern bool leads_sieve_pass(const LeadsSieve *a, const LeadsSieve *b);

#endif							/* LEADS_SIEVE_H */
