/*
 * The client core: one complete handshake, from hello to verified Finished, and protected data after it.
 *
 * Sans-IO: bytes in, bytes out. hs_start() gives the first bytes to send; each hs_feed() takes what came and gives what
 * to send next. Nothing here reads a clock or draws randomness: all secrets come from the entropy in the config. What
 * the server does wrong is told as a reason with a place, and ends the handshake only where going on has no meaning; a
 * handshake is DONE only when both Finished messages were right.
 *
 * The dialogue is the table hs_rows: which message may come in which state, who reads it, and what follows. A test
 * walks it. Up to TLS 1.2 in hs12.c, TLS 1.3 in hs13.c (RFC 6101, 2246, 4346, 5246, 8446).
 *
 * SSL 2.0 (hs2.c) has a dialogue of its own, of two messages on either side: it is DONE when the server has shown by its
 * SERVER-VERIFY that it has the key, and nothing can be said under it.
 *
 * Renegotiation (hs_again.c) goes through the same states once more: hs_renegotiate() sends a new hello under the keys in
 * force, what the server says under them is read as the clear part, and keys change at each ChangeCipherSpec. How it went
 * is one entry of result.again; all else of the result, and hs_answer(), stay those of the first handshake.
 */
#ifndef TLS_HS_H
#define TLS_HS_H

#include "scanner/base/text.h"
#include "scanner/tls/answer.h"
#include "scanner/tls/crypt.h"
#include "scanner/tls/kdf.h"
#include "scanner/tls/seal.h"

enum hs_phase { HS_RUNNING, HS_DONE, HS_FAILED };

/* A longer ticket is not kept: it would not fit a hello. */
enum { SESSION_TICKET_MAX = 8 * 1024 };

/* A session to take up again: kept from one handshake (hs_session) for the next; or a key that both sides were given, which
 * TLS 1.3 treats alike (session_of_psk). Lives in an arena. */
struct session {
	uint16_t version, suite;
	struct span id, ticket;    /* one of the two, or the PSK's identity in `ticket` */
	uint8_t secret[DIGEST_MAX]; /* master secret; TLS 1.3: the PSK of the ticket */
	size_t secret_n;
	bool ems;
	uint32_t lifetime_s, age_add; /* as the server said */
	uint32_t early_data_max;   /* 0: no early data with it */
	bool external;             /* TLS 1.3: the user's own pre-shared key */
};

/* False: the key is longer than a session can keep. */
bool session_of_psk(struct session *, struct span psk, struct span identity);

/* A change to our own side of the handshake, as data. */
enum hook_point {
	HOOK_PREMASTER,  /* RSA: the 48 bytes */
	HOOK_PKCS1,      /* RSA: the padded block before encryption */
	HOOK_PUBLIC,     /* the client's public value */
	HOOK_CCS,        /* the ChangeCipherSpec record */
	HOOK_FINISHED,   /* verify_data */
	HOOK_CBC_BLOCK,  /* content, MAC and padding, before encryption */
	HOOK_RECORD,     /* the sealed record body */
	HOOK_POINTS
};
enum hook_verb { HOOK_REPLACE, HOOK_FLIP, HOOK_DROP, HOOK_STOP };

struct hook {
	enum hook_point point;
	enum hook_verb verb;
	size_t at;          /* offset; counted from the end when from_end */
	bool from_end;
	struct span bytes;  /* REPLACE: written over; FLIP: xored in */
	unsigned skip;      /* leaves the first so many occasions alone */
};

/* A record beside the dialogue, sealed as the state of the connection wants it. */
enum hs_moment {
	MOMENT_HELLO_DONE,   /* up to TLS 1.2: behind the server's clear flight, before our ClientKeyExchange */
	MOMENT_KEY_EXCHANGE, /* behind it, before our ChangeCipherSpec */
	MOMENT_OPEN,         /* both Finished were right */
};
struct inject {
	enum hs_moment moment;
	uint8_t type;
	struct span bytes;
};

/* SSL 2.0: which cipher kind to take, whether the server listed it or not, and how much of the key to say in clear. */
struct ssl2_form {
	uint32_t kind;
	uint8_t extra_clear; /* bytes, beyond those that the kind itself has in clear */
};

/* Our share of this group is these bytes, and we go on as if the secret were that. */
struct forged_share {
	uint16_t group;
	struct span point, secret;
};

/* How our side leaves the protocol, as data. With one, what the server does about it is watched: result.reaction. */
struct deviation {
	const struct hook *hooks;
	size_t hooks_n;
	const struct inject *injects;
	size_t injects_n;
	bool ccs_first; /* up to TLS 1.2: our ChangeCipherSpec before our ClientKeyExchange, with keys of an empty master
	                 * secret, which stay: CVE-2014-0224 */
	const struct forged_share *share; /* with an elliptic curve; in TLS 1.3 the hello has to say it too */
	const struct ssl2_form *ssl2; /* in SSL 2.0 alone; NULL there: the first listed kind that we have */
};

