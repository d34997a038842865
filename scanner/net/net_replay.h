/*
 * The network of a recorded scan: no socket, and the clock of the recording. What came then comes now, in the same order
 * and at the same times; what the caller does must be what was done then, byte for byte.
 *
 * It never fails in the middle of a call. Once something differs, or the file is no recording, net_replay_why() has a
 * sentence; from there on nobody answers: connections end, nothing is found, and timers fire as they are set, so that
 * every caller comes to its end. What it concludes then is worth nothing.
 */
#ifndef NET_NET_REPLAY_H
#define NET_NET_REPLAY_H

#include "scanner/net/tape.h"

/* The tape stands behind its TAPE_BEGIN and is the caller's; its lines are taken from here only. */
struct net *net_replay_new(struct tape *);

/* Is the next line of the recording this one? Then it is taken, with what it points to, until the next call here. For
 * what others than the network wrote down; else the play is over. */
bool net_replay_take(struct net *, enum tape_verb, struct tape_line *);
enum tape_verb net_replay_peek(struct net *); /* TAPE_VERBS: there is none */

/* NULL: all is as it was. The place is the tape's `at`. */
const char *net_replay_why(const struct net *);

#endif
