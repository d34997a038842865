/* ClientHellos byte by byte, against layouts worked out by hand from the RFCs and by a reader that is not
 * ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "scanner/tls/hello.h"
#include "scanner/tls/keys.h"
#include "scanner/tls/tables.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define LIST(a)                                                                                              \
	{                                                                                                    \
		a, COUNT(a)                                                                                  \
	}

static const struct entropy entropy = {
	.random = { 1, 2, 3, 4 }, .session_id = { 0x51, 0x52 }, .secret = { 9 }
};
static const uint32_t two_suites[] = { 0xC02F, 0x002F };
static const uint32_t suites_13[] = { 0x1301 };
static const uint32_t one_group[] = { 0x001D };
static const uint32_t one_scheme[] = { 0x0403 };
static const char *const protocols[] = { "h2", NULL };

struct written {
	uint8_t v[HELLO_MAX + 64];
	size_t n;
};

static bool try_write(struct written *o, const struct hello *h, const struct entropy *e)
{
	struct wr w = wr_of(o->v, sizeof(o->v));
	bool good = hello_write(&w, h, e);

	o->n = w.len;
	return good;
}

static void write(struct written *o, const struct hello *h)
{
	assert_true(try_write(o, h, &entropy));
}

/* ---- taking one apart ------------------------------------------------------------------------- */

enum { EXTENSIONS_MAX = 32 };

struct parsed {
	uint16_t record_version, version;
	size_t record_n, body_n, session_id_n, suites_n, compressions_n;
	const uint8_t *random, *suites;
	uint16_t codes[EXTENSIONS_MAX];
	struct span data[EXTENSIONS_MAX];
	size_t extensions_n;
	bool has_block;
};

static void parse_extensions(struct parsed *p, struct rd r)
{
	while (rd_left(&r)) {
		uint16_t code = rd_u16(&r);
		struct rd data = rd_vec(&r, 2);

		assert_false(r.bad);
		assert_true(p->extensions_n < EXTENSIONS_MAX);
		p->codes[p->extensions_n] = code;
		p->data[p->extensions_n++] = rd_rest(&data);
	}
}

static void parse(struct parsed *p, const struct written *o)
{
	struct rd r = rd_of(o->v, o->n), record, body, part;

	*p = (struct parsed){ 0 };
	assert_int_equal(rd_u8(&r), 22);
	p->record_version = rd_u16(&r);
	record = rd_vec(&r, 2);
	assert_true(rd_end(&r));
	p->record_n = rd_left(&record);
	assert_int_equal(rd_u8(&record), 1);
	body = rd_vec(&record, 3);
	assert_true(rd_end(&record));
	p->body_n = rd_left(&body);
	p->version = rd_u16(&body);
	p->random = rd_take(&body, 32);
	part = rd_vec(&body, 1);
	p->session_id_n = rd_left(&part);
	part = rd_vec(&body, 2);
	p->suites_n = rd_left(&part) / 2;
	p->suites = part.p;
	part = rd_vec(&body, 1);
	p->compressions_n = rd_left(&part);
	p->has_block = rd_left(&body) > 0;
	if (p->has_block)
		parse_extensions(p, rd_vec(&body, 2));
	assert_true(rd_end(&body));
}

static const struct span *find(const struct parsed *p, uint16_t code)
{
	for (size_t i = 0; i < p->extensions_n; i++)
		if (p->codes[i] == code)
			return &p->data[i];
	return NULL;
}

static void assert_extension(const struct parsed *p, uint16_t code, const void *bytes, size_t n)
{
	const struct span *s = find(p, code);

	assert_non_null(s);
	assert_int_equal(s->n, n);
	if (n)
		assert_memory_equal(s->p, bytes, n);
}

/* ---- whole layouts ---------------------------------------------------------------------------- */

/* RFC 6101 section 5.6.1.2, with the signalling suite of RFC 5746 and no extension block. */
static void a_hello_of_ssl3_is_laid_out_as_the_rfc_has_it(void **state)
{
	static const uint8_t wanted[] = { 22, 3, 0, 0, 49, 1, 0, 0, 45, 3, 0, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0xC0, 0x2F, 0, 0x2F, 0,
		0xFF, 1, 0 };
	struct hello h = { .version = VER_SSL3,
		.suites = LIST(two_suites),
		.groups = LIST(one_group),
		.offer = OFFER_NO_EXTENSIONS | OFFER_RENEGOTIATION_SCSV | OFFER_EMS,
		.sni = "server.test" };
	struct written o;

	(void)state;
	write(&o, &h);
	assert_int_equal(o.n, 54);
	assert_memory_equal(o.v, wanted, 44);
	assert_memory_equal(o.v + 44, "\0\6\xC0\x2F\0\x2F\0\xFF\1\0", 10);
}

