#include "scanner/trust/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "scanner/base/die.h"
#include "scanner/base/file.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/dname.h"
#include "scanner/trust/pem.h"

enum {
	TEXT_MAX = 32 * 1024 * 1024, /* bytes of a file, and of all files of a directory */
	ANCHORS_MAX = 10 * 1000,
	FILES_MAX = 10 * 1000,
};

struct anchor {
	uint64_t subject_hash;
	struct span der;
};

struct store {
	char *name, *path;
	struct anchor *anchors;
	size_t count, room, unread;
	struct arena arena; /* the DER */
};

/* ---- filling --------------------------------------------------------------------------------- */

static bool subject_hash(struct span der, uint64_t *hash)
{
	struct span subject = cert_subject_of(der);
	uint8_t small[2048], *canon = small;
	size_t room = DNAME_ROOM(subject.n);
	struct wr w;
	bool good;

	if (!subject.p)
		return false;
	if (room > sizeof small)
		canon = mem_new(room, 1);
	w = wr_of(canon, room);
	good = dname_canon(subject, &w);
	*hash = cert_name_hash((struct span){ w.buf, w.len });
	if (canon != small)
		free(canon);
	return good;
}

static bool holds(const struct store *s, uint64_t hash, struct span der)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->anchors[i].subject_hash == hash && s->anchors[i].der.n == der.n &&
		        !memcmp(s->anchors[i].der.p, der.p, der.n))
			return true;
	return false;
}

/* What no anchor can be made of, because it has no subject, is left out. */
static void add_anchor(struct store *s, struct span der)
{
	uint64_t hash;

	if (s->count == ANCHORS_MAX || der.n > CERT_BYTES_MAX || !subject_hash(der, &hash)) {
		s->unread++;
		return;
	}
	if (holds(s, hash, der))
		return;
	if (s->count == s->room) {
		s->room = s->room ? 2 * s->room : 256;
		s->anchors = mem_grow(s->anchors, s->room, sizeof *s->anchors);
	}
	s->anchors[s->count++] = (struct anchor){ hash, der };
}

static void add_text(struct store *s, struct span text)
{
	size_t room = text.n / 4 * 3 + 3;
	struct wr out = wr_of(arena_new(&s->arena, room, 1), room);
	struct pem p = pem_of(text);
	struct span der;

	while (pem_next(&p, &out, &der))
		add_anchor(s, der);
	s->unread += p.bad;
}

static bool is_der(struct span s)
{
	struct rd r = rd_span(s);

	return der_is_next(&r, DER_SEQUENCE) && der_take(&r, DER_SEQUENCE).n && rd_end(&r);
}

static void add_bytes(struct store *s, struct span bytes)
{
	if (is_der(bytes))
		add_anchor(s, arena_span(&s->arena, bytes));
	else
		add_text(s, bytes);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Takes the bytes of one file; false with errno. `left` is what may still be read. */
static bool add_file(struct store *s, int at, const char *path, size_t *left)
{
	struct text t;
	bool good = file_read(at, path, *left, &t);
	int error = errno;

	if (good) {
		*left -= t.n;
		add_bytes(s, (struct span){ (const uint8_t *)t.s, t.n });
	}
	text_free(&t);
	errno = error;
	return good;
}

/* "1a2b3c4d.0", as c_rehash names them. */
static bool has_hashed_name(const char *name)
{
	return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' && name[9] &&
	       strspn(name + 9, "0123456789") == strlen(name + 9);
}

static bool has_plain_name(const char *name)
{
	static const char *const ends[] = { ".pem", ".crt", ".cer" };
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < sizeof ends / sizeof *ends; i++)
		if (!strcmp(dot, ends[i]))
			return true;
	return false;
}

static void add_directory(struct store *s, DIR *d, bool fits(const char *name))
{
	size_t left = TEXT_MAX, files = 0;
	const struct dirent *e;

	rewinddir(d);
	while ((e = readdir(d)) && files < FILES_MAX)
		if (fits(e->d_name)) {
			add_file(s, dirfd(d), e->d_name, &left);
			files++;
		}
}

