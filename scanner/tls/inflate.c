#include "scanner/tls/inflate.h"

#include <stdlib.h>

#include "scanner/base/die.h"

#ifdef HAVE_ZLIB
#include <zlib.h>

static bool undo_zlib(struct span packed, uint8_t *plain, size_t n)
{
	uLongf got = (uLongf)n;

	return uncompress(plain, &got, packed.p, (uLong)packed.n) == Z_OK && got == n;
}

static size_t pack_zlib(struct span plain)
{
	uLongf n = compressBound((uLong)plain.n);
	uint8_t *room = mem_new(n, 1);
	bool well = compress2(room, &n, plain.p, (uLong)plain.n, Z_BEST_COMPRESSION) == Z_OK;

	free(room);
	return well ? n : 0;
}
#endif

#ifdef HAVE_BROTLI
#include <brotli/decode.h>

static bool undo_brotli(struct span packed, uint8_t *plain, size_t n)
{
	size_t got = n;

	return BrotliDecoderDecompress(packed.n, packed.p, &got, plain) == BROTLI_DECODER_RESULT_SUCCESS && got == n;
}
#endif

#ifdef HAVE_ZSTD
#include <zstd.h>

static bool undo_zstd(struct span packed, uint8_t *plain, size_t n)
{
	return ZSTD_decompress(plain, n, packed.p, packed.n) == n;
}

static size_t pack_zstd(struct span plain)
{
	enum { LEVEL = 19 };
	size_t room_n = ZSTD_compressBound(plain.n), n;
	uint8_t *room = mem_new(room_n, 1);

	n = ZSTD_compress(room, room_n, plain.p, plain.n, LEVEL);
	free(room);
	return ZSTD_isError(n) ? 0 : n;
}
#endif

/* The last row keeps the table from being empty. */
static const struct row {
	uint32_t algorithm;
	bool (*undo)(struct span, uint8_t *, size_t);
	size_t (*pack)(struct span); /* NULL: only the decoder is linked */
} rows[] = {
#ifdef HAVE_BROTLI
	{ INFLATE_BROTLI, undo_brotli, NULL },
#endif
#ifdef HAVE_ZSTD
	{ INFLATE_ZSTD, undo_zstd, pack_zstd },
#endif
#ifdef HAVE_ZLIB
	{ INFLATE_ZLIB, undo_zlib, pack_zlib },
#endif
	{ 0, NULL, NULL },
};

struct codes inflate_algorithms(void)
{
	static uint32_t codes[sizeof rows / sizeof *rows];
	size_t n = 0;

	for (const struct row *r = rows; r->undo; r++)
		codes[n++] = r->algorithm;
	return (struct codes){ codes, n };
}

bool inflate_certificate(uint16_t algorithm, struct span packed, uint8_t *plain, size_t n)
{
	for (const struct row *r = rows; r->undo; r++)
		if (r->algorithm == algorithm)
			return r->undo(packed, plain, n);
	return false;
}

size_t inflate_packed_size(uint16_t algorithm, struct span plain)
{
	for (const struct row *r = rows; r->undo; r++)
		if (r->algorithm == algorithm)
			return r->pack ? r->pack(plain) : 0;
	return 0;
}
