#include <arpa/inet.h>

#include "scanner/base/text.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/dname.h"
#include "scanner/trust/names.h"
#include "scanner/trust/pem.h"
#include "scanner/trust/seal.h"

enum { NAME_SHOWN = 1024, SERIAL_SHOWN = 64, HEX_SHOWN = 1024 };

/* Does the text stand for something that it cannot show as it is? */
static bool hides_something(const char *utf8)
{
	for (uint32_t c; (c = text_next(&utf8));)
		if (c == 0xFFFD || text_hidden(c))
			return true;
	return false;
}

static const char *hex_beside(struct arena *a, const char *text, struct span raw)
{
	if (!hides_something(text))
		return NULL;
	if (raw.n <= HEX_SHOWN)
		return text_hex(a, raw.p, raw.n);
	return arena_printf(a, "%s\xe2\x80\xa6", text_hex(a, raw.p, HEX_SHOWN));
}

static const char *address_text(struct arena *a, struct span ip)
{
	char text[INET6_ADDRSTRLEN];

	if ((ip.n == 4 || ip.n == 16) && inet_ntop(ip.n == 4 ? AF_INET : AF_INET6, ip.p, text, sizeof text))
		return arena_text(a, text);
	return arena_printf(a, "#%s", text_hex(a, ip.p, ip.n < 32 ? ip.n : 32));
}

static const char *name_text(struct arena *a, const struct general_name *g)
{
	return g->kind == GN_IP ? address_text(a, g->value) : text_clean(a, g->value.p, g->value.n, NAME_SHOWN);
}

static void fill_names(struct arena *a, const struct cert *c, struct cert_info *info)
{
	const char *shown[CERT_NAMES_MAX], *hex[CERT_NAMES_MAX], *beside;
	struct rd names = cert_names(c);
	struct general_name g;
	size_t n = 0, odd = 0;
	uint32_t all = 0;

	while (general_name_next(&names, &g)) {
		if ((g.kind != GN_DNS && g.kind != GN_IP) || ++all > CERT_NAMES_MAX)
			continue;
		shown[n] = name_text(a, &g);
		beside = hex_beside(a, shown[n++], g.value);
		if (beside)
			hex[odd++] = beside;
	}
	info->names_cut = all > CERT_NAMES_MAX;
	info->names_count = info->names_cut ? all : 0;
	info->dns_names = arena_copy(a, shown, n * sizeof *shown);
	info->dns_names_count = n;
	info->dns_names_hex = arena_copy(a, hex, odd * sizeof *hex);
	info->dns_names_hex_count = odd;
}

static const char *exponent_text(struct arena *a, const struct cert *c)
{
	struct rd r = rd_span(c->rsa_e);

	if (!c->rsa_n.n)
		return NULL;
	if (c->rsa_e.n > 8)
		return "large";
	return arena_printf(a, "%llu", (unsigned long long)rd_uint(&r, c->rsa_e.n));
}

static const char *seal_text(struct arena *a, const struct cert *c)
{
	if (c->seal)
		return c->seal->name;
	return c->seal_oid[0] ? arena_text(a, c->seal_oid) : "unknown";
}

static const char *serial_text(struct arena *a, const struct cert *c)
{
	struct span s = c->serial;

	if (s.n > 1 && !s.p[0])
		s = span_skip(s, 1);
	if (s.n <= SERIAL_SHOWN)
		return text_hex(a, s.p, s.n);
	return arena_printf(a, "%s\xe2\x80\xa6", text_hex(a, s.p, SERIAL_SHOWN));
}

void cert_info_fill(struct arena *a, const struct cert *c, struct cert_info *info)
{
	*info = (struct cert_info){ .sha256 = text_hex(a, c->sha256, CERT_SHA256),
		.malformed = c->malformed };
	info->pem = pem_text(a, c->der);
	if (c->malformed)
		return;
	info->subject = dname_text(a, c->subject);
	info->subject_hex = hex_beside(a, info->subject, c->subject);
	info->issuer = dname_text(a, c->issuer);
	info->issuer_hex = hex_beside(a, info->issuer, c->issuer);
	info->not_before = c->not_before;
	info->not_after = c->not_after;
	info->key = c->key;
	info->key_bits = c->key_bits;
	info->curve = c->curve;
	info->exponent = exponent_text(a, c);
	info->signature = seal_text(a, c);
	info->self_signed = seal_on_itself(c);
	info->serial = serial_text(a, c);
	fill_names(a, c, info);
}