/* The SSL 2.0 draft, section 2.5: lengths first, then kinds, session id and challenge. */
static void a_hello_of_ssl2_is_laid_out_as_the_draft_has_it(void **state)
{
	static const uint32_t kinds[] = { 0x010080, 0x0700C0 };
	static const uint8_t wanted[] = { 0x80, 31, 1, 0, 2, 0, 6, 0, 0, 0, 16, 1, 0, 0x80, 7, 0, 0xC0, 1, 2,
		3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct hello h = { .version = VER_SSL2, .suites = LIST(kinds) };
	struct written o;

	(void)state;
	write(&o, &h);
	assert_int_equal(o.n, sizeof(wanted));
	assert_memory_equal(o.v, wanted, sizeof(wanted));
}

static void a_hello_of_tls_12_has_its_parts_in_place(void **state)
{
	struct hello h = { .version = VER_TLS12,
		.suites = LIST(two_suites),
		.groups = LIST(one_group),
		.schemes = LIST(one_scheme),
		.sni = "a.test",
		.alpn = protocols,
		.offer = OFFER_EMS | OFFER_ENCRYPT_THEN_MAC | OFFER_SESSION_TICKET | OFFER_RENEGOTIATION |
		         OFFER_STATUS_REQUEST | OFFER_SCT | OFFER_POINT_FORMATS };
	struct written o;
	struct parsed p;

	(void)state;
	write(&o, &h);
	parse(&p, &o);
	assert_int_equal(p.record_version, VER_TLS10);
	assert_int_equal(p.version, VER_TLS12);
	assert_memory_equal(p.random, entropy.random, 32);
	assert_int_equal(p.session_id_n, 0);
	assert_memory_equal(p.suites, "\xC0\x2F\0\x2F", 4);
	assert_int_equal(p.compressions_n, 1);
	assert_extension(&p, EXT_SERVER_NAME, "\0\x09\0\0\6a.test", 11);
	assert_extension(&p, EXT_EXTENDED_MASTER_SECRET, NULL, 0);
	assert_extension(&p, EXT_RENEGOTIATION_INFO, "\0", 1);
	assert_extension(&p, EXT_SUPPORTED_GROUPS, "\0\2\0\x1D", 4);
	assert_extension(&p, EXT_EC_POINT_FORMATS, "\1\0", 2);
	assert_extension(&p, EXT_SESSION_TICKET, NULL, 0);
	assert_extension(&p, EXT_ALPN, "\0\3\2h2", 5);
	assert_extension(&p, EXT_STATUS_REQUEST, "\1\0\0\0\0", 5);
	assert_extension(&p, EXT_SIGNATURE_ALGORITHMS, "\0\2\4\3", 4);
	assert_extension(&p, EXT_SCT, NULL, 0);
	assert_extension(&p, EXT_ENCRYPT_THEN_MAC, NULL, 0);
	assert_int_equal(p.extensions_n, 11);
	assert_null(find(&p, EXT_SUPPORTED_VERSIONS));
	assert_null(find(&p, EXT_KEY_SHARE));
}

static void a_hello_of_tls_13_asks_for_a_retry_with_an_empty_share(void **state)
{
	struct hello h = { .version = VER_TLS13,
		.suites = LIST(suites_13),
		.groups = LIST(one_group),
		.schemes = LIST(one_scheme) };
	struct written o;
	struct parsed p;

	(void)state;
	write(&o, &h);
	parse(&p, &o);
	assert_int_equal(p.record_version, VER_TLS10);
	assert_int_equal(p.version, VER_TLS12);
	assert_int_equal(p.session_id_n, 32);
	assert_extension(&p, EXT_SUPPORTED_VERSIONS, "\2\3\4", 3);
	assert_extension(&p, EXT_KEY_SHARE, "\0\0", 2);
	assert_extension(&p, EXT_PSK_KEY_EXCHANGE_MODES, "\1\1", 2);
}

static void the_versions_asked_are_listed_as_given(void **state)
{
	static const uint32_t drafts[] = { 0x7F1C, 0x7F17 };
	struct hello h = { .version = VER_TLS13, .versions = LIST(drafts), .suites = LIST(suites_13) };
	struct written o;
	struct parsed p;

	(void)state;
	write(&o, &h);
	parse(&p, &o);
	assert_extension(&p, EXT_SUPPORTED_VERSIONS, "\4\x7F\x1C\x7F\x17", 5);
}

static void record_and_hello_say_the_versions_of_their_time(void **state)
{
	static const struct {
		uint16_t version, record, legacy;
	} rows[] = { { VER_SSL3, VER_SSL3, VER_SSL3 }, { VER_TLS10, VER_TLS10, VER_TLS10 },
		{ VER_TLS11, VER_TLS10, VER_TLS11 }, { VER_TLS12, VER_TLS10, VER_TLS12 },
		{ VER_TLS13, VER_TLS10, VER_TLS12 }, { VER_TLCP, VER_TLCP, VER_TLCP } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct hello h = { .version = rows[i].version, .suites = LIST(two_suites) };
		struct written o;
		struct parsed p;

		write(&o, &h);
		parse(&p, &o);
		assert_int_equal(p.record_version, rows[i].record);
		assert_int_equal(p.version, rows[i].legacy);
	}
}

static void signals_stand_behind_the_suites(void **state)
{
	struct hello h = { .version = VER_TLS11,
		.suites = LIST(two_suites),
		.offer = OFFER_FALLBACK_SCSV | OFFER_RENEGOTIATION_SCSV };
	struct written o;
	struct parsed p;

	(void)state;
	write(&o, &h);
	parse(&p, &o);
	assert_int_equal(p.suites_n, 4);
	assert_memory_equal(p.suites, "\xC0\x2F\0\x2F\0\xFF\x56\0", 8);
}

static void deflate_stands_before_null(void **state)
{
	struct hello h = { .version = VER_TLS12, .suites = LIST(two_suites), .offer = OFFER_DEFLATE };
	struct written o;
	struct parsed p;

	(void)state;
	write(&o, &h);
	parse(&p, &o);
	assert_int_equal(p.compressions_n, 2);
	assert_memory_equal(p.suites + 4, "\2\1\0", 3);
}

static void extensions_come_in_one_order(void **state)
{
	static const uint16_t wanted[] = { EXT_SERVER_NAME, EXT_EXTENDED_MASTER_SECRET,
		EXT_RENEGOTIATION_INFO, EXT_SUPPORTED_GROUPS, EXT_EC_POINT_FORMATS, EXT_SESSION_TICKET,
		EXT_ALPN, EXT_STATUS_REQUEST, EXT_SRP, EXT_SIGNATURE_ALGORITHMS, EXT_SCT,
		EXT_ENCRYPT_THEN_MAC, EXT_KEY_SHARE, EXT_PSK_KEY_EXCHANGE_MODES, EXT_SUPPORTED_VERSIONS };
	struct hello h = { .version = VER_TLS13,
		.suites = LIST(suites_13),
		.groups = LIST(one_group),
		.schemes = LIST(one_scheme),
		.sni = "a.test",
		.alpn = protocols,
		.offer = OFFER_NO_EXTENSIONS - 1 };
	struct written o;
	struct parsed p;

	(void)state;
	write(&o, &h);
	parse(&p, &o);
	assert_int_equal(p.extensions_n, COUNT(wanted));
	for (size_t i = 0; i < COUNT(wanted); i++)
		assert_int_equal(p.codes[i], wanted[i]);
}

static void what_stands_in_the_hello_is_what_it_offers(void **state)
{
	(void)state;
	for (uint32_t offer = 0; offer < OFFER_NO_EXTENSIONS << 1; offer += 37) {
		struct hello h = { .version = offer % 2 ? VER_TLS12 : VER_TLS13,
			.suites = LIST(suites_13),
			.groups = LIST(one_group),
			.schemes = LIST(one_scheme),
			.sni = offer % 3 ? "a.test" : NULL,
			.offer = offer };
		struct written o;
		struct parsed p;

		write(&o, &h);
		parse(&p, &o);
		assert_int_equal(p.has_block, !(offer & OFFER_NO_EXTENSIONS));
		for (size_t i = 0; i < extensions_count; i++) {
			uint16_t code = extensions[i].code;
			bool by_signal = code == EXT_RENEGOTIATION_INFO && (offer & OFFER_RENEGOTIATION_SCSV);

			if (code != EXT_PADDING && !by_signal)
				assert_int_equal(hello_offers_extension(&h, code), find(&p, code) != NULL);
			if (by_signal)
				assert_true(hello_offers_extension(&h, code));
		}
	}
}

/* ---- sizes ------------------------------------------------------------------------------------ */

/* Some load balancers drop hellos of 256 to 511 bytes (RFC 7685), counted with or without the message header.
 */
static void no_hello_has_a_length_that_load_balancers_drop(void **state)
{
	static uint32_t many[1000];
	size_t padded = 0;

	(void)state;
	for (size_t n = 1; n <= 300; n++) {
		struct hello h = { .version = VER_TLS12,
			.suites = { many, n },
			.groups = LIST(one_group),
			.sni = "a.test" };
		struct written o;
		struct parsed p;
		const struct span *padding;

		write(&o, &h);
		parse(&p, &o);
		assert_true(p.body_n < 256 || p.body_n > 511);
		assert_true(p.record_n < 256 || p.record_n > 511);
		padding = find(&p, EXT_PADDING);
		padded += padding != NULL;
		if (padding)
			assert_true(p.body_n == 512 || (padding->n == 0 && p.body_n < 516));
		for (size_t i = 0; padding && i < padding->n; i++)
			assert_int_equal(padding->p[i], 0);
	}
	assert_true(padded > 100);
}

static void every_name_length_is_padded_right(void **state)
{
	char name[254];

	(void)state;
	memset(name, 'a', sizeof(name));
	for (size_t n = 1; n < sizeof(name); n++) {
		struct hello h = { .version = VER_TLS12,
			.suites = LIST(two_suites),
			.groups = LIST(one_group),
			.sni = name };
		struct written o;
		struct parsed p;

		name[n] = 0;
		write(&o, &h);
		name[n] = 'a';
		parse(&p, &o);
		assert_true(p.record_n < 256 || p.body_n >= 512);
	}
}

/* 16,384 bytes are the most of a record (RFC 8446 section 5.1); the message may be longer. */
static void a_message_longer_than_a_record_is_split(void **state)
{
	static uint8_t message[20000], out[21000];
	struct hello h = { .version = VER_TLS12 };
	struct wr w = wr_of(out, sizeof(out));
	struct rd r, first, second;

	(void)state;
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)i;
	hello_records(&w, &h, false, (struct span){ message, sizeof(message) });
	assert_false(w.bad);
	r = rd_of(out, w.len);
	assert_memory_equal(rd_take(&r, 3), "\x16\3\1", 3);
	first = rd_vec(&r, 2);
	assert_int_equal(rd_left(&first), 1 << 14);
	assert_memory_equal(first.p, message, 1 << 14);
	assert_memory_equal(rd_take(&r, 3), "\x16\3\1", 3);
	second = rd_vec(&r, 2);
	assert_memory_equal(second.p, message + (1 << 14), sizeof(message) - (1 << 14));
	assert_true(rd_end(&r));
}

