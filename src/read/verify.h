/*
 * verify.h - does what is stored obey the law?
 */
#ifndef LEADS_VERIFY_H
#define LEADS_VERIFY_H

#include "core/leads.h"

#define LEADS_VERIFY_MOST 1000	/* rows a check may list */

/* one row of the answer; code and args as for leads_message() */
extern void leads_verify_put(ReturnSetInfo *rsi, const char *lang, const char *invariant, const char *subject,
							 const char *code, int nargs, const char *const *args);
/* I7: deadlines as their policy versions say (verify_judged.c) */
extern void leads_verify_deadlines(LeadsFrame *f, ReturnSetInfo *rsi);
/* I4: no two customers that the judge of identity calls one (verify_judged.c) */
extern void leads_verify_pairs(LeadsFrame *f, ReturnSetInfo *rsi);

/* I10: journeys are what the events say (verify_judged.c); false: some are not, and may be damaged */
extern bool leads_verify_journeys(LeadsFrame *f, ReturnSetInfo *rsi);
/* I4: the stored keys are those that the stored names give (verify_keys.c) */
extern void leads_verify_keys(LeadsFrame *f, ReturnSetInfo *rsi);

/* I15: figures of people add up to those of the whole (verify_sums.c) */
extern void leads_verify_sums(LeadsFrame *f, ReturnSetInfo *rsi);

/* hands in the texts */
extern void leads_verify_init(void);
extern void leads_verify_judged_init(void);
extern void leads_verify_keys_init(void);
extern void leads_verify_sums_init(void);

#endif							/* LEADS_VERIFY_H */
