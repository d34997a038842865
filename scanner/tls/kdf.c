#include "scanner/tls/kdf.h"

#include <string.h>

#include "scanner/base/die.h"

enum { FINISHED = 12, FINISHED_SSL3 = 36, PAD_MD5 = 48, PAD_SHA1 = 40, SEEDS_MAX = 8 };

static struct span text_span(const char *s)
{
	return (struct span){ (const uint8_t *)s, strlen(s) };
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

enum digest kdf_digest(uint16_t version, const struct suite *suite)
{
	if (version < VER_TLS12)
		return DIGEST_MD5_SHA1;
	if (ends_with(suite->name, "SHA384"))
		return DIGEST_SHA384;
	return ends_with(suite->name, "SM3") ? DIGEST_SM3 : DIGEST_SHA256;
}

/* ---- the PRFs
 * ---------------------------------------------------------------------------------------------------------
 */

/* Label and seed parts as one list. */
struct seeds {
	struct span parts[SEEDS_MAX + 2]; /* [0] is free for A(i) */
	size_t n;
};

static struct seeds seeds_of(const char *label, const struct span *seed, size_t count)
{
	struct seeds s = { .n = count + 2 };

	require(count <= SEEDS_MAX);
	s.parts[1] = text_span(label);
	for (size_t i = 0; i < count; i++)
		s.parts[i + 2] = seed[i];
	return s;
}

/* P_hash (RFC 5246 section 5), laid over what `out` has by exclusive or, so that TLS 1.0 can lay two. */
static void p_hash(enum digest d, struct span secret, struct seeds *s, uint8_t *out, size_t n)
{
	size_t size = crypt_digest_size(d);
	uint8_t a[DIGEST_MAX], block[DIGEST_MAX];

	crypt_hmac(d, secret, s->parts + 1, s->n - 1, a);
	for (size_t done = 0; done < n; done += size) {
		s->parts[0] = (struct span){ a, size };
		crypt_hmac(d, secret, s->parts, s->n, block);
		for (size_t i = 0; i < size && done + i < n; i++)
			out[done + i] ^= block[i];
		crypt_hmac(d, secret, s->parts, 1, block);
		memcpy(a, block, size);
	}
}

/* RFC 6101 section 6.1: MD5(secret + SHA('A' + secret + randoms)) + MD5(secret + SHA('BB' + ...)) + ... */
static void prf_ssl3(struct span secret, const struct span *seed, size_t count, uint8_t *out, size_t n)
{
	uint8_t letters[26], sha[DIGEST_MAX], block[DIGEST_MAX];
	struct span inner[SEEDS_MAX + 2] = { { letters, 0 }, secret }, outer[] = { secret, { sha, 20 } };

	require(count <= SEEDS_MAX && n <= 16 * sizeof letters);
	for (size_t i = 0; i < count; i++)
		inner[i + 2] = seed[i];
	for (size_t round = 0, done = 0; done < n; round++, done += 16) {
		memset(letters, 'A' + (int)round, round + 1);
		inner[0].n = round + 1;
		crypt_digest(DIGEST_SHA1, inner, count + 2, sha);
		crypt_digest(DIGEST_MD5, outer, 2, block);
		memcpy(out + done, block, n - done < 16 ? n - done : 16);
	}
}

void kdf_prf(uint16_t version, enum digest d, struct span secret, const char *label, const struct span *seed,
        size_t count, void *out, size_t n)
{
	struct seeds s = seeds_of(label, seed, count);
	size_t half = (secret.n + 1) / 2;

	if (version == VER_SSL3) {
		prf_ssl3(secret, seed, count, out, n);
		return;
	}
	memset(out, 0, n);
	if (version >= VER_TLS12) {
		p_hash(d, secret, &s, out, n);
		return;
	}
	/* The halves share a byte when the length is odd. */
	p_hash(DIGEST_MD5, (struct span){ secret.p, half }, &s, out, n);
	p_hash(DIGEST_SHA1, (struct span){ secret.n ? secret.p + secret.n - half : secret.p, half }, &s, out,
	        n);
}

/* ---- Finished
 * ---------------------------------------------------------------------------------------------------------
 */

/* hash(master + pad2 + hash(messages + sender + master + pad1)), RFC 6101 section 5.6.9. */
static void finished_ssl3(enum digest d, size_t pad, struct span master, const char *sender,
        struct span transcript, uint8_t *out)
{
	uint8_t pad1[PAD_MD5], pad2[PAD_MD5], hash[DIGEST_MAX], all[DIGEST_MAX];
	struct span inner[] = { transcript, text_span(sender), master, { pad1, pad } };
	struct span outer[] = { master, { pad2, pad }, { hash, crypt_digest_size(d) } };

	memset(pad1, 0x36, sizeof pad1);
	memset(pad2, 0x5C, sizeof pad2);
	crypt_digest(d, inner, 4, hash);
	crypt_digest(d, outer, 3, all);
	memcpy(out, all, crypt_digest_size(d));
}

size_t kdf_finished(uint16_t version, enum digest d, struct span master, bool client, struct span transcript,
        uint8_t out[static 36])
{
	const char *sender = client ? "CLNT" : "SRVR",
	           *label = client ? "client finished" : "server finished";
	uint8_t hash[DIGEST_MAX];
	struct span seed = { hash, crypt_digest_size(d) };

	if (version == VER_SSL3) {
		finished_ssl3(DIGEST_MD5, PAD_MD5, master, sender, transcript, out);
		finished_ssl3(DIGEST_SHA1, PAD_SHA1, master, sender, transcript, out + 16);
		return FINISHED_SSL3;
	}
	crypt_digest(d, &transcript, 1, hash);
	kdf_prf(version, d, master, label, &seed, 1, out, FINISHED);
	return FINISHED;
}

void kdf_ssl3_verify(struct span master, struct span transcript, uint8_t out[static 36])
{
	finished_ssl3(DIGEST_MD5, PAD_MD5, master, "", transcript, out);
	finished_ssl3(DIGEST_SHA1, PAD_SHA1, master, "", transcript, out + 16);
}

/* ---- HKDF
 * -------------------------------------------------------------------------------------------------------------
 */

void kdf_extract(enum digest d, struct span salt, struct span ikm, uint8_t out[static DIGEST_MAX])
{
	crypt_hmac(d, salt, &ikm, 1, out);
}

/* HKDF-Expand, RFC 5869 section 2.3. */
static void expand(enum digest d, struct span secret, struct span info, uint8_t *out, size_t n)
{
	size_t size = crypt_digest_size(d);
	uint8_t block[DIGEST_MAX], number = 1;
	struct span parts[] = { { block, 0 }, info, { &number, 1 } };

	require(n <= 255 * size);
	for (size_t done = 0; done < n; done += size, number++) {
		crypt_hmac(d, secret, parts, 3, block);
		parts[0].n = size;
		memcpy(out + done, block, n - done < size ? n - done : size);
	}
}

void kdf_expand_label(
        enum digest d, struct span secret, const char *label, struct span context, void *out, size_t n)
{
	uint8_t info[2 + 1 + 255 + 1 + 255];
	struct wr w = wr_of(info, sizeof info);
	struct wr_mark mark;

	wr_uint(&w, n, 2);
	mark = wr_open(&w, 1);
	wr_bytes(&w, "tls13 ", 6);
	wr_bytes(&w, label, strlen(label));
	wr_close(&w, mark);
	mark = wr_open(&w, 1);
	wr_bytes(&w, context.p, context.n);
	wr_close(&w, mark);
	require(!w.bad);
	expand(d, secret, (struct span){ info, w.len }, out, n);
}
