/*
 * collaborator.h - who works along with an owner.
 */
#ifndef LEADS_ACT_COLLABORATOR_H
#define LEADS_ACT_COLLABORATOR_H

/* texts, at load */
extern void leads_collaborator_verbs_init(void);

#endif							/* LEADS_ACT_COLLABORATOR_H */
