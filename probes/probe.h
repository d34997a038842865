/*
 * A probe: one question about a server, or a conversation with it, in one file that exports one const struct probe.
 *
 * Probes are values. A probe never sees a socket, a clock or another probe: it asks, and is handed answers. All that a
 * peer can do wrong arrives as an answer, so a probe has no I/O error path. What it learns is kept twice: every answer
 * becomes a choice in the facts by itself, and note() adds an observation that choices cannot tell. Probes do not judge.
 *
 * A probe starts when all probes of `after` have ended, and only if `when` then says so; it may look at the facts of
 * those and of its own questions only. So what is asked never depends on the order in which answers arrive.
 *
 * Three ways to write one: a sweep (sweep.h: "which of this list does the server take?"), a confirmed question
 * (verdict.h: "does it, yes or no?"), or a step function of its own.
 */
#ifndef PROBES_PROBE_H
#define PROBES_PROBE_H

#include "scanner/facts/facts.h"
#include "scanner/tls/hs.h"

/* ALARMING ones start when all polite ones have ended; INTRUSIVE ones need --intrusive. */
enum manners { PROBE_POLITE, PROBE_ALARMING, PROBE_INTRUSIVE };

enum next { NEXT_WAIT, NEXT_DONE };

/* One running probe, as it sees the world. */
struct run {
	const struct probe *probe;
	const struct facts *facts;
	struct arena *arena;
	void *state;          /* probe->state_size zeroed bytes */
	enum reason trouble;  /* set it when the probe's question stays open: the probe ends as unknown */
	bool named;           /* by --probe: what samples show may be asked more often */
	uint16_t controls;    /* for control_sample(): how many it has put */
	void *engine;         /* the engine's own; not for probes */
};

/* NULL opens; then once for each answer, answer->tag telling to which question. */
typedef enum next probe_step(struct run *, const struct answer *);

/* A whole handshake instead of a hello, and what is said when it is done; or words in clear, to another port. Its spans live in run->arena or are constant. */
struct plan {
	const struct session *resume; /* NULL: a full handshake */
	struct span early;            /* TLS 1.3 with `resume`: data sent before the answer; up to TLS 1.2 without it: right
	                               * behind our Finished (false start); then `say` may be empty without a goodbye */
	struct span say;              /* application data once both Finished were right; empty: goodbye */
	size_t listen_max;            /* bytes of application data to hear out */
	bool (*heard)(struct span);   /* enough of them? NULL: only at the end */
	uint16_t clear_port;          /* not 0: no TLS at all; `say` goes in clear to this port of the same address */
	const char *dns_name;         /* not NULL: no connection at all; the resolver is asked for the records ... */
	uint16_t dns_type;            /* ... of this type (scanner/base/dns.h); the reply is answer->dns */
	bool nameless;                /* without our certificate, though there be one (--cert) */
	const enum hs_form *again;    /* up to TLS 1.2: renegotiations, one after the other, before anything is said */
	size_t again_n;               /* at most HS_AGAIN_MAX */
	const struct deviation *deviation; /* NULL: by the book; else what comes of it stands in answer->hs->reaction */
};

struct ask {
	const struct hello *hello; /* copied; NULL with a plan in clear, or for the resolver */
	enum until until;
	uint16_t sample;           /* 0; 1, 2 .. to put the same question again */
	const struct plan *plan;   /* NULL: the hello alone. Else answer->hs tells how the handshake went, `heard` what came */
};

/* Returns at once. Any number of questions may be open. A question that was asked before, by whomever, with the same
 * hello, `until`, sample and plan, is answered from what is known, without a connection: with a plan the handshake's
 * result and what was heard, too. */
void ask(struct run *, uint16_t tag, const struct ask *);

/* Adds an observation; pointers must be constant or live in run->arena. probe is filled in. */
struct obs *note(struct run *, const struct obs *);

struct probe {
	const char *id;              /* "suites.tls12" */
	const char *what, *ref;      /* one sentence; RFC or CVE */
	const char *const *topics;   /* other words that select it in --probe; ends with NULL; may be NULL */
	const char *const *after;    /* ids; ends with NULL; may be NULL */
	enum manners manners;
	bool on_request;             /* runs only when --probe names it */
	bool aside;                  /* asks the resolver, never the host: what the host does says nothing of it */
	uint16_t state_size;
	bool (*when)(const struct facts *); /* NULL: always */
	enum reason (*why_not)(const struct facts *); /* where `when` says no; NULL: NOT_ASKED_PREREQUISITE */
	probe_step *step;
	const void *declaration;     /* what the driver behind `step` reads: struct sweep, struct confirmed ... */
};

extern const struct probe *const probes[]; /* in the order of probes.def; ends with NULL */
const struct probe *probe_find(const char *id);
/* Does this word of --probe or --skip mean the probe: its id, the front of it up to a dot, or a topic? */
bool probe_matches(const struct probe *, const char *word);

#endif
