/*
 * The test server: bytes of a client in, bytes of a server out. No socket, no clock, no randomness but its
 * own sequence. It is a peer (peer.h) whose config is a struct server_config.
 *
 * It answers a hello as its config says, or as the config's row of misbehave.c bends it, and goes through
 * with the handshake: SSL 3 to TLS 1.2 in serve12.c, TLS 1.3 in serve13.c, what comes after it in
 * serve_open.c. Where the arithmetic for what was picked is not there, it stops behind ServerHelloDone, or
 * sends noise behind a ServerHello of TLS 1.3: the choice itself can still be learnt. What a client says is
 * looked up in one table of stages (server.c).
 */
#ifndef SERVERS_SERVER_H
#define SERVERS_SERVER_H

#include "scanner/base/text.h"
#include "scanner/tls/seal.h"
#include "tests/servers/choose.h"
#include "tests/servers/kept.h"
#include "tests/servers/keyring.h"
#include "tests/servers/peer.h"

extern const struct peer_kind server_peer;

struct server;

/* Sends some of an endless (or long) thing; it is called again when `pace_us` of the row have passed, while
 * true. */
typedef bool server_stream(struct server *, struct peer_out *);

enum server_stage {
	STAGE_HELLO,
	STAGE_RETRIED,
	STAGE_ANSWERED, /* and cannot go on */
	STAGE_2_KEY,
	STAGE_12_CERTIFICATE,
	STAGE_12_EXCHANGE,
	STAGE_12_VERIFY,
	STAGE_12_CCS,
	STAGE_12_FINISHED,
	STAGE_13_EARLY,
	STAGE_13_CERTIFICATE,
	STAGE_13_VERIFY,
	STAGE_13_FINISHED,
	STAGE_OPEN,
	STAGE_OVER,
};

enum { REC_CCS = 20, REC_ALERT = 21, REC_HANDSHAKE = 22, REC_DATA = 23, REC_HEARTBEAT = 24, RANDOM = 32 };

enum {
	ALERT_UNEXPECTED = 10,
	ALERT_BAD_RECORD = 20,
	ALERT_DECRYPTION_FAILED = 21,
	ALERT_RECORD_OVERFLOW = 22,
	ALERT_ILLEGAL_PARAMETER = 47,
	ALERT_DECODE_ERROR = 50,
	ALERT_DECRYPT_ERROR = 51,
	ALERT_CERTIFICATE_REQUIRED = 116,
};

struct server {
	const struct server_config *config;
	unsigned nth;
	uint64_t random;
	enum server_stage stage;
	uint8_t *in, *messages; /* bytes that make no whole record, no whole message yet */
	size_t in_n, messages_n;
	uint16_t hello_record; /* version of the first record */
	struct peer_out late; /* what is dripped */
	size_t late_at;
	server_stream *stream;
	uint64_t streamed; /* bytes, for those that end */

	/* the handshake */
	struct choice choice;
	const struct suite *suite;
	enum digest digest;   /* of the PRF and the Finished */
	bool possible;        /* all arithmetic is there */
	bool truncated; /* MACs: RFC 6066 section 7 */
	bool heartbeats; /* were agreed on: RFC 6520 */
	bool ccs_came;   /* before there was a master secret */
	bool ems, etm, early; /* early: data before the Finished was accepted */
	bool psk_alone;       /* goes on without a key exchange */
	bool retried, skips;  /* skips: records of refused early data are passed over */
	unsigned skipped;
	uint16_t asked;    /* the version of the hello, which stands in an RSA premaster */
	struct span hello; /* the whole message, while it is answered */
	uint8_t client_random[RANDOM], server_random[RANDOM], session_id[KEPT_ID];
	size_t session_id_n;
	bool ticket_promised;
	struct text transcript; /* handshake messages of both sides */
	size_t before;          /* bytes of it that stood before the message at hand */
	enum premaster_fault premaster_fault;
	struct key_pair *share;
	uint8_t scalar[32]; /* of a server that does its own arithmetic: unchecked.h */
	struct kept kept; /* the session that goes on when choice.resumed */
	struct seal *read, *write;
	struct lax *lax; /* opens what is read instead, as a server with a padding oracle does; NULL: none */
	struct public_key *client_key;
	uint8_t shared[SHARED_MAX]; /* TLS 1.3, until the keys are made of it */
	size_t shared_n;
	uint8_t master[DIGEST_MAX];                                   /* TLS 1.3: the secret of the stage */
	uint8_t client_secret[DIGEST_MAX], server_secret[DIGEST_MAX]; /* traffic, of the newest stage */
	uint8_t client_next[DIGEST_MAX];                              /* when the client's Finished is in */
	struct text request;                                          /* application data */
	bool bit_flipped;
	bool renegotiates; /* the handshake at hand is not the first */
	uint8_t verify[2][36]; /* of the last Finished: the client's, the server's */
	size_t verify_n;
};

/* One record header and its body, in clear. */
void server_record(struct peer_out *out, uint8_t type, uint16_t version, const void *body, size_t n);
/* As many records as it takes, sealed as the state of the connection wants it. */
void server_send(struct server *, uint8_t type, const void *body, size_t n, struct peer_out *);
/* A handshake message, into the transcript too. */
void server_message(struct server *, uint8_t type, struct span body, struct peer_out *);
/* A ClientHello: the body of the message behind its header. */
void server_take_hello(struct server *, struct rd body, struct peer_out *);
/* A fatal alert and the end. */
void server_fail(struct server *, uint8_t alert, struct peer_out *);
/* The stream of a row takes over. */
void server_start_stream(struct server *, server_stream *, struct peer_out *);
/* Did more come behind the record that is being read? */
bool server_has_more(const struct server *);
/* What the row spoils: SPOIL_* of misbehave.h. */
bool server_spoils(const struct server *, unsigned what);
/* Has its config this bug? */
bool server_has_bug(const struct server *, enum server_bug);
/* Is this connection one of those that reach a server without sessions? */
bool server_forgets(const struct server *);

#endif
