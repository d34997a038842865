/*
 * Fuzz target of scanner/facts/ct_logs: any bytes are a list of logs, or the reason why not is told.
 */
#include "scanner/base/die.h"
#include "scanner/facts/ct_logs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	const char *why = NULL;
	struct ct_logs logs;

	if (ct_logs_parse(&a, (struct span){ data, size }, &logs, &why))
		for (size_t i = 0; i < logs.n; i++)
			require(logs.v[i].name && logs.v[i].operator && logs.v[i].key.n && ct_logs_find(&logs, logs.v[i].id));
	else
		require(why);
	require(logs.n <= CT_LOGS_MAX);
	arena_free(&a);
	return 0;
}
