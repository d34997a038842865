#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "probes/probe.h"
#include "scanner/anchors.h"
#include "scanner/base/die.h"
#include "scanner/base/dns.h"
#include "scanner/base/file.h"
#include "scanner/command.h"
#include "scanner/dial.h"
#include "scanner/feed.h"
#include "scanner/identity.h"
#include "scanner/lists.h"
#include "scanner/machine.h"
#include "scanner/net/watch.h"
#include "scanner/progress.h"
#include "scanner/recording.h"
#include "scanner/run/scan.h"
#include "scanner/sink.h"
#include "scanner/tls/keys.h"

enum { WINDOW = 64, WINDOW_FREE = 1000, STOP_US = 10 * 1000 * 1000 };

struct job {
	struct cli *cli;
	struct feed feed;
	struct scan *scan;
	struct progress progress;
	struct watch *end;
	bool stopped;
	struct sink sink;
	struct anchors anchors;
	struct net_addr address;
	struct identity identity;
	struct lists lists;
	struct arena arena;
	struct recording recording, replay; /* with --record, --replay */
};

static int usage(const char *about, const char *what)
{
	fprintf(stderr, "tlsassay: %s: %s\n", about, what);
	return EXIT_USAGE;
}

/* ---- set-up ------------------------------------------------------------------------------------------------------------- */

static bool parse_seed(const char *hex, uint8_t seed[static KEYS_SEED])
{
	size_t n = strlen(hex);

	if (n == 0 || n > 2 * KEYS_SEED || strspn(hex, "0123456789abcdefABCDEF") != n)
		return false;
	memset(seed, 0, KEYS_SEED);
	for (size_t i = 0; i < n; i++) {
		char digit[2] = { hex[n - 1 - i], 0 };

		seed[KEYS_SEED - 1 - i / 2] |= (uint8_t)(strtoul(digit, NULL, 16) << (i % 2 ? 4 : 0));
	}
	return true;
}

/* The wall clock; SOURCE_DATE_EPOCH stands in for it where a report must repeat. */
static int64_t wall_clock(void)
{
	const char *fixed = getenv("SOURCE_DATE_EPOCH");

	return fixed && *fixed ? strtoll(fixed, NULL, 10) : (int64_t)time(NULL);
}

/* A word that means no probe is a slip of the pen, and would scan nothing without a word. */
static const char *unknown_probe(const char *const *words)
{
	for (; words && *words; words++) {
		size_t i = 0;

		while (probes[i] && !probe_matches(probes[i], *words))
			i++;
		if (!probes[i])
			return *words;
	}
	return NULL;
}

/* A port, or "no". */
static bool parse_http_port(const char *text, struct scan_options *o)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	o->http_port_given = true;
	o->http_port = (uint16_t)n;
	return !strcmp(text, "no") || (*text >= '0' && *text <= '9' && !*end && n && n <= UINT16_MAX);
}

