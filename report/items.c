#include "report/items.h"

#include <stdlib.h>

void items_add(struct items *i, struct json_object *value)
{
	char *s = json_dump(value, false);

	text_add(&i->text, i->n++ ? ",\n" : "\n");
	text_add(&i->text, s);
	free(s);
	json_object_put(value);
}

void items_write(struct items *i, FILE *f)
{
	fputs(text_str(&i->text), f);
	text_free(&i->text);
	i->text = (struct text){ 0 };
}

void items_free(struct items *i)
{
	text_free(&i->text);
}
