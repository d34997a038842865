/* Fuzz target of waivers_parse() and waiver_matches(): any file is waivers that are whole, or refused with a sentence. */
#include <stdint.h>
#include <stdlib.h>

#include "report/waive.h"
#include "scanner/base/die.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct waivers ws;
	char *why = NULL;
	bool well = waivers_parse(&ws, (const char *)data, size, &why);

	require(well == !why);
	for (size_t i = 0; well && i < ws.count; i++) {
		require(ws.list[i].id && ws.list[i].target && ws.list[i].until && ws.list[i].why);
		waiver_matches(ws.list[i].target, ws.list[i].why);
	}
	waivers_free(&ws);
	free(why);
	return 0;
}
