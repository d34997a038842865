/*
 * The clients that --client gives, read: from files, or as they stand on the command line.
 */
#ifndef OWN_CLIENTS_H
#define OWN_CLIENTS_H

#include "scanner/cli.h"
#include "scanner/tls/clients.h"

/* Everything lives in the command line's arena. False when one cannot be used: why stands on stderr. */
bool own_clients_open(struct own_clients *, struct cli *);

#endif
