/*
 * What is said before TLS: a server that speaks SMTP, LDAP and the like is asked in its own words to begin with TLS.
 *
 * Bytes in, bytes out; no clock and no connection. A dialect is rows of preludes.def: a reader, which makes one word of
 * each reply, what we say, and what each word leads to. How the bytes were split changes nothing, and what comes behind
 * the server's go-ahead is not taken: it is TLS, or has to pass for it. Everything a server can say ends in TLS or in a
 * reason; only time is the caller's.
 */
#ifndef RUN_PRELUDE_H
#define RUN_PRELUDE_H

#include "scanner/base/text.h"
#include "scanner/net/net.h"
#include "scanner/tls/reasons.h"

enum {
	PRELUDE_FRAME_MAX = 8 * 1024, /* one line, tag or message */
	PRELUDE_MAX = 64 * 1024,      /* all that is heard before TLS */
	PRELUDE_TIMES = 2,            /* so many times as long as an answer may it take: servers let clients wait */
};

enum prelude_phase { PRELUDE_RUNNING, PRELUDE_TLS, PRELUDE_FAILED };

/* Whom to ask for TLS, and how: no dialect means that TLS comes at once. */
struct dialect;
struct starttls {
	const struct dialect *dialect;
	const char *name; /* of the server, for protocols that want it said */
};

const struct dialect *dialect_find(const char *name); /* NULL: none has this name */
const char *dialect_name(const struct dialect *);
const char *dialect_source(const struct dialect *);
const struct dialect *dialect_at(size_t); /* all of them; NULL at the end */

struct prelude;

/* What we have to say first is added to `out`. */
struct prelude *prelude_new(const struct starttls *, struct text *out);
void prelude_free(struct prelude *); /* takes NULL too */

/* Takes bytes as long as it runs, adds to `out` what is to be sent; tells how many it took. */
size_t prelude_feed(struct prelude *, const void *p, size_t n, struct text *out);

enum prelude_phase prelude_phase(const struct prelude *);
enum reason prelude_reason(const struct prelude *); /* why it failed */

/* Sends what there is, and frees it. */
void prelude_send(struct net *, struct net_conn *, struct text *out);

/* Bytes of both directions; 0 for NULL. */
size_t prelude_received(const struct prelude *);
size_t prelude_sent(const struct prelude *);

#endif
