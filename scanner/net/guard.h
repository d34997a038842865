/*
 * Where a URL from a peer may lead: every address is public, private, or one that nobody is to be sent to.
 *
 * A certificate is written by whoever made it, and what it names may be a service of the scanner's own network. So
 * addresses are looked at once a name is resolved, and the very address that was looked at is dialled.
 */
#ifndef NET_GUARD_H
#define NET_GUARD_H

#include "scanner/net/net.h"

enum guard_kind { GUARD_PUBLIC, GUARD_PRIVATE, GUARD_NEVER };

/* By guard.def. */
enum guard_kind guard_of(const struct net_addr *);
/* Public, or private and those are allowed. */
bool guard_allows(const struct net_addr *, bool allow_private);

#endif
