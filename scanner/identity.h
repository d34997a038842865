/*
 * Who we are to a server that asks: the certificate chain and key of --cert and --key, read and checked to belong
 * together before anything is dialled, the pre-shared key of --psk, and what we want to speak (--alpn). What is wrong is
 * said on stderr in one line.
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include "scanner/cli.h"
#include "scanner/tls/hs.h"

struct identity {
	struct span *chain; /* DER, leaf first, in the command line's arena; none: n 0 */
	size_t n;
	struct private_key *key;
	struct span psk, psk_identity; /* in the command line's arena; without --psk: psk.n 0 */
	const char *const *alpn;       /* ends with NULL; NULL: not given */
};

/* True without these options too; then there is none. */
bool identity_open(struct identity *, struct cli *);
void identity_close(struct identity *);

#endif
