/*
 * pool.h - moving between pools, asking for help, deleting.
 */
#ifndef LEADS_POOL_H
#define LEADS_POOL_H

extern void leads_pool_verbs_init(void);

#endif							/* LEADS_POOL_H */
