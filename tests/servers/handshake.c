#include "tests/servers/handshake.h"

#include <stdlib.h>

#include "scanner/base/die.h"
#include "tests/servers/misbehave.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { TICKS = 400, ROUNDS = 200 };

static const uint32_t all_schemes[] = { 0x0403, 0x0804, 0x0805, 0x0806, 0x0807, 0x0401, 0x0501, 0x0601,
	0x0201, 0x0203 };
static const uint32_t all_groups[] = { 0x001D, 0x0017, 0x0018, 0x0019, 0x0100 };

void meeting_init(struct meeting *m, const char *row, const char *config)
{
	char wrong[128];

	*m = (struct meeting){ .chunk = WHOLE };
	if (row)
		require(misbehaviour_config(&m->config, row, 0));
	else
		config_sound(&m->config);
	require(!config || config_read(&m->config, config, wrong));
	for (size_t i = 0; i < sizeof(m->entropy.secret); i++) {
		m->entropy.random[i] = (uint8_t)(i + 1);
		m->entropy.session_id[i] = (uint8_t)(i + 50);
		m->entropy.secret[i] = (uint8_t)(i + 100);
	}
	m->hello = (struct hello){ .version = VER_TLS12,
		.groups = { all_groups, COUNT(all_groups) },
		.schemes = { all_schemes, COUNT(all_schemes) },
		.sni = "server.test",
		.offer = COMMON };
	m->client = (struct hs_config){ .hello = &m->hello, .entropy = &m->entropy, .arena = &m->arena };
}

void set_codes(struct meeting *m, struct codes *list, uint32_t code)
{
	*list = (struct codes){ arena_copy(&m->arena, &code, sizeof(code)), 1 };
}

void set_13(struct meeting *m, uint32_t suite, uint32_t group)
{
	m->hello.version = VER_TLS13;
	set_codes(m, &m->hello.suites, suite);
	set_codes(m, &m->hello.shares, group);
}

void converse(struct meeting *m, struct text *said)
{
	for (int round = 0; round < ROUNDS && said->n && !m->ended; round++) {
		uint64_t wait_us = m->out.wait_us; /* a stream goes on, whatever is said meanwhile */
		struct text answer = { 0 };
		size_t step;

		peer_out_clear(&m->out);
		m->out.wait_us = wait_us;
		for (size_t at = 0; at < said->n; at += step) {
			step = said->n - at < m->chunk ? said->n - at : m->chunk;
			server_peer.received(m->server, (const uint8_t *)said->s + at, step, &m->out);
		}
		for (size_t at = 0; at < m->out.n; at += step) {
			step = m->out.n - at < m->chunk ? m->out.n - at : m->chunk;
			hs_feed(m->hs, m->out.bytes + at, step, 0, &answer);
		}
		m->ended = m->out.end;
		text_free(said);
		*said = answer;
	}
	text_free(said);
}

void tick(struct meeting *m)
{
	struct text answer = { 0 };

	for (int i = 0; i < TICKS && m->out.wait_us && !m->out.end && hs_phase(m->hs) != HS_FAILED; i++) {
		peer_out_clear(&m->out);
		server_peer.tick(m->server, &m->out);
		hs_feed(m->hs, m->out.bytes, m->out.n, 0, &answer);
		m->ended = m->out.end;
	}
	text_free(&answer);
}

void meeting_begin(struct meeting *m, struct text *said)
{
	m->server = mem_new(1, server_peer.state_size);
	m->hs = hs_new(&m->client);
	m->result = hs_result(m->hs);
	server_peer.accepted(m->server, &m->config, 0, &m->out);
	hs_start(m->hs, said);
	if (m->out.n) /* it greets */
		hs_feed(m->hs, m->out.bytes, m->out.n, 0, said);
}

void meet(struct meeting *m)
{
	struct text said = { 0 };

	meeting_begin(m, &said);
	converse(m, &said);
	tick(m);
	if (m->ended)
		hs_end(m->hs, m->out.end == PEER_RESET ? ENDING_RESET : ENDING_CLOSED);
}

void part(struct meeting *m)
{
	server_peer.closed(m->server);
	free(m->server);
	hs_free(m->hs);
	peer_out_free(&m->out);
	arena_free(&m->arena);
	config_free(&m->config);
}
