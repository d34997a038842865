/* `tlsassay handshake TARGET`: one handshake told message by message, then once more to see what resumption saves. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "scanner/base/die.h"
#include "scanner/command.h"
#include "scanner/dial.h"
#include "scanner/facts/json.h"
#include "scanner/identity.h"
#include "scanner/narrow.h"
#include "scanner/screen.h"
#include "scanner/sink.h"
#include "scanner/story/story.h"
#include "scanner/tls/keys.h"

struct job {
	struct cli *cli;
	struct arena arena;
	struct net *net;
	struct target *target;
	struct net_addr to;
	struct hello hello;
	struct identity identity;
	uint8_t seed[KEYS_SEED];
	uint64_t made; /* handshakes so far */
	uint32_t share; /* TLS 1.3: the group that the server asked for by a retry; 0: none */
};

static int usage(const char *about, const char *what)
{
	fprintf(stderr, "tlsassay: %s: %s\n", about, what);
	return EXIT_USAGE;
}

/* ---- talking -------------------------------------------------------------------------------------------------------------- */

static void over(struct talk *t, void *owner)
{
	struct net_timer *timer = owner;

	t->net->ops->timer_free(timer);
}

static void late(void *owner)
{
	struct talk *t = owner;

	if (net_now_us(t->net) < t->deadline_us) /* it connected meanwhile: the time to answer runs from there, as in a scan */
		t->net->ops->timer_set(t->owner, t->deadline_us);
	else
		talk_expire(t);
}

static size_t binder_size(const struct session *s)
{
	return crypt_digest_size(kdf_digest(VER_TLS13, suite_find(s->suite)));
}

/* The user's own key as TLS 1.3 has it; NULL: none was given, or TLS 1.3 is not asked for. */
static const struct session *external_psk(const struct job *j, struct arena *a)
{
	struct session *s = arena_new(a, 1, sizeof *s);

	if (j->hello.version < VER_TLS13 || !session_of_psk(s, j->identity.psk, j->identity.psk_identity))
		return NULL;
	return s;
}

/* A session from before, as the hello says it. */
static void take_up(struct arena *a, const struct session *s, struct hello *h, uint8_t id[static 32])
{
	struct psk_offer *psk;

	if (s->version >= VER_TLS13) {
		psk = arena_new(a, 1, sizeof *psk);
		*psk = (struct psk_offer){ .identity = s->ticket, .obfuscated_age = s->age_add, .binder_n = binder_size(s) };
		h->psk = psk;
		return;
	}
	h->ticket = s->ticket;
	h->session_id = s->ticket.n ? (struct span){ id, 32 } : s->id;
}

static struct starttls starttls_of(const struct job *j)
{
	const struct target *t = j->target;

	return (struct starttls){ .dialect = t->starttls ? dialect_find(t->starttls) : NULL, .name = t->sni ? t->sni : t->host };
}

static void talk_once(struct job *j, struct arena *a, const struct session *resume, struct talk *t)
{
	struct entropy *entropy = arena_new(a, 1, sizeof *entropy);
	struct hello *h = arena_copy(a, &j->hello, sizeof *h);
	struct net_timer *timer = j->net->ops->timer_new(j->net, late, t);

	if (!resume)
		resume = external_psk(j, a);
	keys_derive(j->seed, (struct span){ (const uint8_t *)"handshake", 9 }, j->made++, entropy, sizeof *entropy);
	if (resume)
		take_up(a, resume, h, entropy->session_id);
	if (j->share)
		h->shares = (struct codes){ &j->share, 1 };
	*t = (struct talk){
		.net = j->net, .done = over, .owner = timer, .starttls = starttls_of(j),
		.connect_by_us = j->cli->timeout_us, .answer_in_us = j->cli->timeout_us,
		.config = { .hello = h, .entropy = entropy, .arena = a, .resume = resume,
			.client_chain = j->identity.chain, .client_chain_n = j->identity.n, .client_key = j->identity.key,
			.psk = j->identity.psk, .psk_identity = j->identity.psk_identity, .keep_messages = !j->cli->repeat },
	};
	talk_start(t, &j->to);
	j->net->ops->timer_set(timer, t->deadline_us);
	j->net->ops->run(j->net);
}

/* In TLS 1.3 a server that takes no liking to our certificate says so only behind both Finished messages. */
static int verdict(const struct talk *t)
{
	const struct hs_result *r = hs_result(t->hs);

	if (!t->not_connected)
		return r->complete && !r->alerted ? EXIT_OK : EXIT_GATE;
	fprintf(stderr, "tlsassay: %s: %s\n", reason_name(t->not_connected), reason_sentence(t->not_connected));
	return EXIT_UNSCANNED;
}

/* ---- telling --------------------------------------------------------------------------------------------------------------- */

/* Many handshakes with the same hello, and why those failed that did. */
struct failure {
	struct story_error error;
	uint64_t count;
};

