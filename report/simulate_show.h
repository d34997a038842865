/* The simulation in words, the same in every report for people. Text lives in the arena or is constant. */
#ifndef REPORT_SIMULATE_SHOW_H
#define REPORT_SIMULATE_SHOW_H

#include "report/simulate.h"

struct judgement;
struct ledger_entry;

const char *sim_show_got(struct arena *, const struct sim *);    /* "TLSv1.3  TLS_AES_128_GCM_SHA256, x25519, RSA" or why not */
const char *sim_show_suite(struct arena *, const struct sim *);
const char *sim_show_group(struct arena *, const struct sim *); /* NULL: none, or not known */
/* The same of a client of the user's own, with what it would get if only its groups are not told;
 * in brackets which gap is left, what was measured, or why it could not be. */
const char *sim_show_own(struct arena *, const struct sim *, bool measures);
const char *sim_show_counts(struct arena *, const struct sim *); /* "179 of 220 known clients connect, 41 do not" */
const char *sim_show_measured(struct arena *, const struct sim *); /* NULL: nothing was measured */
/* What removing would cost: "no known client", "IE 8 XP, Java 6u45 and 3 more"; NULL: nothing is removed. */
const char *sim_show_losses(struct arena *, const struct ledger_entry *);
/* The clients in use that fall out for this reason, joined; NULL: none. */
const char *sim_show_fallen(struct arena *, const struct sim *, enum sim_reason);

#endif
