/*
 * The built-in certificates: root -> inter -> rsa, ecdsa, ed25519 (all for localhost, server.test and
 * 127.0.0.1) and other (RSA, for default.test). Constant data; NULL or an empty span for a name that is none
 * of these.
 */
#ifndef SERVERS_CERTS_H
#define SERVERS_CERTS_H

#include "scanner/base/wire.h"
#include "scanner/tls/tables.h"

/* Leaf first, as sent. `key`: PKCS #8, empty where the server has none. */
enum { CHAIN_MAX = 8 };
struct server_chain {
	const char *name;
	enum cert_key kind;
	struct span key;
	struct span certs[CHAIN_MAX];
	size_t n;
};

const struct server_chain *builtin_chain(const char *name);
struct span builtin_root(void);
/* The short-lived RSA key of export suites, 512 bits, as PKCS #8. */
struct span builtin_export_key(void);

#endif