struct series {
	uint64_t made, complete, each_us, cpu_us;
	struct failure *failures;
	size_t n;
};

/* What was asked and heard; a pointer is NULL for what there was not. */
struct account {
	const struct story *full, *resumed;
	struct story_error error;
	const struct series *series;
};

static struct json_object *tool_json(void)
{
	struct json_object *o = json_map();

	json_set(o, "name", json_text("tlsassay"));
	json_set(o, "version", json_text(TLSASSAY_VERSION));
	return o;
}

static struct json_object *target_json(const struct job *j, bool found)
{
	struct json_object *o = json_map();
	char ip[64];

	net_addr_text(&j->to, ip);
	json_set(o, "input", json_text(j->target->input));
	json_set(o, "host", json_text(j->target->host));
	json_set(o, "port", json_count(j->target->port));
	json_set(o, "sni", json_text(j->target->sni));
	json_set(o, "starttls", json_text(j->target->starttls));
	json_set(o, "ip", found ? json_text(ip) : NULL);
	return o;
}

static struct json_object *failures_json(const struct series *s)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < s->n; i++) {
		struct json_object *o = json_map();

		json_set(o, "count", json_count(s->failures[i].count));
		json_set(o, "error", story_error_json(&s->failures[i].error));
		json_push(list, o);
	}
	return list;
}

static struct json_object *series_json(const struct job *j, const struct series *s)
{
	struct json_object *o = json_map();

	json_set(o, "asked", json_count(j->cli->repeat));
	json_set(o, "count", json_count(s->made));
	json_set(o, "complete", json_count(s->complete));
	json_set(o, "each_us", json_count(s->each_us));
	json_set(o, "cpu_each_us", json_count(s->cpu_us));
	json_set(o, "failures", failures_json(s));
	return o;
}

static void write_json(FILE *f, const struct job *j, const struct account *a)
{
	struct json_object *o = json_map();
	struct savings all = a->full ? story_savings(a->full, a->resumed) : (struct savings){ 0 };
	char *text;

	json_set(o, "schema", json_text("tlsassay-handshake/1"));
	json_set(o, "tool", tool_json());
	json_set(o, "target", target_json(j, a->full || a->series));
	json_set(o, "error", story_error_json(&a->error));
	json_set(o, "full", a->full ? story_json(a->full) : NULL);
	json_set(o, "resumed", a->resumed ? story_json(a->resumed) : NULL);
	json_set(o, "savings", story_savings_json(&all));
	if (a->series)
		json_set(o, "repeat", series_json(j, a->series));
	text = json_dump(o, true);
	fprintf(f, "%s\n", text);
	free(text);
	json_object_put(o);
}

static void failure_text(FILE *f, const struct failure *x)
{
	const struct story_error *e = &x->error;

	fprintf(f, "  %llu failed: %s: %s%s%s%s\n", (unsigned long long)x->count, e->code, e->message, e->alert ? " (" : "",
		e->alert ? e->alert : "", e->alert ? ")" : "");
}

static void series_text(FILE *f, const struct job *j, const struct series *s)
{
	fprintf(f, "%llu of %llu handshakes complete, %llu us each, %llu us of CPU\n", (unsigned long long)s->complete,
		(unsigned long long)j->cli->repeat, (unsigned long long)s->each_us, (unsigned long long)s->cpu_us);
	for (size_t i = 0; i < s->n && !j->cli->quiet; i++)
		failure_text(f, &s->failures[i]);
}

static void write_text(FILE *f, const struct job *j, const struct account *a)
{
	unsigned width = screen_width(f);

	if (a->series)
		series_text(f, j, a->series);
	if (!a->full || !a->full->connected) /* stderr has said it */
		return;
	if (j->cli->quiet) {
		story_result_text(f, a->full);
		return;
	}
	story_text(f, a->full, width, j->cli->verbose);
	if (a->full->complete && !a->full->error.alert)
		story_price_text(f, a->full, a->resumed, width);
}

static int write_one(const struct job *j, const struct cli_output *o, const struct account *a)
{
	FILE *f = o->file ? fopen(o->file, "w") : stdout;

	if (!f) {
		die_if_memory();
		return usage(o->file, strerror(errno));
	}
	if (!strcmp(o->format, "json"))
		write_json(f, j, a);
	else
		write_text(f, j, a);
	return (o->file ? fclose(f) : fflush(f)) ? EXIT_INTERNAL : EXIT_OK;
}

static int write_all(const struct job *j, const struct account *a)
{
	static const struct cli_output text = { .format = "text" };
	bool on_stdout = false;
	int status = EXIT_OK;

	for (size_t i = 0; i < j->cli->outputs_n && status == EXIT_OK; i++) {
		status = write_one(j, &j->cli->outputs[i], a);
		on_stdout |= !j->cli->outputs[i].file;
	}
	return status != EXIT_OK || on_stdout ? status : write_one(j, &text, a);
}

