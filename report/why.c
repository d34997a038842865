#include "report/why.h"

#include <string.h>

const struct why whys[] = {
#define WHY(id_, text_) { id_, text_ },
#include "report/rules/why.def"
#undef WHY
};

const size_t whys_count = sizeof whys / sizeof *whys;

const char *why_find(const char *id)
{
	for (size_t i = 0; i < whys_count; i++)
		if (!strcmp(whys[i].id, id))
			return whys[i].text;
	return NULL;
}
