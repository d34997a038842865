/*
 * --record and --replay: a whole scan in a file (scanner/net/tape.def), and again from it. The head has what else a scan
 * depends on: the seed, the clock, the options that shape what is asked, and whether there was a resolver; targets stand
 * where they were taken from the list. Files that options name are read again, and keys are not in it: --psk is wanted
 * again, and of a client certificate the signatures that were made are there.
 */
#ifndef RECORDING_H
#define RECORDING_H

#include "scanner/cli.h"
#include "scanner/net/tape.h"
#include "scanner/run/scan.h"

struct recording {
	const char *path;
	FILE *file;
	struct arena arena;
	struct tape tape;  /* of a replay */
	struct net *net;   /* the one that plays; NULL: nothing is played */
	const char *seed;  /* of the head */
	int64_t clock;
	bool resolver;
	const char **asked; /* options */
	size_t asked_n;
};

/* All that can go wrong is said on stderr in one line. */

bool recording_create(struct recording *, const char *path);
/* Writes the head, and puts itself before the scan's network. */
void recording_begin(struct recording *, const struct cli *, struct scan *);
/* Each signature of this key goes in too. */
struct private_key;
void recording_keep_signatures(struct recording *, struct private_key *);
/* What the feed gives: NULL at its end. */
void recording_target(struct recording *, const struct target *, const char *text);
bool recording_finish(struct recording *); /* false: it could not be written */

/* Reads the file to its end, so that a broken one is refused before anything is written; then its head. */
bool recording_open(struct recording *, const char *path);
/* The scan's network is the recorded one from here. */
void recording_play(struct recording *, struct scan *);
/* This key, a stand-in, signs as it did then. */
void recording_recall_signatures(struct recording *, struct private_key *);
/* The next target, as it was: NULL at the end. `ts` gets it. */
struct targets;
const struct target *recording_next(struct recording *, struct targets *ts);
bool recording_failed(const struct recording *);
/* The scan has ended: was it the same to the end? */
bool recording_held(struct recording *);

void recording_close(struct recording *);

#endif
