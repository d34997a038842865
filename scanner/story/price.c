/* What would make a handshake smaller, computed from what this one really carried. */
#include <string.h>

#include "scanner/story/story.h"
#include "scanner/tls/inflate.h"
#include "scanner/trust/cert.h"

/* Sizes with P-256: a SubjectPublicKeyInfo, and the longest signature (RFC 5480, RFC 3279 section 2.2.3). */
enum { P256_SPKI = 91, P256_SIGNATURE = 72, HEADER = 4, RECORD_HEADER = 5, HANDSHAKE = 22, CERTIFICATE = 11 };

struct maker {
	const struct story *full, *resumed;
	struct savings all;
};

static void add(struct maker *m, struct saving s)
{
	m->all.v = arena_push(m->full->arena, m->all.v, m->all.n, sizeof *m->all.v);
	m->all.v[m->all.n++] = s;
}

static uint64_t total(const struct story *s)
{
	return s->result->sent + s->result->received;
}

/* ---- resumption, versions, round trips -------------------------------------------------------------------------------------- */

/* What the second handshake took less, or more, than the first would have without its retry: that has a line of its own. */
static void taken_up(struct maker *m)
{
	const struct story *f = m->full, *r = m->resumed;
	bool spared_retry = f->result->retried && !r->result->retried;
	uint64_t first = total(f) - (spared_retry ? f->retry_bytes : 0), second = total(r);
	unsigned trips = f->round_trips - spared_retry;
	const char *text = "take the session up again, as the second handshake did";

	trips = trips > r->round_trips ? trips - r->round_trips : 0;
	if (second >= first && !trips)
		return;
	if (second > first)
		text = arena_printf(f->arena, "%s, for %llu bytes more", text, (unsigned long long)(second - first));
	add(m, (struct saving){ "resumption", text, first > second ? first - second : 0, trips, false });
}

static void resumption(struct maker *m)
{
	const struct story *f = m->full, *r = m->resumed;
	bool tls13 = f->result->version >= VER_TLS13;
	uint64_t spared = f->chain_bytes + f->signature_bytes;

	if (r && r->complete && r->resumed) {
		taken_up(m);
		return;
	}
	if (spared || !tls13)
		add(m, (struct saving){ "resumption",
			r ? "let sessions be taken up again: this server gave a session and then did not take it"
			  : "let sessions be taken up again: this server gave neither ticket nor session id",
			spared, !tls13 && f->round_trips == 2, true });
}

static void retry(struct maker *m)
{
	const struct hs_result *r = m->full->result;
	const struct group *g = group_find(r->group);

	if (r->retried && !codes_has(m->full->hello->shares, r->group)) /* else it wanted the cookie */
		add(m, (struct saving){ "first_share",
			arena_printf(m->full->arena, "put a key share of %s into the first hello: no HelloRetryRequest then",
				g ? g->name : "the server's group"),
			m->full->retry_bytes, 1, true });
}

static void newer_version(struct maker *m)
{
	if (m->full->result->version < VER_TLS13 && m->full->round_trips == 2)
		add(m, (struct saving){ "tls13", "TLS 1.3: its full handshake lets data flow a round trip earlier", 0, 1, true });
}

/* ---- the chain ------------------------------------------------------------------------------------------------------------------ */

static size_t above(size_t n, size_t least)
{
	return n > least ? n - least : 0;
}

static bool is_rsa(enum cert_key key)
{
	return key == KEY_RSA || key == KEY_RSA_PSS;
}

/* Bytes that keys and signatures of one certificate take above those of P-256. */
static size_t rsa_excess(struct span der, bool *rsa)
{
	struct cert *c = cert_parse(der.p, der.n);
	size_t n = 0;

	if (!c->malformed && is_rsa(c->key)) {
		n += above(c->spki.n, P256_SPKI);
		*rsa = true;
	}
	if (!c->malformed && c->seal && is_rsa(c->seal->key))
		n += above(c->signature.n, P256_SIGNATURE);
	cert_free(c);
	return n;
}

static void ecdsa_chain(struct maker *m)
{
	const struct story *f = m->full;
	const struct hs_result *r = f->result;
	const struct scheme *s = scheme_find(r->scheme);
	bool rsa = false;
	size_t bytes = 0;

	for (size_t i = 0; i < r->certs_count; i++)
		bytes += rsa_excess(r->certs[i], &rsa);
	if (f->signature_bytes && s && is_rsa(s->key))
		bytes += above(f->signature_bytes, P256_SIGNATURE + HEADER + 4);
	if (rsa && bytes)
		add(m, (struct saving){ "ecdsa_chain", "a chain of ECDSA P-256 keys and signatures in place of the RSA ones", bytes, 0,
			true });
}

/* What surrounds a certificate in the list: its length, and in TLS 1.3 that of its extensions. */
static size_t entry_bytes(const struct hs_result *r)
{
	return r->version >= VER_TLS13 ? 5 : 3;
}

