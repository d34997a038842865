/*
 * What the server says in answer to a hello, as handshake messages one after the other: up to
 * ServerHelloDone, or for TLS 1.3 the HelloRetryRequest, or all from the ServerHello to the Finished. Keys,
 * points and signatures are filler of the right size (filler.c) where this libcrypto has no arithmetic.
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
	MSG_NEW_SESSION_TICKET = 4,
	MSG_END_OF_EARLY_DATA = 5,
	MSG_ENCRYPTED_EXTENSIONS = 8,
	MSG_OLD_RETRY_REQUEST = 6, /* drafts of TLS 1.3 before 22 */
	MSG_CERTIFICATE = 11,
	MSG_SERVER_KEY_EXCHANGE = 12,
	MSG_CERTIFICATE_REQUEST = 13,
	MSG_SERVER_HELLO_DONE = 14,
	MSG_CERTIFICATE_VERIFY = 15,
	MSG_CLIENT_KEY_EXCHANGE = 16,
	MSG_FINISHED = 20,
	MSG_CERTIFICATE_STATUS = 22,
	MSG_KEY_UPDATE = 24,
	MSG_COMPRESSED_CERTIFICATE = 25,
};

enum { FLIGHT_MARKS = 96, FLIGHT_MESSAGES = 16, FLIGHT_ROOM = 512 * 1024 };

struct flight_mark {
	const char *name;
	struct wr_mark at;
};

struct server;

struct flight {
	const struct server_config *config;
	const struct heard *heard;
	const struct choice *choice;
	struct server *server; /* its keys and its sequence */
	struct wr w;
	struct flight_mark marks[FLIGHT_MARKS];
	size_t marks_n;
	size_t starts[FLIGHT_MESSAGES]; /* where each message begins */
	size_t starts_n;
	size_t sealed_from; /* the first message that goes under keys; 0: none does */
};

/* Fills `f`, whose first four fields are set. */
void flight_write(struct flight *f);
void flight_free(struct flight *);

/* Does the whole flight of TLS 1.3 follow its ServerHello? */
bool flight_is_whole_13(const struct flight *);

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
