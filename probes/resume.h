/*
 * Taking a session up again: by id or ticket up to TLS 1.2 (RFC 5246, RFC 5077), by a PSK in TLS 1.3 (RFC 8446 2.2).
 * What the two probes share: the hello, how often it is tried, and what the tries say together. Behind one address may
 * stand several servers that do not know each other's sessions, so one try is no answer.
 */
#ifndef PROBES_RESUME_H
#define PROBES_RESUME_H

#include "probes/shake.h"

struct tries {
	unsigned asked, open; /* open: their answers are still to come */
	unsigned made, resumed;
	bool uncertified;   /* a certificate was asked for, and none was given: such a session may be dropped for that (nginx) */
	enum reason reason; /* of the first that came to no end; NONE: all did */
};

/* Makes the hello of a first handshake one that takes this session up; *p is the plan for it. False: it cannot be. */
bool resume_hello(struct run *, const struct session *, struct hello *, struct plan *);

enum { RESUME_ID = 16 }; /* bytes of an id that is ours to make up */

/* The same up to TLS 1.2, from the version's first whole handshake; `renegotiates`: and then asks for another handshake. */
bool resume_opening(struct run *, const struct session *, uint32_t leave_out, bool renegotiates, struct opening *);

/* Did this handshake come to its end, so that it shows whether the session went on? */
bool resume_is_whole(const struct answer *);
bool resume_went_on(const struct answer *);
/* Why not; for an answer that is not whole. */
enum reason resume_trouble(const struct answer *);

/* Did this whole handshake bring a ticket? An empty one is none (RFC 5077 section 3.3). */
enum tri resume_ticket_given(const struct answer *);

void tries_count(struct tries *, const struct answer *);
/* How many more are to be asked, once none is open: one that goes on is enough, a no takes two; more where they disagree or where --probe names it. */
unsigned tries_wanted(const struct run *, const struct tries *);
enum tri tries_verdict(const struct tries *);

/* Notes session.given and session.resumed. `given`: the server gave something by which to take the session up. */
void resume_note(struct run *, uint16_t version, const char *name, enum tri given, const struct tries *);

#endif
