/* A test server as a host of the simulated network: what its config asks of the driver is set on the host. */
#ifndef SIM_SIM_SERVER_H
#define SIM_SIM_SERVER_H

#include "tests/servers/config.h"
#include "tests/sim/net_sim.h"

struct sim_host *sim_serve(struct net *, const struct net_addr *, const struct server_config *);

#endif
