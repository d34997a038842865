#include "scanner/tls/codes.h"

bool codes_has(struct codes c, uint32_t code)
{
	for (size_t i = 0; i < c.n; i++)
		if (c.v[i] == code)
			return true;
	return false;
}
