/*
 * duplicate.h - looking for duplicates without registering, and telling customers apart.
 */
#ifndef LEADS_DUPLICATE_H
#define LEADS_DUPLICATE_H

extern void leads_duplicate_init(void);

#endif							/* LEADS_DUPLICATE_H */
