#include "tests/servers/heard.h"

#include "scanner/tls/tables.h"

uint32_t offered_at(const struct offered *o, size_t i)
{
	uint32_t v = 0;

	for (unsigned b = 0; b < o->width; b++)
		v = v << 8 | o->p[i * o->width + b];
	return v;
}

bool offered_has(const struct offered *o, uint32_t code)
{
	for (size_t i = 0; i < o->n; i++)
		if (offered_at(o, i) == code)
			return true;
	return false;
}

static struct offered offered_of(struct rd *r, unsigned width)
{
	struct span s = rd_rest(r);

	if (s.n % width)
		r->bad = true;
	return (struct offered){ s.p, s.n / width, width };
}

static bool next_extension(struct rd *block, uint16_t *code, struct rd *body)
{
	if (!rd_left(block))
		return false;
	*code = rd_u16(block);
	*body = rd_vec(block, 2);
	return !block->bad;
}

bool heard_extension(const struct heard *h, uint16_t code, struct rd *body)
{
	struct rd block = rd_span(h->extensions), r;
	uint16_t found;

	while (next_extension(&block, &found, &r)) {
		if (found != code)
			continue;
		if (body)
			*body = r;
		return true;
	}
	return false;
}

static bool codes(const struct heard *h, uint16_t extension, size_t prefix, struct offered *out, bool *has)
{
	struct rd r, list;

	*has = heard_extension(h, extension, &r);
	if (!*has)
		return true;
	list = rd_vec(&r, prefix);
	*out = offered_of(&list, 2);
	return rd_end(&r) && !list.bad && out->n;
}

static bool server_name(struct heard *h)
{
	struct rd r, list, name;

	h->has_sni = heard_extension(h, EXT_SERVER_NAME, &r);
	if (!h->has_sni)
		return true;
	list = rd_vec(&r, 2);
	if (rd_u8(&list))
		return false;
	name = rd_vec(&list, 2);
	h->sni = rd_rest(&name);
	return rd_end(&r) && rd_end(&list) && h->sni.n;
}

static bool whole_list(const struct heard *h, uint16_t extension, struct span *out, bool *has)
{
	struct rd r, list;

	*has = heard_extension(h, extension, &r);
	if (!*has)
		return true;
	list = rd_vec(&r, 2);
	*out = rd_rest(&list);
	return rd_end(&r) && !list.bad;
}

static bool block_is_sound(const struct heard *h)
{
	struct rd block = rd_span(h->extensions), body;
	uint16_t code;

	while (next_extension(&block, &code, &body))
		;
	return rd_end(&block);
}

static bool shares_are_sound(const struct heard *h)
{
	struct rd r = rd_span(h->shares);

	while (rd_left(&r)) {
		rd_u16(&r);
		rd_vec(&r, 2);
	}
	return rd_end(&r);
}

static bool parse_extensions(struct heard *h)
{
	return block_is_sound(h) && server_name(h) &&
	       codes(h, EXT_SUPPORTED_GROUPS, 2, &h->groups, &h->has_groups) &&
	       codes(h, EXT_SIGNATURE_ALGORITHMS, 2, &h->schemes, &h->has_schemes) &&
	       codes(h, EXT_SUPPORTED_VERSIONS, 1, &h->versions, &h->has_versions) &&
	       whole_list(h, EXT_ALPN, &h->alpn, &h->has_alpn) &&
	       whole_list(h, EXT_KEY_SHARE, &h->shares, &h->has_shares) && shares_are_sound(h);
}

bool heard_parse(struct heard *h, const uint8_t *body, size_t n)
{
	struct rd r = rd_of(body, n), id, picks, compressions, block;

	*h = (struct heard){ .size = n };
	h->version = rd_u16(&r);
	h->random = (struct span){ rd_take(&r, 32), 32 };
	id = rd_vec(&r, 1);
	h->session_id = rd_rest(&id);
	picks = rd_vec(&r, 2);
	h->suites = offered_of(&picks, 2);
	compressions = rd_vec(&r, 1);
	h->compressions = offered_of(&compressions, 1);
	if (r.bad || picks.bad || !h->suites.n || !h->compressions.n)
		return false;
	if (rd_end(&r))
		return true;
	h->has_extensions = true;
	block = rd_vec(&r, 2);
	h->extensions = rd_rest(&block);
	return rd_end(&r) && parse_extensions(h);
}

bool heard_parse_ssl2(struct heard *h, const uint8_t *body, size_t n)
{
	struct rd r = rd_of(body, n), specs;
	size_t specs_n, id_n, challenge_n;

	*h = (struct heard){ .size = n, .ssl2_format = true };
	if (rd_u8(&r) != 1)
		return false;
	h->version = rd_u16(&r);
	specs_n = rd_u16(&r);
	id_n = rd_u16(&r);
	challenge_n = rd_u16(&r);
	specs = rd_sub(&r, specs_n);
	h->suites = offered_of(&specs, 3);
	h->session_id = (struct span){ rd_take(&r, id_n), id_n };
	h->random = (struct span){ rd_take(&r, challenge_n), challenge_n };
	h->compressions = (struct offered){ (const uint8_t *)"", 1, 1 };
	return rd_end(&r) && !specs.bad && h->suites.n;
}

bool heard_share(const struct heard *h, uint16_t group)
{
	struct rd r = rd_span(h->shares);

	while (rd_left(&r)) {
		uint16_t found = rd_u16(&r);

		rd_vec(&r, 2);
		if (found == group)
			return true;
	}
	return false;
}

bool heard_protocol(const struct heard *h, const char *alpn)
{
	struct rd r = rd_span(h->alpn);
	size_t n = strlen(alpn);

	while (rd_left(&r)) {
		struct rd one = rd_vec(&r, 1);
		struct span s = rd_rest(&one);

		if (s.n == n && !memcmp(s.p, alpn, n))
			return true;
	}
	return false;
}

bool heard_suite(const struct heard *h, uint16_t suite)
{
	return offered_has(&h->suites, suite);
}