/*
 * What came behind our last flight of the handshake or, once that is complete, behind it: kinds of records in a row
 * counted once, alerts with their code where it can be read, and how the connection ended.
 */
enum { REACTION_MAX = 6, REACTION_SEALED = 256, REACTION_OTHER_MAX = 64 };
enum reaction_end { REACTION_OPEN, REACTION_CLOSED, REACTION_RESET };

struct reaction {
	bool begun;                  /* we came to say it */
	bool complete;               /* the handshake did in spite of it */
	enum reaction_end end;
	size_t n;
	struct reaction_record {
		uint8_t type;
		uint16_t alert;      /* REACTION_SEALED: could not be read; 0 where it is none */
	} v[REACTION_MAX];
	struct span other;           /* the front of the first record that is none of the protocol's usual kinds */
	size_t other_n;              /* bytes of such records in all */
};

/*
 * A server that hangs up on what it has not read resets the connection (RFC 1122 section 4.2.2.13): whether it read the
 * rest of ours first is chance. So behind an alert a reset is the same as a close, and the words tell them apart nowhere.
 */
bool reaction_same(const struct reaction *, const struct reaction *);
void reaction_tell(const struct reaction *, struct text *); /* "alert bad_record_mac (20), ended" */

struct hs_config {
	const struct hello *hello;
	const struct entropy *entropy;
	struct arena *arena;             /* what the result points to lives there */
	const struct session *resume;    /* NULL: a full handshake */
	struct span early;               /* TLS 1.3 with `resume`: data sent before the answer; up to TLS 1.2 without it: a
	                                  * false start, sent right behind our Finished (RFC 7918) */
	struct span psk, psk_identity;   /* of the four PSK kinds, given by the user; empty: none */
	const struct span *client_chain; /* DER, leaf first; NULL: none */
	size_t client_chain_n;
	const struct private_key *client_key;
	const struct deviation *deviation; /* NULL: by the book */
	bool keep_messages;              /* events have the bytes of their messages */
};

/* One message of the conversation, for those who want it told. */
struct hs_event {
	bool ours;
	uint8_t content;     /* record type: 20 ChangeCipherSpec, 21 alert, 22 handshake, 23 data */
	uint8_t message;     /* handshake type, or the alert */
	bool sealed;
	size_t bytes;
	struct span body;    /* all of it, without record headers; only when they are kept */
	uint64_t at_us;      /* of the feed that brought it */
};

/* A delegated credential (RFC 9345) whose signature was right: the CertificateVerify is then its key's. */
struct hs_delegated {
	bool taken;
	uint32_t valid_s;        /* ends so many seconds after the certificate's notBefore */
	uint16_t scheme;
};

/* How the server answered our goodbye (RFC 8446 section 6.1, RFC 5246 section 7.2.1). */
enum hs_closing { CLOSING_UNSEEN, CLOSING_NOTIFIED, CLOSING_BARE };

/* One more handshake under the keys of the one before. */
enum hs_form {
	AGAIN_SECURE, /* renegotiation_info holds our Finished (RFC 5746 section 3.5) */
	AGAIN_PLAIN,  /* nothing binds it to the connection: CVE-2009-3555 */
};
enum hs_outcome {
	AGAIN_OPEN,    /* under way */
	AGAIN_DONE,    /* both Finished were right again */
	AGAIN_REFUSED, /* the warning no_renegotiation; the connection goes on */
	AGAIN_ALERT, AGAIN_CLOSED, AGAIN_RESET, AGAIN_IGNORED,
	AGAIN_BROKEN,  /* what came was no handshake that holds; see the reason */
};
enum { HS_AGAIN_MAX = 10 };

struct hs_again {
	enum hs_form form;
	enum hs_outcome outcome;
	bool answered;  /* a ServerHello came: the server began it */
	uint8_t alert;
	enum reason reason;
};