static bool add_path(struct store *s, const char *path)
{
	size_t left = TEXT_MAX;
	DIR *d = opendir(path);

	if (!d)
		die_if_memory();
	if (!d)
		return errno == ENOTDIR && add_file(s, AT_FDCWD, path, &left);
	add_directory(s, d, has_hashed_name);
	if (!s->count)
		add_directory(s, d, has_plain_name);
	closedir(d);
	return true;
}

static struct store *store_new(const char *name)
{
	struct store *s = mem_new(1, sizeof *s);

	s->name = mem_text(name);
	return s;
}

static struct store *refuse(struct store *s, const char *because, char **why)
{
	store_close(s);
	*why = mem_text(because);
	return NULL;
}

struct store *store_open(const char *name, const char *path, char **why)
{
	struct store *s = store_new(name);

	path = path ? path : store_system_path();
	if (!path)
		return refuse(s, "no trust store was found on this system", why);
	s->path = mem_text(path);
	if (!add_path(s, path))
		return refuse(s, strerror(errno), why);
	return s->count ? s : refuse(s, "no certificate in it", why);
}

struct store *store_of(const char *name, struct span text)
{
	struct store *s = store_new(name);

	add_bytes(s, text);
	if (s->count)
		return s;
	store_close(s);
	return NULL;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	arena_free(&s->arena);
	free(s->anchors);
	free(s->name);
	free(s->path);
	free(s);
}

/* ---- the system's ---------------------------------------------------------------------------- */

static const char *const system_paths[] = {
	"/etc/ssl/certs/ca-certificates.crt",                /* Debian, Ubuntu, Gentoo, Arch, Alpine */
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Fedora, RHEL: anchors for servers only */
	"/etc/pki/tls/certs/ca-bundle.crt",                  /* older RHEL */
	"/etc/ssl/ca-bundle.pem",                            /* openSUSE, SLES */
	"/var/lib/ca-certificates/ca-bundle.pem",            /* the same */
	"/etc/ssl/cert.pem",                                 /* FreeBSD, OpenBSD, macOS, Alpine */
	"/usr/local/share/certs/ca-root-nss.crt",            /* FreeBSD's port */
	"/etc/openssl/certs/ca-certificates.crt",            /* NetBSD */
	"/opt/homebrew/etc/ca-certificates/cert.pem",        /* Homebrew */
	"/usr/local/etc/ca-certificates/cert.pem",           /* Homebrew on Intel */
	"/etc/ssl/certs",
	"/etc/pki/tls/certs",
	"/apex/com.android.conscrypt/cacerts", /* Android 14 */
	"/system/etc/security/cacerts",
};

static bool is_there(const char *path)
{
	return path && *path && !access(path, R_OK);
}

const char *store_system_path(void)
{
	static const char *const variables[] = { "SSL_CERT_FILE", "SSL_CERT_DIR" };

	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
		if (is_there(getenv(variables[i])))
			return getenv(variables[i]);
	for (size_t i = 0; i < sizeof system_paths / sizeof *system_paths; i++)
		if (is_there(system_paths[i]))
			return system_paths[i];
	return NULL;
}

/* ---- questions ------------------------------------------------------------------------------- */

const char *store_name(const struct store *s)
{
	return s->name;
}

const char *store_path(const struct store *s)
{
	return s->path;
}

size_t store_count(const struct store *s)
{
	return s->count;
}

size_t store_unread(const struct store *s)
{
	return s->unread;
}

bool store_next(const struct store *s, const struct cert *child, size_t *at, struct span *der)
{
	while (*at < s->count) {
		const struct anchor *a = &s->anchors[(*at)++];

		if (a->subject_hash == child->issuer_hash) {
			*der = a->der;
			return true;
		}
	}
	return false;
}

bool store_has(const struct store *s, const struct cert *c)
{
	return !c->malformed && holds(s, c->subject_hash, c->der);
}
