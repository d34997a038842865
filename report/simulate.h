/*
 * What a client would get from a server: version, cipher suite, group, type of certificate, forward secrecy; or why it
 * does not connect. A pure function of a record and a client (scanner/tls/clients.h), over what was enumerated: nothing
 * is sent for it. Where a fact is missing the row says which; nothing is guessed.
 *
 * All text is constant; the rows live in the view's arena. Nothing here fails.
 */
#ifndef REPORT_SIMULATE_H
#define REPORT_SIMULATE_H

#include "report/view.h"
#include "scanner/tls/clients.h"

enum sim_reason {
#define SIM(name, word, text) SIM_##name,
#include "report/simulate.def"
#undef SIM
	SIM_REASONS
};
const char *sim_reason_word(enum sim_reason);
const char *sim_reason_text(enum sim_reason);

enum sim_state { SIM_CONNECTS, SIM_FAILS, SIM_OPEN };
const char *sim_state_name(enum sim_state); /* "connects", "fails", "unknown" */

struct sim {
	const struct client *client;
	enum sim_state state;
	enum sim_reason reason; /* why it fails or is not known; with SIM_CONNECTS: why the group is not known, or NONE */
	uint16_t version;       /* 0: none, or not known */
	uint32_t suite;         /* the same */
	uint16_t group;         /* 0: none, not a named one, or not known */
	int64_t dh_bits;        /* of the modulus of a DHE suite; 0: none, or not known */
	enum cert_key cert;     /* KEY_NONE: none, or not known */
	bool forward_secret;    /* of one that connects */
	const struct obs *measured; /* what its hello was answered, when that was sent; else NULL */
};

/* Is what was measured the same version, suite and group? ABSENT: not measured. UNKNOWN: one of both is not known. A client
 * that would turn away from the pick agrees with the pick. */
enum tri sim_agrees(const struct sim *);

/* What is taken away from the server before clients try it: a version, or what passes, of the versions from..to. */
struct without {
	uint16_t protocol;
	bool (*suite)(const struct cipher *);
	uint16_t from, to;
};

/* One row for each known client, in the order of `clients`, and one for each of the user's own, in theirs. */
struct sims {
	struct sim *known, *own;
	size_t own_n;
};

/* `without` may be NULL. */
struct sims simulate_all(const struct view *, const struct without *);
struct sim *simulate(const struct view *, const struct without *); /* the known ones */

/* The same without anything taken away; computed once for a view, whose own_sims are then set too. */
const struct sim *simulated(struct view *);

/* One of the user's own? And what it was read from does not tell: "groups", "key_shares" .. by number; NULL: no more. */
bool sim_is_own(const struct client *);
const char *sim_untold(const struct client *, size_t i);

/* Evidence of what was measured with a hello of the user's own: client.digest of that hello. */
#define SIM_HELLO_EVIDENCE "hello"

#endif
