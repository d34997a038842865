/*
 * A peer: what answers at the other end of a connection, without sockets, clock or threads of its own.
 * tests/sim drives peers in virtual time, server_main.c over real sockets; a unit test calls them directly.
 *
 * One state per connection. The driver calls accepted() once, then received() and tick() as things happen,
 * and closed() exactly once at the end, whoever ended it; closed() frees what the state owns. Each call
 * leaves in `struct peer_out` what to do next, in this order: send the bytes, end the connection if asked,
 * else call tick() in wait_us. A driver may call tick() later than asked while earlier bytes are not gone
 * yet: so an endless sender costs it no memory.
 */
#ifndef SERVERS_PEER_H
#define SERVERS_PEER_H

#include <stddef.h>
#include <stdint.h>

enum peer_end { PEER_STAYS, PEER_FIN, PEER_RESET };

struct peer_out {
	uint8_t *bytes; /* the driver's, reused */
	size_t n, cap;
	enum peer_end end;
	uint64_t wait_us; /* 0: no tick is asked for, one asked for earlier still stands */
};

struct peer_kind {
	size_t state_size; /* zeroed memory of this size comes as `state` */
	/* `nth`: how many connections this host took before this one. */
	void (*accepted)(void *state, const void *config, unsigned nth, struct peer_out *);
	void (*received)(void *state, const uint8_t *p, size_t n, struct peer_out *);
	void (*tick)(void *state, struct peer_out *); /* may be NULL, as all but accepted */
	void (*closed)(void *state);
};

void peer_send(struct peer_out *, const void *p, size_t n);
void peer_end(struct peer_out *, enum peer_end);
void peer_wait(struct peer_out *, uint64_t us);

/* For drivers: makes it ready for the next call, keeping its memory; gives the memory back. */
void peer_out_clear(struct peer_out *);
void peer_out_free(struct peer_out *);

#endif
