/* `tlsassay verify`: path validation of a PEM chain, offline. The last line on stdout is one JSON object. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scanner/base/die.h"
#include "scanner/base/file.h"
#include "scanner/command.h"
#include "scanner/facts/json.h"
#include "scanner/facts/record_json.h"
#include "scanner/trust/dname.h"
#include "scanner/trust/names.h"
#include "scanner/trust/path.h"
#include "scanner/trust/pem.h"
#include "scanner/trust/suffix.h"

enum {
	FILE_MAX = 32 * 1024 * 1024,
	CERTS_MAX = 1000, /* of a chain */
	CRLS_MAX = 1000,
	NAME_SHOWN = 256,
};

/* What was read, and what came of it. */
struct job {
	const struct cli *cli;
	struct arena arena;
	struct text chain_text, roots_text, crls_text;
	struct cert **certs;
	size_t certs_n;
	struct crl **crls;
	size_t crls_n;
	struct store *roots;
	struct path_rules rules;
	int64_t at;
	bool over_limit; /* something was too large, or too much, to be read */
	struct path_result result;
	bool wrong_host;
};

enum verdict { ACCEPT = EXIT_OK, REJECT = EXIT_GATE, ERROR = EXIT_USAGE, LIMIT = EXIT_UNSCANNED };

/* ---- the last line --------------------------------------------------------------------------- */

/* The prints of a path stand in one text, a space between. */
static const char *next_print(const char **path, char print[static 2 * CERT_SHA256 + 1])
{
	size_t n = *path ? strcspn(*path, " ") : 0;

	if (!n)
		return NULL;
	snprintf(print, 2 * CERT_SHA256 + 1, "%.*s", (int)n, *path);
	*path += n + ((*path)[n] == ' ');
	return print;
}

static struct json_object *path_json(const char *path)
{
	struct json_object *list = json_list();
	char print[2 * CERT_SHA256 + 1];

	while (next_print(&path, print))
		json_push(list, json_text(print));
	return list;
}

static struct json_object *reasons_json(const char *const *reasons, size_t n)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < n; i++)
		json_push(list, json_text(reasons[i]));
	return list;
}

static int last_line(enum verdict v, const char *const *reasons, size_t n, const char *path)
{
	static const char *const words[] = {
		[ACCEPT] = "accept", [REJECT] = "reject", [ERROR] = "error", [LIMIT] = "limit"
	};
	struct json_object *o = json_map();
	char *text;

	json_set(o, "verdict", json_text(words[v]));
	json_set(o, "reasons", reasons_json(reasons, n));
	json_set(o, "path", path_json(path));
	text = json_dump(o, false);
	puts(text);
	free(text);
	json_object_put(o);
	return v;
}

static bool refuse(const char *about, const char *what)
{
	fprintf(stderr, "tlsassay: %s: %s\n", about, what);
	return false;
}

/* ---- input ----------------------------------------------------------------------------------- */

/* A file that is too large is refused by its limit, one that cannot be read as wrong input. */
static bool read_input(struct job *j, const char *path, struct text *t)
{
	if (file_read(AT_FDCWD, path, FILE_MAX, t))
		return true;
	die_if_memory();
	j->over_limit |= errno == EFBIG;
	return refuse(path, strerror(errno));
}

static struct span bytes_of(const struct text *t)
{
	return (struct span){ (const uint8_t *)t->s, t->n };
}

static void keep_cert(struct job *j, struct span der)
{
	struct cert *c = cert_parse(der.p, der.n);

	if (c->too_large) {
		printf("limit       certificate %zu of the chain has %zu bytes, and %d are read\n", j->certs_n + 1, der.n,
		        (int)CERT_BYTES_MAX);
		j->over_limit = true;
	}
	j->certs = arena_push(&j->arena, j->certs, j->certs_n, sizeof(struct cert *));
	j->certs[j->certs_n++] = c;
}

static bool read_chain(struct job *j)
{
	struct pem pem;
	struct span der;
	struct wr out;

	if (!read_input(j, j->cli->chain, &j->chain_text))
		return false;
	pem = pem_of(bytes_of(&j->chain_text));
	out = wr_of(arena_new(&j->arena, j->chain_text.n + 1, 1), j->chain_text.n);
	while (j->certs_n < CERTS_MAX && pem_next(&pem, &out, &der))
		keep_cert(j, der);
	if (pem.bad)
		return refuse(j->cli->chain, "a certificate that is not base64, or has no end");
	if (pem_next(&pem, &out, &der)) {
		printf("limit       more than %d certificates in the chain\n", (int)CERTS_MAX);
		j->over_limit = true;
	}
	return j->certs_n || refuse(j->cli->chain, "no certificate in it");
}

