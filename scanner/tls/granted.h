/*
 * What answers to extensions hold, where they hold more than their name: sizes, types and modes, in whichever message
 * they came. Also the delegated credential, which stands beside a certificate (RFC 9345).
 *
 * Readers are pure; what is read points into the bytes that were given.
 */
#ifndef TLS_GRANTED_H
#define TLS_GRANTED_H

#include "scanner/base/wire.h"
#include "scanner/tls/reasons.h"
#include "scanner/tls/tables.h"

/* RFC 7250 section 3; X.509 is also what holds when nothing was answered. */
enum cert_type { CERT_TYPE_X509 = 0, CERT_TYPE_OPENPGP = 1, CERT_TYPE_RAW_KEY = 2 };

struct granted {
	uint16_t record_size_limit; /* RFC 8449: the most the server wants in one record; 0: not answered */
	uint8_t max_fragment;       /* RFC 6066 section 4: 1 is 512 bytes, 4 is 4096; 0: not answered */
	uint8_t heartbeat;          /* RFC 6520: 1 we may send, 2 we may not; 0: not answered */
	uint8_t server_cert_type, client_cert_type; /* enum cert_type */
};

/* REASON_NONE, or what is wrong: MALFORMED (its lengths), PROTOCOL_EXTENSION_VALUE (what it says; it is not taken over). */
enum reason granted_read(struct granted *, uint16_t code, struct rd data);

/* The most that we may put into one record after these answers; `most` when nothing limits it. */
size_t granted_send_max(const struct granted *, uint16_t version, size_t most);
/* The most that the server may: it grants our own max_fragment_length by repeating it. */
size_t granted_receive_max(const struct granted *, size_t most);

/*
 * An answer to an extension that another answer of the same hello stands in the way of: the code of that other
 * extension, 0 where there is none. A server with record_size_limit passes max_fragment_length over (RFC 8449
 * section 5), and a raw key delegates nothing (RFC 9345 section 4).
 */
uint16_t granted_hidden_behind(uint16_t code);
/* Was that other one answered in such a way? */
bool granted_hides(const struct granted *, uint16_t code);

struct delegated {
	uint32_t valid_s;      /* it ends so many seconds after the certificate's notBefore */
	uint16_t scheme;       /* of the CertificateVerify */
	uint16_t signed_with;  /* of the certificate's key over the credential */
	struct span key;       /* SubjectPublicKeyInfo */
	struct span covered;   /* what is signed, up to signed_with */
	struct span signature;
};

bool delegated_read(struct delegated *, struct rd);

#endif
