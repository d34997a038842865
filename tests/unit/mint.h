/*
 * A mint of certificates for tests: each is described by a struct and made by libcrypto, P-256 unless told
 * otherwise. "-" for an extension leaves it out. What is made lives until mint_close().
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
	const char *policies, *features, *authority_info, *crl_points; /* likewise */
	const char *unknown; /* "critical" or "plain": an extension that nobody knows */
	const char *digest;  /* "SHA1"; NULL: SHA256 */
	bool pss, version_1, no_ids, wrong_issuer_id;
	const struct minted *signed_with; /* another key than the issuer's */
	unsigned more_exts;               /* so many extensions more */
	const char *exts;     /* others, as "certificatePolicies=1.2.3.4\n1.2.3=critical,DER:0500" */
	const char *key_ids;  /* "no authority", "no subject" or, with its value, "authority=..", "subject=.." */
	const char *serial;   /* hex, a minus in front allowed */
	const char *from, *to; /* the text of a date: UTCTime, or with four digits of year GeneralizedTime */
	bool no_issuer;        /* an empty issuer */
	bool other_algorithm;  /* outside another than inside */
};

/* A list of revoked certificates. */
struct mint_crl {
	const struct minted *by, *signed_with; /* issuer, and who signs when another */
	const char *revoked;		       /* serial numbers in hex, a comma between */
	int from_day, to_day;		       /* relative to MINT_NOW; both 0: -1 to 7; to_day 0: no next update */
	const char *exts;		       /* as in struct mint; NULL: those that every CRL has; "" none */
	const char *entry_ext;		       /* of the last entry, as "1.2.3=critical,DER:0500" */
	const char *digest;
	bool version_1;
};

const struct minted *mint(const struct mint *);
/* Not signed anew: the bytes as they are, with one of them changed. */
struct span mint_copy(struct span, size_t at, uint8_t change);
/* DER; lives as long as the certificates do. */
struct span mint_crl(const struct mint_crl *);
void mint_close(void);

#define MINT(...) mint(&(struct mint){ __VA_ARGS__ })

#endif
