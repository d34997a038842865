/*
 * What keys_*.c share, and nobody else includes: the library context of our own, with the default and the
 * legacy provider and no configuration file. Opened at first use, once for all threads, and kept to the end
 * of the process.
 */
#ifndef TLS_KEYS_LIB_H
#define TLS_KEYS_LIB_H

#include <openssl/types.h>

#include "scanner/tls/crypt.h"

OSSL_LIB_CTX *keys_library(void);

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
