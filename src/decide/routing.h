/*
 * routing.h - the judge of routing rules.
 */
#ifndef LEADS_ROUTING_H
#define LEADS_ROUTING_H

#include "core/leads.h"
#include "decide/document.h"
#include "lib/fold.h"

#define LEADS_ROUTING_RULES_MAX 2000

typedef enum
{
	LEADS_TARGET_MEMBER, LEADS_TARGET_RING, LEADS_TARGET_POOL, LEADS_TARGET_TEAM, LEADS_TARGET_ROLE, LEADS_TARGET_OWNER,
	LEADS_TARGET_PARTNER
} LeadsTargetKind;

/* a word that an industry may contain */
typedef struct LeadsRoutingWord
{
	const char *text;
	uint32_t   *folded;
	int			n;
} LeadsRoutingWord;

typedef struct LeadsRoutingRule
{
	int64		id;				/* row of routing_rule, 0 = none */
	int32		position;
	const char *region;			/* NULL = any; so for all conditions */
	int			region_no;		/* in regions of LeadsRouting */
	const char *industry;
	int			industry_no;	/* in words of LeadsRouting */
	const char *line;
	const char *channel;
	const char *territory_code; /* its name, for people; may be NULL */
	const char **territory;		/* regions of the territory */
	int		   *territory_no;
	int			nterritory;		/* 0 = any */
	Datum		min_amount;		/* numeric, 0 = any */
	Datum		max_amount;
	struct varlena *when;		/* parsed jsonpath */
	const char *when_text;
	LeadsTargetKind target;
	const char *target_code;	/* "" for owner and partner */
	const char *assign_to;		/* as written */
	char	  **skills;			/* whoever gets it has all of these */
	int			nskills;
	int32		member_cap;		/* to one member in a business day, -1 = no limit */
	bool		hours;			/* not to who is outside its working hours */
	bool		skip_previous;	/* not to who held it last */
	bool		error_logged;	/* the predicate's error went to the server log already */
} LeadsRoutingRule;

typedef struct LeadsRouting
{
	int			n;				/* in order of position */
	LeadsRoutingRule *rules;
	bool		has_when;		/* the document is needed */
	bool		has_previous;	/* who held it last is needed */
	int			nregions;		/* what the rules ask of regions and industries, each once */
	const char **regions;
	int			nwords;
	LeadsRoutingWord *words;
} LeadsRouting;

typedef struct LeadsRoutingFacts
{
	const char *region;			/* NULL = unknown; so for all */
	const char *industry;
	const char *line;
	const char *channel;
	Datum		amount;			/* numeric, 0 = unknown */
	Jsonb	   *document;		/* needed if has_when */
	uint32_t	industry_folded[LEADS_TEXT_MAX];	/* by leads_routing_facts, as the others below */
	int			nindustry;
	const LeadsRouting *rules;
	char	   *within;			/* answers so far, by region and by word: 0 = not asked, 1 = yes, 2 = no */
	char	   *contains;
} LeadsRoutingFacts;

/* first condition of a rule that does not hold */
typedef enum
{
	LEADS_RULE_FITS, LEADS_RULE_TERRITORY, LEADS_RULE_REGION, LEADS_RULE_INDUSTRY, LEADS_RULE_LINE,
	LEADS_RULE_CHANNEL, LEADS_RULE_AMOUNT, LEADS_RULE_WHEN, LEADS_RULE_ERROR
} LeadsRuleVerdict;

/* LD014 with the JSON path of the first fault; targets and channels are not looked up */
extern void leads_routing_validate(Jsonb *body);
/* compiled rules of a valid document; kept for the session, so that a condition is parsed once */
extern LeadsRouting *leads_routing_compile(Jsonb *body);
/* by the name under which it was remembered, NULL = not known (any more) */
extern LeadsRouting *leads_routing_known(const char *name);
/* compiled rules under a name that stands for this document and no other */
extern LeadsRouting *leads_routing_remember(const char *name, Jsonb *body);
extern void leads_routing_facts(const LeadsRouting *rules, LeadsRoutingFacts *facts);
extern LeadsRuleVerdict leads_routing_match(const LeadsRoutingRule *rule, LeadsRoutingFacts *facts);
/* member:li into its halves, owner and partner have one; false if it is no target */
extern bool leads_routing_target(const char *text, LeadsTargetKind *kind, const char **code);

/* every customer that fits b fits a: then b, if a comes first, has nothing of its own; false says nothing */
extern bool leads_routing_covers(const LeadsRoutingRule *a, const LeadsRoutingRule *b);
/* its conditions on places exclude each other */
extern bool leads_routing_impossible(const LeadsRoutingRule *r);

/* LD014 about the rule at a position of a valid document */
pg_noreturn extern void leads_routing_fault(Jsonb *body, int32 position, const char *key, const char *what);

#endif							/* LEADS_ROUTING_H */
