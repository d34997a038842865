/*
 * Who we are to a server that asks: the certificate chain and key of --cert and --key, read and checked to belong
 * together before anything is dialled. What is wrong is said on stderr in one line.
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include "scanner/cli.h"
#include "scanner/tls/hs.h"

struct identity {
	struct span *chain; /* DER, leaf first, in the command line's arena; none: n 0 */
	size_t n;
	struct private_key *key;
};

/* True without --cert too; then there is none. */
bool identity_open(struct identity *, struct cli *);
void identity_close(struct identity *);

#endif
