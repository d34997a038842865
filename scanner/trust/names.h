/*
 * The names in a certificate, and whether one of them is the host that was asked for (RFC 9525).
 */
#ifndef TRUST_NAMES_H
#define TRUST_NAMES_H

#include "scanner/base/wire.h"

struct cert;

/* GeneralName, RFC 5280 section 4.2.1.6. */
enum general_name_kind {
	GN_OTHER,
	GN_EMAIL,
	GN_DNS,
	GN_X400,
	GN_DIRECTORY,
	GN_EDI,
	GN_URI,
	GN_IP,
	GN_REGISTERED
};

struct general_name {
	enum general_name_kind kind;
	struct span value; /* GN_DIRECTORY: the contents of the Name's SEQUENCE */
};

/* Takes the next name; false at the end, with a bad reader when it is malformed. */
bool general_name_next(struct rd *, struct general_name *);

/* ASCII letters alike. */
bool span_same_word(struct span a, struct span b);
bool span_ends_with_word(struct span s, struct span end);
struct span span_of_text(const char *);
struct span span_skip(struct span, size_t n); /* without the first n bytes */

/* A DNS name in letters, digits and hyphens (RFC 5280 section 4.2.1.6), its first label "*" where that is allowed. */
bool name_is_dns(struct span, bool wildcard);
bool name_is_mail(struct span); /* something, "@", a host */

/* NAMES_NONE: the certificate names neither a host nor an address. */
enum name_match { NAMES_MATCH, NAMES_MISMATCH, NAMES_NONE };
const char *name_match_text(enum name_match); /* "match", "mismatch", "no_names" */

/*
 * `host` is a DNS name (A-labels; a dot at the end is ignored) or an IP address in text. A wildcard stands
 * for the whole leftmost label, needs two labels after it and never stands on a public suffix (suffix.h). Addresses
 * match addresses only; the subject's common name is never looked at. Linear in the number of names.
 */
enum name_match names_match(const struct cert *, const char *host);
/* Is it an address, or a name in the form of name_is_dns()? */
bool names_can_match(const char *host);

#endif
