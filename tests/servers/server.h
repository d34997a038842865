/*
 * The test server: bytes of a client in, bytes of a server out. No socket, no clock, no randomness but its
 * own sequence. It is a peer (peer.h) whose config is a struct server_config.
 *
 * It answers a hello as its config says, or as the config's row of misbehave.c bends it, up to
 * ServerHelloDone (or a ServerHello of TLS 1.3 and a record of noise). What a client says after that is
 * looked up in the same table of stages.
 */
#ifndef SERVERS_SERVER_H
#define SERVERS_SERVER_H

#include "tests/servers/config.h"
#include "tests/servers/heard.h"
#include "tests/servers/peer.h"

extern const struct peer_kind server_peer;

struct server;

/* Sends some of an endless (or long) thing; it is called again when `pace_us` of the row have passed, while
 * true. */
typedef bool server_stream(struct server *, struct peer_out *);

enum server_stage { STAGE_HELLO, STAGE_RETRIED, STAGE_ANSWERED, STAGE_OVER };

struct server {
	const struct server_config *config;
	unsigned nth;
	uint64_t random;
	enum server_stage stage;
	uint8_t *in, *messages; /* bytes that make no whole record, no whole message yet */
	size_t in_n, messages_n;
	struct peer_out late; /* what is dripped */
	size_t late_at;
	server_stream *stream;
	uint64_t streamed; /* bytes, for those that end */
};

/* One record header and its body. */
void server_record(struct peer_out *, uint8_t type, uint16_t version, const void *body, size_t n);

#endif
