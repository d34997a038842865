/*
 * What keys_*.c share, and scanner/trust/seal.c, for its signatures, and nobody else includes: the library context of our own, with the default and the
 * legacy provider and no configuration file. Opened at first use, once for all threads, and kept to the end
 * of the process.
 */
#ifndef TLS_KEYS_LIB_H
#define TLS_KEYS_LIB_H

#include <stdatomic.h>

#include <openssl/types.h>

#include "scanner/tls/crypt.h"

OSSL_LIB_CTX *keys_library(void);
void keys_library_legacy(void); /* from here on with the provider of RC4, DES and SEED, if there is one */

/*
 * What is fetched from the library by name, at the first use of each and once for all threads: most programs need few
 * of them, and a fetch takes longer than what it is for.
 */
struct keys_kind {
	void *(*fetch)(OSSL_LIB_CTX *, const char *name, const char *properties);
	void (*drop)(void *);
};

struct keys_slot {
	_Atomic(void *) held;
	atomic_bool asked; /* ... and held NULL: this libcrypto has it not */
};

void *keys_fetch(struct keys_slot *, const struct keys_kind *, const char *name);

const EVP_MD *keys_md(enum digest);

/* The code of the group on the curve that libcrypto knows by this number; 0: none. */
uint16_t keys_group_of_nid(int nid);

bool keys_has_kem(void);
/* A group that has arithmetic here, but its curve is not in this libcrypto. */
bool keys_lacks_curve(uint16_t group);

/* A span's number, for the caller to free. */
BIGNUM *keys_number(struct span);

/* An EVP_PKEY of this type ("RSA", "EC" ...) from what the builder holds; NULL when libcrypto refuses. Frees
 * the builder. */
EVP_PKEY *keys_from(const char *type, int selection, struct ossl_param_bld_st *);

#endif