/* An anchor that the store leaves out because of its size is said. */
static void say_large_roots(struct job *j)
{
	struct pem pem = pem_of(bytes_of(&j->roots_text));
	struct wr out = wr_of(arena_new(&j->arena, j->roots_text.n + 1, 1), j->roots_text.n);
	struct span der;

	while (pem_next(&pem, &out, &der))
		if (der.n > CERT_BYTES_MAX) {
			printf("limit       an anchor has %zu bytes, and %d are read\n", der.n, (int)CERT_BYTES_MAX);
			j->over_limit = true;
		}
}

static bool read_roots(struct job *j)
{
	struct pem pem;
	struct span der;
	struct wr out;

	if (!read_input(j, j->cli->roots, &j->roots_text))
		return false;
	pem = pem_of(bytes_of(&j->roots_text));
	out = wr_of(arena_new(&j->arena, j->roots_text.n + 1, 1), j->roots_text.n);
	while (pem_next(&pem, &out, &der))
		;
	if (pem.bad)
		return refuse(j->cli->roots, "a certificate that is not base64, or has no end");
	say_large_roots(j);
	j->roots = store_of("roots", bytes_of(&j->roots_text));
	return j->roots || refuse(j->cli->roots, "no certificate in it that can be an anchor");
}

static bool read_crls(struct job *j)
{
	struct pem pem;
	struct span der;
	struct wr out;

	if (!j->cli->crls)
		return true;
	if (!read_input(j, j->cli->crls, &j->crls_text))
		return false;
	pem = pem_of_crls(bytes_of(&j->crls_text));
	out = wr_of(arena_new(&j->arena, j->crls_text.n + 1, 1), j->crls_text.n);
	while (j->crls_n < CRLS_MAX && pem_next(&pem, &out, &der)) {
		j->over_limit |= der.n > CRL_BYTES_MAX;
		j->crls = arena_push(&j->arena, j->crls, j->crls_n, sizeof(struct crl *));
		j->crls[j->crls_n++] = crl_parse(der.p, der.n);
	}
	j->over_limit |= pem_next(&pem, &out, &der);
	return !pem.bad || refuse(j->cli->crls, "a CRL that is not base64, or has no end");
}

/* ---- what was asked -------------------------------------------------------------------------- */

static bool take_word(const char *option, const char *value, const char *one, const char *other, bool *is_other)
{
	*is_other = value && !strcmp(value, other);
	if (!value || *is_other || !strcmp(value, one))
		return true;
	fprintf(stderr, "tlsassay: %s: %s or %s is wanted\n", option, one, other);
	return false;
}

static bool take_options(struct job *j)
{
	const struct cli *c = j->cli;
	bool browser;

	if (c->arguments[0])
		return refuse(c->arguments[0], "verify takes options alone");
	if (!c->chain || !c->roots)
		return refuse("verify", "--chain and --roots are needed");
	if (c->host && !names_can_match(c->host))
		return refuse("host", "an address is wanted, or a name in letters, digits, hyphens and dots (xn-- for others)");
	j->at = (int64_t)time(NULL);
	if (c->at && !time_parse(c->at, &j->at))
		return refuse("at", "a time as in 2026-11-21T09:00:00Z is wanted");
	if (!take_word("purpose", c->purpose, "server", "client", &j->rules.client) ||
	        !take_word("profile", c->profile, "strict", "browser", &browser))
		return false;
	j->rules.profile = browser ? PROFILE_BROWSER : PROFILE_STRICT;
	j->rules.intermediates = c->max_depth ? (size_t)c->max_depth - 1 : SIZE_MAX;
	j->rules.revocation = c->crls != NULL;
	return true;
}

/* ---- judging --------------------------------------------------------------------------------- */

static void judge(struct job *j)
{
	struct path_search *s = path_search_new(j->certs, j->certs_n, j->at);

	j->rules.crls = j->crls;
	j->rules.crls_count = j->crls_n;
	path_search_rules(s, &j->rules);
	j->result = path_find(s, j->roots, &j->arena);
	path_search_free(s);
	j->wrong_host = j->cli->host && !j->certs[0]->malformed &&
	                names_match(j->certs[0], j->cli->host) != NAMES_MATCH;
}

