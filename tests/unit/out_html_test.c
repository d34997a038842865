#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/html_script.h"
#include "tests/unit/written.h"

static const struct output plain = { .width = 0 };

static void has(const char *page, const char *part)
{
	if (!strstr(page, part))
		fail_msg("not there: %s", part);
}

/* ---- a strict reader of the page
 * ----------------------------------------------------------------------------- */

static const char *const tags[] = { "html", "head", "meta", "title", "style", "body", "main", "nav",
	"article", "section", "header", "footer", "h1", "h2", "h3", "h4", "p", "div", "span", "strong", "a",
	"i", "br", "wbr", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tr",
	"th", "td", "details", "summary", "time", "pre", "code",
	"input", "label", "script", NULL };
static const char *const empty_tags[] = { "meta", "br", "wbr", "input", NULL };
static const char *const attributes[] = { "lang", "charset", "http-equiv", "content", "name", "id", "class",
	"role", "aria-label", "aria-hidden", "href", "style", "scope", "type", "for",
	"checked", "data-sort", "colspan", "open", "aria-labelledby", NULL };

static bool among(const char *s, size_t n, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == n && !strncmp(*list, s, n))
			return true;
	return false;
}

enum { DEPTH = 64, TAG = 16 };

struct reader {
	const char *s;
	char open[DEPTH][TAG];
	size_t depth;
};

/* attribute="value", the value without markup and, for links, only into the page itself */
static void read_attribute(struct reader *r)
{
	const char *name = r->s, *value;
	size_t n = strcspn(r->s, "=> "), length;

	if (!among(name, n, attributes) || name[n] != '=' || name[n + 1] != '"')
		fail_msg("attribute: %.40s", name);
	value = name + n + 2;
	length = strcspn(value, "\"<>");
	if (value[length] != '"')
		fail_msg("value: %.40s", value);
	if (n == 4 && !strncmp(name, "href", 4) && strncmp(value, "#e", 2))
		fail_msg("link: %.40s", value);
	r->s = value + length + 1;
}

static void close_tag(struct reader *r, const char *name, size_t n)
{
	if (!r->depth || strlen(r->open[r->depth - 1]) != n || strncmp(r->open[r->depth - 1], name, n))
		fail_msg("closes what is not open: %.40s", name);
	r->depth--;
}

static void open_tag(struct reader *r, const char *name, size_t n)
{
	assert_true(r->depth < DEPTH && n < TAG);
	memcpy(r->open[r->depth], name, n);
	r->open[r->depth++][n] = 0;
}

/* At the character after '<'. */
static void read_tag(struct reader *r)
{
	bool closing = *r->s == '/';
	const char *name = r->s + closing;
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz123456");

	if (!among(name, n, tags))
		fail_msg("tag: <%.40s", r->s);
	if (n == 6 && !closing && !strncmp(name, "script", n)) {
		/* ours, byte for byte, or the policy would not let it run */
		assert_true(name[n] == '>' && !strncmp(name + n + 1, html_script, strlen(html_script)));
		r->s = name + n + 1 + strlen(html_script);
		assert_true(!strncmp(r->s, "</script>", strlen("</script>")));
		r->s += strlen("</script>");
		return;
	}
	for (r->s = name + n; *r->s == ' ';) {
		r->s++;
		read_attribute(r);
	}
	if (*r->s++ != '>')
		fail_msg("tag does not end: <%.40s", name);
	if (closing)
		close_tag(r, name, n);
	else if (!among(name, n, empty_tags))
		open_tag(r, name, n);
}

