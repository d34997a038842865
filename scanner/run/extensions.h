/* What the answers of one version say about extensions: which were seen in which message, and what was granted. */
#ifndef RUN_EXTENSIONS_H
#define RUN_EXTENSIONS_H

#include "scanner/facts/facts.h"

/* Adds extensions.list and the ext.* observations that choices tell. */
void extensions_conclude(struct record *, const struct facts *, uint16_t version);

#endif
