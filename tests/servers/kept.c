#include "tests/servers/kept.h"

enum { MAC = 16, STORE = 64 };

static void seal_of(struct span body, uint8_t out[static DIGEST_MAX])
{
	static const uint8_t key[] = "the key of all tickets";

	crypt_hmac(DIGEST_SHA256, (struct span){ key, sizeof(key) }, &body, 1, out);
}

void kept_write_ticket(const struct kept *k, struct wr *w)
{
	size_t start = w->len;
	uint8_t mac[DIGEST_MAX];

	wr_u16(w, k->version);
	wr_u16(w, k->suite);
	wr_u8(w, k->ems);
	wr_uint(w, k->early_data, 4);
	wr_u8(w, (uint8_t)k->secret_n);
	wr_bytes(w, k->secret, k->secret_n);
	seal_of((struct span){ w->buf + start, w->len - start }, mac);
	wr_bytes(w, mac, MAC);
}

bool kept_read_ticket(struct kept *k, struct span ticket, bool proven)
{
	struct rd r = rd_span(ticket), secret;
	uint8_t mac[DIGEST_MAX];

	if (ticket.n < MAC)
		return false;
	seal_of((struct span){ ticket.p, ticket.n - MAC }, mac);
	if (proven && memcmp(mac, ticket.p + ticket.n - MAC, MAC))
		return false;
	*k = (struct kept){ 0 };
	k->version = rd_u16(&r);
	k->suite = rd_u16(&r);
	k->ems = rd_u8(&r);
	k->early_data = rd_u32(&r);
	secret = rd_vec(&r, 1);
	k->secret_n = rd_left(&secret);
	if (secret.bad || k->secret_n > sizeof(k->secret) || rd_left(&r) != MAC)
		return false;
	memcpy(k->secret, secret.p, k->secret_n);
	return true;
}

static struct stored {
	uint8_t id[KEPT_ID];
	struct kept kept;
	bool used;
} store[STORE];

static struct stored *find(const uint8_t *id)
{
	for (size_t i = 0; i < STORE; i++)
		if (store[i].used && !memcmp(store[i].id, id, KEPT_ID))
			return &store[i];
	return NULL;
}

void kept_store(const uint8_t id[static KEPT_ID], const struct kept *k)
{
	static size_t next;
	struct stored *at = find(id);

	if (!at)
		at = &store[next++ % STORE];
	at->used = true;
	at->kept = *k;
	memcpy(at->id, id, KEPT_ID);
}

bool kept_find(struct kept *k, struct span id)
{
	const struct stored *at = id.n == KEPT_ID ? find(id.p) : NULL;

	if (at)
		*k = at->kept;
	return at;
}
