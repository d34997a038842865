/*
 * An answer: all that came back for one hello, read as far as it stands in clear.
 *
 * Total: every sequence of bytes and every way a connection can end gives an answer of some kind with a reason.
 * answer_feed() is a function of the bytes so far: how they were split into calls changes nothing. The answer owns
 * one growing buffer with the handshake messages (at most ANSWER_FLIGHT_MAX bytes); slices point into it.
 *
 * Sources: RFC 8446 sections 4 and 5, RFC 5246 sections 6 and 7, RFC 8422 section 5.4, RFC 6101, the SSL 2.0 draft.
 */
#ifndef TLS_ANSWER_H
#define TLS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/base/wire.h"
#include "scanner/tls/granted.h"
#include "scanner/tls/hello.h"
#include "scanner/tls/reasons.h"

enum answer_kind {
	ANS_NONE,         /* nothing yet */
	ANS_SERVER_HELLO, /* the server picked; `reason` tells how it went on after that */
	ANS_RETRY,        /* HelloRetryRequest: the server picked suite and group */
	ANS_SSL2_HELLO,   /* SSL 2 SERVER-HELLO */
	ANS_ALERT,        /* a fatal alert, or a warning and then the end; SSL 2 errors too */
	ANS_CLOSED,       /* closed in good order without an answer */
	ANS_RESET,
	ANS_REFUSED,      /* not connected: refused, unreachable, reset or timed out while connecting */
	ANS_TIMEOUT,      /* connected, then no whole answer in time */
	ANS_NOT_TLS,
	ANS_MALFORMED,    /* broken lengths, or broken rules: see the reason */
	ANS_LIMIT,        /* one of our limits was reached */
	ANS_CLEAR,        /* no TLS was spoken, as asked: all that was wanted came, and stands in `heard` */
	ANS_NOT_ASKED,    /* the engine did not ask: budget, deadline, or probing had stopped */
	ANS_KINDS
};

struct hs_result;
struct dns_reply;

/* How far to read before the answer is whole. */
enum until {
	UNTIL_HELLO,  /* ServerHello or HelloRetryRequest */
	UNTIL_FLIGHT, /* up to 1.2: ServerHelloDone; from 1.3 on: the same as UNTIL_HELLO */
};

enum {
	ANSWER_FLIGHT_MAX = 256 * 1024,
	ANSWER_CERT_MAX = 256 * 1024 - 4,
	ANSWER_CHAIN_MAX = 256,
	ANSWER_STAPLE_MAX = 64 * 1024,
	ANSWER_EXTS_MAX = 64,
	ANSWER_KINDS_MAX = 64,
	ANSWER_WARNINGS_MAX = 5,
	ANSWER_EMPTY_RECORDS_MAX = 32,
	ANSWER_RECORDS_MAX = 16384,
	ANSWER_HELLO_REQUESTS_MAX = 4,
	ANSWER_BANNER_MAX = 256,
};

/* A place in the flight; answer_bytes() gives the view, valid until the next feed. */
struct slice {
	uint32_t at, n;
};

/* What a CertificateRequest says: raw lists as on the wire, empty where the version or the message has none. */
struct client_request {
	bool asked;
	struct span types;        /* up to TLS 1.2: kinds of certificates, one byte each */
	struct span schemes;      /* from TLS 1.2 on: what the client may sign with */
	struct span cert_schemes; /* TLS 1.3, signature_algorithms_cert: what the chain may be signed with */
	struct span names;        /* authorities, each with its length */
};

/* The ephemeral part of a ServerKeyExchange. */
struct key_exchange {
	uint16_t group;  /* named curve; 0: none */
	uint16_t scheme; /* TLS 1.2 signature; 0: none */
	struct slice dh_p, dh_g, dh_y, point;
	struct slice rsa_modulus, rsa_exponent; /* temporary key of an export suite */
	struct slice psk_hint;
	struct slice params, signature; /* what is signed, and the signature over it; empty when nothing is */
	bool explicit_curve;
};