static int formats_known(const struct cli *c)
{
	for (size_t i = 0; i < c->outputs_n; i++)
		if (strcmp(c->outputs[i].format, "json") && strcmp(c->outputs[i].format, "text"))
			return usage(c->outputs[i].format, "a handshake is told as text or as json");
	return sink_stdout_is_free(c) ? EXIT_OK : EXIT_USAGE;
}

static bool can_resume(const struct hs_result *r)
{
	return r->session.version && (r->session.ticket.n || r->session.id.n);
}

static int tell(struct job *j)
{
	struct story full, resumed;
	struct talk first, second;
	struct account a = { .full = &full };
	int status, written;

	talk_once(j, &j->arena, NULL, &first);
	status = verdict(&first);
	if (status == EXIT_OK && can_resume(hs_result(first.hs))) {
		j->share = hs_result(first.hs)->retried ? hs_result(first.hs)->group : 0;
		talk_once(j, &j->arena, &hs_result(first.hs)->session, &second);
		story_of(&resumed, &second, &j->arena);
		a.resumed = &resumed;
	}
	story_of(&full, &first, &j->arena);
	a.error = full.error;
	written = write_all(j, &a);
	talk_free(&first);
	if (a.resumed)
		talk_free(&second);
	return written == EXIT_OK ? status : written;
}

static int no_address(struct job *j)
{
	struct account a = { .error = story_dns_error() };
	int written = write_all(j, &a);

	return written == EXIT_OK ? EXIT_UNSCANNED : written;
}

/* ---- many ------------------------------------------------------------------------------------------------------------------- */

static uint64_t cpu_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 + (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static bool same_failure(const struct story_error *x, const struct story_error *y)
{
	return x->code == y->code && x->alert == y->alert && x->stage == y->stage && x->after == y->after;
}

/* All texts of an error are constant: they outlive the handshake. */
static void note_failure(struct job *j, struct series *s, const struct talk *t, struct arena *a)
{
	struct story story;
	size_t i = 0;

	story_of(&story, t, a);
	if (!story.error.code)
		return;
	while (i < s->n && !same_failure(&s->failures[i].error, &story.error))
		i++;
	if (i == s->n) {
		s->failures = arena_push(&j->arena, s->failures, s->n, sizeof *s->failures);
		s->failures[s->n++] = (struct failure){ .error = story.error };
	}
	s->failures[i].count++;
}

static int repeat_once(struct job *j, struct series *s)
{
	struct arena a = { 0 };
	struct talk t;
	int status;

	talk_once(j, &a, NULL, &t);
	status = verdict(&t);
	s->made++;
	if (status == EXIT_OK)
		s->complete++;
	else
		note_failure(j, s, &t, &a);
	talk_free(&t);
	arena_free(&a);
	return status;
}

static int repeat(struct job *j)
{
	uint64_t started = net_now_us(j->net), cpu = cpu_us();
	struct series s = { 0 };
	struct account a = { .series = &s };
	int status = EXIT_OK, written;

	while (s.made < j->cli->repeat && status != EXIT_UNSCANNED) {
		int one = repeat_once(j, &s);

		status = one > status ? one : status;
	}
	s.each_us = (net_now_us(j->net) - started) / s.made;
	s.cpu_us = (cpu_us() - cpu) / s.made;
	if (s.n)
		a.error = s.failures[0].error;
	written = write_all(j, &a);
	return written == EXIT_OK ? status : written;
}

/* ---- the command -------------------------------------------------------------------------------------------------------------- */

static int set_up(struct job *j)
{
	struct cli *c = j->cli;
	const char *why = NULL;

	if (!c->arguments[0])
		return usage("handshake", "give a target");
	if (c->arguments[1])
		return usage(c->arguments[1], "one target at a time");
	j->target = target_parse(&c->arena, c->arguments[0], &why);
	if (!j->target)
		return usage(c->arguments[0], why);
	if (c->starttls && !target_starttls(j->target, c->starttls))
		return usage("--starttls", "smtp, imap and the like, auto or no is wanted; see: tlsassay list dialects");
	if (!dial_fits(c, j->target))
		return EXIT_USAGE;
	if (c->sni)
		j->target->sni = *c->sni ? c->sni : NULL;
	keys_system_seed(j->seed);
	if (formats_known(c) != EXIT_OK || !identity_open(&j->identity, c))
		return EXIT_USAGE;
	return narrow_hello(&j->arena, c, &j->identity, j->target->sni, &j->hello) ? EXIT_OK : EXIT_USAGE;
}

int command_handshake(struct cli *c)
{
	struct job j = { .cli = c };
	int status = set_up(&j);

	if (status == EXIT_OK) {
		j.net = net_uv_new();
		status = !dial_address(j.net, c, j.target, &j.to) ? no_address(&j) : c->repeat ? repeat(&j) : tell(&j);
		j.net->ops->free(j.net);
	}
	identity_close(&j.identity);
	arena_free(&j.arena);
	return status;
}