/* The version 3.1 is for the first hello of all alone (RFC 8446 section 5.1). */
static void a_second_hello_is_in_records_of_version_3_3(void **state)
{
	static const uint8_t message[100];
	uint8_t out[200];
	struct hello tls13 = { .version = VER_TLS13 }, ssl3 = { .version = VER_SSL3 };
	struct wr w = wr_of(out, sizeof(out));

	(void)state;
	hello_records(&w, &tls13, true, (struct span){ message, sizeof(message) });
	assert_memory_equal(out, "\x16\3\3", 3);
	w.len = 0;
	hello_records(&w, &ssl3, false, (struct span){ message, sizeof(message) });
	assert_memory_equal(out, "\x16\3\0", 3);
}

static void what_does_not_fit_is_refused_whole(void **state)
{
	static uint32_t many[11000];
	struct hello h = { .version = VER_TLS12, .suites = { many, COUNT(many) } };
	struct written o;
	uint8_t small[40];
	struct wr w = wr_of(small, sizeof(small));

	(void)state;
	assert_false(try_write(&o, &h, &entropy));
	h.suites = (struct codes)LIST(two_suites);
	assert_false(hello_write(&w, &h, &entropy));
}

/* ---- entropy ---------------------------------------------------------------------------------- */

static void the_same_entropy_gives_the_same_bytes(void **state)
{
	static const uint32_t shares[] = { 0x001D, 0x0017, 0x11EC };
	struct hello h = { .version = VER_TLS13,
		.suites = LIST(suites_13),
		.groups = LIST(shares),
		.shares = LIST(shares) };
	struct entropy other = entropy;
	struct written a, b, c, d;

	(void)state;
	write(&a, &h);
	write(&b, &h);
	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.v, b.v, a.n);
	other.secret[31] ^= 1;
	assert_true(try_write(&c, &h, &other));
	assert_int_equal(a.n, c.n);
	assert_memory_not_equal(a.v, c.v, a.n);
	assert_true(try_write(&d, &h, NULL)); /* the description has the same length */
	assert_int_equal(a.n, d.n);
}