struct answer {
	enum answer_kind kind;
	enum reason reason;  /* REASON_NONE: whole and well */
	uint32_t offset;     /* of the trouble, in bytes of the message or stream; 0 when there is no place */

	uint16_t tag;        /* the caller's, from the question */
	uint16_t sample;
	const struct hello *hello; /* what was asked; lives as long as the answer */

	/* hello */
	uint16_t record_version, legacy_version, version, suite;
	uint8_t compression;
	uint8_t random[32];
	struct slice session_id;
	uint16_t group;      /* of a retry or a key share, or of the key exchange */
	uint16_t exts[ANSWER_EXTS_MAX];
	size_t exts_count;
	struct slice share;  /* the server's key exchange value of a TLS 1.3 key share */
	struct granted granted; /* what the extensions hold */
	struct slice npn;    /* names, each with its length (draft-agl-tls-nextprotoneg) */
	struct slice renegotiated; /* renegotiated_connection of RFC 5746 */
	struct slice alpn;
	const char *alpn_name; /* the same as text; set by scanner/run/digest.c, lives in the endpoint's arena */
	bool ticket_promised;
	/* flight */
	struct key_exchange kx;
	struct slice raw_key; /* SubjectPublicKeyInfo instead of certificates: RFC 7250 section 3 */
	struct slice certs[ANSWER_CHAIN_MAX];
	size_t certs_count;
	struct slice staple, scts, staples_above[STAPLES_ABOVE_MAX];
	bool has_certificate, has_key_exchange, certificate_request, hello_done;
	struct slice request_types, request_schemes, request_names; /* of a CertificateRequest up to TLS 1.2 */
	/* alerts */
	uint8_t alert_level, alert;
	unsigned warnings;
	uint8_t warning; /* the last one */
	/* SSL 2 */
	uint32_t kinds[ANSWER_KINDS_MAX];
	size_t kinds_count;
	struct slice connection_id;
	uint16_t ssl2_error;

	/* when a whole handshake was asked for; both live in the endpoint's arena */
	const struct hs_result *hs;
	struct span heard; /* application data, or what came in clear */
	enum reason heard_why; /* why no more of it came: TIMEOUT_HTTP, RESET, CLOSED; REASON_NONE: enough came */
	const struct dns_reply *dns; /* of a question to the resolver; NULL: see the reason */

	uint64_t asked_us, first_us, last_us;
	uint64_t bytes; /* received */

	/* reading */
	enum until until;
	struct {
		uint8_t *v; /* handshake messages without record headers */
		size_t n, cap, parsed;
	} flight;
	struct {
		uint8_t *v; /* the record that is not whole yet */
		size_t n, cap;
	} pending;
	uint64_t taken; /* bytes of the records before the one at hand: where trouble is, however the stream was split */
	unsigned records, empty_records, hello_requests;
	bool done;
};

/* Prepares *a for the answer to this hello. answer_free() releases the buffers; the struct is the caller's. */
void answer_init(struct answer *a, const struct hello *hello, enum until until);
void answer_free(struct answer *a);

/* Takes n more bytes; true when the answer is whole (or hopeless) and the connection can go. */
bool answer_feed(struct answer *a, const void *p, size_t n);

/* Goes on behind a whole answer, up to a later place; true when that is reached already. */
bool answer_continue(struct answer *a, enum until until);

/* The connection is at its end: closed, reset, timed out ... Settles the kind; true once and for all. */
enum ending { ENDING_CLOSED, ENDING_RESET, ENDING_TIMEOUT };
void answer_end(struct answer *a, enum ending);
/* Not connected, or not asked at all. */
void answer_fail(struct answer *a, enum answer_kind, enum reason);

struct span answer_bytes(const struct answer *a, struct slice s);
bool answer_has_extension(const struct answer *a, uint16_t extension);

/* Did the server pick, in this very version? */
bool answer_picked(const struct answer *a, uint16_t version);
/* A refusal in words: an alert, a clean close, or a pick of another version. Silence and resets are none. */
bool answer_refused(const struct answer *a);

#endif
