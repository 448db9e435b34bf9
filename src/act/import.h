/*
 * import.h - bulk import.
 */
#ifndef LEADS_ACT_IMPORT_H
#define LEADS_ACT_IMPORT_H

extern void leads_import_init(void);

#endif							/* LEADS_ACT_IMPORT_H */
