#include "scanner/facts/json.h"

#include <inttypes.h>
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

/* ---- writing: json-c's own writer loses what it finds no memory for, and says nothing ------------------------------ */

static void newline(struct text *out, bool pretty, size_t depth)
{
	if (!pretty)
		return;
	text_char(out, '\n');
	for (; depth; depth--)
		text_add(out, "  ");
}

/* The two-character form of an ASCII character, 0 where it has none. */
static char short_escape(uint32_t c)
{
	static const char plain[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
	const char *at = c && c < 0x80 ? strchr(plain, (int)c) : NULL;

	return at ? letters[at - plain] : 0;
}

static void escape(struct text *out, uint32_t c)
{
	char letter = short_escape(c);

	if (letter)
		text_fmt(out, "\\%c", letter);
	else if (c > 0xFFFF) /* as two surrogates, RFC 8259 section 7 */
		text_fmt(out, "\\u%04x\\u%04x", (unsigned)(0xD7C0 + (c >> 10)), (unsigned)(0xDC00 | (c & 0x3FF)));
	else
		text_fmt(out, "\\u%04x", (unsigned)c);
}

/* Nearly all of it: printable ASCII that stands for itself. */
static const char *pass_plain(const char *s, const char *end)
{
	while (s < end && *s >= ' ' && *s < 0x7F && *s != '"' && *s != '\\')
		s++;
	return s;
}

static void write_text(struct text *out, const char *s, size_t n)
{
	const char *end = s + n, *plain = s, *from;

	text_char(out, '"');
	while ((from = s = pass_plain(s, end)) < end) {
		uint32_t c = *s ? text_next(&s) : (uint32_t)(unsigned char)*s++;

		if (!text_hidden(c) && !short_escape(c))
			continue;
		text_addn(out, plain, (size_t)(from - plain));
		escape(out, c);
		plain = s;
	}
	text_addn(out, plain, (size_t)(end - plain));
	text_char(out, '"');
}

static void write_value(struct text *out, struct json_object *, bool pretty, size_t depth);

static void write_list(struct text *out, struct json_object *list, bool pretty, size_t depth)
{
	size_t n = json_object_array_length(list);

	text_char(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i)
			text_char(out, ',');
		newline(out, pretty, depth + 1);
		write_value(out, json_object_array_get_idx(list, i), pretty, depth + 1);
	}
	if (n)
		newline(out, pretty, depth);
	text_char(out, ']');
}

static void write_map(struct text *out, struct json_object *map, bool pretty, size_t depth)
{
	struct json_object_iterator at = json_object_iter_begin(map), end = json_object_iter_end(map);
	bool first = true;

	text_char(out, '{');
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		const char *name = json_object_iter_peek_name(&at);

		if (!first)
			text_char(out, ',');
		first = false;
		newline(out, pretty, depth + 1);
		write_text(out, name, strlen(name));
		text_char(out, ':');
		write_value(out, json_object_iter_peek_value(&at), pretty, depth + 1);
	}
	if (!first)
		newline(out, pretty, depth);
	text_char(out, '}');
}

static void write_int(struct text *out, struct json_object *value)
{
	int64_t v = json_object_get_int64(value);

	if (v < 0)
		text_fmt(out, "%" PRId64, v);
	else
		text_fmt(out, "%" PRIu64, json_object_get_uint64(value));
}

static void write_value(struct text *out, struct json_object *value, bool pretty, size_t depth)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		text_add(out, "null");
		break;
	case json_type_boolean:
		text_add(out, json_object_get_boolean(value) ? "true" : "false");
		break;
	case json_type_int:
		write_int(out, value);
		break;
	case json_type_string:
		write_text(out, json_object_get_string(value), (size_t)json_object_get_string_len(value));
		break;
	case json_type_array:
		write_list(out, value, pretty, depth);
		break;
	case json_type_object:
		write_map(out, value, pretty, depth);
		break;
	default:
		die("a number that is no integer in a document of ours");
	}
}

char *json_dump(struct json_object *value, bool pretty)
{
	struct text out = { 0 };

	write_value(&out, value, pretty, 0);
	return out.s;
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

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

struct json_object *json_parse_at(const char *s, size_t n, const char **why, size_t *at)
{
	struct json_tokener *t = json_tokener_new_ex(JSON_DEPTH);
	struct json_object *value;

	if (!t)
		die_memory();
	json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	value = json_tokener_parse_ex(t, s, n <= INT_MAX ? (int)n : 0);
	*why = trouble(t, value, n);
	*at = json_tokener_get_parse_end(t);
	json_tokener_free(t);
	if (*why)
		json_object_put(value);
	return *why ? NULL : value;
}

struct json_object *json_parse(const char *s, size_t n, const char **why)
{
	size_t at;

	return json_parse_at(s, n, why, &at);
}
