#include "scanner/tls/keys_lib.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/provider.h>

#include "scanner/base/die.h"

static OSSL_LIB_CTX *library;

static void library_open(void)
{
	library = OSSL_LIB_CTX_new();
	require(library && OSSL_PROVIDER_load(library, "default"));
}

OSSL_LIB_CTX *keys_library(void)
{
	static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;

	require(CRYPTO_THREAD_run_once(&once, library_open));
	return library;
}

/* Without it its ciphers are found missing where they are asked for. */
static void legacy_open(void)
{
	OSSL_PROVIDER_load(keys_library(), "legacy");
	ERR_clear_error();
}

void keys_library_legacy(void)
{
	static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;

	require(CRYPTO_THREAD_run_once(&once, legacy_open));
}

static void *fetch(const struct keys_kind *kind, const char *name)
{
	void *found = kind->fetch(keys_library(), name, NULL);

	if (found)
		return found;
	keys_library_legacy();
	found = kind->fetch(keys_library(), name, NULL);
	ERR_clear_error();
	return found;
}

/* Two threads may fetch the same at once: the later one drops his. */
void *keys_fetch(struct keys_slot *slot, const struct keys_kind *kind, const char *name)
{
	void *none = NULL, *found;

	if (atomic_load(&slot->asked))
		return atomic_load(&slot->held);
	found = fetch(kind, name);
	if (found && !atomic_compare_exchange_strong(&slot->held, &none, found)) {
		kind->drop(found);
		found = none;
	}
	atomic_store(&slot->asked, true);
	return found;
}

BIGNUM *keys_number(struct span s)
{
	BIGNUM *n = BN_bin2bn(s.p, (int)s.n, NULL);

	require(n);
	return n;
}

EVP_PKEY *keys_from(const char *type, int selection, OSSL_PARAM_BLD *build)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(keys_library(), type, NULL);
	EVP_PKEY *key = NULL;

	if (!ctx || EVP_PKEY_fromdata_init(ctx) <= 0 || EVP_PKEY_fromdata(ctx, &key, selection, params) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	ERR_clear_error();
	return key;
}