static void read_entity(struct reader *r)
{
	static const char *const known[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;", NULL };

	for (size_t i = 0; known[i]; i++)
		if (!strncmp(r->s, known[i], strlen(known[i]))) {
			r->s += strlen(known[i]);
			return;
		}
	fail_msg("bare ampersand: %.40s", r->s);
}

/* Fails the test unless the page is well formed and has only tags, attributes and links of ours. */
static void assert_strict(const char *page)
{
	static const char doctype[] = "<!DOCTYPE html>\n";
	struct reader r = { .s = page };

	assert_true(!strncmp(page, doctype, sizeof doctype - 1));
	r.s += sizeof doctype - 1;
	while (*r.s) {
		unsigned char c = (unsigned char)*r.s;

		if ((c < 0x20 && c != '\n') || c == 0x7F || (c == 0xC2 && (unsigned char)r.s[1] < 0xA0))
			fail_msg("raw control byte %02x", c);
		if (c == '&') {
			read_entity(&r);
		} else if (c == '<') {
			r.s++;
			read_tag(&r);
		} else if (c == '>' || c == '"' || c == '\'') {
			/* quotes of ours are in the style alone */
			if (!r.depth || strcmp(r.open[r.depth - 1], "style"))
				if (c == '>')
					fail_msg("bare >: %.40s", r.s);
			r.s++;
		} else {
			r.s++;
		}
	}
	assert_int_equal(r.depth, 0);
}

/* ---- tests
 * --------------------------------------------------------------------------------------------------- */

static void the_page_is_well_formed(void **state)
{
	char *page =
	        WRITTEN("html", plain, sample_good(), sample_legacy(), sample_refused(), sample_tls13_only());

	(void)state;
	assert_strict(page);
	free(page);
}

static void hostile_text_stays_text(void **state)
{
	char *page = WRITTEN("html", plain, sample_hostile(), sample_hostile());

	(void)state;
	assert_strict(page);
	assert_null(strstr(strstr(page, "<script>") + 1, "<script")); /* but that of the index */
	assert_null(strstr(page, "<img"));
	assert_null(strstr(page, "\xe2\x80\xae"));
	has(page, "&lt;script&gt;");
	free(page);
}

static void nothing_is_fetched_and_nothing_runs(void **state)
{
	char *page = WRITTEN("html", plain, sample_legacy());

	(void)state;
	has(page, "content=\"default-src 'none'; style-src 'unsafe-inline'\"");
	assert_null(strstr(page, "<script"));
	assert_null(strstr(page, "src="));
	assert_null(strstr(page, "url("));
	assert_null(strstr(page, "@import"));
	assert_null(strstr(page, "://"));
	free(page);
}

static void grade_and_reasons_stand_on_top(void **state)
{
	char *page = WRITTEN("html", plain, sample_legacy());
	const char *badge = strstr(page, "aria-label=\"Grade F\""),
	           *reasons = strstr(page, "What to do next");
	const char *protocols = strstr(page, ">Protocols<");

	(void)state;
	assert_true(badge && reasons && protocols && badge < reasons && reasons < protocols);
	has(page, "prefers-color-scheme:dark");
	has(page, "@media print");
	has(page, "name=\"viewport\"");
	free(page);
}

static void several_endpoints_have_an_index(void **state)
{
	char *one = WRITTEN("html", plain, sample_good());
	char *three = WRITTEN("html", plain, sample_good(), sample_legacy(), sample_refused());

	(void)state;
	assert_null(strstr(one, "<nav"));
	has(one, "<title>TLS report: example.org:443</title>");
	has(three, "<nav aria-labelledby=\"endpoints\">");
	has(three, "href=\"#e3\"");
	has(three, "<article id=\"e3\" aria-labelledby=\"e3-name\">");
	has(three, "<title>TLS report: 3 endpoints</title>");
	free(one);
	free(three);
}

static void the_index_tells_what_is_worst_and_sorts_by_numbers_of_ours(void **state)
{
	char *page = WRITTEN("html", plain, sample_good(), sample_legacy(), sample_refused());

	(void)state;
	has(page, "<td data-sort=\"0\"><span class=\"chip bad\">critical</span> ");
	has(page, "<td data-sort=\"99\"><span class=\"chip none\">");
	has(page, "<span class=\"chip bad\">F × 1</span>");
	has(page, "; script-src 'sha256-");
	free(page);
}

static void lines_to_paste_are_those_of_the_server_or_stand_under_tabs(void **state)
{
	struct record *r = sample_legacy(), *nginx = sample_legacy();
	char *all, *one, *none = WRITTEN("html", plain, sample_good());

	(void)state;
	sample_text(nginx, OBS_KEY_HTTP_SERVER, 0, "nginx/1.22.1");
	sample_text(r, OBS_KEY_HTTP_SERVER, 0, "<b>mine</b>");
	all = WRITTEN("html", plain, r);
	one = WRITTEN("html", plain, nginx);
	has(all, "<label for=\"t1-versions-0\">nginx</label>");
	has(all, "ssl_min_protocol = TLSv1.2");
	has(one, "<pre><code>ssl_protocols TLSv1.2 TLSv1.3;</code></pre>");
	assert_null(strstr(one, "ssl_min_protocol"));
	assert_null(strstr(none, "ssl_protocols"));
	assert_strict(all);
	assert_strict(one);
	free(all);
	free(one);
	free(none);
}

static void an_error_says_what_went_wrong(void **state)
{
	char *page = WRITTEN("html", plain, sample_refused());

	(void)state;
	has(page, "unreachable: the connection was refused (REFUSED)");
	assert_null(strstr(page, "Cipher suites"));
	free(page);
}

static void features_have_names_marks_and_versions(void **state)
{
	struct record *r = sample_good();
	char *page;

	(void)state;
	sample_tri(r, OBS_KEY_EMS, VER_TLS11, TRI_YES);
	sample_tri(r, OBS_KEY_EMS, VER_SSL3, TRI_NO);
	page = WRITTEN("html", plain, r);
	has(page, "<th scope=\"row\">Extended master secret</th><td><div><span class=\"chip good\">yes</span>"
	          "<span class=\"soft small\">TLSv1.2, TLSv1.1</span></div><div><span class=\"chip weak\">no"
	          "</span><span class=\"soft small\">SSLv3</span></div></td>");
	has(page,
	        "<th scope=\"row\">Application protocols</th><td><div><span>h2, http/1.1</span></div></td>");
	free(page);
}

static void each_trust_store_has_its_verdict(void **state)
{
	char *page = WRITTEN("html", plain, sample_two_stores());

	(void)state;
	has(page, "<dt>Trust, system</dt><dd><span class=\"chip good\">trusted by 2 paths</span></dd>");
	has(page, "<li class=\"anchor\"><p class=\"small\">an anchor of the store system</p></li>");
	has(page, "<dt>Trust, mine</dt><dd><span class=\"chip bad\">not trusted</span> unknown_issuer</dd>");
	free(page);
}

static void of_a_fix_only_what_to_do_is_bold(void **state)
{
	char *page = WRITTEN("html", plain, sample_legacy());

	(void)state;
	has(page, "<strong>Remove:</strong> <span class=\"name\">TLS_<wbr>");
	has(page, "<strong>Switch TLSv1.0 off.</strong></p>");
	free(page);
}

static void each_fix_names_the_clients_that_it_would_lose(void **state)
{
	char *page = WRITTEN("html", plain, sample_legacy());
	const char *fix = strstr(page, "<strong>Switch TLSv1.0 off.</strong>"), *lost, *next;

	(void)state;
	assert_non_null(fix);
	lost = strstr(fix, "<p class=\"soft small\">would lose Android 4.0.4, Android 4.1.1, ");
	next = strstr(fix, "</li>");
	assert_true(lost && next && lost < next);
	has(page, "<p class=\"soft small\">no known client would be lost</p>");
	free(page);
}

static void a_long_name_is_folded_at_its_joints_only(void **state)
{
	char *page = WRITTEN("html", plain, sample_legacy());

	(void)state;
	has(page, "<span "
	          "class=\"name\">TLS_<wbr>ECDHE_<wbr>RSA_<wbr>WITH_<wbr>AES_<wbr>256_<wbr>GCM_<wbr>SHA384"
	          "</span>");
	free(page);
}

static void an_address_that_is_the_target_is_not_said_twice(void **state)
{
	struct record *r = sample_refused(), *named = sample_refused();
	char *page;

	(void)state;
	r->host = r->ip;
	page = WRITTEN("html", plain, r, named);
	has(page, "<a href=\"#e1\">192.0.2.1:<wbr>443</a></th>");
	has(page, "<a href=\"#e2\">example.org:<wbr>443</a> <span class=\"soft\">192.0.2.1</span></th>");
	free(page);
}

/* The page of a server without Strict-Transport-Security, which a waiver lets pass. */
static char *waived(void)
{
	struct record *r = sample_good();
	struct output o = plain;
	struct judgement *j;
	char *text = NULL;
	size_t size = 0;

	sample_obs(r, OBS_KEY_HSTS, 0)->text = "absent";
	j = judge(r);
	for (size_t i = 0; i < j->findings_count; i++)
		if (!strcmp(j->findings[i].id, "http.hsts_missing"))
			j->findings[i].state = FINDING_WAIVED;
	o.file = open_memstream(&text, &size);
	writer_open(writer_find("html"), &o);
	writer_endpoint(writer_find("html"), &o, r, j);
	assert_true(writer_close(writer_find("html"), &o));
	fclose(o.file);
	judgement_free(j);
	record_free(r);
	return text;
}

static void of_a_mail_server_the_usual_tab_is_open(void **state)
{
	struct record *r = sample_legacy();
	char *page;

	(void)state;
	r->starttls = "smtp";
	page = WRITTEN("html", plain, r);
	assert_strict(page);
	has(page, " checked=\"checked\"><label for=\"t1-versions-5\">Postfix</label>");
	free(page);
}

static void what_is_waived_keeps_its_lines(void **state)
{
	char *page = waived();

	(void)state;
	assert_strict(page);
	has(page, "<span class=\"mono\">http.hsts_missing</span> (waived)");
	has(page, "Strict-Transport-Security max-age=");
	has(page, ", 1 waived</summary>");
	free(page);
}

static void clients_have_a_table_of_what_they_get(void **state)
{
	char *page = WRITTEN("html", plain, sample_legacy());

	(void)state;
	has(page, "<details open=\"open\"><summary>Clients in use</summary>");
	has(page, "<th scope=\"row\">IE 8 Win 7</th><td>TLSv1.0</td>");
	has(page, " <span class=\"remark\">no forward secrecy</span></td>");
	has(page, "<td colspan=\"4\">fails: no protocol version in common</td>");
	free(page);
}

static void who_was_not_reached_has_no_number_of_failures(void **state)
{
	char *page = WRITTEN("html", plain, sample_refused(), sample_good());

	(void)state;
	assert_strict(page);
	has(page, "<span class=\"soft\">unreachable: the connection was refused (REFUSED)</span></td><td class=\"wide\" data-sort=\"0\">–</td>");
	free(page);
}

static void a_page_without_endpoints_is_a_page(void **state)
{
	char *page = written("html", plain, NULL, 0);

	(void)state;
	assert_strict(page);
	has(page, "0 endpoints");
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_is_well_formed),
		cmocka_unit_test(hostile_text_stays_text),
		cmocka_unit_test(nothing_is_fetched_and_nothing_runs),
		cmocka_unit_test(grade_and_reasons_stand_on_top),
		cmocka_unit_test(several_endpoints_have_an_index),
		cmocka_unit_test(the_index_tells_what_is_worst_and_sorts_by_numbers_of_ours),
		cmocka_unit_test(lines_to_paste_are_those_of_the_server_or_stand_under_tabs),
		cmocka_unit_test(an_error_says_what_went_wrong),
		cmocka_unit_test(features_have_names_marks_and_versions),
		cmocka_unit_test(each_trust_store_has_its_verdict),
		cmocka_unit_test(of_a_fix_only_what_to_do_is_bold),
		cmocka_unit_test(each_fix_names_the_clients_that_it_would_lose),
		cmocka_unit_test(a_long_name_is_folded_at_its_joints_only),
		cmocka_unit_test(an_address_that_is_the_target_is_not_said_twice),
		cmocka_unit_test(of_a_mail_server_the_usual_tab_is_open),
		cmocka_unit_test(what_is_waived_keeps_its_lines),
		cmocka_unit_test(clients_have_a_table_of_what_they_get),
		cmocka_unit_test(who_was_not_reached_has_no_number_of_failures),
		cmocka_unit_test(a_page_without_endpoints_is_a_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
