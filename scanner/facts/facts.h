/*
 * What one endpoint has shown so far: the choices it made, one for each question, and what probes noted.
 *
 * A choice is (what was offered) -> (what was picked, or how it was refused). Accepted sets, whose order decides and
 * the order itself are pure functions of the set of choices; the order of arrival means nothing. Everything lives in
 * the endpoint's arena. Probes read facts only; scanner/run writes them.
 */
#ifndef FACTS_FACTS_H
#define FACTS_FACTS_H

#include "scanner/facts/record.h"
#include "scanner/tls/answer.h"

/* A Diffie-Hellman modulus or a temporary RSA modulus that was sent in clear. */
struct modulus {
	const char *sha256; /* hex of the big-endian bytes without leading zeros; NULL: none was sent */
	unsigned bits;
	uint16_t group;     /* the RFC 7919 code when it is one of those */
	const char *name;   /* of a well-known one, or NULL */
};

/* A value that a server should never send twice, by its hash; not `there`: the answer has none. */
struct mark {
	uint8_t hash[16];
	bool there;
};

enum share_kind { SHARE_NONE, SHARE_DHE, SHARE_ECDHE, SHARE_TLS13, SHARE_KINDS };

/* What a server makes anew for each connection. */
struct fresh {
	enum share_kind kind;
	struct mark share, group; /* the public value, and the curve or modulus that it is of */
	struct mark random;
	struct mark session_id;   /* of a new session, up to TLS 1.2 */
	bool has_clock;           /* up to TLS 1.2: the first four bytes of the random may be one (RFC 5246 7.4.1.2) */
	uint32_t clock;
	uint64_t asked_us;
};

/* The end of the random of an answer below TLS 1.3 (RFC 8446 section 4.1.3): "DOWNGRD" and 1, or 0. */
enum sentinel { SENTINEL_NONE, SENTINEL_KNOWS_TLS13, SENTINEL_KNOWS_TLS12 };

struct choice {
	const struct hello *hello;
	const uint8_t *description; /* hello_write() without entropy, then the sample: the identity of the question */
	size_t description_n;
	const char *probe;          /* of all that asked it, the first in probes.def */
	unsigned asker;             /* its place there */
	enum answer_kind kind;
	enum reason reason;
	uint8_t alert;
	/* the pick; only when kind is SERVER_HELLO or RETRY */
	uint16_t version, suite, group, scheme;
	uint8_t compression;
	const uint16_t *exts;
	const uint8_t *exts_in;     /* IN_* of the message of each */
	size_t exts_count;
	bool exts_whole;            /* all that the server answers to extensions was seen: not so in the clear part of TLS 1.3 */
	struct granted granted;
	bool ech_configs;
	const char *const *npn;     /* cleaned, NPN's list of protocols */
	size_t npn_n;
	const char *alpn;           /* cleaned; NULL: none */
	bool complete;              /* a whole handshake, both Finished right */
	enum tri ticket_known;      /* its ticket was made with a key that everybody knows; ABSENT: none came */
	const char *ticket_key, *ticket_form; /* which (scanner/tls/ticket_keys.h) */
	bool ticket_opened;
	enum tri close_notify;      /* our goodbye was answered with one; ABSENT: none was said, or no end was seen */
	const struct hs_again *again; /* renegotiations asked for behind it (scanner/tls/hs.h) */
	size_t again_n;
	struct span staple, scts;   /* an OCSP response; a list of timestamps; empty: none came */
	struct span staples_above[STAPLES_ABOVE_MAX];
	const struct client_request *request; /* NULL: no certificate of the client was asked for, or not up to there */
	enum sentinel sentinel;
	struct fresh fresh;
	struct modulus dh, rsa;
	enum cert_key cert;         /* key of the leaf; KEY_NONE: no certificate in clear */
	uint16_t cert_curve;        /* group code of an ECDSA leaf, 0 unknown */
	const struct span *chain;   /* DER, leaf first; shared between choices that saw the same bytes */
	size_t chain_n;
	bool chain_cut;
	bool raw_key;               /* a bare key came instead */
	bool delegated;             /* the signature is a delegated credential's (RFC 9345) ... */
	uint32_t delegated_valid_s; /* ... which ends so long after the certificate's notBefore */
	uint16_t delegated_scheme;
	uint16_t compressed_with;   /* of the Certificate message (RFC 8879); 0: it was not */
	/* SSL 2 */
	const uint32_t *kinds;
	size_t kinds_count;
};

