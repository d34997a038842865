/*
 * measure SECONDS COMMAND ...: runs it quietly and prints its CPU seconds, peak memory in MiB and wall seconds; wall -1: it was
 * killed after so many seconds. A program this small, because the peak that the kernel tells is at least that of who started it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <signal.h>
#include <unistd.h>

static pid_t child;

static void end_it(int number)
{
	(void)number;
	kill(child, SIGKILL);
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void run(char **words)
{
	int quiet = open("/dev/null", O_RDWR);

	for (int fd = 0; fd < 3; fd++)
		dup2(quiet, fd);
	execvp(*words, words);
	_exit(127);
}

int main(int argc, char **argv)
{
	struct timespec from, to;
	struct rusage u;
	int status;

	if (argc < 3)
		return 2;
	clock_gettime(CLOCK_MONOTONIC, &from);
	child = fork();
	if (!child)
		run(argv + 2);
	signal(SIGALRM, end_it);
	alarm((unsigned)atoi(argv[1]));
	while (wait4(child, &status, 0, &u) < 0)
		;
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("%.4f %.1f %.3f\n", seconds(u.ru_utime) + seconds(u.ru_stime), (double)u.ru_maxrss / 1024,
		WIFSIGNALED(status) ? -1.0 : (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
	return 0;
}
