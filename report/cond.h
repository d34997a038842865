/*
 * Conditions: the few questions that rules are made of, each asked of the facts of one record.
 *
 * A condition is data: an operator and its operands. Its verdict says whether the (bad) thing holds: yes, no,
 * unknown because a fact is missing, or not applicable because the question does not arise; never a guess.
 * `because` names the facts in one sentence (always there for yes and unknown), `what` names what a server's
 * owner would have to change, `evidence` has the same facts in full. All text lives in the view's arena.
 */
#ifndef REPORT_COND_H
#define REPORT_COND_H

#include "report/view.h"

struct verdict {
	enum tri holds; /* never TRI_ABSENT */
	const char *because, *what;
	const struct evidence *evidence;
	size_t evidence_count;
	bool unasked; /* unknown because nobody put the question */
	bool optional; /* and no scan puts it unless it is told to */
};

struct cond {
	struct verdict (*op)(const struct view *, const struct cond *);
	bool (*suite)(const struct cipher *);
	bool (*cert)(const struct cert_info *, const struct record *);
	bool (*prime)(const struct dh_prime *);
	bool (*group)(const struct group *);
	enum obs_key key;
	enum tri value;
	uint16_t from, to; /* versions asked about; to 0: all of them */
	int64_t number;
	const char *text;
	const char *names; /* by blanks; NULL: any */
};

typedef struct verdict cond_op(const struct view *, const struct cond *);

struct verdict cond_ask(const struct view *, const struct cond *);
struct verdict verdict_of(enum tri, const char *because);
struct verdict verdict_unasked(const struct view *, enum obs_key);

/* versions */
cond_op cond_offered;   /* from is offered */
cond_op cond_missing;   /* from is not offered, others are */
cond_op cond_ssl3_best; /* SSL 3 is the best version */
cond_op cond_no_tls12;  /* neither TLS 1.2 nor 1.3 */
cond_op cond_listed;    /* key: a list of codes or names that is not empty */

/* cipher suites, of the versions from..to */
cond_op cond_any_suite;    /* at least one is such */
cond_op cond_only_suite;   /* all are such */
/* Where some are such, it depends on the client: what reference browsers that connect would get (simulate.h). */
cond_op cond_some_client;  /* one of them gets such a suite */
cond_op cond_every_client; /* all of them do */
cond_op cond_weak_first;   /* a server that orders puts a weaker suite before a stronger one */
cond_op cond_client_order; /* TLS <= 1.2: the client's order decides */

bool suite_null(const struct cipher *);
bool suite_anonymous(const struct cipher *);
bool suite_export(const struct cipher *);
bool suite_export_rsa(const struct cipher *);
bool suite_export_dhe(const struct cipher *);
bool suite_single_des(const struct cipher *); /* DES and its like: below 112 bits, not NULL, not export */
bool suite_weak(const struct cipher *);       /* below 112 bits, or anonymous */
bool suite_rc4(const struct cipher *);
bool suite_block64(const struct cipher *);
bool suite_no_fs(const struct cipher *);
bool suite_no_aead(const struct cipher *);
bool suite_cbc(const struct cipher *);
bool suite_rsa_kx(const struct cipher *);
bool suite_md5(const struct cipher *);
bool suite_dhe(const struct cipher *);
bool suite_before_tls13(const struct cipher *);

/* key exchange and signatures */
cond_op cond_dh_below;   /* a modulus smaller than number */
cond_op cond_dh_prime;   /* one that the table knows to be such; number 1: what it does not hold is unknown */
cond_op cond_export_key; /* a temporary RSA key */
cond_op cond_any_group;  /* a group that is such */
cond_op cond_no_group;   /* TLS 1.3 without a group that is such */
cond_op cond_scheme;     /* a scheme with the hash `text` */

/* What is known of the modulus of a dh.bits; NULL: nothing. */
const struct dh_prime *dh_prime_of(const struct obs *);

bool prime_common(const struct dh_prime *);
bool prime_composite(const struct dh_prime *);
bool prime_unsafe(const struct dh_prime *);
bool group_small(const struct group *);
bool group_post_quantum(const struct group *);

/* attacks with a name */
cond_op cond_ssl2;        /* as cond_tri, of SSL 2.0: no where that is not offered */
cond_op cond_logjam;
cond_op cond_dheat;       /* a finite field group is offered, in whatever version */
cond_op cond_dh_above;    /* one of more than `number` bits */
cond_op cond_clients_get; /* a client that offers everything gets such a suite */
cond_op cond_alpaca;
cond_op cond_breach;      /* pages over TLS are compressed */

bool group_finite(const struct group *);

/* yes-or-no observations */
/* Which servers a yes-or-no question is asked of at all: where it was not asked of another it does not apply.
 */
enum asked_of { ASKED_OF_ALL, ASKED_OF_OLD_VERSIONS, ASKED_OF_SEVERAL_VERSIONS };

cond_op cond_tri; /* key has this value somewhere; versions from..to; number: enum asked_of; text: of this name only */
cond_op cond_no_sentinel; /* a server whose best version is `from` does not mark what it answers in an older one */
cond_op cond_text_not; /* key says something else than text; not applicable where it says nothing */
cond_op cond_violation;
cond_op cond_limit;             /* the server said more than is read */

