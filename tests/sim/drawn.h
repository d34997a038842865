/*
 * Servers drawn from a seed: any versions, suites, groups and schemes that the test server has, in any order.
 */
#ifndef SIM_DRAWN_H
#define SIM_DRAWN_H

#include "scanner/base/text.h"
#include "tests/servers/config.h"

/* Fills a config (config_free()); the lines it was read from are appended to *lines. */
void drawn_server(struct server_config *, uint64_t seed, struct text *lines);

#endif
