/*
 * A whole file in memory, no larger than the caller says.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "scanner/base/text.h"

/*
 * Reads the file `path`, relative to the folder `at` (AT_FDCWD: the current one). False with errno, EFBIG when it has
 * more than `max` bytes. The text is the caller's to free either way.
 */
bool file_read(int at, const char *path, size_t max, struct text *);

#endif
