/*
 * What the reports for people have in common: the same words for the same facts, whatever they are written
 * to. Text lives in the arena or is constant, and is not escaped: that is the writer's part.
 */
#ifndef REPORT_SHOW_H
#define REPORT_SHOW_H

#include "report/judge.h"
#include "report/view.h"

/* How good a row is, for colour and for a word beside it: never the only sign. */
enum mark { MARK_NONE, MARK_GOOD, MARK_WEAK, MARK_BAD };

const char *show_target(struct arena *, const struct record *); /* "example.org:443", "[2001:db8::1]:443" */
const char *show_address(const struct record *); /* NULL when there is none, or the target is it */
const char *show_error(
        struct arena *, const struct record *); /* "unreachable: the connection was refused (REFUSED)" */
/* Scanned, and yet nothing was learnt at all, or no handshake could be carried through and no certificate came: then
 * there is no grade, and it is not known who is there. */
bool show_nobody_met(const struct record *);
bool show_nothing_learnt(
        const struct record *); /* an error, and no version is offered: the error is all there is to tell */

const char *show_letter(const struct grade *); /* "A-"; "?" for none */
/* "at best", with the reason, when the configuration's letter could be worse; why there is no letter; or
 * NULL. */
const char *show_caveat(struct arena *, const struct record *, const struct grade *);
const char *show_trust(const struct grade *); /* a sentence about trust, NULL when there is nothing to say */
const char *show_points(struct arena *, int score); /* "93", "87.5", "not known" */
enum mark letter_mark(enum letter);

const char *show_order(const char *order); /* "in the server's order" */
/*
 * The title of a list, "TLSv1.2, RSA certificate", and the note beside it, "2, in the server's order; the
 * list may not be whole (..)". `order` is the observation that tells whose order it is, OBS_KEYS for a list
 * that has none. What is the same for several types of certificate, or without an order for several versions,
 * is told once, "TLSv1.2, RSA and ECDSA certificates": the title is NULL for the others.
 */
const char *show_list_title(struct arena *, const struct record *, const struct obs *, enum obs_key order);
const char *show_list_note(struct arena *, const struct record *, const struct obs *, enum obs_key order);
const char *show_kx(struct arena *, const struct cipher *); /* "ECDHE, RSA" */
enum mark cipher_mark(const struct cipher *);
const char *cipher_remark(const struct cipher *); /* "no forward secrecy", "RC4" ...; NULL for none */
const char *show_name(struct arena *, const char *name, const char *otherwise); /* of a certificate, cut where it is long */
const char *show_key(struct arena *, const struct cert_info *); /* "RSA 2048", "ECDSA P-256" */
const char *show_store(struct arena *, const struct obs *); /* of chain.trust: "trusted", "trusted by 2 paths" */
const char *show_validity(struct arena *, const struct cert_info *, int64_t now);
const char *show_names(struct arena *, const struct cert_info *, size_t most);
const char *show_number(struct arena *, int64_t);           /* "... or more" where the record holds no larger one */
const char *show_code(
        struct arena *, const struct obs *, size_t i);     /* the i-th code as the registry names it */
const char *show_list(struct arena *, const struct obs *); /* of names, joined by a comma */
const char *show_duration(struct arena *, uint64_t ms);
const char *show_size(struct arena *, uint64_t bytes);
const char *show_cost(struct arena *, const struct record *); /* "47 connections, 9.1 kB sent, ..." */

/* Takes the next part of a reason, "TLSv1.2: A" of "TLSv1.2: A; TLSv1.1: B"; NULL after the last one. */
const char *show_part(struct arena *, const char **reason);

/* What would lift the grade: the rules that applied, one step for each fix, the worst first. */
struct step {
	const char *effect; /* the worst one */
	const char *fix, *because;
	const char *rules; /* joined by a comma */
	const struct ledger_entry *entry; /* the first of them */
};
struct step *show_steps(struct arena *, const struct grade *, size_t *count);
enum mark effect_mark(const char *effect);

/* The state of an offered version, yes-or-no in words: "offered", "not offered", "not known". */
const char *show_offered(enum tri);
enum mark protocol_mark(uint16_t version, enum tri offered);

/* All findings: failures first, the most severe first; then unknown, passed, not applicable. */
const struct finding **show_findings(struct arena *, const struct judgement *);
const struct finding **show_worst_first(struct arena *, const struct finding *, size_t n);
size_t show_count(const struct judgement *, enum finding_state);
size_t show_not_evaluated(const struct grade *, const char *effect); /* effect NULL: any */

/* A policy and its result: "mozilla-old, 5.8 of 2026-04-06: Mozilla ..", "must: 9 passed, 1 failed; ..", "not checked: ..". */
struct policy_result;
const char *show_policy(struct arena *, const struct policy_result *);
const char *show_policy_counts(struct arena *, const struct policy_result *);
const char *show_not_checked(struct arena *, const struct policy_result *); /* NULL: nothing is left out */

/* The ways this chain was served: "TLSv1.2, with and without a server name". One that was served in several
 * ways is told once: NULL for the others. */
const char *show_served(const struct view *, const struct served *);

#endif
