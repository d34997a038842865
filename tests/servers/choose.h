/*
 * What the server makes of a hello: version, suite, group, scheme, chain, protocol; or a refusal and its
 * alert. A pure function of config and hello.
 */
#ifndef SERVERS_CHOOSE_H
#define SERVERS_CHOOSE_H

#include "tests/servers/config.h"
#include "tests/servers/heard.h"

struct choice {
	bool ignored; /* not answered at all */
	bool refused;
	uint8_t alert; /* why, when refused */
	bool retry;    /* HelloRetryRequest for `group` */
	bool deflate, ephemeral;
	bool resumed; /* an earlier session goes on: set by the server, for choose() knows none */
	uint16_t version, suite, group, scheme; /* group 0: none, or a prime of the server's own */
	const struct server_chain *chain;       /* NULL: anonymous, PSK */
	const char *alpn;                       /* NULL: not answered */
};

void choose(struct choice *, const struct server_config *, const struct heard *);

/* TLS 1.3, its drafts and experiments. */
bool version_is_13(uint16_t version);

#endif
