#include "scanner/facts/time.h"

#include <stdio.h>
#include <string.h>

enum { DAY_SECONDS = 86400 };

static const int64_t year_0001 = INT64_C(-62135596800), year_9999_end = INT64_C(253402300799);

/* Days from 1970-01-01 in the proleptic Gregorian calendar; the year counts from March, so that leap days end
 * it. */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
	int64_t y = year - (month <= 2), era = y / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct date {
	int64_t year, month, day;
};

static struct date date_from_days(int64_t days)
{
	int64_t z = days + 719468, era = z / 146097, of_era = z - era * 146097;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;
	int64_t month = m < 10 ? m + 3 : m - 9;

	return (struct date){ y + era * 400 + (month <= 2), month, of_year - (153 * m + 2) / 5 + 1 };
}

void time_text(int64_t seconds, char out[static 24])
{
	int64_t s = seconds < year_0001 ? year_0001 : seconds > year_9999_end ? year_9999_end : seconds;
	int64_t since = s - year_0001, of_day = since % DAY_SECONDS;
	struct date d = date_from_days(since / DAY_SECONDS + year_0001 / DAY_SECONDS);

	/* Every part is in its range; taken modulo, the compiler sees that it fits, too. */
	snprintf(out, 24, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)d.year % 10000u, (unsigned)d.month % 100u,
	        (unsigned)d.day % 100u, (unsigned)(of_day / 3600) % 100u, (unsigned)(of_day / 60 % 60) % 100u,
	        (unsigned)(of_day % 60) % 100u);
}

/* Exactly `width` digits, then `after` (0: nothing is asked of what follows). False leaves the text where it
 * is. */
static bool digits(const char **s, int width, char after, int64_t *v)
{
	const char *p = *s;

	for (*v = 0; width > 0; width--, p++) {
		if (*p < '0' || *p > '9')
			return false;
		*v = *v * 10 + (*p - '0');
	}
	if (after && *p != after && (after != 'T' || *p != 't'))
		return false; /* T and Z may be small letters (RFC 3339 section 5.6) */
	p += after != 0;
	*s = p;
	return true;
}

static bool date_valid(int64_t year, int64_t month, int64_t day)
{
	static const int64_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100) || year % 400 == 0;

	return year >= 1 && month >= 1 && month <= 12 && day >= 1 &&
	       day <= days[month - 1] + (month == 2 && leap);
}

/* A fraction of a second is passed over: time is counted in whole ones, and cut, not rounded. */
static bool fraction(const char **s)
{
	if (**s != '.')
		return true;
	if (!strspn(*s + 1, "0123456789"))
		return false;
	*s += 1 + strspn(*s + 1, "0123456789");
	return true;
}

/* "Z" or "+hh:mm": seconds east of Greenwich. */
static bool offset(const char *s, int64_t *east)
{
	int64_t hours, minutes;
	char sign = *s++;

	*east = 0;
	if (sign == 'Z' || sign == 'z')
		return !*s;
	if ((sign != '+' && sign != '-') || !digits(&s, 2, ':', &hours) || !digits(&s, 2, 0, &minutes))
		return false;
	*east = (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
	return !*s && hours <= 23 && minutes <= 59;
}

bool time_parse(const char *s, int64_t *seconds)
{
	int64_t year, month, day, hour, minute, second, east;

	if (!digits(&s, 4, '-', &year) || !digits(&s, 2, '-', &month) || !digits(&s, 2, 'T', &day) ||
	        !digits(&s, 2, ':', &hour) || !digits(&s, 2, ':', &minute) || !digits(&s, 2, 0, &second) ||
	        !fraction(&s) || !offset(s, &east))
		return false;
	if (!date_valid(year, month, day) || hour > 23 || minute > 59 || second > 60)
		return false; /* 60 is a leap second, the same moment as the next second 0 */
	*seconds = days_from_date(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second - east;
	return *seconds >= year_0001 && *seconds <= year_9999_end;
}
