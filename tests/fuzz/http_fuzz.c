/* Fuzz target of http_read(): any bytes are one of its kinds, what is whole stays whole, and values are text. */
#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/base/http.h"
#include "scanner/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(struct span part, struct span all)
{
	return part.n <= all.n && part.p >= all.p && part.p + part.n <= all.p + all.n;
}

static void look_at(const struct http_head *h, struct span bytes)
{
	struct arena arena = { 0 };

	require(h->status >= 100 && h->status <= 999 && h->bytes <= bytes.n && h->bytes <= HTTP_HEAD_MAX);
	require(h->fields_n <= HTTP_FIELDS_MAX);
	for (size_t i = 0; i < h->fields_n; i++) {
		const struct http_field *f = &h->fields[i];
		const char *value = http_value(&arena, f, 64), *p = value;

		require(inside(f->name, bytes) && inside(f->value, bytes) && f->name.n);
		require(!strchr(value, '\n') && strlen(value) <= 64 * 3 + 3);
		while (text_next(&p))
			;
	}
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_head whole, less;
	struct span bytes = { data, size };
	enum http_kind kind = http_read(bytes, &whole);

	if (kind == HTTP_WHOLE)
		look_at(&whole, bytes);
	else
		require(!whole.fields_n);
	if (size && http_read((struct span){ data, size - 1 }, &less) == HTTP_WHOLE)
		require(kind == HTTP_WHOLE && whole.bytes == less.bytes && whole.fields_n == less.fields_n);
	return 0;
}