static enum verdict verdict_of(const struct job *j)
{
	if (j->result.reason == PATH_LIMIT || (j->result.reason != PATH_OK && j->over_limit))
		return LIMIT;
	return j->result.reason == PATH_OK && !j->wrong_host ? ACCEPT : REJECT;
}

/* ---- telling --------------------------------------------------------------------------------- */

static const struct cert *cert_of(const struct job *j, const char *sha256, struct arena *a)
{
	for (size_t i = 0; i < j->certs_n; i++)
		if (!strcmp(text_hex(a, j->certs[i]->sha256, CERT_SHA256), sha256))
			return j->certs[i];
	return NULL;
}

/* The subject of a certificate of the chain, made harmless; an anchor is told by its print. */
static void print_subject(struct job *j, const char *sha256)
{
	const struct cert *c = cert_of(j, sha256, &j->arena);
	struct text t = { 0 };
	const char *name;

	if (!c || c->malformed) {
		printf("%.16s%s", sha256, c ? "" : " (anchor)");
		return;
	}
	name = dname_text(&j->arena, c->subject);
	text_visible(&t, text_clean(&j->arena, name, strlen(name), NAME_SHOWN));
	printf("%.16s %s", sha256, text_str(&t));
	text_free(&t);
}

static void print_path(struct job *j, const char *word, const char *path)
{
	char print[2 * CERT_SHA256 + 1];

	for (; next_print(&path, print); word = "") {
		printf("%-11s ", word);
		print_subject(j, print);
		putchar('\n');
	}
}

static void print_faults(struct job *j)
{
	for (size_t i = 0; i < j->result.faults_count; i++) {
		const struct path_fault *f = &j->result.faults[i];

		printf("%-11s %s%s%s\n%-11s ", path_reason_name(f->check->reason), f->check->says,
		        *f->check->clause ? "; " : "", f->check->clause, "");
		print_subject(j, f->sha256);
		putchar('\n');
	}
}

static void print_notes(const struct job *j)
{
	if (j->wrong_host)
		printf("%-11s no name of the certificate is %s; RFC 9525 6\n", path_reason_name(PATH_HOSTNAME),
		        j->cli->host);
	if (j->cli->host && !suffix_list_known())
		puts("note        built without the list of public suffixes: a wildcard below one of several labels passes");
}

/* Each word once, the path's own reason first. */
static size_t collect_reasons(const struct job *j, const char **words)
{
	bool told[PATH_LIMIT + 1] = { false };
	size_t n = 0;

	if (j->result.reason != PATH_OK) {
		words[n++] = path_reason_name(j->result.reason);
		told[j->result.reason] = true;
	}
	for (size_t i = 0; j->result.reason != PATH_OK && i < j->result.faults_count; i++) {
		enum path_reason r = j->result.faults[i].check->reason;

		if (!told[r])
			words[n++] = path_reason_name(r);
		told[r] = true;
	}
	if (j->over_limit && j->result.reason != PATH_OK && !told[PATH_LIMIT])
		words[n++] = path_reason_name(PATH_LIMIT);
	if (j->wrong_host)
		words[n++] = path_reason_name(PATH_HOSTNAME);
	return n;
}

static int tell(struct job *j)
{
	const char *words[PATH_LIMIT + 2];
	const char *path = j->result.count ? j->result.paths[0] : j->result.closest;
	size_t n = collect_reasons(j, words);

	for (size_t i = 0; i < j->result.count; i++)
		print_path(j, "path", j->result.paths[i]);
	print_path(j, "closest", j->result.count ? NULL : j->result.closest);
	print_faults(j);
	print_notes(j);
	return last_line(verdict_of(j), words, n, path);
}

static void close_job(struct job *j)
{
	for (size_t i = 0; i < j->certs_n; i++)
		cert_free(j->certs[i]);
	for (size_t i = 0; i < j->crls_n; i++)
		crl_free(j->crls[i]);
	store_close(j->roots);
	text_free(&j->chain_text);
	text_free(&j->roots_text);
	text_free(&j->crls_text);
	arena_free(&j->arena);
}

static int refused(const struct job *j)
{
	static const char *const input = "input", *const limit = "limit";

	return last_line(j->over_limit ? LIMIT : ERROR, j->over_limit ? &limit : &input, 1, NULL);
}

int command_verify(struct cli *c)
{
	struct job j = { .cli = c };
	int status;

	if (take_options(&j) && read_chain(&j) && read_roots(&j) && read_crls(&j)) {
		judge(&j);
		status = tell(&j);
	} else {
		status = refused(&j);
	}
	close_job(&j);
	return status;
}