static void without_entropy_all_that_is_random_is_zero(void **state)
{
	static const uint8_t zeros[32];
	static const uint32_t shares[] = { 0x001D };
	struct hello h = { .version = VER_TLS13, .suites = LIST(suites_13), .shares = LIST(shares) };
	struct written o;
	struct parsed p;
	const struct span *s;

	(void)state;
	assert_true(try_write(&o, &h, NULL));
	parse(&p, &o);
	assert_memory_equal(p.random, zeros, 32);
	s = find(&p, EXT_KEY_SHARE);
	assert_int_equal(s->n, 2 + 4 + 32);
	assert_memory_equal(s->p + 6, zeros, 32);
}

static void shares_have_the_size_of_their_group(void **state)
{
	static const struct {
		uint32_t group;
		size_t n;
	} rows[] = { { 0x0017, 65 }, { 0x0018, 97 }, { 0x0019, 133 }, { 0x001D, 32 }, { 0x001E, 56 },
		{ 0x11EC, 1216 }, { 0x11EB, 1249 } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct hello h = {
			.version = VER_TLS13, .suites = LIST(suites_13), .shares = { &rows[i].group, 1 }
		};
		struct written o;
		struct parsed p;
		const struct span *s;

		assert_int_equal(keys_share_size((uint16_t)rows[i].group), rows[i].n);
		write(&o, &h);
		parse(&p, &o);
		s = find(&p, EXT_KEY_SHARE);
		assert_int_equal(s->n, 2 + 4 + rows[i].n);
		assert_int_equal(s->p[2] << 8 | s->p[3], rows[i].group);
	}
}

