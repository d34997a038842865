#include "scanner/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/die.h"

/* Bytes that grow as they come. */
static bool read_all(int fd, size_t expected, size_t max, struct text *t)
{
	ssize_t got;

	t->cap = expected + 2;
	t->s = mem_new(t->cap, 1);
	while ((got = read(fd, t->s + t->n, t->cap - t->n - 1)) > 0) {
		t->n += (size_t)got;
		if (t->n > max) {
			errno = EFBIG;
			return false;
		}
		if (t->cap - t->n < 2) {
			t->cap *= 2;
			t->s = mem_grow(t->s, t->cap, 1);
		}
	}
	return got == 0;
}

bool file_read(int at, const char *path, size_t max, struct text *t)
{
	int fd = openat(at, path, O_RDONLY | O_CLOEXEC), error;
	size_t expected = 4096;
	struct stat st;
	bool good;

	*t = (struct text){ 0 };
	if (fd < 0)
		return false;
	good = !fstat(fd, &st);
	if (good && st.st_size > 0 && (size_t)st.st_size <= max)
		expected = (size_t)st.st_size;
	good = good && read_all(fd, expected, max, t);
	error = errno;
	close(fd);
	errno = error;
	return good;
}