/* sessions */
cond_op cond_not_borne;         /* an observation of `key`, of those that `names` has, is `value` */
cond_op cond_ticket_key_known;  /* a key that everybody knows made a ticket */
cond_op cond_ticket_lifetime;   /* a ticket is good for more than `number` seconds */
cond_op cond_not_taken_up;      /* what was given is never taken up */
cond_op cond_taken_up_at_times; /* it is at some attempts, and not at others */
cond_op cond_psk_alone;         /* TLS 1.3 goes on without a key exchange */
cond_op cond_early_data;        /* it is accepted, and not answered 425 */

/* HTTP */
cond_op cond_hsts_broken; /* Strict-Transport-Security is there and does not work */
cond_op cond_hsts_short;  /* it is absent, broken, or good for fewer than `number` seconds */
cond_op cond_hsts_brief;  /* it works, for fewer than `number` seconds */
cond_op cond_hsts_missing;
cond_op cond_header;      /* one of `names` is in the state `text` */
cond_op cond_cookie;      /* one has a fault of those in `text` */
cond_op cond_banner;      /* software is named with its version */
cond_op cond_redirect;    /* HTTP without TLS answers with one of the words of `text` */

/* DNS */
cond_op cond_dns_bogus;     /* the signatures of one of the names do not hold */
cond_op cond_tlsa_mismatch; /* records that bind, and a chain that none of them fits */
cond_op cond_tlsa_unbound;  /* records that DNSSEC does not secure */
cond_op cond_caa_none;
cond_op cond_caa_critical;
cond_op cond_https_alpn;    /* h2 is promised, and not picked */

/* the client's certificate */
cond_op cond_client_misfit; /* the given one does not fit what is asked for, or is refused; not applicable without one */

/* what no observation says yet */

/* certificates of the judged chains */
cond_op cond_leaf;  /* a leaf is such */
cond_op cond_above; /* a certificate above the leaf is such */
cond_op cond_any_cert;
cond_op cond_issue; /* chain.issues names text */
cond_op cond_mismatch;
cond_op cond_untrusted;
cond_op cond_distrusted; /* a store's path was refused for its authority */
cond_op cond_refused_somewhere; /* by a store of --trust, while another store trusts it */

/* staples, timestamps, keys; of the judged chains too */
cond_op cond_revoked;            /* a staple or a fetched answer says so; or of a certificate on every trusted path */
cond_op cond_above_revoked;      /* a fetched answer says so of a certificate above the server's */
cond_op cond_revocation_unusable; /* a fetched answer tells nothing */
cond_op cond_staple_unusable;    /* a staple that no client can use */
cond_op cond_must_staple_broken; /* the certificate demands a staple, and none that is good comes */
cond_op cond_no_scts;            /* a public authority's certificate without timestamps */
cond_op cond_ct_policy;          /* ... with fewer than browsers want */
cond_op cond_too_long;           /* ... that lasts longer than its date of issue allows */
cond_op cond_key_flaw;           /* cert.key_flaws names one of the words in text */
cond_op cond_known_key;          /* key: cert.known_key or cert.debian_key */
cond_op cond_debian_key;         /* the leaf's alone; key: cert.debian_key */
cond_op cond_differ;             /* cert.differences names text */
cond_op cond_default_differs; /* a client that names no server gets a certificate for other names, or of another issuer */

bool cert_expired(const struct cert_info *, const struct record *);
bool cert_not_yet(const struct cert_info *, const struct record *);
bool cert_expires_soon(const struct cert_info *, const struct record *);
bool cert_self_signed(const struct cert_info *, const struct record *);
bool cert_below_1024(const struct cert_info *, const struct record *);
bool cert_below_2048(const struct cert_info *, const struct record *);
bool cert_weak_hash(const struct cert_info *, const struct record *);
bool cert_sha1(const struct cert_info *, const struct record *);
bool cert_md5(const struct cert_info *, const struct record *);
bool cert_exponent_1(const struct cert_info *, const struct record *);
bool cert_wosign(const struct cert_info *, const struct record *);
bool cert_symantec(const struct cert_info *, const struct record *);

/* ---- what conditions over certificates share ---- */

/* The worst answer of all judged chains: yes, then unknown, then no, then not applicable. */
typedef struct verdict chain_cond(const struct view *, const struct served *, const struct cond *);
struct verdict each_judged(const struct view *, const struct cond *, chain_cond *);
struct verdict verdict_worse(struct verdict, struct verdict);
const struct obs *about_cert(const struct view *, const char *sha256, enum obs_key); /* the first; or NULL */
bool among(const char *words, const char *word); /* by blanks */
bool obs_has_word(const struct obs *, const char *word); /* among its names; NULL has none */
const char *cert_subject(const struct view *, const char *sha256);
struct verdict staple_verdict(const struct view *, const struct served *, enum tri holds, const struct obs *);

/* The strength of a certificate's key as an RSA modulus, in bits; 0: not known. */
unsigned cert_rsa_bits(const struct cert_info *);

#endif
