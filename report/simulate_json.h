/* What each client gets, as the report's `simulation`; the caller's tree. */
#ifndef REPORT_SIMULATE_JSON_H
#define REPORT_SIMULATE_JSON_H

#include "report/judge.h"

struct json_object *simulation_json(const struct judgement *);
/* The clients that a fix would lose; NULL: it takes nothing away. */
struct json_object *lost_clients_json(const struct ledger_entry *);

#endif
