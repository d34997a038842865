/*
 * "Which of this list does the server take?" -- the declaration of a sweep, and the driver that carries it out.
 *
 * The server does the search: offered the whole list, it picks one; that one is taken off and the rest offered again,
 * until it refuses. A list of k thus costs k + 2 questions, the refusal being put twice (verdict.h), and the picks
 * come out in the server's order. Two axes are swept at once (suites and groups, groups and schemes): each answer
 * names one of both, so they cost about as much as the longer one. Where the found suites are put once more to learn
 * whose order decides, that question also puts the refused rest a second time. When both are offered the rest and refused, each is
 * held to what is known in turn: the refusal is thereby put again, and told apart.
 *
 * Where that leaves open whose order decides among groups or schemes, all that were found are put once more, in reverse.
 *
 * Some servers take any ECDSA suite on offer as a wish for their ECDSA certificate and then refuse what it cannot do (HAProxy):
 * where nothing but ECDSA was found, the rest is offered once more without ECDSA suites. Others pick a DHE suite and then find
 * that they have no parameters for it (Dovecot without ssl_dh), so that a close or internal_error ends the peel: the rest is
 * offered without DHE suites, and that is noted.
 *
 * Where the whole list fails at the first question, the second try is worded differently: without extensions, for
 * SSL 3.0 without elliptic curves, for TLS 1.3 with real key shares and no word about staples. Where that fails too, and the server did not say that it is the version it minds, the
 * suites are offered in chunks of at most 64 which never mix elliptic curves with other key exchanges.
 */
#ifndef PROBES_SWEEP_H
#define PROBES_SWEEP_H

#include "probes/offer.h"
#include "probes/verdict.h"

enum { SWEEP_AXES = 2, SWEEP_CHUNK = 64 };

struct sweep {
	uint16_t version;
	enum dimension axes[SWEEP_AXES];
	unsigned axes_n;
	enum cert_key cert;  /* the usual key behind these suites: a list for each key that is met; KEY_NONE: one for all */
	/* When suites are not swept: those of the version that were found and pass this are offered. */
	bool (*suites)(const struct suite *);
	/* When given: the groups to sweep, instead of all of the version. */
	struct codes (*groups)(struct arena *);
	bool reversed;       /* offer the lists the other way round: tells whose order decides, at no cost */
	bool ranks;          /* put the found suites once more in reverse, to learn whose order decides */
	uint16_t covered_by;       /* a newer version, of a probe in `after`, whose refusal refuses this one, too; 0: none */
};

struct axis {
	enum dimension dimension;
	struct list left, seen;
	bool done;
};

enum sweep_stage { SWEEP_PEEL, SWEEP_SPLIT, SWEEP_RANK, SWEEP_TAIL, SWEEP_RANK_CHACHA, SWEEP_RANK_GCM, SWEEP_SETTLE };
enum sweep_form { FORM_WHOLE, FORM_BARE, FORM_SHARES, FORM_CHUNKS };

struct sweep_state {
	struct verdict verdict;
	struct axis axes[SWEEP_AXES];
	enum sweep_stage stage;
	enum sweep_form form;
	uint16_t anchor;     /* the curve of the ECDSA certificate, offered last beside what is left; 0: none, or not yet */
	struct facts known;  /* the choices of this version that stood when the sweep began, and its own */
	struct list found;   /* chunks: what the earlier ones gave */
	struct list rest;    /* chunks: what is still to be offered */
	struct list aside;   /* ECDSA suites that were refused, while the others are asked without them */
	bool set_aside;
	bool dhe_aside;      /* DHE suites may have ended the peel: what is left is asked without them */
	bool dhe_breaks;     /* and more was found then */
	size_t before_dhe;   /* how many were found by then */
	struct list given;   /* AES-GCM, to hellos that put it first */
	bool reranking;
	bool ordered_apart, ranked_apart; /* refused together: put in order, and ranked, without mixing them */
	bool doubted;        /* what is left was refused once already, beside another axis */
};

probe_step sweep_step;

#endif
