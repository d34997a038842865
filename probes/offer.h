/* The lists that hellos are made of: picked from the tables once for each use, in table order or reversed. */
#ifndef PROBES_OFFER_H
#define PROBES_OFFER_H

#include "probes/probe.h"

/* What nearly every hello of ours offers beside its lists; every answer then tells about these, whoever asked. */
enum {
	OFFER_COMMON = OFFER_EMS | OFFER_ENCRYPT_THEN_MAC | OFFER_SESSION_TICKET | OFFER_RENEGOTIATION |
		       OFFER_STATUS_REQUEST | OFFER_SCT | OFFER_POINT_FORMATS,
};

/* A growable list of codes in an arena. */
struct list {
	uint32_t *v;
	size_t n, cap;
};

void list_add(struct arena *, struct list *, uint32_t code);
void list_remove(struct list *, uint32_t code);
bool list_has(const struct list *, uint32_t code);
struct list list_copy(struct arena *, struct codes);
struct codes list_codes(const struct list *);
struct codes codes_reversed(struct arena *, struct codes);
/* What most servers have comes first: some read no more than a dozen of each list (mbedTLS 13 groups, wolfSSL 16 schemes). */
struct codes codes_common_first(struct arena *, enum dimension, struct codes);

/* Every suite that may be picked in this version. */
struct codes offer_suites(struct arena *, uint16_t version);
/* Every group that may be picked in this version. */
struct codes offer_groups(struct arena *, uint16_t version);
/* The RFC 7919 groups alone. */
struct codes offer_ffdhe(struct arena *);
/* Every signature scheme a server may use in this version, and in TLS 1.3 those of its chain. Before 1.2: none. */
struct codes offer_schemes(struct arena *, uint16_t version);

/* A hello for one version that offers everything: the start of most questions. */
struct hello offer_everything(struct arena *, const struct facts *, uint16_t version);
/* The same, but of the suites those that were picked, and of these the ECDHE ones where there are any: no server refuses
 * them for being many, or mixed. */
struct hello offer_found(struct arena *, const struct facts *, uint16_t version);
/* The same with every application protocol and with compression: what two probes ask, in one question. Ends with NULL. */
extern const char *const offer_protocols[];
struct hello offer_protocols_and_deflate(struct arena *, const struct facts *, uint16_t version);

/* The version in which extensions and certificates are asked about: the newest that answers in clear; where there is none,
 * TLS 1.3, under its keys. 0: there is none. */
uint16_t offer_version_with_extensions(const struct facts *);

bool suite_is_ecdhe(const struct suite *); /* an ephemeral curve in the ServerKeyExchange, PSK ones included */
/* Was a suite that passes picked in this version? */
bool facts_takes(const struct facts *, uint16_t version, bool (*passes)(const struct suite *));

/* The suites picked in this version that pass the filter. */
struct codes offer_taken(struct arena *, const struct facts *, uint16_t version, bool (*passes)(const struct suite *));

#endif
