/* The gates of the command line, with the files that they need. */
#ifndef GATING_H
#define GATING_H

#include "report/baseline.h"
#include "report/gate.h"
#include "report/waive.h"
#include "scanner/policies.h"

struct cli;

struct gating {
	struct gate_options options;
	struct baseline baseline;
	struct waivers waivers;
	struct policies policies;
	struct arena arena;
	const char **old_groups; /* what failed of groups in the older report: "title id" */
	size_t old_groups_n;
};

/* False, and one line on stderr: a word that is none, or a file that cannot be read or is no such file. */
bool gating_open(struct gating *, const struct cli *);
/* Judges by the policies, and holds the gates; one line on stderr for each that did not pass. */
void gating_hold(const struct gating *, const struct record *, struct judgement *);
/* The same for what compares endpoints, as far as --fail-on and --baseline ask; `at`: when the last of them was scanned. */
struct group_record;
enum gate_state gating_hold_group(const struct gating *, struct group_record *, int64_t at);
bool gating_asked(const struct gating *); /* for any gate */
void gating_close(struct gating *);

#endif
