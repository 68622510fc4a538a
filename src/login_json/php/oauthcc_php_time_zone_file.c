
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_date.h"
#include "login_json/php/oauthcc_php_time_zone_file.h"


/*
 * Reads TZif files (RFC 8536): a header, transition times with their types,
 * and a POSIX TZ string such as "CET-1CEST,M3.5.0,M10.5.0/3" for later times.
 */


#define OAUTHCC_PHP_TIME_ZONE_FILE_DIR     "/usr/share/zoneinfo/"

/* four times the size of the largest file */
#define OAUTHCC_PHP_TIME_ZONE_FILE_SIZE    16384

#define OAUTHCC_PHP_TIME_ZONE_FILE_NAME    64
#define OAUTHCC_PHP_TIME_ZONE_FILE_HEADER  44
#define OAUTHCC_PHP_TIME_ZONE_FILE_NEVER   INT64_MIN


/* a rule of a POSIX TZ string: the day and time of a transition */

typedef struct {
    u_char   kind;   /* 'M', 'J', or 0 */
    int64_t  month;
    int64_t  week;
    int64_t  day;
    int64_t  time;
} oauthcc_php_time_zone_rule_t;


typedef struct {
    u_char                       *times;
    u_char                       *kinds;  /* one type index per time */
    u_char                       *types;
    ngx_uint_t                    n;
    ngx_uint_t                    ntypes;

    /* the rules after the last transition, if any */

    ngx_uint_t                    rules;
    ngx_uint_t                    changes;
    int64_t                       standard;
    int64_t                       summer;
    oauthcc_php_time_zone_rule_t  begin;
    oauthcc_php_time_zone_rule_t  end;
} oauthcc_php_time_zone_file_t;


static ssize_t oauthcc_php_time_zone_file_load(ngx_str_t *name, u_char *buf);
static ngx_int_t oauthcc_php_time_zone_file_parse(u_char *p, u_char *last,
    oauthcc_php_time_zone_file_t *file);
static size_t oauthcc_php_time_zone_file_block(u_char *p, size_t size,
    oauthcc_php_time_zone_file_t *file);
static ngx_int_t oauthcc_php_time_zone_file_text(u_char *p, u_char *last,
    oauthcc_php_time_zone_file_t *file);
static u_char *oauthcc_php_time_zone_file_name(u_char *p, u_char *last);
static u_char *oauthcc_php_time_zone_file_clock(u_char *p, u_char *last,
    int64_t *seconds);
static u_char *oauthcc_php_time_zone_file_rule(u_char *p, u_char *last,
    oauthcc_php_time_zone_rule_t *rule);
static u_char *oauthcc_php_time_zone_file_digits(u_char *p, u_char *last,
    int64_t *number);
static int64_t oauthcc_php_time_zone_file_at(
    oauthcc_php_time_zone_file_t *file, int64_t sec);
static int64_t oauthcc_php_time_zone_file_after(
    oauthcc_php_time_zone_file_t *file, int64_t sec, int64_t offset,
    int64_t since);
static int64_t oauthcc_php_time_zone_file_day(
    oauthcc_php_time_zone_rule_t *rule, int64_t year);
static int64_t oauthcc_php_time_zone_file_number(u_char *p, ngx_uint_t bytes);


