/* What hs.c, hs12.c and hs13.c share of a handshake; not for anybody else. */
#ifndef TLS_HS_CORE_H
#define TLS_HS_CORE_H

#include "scanner/tls/hs.h"

enum {
	MSG_HELLO_REQUEST = 0,
	MSG_CLIENT_HELLO = 1,
	MSG_SERVER_HELLO = 2,
	MSG_NEW_SESSION_TICKET = 4,
	MSG_END_OF_EARLY_DATA = 5,
	MSG_ENCRYPTED_EXTENSIONS = 8,
	MSG_CERTIFICATE = 11,
	MSG_SERVER_KEY_EXCHANGE = 12,
	MSG_CERTIFICATE_REQUEST = 13,
	MSG_SERVER_HELLO_DONE = 14,
	MSG_CERTIFICATE_VERIFY = 15,
	MSG_CLIENT_KEY_EXCHANGE = 16,
	MSG_FINISHED = 20,
	MSG_CERTIFICATE_STATUS = 22,
	MSG_KEY_UPDATE = 24,
	MSG_COMPRESSED_CERTIFICATE = 25,

	TYPE_CCS = 20,
	TYPE_ALERT = 21,
	TYPE_HANDSHAKE = 22,
	TYPE_DATA = 23,
};

/* Growing bytes, freed with the handshake. */
struct hs {
	struct hs_config config;
	struct hs_result result;
	bool goodbye_said, data_said;
	enum hs_phase phase;
	enum hs_state state;
	struct hello hello;        /* the one in force: changed by a HelloRetryRequest */
	struct answer answer;      /* the clear part */
	const struct suite *suite;
	uint16_t retry_suite;      /* of the HelloRetryRequest */
	enum digest digest;        /* of the PRF */
	struct text transcript;    /* handshake messages, headers included */
	struct text pending;       /* bytes of records that are not whole */
	struct text messages;      /* handshake bytes behind the last whole message */
	struct text data;          /* application data received */
	struct text other;         /* content of records of other types (heartbeats) */
	size_t clear_taken;        /* bytes of the answer's flight that are in the transcript */
	struct seal *read, *write;
	struct public_key *server_key;
	struct key_pair *share;    /* of TLS 1.3, for the group the server picked */
	uint8_t master[DIGEST_MAX]; /* master secret; TLS 1.3: the secret of the stage, then application traffic */
	uint8_t client_secret[DIGEST_MAX], server_secret[DIGEST_MAX], client_app[DIGEST_MAX], server_app[DIGEST_MAX];
	uint8_t resumption[DIGEST_MAX];
	size_t open_n;             /* of the transcript: up to our Finished */
	bool ccs_seen, early_sent, stopped;
	size_t send_max, receive_max; /* bytes of content in one record */
	/* renegotiation */
	bool renegotiating;
	uint8_t ours[36], theirs[36]; /* verify_data of the last two Finished (RFC 5746 section 3.1) */
	size_t verify_n;
	struct answer first;          /* the clear part of the first handshake, once there is a second */
	struct hs_result before;      /* the result, while another handshake is under way */
	struct entropy entropy;       /* the same with another client random */
	unsigned hook_seen[HOOK_POINTS];
	unsigned messages_taken, records_taken, alerts_taken, empty_taken, tickets_taken;
	uint64_t now_us, nonce;    /* nonce: counts what is drawn from the entropy */
};

/* ---- trouble --------------------------------------------------------------------------------------------------------- */

/* Keeps the first trouble. */
void hs_note(struct hs *, enum reason, size_t offset);
/* Keeps it and ends the handshake. Returns false, for `return hs_fail(..)`. */
bool hs_fail(struct hs *, enum reason, size_t offset);

/* ---- sending ---------------------------------------------------------------------------------------------------------- */

/* One handshake message: header, transcript, records, event. */
void hs_message(struct hs *, uint8_t type, struct span body, struct text *out);
/* One record of any type, sealed when writing is sealed. */
void hs_record(struct hs *, uint8_t type, struct span body, struct text *out);
void hs_alert(struct hs *, uint8_t code, struct text *out);

/* ---- leaving the protocol: hs_deviate.c ---------------------------------------------------------------------------------- */

