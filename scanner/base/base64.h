/*
 * Base64 (RFC 4648 section 4), strict: no white space, with its padding.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "scanner/base/wire.h"

/* Room for what n characters stand for. */
#define BASE64_ROOM(n) ((n) / 4 * 3)

/* False, and a bad writer, when it is malformed or does not fit. */
bool base64_read(struct span text, struct wr *out);

/* How many characters stand for n bytes. */
#define BASE64_LENGTH(n) (((n) + 2) / 3 * 4)

/* A bad writer when it does not fit. */
void base64_write(struct wr *, struct span);
/* The next three bytes, or what is left of them, as four characters. */
void base64_group(struct wr *, struct rd *);

#endif
