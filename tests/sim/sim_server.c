#include "tests/sim/sim_server.h"

#include "tests/servers/misbehave.h"
#include "tests/servers/server.h"

struct sim_host *sim_serve(struct net *net, const struct net_addr *addr, const struct server_config *c)
{
	static const enum sim_connect openings[] = {
		[OPENING_ACCEPT] = SIM_ACCEPT,
		[OPENING_REFUSE] = SIM_REFUSE,
		[OPENING_DROP] = SIM_DROP,
		[OPENING_RESET] = SIM_RESET,
	};
	struct sim_host *h = net_sim_listen(net, addr, &server_peer, c);

	if (c->row)
		h->connect = openings[c->row->opening];
	h->at_once = c->at_once;
	h->refuse_after = c->refuse_after;
	h->tarpit_after = c->tarpit_after;
	return h;
}
