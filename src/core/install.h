/*
 * install.h - making, upgrading and removing a company.
 */
#ifndef LEADS_INSTALL_H
#define LEADS_INSTALL_H

/* number of the newest table step in this library */
extern int	leads_install_last_step(void);

#endif							/* LEADS_INSTALL_H */
