/*
 * Misbehaviours: each a row that bends a sound server in one place. A test walks the table; `expected` is the
 * reason that the scanner must give (names as in scanner/tls/reasons.def, alternatives separated by '|'; ""
 * for none: the server is odd but sound; "*": whatever it is, within all limits).
 *
 * Rows act at one of these points, in the order in which a connection meets them: opening, accept, hello,
 * choice, extensions, messages (patch, or a lie in the length field of a name), bytes, end, stream; and
 * behind the answer at what they spoil, at the opening of the connection, at the page.
 */
#ifndef SERVERS_MISBEHAVE_H
#define SERVERS_MISBEHAVE_H

#include "tests/servers/flight.h"
#include "tests/servers/peer.h"
#include "tests/servers/server.h"

enum row_opening { OPENING_ACCEPT, OPENING_REFUSE, OPENING_DROP, OPENING_RESET };

/* What is spoilt in the keys' work, and afterwards. */
enum {
	SPOIL_SIGNATURE = 1 << 0,
	SPOIL_FINISHED = 1 << 1,
	SPOIL_SEALED_BIT = 1 << 2,      /* one bit of the first sealed record */
	SPOIL_END_AT_FINISHED = 1 << 3, /* ends behind its Finished */
	SPOIL_NO_GOODBYE = 1 << 4,      /* no close_notify */
	SPOIL_MUTE = 1 << 5,            /* says nothing more once the handshake is over */
	SPOIL_CANCELED = 1 << 6,        /* user_canceled before close_notify, as Java does */
};

struct misbehaviour {
	const char *name, *what, *expected;
	const char *config; /* lines for config_read(): what the row needs in order to show; NULL: none */

	enum row_opening opening;            /* for the driver */
	unsigned refuse_after, tarpit_after; /* for the driver */

	bool silent, echo;
	bool greets;            /* `text` or `stream` come on accept, not after the hello */
	const char *text;       /* instead of an answer */
	server_stream *instead; /* the same, paced */

	void (*choice)(struct choice *, const struct server_config *, const struct heard *, unsigned nth);
	void (*extensions)(struct flight *);
	void (*sealed_extensions)(struct flight *); /* the same in EncryptedExtensions */
	void (*leaf_extensions)(struct flight *);   /* and beside each certificate of TLS 1.3 */
	const char *field;                          /* the length to lie in ... */
	int lie;                                    /* ... by so much */
	void (*patch)(struct flight *);
	/* A whole message, which begins at `start`, before it counts for any hash, signature or Finished. */
	void (*message)(struct server *, struct wr *, size_t start);
	/* What goes into one record, before it is sealed. */
	void (*content)(struct server *, uint8_t *type, struct wr *);
	void (*bytes)(struct peer_out *, const struct server_config *,
	        unsigned nth); /* the whole answer, as records */
	enum peer_end end;     /* after the answer */
	size_t fragment;
	uint64_t drip_us;      /* between two bytes of the answer */
	server_stream *after;  /* follows the answer */
	server_stream *opened; /* follows the handshake */
	server_stream *page;   /* instead of an answer to a request */
	uint64_t pace_us;
	unsigned spoils; /* SPOIL_* */
	bool later;      /* shows only when the client goes on behind the first answer */
};

extern const struct misbehaviour misbehaviours[];
extern const size_t misbehaviours_count;
const struct misbehaviour *misbehaviour_find(const char *name);

/* A sound config with the row and what it needs; `at` is the row's number. False: no such row. */
bool misbehaviour_config(struct server_config *, const char *name, uint64_t at);

/* What the row does to the messages of an answer; to one message; to the content of one record. */
void misbehaviour_patch(struct flight *);
void misbehaviour_message(struct server *, struct wr *, size_t start);
void misbehaviour_content(struct server *, uint8_t *type, struct wr *);

#endif
