/* HTTPS records: RFC 9460 sections 2.2 (form), 7 (parameters), 8 (mandatory ones), 9 (HTTPS). */
#include <string.h>

#include "scanner/base/dns.h"
#include "scanner/base/dns_text.h"

enum { KEY_MANDATORY, KEY_ALPN, KEY_NO_DEFAULT_ALPN, KEY_PORT, KEY_IPV4HINT, KEY_ECH, KEY_IPV6HINT, KEYS_KNOWN };

/* One record while it is read. */
struct svcb {
	struct arena *arena;
	struct dns_https *out;
	struct text text;
	struct span mandatory;
	uint64_t seen; /* bit by key, of the first 64 */
};

/* An uncompressed name (section 2.2); "." for the root. */
static bool read_name(struct rd *r, struct text *t)
{
	size_t bytes = 0;

	for (;;) {
		struct rd label = rd_vec(r, 1);
		struct span s = rd_rest(&label);

		bytes += s.n + 1;
		if (r->bad || s.n > 63 || bytes > 255)
			return false;
		if (!s.n) {
			if (!t->n)
				text_char(t, '.');
			return true;
		}
		if (t->n)
			text_char(t, '.');
		dns_text_add(t, s, ".\\");
	}
}

typedef bool param_reader(struct svcb *, struct span);

/* Ascending, never itself (section 8); whether all of them are there is asked at the end. */
static bool read_mandatory(struct svcb *v, struct span s)
{
	struct rd r = rd_span(s);
	int last = KEY_MANDATORY;

	v->mandatory = s;
	for (bool first = true; rd_left(&r); first = false) {
		int key = rd_u16(&r);

		if (r.bad || key <= last)
			return false;
		text_fmt(&v->text, "%ckey%d", first ? '=' : ',', key);
		last = key;
	}
	return s.n && !r.bad;
}

static bool read_alpn(struct svcb *v, struct span s)
{
	struct rd r = rd_span(s);
	const char **list = NULL;

	while (rd_left(&r)) {
		struct rd one = rd_vec(&r, 1);
		struct span id = rd_rest(&one);
		struct text t = { 0 };

		if (r.bad || !id.n)
			return false;
		dns_text_add(&t, id, ",\\\"");
		list = arena_push(v->arena, list, v->out->alpn_n, sizeof *list);
		list[v->out->alpn_n] = dns_text_keep(v->arena, &t);
		text_fmt(&v->text, "%c%s", v->out->alpn_n ? ',' : '=', list[v->out->alpn_n]);
		v->out->alpn_n++;
	}
	v->out->alpn = list;
	return v->out->alpn_n > 0;
}

static bool read_no_default(struct svcb *v, struct span s)
{
	v->out->no_default_alpn = true;
	return !s.n;
}

static bool read_port(struct svcb *v, struct span s)
{
	struct rd r = rd_span(s);

	v->out->port = rd_u16(&r);
	text_fmt(&v->text, "=%u", v->out->port);
	return rd_end(&r);
}

static bool read_ech(struct svcb *v, struct span s)
{
	v->out->ech = true;
	text_fmt(&v->text, "=(%zu bytes)", s.n);
	return s.n > 0;
}

static bool read_ipv4(struct svcb *v, struct span s)
{
	struct rd r = rd_span(s);

	for (char c = '='; rd_left(&r); c = ',') {
		text_fmt(&v->text, "%c%u", c, rd_u8(&r));
		for (int i = 0; i < 3; i++)
			text_fmt(&v->text, ".%u", rd_u8(&r));
	}
	return s.n && !r.bad;
}

/* All eight groups: the shortest form is for people, this one is the same address. */
static bool read_ipv6(struct svcb *v, struct span s)
{
	struct rd r = rd_span(s);

	for (char c = '='; rd_left(&r); c = ',') {
		text_fmt(&v->text, "%c%x", c, rd_u16(&r));
		for (int i = 0; i < 7; i++)
			text_fmt(&v->text, ":%x", rd_u16(&r));
	}
	return s.n && !r.bad;
}

static const struct {
	const char *name;
	param_reader *read;
} params[KEYS_KNOWN] = {
	[KEY_MANDATORY] = { "mandatory", read_mandatory },
	[KEY_ALPN] = { "alpn", read_alpn },
	[KEY_NO_DEFAULT_ALPN] = { "no-default-alpn", read_no_default },
	[KEY_PORT] = { "port", read_port },
	[KEY_IPV4HINT] = { "ipv4hint", read_ipv4 },
	[KEY_ECH] = { "ech", read_ech },
	[KEY_IPV6HINT] = { "ipv6hint", read_ipv6 },
};

static bool read_param(struct svcb *v, unsigned key, struct span s)
{
	if (key < 64)
		v->seen |= UINT64_C(1) << key;
	if (key < KEYS_KNOWN) {
		text_fmt(&v->text, " %s", params[key].name);
		return params[key].read(v, s);
	}
	text_fmt(&v->text, " key%u=(%zu bytes)", key, s.n);
	return true;
}

/* Each mandatory one is to be there; one that is not known here makes the record one for others. */
static bool look_at_mandatory(struct svcb *v)
{
	struct rd r = rd_span(v->mandatory);

	while (rd_left(&r)) {
		unsigned key = rd_u16(&r);

		if (key < 64 && !(v->seen >> key & 1))
			return false;
		v->out->unknown_mandatory |= key >= KEYS_KNOWN;
	}
	return !v->out->no_default_alpn || v->out->alpn_n; /* section 7.1.1 */
}

static bool read_params(struct svcb *v, struct rd *r)
{
	long last = -1;

	while (rd_left(r)) {
		unsigned key = rd_u16(r);
		struct rd value = rd_vec(r, 2);

		if (r->bad || (long)key <= last || !read_param(v, key, rd_rest(&value)))
			return false;
		last = (long)key;
	}
	return !r->bad && look_at_mandatory(v);
}

bool dns_https_read(struct arena *a, struct span s, struct dns_https *h)
{
	struct svcb v = { .arena = a, .out = h };
	struct text target = { 0 };
	struct rd r = rd_span(s);
	bool well;

	*h = (struct dns_https){ .priority = rd_u16(&r) };
	well = s.n <= DNS_RDATA_MAX && read_name(&r, &target);
	h->target = dns_text_keep(a, &target);
	text_fmt(&v.text, "%u %s", h->priority, h->target);
	/* An alias has parameters for nobody (section 2.4.2). */
	well = well && (!h->priority || read_params(&v, &r));
	h->text = dns_text_keep(a, &v.text);
	return well;
}
