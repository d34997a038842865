#include "scanner/tls/keys.h"

#include <openssl/evp.h>
#include <sys/random.h>

#include "scanner/base/die.h"
#include "scanner/tls/keys_lib.h"

static const EVP_MD *sha256(void)
{
	return keys_md(DIGEST_SHA256);
}

void keys_sha256(const void *p, size_t n, uint8_t out[static KEYS_SHA256])
{
	require(EVP_Digest(p, n, out, NULL, sha256(), NULL) == 1);
}

void keys_derive(
        const uint8_t seed[static KEYS_SEED], struct span label, uint64_t number, void *out, size_t n)
{
	EVP_MD_CTX *head = EVP_MD_CTX_new(), *ctx = EVP_MD_CTX_new(); /* head: what every block begins with */
	uint8_t *to = out, block[KEYS_SHA256], tail[16];

	require(head && ctx && EVP_DigestInit_ex(head, sha256(), NULL) && EVP_DigestUpdate(head, seed, KEYS_SEED) &&
	        EVP_DigestUpdate(head, label.p, label.n));
	for (uint64_t counter = 0; n; counter++) {
		size_t take = n < sizeof block ? n : sizeof block;
		struct wr w = wr_of(tail, sizeof tail);

		wr_uint(&w, number, 8);
		wr_uint(&w, counter, 8);
		require(EVP_MD_CTX_copy_ex(ctx, head) && EVP_DigestUpdate(ctx, tail, sizeof tail) &&
		        EVP_DigestFinal_ex(ctx, block, NULL));
		memcpy(to, block, take);
		to += take;
		n -= take;
	}
	EVP_MD_CTX_free(ctx);
	EVP_MD_CTX_free(head);
}

void keys_system_seed(uint8_t seed[static KEYS_SEED])
{
	require(getrandom(seed, KEYS_SEED, 0) == KEYS_SEED); /* libcrypto's generator takes a millisecond to set up */
}