/* "192.0.2.1", "192.0.2.1:53", "2001:db8::1", "[2001:db8::1]:53". */
static bool parse_resolver(const char *text, struct net_addr *a)
{
	const char *colon = strrchr(text, ':'), *port = "53";
	char address[64];
	size_t n = strlen(text);
	char *end;
	unsigned long number;

	if (colon && (*text == '[' ? colon[-1] == ']' : strchr(text, ':') == colon)) {
		port = colon + 1;
		n = (size_t)(colon - text);
	}
	if (*text == '[' && n > 1 && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	if (n >= sizeof address)
		return false;
	memcpy(address, text, n);
	address[n] = 0;
	number = strtoul(port, &end, 10);
	a->port = (uint16_t)number;
	return net_addr_parse(address, a) && *port >= '0' && *port <= '9' && !*end && number && number <= UINT16_MAX;
}

/* The zone that --dnssec-anchor trusts. */
static bool read_anchor(struct job *j, const char *path, const char **zone)
{
	enum { ANCHOR_MAX = 64 * 1024 };
	struct text t = { 0 };
	bool read = file_read(AT_FDCWD, path, ANCHOR_MAX, &t);

	if (read)
		*zone = dns_first_owner(&j->arena, text_str(&t));
	text_free(&t);
	return read;
}

/* What the user gave is looked at before anything is written; resolv.conf, when the first question is put. */
static int open_resolver(struct job *j, struct scan *s)
{
	const struct cli *c = j->cli;
	const char *about = c->dnssec_anchor ? c->dnssec_anchor : c->resolver, *why;
	struct net_addr via;

	s->options.dns_any = c->resolver != NULL;
	s->options.dns_us = 2000000;
	if (c->resolver && !parse_resolver(c->resolver, &via))
		return usage("--resolver", "an address is wanted, and maybe a port: 192.0.2.1, 192.0.2.1:53, [2001:db8::1]:53");
	if (c->dnssec_anchor && !read_anchor(j, c->dnssec_anchor, &s->options.dns_anchor))
		return usage(c->dnssec_anchor, strerror(errno));
	if (c->replay)
		return EXIT_OK; /* nobody is asked */
	s->options.dns = net_uv_resolves();
	why = about ? net_uv_resolver(s->net, c->resolver ? &via : NULL, c->dnssec_anchor) : NULL;
	return why ? usage(about, why) : EXIT_OK;
}

/* Probes that only an option of their own asks for. */
static bool also_asked(struct cli *c, struct scan *s)
{
	const char **selected = arena_new(&c->arena, 3, sizeof *selected);
	size_t n = 0;

	if (c->suites && strcmp(c->suites, "all"))
		return usage("--suites", "only 'all' is known"), false;
	if (c->simulate && strcmp(c->simulate, "computed") && strcmp(c->simulate, "measured"))
		return usage("--simulate", "'computed' or 'measured' is wanted"), false;
	if (c->suites)
		selected[n++] = "suites.unregistered";
	if (c->simulate && !strcmp(c->simulate, "measured"))
		selected[n++] = "simulation";
	if (n)
		s->options.also = selected;
	return true;
}

/* What one address is spared, unless the user says otherwise. */
struct pace {
	unsigned max_per_host;
	uint32_t rate, burst;
};

static struct pace pace(const struct cli *c)
{
	static const struct pace polite = { 8, 200, 50 }, fast = { 32, 5000, 5000 };
	struct pace p = c->fast ? fast : polite;

	if (c->max_per_host)
		p.max_per_host = (unsigned)c->max_per_host;
	if (c->rate)
		p.rate = (uint32_t)c->rate;
	if (p.burst > p.rate)
		p.burst = p.rate;
	return p;
}

static int set_up(struct job *j, struct scan *s)
{
	struct cli *c = j->cli;
	const char *unknown = unknown_probe(c->probe) ? unknown_probe(c->probe) : unknown_probe(c->skip);
	struct pace p = pace(c);

	s->options = (struct scan_options){
		.connect_us = c->timeout_us < 5000000 ? c->timeout_us : 5000000, .answer_us = c->timeout_us,
		.deadline_us = c->deadline_us, .max_per_host = p.max_per_host,
		.rate_per_host = p.rate, .burst_per_host = p.burst, .ahead = c->fast,
		.budget = c->budget, .select = c->probe, .skip = c->skip, .intrusive = c->intrusive,
		.version = TLSASSAY_VERSION, .now = wall_clock(), .stores = j->anchors.stores,
		.fetch = c->fetch || c->fetch_private, .fetch_private = c->fetch_private,
	};
	s->limits = (struct limits){
		.all = { .rate = { .rate = (uint32_t)c->max_rate, .burst = (uint32_t)c->max_rate }, .max_open = (unsigned)c->max_connections },
		.network = { .max_open = (unsigned)c->max_per_net },
	};
	s->unordered = c->jobs || c->resume || c->unordered;
	s->window = c->max_targets ? c->max_targets : s->unordered ? WINDOW_FREE : WINDOW;
	s->family = cli_family(c);
	if (unknown)
		return usage(unknown, "no probe or topic has this name (see: tlsassay list probes)");
	keys_system_seed(s->options.seed);
	if (c->replay) {
		parse_seed(j->replay.seed, s->options.seed);
		s->options.now = j->replay.clock;
	}
	if (c->seed && !parse_seed(c->seed, s->options.seed))
		return usage("--seed", "up to 64 hexadecimal digits are wanted");
	if (c->http_port && !parse_http_port(c->http_port, &s->options))
		return usage("--http-port", "a port number or 'no' is wanted");
	if (!also_asked(c, s))
		return EXIT_USAGE;
	s->one_address = c->ip && !strcmp(c->ip, "one");
	if (c->ip && strcmp(c->ip, "one") && strcmp(c->ip, "all")) {
		if (!net_addr_parse(c->ip, &j->address))
			return usage("--ip", "an address, one or all is wanted");
		s->address = &j->address;
	}
	if (!anchors_open(&j->anchors, c) || !identity_open(&j->identity, c) || !lists_open(&j->lists, c))
		return EXIT_USAGE;
	s->options.ct_logs = j->lists.has_logs ? &j->lists.logs : NULL;
	s->options.known_keys = j->lists.keys;
	s->options.distrusted = j->lists.distrusted;
	s->options.client_chain = j->identity.chain;
	s->options.client_chain_n = j->identity.n;
	s->options.client_key = j->identity.key;
	s->options.psk = j->identity.psk;
	s->options.psk_identity = j->identity.psk_identity;
	s->options.alpn = j->identity.alpn;
	return EXIT_OK;
}

static enum fed next_replayed(struct job *j, const struct target **t)
{
	*t = recording_next(&j->replay, &j->feed.targets);
	j->feed.any |= *t != NULL;
	return *t ? FED_TARGET : FED_END;
}

static enum fed next_target(void *owner, const struct target **t)
{
	struct job *j = owner;
	enum fed fed = j->cli->replay ? next_replayed(j, t) : feed_next(&j->feed, t);

	if (j->cli->record)
		recording_target(&j->recording, fed == FED_TARGET ? *t : NULL, j->feed.targets.text);
	return fed;
}

static void drop_target(void *owner, const struct target *t)
{
	(void)owner;
	target_free(t);
}

/* SIGTERM or SIGINT in a list: no more is taken, and what is on its way gets time to end. The second one has no patience. */
static void end_soon(void *owner)
{
	struct job *j = owner;

	if (j->stopped)
		_exit(EXIT_UNSCANNED); /* what was written is flushed, record by record */
	j->stopped = true;
	feed_stop(&j->feed);
	scan_stop(j->scan, net_now_us(j->scan->net) + STOP_US);
}

static void take_record(void *owner, struct record *r)
{
	struct job *j = owner;

	if (recording_failed(&j->replay)) {
		record_free(r); /* it is told of a network that never was */
		return;
	}
	progress_record(&j->progress, r, net_now_us(j->scan->net), j->feed.targets.lines.bytes, j->feed.bytes);
	sink_record(&j->sink, r);
}

static void open_signatures(struct job *j)
{
	if (j->cli->replay)
		recording_recall_signatures(&j->replay, j->identity.key);
	else if (j->cli->record)
		recording_keep_signatures(&j->recording, j->identity.key);
}

/* The network of this machine, or one that was recorded; and maybe written down. */
static int open_network(struct job *j, struct scan *s)
{
	int status;

	if (j->cli->replay)
		recording_play(&j->replay, s);
	else
		s->net = net_uv_new();
	status = open_resolver(j, s);
	if (status == EXIT_OK && j->cli->record && !recording_create(&j->recording, j->cli->record))
		status = EXIT_USAGE;
	if (status == EXIT_OK && j->cli->record)
		recording_begin(&j->recording, j->cli, s);
	if (status == EXIT_OK && j->identity.key)
		open_signatures(j);
	return status;
}

/* Whether it was written, and whether what was played was played to its end. */
static int end_recordings(struct job *j, int status)
{
	if (j->cli->replay && !recording_held(&j->replay))
		return EXIT_USAGE;
	if (j->cli->record && !recording_finish(&j->recording))
		return EXIT_INTERNAL;
	return status;
}

/* A list can be long: it comes as it comes, can be ended, and tells how far it is. */
static void begin_list(struct job *j, struct scan *s)
{
	const struct cli *c = j->cli;
	bool is_list = c->file || c->jobs, alone = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);

	j->scan = s;
	progress_open(&j->progress, is_list ? stderr : NULL, alone, net_now_us(s->net));
	if (!is_list || c->record)
		return;
	feed_attach(&j->feed, s);
	j->end = watch_end(s->net, end_soon, j);
}

