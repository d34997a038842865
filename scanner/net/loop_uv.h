/* The loop of a network over libuv, for the files of this folder alone. */
#ifndef NET_LOOP_UV_H
#define NET_LOOP_UV_H

#include <uv.h>

#include "scanner/net/net.h"

uv_loop_t *net_uv_loop(struct net *);

#endif
