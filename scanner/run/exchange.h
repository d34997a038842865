/*
 * One connection, from dial to answer: asks for TLS where that is the protocol's way (prelude.h), sends the bytes of a
 * hello, reads until the answer is whole, and closes. Where no TLS is to be spoken, it sends what the plan says and keeps
 * what comes as it is.
 *
 * It owns its connection; the answer is the caller's and is settled in every case: refused, reset, silent, or well.
 * Absolute deadlines: to be connected, to have come to TLS, and to have answered. exchange_abort() ends it without a
 * callback.
 */
#ifndef RUN_EXCHANGE_H
#define RUN_EXCHANGE_H

#include "probes/probe.h"
#include "scanner/base/text.h"
#include "scanner/net/net.h"
#include "scanner/run/prelude.h"
#include "scanner/tls/answer.h"

struct exchange {
	struct net *net;
	struct net_conn *conn;
	struct answer *answer;
	const uint8_t *bytes; /* to send; the caller's, alive until connected */
	size_t bytes_n;
	size_t cut;           /* so many of them go first and alone, the rest a moment later; 0: all at once */
	struct net_timer *pause; /* to the rest; freed by exchange_free() */
	const struct plan *clear; /* NULL: a hello */
	struct text heard;        /* with `clear`: what came, at most listen_max bytes; freed by exchange_free() */
	uint64_t connect_by_us, answer_in_us, deadline_us;
	struct starttls starttls;
	struct prelude *prelude; /* NULL: none is spoken; freed by exchange_free() */
	bool connected, begun, over; /* begun: the bytes were sent */
	void (*done)(struct exchange *, void *owner);
	void *owner;
};

void exchange_start(struct exchange *, const struct net_addr *);
/* To be called when deadline_us has come; calls done() if it was still waiting. */
void exchange_expire(struct exchange *);
void exchange_abort(struct exchange *);
void exchange_free(struct exchange *);

#endif
