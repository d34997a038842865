#include "scanner/facts/json.h"

#include <limits.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/base/text.h"

enum { JSON_DEPTH = 32 }; /* a record nests 7 deep */

static struct json_object *there(struct json_object *value)
{
	if (!value)
		die_memory();
	return value;
}

struct json_object *json_map(void)
{
	return there(json_object_new_object());
}

struct json_object *json_list(void)
{
	return there(json_object_new_array());
}

struct json_object *json_text(const char *utf8)
{
	size_t n;

	if (!utf8)
		return NULL;
	n = strlen(utf8);
	require(n <= INT_MAX);
	return there(json_object_new_string_len(utf8, (int)n));
}

struct json_object *json_int(int64_t v)
{
	return there(json_object_new_int64(v));
}

struct json_object *json_count(uint64_t v)
{
	return there(json_object_new_uint64(v));
}

struct json_object *json_flag(bool v)
{
	return there(json_object_new_boolean(v));
}

void json_set(struct json_object *map, const char *key, struct json_object *value)
{
	if (json_object_object_add(map, key, value) < 0)
		die_memory();
}

void json_push(struct json_object *list, struct json_object *value)
{
	if (json_object_array_add(list, value) < 0)
		die_memory();
}

/* Beyond ASCII a document has nothing but text, so an escape is right wherever such a character stands. */
static void escape_hidden(struct text *out, const char *json)
{
	const char *plain = json;

	for (const char *from = json; *json; from = json) {
		uint32_t c = text_next(&json);

		if (c < 0x7F || !text_hidden(c))
			continue;
		text_addn(out, plain, (size_t)(from - plain));
		text_fmt(out, "\\u%04x", (unsigned)c);
		plain = json;
	}
	text_add(out, plain);
}

char *json_dump(struct json_object *value, bool pretty)
{
	int flags =
	        JSON_C_TO_STRING_NOSLASHESCAPE | (pretty ? JSON_C_TO_STRING_PRETTY : JSON_C_TO_STRING_PLAIN);
	const char *json = json_object_to_json_string_length(value, flags, NULL);
	struct text out = { 0 };

	if (!json)
		die_memory();
	escape_hidden(&out, json);
	return out.s;
}

static const char *trouble(struct json_tokener *t, const struct json_object *value, size_t n)
{
	enum json_tokener_error error = json_tokener_get_error(t);

	if (error == json_tokener_continue)
		return "the document ends too early";
	if (error != json_tokener_success)
		return json_tokener_error_desc(error);
	if (!value)
		return "the document is null";
	return json_tokener_get_parse_end(t) < n ? "something follows the document" : NULL;
}

struct json_object *json_parse(const char *s, size_t n, const char **why)
{
	struct json_tokener *t = json_tokener_new_ex(JSON_DEPTH);
	struct json_object *value;

	if (!t)
		die_memory();
	json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	value = json_tokener_parse_ex(t, s, n <= INT_MAX ? (int)n : 0);
	*why = trouble(t, value, n);
	json_tokener_free(t);
	if (*why)
		json_object_put(value);
	return *why ? NULL : value;
}
