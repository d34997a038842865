#include "scanner/recording.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/net/net_record.h"
#include "scanner/net/net_replay.h"
#include "scanner/run/targets.h"
#include "scanner/tls/crypt.h"
#include "scanner/tls/keys.h"

static bool complain(const char *about, const char *what)
{
	fprintf(stderr, "tlsassay: %s: %s\n", about, what);
	return false;
}

static FILE *open_file(struct recording *r, const char *path, const char *mode)
{
	*r = (struct recording){ .path = path, .file = fopen(path, mode) };
	if (!r->file) {
		die_if_memory();
		complain(path, strerror(errno));
	}
	return r->file;
}

/* ---- writing --------------------------------------------------------------------------------------------------------- */

bool recording_create(struct recording *r, const char *path)
{
	return open_file(r, path, "w") != NULL;
}

static void put(struct recording *r, struct tape_line line)
{
	tape_write(r->file, &line);
}

void recording_begin(struct recording *r, const struct cli *c, struct scan *s)
{
	struct arena a = { 0 };

	put(r, (struct tape_line){ .verb = TAPE_FORMAT, .number = { TAPE_VERSION } });
	put(r, (struct tape_line){ .verb = TAPE_PROGRAM, .word = { TLSASSAY_VERSION } });
	put(r, (struct tape_line){ .verb = TAPE_SEED, .word = { text_hex(&a, s->options.seed, sizeof s->options.seed) } });
	put(r, (struct tape_line){ .verb = TAPE_CLOCK, .number = { (uint64_t)s->options.now } });
	put(r, (struct tape_line){ .verb = TAPE_RESOLVER, .number = { s->options.dns } });
	for (size_t i = 0; i < c->asked_n; i++)
		put(r, (struct tape_line){ .verb = TAPE_OPTION, .word = { c->asked[i] } });
	put(r, (struct tape_line){ .verb = TAPE_BEGIN });
	arena_free(&a);
	s->net = net_record_new(s->net, r->file);
}

static void keep(void *owner, struct span signature)
{
	put(owner, (struct tape_line){ .verb = TAPE_SIGNED, .bytes = signature });
}

void recording_keep_signatures(struct recording *r, struct private_key *key)
{
	private_key_signatures(key, &(struct signatures){ .keep = keep, .owner = r });
}

void recording_target(struct recording *r, const struct target *t, const char *text)
{
	const char *file = t && t->file ? t->file : "";

	if (t)
		put(r, (struct tape_line){ .verb = TAPE_TARGET, .number = { t->line }, .word = { file, text } });
	else
		put(r, (struct tape_line){ .verb = TAPE_LAST });
}

bool recording_finish(struct recording *r)
{
	bool well;

	put(r, (struct tape_line){ .verb = TAPE_END });
	well = !ferror(r->file);
	well &= fclose(r->file) == 0;
	r->file = NULL;
	return well || complain(r->path, "the recording could not be written");
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static bool complain_at(const struct recording *r, const char *what)
{
	fprintf(stderr, "tlsassay: %s:%" PRIu64 ": %s\n", r->path, r->tape.at, what);
	return false;
}

static bool read_through(struct recording *r)
{
	r->tape = (struct tape){ .file = r->file };
	while (tape_next(&r->tape) && r->tape.line.verb != TAPE_END)
		if ((r->tape.at == 1) != (r->tape.line.verb == TAPE_FORMAT))
			return complain_at(r, "no recording of a scan");
	if (r->tape.why)
		return complain_at(r, r->tape.at == 1 ? "no recording of a scan" : r->tape.why);
	if (getc(r->file) != EOF)
		return complain_at(r, "there is more behind its end");
	tape_free(&r->tape);
	r->tape = (struct tape){ .file = r->file };
	return !fseek(r->file, 0, SEEK_SET) || complain(r->path, strerror(errno));
}

/* The next line of the head. */
static bool next_is(struct recording *r, enum tape_verb verb)
{
	if (!tape_next(&r->tape))
		return complain_at(r, r->tape.why);
	return r->tape.line.verb == verb || complain_at(r, "this does not belong into the head of a recording");
}

static bool is_seed(const char *text)
{
	return strlen(text) == 2 * (size_t)KEYS_SEED && strspn(text, "0123456789abcdef") == 2 * (size_t)KEYS_SEED;
}

static bool read_options(struct recording *r)
{
	while (tape_next(&r->tape) && r->tape.line.verb == TAPE_OPTION) {
		if (strncmp(r->tape.line.word[0], "--", 2) || !r->tape.line.word[0][2])
			return complain_at(r, "no option");
		r->asked = arena_push(&r->arena, r->asked, r->asked_n, sizeof *r->asked);
		r->asked[r->asked_n++] = arena_text(&r->arena, r->tape.line.word[0]);
	}
	if (r->tape.why)
		return complain_at(r, r->tape.why);
	return r->tape.line.verb == TAPE_BEGIN || complain_at(r, "this does not belong into the head of a recording");
}

static bool read_head(struct recording *r)
{
	if (!next_is(r, TAPE_FORMAT))
		return false;
	if (r->tape.line.number[0] != TAPE_VERSION)
		return complain_at(r, "a recording of another format");
	if (!next_is(r, TAPE_PROGRAM))
		return false;
	if (strcmp(r->tape.line.word[0], TLSASSAY_VERSION))
		fprintf(stderr, "tlsassay: %s: recorded by version %s\n", r->path, r->tape.line.word[0]);
	if (!next_is(r, TAPE_SEED))
		return false;
	if (!is_seed(r->tape.line.word[0]))
		return complain_at(r, "no seed");
	r->seed = arena_text(&r->arena, r->tape.line.word[0]);
	if (!next_is(r, TAPE_CLOCK))
		return false;
	r->clock = (int64_t)r->tape.line.number[0];
	if (!next_is(r, TAPE_RESOLVER))
		return false;
	r->resolver = r->tape.line.number[0] != 0;
	return read_options(r);
}

bool recording_open(struct recording *r, const char *path)
{
	return open_file(r, path, "r") && read_through(r) && read_head(r);
}

void recording_play(struct recording *r, struct scan *s)
{
	s->net = r->net = net_replay_new(&r->tape);
	s->options.dns = r->resolver;
}

static bool recall(void *owner, struct wr *out)
{
	struct recording *r = owner;
	struct tape_line line;

	if (!net_replay_take(r->net, TAPE_SIGNED, &line) || !line.bytes.n)
		return false;
	wr_bytes(out, line.bytes.p, line.bytes.n);
	return !out->bad;
}

void recording_recall_signatures(struct recording *r, struct private_key *key)
{
	private_key_signatures(key, &(struct signatures){ .recall = recall, .owner = r });
}

const struct target *recording_next(struct recording *r, struct targets *ts)
{
	bool more = net_replay_peek(r->net) == TAPE_TARGET;
	struct tape_line line;

	if (!net_replay_take(r->net, more ? TAPE_TARGET : TAPE_LAST, &line) || !more)
		return NULL;
	return targets_again(ts, line.word[0], line.number[0], line.word[1]);
}

bool recording_failed(const struct recording *r)
{
	return r->net && net_replay_why(r->net);
}

bool recording_held(struct recording *r)
{
	struct tape_line end;

	return net_replay_take(r->net, TAPE_END, &end) || complain_at(r, net_replay_why(r->net));
}

void recording_close(struct recording *r)
{
	if (r->file)
		fclose(r->file);
	tape_free(&r->tape);
	arena_free(&r->arena);
}
