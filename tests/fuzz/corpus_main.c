/*
 * The corpus as a plain test: every file of the folders named is fed once to the fuzz target this is linked with. Prints
 * how many there were; fails when there were none, or when the target does not come back.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The copy is exactly as long as the file, so that a sanitizer sees the first byte read past it. */
static int feed_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *copy;
	long size;

	if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0)
		return perror(path), -1;
	rewind(f);
	copy = malloc((size_t)size + !size);
	if (!copy || fread(copy, 1, (size_t)size, f) != (size_t)size)
		return perror(path), -1;
	fclose(f);
	LLVMFuzzerTestOneInput(copy, (size_t)size);
	free(copy);
	return 0;
}

static int feed_folder(const char *folder, unsigned *fed)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	char path[4096];

	if (!d)
		return perror(folder), -1;
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		if (feed_file(path))
			return -1;
		++*fed;
	}
	closedir(d);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned fed = 0;

	for (int i = 1; i < argc; i++)
		if (feed_folder(argv[i], &fed))
			return 1;
	printf("%u inputs\n", fed);
	return fed ? 0 : 1;
}
