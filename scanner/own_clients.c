#include "scanner/own_clients.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/base/file.h"
#include "scanner/tls/client_spec.h"
#include "scanner/tls/keys.h"

enum { FILE_BYTES_MAX = 64 << 20, CLIENTS_MAX = 64, NAME_MAX_BYTES = 40 };

static const char name_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

static bool complain(const char *about, const char *what)
{
	struct text t = { 0 };

	text_visible(&t, about);
	fprintf(stderr, "tlsassay: --client %s: %s\n", text_str(&t), what);
	text_free(&t);
	return false;
}

static struct span span_of(const char *s)
{
	return (struct span){ (const uint8_t *)s, strlen(s) };
}

/* The name before '=', where one stands there; *spec is then what is behind it. */
static char *given_name(struct arena *a, const char **spec)
{
	size_t n = strspn(*spec, name_bytes);
	char *name;

	if (!n || n > NAME_MAX_BYTES || (*spec)[n] != '=')
		return NULL;
	name = arena_textn(a, *spec, n);
	*spec += n + 1;
	return name;
}

/* Without a name: the file's, without folder and ending; of a JA4 its head; else what it is. */
static char *made_name(struct arena *a, const char *spec, const struct client *c)
{
	const char *slash = strrchr(spec, '/'), *base = slash ? slash + 1 : spec, *dot;
	char *name;

	if (client_spec_inline(span_of(spec)))
		base = strcmp(c->source, "ja4") ? "hello" : spec;
	dot = strrchr(base, '.');
	name = arena_textn(a, base, dot && dot > base ? (size_t)(dot - base) : strcspn(base, "_"));
	if (strlen(name) > NAME_MAX_BYTES)
		name[NAME_MAX_BYTES] = 0;
	for (char *p = name; *p; p++)
		if (!strchr(name_bytes, *p))
			*p = '-';
	return *name ? name : arena_text(a, "client");
}

/* As ids of the report are: lower case, and no known client's begins so. */
static const char *id_of(struct arena *a, const char *name)
{
	char *id = arena_printf(a, "own.%s", name);

	for (char *p = id; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p |= 0x20;
	return id;
}

static bool read_spec(const char *spec, struct arena *a, struct client *c)
{
	struct text file = { 0 };
	const char *why = NULL;
	bool well;

	if (client_spec_inline(span_of(spec)))
		return client_spec_read(span_of(spec), a, c, &why) || complain(spec, why);
	well = file_read(AT_FDCWD, spec, FILE_BYTES_MAX, &file);
	if (!well) {
		die_if_memory();
		why = errno == EFBIG ? "larger than 64 MiB" : strerror(errno);
	} else {
		well = client_spec_read((struct span){ (const uint8_t *)text_str(&file), file.n }, a, c, &why);
	}
	text_free(&file);
	return well || complain(spec, why);
}

static bool is_taken(const struct client *list, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i].id, id))
			return true;
	return false;
}

static const char *digest_of(struct arena *a, struct span hello)
{
	uint8_t hash[KEYS_SHA256];

	if (!hello.n)
		return NULL;
	keys_sha256(hello.p, hello.n, hash);
	return text_hex(a, hash, sizeof hash);
}

static bool open_one(struct client *list, size_t n, struct arena *a, const char *spec)
{
	const char *name = given_name(a, &spec);

	if (!read_spec(spec, a, &list[n]))
		return false;
	list[n].name = name ? name : made_name(a, spec, &list[n]);
	list[n].id = id_of(a, list[n].name);
	list[n].family = CLIENT_FAMILY_OWN;
	list[n].digest = digest_of(a, list[n].hello);
	return !is_taken(list, n, list[n].id) || complain(list[n].name, "another one has this name: give NAME=SPEC");
}

bool own_clients_open(struct own_clients *own, struct cli *c)
{
	struct client *list = arena_new(&c->arena, c->clients_n + 1, sizeof *list);

	*own = (struct own_clients){ list, 0 };
	if (c->clients_n > CLIENTS_MAX)
		return complain("", "at most 64 of them");
	for (; own->n < c->clients_n; own->n++)
		if (!open_one(list, own->n, &c->arena, c->clients[own->n]))
			return false;
	return true;
}
