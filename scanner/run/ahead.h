/*
 * What will be asked, if the server goes on as it is taken to: for --fast.
 *
 * The probes are run once more in the imagination: what was answered is answered the same, all else as guess.h has it. Every
 * question that comes up so, and was not put yet, is named in the order in which it would be put. Put at once, it is a question
 * like any other: true whether the guess was right or not, and a fact as soon as a probe asks it. So a scan asks and reports
 * the same with lookahead and without.
 */
#ifndef RUN_AHEAD_H
#define RUN_AHEAD_H

#include "scanner/run/guess.h"
#include "scanner/run/lanes.h"
#include "scanner/run/question.h"

enum { AHEAD_MAX = 400 }; /* questions of one look */

struct ahead {
	const struct scan_options *options;
	const struct facts *facts;     /* of the endpoint: what the target is, and what `asked` brought */
	const struct questions *asked;
	const struct guess *guess;
	/* One that was not put, or was not answered yet, with what is expected. Nothing of it outlives the call. */
	void (*foreseen)(void *owner, const struct ask *, const struct choice *expected);
	void *owner;
};

void ahead_look(const struct ahead *);

#endif
