/*
 * The three category scores of the SSL Labs guide and their total, as exact fractions.
 *
 * Where facts are missing a score is a range: `best` if everything unseen were harmless, `worst` if it were
 * not. -1 in both: nothing to score.
 */
#ifndef REPORT_SCORE_H
#define REPORT_SCORE_H

#include "report/cond.h"
#include "report/judge.h"

struct score {
	int best, worst; /* in 1/SCORE_UNIT points */
};

struct score score_protocol(const struct view *);
struct score score_key_exchange(const struct view *);
struct score score_cipher(const struct view *);
struct score score_total(struct score protocol, struct score key_exchange, struct score cipher);
enum letter score_letter(int total);
bool score_known(struct score);

#endif
