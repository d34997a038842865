/*
 * Offered, not completed: suites and groups that the server takes, and that no handshake of ours can show to work, for
 * this libcrypto lacks the cipher or the arithmetic (IDEA; ML-KEM before OpenSSL 3.5).
 */
#ifndef RUN_NOT_HERE_H
#define RUN_NOT_HERE_H

#include "scanner/facts/facts.h"

void not_here_conclude(struct record *, const struct facts *);

#endif
