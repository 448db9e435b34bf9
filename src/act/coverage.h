/*
 * coverage.h - what the routing rules do not reach.
 */
#ifndef LEADS_COVERAGE_H
#define LEADS_COVERAGE_H

extern void leads_coverage_init(void);

#endif							/* LEADS_COVERAGE_H */
