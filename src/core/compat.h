/*
 * compat.h - differences between PostgreSQL 15 to 18; the only file that
 * reads PG_VERSION_NUM.
 */
#ifndef LEADS_COMPAT_H
#define LEADS_COMPAT_H

#include "postgres.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "utils/acl.h"

#if PG_VERSION_NUM < 150000
#error "pg_leads needs PostgreSQL 15 or later"
#endif

#if PG_VERSION_NUM >= 160000
#define leads_namespace_aclcheck(nsp, role, mode) \
	object_aclcheck(NamespaceRelationId, (nsp), (role), (mode))
#else
#define leads_namespace_aclcheck(nsp, role, mode) \
	pg_namespace_aclcheck((nsp), (role), (mode))
#endif

/* 18 has it as a prefix and has dropped pg_attribute_noreturn() */
#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#endif

/* this backend's number of its transaction, written or not */
#if PG_VERSION_NUM >= 170000
#define leads_local_transaction() (MyProc->vxid.lxid)
#else
#define leads_local_transaction() (MyProc->lxid)
#endif

#endif							/* LEADS_COMPAT_H */
