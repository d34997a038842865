/*
 * A question that must be answered yes or no: put, and put again before a "no" is believed.
 *
 * A pick is yes at once. A refusal in words (an alert, a clean close, another version) counts when it comes twice; the
 * alert protocol_version at once.
 * Silence or a reset is no answer, unless an ordinary hello before and after the second try is answered: then the
 * server lives and refuses by silence. All else is unknown, with the reason.
 *
 * The caller embeds a struct verdict in its state, starts it, and feeds it every answer until it decides.
 */
#ifndef PROBES_VERDICT_H
#define PROBES_VERDICT_H

#include "probes/probe.h"

enum decision { DECISION_WAIT, DECISION_PICKED, DECISION_REFUSED, DECISION_UNKNOWN };

struct verdict {
	struct hello hello, second; /* the second try may be put in other words */
	enum { VERDICT_FIRST, VERDICT_CONTROL_BEFORE, VERDICT_SECOND, VERDICT_CONTROL_AFTER } at;
	enum until until;
	const struct plan *plan;   /* the tries are whole handshakes, this is said over them; NULL: hellos alone */
	bool (*picks)(const struct answer *);
	bool once;                 /* one refusal in words is enough: the caller puts the question again in other ways */
	bool silent;               /* one of the tries was met with silence or a reset */
	enum reason reason;        /* of the last try that was no pick */
	uint8_t alert;             /* of the last answer that was an alert; 0 when it was none */
	uint8_t compression;       /* of the pick */
	bool in_second;            /* the second wording was the one that was picked */
};

/* What a hello that most servers answer looks like; also the control of every verdict. */
struct hello hello_ordinary(const struct facts *);

/* The sample of a control: it tells of this very moment, so none is shared, not with another probe, nor with an earlier one. */
uint16_t control_sample(struct run *);

/* Granted in the hello, refused behind it: an alert where the server's signature was due (Java's JSSE, of schemes). */
bool answer_refused_later(const struct answer *);

/* picks NULL: a ServerHello or a retry in hello->version. second NULL: the same words again. */
void verdict_begin(struct run *, struct verdict *, const struct hello *hello, const struct hello *second, enum until,
	bool (*picks)(const struct answer *));
/* The same for one that the caller has filled in: hello, second, until, picks, and a plan. */
void verdict_start(struct run *, struct verdict *);
enum decision verdict_feed(struct run *, struct verdict *, const struct answer *);
/* A refusal that was believed at once (`once`) is doubted after all: the second try follows. */
void verdict_doubt(struct run *, struct verdict *);

/* One question and what to do with its verdict: the declaration behind confirmed_step. */
struct confirmed {
	void (*hello)(const struct facts *, struct arena *, struct hello *);
	void (*second)(const struct facts *, struct arena *, struct hello *); /* the other wording; NULL: the same again */
	bool (*picks)(const struct answer *);
	enum until until;
	void (*decided)(struct run *, const struct verdict *, enum decision);
	bool once;                 /* hardly any server has it: one refusal in words is enough */
};

struct confirmed_state {
	struct verdict verdict;
};

probe_step confirmed_step;

#endif
