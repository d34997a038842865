/*
 * The trust stores of a scan: the system's, those of --ca-file and --ca-path, and one for each --trust NAME=FILE, in this
 * order. Their names stand in the report.
 */
#ifndef ANCHORS_H
#define ANCHORS_H

#include "scanner/trust/store.h"

struct cli;

enum { ANCHORS_STORES_MAX = 16, ANCHORS_NAME_MAX = 32 };

struct anchors {
	struct store *stores[ANCHORS_STORES_MAX + 1]; /* ends with NULL */
	size_t n;
};

/*
 * False, and one line on stderr, when a store that was asked for cannot be read whole or its name cannot be used. A
 * machine without a store of its own has one less, and one that cannot be used is said on stderr.
 */
bool anchors_open(struct anchors *, const struct cli *);
void anchors_close(struct anchors *);

#endif
