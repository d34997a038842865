/*
 * What the server says in answer to a hello, as handshake messages one after the other: up to
 * ServerHelloDone, or for TLS 1.3 the ServerHello or HelloRetryRequest. Keys, points and signatures are
 * filler of the right size (filler.c) until the server learns to finish a handshake.
 *
 * Every length field is remembered under a name, so that misbehave.c can lie in each. flight_free() frees it.
 */
#ifndef SERVERS_FLIGHT_H
#define SERVERS_FLIGHT_H

#include "tests/servers/choose.h"

enum {
	MSG_HELLO_REQUEST = 0,
	MSG_CLIENT_HELLO = 1,
	MSG_SERVER_HELLO = 2,
	MSG_OLD_RETRY_REQUEST = 6, /* drafts of TLS 1.3 before 22 */
	MSG_CERTIFICATE = 11,
	MSG_SERVER_KEY_EXCHANGE = 12,
	MSG_CERTIFICATE_REQUEST = 13,
	MSG_SERVER_HELLO_DONE = 14,
	MSG_CLIENT_KEY_EXCHANGE = 16,
	MSG_CERTIFICATE_STATUS = 22,
};

enum { FLIGHT_MARKS = 96, FLIGHT_MESSAGES = 16, FLIGHT_ROOM = 512 * 1024 };

struct flight_mark {
	const char *name;
	struct wr_mark at;
};

struct flight {
	const struct server_config *config;
	const struct heard *heard;
	const struct choice *choice;
	uint64_t *random;
	struct wr w;
	struct flight_mark marks[FLIGHT_MARKS];
	size_t marks_n;
	size_t starts[FLIGHT_MESSAGES]; /* where each message begins */
	size_t starts_n;
};

/* Fills `f`, whose first four fields are set. */
void flight_write(struct flight *f);
void flight_free(struct flight *);

/* For those who add or replace messages. */
struct wr_mark flight_message(struct flight *, uint8_t type); /* until flight_close() */
struct wr_mark flight_open(struct flight *, const char *name, size_t width);
void flight_close(struct flight *, struct wr_mark);
/* Cuts all from the first message of this type on; false when there is none. */
bool flight_cut(struct flight *, uint8_t type);

/* The version that stands in the headers of records. */
uint16_t record_version(uint16_t version);

/* SSL 2.0 draft section 2.6: a whole record. */
void flight_ssl2(struct wr *, const struct server_config *, const struct heard *, uint64_t *random);

#endif