static void end_list(struct job *j, const struct scan *s)
{
	progress_close(&j->progress, net_now_us(s->net));
	feed_detach(&j->feed);
	watch_free(j->end);
}

/* Nothing at all was given, and that must not look as if all of it were well. Whoever sends jobs may have none. */
static bool had_none(const struct job *j)
{
	return !j->feed.any && !j->feed.targets.why && !j->stopped && (!j->cli->jobs || gating_asked(&j->sink.gating));
}

static int scan_all(struct job *j, struct scan *s)
{
	int status;
	bool none;

	if (open_network(j, s) || !sink_open(&j->sink, j->cli)) {
		s->net->ops->free(s->net);
		return EXIT_USAGE;
	}
	s->options.own = &j->sink.own;
	s->feed = next_target;
	s->drop = drop_target;
	s->sink = take_record;
	s->owner = j;
	begin_list(j, s);
	scan_run(s);
	end_list(j, s);
	none = had_none(j);
	j->sink.cut = feed_failed(&j->feed) || j->stopped;
	status = sink_close(&j->sink);
	status = end_recordings(j, status);
	s->net->ops->free(s->net);
	if (status != EXIT_INTERNAL && (feed_failed(&j->feed) || (none && status == EXIT_OK && !feed_none(&j->feed))))
		return EXIT_USAGE;
	return status == EXIT_OK && j->stopped ? EXIT_UNSCANNED : status;
}

