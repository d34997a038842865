/* What `list` can tell. */
#ifndef COMMAND_LIST_H
#define COMMAND_LIST_H

#include <stddef.h>

const char *command_list_name(size_t); /* NULL at the end */

#endif
