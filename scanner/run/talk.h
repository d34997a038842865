/*
 * One connection with a whole handshake on it: dials, asks for TLS where that is the protocol's way (prelude.h), shakes
 * hands, says what it was given to say, listens for what comes back, and closes. The counterpart of exchange.h for
 * questions that a ServerHello does not answer.
 *
 * It owns its connection and its handshake; the result lives in the arena of the config, and hs_result() stays valid
 * until talk_free(). Deadlines are absolute: to be connected, to have come to TLS, then for everything.
 */
#ifndef RUN_TALK_H
#define RUN_TALK_H

#include "scanner/net/net.h"
#include "scanner/run/prelude.h"
#include "scanner/tls/hs.h"

struct talk {
	struct net *net;
	struct net_conn *conn;
	struct hs_config config;
	struct hs *hs;
	struct span say;          /* application data to send when the handshake is done; empty: close_notify, but none behind a false start */
	size_t listen_max;        /* bytes of application data to take; what comes behind is not read */
	const enum hs_form *again; /* renegotiations to ask for, one after the other, before `say` */
	size_t again_n, again_at;
	bool (*heard)(struct span); /* enough came? NULL: at the end of the connection */
	uint64_t connect_by_us, answer_in_us, deadline_us;
	struct starttls starttls;
	struct prelude *prelude;   /* NULL: none is spoken; freed by talk_free() */
	bool connected, begun, said, over, closed; /* begun: the hello was sent */
	enum reason not_connected; /* or TLS could not begin; REASON_NONE when it did */
	enum reason heard_why;     /* why listening ended before enough came: TIMEOUT_HTTP, RESET, CLOSED */
	uint64_t started_us, connected_us, done_us, ended_us;
	void (*done)(struct talk *, void *owner);
	void *owner;
};

void talk_start(struct talk *, const struct net_addr *);
void talk_expire(struct talk *); /* deadline_us has come */
void talk_abort(struct talk *);
void talk_free(struct talk *);

#endif
