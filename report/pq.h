/*
 * What a large quantum computer would mean for the sessions and the identity of one server, judged apart: key exchange,
 * where what is recorded today can be read then (harvest now, decrypt later), and authentication, where it cannot. Symmetric
 * ciphers have no part in it. A pure function of the record and of the simulated clients.
 *
 * What is not known is said to be unknown, with the reason. All text is constant or lives in the view's arena; nothing here
 * fails.
 */
#ifndef REPORT_PQ_H
#define REPORT_PQ_H

#include "report/show.h"
#include "report/simulate.h"

/* How the server puts its post-quantum groups among the others. */
enum pq_place {
#define PQ_PLACE(NAME, word, text) PQ_PLACE_##NAME,
#include "report/pq.def"
#undef PQ_PLACE
	PQ_PLACES
};

/* What of today's sessions somebody reads who records them now and has a large quantum computer later. */
enum pq_harvest {
#define PQ_HARVEST(NAME, word, mark, says, text) PQ_HARVEST_##NAME,
#include "report/pq.def"
#undef PQ_HARVEST
	PQ_HARVESTS
};

/* What kind of key the certificates for clients that name the server have. */
enum pq_auth {
#define PQ_AUTH(NAME, word, mark, says, text) PQ_AUTH_##NAME,
#include "report/pq.def"
#undef PQ_AUTH
	PQ_AUTHS
};

/* What becomes of a client that lists a post-quantum group that the server takes. */
enum pq_client { PQ_CLIENT_DIRECT, PQ_CLIENT_RETRIED, PQ_CLIENT_CLASSICAL, PQ_CLIENT_UNKNOWN, PQ_CLIENTS };

struct pq {
	enum tri offered;      /* a group is; never ABSENT or NA */
	const char *reason;    /* why it is not, or is not known; NULL where it is */
	struct codes groups;   /* the post-quantum ones, in the order of the report */
	bool drafts_only;      /* all of them are drafts that were given up */
	enum pq_place place;
	enum tri retry;        /* one is asked for where only another group has a share; ABSENT: the question does not arise */
	const char *share;     /* the group that had it */
	enum tri older;        /* a version is offered that can have no such group */
	const char *older_is;  /* the newest of them; NULL: none is known */
	enum pq_harvest harvest;
	enum pq_auth auth;
	const char *const *keys; /* of the leaves, "RSA 2048", each once */
	size_t keys_n;
	const struct client *const *clients[PQ_CLIENTS];
	size_t clients_n[PQ_CLIENTS];
};

/* sims: of simulated(), or NULL where nothing was learnt. */
struct pq pq_of(const struct view *, const struct sim *sims);

const char *pq_place_word(enum pq_place);
const char *pq_harvest_word(enum pq_harvest);
const char *pq_auth_word(enum pq_auth);

/* The same for people. */
struct pq_line {
	const char *title;
	const char *word; /* stands before the text, with the mark; NULL: none does */
	const char *says;
	enum mark mark;
};
struct pq_line *pq_lines(struct arena *, const struct pq *, size_t *count);
const char *pq_sentence(struct arena *, const struct pq_line *); /* the word, and the text behind it */

struct json_object *pq_json(const struct pq *);

#endif
