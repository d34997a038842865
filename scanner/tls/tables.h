/*
 * The field's registries as tables: versions, cipher suites, SSL 2 cipher kinds, groups, signature schemes,
 * extensions, alerts, ALPN names and well-known Diffie-Hellman primes.
 *
 * Rows stand in the *.def files beside this header, generated once by tools/gen_tables.py from the published
 * registries and committed; each table is sorted by code. All pointers returned point at constant data; NULL means
 * the code is not in the table. Names are IANA's first; `openssl` is NULL where OpenSSL has no name for the code.
 */
#ifndef TLS_TABLES_H
#define TLS_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- versions ---------------------------------------------------------------------------------------------- */

enum {
	VER_SSL2 = 0x0002,
	VER_SSL3 = 0x0300,
	VER_TLS10 = 0x0301,
	VER_TLS11 = 0x0302,
	VER_TLS12 = 0x0303,
	VER_TLS13 = 0x0304,
	VER_TLCP = 0x0101,
	VER_DTLS10 = 0xFEFF,
	VER_DTLS12 = 0xFEFD,
	VER_DTLS13 = 0xFEFC,
};

/* STABLE: a published protocol, a key of the report's `protocols`. DRAFT: a draft or an experiment of TLS 1.3. */
enum version_kind { VERSION_STABLE, VERSION_DRAFT };

struct version {
	uint16_t code;
	const char *name; /* "TLSv1.2" */
	enum version_kind kind;
};

extern const struct version versions[];
extern const size_t versions_count;
const struct version *version_find(uint16_t code);
const struct version *version_by_name(const char *name);

/* ---- cipher suites ----------------------------------------------------------------------------------------- */

enum kx {
	KX_NONE, /* the null suite and the two signalling values */
	KX_RSA,
	KX_DH, /* static, the key in the certificate */
	KX_DHE,
	KX_ECDH, /* static */
	KX_ECDHE,
	KX_PSK,
	KX_DHE_PSK,
	KX_ECDHE_PSK,
	KX_RSA_PSK,
	KX_SRP,
	KX_KRB5,
	KX_ANY, /* TLS 1.3: the suite does not say */
	KX_OTHER, /* ECCPWD, ECJPAKE, GOST, CECPQ1, FORTEZZA, SM2 ... : see kx_name */
};

enum auth {
	AUTH_NULL, /* anonymous */
	AUTH_RSA,
	AUTH_DSS,
	AUTH_ECDSA, /* EdDSA certificates use these suites too (RFC 8422) */
	AUTH_PSK,
	AUTH_SRP,
	AUTH_KRB5,
	AUTH_ANY, /* TLS 1.3 */
	AUTH_OTHER,
};

enum {
	SUITE_AEAD = 1 << 0,
	SUITE_FS = 1 << 1,     /* forward secret and authenticated */
	SUITE_EXPORT = 1 << 2,
	SUITE_SCSV = 1 << 3,   /* a signal, never to be picked: RFC 5746, RFC 7507 */
	SUITE_REGISTERED = 1 << 4,
	SUITE_CBC = 1 << 5,
	SUITE_DTLS = 1 << 6,   /* usable with DTLS */
};

struct suite {
	uint16_t code;
	const char *name, *openssl;
	enum kx kx;
	enum auth auth;
	const char *kx_name, *auth_name; /* "ECDHE", "RSA", "NULL", "ANY" ... as in the source table */
	const char *enc;                 /* "AES-128-GCM", "3DES-CBC", "RC4", "NULL" ... */
	const char *mac;                 /* "AEAD", "SHA1", "SHA256", "MD5" ... */
	uint16_t bits, strength;         /* key bits as graded (3DES 168) and real (3DES 112) */
	uint8_t block_bits;              /* 64, 128; 0 for stream and AEAD ones without one known */
	uint8_t flags;                   /* SUITE_* */
	uint16_t min_version;            /* VER_SSL3, VER_TLS12, VER_TLS13 ... */
	char recommended;                /* 'Y', 'N', 'D' as of 2026; 0 unknown */
};

