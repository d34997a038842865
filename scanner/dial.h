/*
 * One address for one target, for commands that talk to a single server: looks the name up and takes the first address
 * that fits. Says what is wrong on stderr in one line.
 */
#ifndef DIAL_H
#define DIAL_H

#include "scanner/cli.h"
#include "scanner/net/net.h"
#include "scanner/run/target.h"

bool dial_address(struct net *, const struct cli *, const struct target *, struct net_addr *);

#endif
