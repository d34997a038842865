#include "scanner/net/watch.h"

#include <signal.h>
#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/net/loop_uv.h"

static const int signals[] = { SIGTERM, SIGINT };

enum { SIGNALS = sizeof signals / sizeof *signals };

struct watch {
	union {
		uv_handle_t any;
		uv_poll_t poll;
		uv_signal_t signal;
	} handle[SIGNALS];
	size_t n, open;
	void (*call)(void *owner);
	void *owner;
};

static struct watch *watch_new(void (*ready)(void *owner), void *owner)
{
	struct watch *w = mem_new(1, sizeof *w);

	w->call = ready;
	w->owner = owner;
	return w;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct watch *w = poll->data;

	(void)status; /* what is wrong with it shows when it is read */
	(void)events;
	uv_poll_stop(poll);
	w->call(w->owner);
}

struct watch *watch_input(struct net *net, int fd, void (*ready)(void *owner), void *owner)
{
	struct watch *w = watch_new(ready, owner);

	if (uv_poll_init(net_uv_loop(net), &w->handle[0].poll, fd)) {
		free(w);
		return NULL;
	}
	w->n = 1;
	w->handle[0].any.data = w;
	return w;
}

void watch_once(struct watch *w)
{
	uv_poll_start(&w->handle[0].poll, UV_READABLE | UV_DISCONNECT, on_readable);
}

void watch_stop(struct watch *w)
{
	uv_poll_stop(&w->handle[0].poll);
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct watch *w = handle->data;

	(void)number;
	w->call(w->owner);
}

struct watch *watch_end(struct net *net, void (*asked)(void *owner), void *owner)
{
	struct watch *w = watch_new(asked, owner);

	for (w->n = 0; w->n < SIGNALS; w->n++) {
		uv_signal_t *one = &w->handle[w->n].signal;

		uv_signal_init(net_uv_loop(net), one);
		one->data = w;
		uv_signal_start(one, on_signal, signals[w->n]);
		uv_unref(&w->handle[w->n].any);
	}
	return w;
}

static void on_closed(uv_handle_t *handle)
{
	struct watch *w = handle->data;

	if (!--w->open)
		free(w);
}

void watch_free(struct watch *w)
{
	for (size_t i = 0; w && i < w->n; i++)
		w->open++;
	for (size_t i = 0, n = w ? w->n : 0; i < n; i++)
		uv_close(&w->handle[i].any, on_closed);
}
