/*
 * Keys whose private half is known to others: a few built in, more from a file of the user's, one SHA-256 of a
 * SubjectPublicKeyInfo in hex a line, and behind it whose; '#' after a blank begins a comment.
 *
 * Those called debian (or debian-something) are the weak keys of CVE-2008-0166: only a file that has some can tell
 * that a key is none of them.
 */
#ifndef TRUST_KNOWN_KEYS_H
#define TRUST_KNOWN_KEYS_H

#include "scanner/base/wire.h"

struct cert;
struct known_keys;

enum { KNOWN_KEY_WORD_MAX = 64 };

/* The built-in ones alone, or with those of a text; NULL, and the number of the first wrong line, when it is wrong. */
struct known_keys *known_keys_new(struct span text, size_t *wrong_line);
struct known_keys *known_keys_of(struct span text, size_t *wrong_line); /* those of the text alone */
void known_keys_free(struct known_keys *); /* NULL is fine */

/* Whose the key of the certificate is; NULL: not known. */
const char *known_keys_find(const struct known_keys *, const struct cert *);
bool known_keys_is_debian(const char *whose);
bool known_keys_have_debian(const struct known_keys *);

#endif