struct hs_result {
	enum reason reason;      /* REASON_NONE: nothing wrong so far; else the first thing that was */
	uint32_t offset;
	size_t trouble_at;       /* events there were when it came */
	uint16_t version, suite, group, scheme;
	bool psk_taken;          /* TLS 1.3: the pre-shared key, a ticket's or the user's, was accepted */
	bool resumed, ems, encrypt_then_mac, truncated_hmac, retried, early_accepted, close_notified;
	bool signature_checked, signature_right; /* of the key exchange or the CertificateVerify */
	bool finished_right, complete;
	bool false_started;      /* up to TLS 1.2: `early` went out before the server's Finished came */
	struct span certs[ANSWER_CHAIN_MAX];
	size_t certs_count;
	bool chain_cut, compressed_chain;
	uint16_t compressed_with; /* RFC 8879, whether it could be undone or not; 0: not compressed */
	size_t chain_bytes;      /* of the Certificate message, as on the wire */
	bool raw_key;            /* a bare public key came instead of certificates (RFC 7250) */
	struct hs_delegated delegated;
	struct span staple, scts, alpn;
	struct span staples_above[STAPLES_ABOVE_MAX];
	uint16_t exts[ANSWER_EXTS_MAX]; /* of every message of the server, each once */
	uint8_t exts_in[ANSWER_EXTS_MAX]; /* IN_* of the message */
	size_t exts_count;
	bool exts_whole;         /* the ServerHello up to TLS 1.2, the EncryptedExtensions from 1.3 on, were read */
	struct granted granted;
	bool ech_configs;        /* the server sent configurations for Encrypted Client Hello */
	struct client_request request; /* of the handshake */
	struct client_request late;    /* TLS 1.3: of a request behind it (RFC 8446 section 4.6.2) */
	bool client_sent;              /* a certificate of ours went out, and our signature */
	uint16_t client_scheme;        /* of that signature; 0: none, or older than TLS 1.2 */
	struct reaction reaction;      /* to the deviation, when there is one */
	unsigned hello_requests;       /* up to TLS 1.2: asked to renegotiate when the handshake was over */
	struct session session;  /* the newest that can be taken up again; version 0: none */
	enum hs_closing closing;
	unsigned tickets;
	bool ticket_cut;         /* one was too long to be kept */
	uint8_t alert;           /* the fatal alert that ended it; 0: none */
	bool alerted;
	struct hs_again again[HS_AGAIN_MAX];
	size_t again_n;
	struct span server_share, server_random, session_id;
	struct hs_event *events;
	size_t events_count;
	uint64_t sent, received;
	unsigned flights;        /* of ours: the hello is the first */
};

/* Can an SSL 2.0 handshake with this cipher kind be carried through? */
bool ssl2_has_kind(uint32_t code);

struct hs;

struct hs *hs_new(const struct hs_config *);
void hs_free(struct hs *);

/* Bytes to send are appended to *out (a growing buffer that the caller empties). */
void hs_start(struct hs *, struct text *out);
enum hs_phase hs_feed(struct hs *, const void *p, size_t n, uint64_t now_us, struct text *out);
/* The connection ended: closed, reset or timed out. */
enum hs_phase hs_end(struct hs *, enum ending);

/* Protected application data; only when DONE. What came stands in hs_data() until hs_data_taken(). */
bool hs_send(struct hs *, const void *p, size_t n, struct text *out);
/* A record of this type, sealed as the state of the connection wants it: alerts, heartbeats, whatever a probe needs. */
bool hs_send_record(struct hs *, uint8_t type, const void *p, size_t n, struct text *out);
/* Asks for another handshake; hs_phase() is RUNNING until its end. False: not DONE, TLS 1.3, or often enough. */
bool hs_renegotiate(struct hs *, enum hs_form, struct text *out);
struct span hs_data(const struct hs *);
struct span hs_other(const struct hs *); /* content of records that are neither handshake, alert nor data */
void hs_data_taken(struct hs *);

enum hs_phase hs_phase(const struct hs *);
const struct hs_result *hs_result(const struct hs *);
const struct answer *hs_answer(const struct hs *); /* the clear part, of the first handshake */

/* ---- the table of the dialogue ------------------------------------------------------------------------------------ */

enum hs_state {
	HS_CLEAR,            /* the answer up to ServerHello or ServerHelloDone, read by answer.c */
	HS12_TICKET_OR_CCS,  /* NewSessionTicket when promised, then the change of cipher */
	HS12_FINISHED,
	HS13_EXTENSIONS,
	HS13_REQUEST_OR_CERTIFICATE,
	HS13_CERTIFICATE,
	HS13_VERIFY,
	HS13_FINISHED,
	HS_OPEN,             /* both Finished were right: data, tickets, key updates */
	HS_OVER,
	HS_STATES
};

struct hs_row {
	enum hs_state state;
	uint8_t message;     /* handshake type; HS_ROW_CCS for ChangeCipherSpec */
	bool (*read)(struct hs *, struct rd body, struct span whole, struct text *out);
	enum hs_state next;
};

enum { HS_ROW_CCS = 255 };

extern const struct hs_row hs_rows[];
extern const size_t hs_rows_count;
const char *hs_message_name(uint8_t message); /* "ServerHello" */

#endif
