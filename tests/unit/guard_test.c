/* Every range of the guard, at its first and last address, and what lies beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "scanner/net/guard.h"

static const struct {
	const char *first, *last;
	enum guard_kind kind;
} ranges[] = {
	{ "0.0.0.0", "0.255.255.255", GUARD_NEVER },
	{ "1.0.0.0", "9.255.255.255", GUARD_PUBLIC },
	{ "10.0.0.0", "10.255.255.255", GUARD_PRIVATE },
	{ "11.0.0.0", "100.63.255.255", GUARD_PUBLIC },
	{ "100.64.0.0", "100.100.100.199", GUARD_PRIVATE },
	{ "100.100.100.200", "100.100.100.200", GUARD_NEVER },
	{ "100.100.100.201", "100.127.255.255", GUARD_PRIVATE },
	{ "100.128.0.0", "126.255.255.255", GUARD_PUBLIC },
	{ "127.0.0.0", "127.255.255.255", GUARD_PRIVATE },
	{ "128.0.0.0", "168.63.129.15", GUARD_PUBLIC },
	{ "168.63.129.16", "168.63.129.16", GUARD_NEVER },
	{ "168.63.129.17", "169.253.255.255", GUARD_PUBLIC },
	{ "169.254.0.0", "169.254.255.255", GUARD_NEVER },
	{ "169.254.169.254", "169.254.169.254", GUARD_NEVER },
	{ "169.255.0.0", "172.15.255.255", GUARD_PUBLIC },
	{ "172.16.0.0", "172.31.255.255", GUARD_PRIVATE },
	{ "172.32.0.0", "191.255.255.255", GUARD_PUBLIC },
	{ "192.0.0.0", "192.0.0.255", GUARD_NEVER },
	{ "192.0.1.0", "192.0.1.255", GUARD_PUBLIC },
	{ "192.0.2.0", "192.0.2.255", GUARD_NEVER },
	{ "192.0.3.0", "192.31.195.255", GUARD_PUBLIC },
	{ "192.31.196.0", "192.31.196.255", GUARD_NEVER },
	{ "192.31.197.0", "192.52.192.255", GUARD_PUBLIC },
	{ "192.52.193.0", "192.52.193.255", GUARD_NEVER },
	{ "192.52.194.0", "192.88.98.255", GUARD_PUBLIC },
	{ "192.88.99.0", "192.88.99.255", GUARD_NEVER },
	{ "192.88.100.0", "192.167.255.255", GUARD_PUBLIC },
	{ "192.168.0.0", "192.168.255.255", GUARD_PRIVATE },
	{ "192.169.0.0", "192.175.47.255", GUARD_PUBLIC },
	{ "192.175.48.0", "192.175.48.255", GUARD_NEVER },
	{ "192.175.49.0", "198.17.255.255", GUARD_PUBLIC },
	{ "198.18.0.0", "198.19.255.255", GUARD_NEVER },
	{ "198.20.0.0", "198.51.99.255", GUARD_PUBLIC },
	{ "198.51.100.0", "198.51.100.255", GUARD_NEVER },
	{ "198.51.101.0", "203.0.112.255", GUARD_PUBLIC },
	{ "203.0.113.0", "203.0.113.255", GUARD_NEVER },
	{ "203.0.114.0", "223.255.255.255", GUARD_PUBLIC },
	{ "224.0.0.0", "239.255.255.255", GUARD_NEVER },
	{ "240.0.0.0", "255.255.255.255", GUARD_NEVER },
	{ "::", "::", GUARD_NEVER },
	{ "::1", "::1", GUARD_PRIVATE },
	{ "::2", "::fffe:ffff:ffff", GUARD_NEVER }, /* IPv4-compatible among them */
	{ "::ffff:0.0.0.0", "::ffff:255.255.255.255", GUARD_NEVER },
	{ "::ffff:127.0.0.1", "::ffff:93.184.216.34", GUARD_NEVER },
	{ "64:ff9b::1.0.0.0", "64:ff9b::9.255.255.255", GUARD_PUBLIC },
	{ "64:ff9b::10.0.0.1", "64:ff9b::127.0.0.1", GUARD_PRIVATE },
	{ "64:ff9b::169.254.169.254", "64:ff9b::224.0.0.1", GUARD_NEVER },
	{ "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", GUARD_NEVER },
	{ "100::", "100::ffff:ffff:ffff:ffff", GUARD_NEVER },
	{ "1fff:ffff::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", GUARD_NEVER },
	{ "2000::", "2000:ffff::", GUARD_PUBLIC },
	{ "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", GUARD_NEVER }, /* Teredo, ORCHID */
	{ "2001:200::", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", GUARD_PUBLIC },
	{ "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", GUARD_NEVER },
	{ "2001:db9::", "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", GUARD_PUBLIC },
	{ "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", GUARD_NEVER },
	{ "2003::", "2620:4f:7fff:ffff:ffff:ffff:ffff:ffff", GUARD_PUBLIC },
	{ "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", GUARD_NEVER },
	{ "2620:4f:8001::", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", GUARD_PUBLIC },
	{ "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", GUARD_NEVER },
	{ "3fff:1000::", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", GUARD_PUBLIC },
	{ "4000::", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", GUARD_NEVER },
	{ "fc00::", "fd00:ec2::253", GUARD_PRIVATE },
	{ "fd00:ec2::254", "fd00:ec2::254", GUARD_NEVER },
	{ "fd00:ec2::255", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", GUARD_PRIVATE },
	{ "fe00::", "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", GUARD_NEVER },
	{ "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", GUARD_NEVER },
	{ "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", GUARD_NEVER },
	{ "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", GUARD_NEVER },
};

static void hold(const char *text, enum guard_kind kind)
{
	struct net_addr a = { 0 };

	assert_true(net_addr_parse(text, &a));
	if (guard_of(&a) != kind)
		fail_msg("%s is of kind %d, not %d", text, (int)guard_of(&a), (int)kind);
	assert_int_equal(guard_allows(&a, false), kind == GUARD_PUBLIC);
	assert_int_equal(guard_allows(&a, true), kind != GUARD_NEVER);
}

static void every_range_is_of_its_kind_from_end_to_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		hold(ranges[i].first, ranges[i].kind);
		hold(ranges[i].last, ranges[i].kind);
	}
}

/* Each row of the table is there for something: at its first address it decides. */
static void no_row_is_hidden_by_one_before_it(void **state)
{
	static const char *const firsts[] = {
#define GUARD(name, first, prefix, kind, what) first,
#include "scanner/net/guard.def"
#undef GUARD
	};
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++)
		for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++) {
			struct net_addr a = { 0 }, b = { 0 };

			assert_true(net_addr_parse(firsts[i], &a) && net_addr_parse(ranges[k].first, &b));
			if (net_addr_equal(&a, &b)) {
				seen++;
				break;
			}
		}
	/* That of NAT64 is given by what it holds. */
	assert_int_equal(seen, sizeof firsts / sizeof *firsts - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_range_is_of_its_kind_from_end_to_end),
		cmocka_unit_test(no_row_is_hidden_by_one_before_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
