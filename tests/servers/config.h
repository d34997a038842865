/*
 * How a test server behaves, as data. Tests fill one in by hand or read it from text: lines `key=value`, #
 * comments; server_main.c reads the same from a file. Keys are the rows of the table in config.c, one for
 * each field here.
 *
 * Owned by the test; what config_read() makes lies in its arena. A config is constant while a server uses it.
 */
#ifndef SERVERS_CONFIG_H
#define SERVERS_CONFIG_H

#include "scanner/base/arena.h"
#include "tests/servers/certs.h"

struct code_list {
	const uint32_t *v;
	size_t n;
};

bool code_list_has(const struct code_list *, uint32_t code);

enum server_order {
	ORDER_SERVER,
	ORDER_CLIENT,
	ORDER_SERVER_CHACHA, /* the server's, but a client that puts ChaCha20 first gets it */
};

/* How a server says no. */
enum refusal { REFUSE_ALERT, REFUSE_FIN, REFUSE_RESET, REFUSE_SILENCE };

enum sni_rule {
	SNI_ANY,
	SNI_NEEDED,  /* no name: refused */
	SNI_KNOWN,   /* a name that is not `sni_name`: refused; none is fine */
	SNI_REFUSED, /* any name: refused */
};

/* What a TLS 1.3 server does with a hello that has no share it can use. */
enum share_miss { SHARE_RETRY, SHARE_ALERT_40 = 40, SHARE_ALERT_47 = 47 };

/* Extensions that the server answers when they were offered. */
enum {
	ANSWER_EMS = 1 << 0,
	ANSWER_ETM = 1 << 1,
	ANSWER_RENEGOTIATION = 1 << 2,
	ANSWER_TICKET = 1 << 3,
	ANSWER_SNI = 1 << 4,
	ANSWER_POINT_FORMATS = 1 << 5,
	ANSWER_HEARTBEAT = 1 << 6,
};

/* Does it want a certificate of the client? */
enum client_auth { CLIENT_AUTH_NO, CLIENT_AUTH_ASK, CLIENT_AUTH_REQUIRE };

enum { VERSION_SUITES_MAX = 16, CONFIG_CHAINS_MAX = 8, CONFIG_ALPN_MAX = 16, CONFIG_HEADERS_MAX = 16, CONFIG_TOLD_MAX = 32 };

/* A hello of the client after the handshake, up to TLS 1.2; ACCEPT: only bound to the connection (RFC 5746). */
enum renegotiation {
	RENEGOTIATION_REFUSE, /* the warning no_renegotiation */
	RENEGOTIATION_ACCEPT,
	RENEGOTIATION_INSECURE, /* from anybody */
	RENEGOTIATION_IGNORE,
	RENEGOTIATION_ALERT,
	RENEGOTIATION_CLOSE,
	RENEGOTIATION_RESET,
};

/* Rows of bugs.def. */
enum server_bug {
#define BUG(NAME, name, what) BUG_##NAME,
#include "tests/servers/bugs.def"
#undef BUG
	BUGS
};

/* Rows of quirks.def. */
enum server_quirk {
#define QUIRK(NAME, name, what) QUIRK_##NAME,
#include "tests/servers/quirks.def"
#undef QUIRK
	QUIRKS
};

struct version_suites {
	uint16_t version;
	struct code_list suites;
};

/* An answer to an extension as it stands, in one message (IN_* of tables.h). */
struct told_extension {
	uint8_t in;
	uint16_t code;
	struct span data;
};

struct chain_set {
	const struct server_chain *v[CONFIG_CHAINS_MAX];
	size_t n;
};

struct misbehaviour;