extern const struct suite suites[]; /* sorted by code; 0x0000 and the two SCSVs included, flagged or NULL */
extern const size_t suites_count;
const struct suite *suite_find(uint16_t code);
const struct suite *suite_by_name(const char *name); /* IANA or OpenSSL name */

/* May a server pick it? False for 0x0000, the SCSVs and GREASE: picking one of those breaks the protocol. */
bool suite_pickable(uint16_t code);
/* Is it a suite of TLS 1.3 (usable there and only there)? */
bool suite_is_tls13(const struct suite *);
/* Does the key exchange need a group from supported_groups (elliptic curves)? */
bool suite_is_ecc(const struct suite *);

/* SSL 2 cipher kinds, 24-bit codes. */
struct sslv2_kind {
	uint32_t code;
	const char *name, *openssl, *enc;
	uint16_t bits;
	bool export;
};

extern const struct sslv2_kind sslv2_kinds[];
extern const size_t sslv2_kinds_count;
const struct sslv2_kind *sslv2_kind_find(uint32_t code);

/* ---- groups ------------------------------------------------------------------------------------------------ */

enum group_kind {
	GROUP_EC_BINARY,
	GROUP_EC_PRIME,
	GROUP_MONTGOMERY,
	GROUP_GOST,
	GROUP_FFDHE,
	GROUP_KEM,
	GROUP_HYBRID,
	GROUP_GREASE,  /* RFC 8701: never to be picked */
	GROUP_SPECIAL, /* explicit curves: never to be picked */
};

enum group_use { GROUP_TLS12 = 1 << 0, GROUP_TLS13 = 1 << 1 }; /* in which versions it may be negotiated */

struct group {
	uint16_t code;
	const char *name, *openssl;
	enum group_kind kind;
	uint16_t bits;     /* of the field or modulus; 0 unknown */
	uint16_t security; /* bits of classical security; 0 unknown */
	uint8_t use;       /* enum group_use */
	bool pq;           /* resists a quantum computer, as far as known */
	bool obsolete;     /* a pre-standard private code */
};

extern const struct group groups[];
extern const size_t groups_count;
const struct group *group_find(uint16_t code);
const struct group *group_by_name(const char *name);
bool group_pickable(const struct group *);

/* The strength of an EC or hybrid group as an RSA modulus, in bits, as the grade counts it (NIST SP 800-57 part 1
 * table 2): 256-bit curves 3072, 384-bit ones 7680, 521 bits 15360; 0 unknown. */
unsigned group_rsa_bits(const struct group *);

/* ---- signature schemes ------------------------------------------------------------------------------------- */

/* The kind of certificate key that makes the signature. */
enum cert_key { KEY_NONE, KEY_RSA, KEY_RSA_PSS, KEY_DSA, KEY_ECDSA, KEY_ED25519, KEY_ED448, KEY_ML_DSA, KEY_GOST, KEY_SM2,
	KEY_OTHER };
const char *cert_key_name(enum cert_key); /* "RSA", "RSA-PSS", "DSA", "ECDSA", "Ed25519" ... */

struct scheme {
	uint16_t code;
	const char *name, *openssl, *hash;
	enum cert_key key;
	bool tls12, tls13;
};

extern const struct scheme schemes[];
extern const size_t schemes_count;
const struct scheme *scheme_find(uint16_t code);
const struct scheme *scheme_by_name(const char *name);

/* ---- extensions, alerts, ALPN ------------------------------------------------------------------------------ */

/* In which TLS 1.3 messages an extension may stand (RFC 8446 section 4.2), as bits. */
enum { IN_CH = 1, IN_SH = 2, IN_HRR = 4, IN_EE = 8, IN_CERT = 16, IN_CR = 32, IN_NST = 64 };

/* The message in short: "SH", "HRR", "EE", "CT", "CR", "NST"; the IN_* bit of one of them. */
const char *message_short(uint8_t in);

