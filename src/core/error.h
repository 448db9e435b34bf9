/*
 * error.h - every SQLSTATE of ours, in one place.
 *
 * Class LD.  API.md documents each, a test reaches each.  Where a core code
 * fits, it is used instead (22023 for a malformed argument, 22P02 for bad JSON,
 * 40001 for what a retry cures).
 */
#ifndef LEADS_ERROR_H
#define LEADS_ERROR_H

#define LEADS_ERRCODE(a, b, c) MAKE_SQLSTATE('L', 'D', (a), (b), (c))

#define LEADS_ERR_UNKNOWN_ID		LEADS_ERRCODE('0', '0', '1')	/* no such row, or not visible to the caller */
#define LEADS_ERR_WRONG_STATE		LEADS_ERRCODE('0', '0', '2')	/* the state does not allow it */
#define LEADS_ERR_STALE_VERSION		LEADS_ERRCODE('0', '0', '3')	/* expected_version is not the current one */
#define LEADS_ERR_NO_RIGHT			LEADS_ERRCODE('0', '0', '4')	/* the caller may not do this */
#define LEADS_ERR_REQUIRED			LEADS_ERRCODE('0', '0', '5')	/* a required value is missing */
#define LEADS_ERR_BAD_DATE			LEADS_ERRCODE('0', '0', '6')	/* an instant is in the future or too far back */
#define LEADS_ERR_TOO_LONG			LEADS_ERRCODE('0', '0', '7')	/* a text or a list is over its limit */
#define LEADS_ERR_NOT_INSTALLED		LEADS_ERRCODE('0', '0', '8')	/* no company there, or its tables are not of this version or shape */
#define LEADS_ERR_DIRECT_CHANGE		LEADS_ERRCODE('0', '0', '9')	/* a table was changed around the functions */
#define LEADS_ERR_CLOCK				LEADS_ERRCODE('0', '1', '0')	/* leads.clock is set in a company that works for real */
#define LEADS_ERR_REQUEST_KEY		LEADS_ERRCODE('0', '1', '1')	/* request_key was used for other content */
#define LEADS_ERR_UNSAFE_SCHEMA		LEADS_ERRCODE('0', '1', '2')	/* foreign or open schema */
#define LEADS_ERR_ENCODING			LEADS_ERRCODE('0', '1', '3')	/* the database is not UTF8 */
#define LEADS_ERR_BAD_POLICY		LEADS_ERRCODE('0', '1', '4')	/* a policy document has a fault */
#define LEADS_ERR_NO_CRON			LEADS_ERRCODE('0', '1', '5')	/* pg_cron is not there */
#define LEADS_ERR_INACTIVE			LEADS_ERRCODE('0', '3', '1')	/* the member cannot receive customers */
#define LEADS_ERR_OVER_CAP			LEADS_ERRCODE('0', '3', '2')	/* the member holds as many as it may */
#define LEADS_ERR_OWN_PROTECTED		LEADS_ERRCODE('0', '4', '2')	/* one's own protection stands: extend it */
#define LEADS_ERR_EXTENSION			LEADS_ERRCODE('0', '4', '3')	/* no further extension */
#define LEADS_ERR_LOCK_QUOTA		LEADS_ERRCODE('0', '4', '4')	/* the member has locked as many as it may */
#define LEADS_ERR_EXTENSION_WAITS	LEADS_ERRCODE('0', '4', '5')	/* an extension was asked for and is not decided */
#define LEADS_ERR_NOT_OWNER			LEADS_ERRCODE('0', '5', '0')	/* the ownership lapsed or is somebody else's */
#define LEADS_ERR_OWNED				LEADS_ERRCODE('0', '5', '1')	/* it went to somebody else meanwhile */
#define LEADS_ERR_CLAIM_DUPLICATE	LEADS_ERRCODE('0', '5', '2')	/* likely the same as a customer that somebody has */
#define LEADS_ERR_NOBODY_ABOVE		LEADS_ERRCODE('0', '5', '3')	/* no superior to be asked */
#define LEADS_ERR_CONTACT_TAKEN		LEADS_ERRCODE('0', '5', '4')	/* another customer is found by it */
#define LEADS_ERR_TAKEN				LEADS_ERRCODE('0', '6', '0')	/* not in that pool any more */
#define LEADS_ERR_POOL_MEMBER		LEADS_ERRCODE('0', '6', '1')	/* not a member of the pool */
#define LEADS_ERR_POOL_DELAY		LEADS_ERRCODE('0', '6', '2')	/* too new to be claimed */
#define LEADS_ERR_COOLDOWN			LEADS_ERRCODE('0', '6', '3')	/* held it until lately */
#define LEADS_ERR_DAILY_QUOTA		LEADS_ERRCODE('0', '6', '4')	/* claimed enough today */
#define LEADS_ERR_HOLDER_CAP		LEADS_ERRCODE('0', '6', '5')	/* holds as many as it may */
#define LEADS_ERR_STALE_KEYS		LEADS_ERRCODE('0', '8', '5')	/* stored keys follow the rules of another version of the library */
#define LEADS_ERR_PROBE_QUOTA		LEADS_ERRCODE('0', '6', '7')	/* no duplicate check left for today */
#define LEADS_ERR_JOURNEY			LEADS_ERRCODE('0', '9', '5')	/* bytes that are no journey, or no state of a funnel */

#endif							/* LEADS_ERROR_H */
