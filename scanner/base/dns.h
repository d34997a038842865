/*
 * What the DNS answers: one reply of a resolver that validates, and the contents of CAA, TLSA and HTTPS records
 * (RFC 8659, RFC 6698, RFC 9460), read and written as text.
 *
 * The readers are total: any bytes are a record or none. Texts live in the arena given, are printable ASCII (what is
 * not stands as \DDD, RFC 1035 section 5.1), and are the same for the same bytes.
 */
#ifndef BASE_DNS_H
#define BASE_DNS_H

#include <stdbool.h>

#include "scanner/base/arena.h"

enum { DNS_TYPE_DNSKEY = 48, DNS_TYPE_TLSA = 52, DNS_TYPE_HTTPS = 65, DNS_TYPE_CAA = 257 };
enum {
	DNS_NAME_MAX = 253,     /* as text, without the dot at the end */
	DNS_RECORDS_MAX = 64,   /* of one reply; more are cut, and said */
	DNS_RDATA_MAX = 4096,   /* of one record; a longer one is kept as none: it is malformed to its reader */
};

/* How far an answer, or the word that there is none, can be relied on (RFC 4035 section 4.3). */
enum dns_state { DNS_INSECURE, DNS_SECURE, DNS_BOGUS };

struct dns_reply {
	bool failed;                /* no answer was to be had: SERVFAIL, REFUSED, no resolver; else: */
	enum dns_state state;       /* of a bogus answer there are no records */
	const struct span *records; /* contents; n 0: it is said that there are none */
	size_t n;
	bool cut;
};

/* May a public resolver be asked for this name? Not an address, two labels at least, and no name of special use. */
bool dns_is_public(const char *name);
/* Letters, digits, '-' and '_' in labels of 1 to 63, at most DNS_NAME_MAX: what we ask for. */
bool dns_is_name(const char *name);
/* The name without its first label; NULL: it has but one. */
const char *dns_parent(const char *name);

/* The owner of the first record in a file of DS or DNSKEY records, without the dot at its end but for the root; NULL: none. */
const char *dns_first_owner(struct arena *, const char *text);

/* ---- CAA: RFC 8659 section 4.1 ---- */

struct dns_caa {
	bool critical;
	struct span tag, value;
};

bool dns_caa_read(struct span, struct dns_caa *);
bool dns_caa_is(const struct dns_caa *, const char *tag); /* in any case of letters */
/* "0 issue \"ca.example\"" */
const char *dns_caa_text(struct arena *, const struct dns_caa *);
/* The authority that an issue or issuewild property names (section 4.2), in lower case; "": none may. */
const char *dns_caa_issuer(struct arena *, const struct dns_caa *);

/* ---- TLSA: RFC 6698 section 2.1 ---- */

struct dns_tlsa {
	uint8_t usage, selector, matching;
	struct span data;
};

bool dns_tlsa_read(struct span, struct dns_tlsa *);
/* "3 1 1 0f.." */
const char *dns_tlsa_text(struct arena *, const struct dns_tlsa *);
/* And back; data in the arena. */
bool dns_tlsa_parse(struct arena *, const char *text, struct dns_tlsa *);

/* ---- HTTPS: RFC 9460 section 2.2 ---- */

struct dns_https {
	uint16_t priority;  /* 0: an alias */
	const char *target; /* "." : the owner itself (an alias: there is no service) */
	const char *const *alpn; /* as listed; http/1.1 behind them unless no_default_alpn */
	size_t alpn_n;
	bool no_default_alpn, ech;
	uint16_t port;      /* 0: not said */
	bool unknown_mandatory; /* it demands something that nobody here knows: it is passed over (section 8) */
	const char *text;   /* "1 . alpn=h2,h3 ech=(71 bytes)" */
};

/* A malformed record voids its whole set (section 2.2). */
bool dns_https_read(struct arena *, struct span, struct dns_https *);

#endif
