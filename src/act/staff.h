/*
 * staff.h - people come and go: absences, hand-over, the end.
 */
#ifndef LEADS_ACT_STAFF_H
#define LEADS_ACT_STAFF_H

extern void leads_staff_init(void);

#endif							/* LEADS_ACT_STAFF_H */
