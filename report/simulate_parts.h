/*
 * The parts of the simulation, for report/simulate*.c alone: the server as one look over the observations finds it, and
 * what each step of a negotiation comes to between it and one client.
 *
 * Each step gives SIM_NONE when it goes well, else why not; reasons from SIM_UNKNOWN_PROTOCOL on are gaps. Nothing fails.
 */
#ifndef REPORT_SIMULATE_PARTS_H
#define REPORT_SIMULATE_PARTS_H

#include "report/cond.h"
#include "report/simulate.h"

/* ---- the server: simulate_server.c ---------------------------------------------------------------------------------- */

enum { SIM_VERSIONS = 7, SIM_KEYS = KEY_OTHER + 1 };

struct lists {
	const struct obs *list[SIM_KEYS], *order[SIM_KEYS];
};

struct offer {
	uint16_t version;
	enum tri offered;
	bool whole;        /* all suites are known */
	const char *order; /* of the suites */
	const struct cipher **ciphers;
	size_t n;
	struct lists groups, schemes;
	const struct obs *ffdhe; /* RFC 7919 groups that a client's list decides about, up to TLS 1.2 */
	const struct obs *pq_retry; /* is a post-quantum group asked for where another has a share? NULL: not asked */
	const struct obs *dh_least, *dh_most; /* the moduli; NULL: none was seen */
	const struct obs *breaks; /* DHE suites are picked, and cannot be carried out; NULL: no */
};

struct server {
	const struct view *view;
	struct arena scratch;
	struct offer offers[SIM_VERSIONS]; /* as view_versions */
};

/* `scratch` is the caller's to free. */
void sim_server_open(struct server *, const struct view *, const struct without *);
struct offer *sim_server_offer(struct server *, uint16_t version); /* NULL: no version that is simulated */
bool sim_offer_is_on(const struct offer *, const struct without *);

/* Of the certificate that goes with the suite, or of all where they were not told apart. */
const struct obs *sim_list_of_key(const struct obs *const list[SIM_KEYS], enum cert_key suite);
bool sim_key_fits(enum cert_key suite, enum cert_key leaf);
bool sim_obs_has(const struct obs *, uint32_t code);
struct codes sim_common(struct codes wanted, const struct obs *, uint32_t *out, size_t most); /* in the order of `wanted` */
bool sim_order_is(const char *who, const struct obs *order);
uint32_t sim_first_common(struct codes both, const struct obs *list, const struct obs *order);

bool sim_out_of(int64_t bits, int64_t least, int64_t most); /* 0: no limit; 0 bits: within */
bool sim_only_which(enum sim_reason); /* it connects: of several, which one it gets is not known */
bool sim_is_gap(enum sim_reason);

/* ---- groups: simulate_group.c ------------------------------------------------------------------------------------------ */

/* With sim_only_which() there is a common one. */
enum sim_reason sim_pick_group(const struct client *, const struct offer *, enum cert_key, uint16_t *group);
enum sim_reason sim_no_finite_group(const struct client *, const struct offer *, uint16_t *group);
enum sim_reason sim_finish_dhe(const struct client *, const struct offer *, struct sim *);

/* ---- certificates: simulate_cert.c ---------------------------------------------------------------------------------------- */

enum cert_key sim_key_of(const struct cipher *);
bool sim_is_named_only(const struct view *, enum cert_key);
/* What the client says to the certificate, after the server has picked. */
enum sim_reason sim_look_at_chain(const struct view *, const struct client *, uint16_t version, enum cert_key);
const struct group *sim_curve_of(const struct view *, const struct client *, uint16_t version);
/* Up to TLS 1.2: is there a scheme for one of the certificates that go with the suite? */
enum sim_reason sim_unsigned_in(const struct client *, const struct offer *, enum cert_key suite);
/* TLS 1.3. KEY_NONE with NONE: it connects, and which certificate it gets is not known. */
enum sim_reason sim_pick_certificate(const struct client *, const struct offer *, enum cert_key *);

/* ---- suites: simulate_suite.c --------------------------------------------------------------------------------------------- */

enum sim_reason sim_pick_suite(struct server *, const struct client *, const struct offer *, const struct cipher **);

/* ---- measured: simulate_measured.c ---------------------------------------------------------------------------------------- */

void sim_add_measured(const struct view *, const struct sims *);

#endif