static void root_sent(struct maker *m)
{
	const struct hs_result *r = m->full->result;
	struct span last = r->certs_count > 1 ? r->certs[r->certs_count - 1] : (struct span){ NULL, 0 };
	struct cert *c;

	if (!last.n)
		return;
	c = cert_parse(last.p, last.n);
	if (!c->malformed && cert_self_issued(c))
		add(m, (struct saving){ "root_sent", "leave the root out of the chain: a client that trusts it has it",
			last.n + entry_bytes(r), 0, false });
	cert_free(c);
}

static bool same(struct span x, struct span y)
{
	return x.n == y.n && !memcmp(x.p, y.p, x.n);
}

static void sent_twice(struct maker *m)
{
	const struct hs_result *r = m->full->result;
	size_t bytes = 0;

	for (size_t i = 1; i < r->certs_count; i++)
		for (size_t k = 0; k < i; k++)
			if (same(r->certs[i], r->certs[k])) {
				bytes += r->certs[i].n + entry_bytes(r);
				break;
			}
	if (bytes)
		add(m, (struct saving){ "sent_twice", "send each certificate once", bytes, 0, false });
}

/* The chain as the server sent it, really packed; n when no packer is built in. */
static size_t packed_size(struct span plain)
{
	size_t best = plain.n;
	struct codes all = inflate_algorithms();

	for (size_t i = 0; i < all.n; i++) {
		size_t n = inflate_packed_size((uint16_t)all.v[i], plain);

		best = n && n < best ? n : best;
	}
	return best;
}

static struct span certificate_body(const struct hs_result *r)
{
	for (size_t i = 0; i < r->events_count; i++) {
		const struct hs_event *e = &r->events[i];

		if (!e->ours && e->content == HANDSHAKE && e->message == CERTIFICATE && e->body.n > HEADER)
			return (struct span){ e->body.p + HEADER, e->body.n - HEADER };
	}
	return (struct span){ NULL, 0 };
}

static void compression(struct maker *m)
{
	enum { PACKED_HEADER = 8 }; /* algorithm and two lengths: RFC 8879 section 4 */
	const struct hs_result *r = m->full->result;
	struct span body = certificate_body(r);
	size_t packed;

	if (r->version < VER_TLS13 || r->compressed_chain || !body.n)
		return;
	packed = packed_size(body) + PACKED_HEADER;
	if (packed < body.n)
		add(m, (struct saving){ "compression", "certificate compression (RFC 8879), which was offered and not used",
			body.n - packed, 0, false });
	else if (packed == body.n + PACKED_HEADER)
		add(m, (struct saving){ "compression", "certificate compression (RFC 8879): about a fifth of the chain",
			body.n / 5, 0, true });
}

/* ---- afterwards -------------------------------------------------------------------------------------------------------------------- */

/* What a record takes beside its content; from TLS 1.3 on its type and tag too (RFC 8446 section 5.2). */
static size_t record_bytes(const struct hs_result *r)
{
	const struct suite *s = suite_find(r->suite);
	bool short_tag = s && strstr(s->name, "_CCM_8");

	return r->version < VER_TLS13 ? RECORD_HEADER : RECORD_HEADER + 1 + (short_tag ? 8 : 16);
}

static void tickets(struct maker *m)
{
	const struct story *f = m->full;

	if (f->tickets > 1)
		add(m, (struct saving){ "one_ticket",
			arena_printf(f->arena, "one ticket instead of %u, for clients that hold one connection", f->tickets),
			f->ticket_bytes - f->ticket_largest + (f->tickets - 1) * record_bytes(f->result), 0, false });
}

static void staple(struct maker *m)
{
	if (m->full->result->staple.n)
		add(m, (struct saving){ "no_staple", "a device that does not check revocation need not ask for the OCSP response",
			m->full->result->staple.n, 0, false });
}

static void smaller_hello(struct maker *m)
{
	enum { LEAN = 200 };

	const struct story *f = m->full;
	size_t suites_n = f->hello->suites.n, groups_n = f->hello->groups.n;

	if (f->first_hello_bytes > 2 * LEAN && (suites_n > 1 || groups_n > 1))
		add(m, (struct saving){ "lean_hello",
			arena_printf(f->arena, "this hello offers %zu suite%s and %zu group%s; a device's, with one of each, takes "
				"some 200 bytes", suites_n, suites_n == 1 ? "" : "s", groups_n, groups_n == 1 ? "" : "s"),
			f->first_hello_bytes - LEAN, 0, true });
}

struct savings story_savings(const struct story *full, const struct story *resumed)
{
	static void (*const rules[])(struct maker *) = { resumption, retry, newer_version, ecdsa_chain, root_sent, sent_twice, compression,
		tickets, staple, smaller_hello };
	struct maker m = { .full = full, .resumed = resumed };

	if (!full->complete)
		return m.all;
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		rules[i](&m);
	return m.all;
}
