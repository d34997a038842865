/*
 * One handshake told message by message, for people (story_text) and as JSON (story_json): who speaks, what it means,
 * bytes and milliseconds, what it all cost.
 */
#ifndef STORY_H
#define STORY_H

#include <stdio.h>

#include "scanner/run/talk.h"

struct json_object;

void story_text(FILE *, const struct talk *);
struct json_object *story_json(const struct talk *); /* the caller owns it */

/* The price side by side: a full handshake and, when there was one, a resumed one (else NULL). */
void story_price(FILE *, const struct talk *full, const struct talk *resumed);

#endif
