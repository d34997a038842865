/* The registries: every row is found, means what its flags say, and the tables are as long as the sources. */
#include "scanner/tls/tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#define EACH(row, table) for (__typeof__(&(table)[0]) row = (table); row < (table) + table##_count; row++)

#define ASSERT_SORTED(table)                                                                                 \
	for (size_t i = 1; i < table##_count; i++)                                                           \
	assert_true((table)[i - 1].code < (table)[i].code)

/* Names are present and differ, in a way that a reader of either case can tell. */
#define ASSERT_UNIQUE(table, name)                                                                           \
	for (size_t i = 0; i < table##_count; i++) {                                                         \
		assert_non_null((table)[i].name);                                                            \
		assert_true(*(table)[i].name);                                                               \
		for (size_t j = 0; j < i; j++)                                                               \
			assert_true(strcasecmp((table)[i].name, (table)[j].name));                           \
	}

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* ---- all tables -------------------------------------------------------------------------------- */

static void tables_are_as_long_as_their_sources(void **state)
{
	(void)state;
	assert_int_equal(versions_count, 42);
	assert_int_equal(suites_count, 423);
	assert_int_equal(sslv2_kinds_count, 13);
	assert_int_equal(groups_count, 83);
	assert_int_equal(schemes_count, 52);
	assert_int_equal(extensions_count, 94);
	assert_int_equal(alerts_count, 36);
	assert_int_equal(alpn_names_count, 31);
	assert_int_equal(dh_primes_count, 113);
}

static void tables_are_sorted_strictly(void **state)
{
	(void)state;
	ASSERT_SORTED(versions);
	ASSERT_SORTED(suites);
	ASSERT_SORTED(sslv2_kinds);
	ASSERT_SORTED(groups);
	ASSERT_SORTED(schemes);
	ASSERT_SORTED(extensions);
	ASSERT_SORTED(alerts);
	for (size_t i = 1; i < dh_primes_count; i++)
		assert_true(memcmp(dh_primes[i - 1].sha256, dh_primes[i].sha256, 32) < 0);
}

static void names_are_there_and_unique(void **state)
{
	(void)state;
	ASSERT_UNIQUE(versions, name);
	ASSERT_UNIQUE(suites, name);
	ASSERT_UNIQUE(sslv2_kinds, name);
	ASSERT_UNIQUE(groups, name);
	ASSERT_UNIQUE(schemes, name);
	ASSERT_UNIQUE(extensions, name);
	ASSERT_UNIQUE(alerts, name);
	ASSERT_UNIQUE(alpn_names, id);
	EACH(row, alpn_names)
	assert_true(row->meaning && *row->meaning);
	EACH(row, dh_primes)
	assert_true(row->name && *row->name && strlen(row->name) <= 80);
}

static void names_but_those_of_drafts_are_one_word(void **state)
{
	(void)state;
	EACH(row, suites)
	assert_null(strpbrk(row->name, " ()"));
	EACH(row, groups)
	assert_null(strpbrk(row->name, " ()"));
	EACH(row, schemes)
	assert_null(strpbrk(row->name, " ()"));
	EACH(row, extensions)
	assert_null(strpbrk(row->name, " ()"));
	EACH(row, versions)
	assert_true(row->kind == VERSION_DRAFT || !strchr(row->name, ' '));
}

static void every_row_is_found_by_its_code(void **state)
{
	(void)state;
	EACH(row, versions)
	assert_ptr_equal(version_find(row->code), row);
	EACH(row, suites)
	assert_ptr_equal(suite_find(row->code), row);
	EACH(row, sslv2_kinds)
	assert_ptr_equal(sslv2_kind_find(row->code), row);
	EACH(row, groups)
	assert_ptr_equal(group_find(row->code), row);
	EACH(row, schemes)
	assert_ptr_equal(scheme_find(row->code), row);
	EACH(row, extensions)
	assert_ptr_equal(extension_find(row->code), row);
	EACH(row, alerts)
	assert_ptr_equal(alert_text(row->code), row->name);
	EACH(row, dh_primes)
	assert_ptr_equal(dh_prime_find(row->sha256), row);
}

static void every_row_is_found_by_either_of_its_names(void **state)
{
	(void)state;
	EACH(row, versions)
	assert_ptr_equal(version_by_name(row->name), row);
	EACH(row, suites)
	{
		assert_ptr_equal(suite_by_name(row->name), row);
		assert_true(!row->openssl || suite_by_name(row->openssl) == row);
	}
	EACH(row, groups)
	{
		assert_ptr_equal(group_by_name(row->name), row);
		assert_true(!row->openssl || group_by_name(row->openssl) == row);
	}
	EACH(row, schemes)
	{
		assert_ptr_equal(scheme_by_name(row->name), row);
		assert_true(!row->openssl || scheme_by_name(row->openssl) == row);
	}
}

static void what_no_table_has_is_not_found(void **state)
{
	static const uint8_t nothing[32];

	(void)state;
	assert_null(version_find(0x0305));
	assert_null(suite_find(0x00FE));
	assert_null(suite_find(0xFFFF));
	assert_null(sslv2_kind_find(0xFFFFFF));
	assert_null(group_find(0x0000));
	assert_null(scheme_find(0x0000));
	assert_null(extension_find(0xFFFF));
	assert_null(dh_prime_find(nothing));
	assert_string_equal(alert_text(255), "unknown");
	assert_null(version_by_name("TLSv1.4"));
	assert_null(suite_by_name(""));
	assert_null(suite_by_name(NULL));
	assert_null(group_by_name(NULL));
	assert_null(scheme_by_name(NULL));
	assert_null(version_by_name(NULL));
}

static void names_are_found_in_either_case(void **state)
{
	(void)state;
	assert_int_equal(group_by_name("X25519")->code, 0x001D);
	assert_int_equal(version_by_name("tlsv1.2")->code, VER_TLS12);
	assert_int_equal(suite_by_name("ecdhe-rsa-aes128-gcm-sha256")->code, 0xC02F);
}

static void grease_is_sixteen_codes(void **state)
{
	int count = 0;

	(void)state;
	for (unsigned code = 0; code <= 0xFFFF; code++)
		count += code_is_grease((uint16_t)code);
	assert_int_equal(count, 16);
	assert_true(code_is_grease(0x0A0A));
	assert_true(code_is_grease(0xFAFA));
	assert_false(code_is_grease(0x0A1A));
	assert_false(code_is_grease(0x0B0B));
}

/* ---- versions ---------------------------------------------------------------------------------- */

static void stable_versions_are_the_published_ones(void **state)
{
	int stable = 0;

	(void)state;
	EACH(row, versions)
	stable += row->kind == VERSION_STABLE;
	assert_int_equal(stable, 10);
	assert_string_equal(version_find(VER_SSL2)->name, "SSLv2");
	assert_string_equal(version_find(VER_TLS10)->name, "TLSv1.0");
	assert_string_equal(version_find(VER_TLS13)->name, "TLSv1.3");
	assert_string_equal(version_find(VER_TLCP)->name, "TLCPv1.1");
	assert_string_equal(version_find(VER_DTLS12)->name, "DTLSv1.2");
	assert_int_equal(version_find(0x7F1C)->kind, VERSION_DRAFT);
	assert_int_equal(version_find(0x7E02)->kind, VERSION_DRAFT);
}

/* ---- suites ------------------------------------------------------------------------------------ */

static void all_suites_but_three_can_be_picked(void **state)
{
	size_t pickable = 0, scsv = 0;

	(void)state;
	EACH(row, suites)
	{
		pickable += suite_pickable(row->code);
		scsv += (row->flags & SUITE_SCSV) != 0;
	}
	assert_int_equal(pickable, 420);
	assert_int_equal(scsv, 2);
	assert_false(suite_pickable(0x0000));
	assert_false(suite_pickable(0x00FF));
	assert_false(suite_pickable(0x5600));
}

static void grease_suites_are_never_picked(void **state)
{
	(void)state;
	for (unsigned code = 0; code <= 0xFFFF; code++)
		assert_false(code_is_grease((uint16_t)code) && suite_pickable((uint16_t)code));
	assert_true(suite_pickable(0xC02F));
	assert_true(suite_pickable(0x00FE)); /* unknown, and so not forbidden */
}

static void suite_texts_are_never_missing(void **state)
{
	(void)state;
	EACH(row, suites)
	{
		assert_true(row->kx_name && *row->kx_name);
		assert_true(row->auth_name && *row->auth_name);
		assert_true(row->enc && *row->enc);
		assert_true(row->mac && *row->mac);
		assert_true(!row->openssl || *row->openssl);
		assert_true(row->recommended == 0 || strchr("YND", row->recommended));
		assert_non_null(version_find(row->min_version));
	}
}

static void aead_suites_and_no_others_have_the_mac_aead(void **state)
{
	(void)state;
	EACH(row, suites)
	{
		bool aead = row->flags & SUITE_AEAD;

		assert_int_equal(aead, strcmp(row->mac, "AEAD") == 0);
		assert_false(aead && (row->flags & SUITE_CBC));
		assert_int_equal(aead, has(row->enc, "GCM") || has(row->enc, "CCM") ||
		                               has(row->enc, "POLY1305") || has(row->enc, "MGM") ||
		                               has(row->enc, "AEGIS"));
	}
}

static void cbc_is_in_the_cipher_of_cbc_suites_alone(void **state)
{
	(void)state;
	EACH(row, suites)
	assert_int_equal((row->flags & SUITE_CBC) != 0, has(row->enc, "-CBC"));
}

static void tls13_suites_leave_key_exchange_and_authentication_open(void **state)
{
	int count = 0;

	(void)state;
	EACH(row, suites)
	{
		bool tls13 = suite_is_tls13(row);

		assert_int_equal(tls13, row->kx == KX_ANY);
		assert_int_equal(tls13, row->auth == AUTH_ANY);
		assert_int_equal(tls13, row->min_version == VER_TLS13);
		count += tls13;
	}
	assert_int_equal(count, 15);
}

static void export_suites_are_at_most_64_bits_strong(void **state)
{
	(void)state;
	EACH(row, suites)
	{
		if (row->flags & SUITE_EXPORT)
			assert_in_range(row->strength, 1, 64);
		assert_int_equal((row->flags & SUITE_EXPORT) != 0, has(row->name, "EXPORT"));
	}
}

static void old_block_ciphers_have_blocks_of_64_bits(void **state)
{
	(void)state;
	EACH(row, suites)
	{
		bool old = starts(row->enc, "3DES") || starts(row->enc, "DES") || starts(row->enc, "IDEA") ||
		           starts(row->enc, "RC2");

		if (old)
			assert_int_equal(row->block_bits, 64);
		if (starts(row->enc, "AES") || starts(row->enc, "ARIA") || starts(row->enc, "CAMELLIA"))
			assert_int_equal(row->block_bits, 128);
		if (row->flags & SUITE_CBC)
			assert_int_not_equal(row->block_bits, 0);
		if (starts(row->enc, "RC4") || !strcmp(row->enc, "NULL"))
			assert_int_equal(row->block_bits, 0);
	}
}

static void strength_is_the_key_size_but_for_triple_des(void **state)
{
	(void)state;
	EACH(row, suites)
	{
		bool triple = starts(row->enc, "3DES");

		assert_int_equal(row->strength, triple ? 112 : row->bits);
		assert_true(!triple || row->bits == 168);
		assert_int_equal(row->bits == 0, !strcmp(row->enc, "NULL"));
		assert_true(!has(row->enc, "-128") || row->bits == 128);
		assert_true(!has(row->enc, "-256") || row->bits == 256);
	}
}

static void anonymous_and_static_suites_are_not_forward_secret(void **state)
{
	(void)state;
	EACH(row, suites)
	{
		bool fs = row->flags & SUITE_FS;

		assert_false(fs && row->auth == AUTH_NULL);
		assert_false(fs && (row->kx == KX_RSA || row->kx == KX_DH || row->kx == KX_ECDH ||
		                           row->kx == KX_PSK || row->kx == KX_RSA_PSK));
		if ((row->kx == KX_DHE || row->kx == KX_ECDHE) && row->auth != AUTH_NULL)
			assert_true(fs);
		if (has(row->name, "_anon_"))
			assert_int_equal(row->auth, AUTH_NULL);
	}
}

static void elliptic_suites_are_told_by_their_key_exchange(void **state)
{
	(void)state;
	EACH(row, suites)
	{
		bool named = row->kx == KX_ECDH || row->kx == KX_ECDHE || row->kx == KX_ECDHE_PSK;

		assert_true(!named || suite_is_ecc(row));
		assert_true(named || row->kx == KX_OTHER || !suite_is_ecc(row));
	}
	assert_true(suite_is_ecc(suite_find(0xC02F)));
	assert_true(suite_is_ecc(suite_find(0xC0FF)));
	assert_false(suite_is_ecc(suite_find(0x009E)));
	assert_false(suite_is_ecc(suite_find(0x1301)));
	assert_false(suite_is_ecc(NULL));
}

static void well_known_suites_are_right(void **state)
{
	const struct suite *s;

	(void)state;
	s = suite_find(0xC02F);
	assert_string_equal(s->name, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
	assert_string_equal(s->openssl, "ECDHE-RSA-AES128-GCM-SHA256");
	assert_string_equal(s->enc, "AES-128-GCM");
	assert_int_equal(s->kx, KX_ECDHE);
	assert_int_equal(s->auth, AUTH_RSA);
	assert_int_equal(s->min_version, VER_TLS12);
	assert_int_equal(s->flags, SUITE_AEAD | SUITE_FS | SUITE_REGISTERED | SUITE_DTLS);

	s = suite_find(0x1301);
	assert_string_equal(s->name, "TLS_AES_128_GCM_SHA256");
	assert_true(suite_is_tls13(s));
	assert_int_equal(s->recommended, 'Y');

	s = suite_find(0x000A);
	assert_string_equal(s->enc, "3DES-CBC");
	assert_string_equal(s->mac, "SHA1");
	assert_int_equal(s->min_version, VER_SSL3);

	s = suite_find(0x0005);
	assert_string_equal(s->openssl, "RC4-SHA");
	assert_string_equal(s->enc, "RC4");
	assert_int_equal(s->bits, 128);
	assert_false(s->flags & SUITE_DTLS);

	s = suite_find(0xCCA8);
	assert_string_equal(s->enc, "CHACHA20-POLY1305");
	assert_int_equal(s->bits, 256);

	assert_string_equal(suite_find(0x0003)->enc, "RC4-40");
	assert_string_equal(suite_find(0x0006)->enc, "RC2-40-CBC");
	assert_string_equal(suite_find(0x0008)->enc, "DES40-CBC");
	assert_string_equal(suite_find(0x0009)->enc, "DES-CBC");
	assert_string_equal(suite_find(0x0064)->enc, "RC4-56");
	assert_string_equal(suite_find(0x1305)->enc, "AES-128-CCM-8");
	assert_string_equal(suite_find(0x00C0)->enc, "CAMELLIA-256-CBC");
	assert_int_equal(suite_find(0xC018)->kx, KX_ECDHE);
	assert_int_equal(suite_find(0xC018)->auth, AUTH_NULL);
	assert_int_equal(suite_find(0xE011)->kx, KX_OTHER);
	assert_string_equal(suite_find(0xE011)->kx_name, "ECDHE_SM2");
}

static void sslv2_kinds_tell_export_and_bits(void **state)
{
	(void)state;
	EACH(row, sslv2_kinds)
	{
		assert_true(row->enc && *row->enc);
		assert_true(!row->export || row->bits <= 40);
		assert_int_equal(row->bits == 0, !strcmp(row->enc, "NULL"));
	}
	assert_string_equal(sslv2_kind_find(0x020080)->enc, "RC4-40");
	assert_true(sslv2_kind_find(0x020080)->export);
	assert_string_equal(sslv2_kind_find(0x0700C0)->enc, "3DES-CBC");
	assert_int_equal(sslv2_kind_find(0x0700C0)->bits, 168);
}

/* ---- groups ------------------------------------------------------------------------------------ */

static void sixty_five_groups_can_be_picked(void **state)
{
	size_t pickable = 0;

	(void)state;
	EACH(row, groups)
	{
		pickable += group_pickable(row);
		assert_int_equal(group_pickable(row), row->use != 0);
		assert_int_equal(code_is_grease(row->code), row->kind == GROUP_GREASE);
	}
	assert_int_equal(pickable, 65);
	assert_false(group_pickable(group_find(0xFF01)));
	assert_false(group_pickable(group_find(0x0A0A)));
	assert_false(group_pickable(NULL));
}

static void post_quantum_groups_are_for_tls13_alone(void **state)
{
	(void)state;
	EACH(row, groups)
	{
		assert_int_equal(row->pq, row->kind == GROUP_KEM || row->kind == GROUP_HYBRID);
		assert_true(!row->pq || row->use == GROUP_TLS13);
		assert_true(!row->obsolete || row->pq);
	}
	assert_true(group_find(0x6399)->obsolete);
	assert_false(group_find(0x11EC)->obsolete);
}

static void brainpool_has_a_code_for_each_version(void **state)
{
	(void)state;
	for (uint16_t code = 0x001A; code <= 0x001C; code++)
		assert_int_equal(group_find(code)->use, GROUP_TLS12);
	for (uint16_t code = 0x001F; code <= 0x0021; code++)
		assert_int_equal(group_find(code)->use, GROUP_TLS13);
	assert_int_equal(group_find(0x001D)->use, GROUP_TLS12 | GROUP_TLS13);
	assert_int_equal(group_find(0x0100)->use, GROUP_TLS12 | GROUP_TLS13);
}

static void groups_count_as_rsa_of_the_same_strength(void **state)
{
	static const struct {
		const char *name;
		unsigned rsa_bits;
	} rows[] = {
		{ "x25519", 3072 },
		{ "secp256r1", 3072 },
		{ "secp384r1", 7680 },
		{ "x448", 7680 },
		{ "secp521r1", 15360 },
		{ "brainpoolP512r1", 15360 },
		{ "sect571r1", 15360 },
		{ "sect409k1", 7680 },
		{ "sect283k1", 3072 },
		{ "sect239k1", 2048 },
		{ "secp224r1", 2048 },
		{ "secp192r1", 1024 },
		{ "sect163k1", 1024 },
		{ "secp160k1", 1024 },
		{ "GC256A", 3072 },
		{ "GC512A", 15360 },
		{ "ffdhe2048", 2048 },
		{ "ffdhe8192", 8192 },
		{ "MLKEM512", 3072 },
		{ "MLKEM768", 7680 },
		{ "MLKEM1024", 15360 },
		{ "X25519MLKEM768", 3072 },
		{ "SecP256r1MLKEM768", 3072 },
		{ "SecP384r1MLKEM1024", 7680 },
		{ "p521_kyber1024_r3", 15360 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(group_rsa_bits(group_by_name(rows[i].name)), rows[i].rsa_bits);
}

static void every_group_that_can_be_picked_has_a_strength(void **state)
{
	(void)state;
	EACH(row, groups)
	assert_int_equal(group_rsa_bits(row) != 0, group_pickable(row));
	assert_int_equal(group_rsa_bits(NULL), 0);
}

static void well_known_groups_are_right(void **state)
{
	(void)state;
	assert_string_equal(group_find(0x0017)->name, "secp256r1");
	assert_string_equal(group_find(0x0017)->openssl, "prime256v1");
	assert_string_equal(group_find(0x11EC)->name, "X25519MLKEM768");
	assert_int_equal(group_find(0x11EC)->kind, GROUP_HYBRID);
	assert_true(group_find(0x11EC)->pq);
	assert_int_equal(group_find(0x001D)->bits, 253);
	assert_int_equal(group_find(0x0104)->bits, 8192);
	assert_string_equal(group_find(0xFE31)->name, "X25519Kyber768Draft00Old");
}

/* ---- signature schemes ------------------------------------------------------------------------- */

static void every_scheme_has_a_key_and_a_hash(void **state)
{
	(void)state;
	EACH(row, schemes)
	{
		assert_int_not_equal(row->key, KEY_NONE);
		assert_true(row->hash && *row->hash);
		assert_false(row->tls13 && (!strcmp(row->hash, "md5") || !strcmp(row->hash, "sha1")));
		assert_false(row->tls13 && (starts(row->name, "rsa_pkcs1") || row->key == KEY_DSA));
	}
}

static void well_known_schemes_are_right(void **state)
{
	(void)state;
	assert_string_equal(scheme_find(0x0804)->name, "rsa_pss_rsae_sha256");
	assert_int_equal(scheme_find(0x0804)->key, KEY_RSA);
	assert_true(scheme_find(0x0804)->tls12 && scheme_find(0x0804)->tls13);
	assert_int_equal(scheme_find(0x0809)->key, KEY_RSA_PSS);
	assert_string_equal(scheme_find(0x0401)->openssl, "RSA+SHA256");
	assert_false(scheme_find(0x0401)->tls13);
	assert_int_equal(scheme_find(0x0403)->key, KEY_ECDSA);
	assert_int_equal(scheme_find(0x0807)->key, KEY_ED25519);
	assert_int_equal(scheme_find(0x0808)->key, KEY_ED448);
	assert_int_equal(scheme_find(0x0904)->key, KEY_ML_DSA);
	assert_false(scheme_find(0x0904)->tls12);
	assert_false(scheme_find(0x0420)->tls13);
}

static void every_kind_of_key_has_a_name(void **state)
{
	(void)state;
	for (int key = KEY_NONE; key <= KEY_OTHER; key++)
		assert_true(*cert_key_name((enum cert_key)key));
	assert_string_equal(cert_key_name(KEY_RSA_PSS), "RSA-PSS");
	assert_string_equal(cert_key_name(KEY_ED25519), "Ed25519");
}

/* ---- extensions, alerts ------------------------------------------------------------------------ */

static void extensions_stand_where_tls13_allows_them(void **state)
{
	(void)state;
	assert_string_equal(extension_find(EXT_SERVER_NAME)->name, "server_name");
	assert_int_equal(extension_find(EXT_SERVER_NAME)->tls13_messages, IN_CH | IN_EE);
	assert_int_equal(extension_find(EXT_KEY_SHARE)->tls13_messages, IN_CH | IN_SH | IN_HRR);
	assert_int_equal(extension_find(EXT_STATUS_REQUEST)->tls13_messages, IN_CH | IN_CR | IN_CERT);
	assert_int_equal(extension_find(42)->tls13_messages, IN_CH | IN_EE | IN_NST);
	assert_int_equal(extension_find(EXT_RENEGOTIATION_INFO)->tls13_messages, 0);
	assert_int_equal(extension_find(EXT_EXTENDED_MASTER_SECRET)->tls13_messages, 0);
}

static void grease_extensions_never_stand_in_an_answer(void **state)
{
	(void)state;
	EACH(row, extensions)
	{
		assert_int_equal(code_is_grease(row->code), starts(row->name, "GREASE"));
		if (code_is_grease(row->code))
			assert_false(row->tls13_messages & (IN_SH | IN_HRR | IN_EE | IN_CERT));
	}
}

static void alerts_go_by_their_protocol_names(void **state)
{
	(void)state;
	assert_string_equal(alert_text(ALERT_CLOSE_NOTIFY), "close_notify");
	assert_string_equal(alert_text(ALERT_HANDSHAKE_FAILURE), "handshake_failure");
	assert_string_equal(alert_text(ALERT_PROTOCOL_VERSION), "protocol_version");
	assert_string_equal(alert_text(ALERT_INAPPROPRIATE_FALLBACK), "inappropriate_fallback");
	assert_string_equal(alert_text(100), "no_renegotiation");
	assert_string_equal(alert_text(ALERT_NO_APPLICATION_PROTOCOL), "no_application_protocol");
}

/* ---- Diffie-Hellman primes --------------------------------------------------------------------- */

static void primes_are_consistent(void **state)
{
	size_t standard = 0;

	(void)state;
	EACH(row, dh_primes)
	{
		const struct group *group = group_find(row->group);

		assert_in_range(row->bits, 512, 8192);
		assert_false(row->safe && !row->prime);
		standard += row->group != 0;
		assert_true(!row->group || (group && group->kind == GROUP_FFDHE && group->bits == row->bits));
		assert_true(!row->group || has(row->name, group->name));
	}
	assert_int_equal(standard, 5);
}

static void the_composite_modulus_of_socat_is_known(void **state)
{
	size_t composite = 0;

	(void)state;
	EACH(row, dh_primes)
	{
		composite += !row->prime;
		assert_true(row->prime || starts(row->name, "socat 1.7.3.0"));
	}
	assert_int_equal(composite, 1);
}

static void a_prime_is_found_by_its_digest(void **state)
{
	/* ffdhe2048 */
	static const uint8_t sha256[32] = { 0x9C, 0xD3, 0xB7, 0xF3, 0x36, 0x87, 0x2F, 0x46, 0xC0, 0x94, 0x28,
		0xD1, 0xBB, 0xC1, 0x98, 0x77, 0xA4, 0xD4, 0x40, 0x51, 0x2C, 0xDA, 0x8D, 0x1C, 0x1C, 0xF0,
		0xCD, 0x6E, 0x33, 0x69, 0x89, 0x66 };
	const struct dh_prime *prime = dh_prime_find(sha256);

	(void)state;
	assert_non_null(prime);
	assert_string_equal(prime->name, "RFC 7919 ffdhe2048");
	assert_int_equal(prime->group, 0x0100);
	assert_true(prime->safe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_are_as_long_as_their_sources),
		cmocka_unit_test(tables_are_sorted_strictly),
		cmocka_unit_test(names_are_there_and_unique),
		cmocka_unit_test(names_but_those_of_drafts_are_one_word),
		cmocka_unit_test(every_row_is_found_by_its_code),
		cmocka_unit_test(every_row_is_found_by_either_of_its_names),
		cmocka_unit_test(what_no_table_has_is_not_found),
		cmocka_unit_test(names_are_found_in_either_case),
		cmocka_unit_test(grease_is_sixteen_codes),
		cmocka_unit_test(stable_versions_are_the_published_ones),
		cmocka_unit_test(all_suites_but_three_can_be_picked),
		cmocka_unit_test(grease_suites_are_never_picked),
		cmocka_unit_test(suite_texts_are_never_missing),
		cmocka_unit_test(aead_suites_and_no_others_have_the_mac_aead),
		cmocka_unit_test(cbc_is_in_the_cipher_of_cbc_suites_alone),
		cmocka_unit_test(tls13_suites_leave_key_exchange_and_authentication_open),
		cmocka_unit_test(export_suites_are_at_most_64_bits_strong),
		cmocka_unit_test(old_block_ciphers_have_blocks_of_64_bits),
		cmocka_unit_test(strength_is_the_key_size_but_for_triple_des),
		cmocka_unit_test(anonymous_and_static_suites_are_not_forward_secret),
		cmocka_unit_test(elliptic_suites_are_told_by_their_key_exchange),
		cmocka_unit_test(well_known_suites_are_right),
		cmocka_unit_test(sslv2_kinds_tell_export_and_bits),
		cmocka_unit_test(sixty_five_groups_can_be_picked),
		cmocka_unit_test(post_quantum_groups_are_for_tls13_alone),
		cmocka_unit_test(brainpool_has_a_code_for_each_version),
		cmocka_unit_test(groups_count_as_rsa_of_the_same_strength),
		cmocka_unit_test(every_group_that_can_be_picked_has_a_strength),
		cmocka_unit_test(well_known_groups_are_right),
		cmocka_unit_test(every_scheme_has_a_key_and_a_hash),
		cmocka_unit_test(well_known_schemes_are_right),
		cmocka_unit_test(every_kind_of_key_has_a_name),
		cmocka_unit_test(extensions_stand_where_tls13_allows_them),
		cmocka_unit_test(grease_extensions_never_stand_in_an_answer),
		cmocka_unit_test(alerts_go_by_their_protocol_names),
		cmocka_unit_test(primes_are_consistent),
		cmocka_unit_test(the_composite_modulus_of_socat_is_known),
		cmocka_unit_test(a_prime_is_found_by_its_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
