#include "report/spool.h"

bool spool_copy(FILE *from, FILE *to)
{
	char buf[16384];
	size_t n;

	if (fflush(from) || ferror(from))
		return false;
	rewind(from);
	while ((n = fread(buf, 1, sizeof buf, from)))
		if (fwrite(buf, 1, n, to) != n)
			return false;
	return !ferror(from);
}
