/*
 * A network that writes down all that goes through it, to be played again by net_replay.c. It stands before another one,
 * which does the work and which is freed with it.
 *
 * The clock stands still while a callback runs: what the caller sees and does is then a function of what is written down
 * alone, and comes out the same when it is played.
 */
#ifndef NET_NET_RECORD_H
#define NET_NET_RECORD_H

#include <stdio.h>

#include "scanner/net/net.h"

enum { NET_TAPE_START_US = 1000000 }; /* what the clock says at the beginning: never 0, which callers have for "not yet" */

struct net *net_record_new(struct net *inner, FILE *tape); /* the file is the caller's */

#endif
