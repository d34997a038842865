/*
 * Times as text: RFC 3339 in UTC, "2026-11-21T09:00:00Z", of seconds since 1970; years 0001 to 9999.
 */
#ifndef FACTS_TIME_H
#define FACTS_TIME_H

#include <stdbool.h>
#include <stdint.h>

void time_text(int64_t seconds, char out[static 24]); /* clamped to those years */
bool time_parse(const char *text, int64_t *seconds);

#endif