struct extension {
	uint16_t code;
	const char *name;
	uint8_t tls13_messages; /* IN_* bits; 0: none in TLS 1.3 */
};

/* OCSP responses kept of the certificates above a server's own: the first is about the one next to it. */
enum { STAPLES_ABOVE_MAX = 4 };

enum {
	EXT_SERVER_NAME = 0,
	EXT_MAX_FRAGMENT_LENGTH = 1,
	EXT_TRUSTED_CA_KEYS = 3,
	EXT_TRUNCATED_HMAC = 4,
	EXT_STATUS_REQUEST = 5,
	EXT_SUPPORTED_GROUPS = 10,
	EXT_EC_POINT_FORMATS = 11,
	EXT_SRP = 12,
	EXT_SIGNATURE_ALGORITHMS = 13,
	EXT_HEARTBEAT = 15,
	EXT_ALPN = 16,
	EXT_STATUS_REQUEST_V2 = 17,
	EXT_SCT = 18,
	EXT_CLIENT_CERTIFICATE_TYPE = 19,
	EXT_SERVER_CERTIFICATE_TYPE = 20,
	EXT_PADDING = 21,
	EXT_ENCRYPT_THEN_MAC = 22,
	EXT_EXTENDED_MASTER_SECRET = 23,
	EXT_COMPRESS_CERTIFICATE = 27,
	EXT_RECORD_SIZE_LIMIT = 28,
	EXT_DELEGATED_CREDENTIAL = 34,
	EXT_SESSION_TICKET = 35,
	EXT_PRE_SHARED_KEY = 41,
	EXT_EARLY_DATA = 42,
	EXT_SUPPORTED_VERSIONS = 43,
	EXT_COOKIE = 44,
	EXT_PSK_KEY_EXCHANGE_MODES = 45,
	EXT_POST_HANDSHAKE_AUTH = 49,
	EXT_KEY_SHARE = 51,
	EXT_NPN = 0x3374,
	EXT_ECH = 0xFE0D,
	EXT_RENEGOTIATION_INFO = 0xFF01,
};

extern const struct extension extensions[];
extern const size_t extensions_count;
const struct extension *extension_find(uint16_t code);

enum {
	ALERT_CLOSE_NOTIFY = 0,
	ALERT_HANDSHAKE_FAILURE = 40,
	ALERT_PROTOCOL_VERSION = 70,
	ALERT_INTERNAL_ERROR = 80,
	ALERT_INAPPROPRIATE_FALLBACK = 86,
	ALERT_USER_CANCELED = 90,
	ALERT_NO_RENEGOTIATION = 100,
	ALERT_UNRECOGNIZED_NAME = 112,
	ALERT_UNKNOWN_PSK_IDENTITY = 115,
	ALERT_NO_APPLICATION_PROTOCOL = 120,
};

struct alert_name {
	uint8_t code;
	const char *name;
};

extern const struct alert_name alerts[];
extern const size_t alerts_count;
const char *alert_text(uint8_t code); /* "handshake_failure"; "unknown" when the code has no name */

struct alpn_name {
	const char *id, *meaning;
};

extern const struct alpn_name alpn_names[];
extern const size_t alpn_names_count;

/* True for the 16 GREASE values of RFC 8701 (suites, groups, extensions, versions). */
bool code_is_grease(uint16_t code);

/* ---- Diffie-Hellman primes --------------------------------------------------------------------------------- */

/* A modulus that many servers share, by the SHA-256 of its big-endian bytes without leading zeros. */
struct dh_prime {
	uint8_t sha256[32];
	uint16_t bits;
	bool prime, safe;     /* prime; (p-1)/2 prime as well */
	uint16_t group;       /* the RFC 7919 code when it is one of those, else 0 */
	const char *name;     /* "RFC 3526 group 14 (2048 bits)" ... */
};

extern const struct dh_prime dh_primes[]; /* sorted by sha256 */
extern const size_t dh_primes_count;
const struct dh_prime *dh_prime_find(const uint8_t sha256[32]);

#endif