/* ---- versions --------------------------------------------------------------------------------- */

static void a_hello_offers_the_versions_a_server_may_pick(void **state)
{
	static const uint32_t listed[] = { VER_TLS13, VER_TLS11 };
	static const struct {
		struct hello hello;
		uint16_t version;
		bool offered;
	} rows[] = {
		{ { .version = VER_TLS12 }, VER_TLS12, true },
		{ { .version = VER_TLS12 }, VER_SSL3, true }, /* the field says the newest, not the oldest */
		{ { .version = VER_TLS12 }, VER_TLS13, false },
		{ { .version = VER_TLS12 }, VER_SSL2, false },
		{ { .version = VER_TLS12 }, 0x02FF, false },
		{ { .version = VER_TLS10 }, VER_TLS11, false },
		{ { .version = VER_SSL3 }, VER_SSL3, true },
		{ { .version = VER_TLS13 }, VER_TLS13, true },
		{ { .version = VER_TLS13 }, VER_TLS12, false },
		{ { .version = VER_TLS13, .versions = LIST(listed) }, VER_TLS11, true },
		{ { .version = VER_TLS13, .versions = LIST(listed) }, VER_TLS12, false },
		{ { .version = VER_TLCP }, VER_TLCP, true },
		{ { .version = VER_TLCP }, VER_SSL3, false },
		{ { .version = VER_SSL2 }, VER_SSL2, true },
		{ { .version = VER_SSL2 }, VER_SSL3, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (hello_offers_version(&rows[i].hello, rows[i].version) != rows[i].offered)
			fail_msg("row %zu: %04x", i, rows[i].version);
}

/* ---- odd ones --------------------------------------------------------------------------------- */

static const struct hello browser = { .version = VER_TLS13, .suites = LIST(suites_13), .groups = LIST(one_group),
	.schemes = LIST(one_scheme), .shares = LIST(one_group), .sni = "server.test" };

static void write_shaped(struct written *o, struct parsed *p, const struct shape *shape)
{
	struct hello h = browser;

	h.shape = shape;
	write(o, &h);
	if (p)
		parse(p, o);
}

static void a_shape_says_what_its_fields_hold(void **state)
{
	static const uint8_t odd[] = { 0xE0, 0x00 }, modes[] = { 0x0B };
	struct written o;
	struct parsed p;

	(void)state;
	write_shaped(&o, &p, &(struct shape){ .version = 0x0305, .record_version = 0x03FF, .no_session_id = true,
		.compressions = { odd, sizeof(odd) }, .psk_modes = { modes, sizeof(modes) } });
	assert_int_equal(p.version, 0x0305);
	assert_int_equal(p.record_version, 0x03FF);
	assert_int_equal(p.session_id_n, 0);
	assert_int_equal(p.compressions_n, 2);
	assert_extension(&p, EXT_PSK_KEY_EXCHANGE_MODES, "\x02\x0B\x01", 3);
	write_shaped(&o, &p, &(struct shape){ 0 });
	assert_int_equal(p.version, VER_TLS12);
	assert_int_equal(p.record_version, VER_TLS10);
	assert_int_equal(p.session_id_n, 32);
	assert_int_equal(p.compressions_n, 1);
}

static void a_shape_has_the_size_it_asks_for(void **state)
{
	static const uint16_t sizes[] = { 256, 300, 480, 511, 512, 3000 };
	struct written o;
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		write_shaped(&o, &p, &(struct shape){ .size = sizes[i] });
		assert_int_equal(p.body_n, sizes[i]);
	}
	write_shaped(&o, NULL, &(struct shape){ .size = 17000 });
	assert_int_equal(o.n, 17000 + 4 + 2 * 5); /* two records */
	assert_int_equal(o.v[3] << 8 | o.v[4], 1 << 14);
}

static void a_shape_splits_the_message_into_records(void **state)
{
	struct written whole, split;
	size_t n = 0;

	(void)state;
	write_shaped(&whole, NULL, &(struct shape){ 0 });
	write_shaped(&split, NULL, &(struct shape){ .record_max = 64 });
	for (size_t at = 0; at < split.n;) {
		size_t piece = (size_t)(split.v[at + 3] << 8 | split.v[at + 4]);

		assert_true(piece <= 64);
		assert_memory_equal(split.v + at + 5, whole.v + 5 + n, piece);
		at += 5 + piece;
		n += piece;
	}
	assert_int_equal(n, whole.n - 5);
}

static void a_share_of_a_reserved_group_is_one_byte(void **state)
{
	static const uint32_t reserved[] = { 0x2A2A };
	struct hello h = browser;
	struct written o;
	struct parsed p;

	(void)state;
	h.shares = h.groups = (struct codes)LIST(reserved);
	write(&o, &h);
	parse(&p, &o);
	assert_extension(&p, EXT_KEY_SHARE, "\x00\x05\x2A\x2A\x00\x01\x00", 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shape_says_what_its_fields_hold),
		cmocka_unit_test(a_shape_has_the_size_it_asks_for),
		cmocka_unit_test(a_shape_splits_the_message_into_records),
		cmocka_unit_test(a_share_of_a_reserved_group_is_one_byte),
		cmocka_unit_test(a_hello_of_ssl3_is_laid_out_as_the_rfc_has_it),
		cmocka_unit_test(a_hello_of_ssl2_is_laid_out_as_the_draft_has_it),
		cmocka_unit_test(a_hello_of_tls_12_has_its_parts_in_place),
		cmocka_unit_test(a_hello_of_tls_13_asks_for_a_retry_with_an_empty_share),
		cmocka_unit_test(the_versions_asked_are_listed_as_given),
		cmocka_unit_test(record_and_hello_say_the_versions_of_their_time),
		cmocka_unit_test(signals_stand_behind_the_suites),
		cmocka_unit_test(deflate_stands_before_null),
		cmocka_unit_test(extensions_come_in_one_order),
		cmocka_unit_test(what_stands_in_the_hello_is_what_it_offers),
		cmocka_unit_test(no_hello_has_a_length_that_load_balancers_drop),
		cmocka_unit_test(every_name_length_is_padded_right),
		cmocka_unit_test(a_message_longer_than_a_record_is_split),
		cmocka_unit_test(a_second_hello_is_in_records_of_version_3_3),
		cmocka_unit_test(what_does_not_fit_is_refused_whole),
		cmocka_unit_test(the_same_entropy_gives_the_same_bytes),
		cmocka_unit_test(without_entropy_all_that_is_random_is_zero),
		cmocka_unit_test(shares_have_the_size_of_their_group),
		cmocka_unit_test(a_hello_offers_the_versions_a_server_may_pick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
