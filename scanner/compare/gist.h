/*
 * What is kept of an endpoint to compare it with the other addresses of its name: its state, grade, certificates, and
 * each observation as text. A pure function of the record and its judgement; bounded by GIST_BYTES_MAX.
 */
#ifndef COMPARE_GIST_H
#define COMPARE_GIST_H

#include "report/judge.h"

enum { GIST_BYTES_MAX = 512 * 1024, GIST_VALUE_MAX = 8192, GIST_LEAVES_MAX = 16, GIST_NAMES_MAX = 1000 };

/* One observation, or several about the same thing (of several chains): what it is about, and what it says. */
struct fact {
	enum obs_key key;
	uint16_t protocol;
	enum cert_key cert;
	enum tri sni;
	const char *name;
	const char *value; /* NULL: not known */
	uint64_t hash;     /* of the whole value, where it was too long to keep */
};

/* A certificate that is shown, and what stands above it in the chain. */
struct leaf {
	struct cert_info info;
	const char *above; /* fingerprints joined by a space */
};

struct gist {
	struct arena arena;
	const char *ip, *family, *version;
	enum status status;
	enum letter letter;
	bool silent;       /* it gave nothing: no version is offered, and there is a reason */
	bool skipped;      /* it was not asked at all */
	bool cut;          /* more facts than there is room for */
	struct fact *facts; /* sorted by what they are about */
	size_t facts_n;
	struct leaf *leaves; /* sorted by fingerprint */
	size_t leaves_n;
};

struct gist *gist_of(const struct record *, const struct judgement *);
void gist_free(struct gist *);

/* Orders facts by what they are about; 0: the same thing. */
int fact_about(const struct fact *, const struct fact *);
bool fact_same(const struct fact *, const struct fact *); /* both known, with the same value */

#endif
