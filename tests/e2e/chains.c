/* Writes the chains of tests/unit/chains.def as PEM, one folder each, and a line of each to stdout, in JSON. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <json-c/json.h>

#include "scanner/base/die.h"
#include "scanner/trust/pem.h"
#include "tests/unit/chains.h"

static char folder[4096];

static FILE *open_file(const char *name)
{
	char path[4200];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "w");
	require(f);
	return f;
}

static void write_certs(const char *name, const struct span *ders, size_t n)
{
	struct arena a = { 0 };
	FILE *f = open_file(name);

	for (size_t i = 0; i < n; i++)
		fputs(pem_text(&a, ders[i]), f);
	fclose(f);
	arena_free(&a);
}

/* The block of a certificate, with other words around it. */
static void write_crls(const char *name, const struct span *ders, size_t n)
{
	struct arena a = { 0 };
	FILE *f = open_file(name);

	for (size_t i = 0; i < n; i++) {
		char *text = pem_text(&a, ders[i]), *body = strchr(text, '\n'), *end = strstr(body, "-----END");

		*end = 0;
		fprintf(f, "-----BEGIN X509 CRL-----%s-----END X509 CRL-----\n", body);
	}
	fclose(f);
	arena_free(&a);
}

static void add(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, value ? json_object_new_string(value) : NULL);
}

static void tell(const struct chain_row *row)
{
	struct json_object *o = json_object_new_object();
	char letter[2] = { 0 };

	add(o, "id", row->id);
	letter[0] = row->strict;
	add(o, "strict", letter);
	letter[0] = row->browser;
	add(o, "browser", letter);
	add(o, "word", row->word);
	add(o, "clause", row->clause);
	add(o, "host", chain_host(row));
	add(o, "purpose", row->client ? "client" : "server");
	add(o, "openssl", row->openssl);
	add(o, "folder", folder);
	json_object_object_add(o, "crls", json_object_new_boolean(row->revocation));
	json_object_object_add(o, "at", json_object_new_int64(MINT_NOW + row->at_seconds));
	json_object_object_add(o, "depth", row->depth ? json_object_new_int(row->depth - 1) : NULL);
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

static void write_row(const struct chain_row *row, struct chain_made *c)
{
	require(!mkdir(folder, 0700) || errno == EEXIST);
	chain_make(row, c);
	write_certs("chain.pem", c->chain, c->chain_n);
	/* openssl takes its help from a file of its own */
	write_certs("leaf.pem", c->chain, 1);
	write_certs("help.pem", c->chain, c->chain_n);
	write_certs("roots.pem", c->roots, c->roots_n);
	write_crls("crls.pem", c->crls, c->crls_n);
	tell(row);
	mint_close();
}

int main(int argc, char **argv)
{
	struct chain_made *c = mem_new(1, sizeof *c);

	require(argc == 2);
	for (size_t i = 0; i < chain_rows_n; i++) {
		snprintf(folder, sizeof folder, "%s/%03zu", argv[1], i);
		write_row(&chain_rows[i], c);
	}
	free(c);
	return 0;
}