struct server_config {
	struct code_list versions; /* VER_*, drafts too */
	struct code_list suites;   /* in the server's order; each version takes those that fit it */
	struct version_suites suites_of[VERSION_SUITES_MAX]; /* instead of `suites`, for one version */
	size_t suites_of_n;
	struct code_list kinds; /* SSL 2 */
	enum server_order order;
	struct code_list groups, schemes;
	enum server_order groups_order, schemes_order;
	bool retry_for_best; /* asks again for a better group though a share that would do is there */
	struct chain_set chains, chains_without_sni; /* the second empty: the same */
	struct span dh_prime;                        /* empty: no finite-field DHE but with named groups */
	uint32_t answers;                            /* ANSWER_* */
	const char *alpn[CONFIG_ALPN_MAX];
	size_t alpn_n;
	enum server_order alpn_order;
	bool alpn_strict; /* refuses when nothing is common */
	struct span staple, sct, staple_above; /* the last: TLS 1.3, beside the certificate next to the leaf */
	bool deflate, fallback_scsv;
	enum client_auth client_auth;
	struct told_extension told[CONFIG_TOLD_MAX]; /* when they were offered; in CR and NST always */
	size_t told_n;
	struct code_list dislikes; /* extensions whose mere offer is refused */
	size_t max_extensions;     /* hellos with more are refused; 0: none are */
	bool raw_key;              /* shows its bare key to whoever asks for it: RFC 7250 */
	const struct server_chain *delegate; /* whose key a delegated credential names; NULL: none is sent */
	enum renegotiation renegotiation;
	bool no_sentinel; /* leaves the downgrade sentinel of RFC 8446 section 4.1.3 out */
	bool no_false_start; /* up to TLS 1.2 refuses what comes right behind the client's Finished */
	bool wrong_renegotiation; /* one byte too many in renegotiation_info */
	bool wrong_sentinel; /* puts the one of TLS 1.3 into every older answer */
	bool reuses_shares, repeats_randoms, repeats_session_ids; /* the same in every connection */
	uint32_t clock; /* up to TLS 1.2 the random begins with this time; 0: it does not */
	bool srp_unknown; /* SRP suites are refused with unknown_psk_identity, RFC 5054 section 2.5.1.3 */
	enum share_miss needs_share;

	unsigned forgets;         /* every so many-th connection reaches a server that knows no sessions; 0: none */
	bool session_ids;         /* up to TLS 1.2, where no ticket is given: sessions are kept by id */
	unsigned tickets;         /* of TLS 1.3, after the handshake */
	uint32_t ticket_lifetime; /* seconds */
	struct span ticket_key;   /* 80 bytes as OpenSSL has them, 64 as GnuTLS; empty: tickets are not encrypted, only proven */
	uint32_t early_data;      /* bytes that may come before the handshake is over; 0: none */
	bool compress;            /* certificates of TLS 1.3 go in zlib's format where a client takes it */
	bool psk_ke;              /* goes on without a key exchange where that is all that the client offers */
	bool cookie;              /* a HelloRetryRequest carries one, and wants it back */
	struct span psk;          /* of the PSK suites; empty: none */
	const char *psk_identity; /* NULL: any */
	const char *headers[CONFIG_HEADERS_MAX]; /* of the HTTP response, "Name: value" */
	size_t headers_n;

	size_t max_suites;         /* refuses hellos with more; 0: none */
	bool refuse_extensions;    /* refuses hellos with any */
	bool refuse_ecc_mix;       /* refuses ECC suites beside others */
	bool dh_missing;           /* picks DHE suites, and fails then for want of parameters */
	bool drop_256_511;         /* does not answer hellos of such a size */
	uint16_t intolerant_above; /* refuses hellos that ask for a version above; 0: picks the best common
	                              one */
	enum sni_rule sni;
	const char *sni_name;

	enum refusal refusal;
	enum refusal later_refusal; /* behind the hello; REFUSE_ALERT: the same */
	uint8_t alert;      /* 0: the one that fits the cause */
	struct code_list alerts;   /* instead, one for each connection in turn: a balancer over several servers */
	bool alert_random;         /* instead, one of all 256 */
	bool lower_version; /* with no suite for the best version, picks a lower one */

	size_t fragment;                              /* most bytes in one record; 0: as usual */
	unsigned at_once, refuse_after, tarpit_after; /* for the driver: see tests/sim/net_sim.h */
	uint64_t seed;                                /* where its randoms come from */
	bool bugs[BUGS], quirks[QUIRKS];
	const struct misbehaviour *row;               /* NULL: sound */
	uint64_t at;                                  /* the row's number: which byte, bit or field */

	struct arena arena;
};

/* A sound server of today: TLS 1.0 to 1.3, RSA and ECDSA, no oddities. */
void config_sound(struct server_config *);
/* Adds to what is there. False, and the first wrong line in `wrong`, when it makes no sense. */
bool config_read(struct server_config *, const char *text, char wrong[static 128]);
void config_free(struct server_config *);

/* The suites of a version, before looking at any hello. */
struct code_list config_suites(const struct server_config *, uint16_t version);

#endif
