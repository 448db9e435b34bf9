/*
 * merge.h - several customers become one, and are taken apart again.
 */
#ifndef LEADS_ACT_MERGE_H
#define LEADS_ACT_MERGE_H

extern void leads_merge_init(void);

#endif							/* LEADS_ACT_MERGE_H */
