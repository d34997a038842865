/*
 * The cryptography that tlsassay borrows, as far as a hello needs it; crypt.h has the rest. Only keys*.c know libcrypto.
 *
 * Nothing here draws from libcrypto's random generator: what looks random is derived by keys_derive() from the scan's
 * seed, so a scan can be repeated byte for byte.
 */
#ifndef TLS_KEYS_H
#define TLS_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/base/wire.h"

enum { KEYS_SEED = 32, KEYS_SHA256 = 32 };

void keys_sha256(const void *p, size_t n, uint8_t out[static KEYS_SHA256]);

/* `out` from (seed, label, number): SHA-256 over them and a counter. */
void keys_derive(const uint8_t seed[static KEYS_SEED], struct span label, uint64_t number, void *out, size_t n);

/* 32 bytes from the system's generator, for a scan without --seed. Dies when the system has none. */
void keys_system_seed(uint8_t seed[static KEYS_SEED]);

/*
 * A key share that is valid on the wire: the public key of key_pair_new(group, secret) (NULL: zero bytes of the same
 * length, for a description), where a libcrypto without ML-KEM gives an encapsulation key that nobody can use. Bad
 * writer when this group has no share here: keys_share_size().
 */
void keys_share_write(struct wr *, uint16_t group, const uint8_t *secret);
/* Bytes of a client's share; 0 when this program cannot make one. */
size_t keys_share_size(uint16_t group);

#endif
