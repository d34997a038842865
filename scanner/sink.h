/*
 * Where records go: each is judged, held against the gates that were asked for, and written in every format of the
 * command line. `scan` and `judge` end in the same one, so that what is judged later is judged alike.
 */
#ifndef SINK_H
#define SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/cli.h"
#include "scanner/gating.h"
#include "scanner/tls/clients.h"

struct record;
struct writer;
struct output;
struct compare;

struct sink {
	struct cli *cli;
	const struct writer **writers;
	struct output *outputs;
	size_t n;
	const char *anchor_file; /* of --sarif-anchor; NULL: not given */
	uint64_t anchor_line;
	const char *placeless; /* a format that got a record without the place it needs */
	struct compare *compare; /* the endpoints beside one another */
	struct gating gating;
	struct own_clients own; /* of --client */
	int64_t at;      /* when the last endpoint was scanned */
	bool failed;     /* a gate */
	bool cut;        /* not all that was given was read: set before sink_close() */
	bool incomplete; /* an endpoint was not scanned, or only in part, or a gate could not be decided */
};

/* False, and one line on stderr: a gate, a policy, a client or a format that does not exist or lacks a place, or a file that cannot
 * be read or written. */
bool sink_open(struct sink *, struct cli *);
/* What a command must look at before it opens one. False, and one line on stderr: a program reads stdout, and would read two reports. */
bool sink_stdout_is_free(const struct cli *);
/* Is there a format whose results need places that no --sarif-anchor gives? It is named. */
bool sink_needs_places(const struct cli *, const char **format);
bool sink_placeless(const char *format); /* false, and one line on stderr */
void sink_record(struct sink *, struct record *); /* takes the record, and frees it */
/* Ends every report; the exit status: EXIT_OK, EXIT_GATE, EXIT_UNSCANNED, or EXIT_INTERNAL when a report was lost. */
int sink_close(struct sink *);
/* The program's exit status, of a command's: with a plugin's format on stdout it is the plugin's, for slips too. */
int sink_status(const struct cli *, int status);

#endif
