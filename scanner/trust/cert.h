/*
 * A certificate, parsed once from its DER (RFC 5280).
 *
 * Everything is read by the project's own cursor: libcrypto sees a key only when a signature is to be
 * checked, and then only one whose kind and size are allowed (seal.h). A struct cert owns one copy of its
 * DER, to which all its spans point; it is freed by cert_free() and never changes. Bytes that are no
 * certificate give a struct cert that says so.
 */
#ifndef TRUST_CERT_H
#define TRUST_CERT_H

#include "scanner/base/arena.h"
#include "scanner/facts/record.h"
#include "scanner/trust/der.h"

enum {
	CERT_BYTES_MAX = 256 * 1024, /* larger ones are malformed */
	CERT_NAMES_MAX = 1000,       /* names listed */
	CERT_EXTS_MAX = 128,         /* extensions looked at */
	CERT_SHA256 = 32,
};

/* The extensions that are known here; the spans of struct cert are indexed by it. */
enum cert_ext {
#define EXT(name, oid, handled) CERT_EXT_##name,
#include "scanner/trust/exts.def"
#undef EXT
	CERT_EXTS
};

/* Key usage, RFC 5280 section 4.2.1.3: bit n is 1 << n. */
enum {
	KEY_USAGE_DIGITAL_SIGNATURE = 1 << 0,
	KEY_USAGE_KEY_ENCIPHERMENT = 1 << 2,
	KEY_USAGE_DATA_ENCIPHERMENT = 1 << 3,
	KEY_USAGE_KEY_AGREEMENT = 1 << 4,
	KEY_USAGE_CERT_SIGN = 1 << 5,
	KEY_USAGE_CRL_SIGN = 1 << 6,
	KEY_USAGE_ENCIPHER_ONLY = 1 << 7,
	KEY_USAGE_DECIPHER_ONLY = 1 << 8,
};

/* Extended key usage, as bits. */
enum {
	PURPOSE_SERVER = 1,
	PURPOSE_CLIENT = 2,
	PURPOSE_ANY = 4,
	PURPOSE_OCSP = 8,
	PURPOSE_OTHER = 16,
	PURPOSE_NOT_TLS = 32, /* code, mail, time stamps, pre-certificates: never beside TLS (BR 7.1.2.7.10) */
};

/* How much a signature algorithm is worth. */
enum seal_strength { SEAL_SOUND, SEAL_SHA1, SEAL_BROKEN };

/* A row of algs.def. */
struct seal_alg {
	const char *oid, *name;
	enum cert_key key;  /* that can sign with it */
	const char *digest; /* OpenSSL's name; NULL: part of the algorithm, or in its parameters */
	enum seal_strength strength;
};

/* A signature, and what it is to be on. */
struct seal_claim {
	const struct seal_alg *alg; /* NULL: unknown */
	struct span params;	    /* RSASSA-PSS */
	struct span signature, tbs;
	char oid[DER_OID_TEXT];
};

struct cert {
	uint8_t sha256[CERT_SHA256];
	struct span der, tbs; /* whole; the part that is signed, with tag and length */
	bool malformed;       /* nothing below can be relied on */
	bool too_large;       /* malformed because of that alone: it was not read */

	int version; /* 1, 2, 3 */
	struct span serial;
	struct span issuer, subject;             /* contents of the names */
	struct span issuer_canon, subject_canon; /* dname.h */
	uint64_t issuer_hash, subject_hash;
	int64_t not_before, not_after; /* an unreadable time never comes: bad_time */
	bool bad_time;
	bool odd_time;   /* not in the form that RFC 5280 section 4.1.2.5 has for its year */
	bool unique_ids; /* of the issuer or the subject, section 4.1.2.8 */

	struct span spki; /* with tag and length */
	enum cert_key key;
	unsigned key_bits;
	const char *curve; /* IANA name; NULL: not elliptic, or not a named curve that is known */
	char key_oid[DER_OID_TEXT];
	struct span rsa_n, rsa_e; /* without leading zeros */
	struct span point;        /* EC, EdDSA and others: the key itself */

	const struct seal_alg *seal; /* NULL: unknown */
	char seal_oid[DER_OID_TEXT];
	struct span seal_params; /* RSASSA-PSS */
	struct span signature;
	bool seal_mismatch; /* the algorithm outside is not the one inside */

	struct span exts[CERT_EXTS]; /* contents of the OCTET STRING; p is NULL when absent */
	bool ext_critical[CERT_EXTS];
	size_t exts_count;
	bool exts_cut;         /* more than CERT_EXTS_MAX; the others were not looked at */
	bool critical_unknown; /* a critical extension that is not known here */
	bool bad_ext;          /* a known one that cannot be read, or one that stands twice */
	bool is_ca;            /* basic constraints */
	bool issuer_by_serial; /* the authority key identifier names a certificate, not only a key */
	int64_t path_length;   /* -1: none */
	bool has_key_usage, has_purposes;
	unsigned key_usage, purposes;
	struct span key_id, issuer_key_id; /* empty when absent */

	uint8_t *bytes, *canon; /* what the spans point to */
};

/*
 * libcrypto without its configuration file, and with memory that is there or the process is not. To be called
 * before any other use of libcrypto.
 */
void trust_init(void);

struct cert *cert_parse(const uint8_t *der, size_t n);
void cert_free(struct cert *); /* NULL is fine */
/* A SubjectPublicKeyInfo alone: of the fields above only those of the key are there. */
struct cert *cert_of_key(struct span spki);

/* The record's form of it, in the arena; of malformed DER only sha256 and pem are known. */
void cert_info_fill(struct arena *, const struct cert *, struct cert_info *);

bool cert_same(const struct cert *, const struct cert *); /* byte for byte */
bool cert_self_issued(const struct cert *);               /* subject equals issuer */
bool cert_issued_in_name_of(const struct cert *child, const struct cert *issuer);

/* The contents of the subject alternative name, for general_name_next(); empty when there is none. */
struct rd cert_names(const struct cert *);

/*
 * The subject of a certificate without parsing the rest of it: contents of the Name. Empty when it is not to
 * be found.
 */
struct span cert_subject_of(struct span der);
/* A hash of a name in the form of dname_canon(); not for keeping. */
uint64_t cert_name_hash(struct span canon);

#endif
