/*
 * install.h - making, upgrading and removing a company.
 */
#ifndef LEADS_INSTALL_H
#define LEADS_INSTALL_H

/* number of the newest table step in this library */
extern int	leads_install_last_step(void);
/* have the tables (only: this one) the types and NOT NULLs that the steps gave them; the first fault, NULL if none */
extern char *leads_install_fault(Oid nsp, const char *only);
/* the SQL that install() runs, steps and repairs, text by text; NULL after the last */
extern const char *leads_install_text(int i);

#endif							/* LEADS_INSTALL_H */
