/*
 * What wakes the loop beside connections: a descriptor that can be read, and a request to end (SIGTERM, SIGINT). Over
 * libuv only; each is the caller's, and must be freed before its net.
 */
#ifndef NET_WATCH_H
#define NET_WATCH_H

#include "scanner/net/net.h"

struct watch;

/* NULL: this kind of descriptor (a file) is always ready. */
struct watch *watch_input(struct net *, int fd, void (*ready)(void *owner), void *owner);
void watch_once(struct watch *); /* ready() comes once, when there is something to read; the loop goes on until then */
void watch_stop(struct watch *); /* it comes no more */

/* Asked to end: asked() comes with each signal. It keeps no loop going. */
struct watch *watch_end(struct net *, void (*asked)(void *owner), void *owner);

void watch_free(struct watch *); /* or NULL */

#endif
