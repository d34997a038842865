/*
 * Plain HTTP, for what certificates name: OCSP responses, CRLs, certificates of issuers. The URLs come from the peer.
 *
 * One fetcher for a run: what was asked is asked once, whoever wants it, and kept (FETCH_KEPT answers, FETCH_KEPT_BYTES).
 * A name is resolved off the loop, the guard (net/guard.h) looks at the addresses, and one that it lets pass is dialled;
 * again after each redirect. Every fetch has a cap for its bytes and an absolute deadline. done() is called from the
 * loop only, never from inside a call here; the answer is the fetcher's, and good until done() returns.
 */
#ifndef RUN_FETCH_H
#define RUN_FETCH_H

#include "scanner/base/url.h"
#include "scanner/net/net.h"
#include "scanner/run/limit.h"

enum {
	FETCH_REDIRECTS_MAX = 3,
	FETCH_ADDRESSES_MAX = 3, /* tried, one after the other */
	FETCH_AT_ONCE = 16,      /* connections of a run */
	FETCH_KEPT = 1024,
	FETCH_KEPT_BYTES = 64 * 1024 * 1024,
};

/* How many bytes are read, and in how many times --timeout: see the table in fetch.c. */
enum fetch_kind { FETCH_OCSP, FETCH_CRL, FETCH_ISSUER };

enum fetch_end {
	FETCH_OK,
#define FETCH_END(name, word, what) FETCH_##name,
#include "scanner/run/fetch.def"
#undef FETCH_END
};
const char *fetch_end_word(enum fetch_end); /* NULL for FETCH_OK */

struct fetch_ask {
	enum fetch_kind kind;
	struct url url;
	struct span post; /* empty: GET */
};

struct fetched {
	enum fetch_end end;
	struct span body; /* FETCH_OK */
};

struct limits;
struct fetcher;

typedef void fetch_done(void *owner, const struct fetched *);

struct fetcher *fetcher_new(struct net *, struct limits *, uint64_t timeout_us, bool allow_private);
void fetcher_free(struct fetcher *); /* when nothing is asked for any more; NULL is fine */

void fetch(struct fetcher *, const struct fetch_ask *, fetch_done *, void *owner);
/* This owner wants no answer any more; what nobody else waits for is broken off. */
void fetch_forget(struct fetcher *, void *owner);

#endif
