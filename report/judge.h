/*
 * Judgement: a pure function of one record. Rules are rows (report/rules); this is what they conclude.
 *
 * Everything pointed to lives in the judgement's arena, in the record, or is constant. judge() does not
 * change the record and never fails; judgement_free() frees.
 */
#ifndef REPORT_JUDGE_H
#define REPORT_JUDGE_H

#include "scanner/facts/record.h"

struct policy_result;
struct snippet;
struct sim;
struct client;
struct own_clients;

enum severity { SEV_INFO, SEV_LOW, SEV_MEDIUM, SEV_HIGH, SEV_CRITICAL };
const char *severity_name(enum severity);
bool severity_parse(const char *, enum severity *);

enum finding_state { FINDING_FAIL, FINDING_PASS, FINDING_UNKNOWN, FINDING_NA, FINDING_WAIVED };
const char *finding_state_name(
        enum finding_state); /* "fail", "pass", "unknown", "not_applicable", "waived" */

/* What somebody has decided to live with for a time: --waive. */
struct waiver {
	const char *id;     /* of a finding or of a gate, or policy/NAME@EDITION/RULE */
	const char *target; /* pattern: host, host:port or address, with * and ? */
	const char *until;  /* as it was written; the moment below */
	const char *why;
	int64_t ends;
};

struct finding {
	const char *id, *title, *reference, *advice;
	enum severity severity;
	enum finding_state state;
	bool unasked; /* FINDING_UNKNOWN because nobody put the question */
	bool optional; /* and no scan puts it unless it is told to */
	const struct snippet *snippet; /* advice.h; of what fails: lines for the program that answered; NULL: not known, or none */
	const struct waiver *waiver; /* that waives it, or did until it ended; NULL: none */
	const char *because; /* the facts behind it, one sentence; NULL for none */
	const struct evidence *evidence;
	size_t evidence_count;
};

/* Letters in order from best to worst; T and M outrank the others. NONE: no certificate seen, or nothing to
 * grade. */
enum letter {
	LETTER_NONE,
	LETTER_A_PLUS,
	LETTER_A,
	LETTER_A_MINUS,
	LETTER_B,
	LETTER_C,
	LETTER_D,
	LETTER_E,
	LETTER_F,
	LETTER_T,
	LETTER_M
};
const char *letter_name(enum letter); /* "A+", "A", "A-", ... ; NULL for LETTER_NONE */
bool letter_parse(const char *, enum letter *);

enum entry_state { ENTRY_APPLIED, ENTRY_NOT_APPLIED, ENTRY_NOT_EVALUATED, ENTRY_NA };
const char *entry_state_name(enum entry_state);

struct ledger_entry {
	const char *rule;   /* "protocol.tls10" */
	const char *effect; /* "cap B", "F", "warning", "no A+", "T", "M", "none" */
	enum entry_state state;
	const char *because; /* which fact, in words */
	const char *fix;     /* what would lift it; NULL when nothing is wrong */
	bool removes;        /* the fix takes a version or suites away; then: the clients that would no longer connect */
	const struct client **loses;
	size_t loses_count;
};

/* A score in exact fractions of a point: the guide halves sums and takes tenths, and 20 holds both. -1: not
 * known. */
enum { SCORE_UNIT = 20 };

struct grade {
	const char *guide; /* "ssllabs-2009r" */
	enum letter letter, config_letter;
	bool complete;                             /* false: a rule that fails (F) was not evaluated */
	const char *trust;                         /* "ok", "untrusted", "mismatch", "unknown" */
	int protocol, key_exchange, cipher, total; /* in 1/SCORE_UNIT points */
	struct ledger_entry *ledger;
	size_t ledger_count;
};

enum gate_state { GATE_PASS, GATE_FAIL, GATE_UNKNOWN, GATE_WAIVED, GATE_NA };
const char *gate_state_name(enum gate_state); /* "pass", "fail", "unknown", "waived", "not_applicable" */

struct gate_result {
	const char *gate;    /* its option, "min-grade" */
	const char *wants;   /* what was asked, "B" */
	enum gate_state state;
	bool critical;       /* of expires-within: the second limit, or the end */
	const char *because; /* one sentence; NULL for a plain pass */
};

struct judgement {
	struct arena arena;
	struct finding *findings;
	size_t findings_count;
	struct grade grade;
	const struct sim *sims; /* simulate.h; one for each known client; NULL: nothing was learnt */
	const struct sim *own_sims; /* the same for the user's own clients */
	size_t own_sims_count;
	struct policy_result *policies; /* policy_judge.h; of those asked for, in that order */
	size_t policies_count;
	struct gate_result *gates; /* those that were asked for: gates_hold() */
	size_t gates_count;
};

struct judgement *judge(const struct record *);
/* The same, with clients of the user's own in the simulation; these outlive it. NULL: none. */
struct judgement *judge_for(const struct record *, const struct own_clients *);
void judgement_free(struct judgement *);

#endif
