/*
 * "Is this odd hello borne?" -- a hello that only its oddity sets apart from one that this server answers.
 *
 * Answered by a ServerHello or a retry it is borne. That it is not counts when it comes twice, in whatever way, and the same
 * hello without the oddity is answered before and after the second try. Where the rules forbid the hello it is the other
 * way round: taken twice it is taken, refused once it is refused, if then the sound one is answered. When answers to the
 * same bytes disagree, or the sound hello is not answered either, the question stays open.
 */
#ifndef PROBES_TOLERATE_H
#define PROBES_TOLERATE_H

#include "probes/probe.h"

enum tolerate_base {
	LIKE_BROWSERS, /* TLS 1.3 and what is before it */
	UP_TO_TLS12,   /* by the field alone, as before TLS 1.3 */
	TLS13_ALONE,
	TLS13_FOR_ALL, /* like browsers, where TLS 1.3 is known to be there */
};

struct tolerance {
	const char *name;              /* of the observation */
	enum tolerate_base base;
	enum { MUST_BEAR, MUST_REFUSE } rule;
	struct shape shape;
	void (*change)(struct run *, struct hello *); /* NULL: the shape is all */
	bool (*seen)(const struct facts *);           /* other answers show that it is borne: it need not be asked; NULL */
};

struct tolerate_state {
	enum { ODD_FIRST, SOUND_BEFORE, ODD_SECOND, SOUND_AFTER } at;
	struct hello odd, sound;
	const char *said;   /* how the odd one was refused */
	enum reason reason;
};

probe_step tolerate_step;
bool tolerate_when_tls(const struct facts *);
bool tolerate_when_clear(const struct facts *);
bool tolerate_when_tls13(const struct facts *);

#endif