ngx_int_t
oauthcc_php_time_zone_file_offset(ngx_str_t *name, int64_t local,
    int64_t *seconds)
{
    u_char                        buf[OAUTHCC_PHP_TIME_ZONE_FILE_SIZE];
    int64_t                       before, after, offset;
    ssize_t                       size;
    oauthcc_php_time_zone_file_t  file;

    size = oauthcc_php_time_zone_file_load(name, buf);

    if (size == NGX_ERROR
        || oauthcc_php_time_zone_file_parse(buf, buf + size, &file) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    /*
     * A local time may exist twice or not at all; PHP takes the first of two,
     * and for a gap the offset before the transition.
     */

    before = oauthcc_php_time_zone_file_at(&file, local - 86400);
    after = oauthcc_php_time_zone_file_at(&file, local + 86400);

    offset = oauthcc_php_time_zone_file_at(&file, local - before);

    *seconds = (offset != before
                && oauthcc_php_time_zone_file_at(&file, local - after)
                   == after)
               ? after : before;

    return NGX_OK;
}


static ssize_t
oauthcc_php_time_zone_file_load(ngx_str_t *name, u_char *buf)
{
    u_char           path[sizeof(OAUTHCC_PHP_TIME_ZONE_FILE_DIR)
                          + OAUTHCC_PHP_TIME_ZONE_FILE_NAME];
    ssize_t          n;
    ngx_fd_t         fd;
    ngx_file_info_t  info;

    /*
     * letters, "-", "_" and "/" inside only: the name cannot leave the folder
     */

    if (name->len > OAUTHCC_PHP_TIME_ZONE_FILE_NAME) {
        return NGX_ERROR;
    }

    *ngx_sprintf(path, OAUTHCC_PHP_TIME_ZONE_FILE_DIR "%V", name) = '\0';

    fd = ngx_open_file(path, NGX_FILE_RDONLY|NGX_FILE_NONBLOCK, NGX_FILE_OPEN,
                       0);
    if (fd == NGX_INVALID_FILE) {
        return NGX_ERROR;
    }

    n = NGX_ERROR;

    if (ngx_fd_info(fd, &info) != NGX_FILE_ERROR && ngx_is_file(&info)) {
        n = ngx_read_fd(fd, buf, OAUTHCC_PHP_TIME_ZONE_FILE_SIZE);
    }

    (void) ngx_close_file(fd);

    return (n < OAUTHCC_PHP_TIME_ZONE_FILE_SIZE) ? n : NGX_ERROR;
}


static ngx_int_t
oauthcc_php_time_zone_file_parse(u_char *p, u_char *last,
    oauthcc_php_time_zone_file_t *file)
{
    size_t  len;

    ngx_memzero(file, sizeof(oauthcc_php_time_zone_file_t));

    /* the first block has 32-bit times and is followed by a 64-bit one */

    if (last - p < OAUTHCC_PHP_TIME_ZONE_FILE_HEADER || p[4] < '2') {
        return NGX_DECLINED;
    }

    len = oauthcc_php_time_zone_file_block(p, 4, file);

    if (len == 0 || len > (size_t) (last - p)) {
        return NGX_DECLINED;
    }

    p += len;

    if (last - p < OAUTHCC_PHP_TIME_ZONE_FILE_HEADER) {
        return NGX_DECLINED;
    }

    len = oauthcc_php_time_zone_file_block(p, 8, file);

    if (len == 0 || len > (size_t) (last - p)) {
        return NGX_DECLINED;
    }

    return oauthcc_php_time_zone_file_text(p + len, last, file);
}


/* Locates the parts of a block; returns its length, 0 if not valid. */

static size_t
oauthcc_php_time_zone_file_block(u_char *p, size_t size,
    oauthcc_php_time_zone_file_t *file)
{
    size_t      count[6], i;

    if (ngx_memcmp(p, "TZif", 4) != 0) {
        return 0;
    }

    for (i = 0; i < 6; i++) {
        count[i] = (uint32_t) oauthcc_php_time_zone_file_number(p + 20 + 4 * i,
                                                                4);

        if (count[i] > OAUTHCC_PHP_TIME_ZONE_FILE_SIZE) {
            return 0;
        }
    }

    /*
     * counts: UT/local, standard/wall, leap seconds, times, types, characters
     */

    if (count[4] == 0) {
        return 0;
    }

    p += OAUTHCC_PHP_TIME_ZONE_FILE_HEADER;

    file->n = count[3];
    file->ntypes = count[4];
    file->times = p;
    file->kinds = p + count[3] * size;
    file->types = file->kinds + count[3];

    return OAUTHCC_PHP_TIME_ZONE_FILE_HEADER + count[3] * (size + 1)
           + count[4] * 6 + count[5] + count[2] * (size + 4) + count[1]
           + count[0];
}


/* "\nCET-1CEST,M3.5.0,M10.5.0/3\n"; an empty one has no rules */

static ngx_int_t
oauthcc_php_time_zone_file_text(u_char *p, u_char *last,
    oauthcc_php_time_zone_file_t *file)
{
    int64_t  west;

    if (p == last || *p != '\n') {
        return NGX_DECLINED;
    }

    p++;

    if (p == last || *p == '\n') {
        return NGX_OK;
    }

    p = oauthcc_php_time_zone_file_name(p, last);
    p = oauthcc_php_time_zone_file_clock(p, last, &west);

    if (p == NULL || p == last) {
        return NGX_DECLINED;
    }

    file->rules = 1;
    file->standard = -west;

    if (*p == '\n') {
        return NGX_OK;
    }

    file->changes = 1;
    file->summer = file->standard + 3600;

    p = oauthcc_php_time_zone_file_name(p, last);

    if (p == NULL || p == last) {
        return NGX_DECLINED;
    }

    if (*p != ',') {
        p = oauthcc_php_time_zone_file_clock(p, last, &west);
        file->summer = -west;
    }

    p = oauthcc_php_time_zone_file_rule(p, last, &file->begin);
    p = oauthcc_php_time_zone_file_rule(p, last, &file->end);

    return (p && p < last && *p == '\n') ? NGX_OK : NGX_DECLINED;
}


/* CET, or <+0330> */

static u_char *
oauthcc_php_time_zone_file_name(u_char *p, u_char *last)
{
    if (p < last && *p == '<') {

        while (p < last && *p != '>') {
            p++;
        }

        return (p < last) ? p + 1 : NULL;
    }

    while (p < last && ngx_tolower(*p) >= 'a' && ngx_tolower(*p) <= 'z') {
        p++;
    }

    return p;
}


/* -1, 3:30, +10:00:00 */

static u_char *
oauthcc_php_time_zone_file_clock(u_char *p, u_char *last, int64_t *seconds)
{
    int64_t     part, unit;
    ngx_uint_t  minus;

    minus = (p && p < last && *p == '-');

    if (p && p < last && (*p == '-' || *p == '+')) {
        p++;
    }

    p = oauthcc_php_time_zone_file_digits(p, last, &part);

    *seconds = part * 3600;

    for (unit = 60; p && p < last && *p == ':' && unit; unit /= 60) {
        p = oauthcc_php_time_zone_file_digits(p + 1, last, &part);
        *seconds += part * unit;
    }

    if (minus) {
        *seconds = -*seconds;
    }

    return p;
}


/* ,M3.5.0 or ,M10.5.0/3 or ,J60 or ,59 */

static u_char *
oauthcc_php_time_zone_file_rule(u_char *p, u_char *last,
    oauthcc_php_time_zone_rule_t *rule)
{
    if (p == NULL || last - p < 2 || *p != ',') {
        return NULL;
    }

    p++;

    rule->kind = (*p == 'M' || *p == 'J') ? *p++ : 0;
    rule->time = 2 * 3600;

    if (rule->kind == 'M') {
        p = oauthcc_php_time_zone_file_digits(p, last, &rule->month);

        if (p == NULL || p == last || *p != '.') {
            return NULL;
        }

        p = oauthcc_php_time_zone_file_digits(p + 1, last, &rule->week);

        if (p == NULL || p == last || *p != '.'
            || rule->month < 1 || rule->month > 12)
        {
            return NULL;
        }

        p++;
    }

    p = oauthcc_php_time_zone_file_digits(p, last, &rule->day);

    if (p && p < last && *p == '/') {
        p = oauthcc_php_time_zone_file_clock(p + 1, last, &rule->time);
    }

    return p;
}


static u_char *
oauthcc_php_time_zone_file_digits(u_char *p, u_char *last, int64_t *number)
{
    u_char  *start;

    *number = 0;

    if (p == NULL) {
        return NULL;
    }

    for (start = p; p < last && *p >= '0' && *p <= '9'; p++) {
        *number = *number * 10 + (*p - '0');

        if (p - start > 3) {
            return NULL;
        }
    }

    return (p > start) ? p : NULL;
}


/* The offset from UTC at a time. */

static int64_t
oauthcc_php_time_zone_file_at(oauthcc_php_time_zone_file_t *file, int64_t sec)
{
    int64_t     time, since, offset;
    ngx_uint_t  i, kind;

    since = OAUTHCC_PHP_TIME_ZONE_FILE_NEVER;
    kind = 0;

    for (i = 0; i < file->n; i++) {
        time = oauthcc_php_time_zone_file_number(file->times + 8 * i, 8);

        if (time > sec) {
            break;
        }

        since = time;
        kind = file->kinds[i];
    }

    if (kind >= file->ntypes) {
        kind = 0;
    }

    offset = (int32_t) oauthcc_php_time_zone_file_number(
                                                   file->types + 6 * kind, 4);

    return (i == file->n && file->rules)
           ? oauthcc_php_time_zone_file_after(file, sec, offset, since)
           : offset;
}


/* The latest transition before a time, in its year or the years beside it. */

static int64_t
oauthcc_php_time_zone_file_after(oauthcc_php_time_zone_file_t *file,
    int64_t sec, int64_t offset, int64_t since)
{
    int64_t             year, time;
    oauthcc_php_date_t  date;

    if (!file->changes) {
        return file->standard;
    }

    oauthcc_php_date_split(sec, &date);

    for (year = date.year - 1; year <= date.year + 1; year++) {

        time = oauthcc_php_time_zone_file_day(&file->begin, year) * 86400
               + file->begin.time - file->standard;

        if (time <= sec && time >= since) {
            since = time;
            offset = file->summer;
        }

        time = oauthcc_php_time_zone_file_day(&file->end, year) * 86400
               + file->end.time - file->summer;

        if (time <= sec && time >= since) {
            since = time;
            offset = file->standard;
        }
    }

    return offset;
}


static int64_t
oauthcc_php_time_zone_file_day(oauthcc_php_time_zone_rule_t *rule,
    int64_t year)
{
    int64_t  days, first, day;

    if (rule->kind != 'M') {
        days = oauthcc_php_date_days_of(year, 1, 1) + rule->day;

        /* Jn: February 29 is never counted, from 1 */

        return (rule->kind == 'J'
                && (rule->day < 60
                    || oauthcc_php_date_month_days(year, 2) == 28))
               ? days - 1 : days;
    }

    first = oauthcc_php_date_days_of(year, rule->month, 1);

    /* a weekday, from 0 (Sunday); the epoch is a Thursday */

    day = (rule->day - ((first % 7) + 11) % 7 + 7) % 7 + (rule->week - 1) * 7;

    while (day >= (int64_t) oauthcc_php_date_month_days(year, rule->month)) {
        day -= 7;
    }

    return first + day;
}


/* Reads a big-endian integer of n bytes. */

static int64_t
oauthcc_php_time_zone_file_number(u_char *p, ngx_uint_t bytes)
{
    uint64_t  number;

    for (number = 0; bytes; bytes--) {
        number = (number << 8) | *p++;
    }

    return (int64_t) number;
}
