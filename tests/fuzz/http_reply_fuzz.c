/*
 * Fuzz target of scanner/base/http_reply: the first byte says where to split, the rest is a response. Split or whole it
 * is the same, the body keeps its limit, and a location is either a URL or refused.
 */
#include "scanner/base/die.h"
#include "scanner/base/http_reply.h"

enum { BODY_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void follow(const struct http_reply *r)
{
	struct url from = { .host = "a", .port = 80, .path = "/b/c" }, to;

	if (r->has_location && url_follow(&from, (struct span){ (const uint8_t *)r->location, r->location_n }, &to) == URL_HTTP)
		require(to.path[0] == '/' && to.port && !strpbrk(to.path, " \r\n") && !strpbrk(to.host, " /\r\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_reply whole = { .max = BODY_MAX }, split = { .max = BODY_MAX };
	size_t at;

	if (!size)
		return 0;
	at = data[0] < size - 1 ? data[0] : size - 1;
	http_reply_feed(&whole, data + 1, size - 1);
	http_reply_feed(&split, data + 1, at);
	http_reply_feed(&split, data + 1 + at, size - 1 - at);
	http_reply_close(&whole);
	http_reply_close(&split);
	require(whole.state == split.state && whole.status == split.status && whole.body.n == split.body.n);
	require(whole.state != REPLY_PART && whole.body.n <= BODY_MAX);
	require(!whole.body.n || !memcmp(whole.body.s, split.body.s, whole.body.n));
	follow(&whole);
	http_reply_free(&whole);
	http_reply_free(&split);
	return 0;
}