/* Lets the hooks of this point change n bytes; false: the thing is not to be sent, or nothing from here on. */
bool hs_hook(struct hs *, enum hook_point, uint8_t *p, size_t n);
bool hs_hooked(const struct hs *); /* are there any? */
bool hs_ccs_first(const struct hs *);
/* The share that we forged: NULL: none, or it is of another group. */
const struct forged_share *hs_forged(const struct hs *, uint16_t group);
bool hs_forges(const struct hs *);
/* Sends what belongs here. */
void hs_inject(struct hs *, enum hs_moment, struct text *out);
/* From here on what comes is the reaction. */
void hs_react_begin(struct hs *);
void hs_react(struct hs *, uint8_t type, struct span content);
/* Bytes that come when the handshake has failed already. */
void hs_watch(struct hs *, const void *p, size_t n);
void hs_react_end(struct hs *, enum ending);


/* n bytes from the entropy, for a named use. */
void hs_draw(struct hs *, const char *use, void *out, size_t n);

/* ---- helpers ------------------------------------------------------------------------------------------------------------ */

struct span hs_span(const struct text *);
struct span hs_keep(struct hs *, struct span); /* into the arena */
struct span hs_keep_ticket(struct hs *, struct span); /* empty when it is too long */
void hs_transcript_hash(const struct hs *, uint8_t out[static DIGEST_MAX]);
void hs_take_certificate(struct hs *, struct span der);
/* A bare key in the place of a certificate: RFC 7250. */
void hs_take_raw_key(struct hs *, struct span spki);
/* Keeps an extension of this message once; one that was neither offered nor is a request of the server is noted. */
void hs_take_extension(struct hs *, uint16_t code, uint8_t in);
/* Records are from here on as large as the granted extensions have them. */
void hs_limit_records(struct hs *);
/* Installs a new seal for one direction; false (and failed) when the cipher is not here. */
bool hs_seal(struct hs *, bool writing, const struct seal_keys *);
/* Have we a certificate that fits the request? One that does not must stay at home (RFC 5246 section 7.4.6, RFC 8446
 * section 4.4.2.3). *scheme: what to sign with, 0 before TLS 1.2. */
bool hs_client_fits(const struct hs *, const struct client_request *, uint16_t *scheme);
/* The client's Certificate message body, with our chain or with none: `context` only in TLS 1.3. */
void hs_client_certificate(struct hs *, bool ours, struct span context, struct text *body);

/* PKCS #1 v1.5 type 2 around the secret (RFC 8017 section 7.2.1), under the server's key; false: it does not fit. */
bool hs_encrypt(struct hs *, const struct public_key *, struct span secret, struct wr *out);

/* ---- the two halves --------------------------------------------------------------------------------------------------------- */

/* SSL 2.0, all of it. */
void hs2_start(struct hs *, struct text *out);
enum hs_phase hs2_feed(struct hs *, const void *p, size_t n, struct text *out);

/* The ServerHello was read: go on as this version does. False: failed. */
bool hs12_server_hello(struct hs *, struct text *out);
bool hs12_server_hello_done(struct hs *, struct text *out);
bool hs13_server_hello(struct hs *, struct text *out);
/* What a retry asks for goes into the second hello, and what must not stand there any more goes. False: failed. */
bool hs13_retry(struct hs *);
void hs13_early(struct hs *, struct text *out);
/* Binders over the hello as written, patched in place: RFC 8446 section 4.2.11.2. */
void hs13_binder(struct hs *, uint8_t *hello, size_t n);

/* Renegotiation: what the server says under the keys, where a first handshake has it in clear. */
bool hs_again_content(struct hs *, struct span content, struct text *wrapped);
bool hs_again_hello(struct hs *); /* the ServerHello came: may it be followed? */
void hs_again_over(struct hs *, enum hs_outcome);
enum hs_outcome hs_again_outcome(const struct hs *); /* of one that failed */

bool hs12_ticket(struct hs *, struct rd, struct span, struct text *);
bool hs12_ccs(struct hs *, struct rd, struct span, struct text *);
bool hs12_finished(struct hs *, struct rd, struct span, struct text *);
bool hs13_extensions(struct hs *, struct rd, struct span, struct text *);
bool hs13_request(struct hs *, struct rd, struct span, struct text *);
bool hs13_certificate(struct hs *, struct rd, struct span, struct text *);
bool hs13_compressed(struct hs *, struct rd, struct span, struct text *);
bool hs13_verify(struct hs *, struct rd, struct span, struct text *);
bool hs13_finished(struct hs *, struct rd, struct span, struct text *);
bool hs13_psk_finished(struct hs *, struct rd, struct span, struct text *);
bool hs13_ticket(struct hs *, struct rd, struct span, struct text *);
bool hs13_late_request(struct hs *, struct rd, struct span, struct text *);
bool hs13_key_update(struct hs *, struct rd, struct span, struct text *);

#endif
