/*
 * Whether the timestamps of a certificate are enough for the browsers that demand them, as far as a list of logs tells.
 *
 * Pure functions of checked timestamps, a list and a time.
 */
#ifndef TRUST_CT_POLICY_H
#define TRUST_CT_POLICY_H

#include "scanner/trust/ct.h"

enum ct_browser { CT_CHROME, CT_APPLE, CT_BROWSERS };
const char *ct_browser_name(enum ct_browser); /* "chrome" */

struct ct_verdict {
	enum tri enough;     /* unknown where a missing issuer, an algorithm or a list older than the certificate decides */
	const char *counted; /* in the arena */
	const char *lacks;   /* what the nearer of the two ways still lacks; NULL when enough */
};

struct ct_verdict ct_policy(enum ct_browser, const struct scts *, const struct cert *leaf, const struct ct_logs *, int64_t at,
        struct arena *);

#endif
