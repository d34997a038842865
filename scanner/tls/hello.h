/*
 * A ClientHello as data, and the only code that writes one.
 *
 * struct hello says what is offered, in which order; it owns nothing and is usually a constant. hello_write() turns
 * it into records; everything random in it comes from the caller as `struct entropy`, so the same hello with the same
 * entropy is the same bytes. Without entropy (NULL) all of that is zero: this is the hello's description, by which
 * identical questions are known.
 *
 * Sources: RFC 8446 section 4.1.2 (TLS 1.3), RFC 5246 section 7.4.1.2, RFC 6101 section 5.6.1.2 (SSL 3.0), the SSL 2.0
 * draft of 1995 section 2.5, RFC 7685 (padding).
 */
#ifndef TLS_HELLO_H
#define TLS_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/base/wire.h"
#include "scanner/tls/codes.h"

#define CODES(...)                                                                                                   \
	{ (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t) }

/* What else a hello offers, beside its lists. */
enum {
	OFFER_EMS = 1 << 0,             /* RFC 7627 */
	OFFER_ENCRYPT_THEN_MAC = 1 << 1, /* RFC 7366 */
	OFFER_SESSION_TICKET = 1 << 2,  /* RFC 5077, an empty one */
	OFFER_RENEGOTIATION = 1 << 3,   /* RFC 5746, as extension */
	OFFER_STATUS_REQUEST = 1 << 4,  /* RFC 6066, OCSP */
	OFFER_SCT = 1 << 5,             /* RFC 6962 */
	OFFER_POINT_FORMATS = 1 << 6,   /* RFC 8422, uncompressed only */
	OFFER_DEFLATE = 1 << 7,         /* RFC 3749, before null */
	OFFER_SRP = 1 << 8,             /* RFC 5054, with a user name nobody has */
	OFFER_FALLBACK_SCSV = 1 << 9,   /* RFC 7507, after the suites */
	OFFER_RENEGOTIATION_SCSV = 1 << 10, /* RFC 5746, for hellos without extensions */
	OFFER_NO_EXTENSIONS = 1 << 11,  /* none at all, whatever else is set */
	OFFER_PSK_KE = 1 << 12,         /* RFC 8446 section 4.2.9: the key alone, instead of psk_dhe_ke */
};

/* An extension as it stands, for what no list or flag above says. */
struct extra {
	uint16_t code;
	struct span data;
};

/* One pre-shared key of TLS 1.3; the binder's place is left zero (hs13.c fills it). */
struct psk_offer {
	struct span identity;
	uint32_t obfuscated_age;
	size_t binder_n;
};

/* How a hello departs from what clients write, for servers that must bear it, or must not; 0 or empty: not in this. */
struct shape {
	uint16_t version, record_version; /* in their fields, whatever is asked for */
	uint16_t record_max;              /* most bytes of the message in one record */
	uint16_t cut;                     /* so many bytes go in a TCP segment of their own, the rest a moment later */
	uint16_t size;                    /* the body is filled up to so many bytes; then no size is avoided */
	bool no_session_id;               /* where TLS 1.3 has one */
	struct span compressions;         /* instead of null alone */
	struct span psk_modes;            /* before those that `offer` says */
};

struct hello {
	uint16_t version;       /* the newest it asks for: VER_SSL2 .. VER_TLS13, VER_TLCP */
	struct codes versions;  /* supported_versions; empty: {version} for TLS 1.3 and none before */
	struct codes suites;    /* SSL 2: cipher kinds */
	struct codes groups, schemes;
	struct codes shares;    /* TLS 1.3: groups a key share is sent for; none: an empty list, which asks for a retry */
	struct span share;      /* stands for our public value of the first of them; empty: it is made */
	const char *sni;        /* NULL: no server name */
	const char *const *alpn; /* ends with NULL; NULL: none */
	uint32_t offer;         /* OFFER_* */
	struct span session_id; /* up to TLS 1.2, to take a session up again; empty: none */
	struct span ticket;     /* RFC 5077, with OFFER_SESSION_TICKET; empty: asks for a new one */
	const struct extra *extra;
	size_t extra_n;
	const struct psk_offer *psk; /* the last extension; NULL: none */
	struct span raw;        /* a whole ClientHello message to send in place of all that: hello_raw.h; empty: none */
	const struct shape *shape;   /* constant; NULL: nothing is odd */
	bool mimics;            /* another client's: its key shares and gaps steer the pick, so it tells nothing of orders */
};

/* 32 bytes each; `secret` is where the private keys of the shares come from. */
struct entropy {
	uint8_t random[32], session_id[32], secret[32];
};

/* The largest hello that hello_write() makes: every list whole and every share, or one that takes two records. */
enum { HELLO_MAX = 20 * 1024 };

/*
 * Writes the hello as handshake records (for SSL 2: one SSL 2 record). A body of 256 to 511 bytes is padded to 512
 * where extensions are allowed: some load balancers drop those (RFC 7685). False when it does not fit.
 */
bool hello_write(struct wr *, const struct hello *, const struct entropy *);

/*
 * The same as one handshake message, without record headers; and the records around such a message. A hello behind a
 * HelloRetryRequest is not the initial one: its records have the version of all others (RFC 8446 section 5.1).
 */
bool hello_message(struct wr *, const struct hello *, const struct entropy *);
void hello_records(struct wr *, const struct hello *, bool retried, struct span message);

/* Was this extension in the hello, so that the server may answer it? */
bool hello_offers_extension(const struct hello *, uint16_t extension);
bool hello_offers_version(const struct hello *, uint16_t version);

#endif
