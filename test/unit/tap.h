/*-------------------------------------------------------------------------
 *
 * tap.h
 *		The little that a C unit test needs to speak TAP.  Include once per test.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEADS_TAP_H
#define LEADS_TAP_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int	tap_count;
static int	tap_failed;

__attribute__((format(printf, 4, 5), unused))
static int
tap_ok(int good, const char *file, int line, const char *fmt,...)
{
	va_list		args;

	printf("%sok %d - ", good ? "" : "not ", ++tap_count);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	if (!good)
	{
		tap_failed++;
		printf("#   failed at %s line %d\n", file, line);
	}
	fflush(stdout);
	return good;
}

__attribute__((unused))
static int
tap_is_int(long long got, long long want, const char *file, int line, const char *name)
{
	int			good = tap_ok(got == want, file, line, "%s", name);

	if (!good)
		printf("#   got %lld, want %lld\n", got, want);
	return good;
}

__attribute__((unused))
static int
tap_is_str(const char *got, const char *want, const char *file, int line, const char *name)
{
	int			good = tap_ok(strcmp(got, want) == 0, file, line, "%s", name);

	if (!good)
		printf("#   got \"%s\", want \"%s\"\n", got, want);
	return good;
}

/* ok(condition, "name %d", i) */
#define ok(c, ...) tap_ok(!!(c), __FILE__, __LINE__, __VA_ARGS__)
#define is_int(got, want, name) tap_is_int((long long) (got), (long long) (want), __FILE__, __LINE__, name)
#define is_str(got, want, name) tap_is_str((got), (want), __FILE__, __LINE__, name)
#define diag(...) (printf("# "), printf(__VA_ARGS__), printf("\n"))

/* return done(); from main */
__attribute__((unused))
static int
tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed ? 1 : 0;
}
#define done() tap_done()

/* a generator of our own, so that every machine tests the same inputs */
static uint64_t tap_seed = 88172645463325252ull;

__attribute__((unused))
static uint64_t
tap_random(void)
{
	tap_seed ^= tap_seed << 13;
	tap_seed ^= tap_seed >> 7;
	tap_seed ^= tap_seed << 17;
	return tap_seed;
}

__attribute__((unused))
static double
tap_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

#endif							/* LEADS_TAP_H */
