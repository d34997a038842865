/*
 * What several endpoints are beside one another: the addresses of one name, or a whole run. A group is made from the
 * records of its endpoints alone (scanner/compare); here is what writers need to know of it.
 *
 * Everything pointed to lives in the group's arena or is constant. The order in which endpoints came changes nothing:
 * lists are sorted. Text is valid UTF-8 and not escaped: that is the writer's part.
 */
#ifndef REPORT_GROUP_H
#define REPORT_GROUP_H

#include "report/judge.h"

enum group_scope { GROUP_NAME, GROUP_RUN };

/* Some of a list, sorted; `cut`: there were more. */
struct group_list {
	const char *const *v;
	size_t n;
	bool cut;
};

/* One address of a name. */
struct group_member {
	const char *ip, *family;
	enum status status;
	enum letter letter;
	struct group_list leaves; /* SHA-256 of the certificates it shows, leaf only */
};

/* An observation that the addresses do not agree on: each value, and where. Known values only. */
struct group_value {
	const char *value;
	struct group_list where;
};

struct group_difference {
	const char *key; /* of the observation */
	uint16_t protocol;
	enum cert_key cert;
	enum tri sni;
	const char *name; /* or NULL */
	const struct group_value *values;
	size_t values_n;
};

/* One key under several certificates, one certificate under several hosts, one prime in several keys. */
struct group_shared {
	const char *sha256;  /* of the key or certificate; NULL for a prime */
	const char *subject; /* of a certificate; else NULL */
	unsigned bits;       /* of a prime; else 0 */
	struct group_list what; /* the certificates of a key, the keys of a prime; empty for a certificate */
	struct group_list where;
};

struct group_expiry {
	const char *sha256, *subject; /* NULL: no certificate was seen */
	int64_t not_after;
	struct group_list where;
};

struct group_record {
	struct arena arena;
	enum group_scope scope;
	const char *version; /* of the program that scanned */
	size_t endpoints; /* addresses of the name, or endpoints that were heard */

	/* a name */
	const char *host, *sni, *starttls, *transport;
	uint16_t port;
	const struct group_member *members; /* sorted by address */
	size_t members_n;
	const struct group_difference *differences;
	size_t differences_n;

	/* a run; endpoints in its lists are written host@address:port */
	bool several_names;
	size_t seen_keys, seen_certificates, moduli; /* kept, and of RSA keys those compared for shared primes */
	const struct group_shared *keys, *certificates, *factors;
	size_t keys_n, certificates_n, factors_n;
	const struct group_shared *drowned; /* RSA keys: `what` offers SSL 2.0, `where` does not and has RSA key exchange */
	size_t drowned_n;
	bool ssl2_open, ssl2_unasked; /* not known of every endpoint; of one because nobody asked */
	struct group_expiry first_expiry;

	struct group_list limits; /* what was left out: words */
	struct finding *findings;
	size_t findings_n;
	const struct gate_result *gate; /* what was asked of the findings, and what it came to; NULL: nothing was asked */
};

struct group_record *group_new(enum group_scope);
void group_free(struct group_record *); /* NULL is fine */
const char *group_scope_name(enum group_scope); /* "name", "run" */
size_t group_count(const struct group_record *, enum finding_state);
const char *group_title(struct arena *, const struct group_record *); /* "example.org:443", "all endpoints" */
/* One line: how many endpoints, and the ids of what failed, or that nothing did. */
const char *group_summary(struct arena *, const struct group_record *);
/* Is there something to tell a reader that the groups before it did not? A run of one name tells no more than the name. */
bool group_is_news(const struct group_record *);

struct json_object;
struct json_object *group_to_json(const struct group_record *); /* the caller owns it */

#endif
