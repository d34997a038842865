/*
 * Every extension that a client may send, beside those that hello.c writes by itself: with a body that a client with
 * nothing special in mind would send, or with the reason why it is not sent. A test holds this against extensions.def.
 */
#ifndef PROBES_BODIES_H
#define PROBES_BODIES_H

#include "scanner/tls/hello.h"
#include "scanner/tls/tables.h"

enum { BODY_CLEAR = 1, BODY_TLS13 = 2, BODY_BOTH = BODY_CLEAR | BODY_TLS13 };

struct body {
	uint16_t code;
	uint8_t versions; /* BODY_*: where the answer can be seen */
	struct span data;
	const char *source;
};

extern const struct body bodies[]; /* sorted by code */
extern const size_t bodies_count;

struct withheld {
	uint16_t code;
	const char *why;
};

extern const struct withheld withheld[]; /* sorted by code */
extern const size_t withheld_count;

#endif