/* An address of the command line that -4 or -6 shuts out is a slip; in a list it is passed over, and said. */
static bool given_fit(const struct job *j)
{
	for (size_t i = 0; i < j->feed.targets.given_n; i++)
		if (!dial_fits(j->cli, j->feed.targets.given[i]))
			return false;
	return true;
}

/* Targets and options of a recording; the command line says what becomes of the answers. */
static int open_replay(struct job *j)
{
	struct cli *c = j->cli;

	if (c->arguments[0] || c->file || c->jobs || c->resume)
		return usage("--replay", "the targets are in the recording: give none");
	if (!recording_open(&j->replay, c->replay))
		return EXIT_USAGE;
	return cli_parse_behind(c, j->replay.asked, j->replay.asked_n) ? EXIT_OK : EXIT_USAGE;
}

static int check_words(const struct cli *c)
{
	if (!c->arguments[0] && !c->file && !c->jobs && !c->replay)
		return usage("no target", "give a host, or -f FILE (try --help)");
	if (c->record && c->replay)
		return usage("--record", "a replay is recorded already");
	if (c->file && c->jobs)
		return usage("--jobs", "not with -f: there is one list");
	if (c->resume && (c->arguments[0] || (!c->file && !c->jobs)))
		return usage("--resume", "only with -f or --jobs: targets are known by their lines");
	if (c->record && (c->jobs || c->resume || c->unordered))
		return usage("--record", "not with --jobs, --resume or --unordered: what is recorded has an order");
	return EXIT_OK;
}

static void add_output(struct cli *c, const char *format, const char *file, bool behind)
{
	c->outputs = arena_push(&c->arena, c->outputs, c->outputs_n, sizeof *c->outputs);
	c->outputs[c->outputs_n++] = (struct cli_output){ format, file, behind };
}

/* Whoever sends jobs reads records. */
static void add_outputs(struct cli *c)
{
	if (c->resume)
		add_output(c, "ndjson", c->resume, true);
	else if (c->jobs && !c->outputs_n)
		add_output(c, "ndjson", NULL, false);
}

int command_scan(struct cli *c)
{
	struct job j = { .cli = c };
	struct scan s = { 0 };
	int status = check_words(c);

	if (status == EXIT_OK && c->replay)
		status = open_replay(&j);
	if (status == EXIT_OK)
		status = set_up(&j, &s);
	if (status == EXIT_OK)
		add_outputs(c);
	if (status == EXIT_OK && !feed_open(&j.feed, c))
		status = EXIT_USAGE;
	if (status == EXIT_OK && !given_fit(&j))
		status = EXIT_USAGE;
	if (status == EXIT_OK) {
		machine_prepare(c->max_connections, c->file || c->jobs);
		status = scan_all(&j, &s);
	}
	feed_close(&j.feed);
	recording_close(&j.recording);
	recording_close(&j.replay);
	identity_close(&j.identity);
	lists_close(&j.lists);
	anchors_close(&j.anchors);
	arena_free(&j.arena);
	return status;
}
