#include "scanner/dial.h"

#include <stdio.h>
#include <string.h>

struct lookup {
	struct net_addr *to;
	const char *error;
	bool found;
};

static void resolved(void *owner, const char *error, const struct net_addr *addrs, size_t n, bool cut)
{
	struct lookup *l = owner;

	(void)cut;
	l->error = error;
	l->found = !error && n > 0;
	if (l->found)
		*l->to = addrs[0];
}

static const char *family_text(const struct cli *c)
{
	return c->ipv4 ? "IPv4 " : c->ipv6 ? "IPv6 " : "";
}

bool dial_fits(const struct cli *c, const struct target *t)
{
	struct net_addr given = t->address;

	if (!(c->ip && net_addr_parse(c->ip, &given)) && !t->has_address)
		return true;
	if (net_addr_fits(&given, cli_family(c)))
		return true;
	fprintf(stderr, "tlsassay: %s: the address is not %s, and nothing else is wanted\n", t->input, c->ipv4 ? "IPv4" : "IPv6");
	return false;
}

bool dial_address(struct net *net, const struct cli *c, const struct target *t, struct net_addr *to)
{
	struct lookup l = { .to = to };

	if (c->ip && net_addr_parse(c->ip, to))
		l.found = true;
	else if (t->has_address) {
		*to = t->address;
		l.found = true;
	} else {
		net->ops->resolve(net, t->host, cli_family(c), resolved, &l);
		net->ops->run(net);
	}
	to->port = t->port;
	if (!l.found)
		fprintf(stderr, "tlsassay: %s: the name has no %saddress%s%s\n", t->host, family_text(c), l.error ? ": " : "",
			l.error ? l.error : "");
	return l.found;
}
