/*
 * Handshake messages in clear, one at a time, from an answer's flight into its fields. Used by answer.c alone.
 *
 * Each reader follows the message's grammar to its last byte; what breaks it is told with the offset in the message.
 */
#ifndef TLS_MESSAGE_H
#define TLS_MESSAGE_H

#include "scanner/tls/answer.h"

enum message_kind { MESSAGE_INCOMPLETE, MESSAGE_OK, MESSAGE_LAST, MESSAGE_BAD };

struct message_verdict {
	enum message_kind kind;
	enum reason reason; /* of MESSAGE_BAD */
	size_t offset;
};

/* Reads the next whole message of a->flight and moves a->flight.parsed behind it. */
struct message_verdict message_next(struct answer *a);
/* One SSL 2 message, without its record header. */
struct message_verdict message_ssl2(struct answer *a, struct rd body);

/* Does this trouble take back a hello that was read before? A pick that was never offered is no pick. */
bool message_breaks_hello(enum reason);

#endif
