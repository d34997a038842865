/*
 * Questions to the resolver: one name after the other, until there are records or no further name. The driver knows how
 * far an answer can be relied on, and notes that; a probe is a declaration and what it makes of the records.
 *
 * A resolver that is silent, or fails, is no trouble of the scan: the observation says unknown, and why.
 */
#ifndef PROBES_DNS_H
#define PROBES_DNS_H

#include "probes/probe.h"
#include "scanner/base/dns.h"

/* One such probe while it runs. */
struct dns_lane {
	const char *name; /* that was asked for last */
	unsigned hops;    /* names asked for before it */
	bool insecure;    /* one of the answers was */
	bool told;        /* records were noted */
};

struct dns_question {
	const char *what;   /* the name of dns.dnssec */
	enum obs_key list;  /* the records, noted empty where there are none */
	uint16_t type;
	const char *(*first)(struct run *);
	/* The records of lane->name, maybe none: notes them, and gives the next name to ask, or NULL. */
	const char *(*heard)(struct run *, struct dns_lane *, const struct dns_reply *);
};

/* run->probe->declaration is the struct dns_question. */
enum next dns_step(struct run *, const struct answer *);

/* The records as texts; `why` REASON_NONE: they are all. */
void dns_note(struct run *, struct dns_lane *, const char *const *texts, size_t n, enum reason why);
/* The same of a reply, each record by itself: `text` gives NULL for what is none. */
enum reason dns_note_each(struct run *, struct dns_lane *, const struct dns_reply *,
	const char *(*text)(struct arena *, struct span record));
/* "_443._tcp.example.org" */
const char *dns_service_name(struct run *, const char *protocol);

bool dns_when(const struct facts *);
enum reason dns_why_not(const struct facts *);

#endif
