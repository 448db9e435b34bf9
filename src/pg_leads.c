/*
 * pg_leads.c - module magic, start-up, settings and the table of hooks.
 */
#include "core/leads.h"

#include "miscadmin.h"
#include "utils/guc.h"

#include "act/assign.h"
#include "act/staff.h"
#include "act/claim.h"
#include "act/collaborator.h"
#include "act/contest.h"
#include "act/coverage.h"
#include "act/pool.h"
#include "act/corridor.h"
#include "act/deadline.h"
#include "act/ownership.h"
#include "act/tick.h"
#include "act/match_face.h"
#include "act/merge.h"
#include "act/route.h"
#include "access/grants.h"
#include "act/duplicate.h"
#include "act/extension.h"
#include "act/followup.h"
#include "act/pipeline.h"
#include "act/register.h"
#include "act/import.h"

#include "core/hooks.h"
#include "core/install.h"
#include "core/policy.h"
#include "decide/pipeline.h"
#include "lib/lib.h"

#include "read/explain.h"
#include "read/fairness.h"
#include "read/funnel.h"
#include "read/kpi.h"
#include "read/health.h"
#include "read/verify.h"
#include "record/customer.h"
#include "record/journey.h"
#include "record/rollup.h"
#include "record/keyset.h"
#include "record/meter.h"
#include "record/org.h"

PG_MODULE_MAGIC;

static void seed(LeadsFrame *f);
static void mend(LeadsFrame *f);

const LeadsHooks leads_hooks = {
	.seed = seed,
	.grant_owner = leads_access_grant_owner,
	.mend = mend,
	.regrant = leads_access_regrant,
};

char	   *leads_schema_guc = NULL;
char	   *leads_actor_guc = NULL;
char	   *leads_clock_guc = NULL;

void		_PG_init(void);

/* what every install() sets right */
static void
mend(LeadsFrame *f)
{
	leads_meter_mend(f);
	leads_keys_mend(f);
	leads_keyset_mend(f);
	leads_journey_mend(f);
	leads_rollup_mend(f);
}

/* what a new company starts with */
static void
seed(LeadsFrame *f)
{
	leads_org_seed(f);
	leads_deadline_seed(f);
	leads_policy_seed(f, "pipeline", leads_pipeline_default);
	leads_policy_seed(f, "routing", "{\"rules\": []}");
	leads_policy_seed(f, "match", "{\"scope\": \"customer\", \"returning_days\": 180}");
}

void
_PG_init(void)
{
	DefineCustomStringVariable("leads.schema",
							   "Data schema that calls work on.",
							   NULL, &leads_schema_guc, "crm",
							   PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("leads.actor",
							   "Code of the member to act as.",
							   "Counts only for a role that may act for others in the company.",
							   &leads_actor_guc, "",
							   PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("leads.clock",
							   "A false time for tests: a timestamptz, or +interval.",
							   NULL, &leads_clock_guc, "",
							   PGC_SUSET, 0, NULL, NULL, NULL);
	MarkGUCPrefixReserved("leads");

	leads_allocator.alloc = palloc;
	leads_allocator.release = pfree;
	leads_spi_init();
	leads_clock_init();
	leads_company_init();

	leads_route_init();
	leads_match_face_init();
	leads_policy_set_validator("pipeline", leads_pipeline_validate);
	leads_corridor_init();
	leads_deadline_init();
	leads_extension_init();
	leads_claim_init();
	leads_ownership_verbs_init();
	leads_assign_init();
	leads_staff_init();
	leads_coverage_init();
	leads_fairness_init();
	leads_tick_init();

	leads_explain_init();
	leads_verify_init();
	leads_health_init();
	leads_followup_init();
	leads_collaborator_verbs_init();
	leads_pipeline_init();
	leads_merge_init();
	leads_register_init();
	leads_contest_init();
	leads_pool_verbs_init();
	leads_import_init();
	leads_duplicate_init();
	leads_funnel_init();
	leads_kpi_init();
	leads_sales_init();
}
