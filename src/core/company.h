/*
 * company.h - the door to one company (= one data schema).
 *
 * Every entry point opens a frame, works in it, closes it.  While a frame is
 * open the process runs as the data schema's owner with a pinned search_path,
 * after the checks that make this safe.
 */
#ifndef LEADS_COMPANY_H
#define LEADS_COMPANY_H

/* profiles of access_grant, as bits */
#define LEADS_PROFILE_OWNER		0x01	/* superuser or the data schema's owner */
#define LEADS_PROFILE_ADMIN		0x02
#define LEADS_PROFILE_MANAGER	0x04
#define LEADS_PROFILE_REP		0x08
#define LEADS_PROFILE_APP		0x10
#define LEADS_PROFILE_BI		0x20
#define LEADS_PROFILE_SENDER	0x40
#define LEADS_PROFILE_PARTNER	0x80
#define LEADS_PROFILE_ANY		0xFF
#define LEADS_PROFILE_NOBODY	0		/* asked for: even a caller without a profile (who then sees nothing) */
/* may act for others: by_member and leads.actor count only for these */
#define LEADS_PROFILE_PROXY \
	(LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN | LEADS_PROFILE_MANAGER | LEADS_PROFILE_APP)
/* may decide over what other members own */
#define LEADS_PROFILE_BOSS \
	(LEADS_PROFILE_OWNER | LEADS_PROFILE_ADMIN | LEADS_PROFILE_MANAGER)
#define LEADS_PROFILE_WORKER \
	(LEADS_PROFILE_BOSS | LEADS_PROFILE_REP | LEADS_PROFILE_APP | LEADS_PROFILE_PARTNER)

typedef struct LeadsFrame
{
	struct LeadsFrame *outer;	/* frame that was open before */
	Oid			nsp;			/* the data schema */
	const char *schema;			/* its name, unquoted */
	const char *qschema;		/* its name as a quoted identifier */
	Oid			owner;			/* its owner: who we are inside */
	Oid			caller;			/* who called */
	uint32		profiles;		/* LEADS_PROFILE_* of the caller here */
	const char *lang;			/* "zh" or "en" */
	bool		simulation;		/* leads.clock allowed for writes */
	const char *zone;			/* business time zone */

	/* actor (core/actor.c); 0 and NULL = system */
	int64		actor_id;
	const char *actor_code;
	bool		actor_manager;	/* member.is_manager */
	int64		actor_partner;	/* partner whose employee it is, 0 = of the company itself */
	bool		acting_for;		/* the actor was named by a role that may name others */

	void	   *pending;		/* counter deltas of record/org, not written yet */
	void	   *bulk;			/* rows gathered by core/bulk, NULL = each is written at once */
	void	   *handing;		/* gathered by record/journey: customers whose leads change hands, NULL = each at once */
	TimestampTz now;			/* the instant of this call: set by leads_frame_now() */
	MemoryContext outer_cxt;	/* caller's context: answers go there */

	/* restored by leads_leave */
	Oid			saved_user;
	int			saved_sec;
	int			guc_level;
	bool		nonatomic;
	bool		reader;			/* statements run read-only on the active snapshot */
	bool		switched;
} LeadsFrame;

/*
 * Open a frame on the data schema (NULL = leads.schema).  The caller needs USAGE
 * on the schema and one of the given profiles in its grant table.
 * Errors: LD004, LD008, LD012.
 */
extern void leads_enter(LeadsFrame *f, const char *schema, uint32 profiles);
/* the same for STABLE readers: read-only statements on the active snapshot */
extern void leads_enter_reader(LeadsFrame *f, const char *schema, uint32 profiles);
/* the same for a procedure that commits: SPI non-atomic */
extern void leads_enter_nonatomic(LeadsFrame *f, const char *schema, uint32 profiles);
/* triggers: the schema of a relation; no profile asked, no USAGE checked */
extern void leads_enter_trigger(LeadsFrame *f, Oid nsp);
/* install(): nothing is loaded, because there may be no settings yet; leads_frame_load does it later */
extern void leads_enter_bare(LeadsFrame *f, Oid nsp, const char *schema);
extern void leads_frame_load(LeadsFrame *f);
extern void leads_leave(LeadsFrame *f);
/* step out of the owner's shoes and back */
extern void leads_frame_suspend(LeadsFrame *f);
extern void leads_frame_resume(LeadsFrame *f);
/* inside a procedure: commit, as the caller */
extern void leads_frame_commit(LeadsFrame *f);
/*
 * For a job that must see what others wrote, right before it locks: outside of a transaction block each of its transactions is
 * READ COMMITTED, whatever the default; false: the caller's has another snapshot for good.
 */
extern bool leads_frame_sees_all(LeadsFrame *f, bool commits);

/* the innermost open frame */
extern LeadsFrame *leads_frame_current(void);

/* right check inside a frame, LD004 */
extern void leads_require(LeadsFrame *f, uint32 profiles, const char *what);

/* writes refuse a false clock unless simulation; reads the clock (after the lock!) */
extern TimestampTz leads_frame_now(LeadsFrame *f, TimestampTz last_event_at);

/* copy to the caller's memory */
extern char *leads_keep(LeadsFrame *f, const char *s);

/*
 * Corridor flag: true while one of our own statements runs directly below a
 * frame; guard triggers ask it.  A user's trigger fired by our statement runs
 * one trigger level deeper and is not in the corridor.
 */
extern bool leads_in_corridor(void);

/* bit of a profile name, 0 if there is none */
extern uint32 leads_profile_bit(const char *name);
extern Oid	leads_schema_owner(Oid nsp);
/* LD013 */
extern void leads_check_utf8(void);

extern void leads_company_init(void);

#endif							/* LEADS_COMPANY_H */
