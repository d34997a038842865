/*
 * The record of one endpoint: what was asked and what was learnt, and nothing of what it is worth.
 *
 * A record is filled by a scan (scanner/run) or read back from JSON (record_json.h); everything in it lives in the
 * record's arena. Judgement, policies, diffs and every output format are pure functions of it. Text that came from
 * the wire is valid UTF-8 here already (text_clean()); writers escape it for where it goes.
 */
#ifndef FACTS_RECORD_H
#define FACTS_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/base/arena.h"
#include "scanner/tls/tables.h"

/* TRI_ABSENT: not asked; never written. TRI_NA: the question has no meaning here. */
enum tri { TRI_ABSENT, TRI_NO, TRI_YES, TRI_UNKNOWN, TRI_NA };
const char *tri_name(enum tri); /* "yes", "no", "unknown", "not_applicable" */

enum obs_type { OBS_TRI, OBS_NUMBER, OBS_TEXT, OBS_CODES, OBS_NAMES };

enum obs_key {
#define OBS(name, type, key, what) OBS_KEY_##name,
#include "scanner/facts/obs.def"
#undef OBS
	OBS_KEYS
};

struct obs_kind {
	const char *key, *what;
	enum obs_type type;
};

extern const struct obs_kind obs_kinds[OBS_KEYS];

struct evidence {
	const char *name, *text; /* stable between two scans of an unchanged server: no randoms, no times */
};

/* Evidence that differs from scan to scan; it stands under `scan`, by the id of the finding that it is about. */
#define STAPLE_TIMES "staple.unusable" /* of those of staples */
struct volatile_evidence {
	const char *finding;
	struct evidence evidence;
};

/* The largest number that a reader of JSON keeps exactly (RFC 8259 section 6); what is larger is told as this. */
#define OBS_NUMBER_MAX INT64_C(9007199254740991)

struct obs {
	enum obs_key key;
	uint16_t protocol;    /* VER_*; 0: not about one version */
	enum cert_key cert;   /* KEY_NONE: not about one certificate type */
	enum tri sni;         /* chain.*: asked with (yes) or without (no) a server name; else TRI_ABSENT */
	const char *chain;    /* chain.*: id of the chain; else NULL */
	const char *name;     /* dh.bits: name of the prime or NULL; chain.trust: the store; else NULL */
	const char *sha256;   /* dh.bits: of the modulus, hex; else NULL */
	enum tri tri;         /* OBS_TRI */
	int64_t number;       /* OBS_NUMBER */
	const char *text;     /* OBS_TEXT */
	const uint32_t *codes;     /* OBS_CODES, count of them */
	const char *const *names;  /* OBS_NAMES and the paths of chain.trust (fingerprints joined by a space), count of them */
	size_t count;
	const char *reason;   /* why unknown, not whole or untrusted, or that answers differed; a name of reasons.def or a word; NULL */
	const char *probe;    /* id of the probe that learnt it */
	const struct evidence *evidence;
	size_t evidence_count;
};

/* A certificate as parsed once from its DER (scanner/trust/cert.h). */
struct cert_info {
	const char *sha256; /* hex, lower case */
	const char *subject, *issuer; /* RFC 4514 order as OpenSSL's oneline RFC 2253, cleaned */
	int64_t not_before, not_after; /* seconds since 1970 UTC; out of any range: clamped to years 0001 and 9999 */
	enum cert_key key;
	uint32_t key_bits;
	const char *curve;     /* EC: group name; else NULL */
	const char *exponent;  /* RSA: decimal when below 2^64, else "large"; else NULL */
	const char *signature; /* "sha256WithRSAEncryption" */
	bool self_signed;      /* subject equals issuer and the key verifies its own signature */
	bool malformed;        /* only sha256 and pem are known */
	bool names_cut;        /* more names than the cap; dns_names holds the first ones */
	const char *const *dns_names; /* DNS names and IP addresses of the subject alternative name */
	size_t dns_names_count;
	uint32_t names_count;  /* all of them, where names_cut; else 0 */
	/* Where the texts cannot show what is there: the bytes in hex, cut. Of dns_names those alone that need it. */
	const char *subject_hex, *issuer_hex; /* DER of the Name's contents; NULL: the text says it all */
	const char *const *dns_names_hex;
	size_t dns_names_hex_count;
	const char *serial;    /* hex */
	const char *pem;
};

enum probe_state { PROBE_DONE, PROBE_UNKNOWN, PROBE_SKIPPED, PROBE_BLOCKED };
const char *probe_state_name(enum probe_state);

struct probe_result {
	const char *id;
	enum probe_state state;
	const char *reason; /* NULL when done */
	unsigned connections;
};

/* The state of the whole endpoint; the names of DESIGN: ok partial unreachable not_tls dns_error blocked skipped error. */
enum status {
	STATUS_OK,
	STATUS_PARTIAL,
	STATUS_UNREACHABLE,
	STATUS_NOT_TLS,
	STATUS_DNS_ERROR,
	STATUS_BLOCKED,
	STATUS_SKIPPED,
	STATUS_ERROR,
};
const char *status_name(enum status);

struct record {
	struct arena arena; /* owns everything below */

	/* scan: the only part that may differ between two scans of an unchanged server */
	const char *version;  /* of the program that scanned */
	int64_t started;      /* seconds since 1970 */
	uint64_t duration_ms, connections, bytes_sent, bytes_received;
	const char *seed;     /* hex */
	struct volatile_evidence *volatiles; /* those about one finding stand together */
	size_t volatiles_count;

	/* target and endpoint */
	const char *input, *host, *sni, *starttls, *transport; /* sni, starttls may be NULL; transport "tcp" */
	uint16_t port;
	const char *source_file; /* NULL when from the command line */
	uint64_t source_line;
	const char *ref;         /* what the job called it: text, or digits; NULL: nothing */
	bool ref_is_number;
	const char *ip, *family; /* NULL when no address was found; "ipv4", "ipv6" */

	enum status status;
	const char *error_code, *error_stage, *error_message; /* NULL when status is ok */
	bool unstable, tainted;

	struct obs *obs;
	size_t obs_count;
	struct cert_info *certs;
	size_t certs_count;
	struct probe_result *probes;
	size_t probes_count;
};

struct record *record_new(void);
void record_free(struct record *);

/* Appends a copy of *o, whose pointers already live in the record's arena or are constant. */
struct obs *record_add(struct record *, const struct obs *o);
/* Puts observations in the one order that the report has: key, protocol (newest first), certificate, sni, chain, name. */
void record_sort(struct record *);

/* The first observation with this key and, where not 0, this protocol; NULL when it was not asked. */
const struct obs *record_find(const struct record *, enum obs_key, uint16_t protocol);
enum tri record_tri(const struct record *, enum obs_key, uint16_t protocol); /* TRI_ABSENT when not asked */
const struct cert_info *record_cert(const struct record *, const char *sha256);

/* Adds evidence that may differ between two scans of an unchanged server; texts as below. What is there under this name
 * with another text gets a number, "name.2". */
void record_volatile(struct record *, const char *finding, const char *name, const char *text);

/* Adds one evidence pair; both texts must live in the arena or be constant. */
void obs_evidence(struct record *, struct obs *, const char *name, const char *text);

#endif
