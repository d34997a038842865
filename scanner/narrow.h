/*
 * The hello of `tlsassay handshake`: what a good client would offer, or what --version, --suite and --group leave of it.
 * Pure but for stderr: narrow_hello() says what is wrong in one line and returns false.
 */
#ifndef NARROW_H
#define NARROW_H

#include "scanner/cli.h"
#include "scanner/identity.h"
#include "scanner/tls/hello.h"

bool narrow_hello(struct arena *, const struct cli *, const struct identity *, const char *sni, struct hello *);

#endif
