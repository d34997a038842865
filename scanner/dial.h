/*
 * One address for one target, for commands that talk to a single server: looks the name up and takes the first address
 * that fits. Says what is wrong on stderr in one line.
 */
#ifndef DIAL_H
#define DIAL_H

#include "scanner/cli.h"
#include "scanner/net/net.h"
#include "scanner/run/target.h"

/* Is the address that was given, if one was, of the family of -4 or -6? Else said on stderr. */
bool dial_fits(const struct cli *, const struct target *);
bool dial_address(struct net *, const struct cli *, const struct target *, struct net_addr *);

#endif
