/*
 * extension.h - extensions of a protection, by oneself or by approval.
 */
#ifndef LEADS_ACT_EXTENSION_H
#define LEADS_ACT_EXTENSION_H

extern void leads_extension_init(void);

#endif							/* LEADS_ACT_EXTENSION_H */
