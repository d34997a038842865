/*
 * What a server makes of odd hellos: the rules of the RFCs, and the rows of quirks.def that its config breaks them by.
 * Pure functions of the config and of what was heard.
 */
#ifndef SERVERS_QUIRKS_H
#define SERVERS_QUIRKS_H

#include "tests/servers/config.h"
#include "tests/servers/heard.h"

/* 0: it is fine with the server; else the alert that says why not. */
uint8_t quirks_alert(const struct server_config *, const struct heard *);

#endif
