/*
 * What a server will probably answer, from what it has answered so far.
 *
 * A guess is a few lists in order, taken from presets.def and mended until they agree with every answer seen. It is used to ask
 * sooner, and only for that: a wrong one costs connections, and changes no fact.
 */
#ifndef RUN_GUESS_H
#define RUN_GUESS_H

#include "scanner/facts/facts.h"

enum guess_list_id { GUESS_SUITES13, GUESS_SUITES12, GUESS_GROUPS13, GUESS_GROUPS12, GUESS_SCHEMES12, GUESS_SCHEMES13, GUESS_LISTS };

enum { GUESS_CODES_MAX = 512 };

struct guess_list {
	uint16_t v[GUESS_CODES_MAX];
	size_t n;
	uint64_t bits[65536 / 64]; /* the same, one bit for each code */
	bool client;  /* the client's order decides; v then tells what is taken, not in which order */
};

struct guess {
	struct guess_list lists[GUESS_LISTS];
	bool speaks[VER_TLS13 - VER_SSL3 + 1]; /* by version from SSL 3 on */
	uint16_t curve;                        /* of the ECDSA certificate */
};

/* Makes the guess that fits these choices best. */
void guess_fit(struct guess *, const struct facts *seen);

/* What the server would do with this hello: fills kind, alert, version, suite, group, scheme, certificate. `under_keys`: a whole
 * handshake follows, which in TLS 1.3 alone shows the scheme. */
void guess_choice(const struct guess *, const struct hello *, bool under_keys, struct choice *);
/* Is the choice one that was guessed? */
bool guess_holds(const struct choice *guessed, const struct choice *real);

#endif
