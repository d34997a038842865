/*
 * One handshake told message by message: who speaks, what each message says and is for, bytes and milliseconds, when keys
 * change, what was proven, where it broke off, what it cost and what would shrink it.
 *
 * story_of() makes facts of a talk (whose messages were kept: hs_config.keep_messages); the writers only write them, so
 * that text and JSON tell the same. Everything lives in the arena given; the talk must outlive the story.
 */
#ifndef STORY_H
#define STORY_H

#include <stdio.h>

#include "scanner/run/talk.h"
#include "scanner/story/fields.h"

struct json_object;

enum story_keys { KEYS_NONE, KEYS_EARLY, KEYS_HANDSHAKE, KEYS_APPLICATION, KEYS_SESSION };

struct told {
	bool ours, sealed, keys_changed; /* changed: this side's keys, just before this message */
	bool keys_told;                  /* ... and the message before, a Finished of TLS 1.3, has keys_next for it */
	enum story_keys keys;            /* that it was sent under */
	enum story_keys keys_next;       /* that this side writes under from here on; KEYS_NONE: no change */
	const char *name, *meaning;      /* meaning NULL: nothing to say of it */
	size_t bytes;
	uint64_t at_ms;                  /* since the connection stood */
	struct fields fields;
};

/* Where and why there was trouble; code NULL: none. */
struct story_error {
	const char *code, *message;
	const char *stage; /* "dns", "connect", "hello": before the server picked; "handshake"; "afterwards": it was complete */
	const char *after; /* the last message before; NULL: none */
	const char *alert; /* that the server sent; NULL: none */
};

struct story {
	struct arena *arena;
	const struct hs_result *result;
	const struct hello *hello; /* the first one */
	bool connected, complete, resumed;
	struct story_error error;
	struct told *messages;
	size_t messages_n;
	unsigned round_trips;      /* until the client may send data, that of TCP apart; only of a complete one */
	size_t hello_bytes;        /* of all ClientHellos */
	size_t first_hello_bytes;
	size_t retry_bytes;        /* of a HelloRetryRequest and the hello behind it, with record headers */
	size_t chain_bytes;        /* of the server's Certificate message */
	size_t signature_bytes;    /* of the message with the server's signature; 0: none */
	size_t ticket_bytes, ticket_largest; /* of all NewSessionTickets, and the largest */
	unsigned tickets;
	uint64_t connect_ms, handshake_ms;
};

/* One way to make it smaller. */
struct saving {
	const char *id, *text;
	uint64_t bytes;
	unsigned round_trips;
	bool estimated; /* not by really doing it */
};

struct savings {
	struct saving *v;
	size_t n;
};

void story_of(struct story *, const struct talk *, struct arena *);
struct story_error story_dns_error(void);
const char *story_keys_name(enum story_keys);

/* `resumed`: the handshake that tried to take the session up again; NULL: there was nothing to take up. */
struct savings story_savings(const struct story *full, const struct story *resumed);

/* All items of every list with `verbose`; else the first few. */
void story_text(FILE *, const struct story *, unsigned width, bool verbose);
/* One line: how it ended. */
void story_result_text(FILE *, const struct story *);
void story_price_text(FILE *, const struct story *full, const struct story *resumed, unsigned width);

struct json_object *story_json(const struct story *); /* the caller owns it */
struct json_object *story_error_json(const struct story_error *); /* NULL, JSON's null, without one */
struct json_object *story_savings_json(const struct savings *);

#endif
