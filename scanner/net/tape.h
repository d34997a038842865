/*
 * A recorded scan as text, one line for each thing that was done or came (tape.def): written by net_record.c, read by
 * net_replay.c, and the head by the command.
 *
 * The reader is total: any file is lines, and an end that is well, or one sentence. What a line points to lives until the
 * next one is read. Lines are bounded by TAPE_LINE_MAX, and nothing else is kept.
 */
#ifndef NET_TAPE_H
#define NET_TAPE_H

#include <stdio.h>

#include "scanner/base/text.h"
#include "scanner/net/net.h"

enum { TAPE_VERSION = 1, TAPE_LINE_MAX = 16 * 1024 * 1024, TAPE_BYTES_MAX = TAPE_LINE_MAX / 2 };

enum tape_verb {
#define TAPE(name, word, fields) TAPE_##name,
#include "scanner/net/tape.def"
#undef TAPE
	TAPE_VERBS
};

struct tape_line {
	enum tape_verb verb;
	uint64_t at_us;
	uint64_t number[3]; /* the n of its fields, in their order */
	const char *word[2];
	struct net_addr addr;
	struct span bytes;
};

const char *tape_word(enum tape_verb);
bool tape_is_event(enum tape_verb); /* it has a time */

void tape_write(FILE *, const struct tape_line *);
/* Takes the line apart, in place; without its newline. False: it is none. */
bool tape_parse(char *line, struct tape_line *);

struct tape {
	FILE *file; /* the caller's */
	struct tape_line line;
	uint64_t at;     /* its number, from 1 */
	const char *why; /* set: what is wrong with that line */
	struct text text;
};

/* The next line into `line`; false, with `why`, when there is none: a tape has an end of its own. */
bool tape_next(struct tape *);
void tape_free(struct tape *); /* the file stays open */

/* "eof", "reset" ... and back; false: no such word. */
const char *tape_end_word(enum net_end);
bool tape_end_parse(const char *word, enum net_end *);

/* "192.0.2.1,2001:db8::1", and back: false when it is no such list, or has more than NET_ADDRS_MAX. */
void tape_addrs_write(struct text *, const struct net_addr *, size_t n);
bool tape_addrs_parse(const char *text, struct net_addr list[static NET_ADDRS_MAX], size_t *n);

#endif
