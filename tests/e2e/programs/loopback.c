/* For LD_PRELOAD: a server that can only listen on every address listens on loopback instead. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static int is_v6_only(int fd)
{
	int on = 0;
	socklen_t n = sizeof on;

	return !getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, &n) && on;
}

/* A socket for both families is bound to 127.0.0.1 in its IPv6 clothes. */
static void narrow6(int fd, struct sockaddr_in6 *a)
{
	if (memcmp(&a->sin6_addr, &in6addr_any, sizeof in6addr_any))
		return;
	if (is_v6_only(fd))
		a->sin6_addr = in6addr_loopback;
	else
		inet_pton(AF_INET6, "::ffff:127.0.0.1", &a->sin6_addr);
}

static void narrow4(struct sockaddr_in *a)
{
	if (a->sin_addr.s_addr == htonl(INADDR_ANY))
		a->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

int bind(int fd, const struct sockaddr *address, socklen_t n)
{
	int (*next)(int, const struct sockaddr *, socklen_t);
	struct sockaddr_storage copy;

	*(void **)&next = dlsym(RTLD_NEXT, "bind");
	if (n > sizeof copy)
		return next(fd, address, n);
	memcpy(&copy, address, n);
	if (copy.ss_family == AF_INET)
		narrow4((struct sockaddr_in *)&copy);
	else if (copy.ss_family == AF_INET6)
		narrow6(fd, (struct sockaddr_in6 *)&copy);
	return next(fd, (const struct sockaddr *)&copy, n);
}
