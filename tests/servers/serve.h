/*
 * The handshake behind the hello, for server.c and flight.c: SSL 2 (serve2.c), SSL 3 to TLS 1.2 (serve12.c), TLS 1.3
 * (serve13.c), and what the last two share (serve.c). Handlers of messages stand in the table of stages; they end the
 * connection with server_fail() and its alert when the client is wrong.
 */
#ifndef SERVERS_SERVE_H
#define SERVERS_SERVE_H

#include "tests/servers/flight.h"
#include "tests/servers/server.h"

typedef void serve_handler(struct server *, struct rd body, struct peer_out *);

/* Takes over what was chosen; 0, or the alert for a client whose share or session is not valid. */
uint8_t serve_begin(struct server *, const struct heard *, const struct choice *);
/* The messages are said: what they are to be followed by, and how the client may go on. */
void serve_answered(struct server *, const struct flight *, struct peer_out *);

/* Our public value of a group, or of a prime; filler where there is no arithmetic. */
void serve_share(struct server *, uint16_t group, struct wr *);
/* The secret of both; false: their value is not valid. */
bool serve_shared(struct server *, uint16_t group, struct span theirs, struct wr *);
void serve_dh(struct server *, struct span p, struct wr *);
/* A signature over the parts by the chain's key, or filler. */
void serve_sign(struct server *, uint16_t scheme, const struct span *parts, size_t count, struct wr *);
/* The first certificate of a client's Certificate message is the key that has to sign. */
bool serve_client_chain(struct server *, struct rd list);
struct span serve_transcript(const struct server *); /* all of it */
struct span serve_heard(const struct server *);      /* without the message at hand */
bool serve_seal(struct server *, bool writing, const struct seal_keys *);

/* SSL 2.0: its hello is said; and a CLIENT-MASTER-KEY. */
void serve2_answered(struct server *, struct span challenge, struct span hello);
serve_handler serve2_key;

void serve12_resume(struct server *, const struct heard *);
void serve12_answered(struct server *, struct peer_out *);
serve_handler serve12_certificate, serve12_exchange, serve12_verify, serve12_ccs, serve12_early_ccs, serve12_finished,
        serve12_hello;
void serve12_no_certificate(struct server *, struct peer_out *); /* SSL 3 says so with an alert */

uint8_t serve13_begin(struct server *, const struct heard *);
void serve13_secrets(struct flight *);     /* behind the ServerHello */
void serve13_verify(struct flight *);      /* the body of CertificateVerify */
/* RFC 7250 section 4.2, RFC 9345 section 4: does it; and the delegated credential. */
bool serve_shows_raw_key(const struct flight *);
bool serve_delegates(const struct flight *);
void serve_delegated(struct flight *);
uint16_t serve_delegate_scheme(const struct server_chain *); /* of the CertificateVerify */
void serve13_finished(struct flight *);    /* the body of Finished */
void serve13_retried(struct server *);     /* before the flight is in the transcript */
void serve13_seal_flight(struct server *); /* the sealed part begins */
void serve13_answered(struct server *);
void serve13_skip(struct server *); /* a record of refused early data came */
void serve13_update(struct server *, bool asks, struct peer_out *);
void serve13_ticket(struct server *, uint8_t number, struct peer_out *);
serve_handler serve13_early_end, serve13_client_certificate, serve13_client_verify, serve13_client_finished,
        serve13_key_update;

void serve_opened(struct server *, struct peer_out *);
void serve_data(struct server *, struct span, struct peer_out *);
void serve_heartbeat(struct server *, struct span, struct peer_out *);
void serve_goodbye(struct server *, struct peer_out *);

#endif
