/*
 * A mint of certificates for tests: each is described by a struct and made by libcrypto, P-256 unless told
 * otherwise. What is made lives until mint_close().
 */
#ifndef UNIT_MINT_H
#define UNIT_MINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/base/wire.h"

#define MINT_NOW INT64_C(1795000000) /* 2026-11-18 */

struct minted {
	struct span der;
	struct evp_pkey_st *key;
	struct x509_st *x509;
	struct minted *next;
};

struct mint {
	const char *name;            /* CN; NULL: an empty subject */
	const char *organisation;    /* O */
	const char *email;           /* emailAddress, in the subject */
	const struct minted *by;     /* NULL: itself */
	const struct minted *key_of; /* the same key once more */
	const char *key;             /* "RSA:1024", "ED25519", "EC:P-384"; NULL: P-256 */
	bool ca;                     /* a CA, with basic constraints and key usage */
	int length;                  /* path length + 1; 0: none */
	int from_day, to_day;        /* relative to MINT_NOW; both 0: -30 to 60 */
	const char *names;           /* "DNS:example.org,IP:10.0.0.1" */
	const char *usage, *purposes, *constraints, *basic; /* as in openssl's x509v3 configuration */
	const char *unknown; /* "critical" or "plain": an extension that nobody knows */
	const char *digest;  /* "SHA1"; NULL: SHA256 */
	bool pss, version_1, no_ids, wrong_issuer_id;
	const struct minted *signed_with; /* another key than the issuer's */
	unsigned more_exts;               /* so many extensions more */
};

const struct minted *mint(const struct mint *);
/* Not signed anew: the bytes as they are, with one of them changed. */
struct span mint_copy(struct span, size_t at, uint8_t change);
void mint_close(void);

#define MINT(...) mint(&(struct mint){ __VA_ARGS__ })

#endif
