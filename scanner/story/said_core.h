/* What the readers of messages share; not for anybody else. */
#ifndef STORY_SAID_CORE_H
#define STORY_SAID_CORE_H

#include "scanner/story/said.h"

/* What stands in an extension; a list of these ends with .read NULL. */
struct ext_row {
	uint16_t code;
	void (*read)(struct said *, struct rd data, struct fields *);
};

const char *said_version(struct arena *, uint16_t);
const char *said_suite(struct arena *, uint16_t);
const char *said_group(struct arena *, uint16_t);
const char *said_scheme(struct arena *, uint16_t);
const char *said_extension(struct arena *, uint16_t);
void said_codes(struct fields *, const char *key, struct rd list, const char *(*name)(struct arena *, uint16_t));
/* The names of all, and the fields of those that the rows read; false: broken. */
bool said_extensions(struct said *, struct rd list, const struct ext_row *, struct fields *);
bool said_is_retry(struct span message);

/* One reader for each message: its body into fields; false when the grammar breaks. */
typedef bool said_reader(struct said *, struct rd body, struct fields *);

said_reader said_client_hello, said_server_hello, said_encrypted_extensions, said_ticket;
said_reader said_certificate, said_compressed, said_request, said_staple, said_key_exchange, said_verify,
	said_client_key, said_finished, said_key_update;

#endif
