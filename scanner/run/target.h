/*
 * A target: what the user typed, taken apart. "host", "host:port", "https://host/..", "smtp://mx", "[v6]:port",
 * "host@ip[:port]". Pure: looks nothing up. Text lives in the arena given.
 */
#ifndef RUN_TARGET_H
#define RUN_TARGET_H

#include "scanner/base/arena.h"
#include "scanner/net/net.h"

struct target {
	const char *input, *host; /* host without brackets, in lower case, without a trailing dot */
	const char *sni;          /* the host unless it is an address; --sni and sni= replace it; NULL: none */
	const char *starttls;     /* dialect of preludes.def; by the scheme, else by the port; NULL: TLS at once */
	uint16_t port;
	bool has_port;            /* by a number or a scheme */
	bool has_address;         /* the address was given: a literal, or host@ip */
	struct net_addr address;
	const char *file;         /* where it stood in a list; NULL for the command line */
	uint64_t line;
	const char *ref;          /* of a job, to be carried into its records: text, or digits; or NULL */
	bool ref_is_number;
	const char *why;          /* set: a job that is none, and why; there is nothing to scan */
	struct arena arena;       /* all of it, where target_free() is to free it */
};

/* NULL when it is no target; *why says why in one line (constant or in the arena). */
struct target *target_parse(struct arena *, const char *text, const char **why);

void target_free(const struct target *); /* one that has an arena of its own */

/* As --starttls has it: a dialect, "auto" for what the port says, "no". A dialect brings its port. False: none of these. */
bool target_starttls(struct target *, const char *word);

/* May it stand in a server_name (RFC 6066 section 3)? Letters of both cases, digits, '-' and '_', in labels. */
bool target_is_name(const char *);

#endif
