/*
 * The command line: from argv to a struct cli, by the rows of options.def. Pure but for stderr: cli_parse() says what is
 * wrong in one line and returns false.
 */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "scanner/base/arena.h"

struct cli_output {
	const char *format, *file; /* file NULL: stdout */
	bool behind; /* what the file has already */
};

struct cli_named {
	const char *name, *file;
};

struct cli {
	struct arena arena;
	int argc;
	char *const *argv;
	const char *command;           /* "scan", "list", "explain" ... */
	const char *const *arguments;  /* behind the command; ends with NULL */
	const char **asked;            /* options as given that shape what a scan asks, but for -f and keys; as --name=value */
	size_t asked_n;
	struct cli_output *outputs;
	size_t outputs_n;
	struct cli_named *trust;
	size_t trust_n;
	const char **clients; /* of --client, as given */
	size_t clients_n;
	bool unordered, quiet, verbose, ipv4, ipv6, intrusive, fast, fetch, fetch_private, help, version, schema;
	const char *colour, *file, *ip, *sni, *ca_file, *ca_path, *ct_logs, *known_keys, *distrust, *cert, *key, *pass_file, *psk;
	const char *record, *replay, *jobs, *resume;
	const char *sarif_anchor, *suites, *simulate, *http_port, *seed, *suite, *group, *tls_version;
	const char *resolver, *dnssec_anchor, *starttls;
	const char *chain, *roots, *host, *at, *crls, *purpose, *profile; /* of verify */
	const char *min_grade, *fail_on, *baseline, *expires_within, *waive;
	const char *const *probe, *const *skip, *const *alpn, *const *policies; /* end with NULL; NULL: not given */
	uint64_t timeout_us, deadline_us;
	uint64_t max_depth; /* plus one; 0: not given */
	uint64_t repeat, max_per_net, max_targets, max_rate, max_connections, budget;
	uint64_t rate, max_per_host; /* 0: not given */
};

int cli_family(const struct cli *); /* of addresses: 4, 6, or 0 for both */
bool cli_parse(struct cli *, int argc, char *const *argv);
/* The command line once more, behind options that were `asked` in a recorded scan; these live as long as the cli. */
bool cli_parse_behind(struct cli *, const char *const *asked, size_t n);
void cli_free(struct cli *);

#endif