/* What the target says of HTTP. */
struct http_facts {
	bool expected;          /* the port is one where HTTP is to be expected */
	uint16_t clear_port;    /* where HTTP without TLS is asked; 0: nowhere */
	const char *host;       /* the name asked for, or the address */
	bool is_address;        /* it is one: RFC 6797 section 8.1.1 */
	const char *authority;  /* the host as it stands in a URL; behind it the Host lines, with the port where not usual */
	const char *tls_authority, *clear_authority;
};

/* What the target is in the DNS. */
struct dns_facts {
	const char *host;
	uint16_t port;
	enum reason why_not; /* it is not asked for; REASON_NONE: it is */
	const char *anchor;  /* the zone whose keys are trusted */
};

struct own_clients;

struct facts {
	struct arena *arena;
	struct choice *choices;
	size_t count;
	const char *sni; /* the server name in use, NULL for none */
	struct http_facts http;
	struct dns_facts dns;
	bool psk;        /* the user gave a pre-shared key */
	const char *const *alpn; /* what whole handshakes ask for, ends with NULL; NULL: nothing */
	const struct own_clients *own; /* clients that the user gave; NULL: none */
};

/* Appends and returns a zeroed choice. */
struct choice *facts_choice(struct facts *);
/* Sorts choices by who asked and what, so that what is computed next does not depend on the order of arrival. */
void facts_sort(struct facts *);

bool choice_picked(const struct choice *, uint16_t version); /* 0: any version */
/* Was it asked by another name than that of the target? Its answer is that of another server, by certificate and by all. */
bool choice_names_another(const struct facts *, const struct choice *);
bool choice_has_extension(const struct choice *, uint16_t extension);

/* The server picked this version at least once. */
bool facts_offers(const struct facts *, uint16_t version);
/* The newest version up to TLS 1.2 (and from SSL 3 on) that was picked; 0: none. */
uint16_t facts_newest_clear(const struct facts *);

/* The name of the list of finite field groups, which up to TLS 1.2 stands beside the one of curves. */
#define FACTS_FFDHE "ffdhe"

/* One column of a choice. */
enum dimension { DIM_SUITES, DIM_GROUPS, DIM_SCHEMES };

struct codes dimension_offered(const struct hello *, enum dimension);
uint32_t dimension_pick(const struct choice *, enum dimension);

struct ranking {
	struct codes list;  /* every code picked, best first where the server has an order */
	const char *order;  /* "server", "server-chacha", "client", "none", "unknown" */
};

/*
 * Which codes were picked in this version (by certificates of this key, KEY_NONE: by any), and whose order decides.
 * The order is the client's when every pick was the first offered of those the server takes, the server's when the
 * picks never contradict one order of its own; when no question tells the two apart it is unknown, except for a single
 * code: none. `server-chacha`: the server's own order, but a hello that puts ChaCha20 first gets it; or the order for hellos
 * that put AES-GCM first, and ChaCha20 comes first in all others.
 */
struct ranking facts_rank(const struct facts *, enum dimension, uint16_t version, enum cert_key key);
/* Several codes, and no question yet that told whose order decides. */
bool ranking_is_open(const struct ranking *);
/* The set alone, in numerical order: cheaper, where no order is asked for. */
struct codes facts_taken(const struct facts *, enum dimension, uint16_t version, enum cert_key key);

#endif
