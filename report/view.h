/*
 * The facts of one record, arranged the way rules and writers ask for them: the cipher suites of all versions
 * with the properties that matter, and the chains with their certificates.
 *
 * A view is a value over a record; what it adds lives in the arena it was given. It never fails: what the
 * record does not say is absent here too, and view_whole() tells a list that ended from one that is known in
 * part.
 */
#ifndef REPORT_VIEW_H
#define REPORT_VIEW_H

#include "scanner/facts/record.h"

/* A suite, or a cipher kind of SSL 2, as a server takes it in one version. */
struct cipher {
	uint16_t protocol;
	uint32_t code;
	const char *name;                  /* the code in hex when no table has it */
	const char *openssl;               /* or NULL */
	const char *kx, *auth, *enc, *mac; /* "" when not known */
	enum kx exchange;
	uint16_t bits, strength; /* as graded, and real */
	uint8_t block_bits;
	uint8_t flags; /* SUITE_* */
	bool known, anonymous, null;
};

enum { CHAIN_PROTOCOLS = 8 };

/* One chain as served, with or without a server name. */
struct served {
	const char *id;
	enum tri sni;
	uint16_t protocols[CHAIN_PROTOCOLS]; /* newest first */
	size_t protocols_count;
	const char *const *names; /* fingerprints, leaf first */
	size_t names_count;
	const struct cert_info *leaf; /* NULL when the record does not hold it */
	bool judged;                  /* served to a client that sends the server name */
};

struct sim;
struct own_clients;

struct view {
	const struct record *record;
	struct arena *arena;
	struct cipher *ciphers; /* versions newest first, each in the server's order */
	size_t ciphers_count;
	struct served *chains;
	size_t chains_count;
	const struct sim *sims; /* of simulated() (simulate.h); NULL before */
	const struct own_clients *own; /* clients that the user gave; NULL: none */
	const struct sim *own_sims; /* of these, as `sims` */
};

/* The versions that are judged, newest first; ends with 0. */
extern const uint16_t view_versions[];

void view_open(struct view *, const struct record *, struct arena *);

struct cipher cipher_of(struct arena *, uint16_t protocol, uint32_t code);

/* Is the version offered? A question that was not asked is unknown. */
enum tri view_offered(const struct view *, uint16_t version);
/* Are all versions from `from` to `to` known, and all suites of each? Where not: *missing names the first. */
bool view_whole(const struct view *, uint16_t from, uint16_t to, const char **missing);
/* Only TLS 1.3 (or nothing) is spoken: questions about older versions do not arise. Unknown while one is
 * unknown. */
enum tri view_only_tls13(const struct view *);

/* Observations about a chain: the i-th with this key, or NULL. */
const struct obs *view_about(const struct view *, const struct served *, enum obs_key, size_t i);
/* What an observation says as evidence under this name; NULL: nothing. */
const char *view_evidence(const struct obs *, const char *name);
const struct cert_info *view_cert(const struct view *, const struct served *, size_t i);
/* Its subject for a sentence, cut where it is long; `otherwise` when it has none or is not there. */
const char *view_subject(const struct view *, const struct cert_info *, const char *otherwise);

const char *version_text(uint16_t code); /* "TLSv1.2"; "another version" when the table has none */

#endif
