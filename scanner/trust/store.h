/*
 * A trust store: the anchors of one PEM file, or of a directory of them, found by subject.
 *
 * Opening reads the file once, undoes the base64 and finds each subject; certificates are parsed by whoever
 * asks for the candidates of one issuer. A store does not change once it is open. Every certificate in it is
 * an anchor, self-signed or not.
 */
#ifndef TRUST_STORE_H
#define TRUST_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "scanner/base/wire.h"

struct cert;
struct store;

/*
 * `path` is a file of PEM certificates (or one in DER), or a directory of such files (names as c_rehash makes
 * them, or
 * *.pem, *.crt, *.cer); NULL: the system's. NULL, and one line in *why that the caller frees, when it cannot
 * be read or holds no certificate.
 */
struct store *store_open(const char *name, const char *path, char **why);
/* The same from text in memory; NULL when it holds no certificate. */
struct store *store_of(const char *name, struct span text);
void store_close(struct store *); /* NULL is fine */

/* SSL_CERT_FILE, SSL_CERT_DIR, then the places of the known systems; NULL when there is none. */
const char *store_system_path(void);

const char *store_name(const struct store *);
const char *store_path(const struct store *); /* NULL when made from memory */
size_t store_count(const struct store *);
size_t store_unread(const struct store *); /* blocks that no certificate could be made of */

/* The DER of the next anchor whose subject may be the issuer of `child` (its hash is the same); start with
 * *at = 0. */
bool store_next(const struct store *, const struct cert *child, size_t *at, struct span *der);
/* Does it hold this very certificate? */
bool store_has(const struct store *, const struct cert *);

#endif
