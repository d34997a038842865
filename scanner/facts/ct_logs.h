/*
 * A list of certificate transparency logs, in the JSON of Google's public list, version 3 of its schema: which
 * logs there are, whose, with which key, and in which state since when.
 *
 * The file is the user's, the names in it are shown: they are cleaned as text of a peer is. Logs that cannot be
 * read (no key, an id that is not the key's hash) are left out and counted.
 */
#ifndef FACTS_CT_LOGS_H
#define FACTS_CT_LOGS_H

#include <stdbool.h>

#include "scanner/base/arena.h"

enum { CT_LOG_ID = 32, CT_LOGS_MAX = 4096 };

/* The states of the list's schema. */
enum ct_log_state { CT_LOG_PENDING, CT_LOG_QUALIFIED, CT_LOG_USABLE, CT_LOG_READONLY, CT_LOG_RETIRED, CT_LOG_REJECTED };

/* Who ran a log before, until when. */
struct ct_former {
	const char *operator;
	int64_t until;
};

struct ct_log {
	uint8_t id[CT_LOG_ID];      /* SHA-256 of its key */
	const char *name, *operator;
	const struct ct_former *former;
	size_t former_count;
	struct span key;            /* SubjectPublicKeyInfo */
	enum ct_log_state state;    /* of a log that is there for tests or for monitors alone: pending */
	int64_t since;              /* of the state; seconds since 1970; it may come yet */
	bool tiled;                 /* of the static API; else of RFC 6962 */
	int64_t shard_from, shard_until; /* it takes certificates that end from the one time on and before the other; 0, 0: any */
};

struct ct_logs {
	struct ct_log *v;
	size_t n, unreadable;
	int64_t published;          /* seconds since 1970; 0: the list does not say */
};

/* False, and a sentence in *why (constant or in the arena), when the text is no such list or names no log. */
bool ct_logs_parse(struct arena *, struct span json, struct ct_logs *, const char **why);
/* Qualified, usable or read-only at that time: a state that comes later does not hold yet. */
bool ct_log_accepted(const struct ct_log *, int64_t at);
/* Whose it was at that time. */
const char *ct_log_operator(const struct ct_log *, int64_t at);
/* Does it take certificates that end then? */
bool ct_log_takes(const struct ct_log *, int64_t not_after);
const struct ct_log *ct_logs_find(const struct ct_logs *, const uint8_t id[static CT_LOG_ID]);

#endif
