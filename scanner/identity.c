#include "scanner/identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/trust/pem.h"

enum { FILE_MAX = 1 << 20, CHAIN_MAX = 16, PSK_MAX = 256, PSK_IDENTITY_MAX = 256, ALPN_NAME_MAX = 255, ALPN_MAX = 1024 };

static bool complain(const char *about, const char *what)
{
	fprintf(stderr, "tlsassay: %s: %s\n", about, what);
	return false;
}

/* A whole small file in the arena; p NULL when it cannot be read. */
static struct span read_file(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct span none = { NULL, 0 };
	uint8_t *p;
	size_t n;

	if (!f) {
		complain(path, strerror(errno));
		return none;
	}
	p = arena_new(a, FILE_MAX + 1, 1);
	n = fread(p, 1, FILE_MAX + 1, f);
	fclose(f);
	if (!n || n > FILE_MAX) {
		complain(path, n ? "larger than a megabyte" : "is empty or cannot be read");
		return none;
	}
	return (struct span){ p, n };
}

static bool read_chain(struct identity *id, struct arena *a, const char *path)
{
	struct span text = read_file(a, path), der;
	struct pem pem;
	struct wr out;

	if (!text.p)
		return false;
	pem = pem_of(text);
	out = wr_of(arena_new(a, text.n, 1), text.n);
	id->chain = arena_new(a, CHAIN_MAX, sizeof *id->chain);
	while (id->n < CHAIN_MAX && pem_next(&pem, &out, &der))
		id->chain[id->n++] = der;
	return id->n > 0 || complain(path, "no certificate in it");
}

/* The first line of the file, as openssl reads it. */
static bool read_pass(struct arena *a, const char *path, const char **pass)
{
	struct span text;
	size_t n;

	*pass = NULL;
	if (!path)
		return true;
	text = read_file(a, path);
	if (!text.p)
		return false;
	for (n = 0; n < text.n && text.p[n] != '\n' && text.p[n] != '\r'; n++)
		;
	*pass = arena_textn(a, (const char *)text.p, n);
	return true;
}

static bool read_key(struct identity *id, struct cli *c)
{
	const char *path = c->key ? c->key : c->cert, *pass, *why = NULL;
	struct span text = read_file(&c->arena, path);

	if (!text.p || !read_pass(&c->arena, c->pass_file, &pass))
		return false;
	id->key = private_key_pem(text, pass, &why);
	if (!id->key)
		return complain(path, why ? why : "no private key in it");
	return private_key_fits(id->key, id->chain[0]) ||
	       complain(path, "the key does not belong to the first certificate of --cert");
}

/* A replay has the signatures, and no need of what made them. */
static bool stand_in(struct identity *id, const char *path)
{
	id->key = private_key_stand_in(id->chain[0]);
	return id->key || complain(path, "the first certificate has no key that can be used here");
}

static bool open_certificate(struct identity *id, struct cli *c)
{
	if (!c->cert)
		return !c->key || complain("--key", "goes with --cert");
	return read_chain(id, &c->arena, c->cert) && (c->replay ? stand_in(id, c->cert) : read_key(id, c));
}

static bool read_hex(struct span *out, struct arena *a, const char *hex)
{
	size_t n = strlen(hex) / 2;
	uint8_t *p = arena_new(a, n + 1, 1);

	if (!n || n > PSK_MAX || strlen(hex) % 2 || strspn(hex, "0123456789abcdefABCDEF") != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char digits[] = { hex[2 * i], hex[2 * i + 1], 0 };

		p[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	*out = (struct span){ p, n };
	return true;
}

/* IDENTITY:HEX. An identity may have colons in it (RFC 4279 section 5.1: any UTF-8), hexadecimal digits have none. */
static bool open_psk(struct identity *id, struct cli *c)
{
	const char *colon = c->psk ? strrchr(c->psk, ':') : NULL;

	if (!c->psk)
		return true;
	if (!colon || (size_t)(colon - c->psk) > PSK_IDENTITY_MAX || !read_hex(&id->psk, &c->arena, colon + 1))
		return complain("--psk", "IDENTITY:HEX is wanted, with 1 to 256 bytes of key and up to 256 of identity");
	id->psk_identity = (struct span){ (const uint8_t *)c->psk, (size_t)(colon - c->psk) };
	return true;
}

/* A name has 1 to 255 bytes (RFC 7301 section 3.1); together they must leave room for the rest of a hello. */
static bool open_alpn(struct identity *id, const struct cli *c)
{
	size_t total = 0;

	id->alpn = c->alpn;
	for (size_t i = 0; c->alpn && c->alpn[i]; i++) {
		total += strlen(c->alpn[i]) + 1;
		if (strlen(c->alpn[i]) > ALPN_NAME_MAX || total > ALPN_MAX)
			return complain("--alpn", "a name has at most 255 bytes, and all together 1024");
	}
	return true;
}

bool identity_open(struct identity *id, struct cli *c)
{
	*id = (struct identity){ 0 };
	return open_certificate(id, c) && open_psk(id, c) && open_alpn(id, c);
}

void identity_close(struct identity *id)
{
	private_key_free(id->key);
	id->key = NULL;
}
