/*
 * The parts of the sweep's driver, for probes/sweep*.c alone: the hello of the moment, the questions that tell whose order
 * decides, and the way back into the peel. All state is the run's (struct sweep_state); nothing here fails.
 */
#ifndef PROBES_SWEEP_PARTS_H
#define PROBES_SWEEP_PARTS_H

#include "probes/sweep.h"

/* ---- the hello of the moment: sweep_hello.c --------------------------------------------------------------------------- */

const struct sweep *sweep_declared(const struct run *);
struct axis *sweep_axis(struct run *, enum dimension); /* NULL: it is not swept */
bool sweep_seen_any(struct run *);

struct hello sweep_base_hello(struct run *);
/* An axis that is exhausted, or held still for one question, offers what is known to work. */
struct codes sweep_axis_offer(struct run *, const struct axis *, bool held);
void sweep_put_axis(struct hello *, enum dimension, struct codes);
void sweep_turn_lists(struct run *, struct hello *);
void sweep_word(struct run *, struct hello *, enum sweep_form);
struct codes sweep_reversed(struct run *, enum dimension, struct codes);
uint16_t sweep_needed_curve(struct run *); /* 0: none */

bool sweep_is_ecdsa(const struct suite *);
bool sweep_is_not_ecc(uint32_t code);

/* ---- whose order decides: sweep_rank.c -------------------------------------------------------------------------------- */

enum next sweep_rank(struct run *);   /* what was found is all: begins with suites */
enum next sweep_ranked(struct run *, const struct answer *);
enum next sweep_rank_chacha(struct run *);
enum next sweep_ranked_gcm(struct run *, const struct answer *);
enum next sweep_settle(struct run *); /* groups and schemes, and then the end */

/* ---- the peel: sweep.c ------------------------------------------------------------------------------------------------- */

enum next sweep_ask_on(struct run *);
enum next sweep_finish(struct run *);

#endif
