#include "tests/servers/sealed.h"

#include "scanner/base/die.h"
#include "tests/servers/filler.h"

enum { NAME = 16, IV = 16, BLOCK = 16, STATE_MAX = 160 };

/* Where the keys stand among the bytes of the config, and what the ticket looks like. */
struct layout {
	struct span mac_key, key;
	enum digest digest;
	size_t mac_n, length_n;
};

static struct layout layout_of(const struct server_config *c)
{
	const uint8_t *p = c->ticket_key.p;

	if (c->ticket_key.n == 64)
		return (struct layout){ { p + 48, 16 }, { p + 16, 32 }, DIGEST_SHA1, 20, 2 };
	return (struct layout){ { p + 16, 32 }, { p + 48, 32 }, DIGEST_SHA256, 32, 0 };
}

static void run(const struct layout *l, bool encrypts, const uint8_t *iv, uint8_t *text, size_t n)
{
	struct cipher *c = cipher_new(cipher_kind_of(suite_find(0x0035)), l->key, encrypts);
	uint8_t moved[IV];

	memcpy(moved, iv, IV);
	require(c && cipher_run(c, moved, text, n));
	cipher_free(c);
}

static void mac_of(const struct layout *l, struct span sealed, uint8_t out[static DIGEST_MAX])
{
	crypt_hmac(l->digest, l->mac_key, &sealed, 1, out);
}

void sealed_write(const struct server_config *c, const struct kept *k, uint64_t *random, struct wr *w)
{
	uint8_t state[STATE_MAX], mac[DIGEST_MAX];
	struct wr plain = wr_of(state, sizeof(state));
	struct layout l;
	size_t start = w->len;

	if (!c->ticket_key.n) {
		kept_write_ticket(k, w);
		return;
	}
	l = layout_of(c);
	kept_write_ticket(k, &plain);
	for (uint8_t fill = (uint8_t)(BLOCK - plain.len % BLOCK), i = 0; i < fill; i++)
		wr_u8(&plain, fill);
	wr_bytes(w, c->ticket_key.p, NAME);
	filler_bytes(w, IV, random);
	if (l.length_n)
		wr_u16(w, (uint16_t)plain.len);
	require(!w->bad && !plain.bad);
	run(&l, true, w->buf + start + NAME, state, plain.len);
	wr_bytes(w, state, plain.len);
	mac_of(&l, (struct span){ w->buf + start, w->len - start }, mac);
	wr_bytes(w, mac, l.mac_n);
}

static bool open_sealed(const struct server_config *c, struct kept *k, struct span ticket, bool proven)
{
	struct layout l = layout_of(c);
	size_t front = NAME + IV + l.length_n, n = ticket.n - front - l.mac_n;
	uint8_t state[STATE_MAX], mac[DIGEST_MAX];

	if (ticket.n <= front + l.mac_n || n % BLOCK || n > STATE_MAX)
		return false;
	mac_of(&l, (struct span){ ticket.p, ticket.n - l.mac_n }, mac);
	if (proven && memcmp(mac, ticket.p + ticket.n - l.mac_n, l.mac_n))
		return false;
	memcpy(state, ticket.p + front, n);
	run(&l, false, ticket.p + NAME, state, n);
	return state[n - 1] <= BLOCK && kept_read_ticket(k, (struct span){ state, n - state[n - 1] }, proven);
}

bool sealed_read(const struct server_config *c, struct kept *k, struct span ticket)
{
	bool proven = !c->bugs[BUG_TICKET_UNSEALED];

	return c->ticket_key.n ? open_sealed(c, k, ticket, proven) : kept_read_ticket(k, ticket, proven);
}
