
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "oauthcc_unit.h"
#include "core/oauthcc_value.h"


/* no message may hold it */
#define OAUTHCC_UNIT_SECRET  "s3cret"


/* what stands in the configuration; text: NULL if refused, with this in err */

typedef struct {
    ngx_str_t        arg;
    oauthcc_value_e  type;
    char            *text;
    char            *source;
    char            *err;
} oauthcc_unit_arg_t;


/* what is in a file; text: empty if refused, with this in err */

typedef struct {
    char      *name;
    ngx_str_t  content;
    ngx_str_t  text;
    char      *err;
} oauthcc_unit_file_t;


static ngx_int_t oauthcc_unit_value_args(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_value_files(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_value_odds(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_value_sizes(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_value_kinds(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_value_changes(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_value_stales(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_value_put(oauthcc_unit_t *unit, char *text,
    time_t sec, long nsec);
static void oauthcc_unit_value_again(oauthcc_unit_t *unit,
    oauthcc_value_t *value, ngx_log_t *log, ngx_uint_t changed, char *text,
    char *name);
static ngx_int_t oauthcc_unit_value_refused(oauthcc_unit_t *unit, char *path,
    char *err, char *name);
static ngx_int_t oauthcc_unit_value_write(oauthcc_unit_t *unit,
    ngx_str_t *content);
static char *oauthcc_unit_value_path(oauthcc_unit_t *unit, char *name);
static ngx_int_t oauthcc_unit_value_read(oauthcc_unit_t *unit, char *prefix,
    char *arg, oauthcc_value_t *value, ngx_str_t *err);
static ngx_uint_t oauthcc_unit_value_says(ngx_str_t *err, char *text);


static oauthcc_unit_arg_t  oauthcc_unit_args[] = {

    { ngx_string("gateway"), OAUTHCC_VALUE_LITERAL, "gateway", "",
      NULL },
    { ngx_string(""), OAUTHCC_VALUE_LITERAL, "", "", NULL },
    { ngx_string("literal:s3cret"), OAUTHCC_VALUE_LITERAL, "s3cret",
      "", NULL },
    { ngx_string("literal:file:x"), OAUTHCC_VALUE_LITERAL, "file:x",
      "", NULL },
    { ngx_string("literal:literal:"), OAUTHCC_VALUE_LITERAL,
      "literal:", "", NULL },
    { ngx_string("literal"), OAUTHCC_VALUE_LITERAL, "literal", "",
      NULL },
    { ngx_string("file"), OAUTHCC_VALUE_LITERAL, "file", "", NULL },
    { ngx_string("env"), OAUTHCC_VALUE_LITERAL, "env", "", NULL },
    { ngx_string("FILE:x"), OAUTHCC_VALUE_LITERAL, "FILE:x", "",
      NULL },
    { ngx_string(" file:x"), OAUTHCC_VALUE_LITERAL, " file:x", "",
      NULL },
    { ngx_string("https://api.example.com/"), OAUTHCC_VALUE_LITERAL,
      "https://api.example.com/", "", NULL },
    { ngx_string("$uri ${x} \t"), OAUTHCC_VALUE_LITERAL,
      "$uri ${x} \t", "", NULL },

    { ngx_string("env:OAUTHCC_UNIT"), OAUTHCC_VALUE_ENV,
      " s3cret:$x\n", "OAUTHCC_UNIT", NULL },
    { ngx_string("env:OAUTHCC_UNIT_EMPTY"), OAUTHCC_VALUE_ENV, NULL,
      "", "environment variable \"OAUTHCC_UNIT_EMPTY\" is empty" },
    { ngx_string("env:OAUTHCC_UNIT_UNSET"), OAUTHCC_VALUE_ENV, NULL,
      "", "environment variable \"OAUTHCC_UNIT_UNSET\" is not set" },
    { ngx_string("env:OAUTHCC_UNI"), OAUTHCC_VALUE_ENV, NULL, "",
      "\"OAUTHCC_UNI\" is not set" },
    { ngx_string("env:oauthcc_unit"), OAUTHCC_VALUE_ENV, NULL, "",
      "\"oauthcc_unit\" is not set" },
    { ngx_string("env:OAUTHCC_UNIT= s3"), OAUTHCC_VALUE_ENV, NULL,
      "", "is not set" },
    { ngx_string("env:"), OAUTHCC_VALUE_ENV, NULL, "",
      "nothing follows \"env:\"" },
    { ngx_string("file:"), OAUTHCC_VALUE_FILE, NULL, "",
      "nothing follows \"file:\"" },
    { ngx_string("literal:"), OAUTHCC_VALUE_LITERAL, NULL, "",
      "the value after \"literal:\" is empty" },

    { ngx_null_string, 0, NULL, NULL, NULL }
};


/* what is said of what is in a file; no text: nothing */

static struct {
    ngx_str_t  content;
    char      *odd;
} oauthcc_unit_odds[] = {
    { ngx_string("s3cret"), NULL },
    { ngx_string("s3cret\n"), NULL },
    { ngx_string("s3cret\r\n"), NULL },
    { ngx_string("s3 cret\n"), NULL },
    { ngx_string("a\nb\n"), NULL },
    { ngx_string("\xef\xbb\xbfs3cret\n"), "byte order mark" },
    { ngx_string("\xef\xbb\xbf"), "byte order mark" },
    { ngx_string("s3cret\n\n"), "line end" },
    { ngx_string("s3cret\r\n\r\n"), "line end" },
    { ngx_string("s3cret\r"), "line end" },
    { ngx_string("\n\n"), "line end" },
    { ngx_string("s3cret \n"), "ends with a blank" },
    { ngx_string("s3cret\t"), "ends with a blank" },
    { ngx_string(" s3cret\n"), "begins with a blank" },
    { ngx_string("-----BEGIN PRIVATE KEY-----\nx\n\n\n"), NULL },
    { ngx_null_string, NULL }
};


static oauthcc_unit_file_t  oauthcc_unit_files[] = {

    { "no line end", ngx_string("s3cret"), ngx_string("s3cret"), NULL },
    { "a line end", ngx_string("s3cret\n"), ngx_string("s3cret"), NULL },
    { "a DOS line end", ngx_string("s3cret\r\n"), ngx_string("s3cret"),
      NULL },
    { "two line ends", ngx_string("s3cret\n\n"), ngx_string("s3cret\n"),
      NULL },
    { "two DOS line ends", ngx_string("s3cret\r\n\r\n"),
      ngx_string("s3cret\r\n"), NULL },
    { "CR alone is none", ngx_string("s3cret\r"), ngx_string("s3cret\r"),
      NULL },
    { "LF CR is none", ngx_string("s3cret\n\r"), ngx_string("s3cret\n\r"),
      NULL },
    { "CR CR LF", ngx_string("s3cret\r\r\n"), ngx_string("s3cret\r"), NULL },
    { "one byte", ngx_string("x"), ngx_string("x"), NULL },
    { "spaces stay", ngx_string(" \ts3cret \n"), ngx_string(" \ts3cret "),
      NULL },
    { "lines stay", ngx_string("a\nb\r\nc\n"), ngx_string("a\nb\r\nc"),
      NULL },
    { "any byte but zero", ngx_string("\x01\x7f\xff\"';{}$%V%s"),
      ngx_string("\x01\x7f\xff\"';{}$%V%s"), NULL },
    { "a space", ngx_string(" \n"), ngx_string(" "), NULL },
    { "two line ends alone", ngx_string("\n\n"), ngx_string("\n"), NULL },
    { "a CR alone", ngx_string("\r"), ngx_string("\r"), NULL },
    { "no prefix is read", ngx_string("file:x\n"), ngx_string("file:x"),
      NULL },

    { "empty", ngx_string(""), ngx_null_string, "is empty" },
    { "a line end alone", ngx_string("\n"), ngx_null_string, "is empty" },
    { "a DOS line end alone", ngx_string("\r\n"), ngx_null_string,
      "is empty" },
    { "a zero byte", ngx_string("s3cret\0s3cret"), ngx_null_string,
      "holds a zero byte" },
    { "a zero byte at the end", ngx_string("s3cret\0"), ngx_null_string,
      "holds a zero byte" },
    { "a zero byte at the start", ngx_string("\0s3cret\n"), ngx_null_string,
      "holds a zero byte" },
    { "UTF-16", ngx_string("\xff\xfes\0003\0"), ngx_null_string,
      "holds a zero byte" },

    { NULL, ngx_null_string, ngx_null_string, NULL }
};


ngx_int_t
oauthcc_unit_value(oauthcc_unit_t *unit)
{
    ngx_fd_t  before, after;

    if (setenv("OAUTHCC_UNIT", " s3cret:$x\n", 1) == -1
        || setenv("OAUTHCC_UNIT_EMPTY", "", 1) == -1
        || unsetenv("OAUTHCC_UNIT_UNSET") == -1)
    {
        return NGX_ERROR;
    }

    before = dup(STDIN_FILENO);
    (void) close(before);

    if (oauthcc_unit_value_args(unit) != NGX_OK
        || oauthcc_unit_value_files(unit) != NGX_OK
        || oauthcc_unit_value_odds(unit) != NGX_OK
        || oauthcc_unit_value_sizes(unit) != NGX_OK
        || oauthcc_unit_value_kinds(unit) != NGX_OK
        || oauthcc_unit_value_changes(unit) != NGX_OK
        || oauthcc_unit_value_stales(unit) != NGX_OK)
    {
        return NGX_ERROR;
    }

    after = dup(STDIN_FILENO);
    (void) close(after);

    oauthcc_unit_number(unit, after, before, "no file is left open");

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_value_args(oauthcc_unit_t *unit)
{
    ngx_int_t            rc;
    ngx_str_t            err, prefix, text, source;
    ngx_uint_t           passed;
    oauthcc_value_t      value;
    oauthcc_unit_arg_t  *arg;

    ngx_str_set(&prefix, "/nowhere/");

    for (arg = oauthcc_unit_args; arg->arg.data; arg++) {

        ngx_memset(&value, 0xa5, sizeof(oauthcc_value_t));

        rc = oauthcc_value_read(unit->pool, unit->log, &prefix,
                                &arg->arg, &value, &err);
        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (arg->text) {
            text.len = ngx_strlen(arg->text);
            text.data = (u_char *) arg->text;
            source.len = ngx_strlen(arg->source);
            source.data = (u_char *) arg->source;

            passed = (rc == NGX_OK
                      && value.type == arg->type
                      && oauthcc_unit_equal(&value.text, &text)
                      && oauthcc_unit_equal(&value.source, &source));

        } else {
            passed = (rc == NGX_DECLINED
                      && oauthcc_unit_value_says(&err, arg->err));
        }

        if (!oauthcc_unit_ok(unit, passed, "arg \"%V\"", &arg->arg))
        {
            oauthcc_unit_diag("%i, \"%V\" of \"%V\", %V", rc,
                              &value.text, &value.source, &err);
        }
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_value_files(oauthcc_unit_t *unit)
{
    char                 *path;
    ngx_int_t             rc;
    ngx_str_t             err;
    ngx_uint_t            passed;
    oauthcc_value_t       value;
    oauthcc_unit_file_t  *file;

    path = oauthcc_unit_value_path(unit, "value");
    if (path == NULL) {
        return NGX_ERROR;
    }

    for (file = oauthcc_unit_files; file->name; file++) {

        if (oauthcc_unit_value_write(unit, &file->content)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        rc = oauthcc_unit_value_read(unit, "/nowhere/", path, &value, &err);
        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (file->err) {
            passed = (rc == NGX_DECLINED
                      && oauthcc_unit_value_says(&err, file->err)
                      && oauthcc_unit_value_says(&err, path));

        } else {
            passed = (rc == NGX_OK
                      && value.type == OAUTHCC_VALUE_FILE
                      && oauthcc_unit_equal(&value.text,
                                            &file->text)
                      && oauthcc_unit_value_says(&value.source, path));
        }

        if (!oauthcc_unit_ok(unit, passed, "file: %s", file->name)) {
            oauthcc_unit_diag("%i, %uz bytes of \"%V\", %V", rc,
                              value.text.len, &value.source, &err);
        }
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_value_odds(oauthcc_unit_t *unit)
{
    char             *path;
    ngx_str_t         err;
    ngx_uint_t        i;
    oauthcc_value_t   value;

    path = oauthcc_unit_value_path(unit, "value");
    if (path == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; oauthcc_unit_odds[i].content.len; i++) {

        if (oauthcc_unit_value_write(unit, &oauthcc_unit_odds[i].content)
               != NGX_OK
            || oauthcc_unit_value_read(unit, "/nowhere/", path, &value, &err)
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        oauthcc_unit_ok(unit,
                        oauthcc_unit_odds[i].odd
                        ? value.odd && ngx_strstr(value.odd,
                                                  oauthcc_unit_odds[i].odd)
                        : value.odd == NULL,
                        "what may have been left in a file, %ui", i);
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_value_sizes(oauthcc_unit_t *unit)
{
    char            *path;
    ngx_int_t        rc;
    ngx_str_t        content, err;
    ngx_uint_t       i;
    oauthcc_value_t  value;
    static size_t    sizes[] = { 4096, 65535, 65536, 65537, 1000000
                                         };

    content.len = 1000000;

    content.data = ngx_pnalloc(unit->pool, content.len);
    path = oauthcc_unit_value_path(unit, "value");

    if (content.data == NULL || path == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < content.len; i++) {
        content.data[i] = (u_char) ('a' + i % 26);
    }

    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        content.len = sizes[i];

        if (oauthcc_unit_value_write(unit, &content) != NGX_OK) {
            return NGX_ERROR;
        }

        rc = oauthcc_unit_value_read(unit, "/nowhere/", path, &value, &err);
        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (!oauthcc_unit_ok(unit, sizes[i] > OAUTHCC_VALUE_MAX_FILE
                             ? (rc == NGX_DECLINED
                                && oauthcc_unit_value_says(&err, path)
                                && oauthcc_unit_value_says(&err,
                                                           "65536 bytes"))
                             : (rc == NGX_OK
                                && oauthcc_unit_equal(&value.text, &content)),
                             "file: %uz bytes", sizes[i]))
        {
            oauthcc_unit_diag("%i, %uz bytes, %V", rc, value.text.len, &err);
        }
    }

    return NGX_OK;
}


/* What is no plain file with an absolute path. */

static ngx_int_t
oauthcc_unit_value_kinds(oauthcc_unit_t *unit)
{
    char            *dir, *path, *fifo, *link, *missing;
    ngx_int_t        rc;
    ngx_str_t        content, err;
    oauthcc_value_t  value;

    ngx_str_set(&content, "s3cret\n");

    dir = oauthcc_unit_value_path(unit, "");
    path = oauthcc_unit_value_path(unit, "value");
    fifo = oauthcc_unit_value_path(unit, "fifo");
    link = oauthcc_unit_value_path(unit, "link");
    missing = oauthcc_unit_value_path(unit, "missing");

    if (dir == NULL
        || path == NULL
        || fifo == NULL
        || link == NULL
        || missing == NULL
        || oauthcc_unit_value_write(unit, &content) != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = oauthcc_unit_value_read(unit, dir, "value", &value, &err);

    oauthcc_unit_ok(unit,
                    rc == NGX_OK
                    && value.text.len == 6
                    && oauthcc_unit_value_says(&value.source, path),
                    "file: a relative path");

    (void) unlink(link);

    if (symlink("value", link) == -1) {
        return NGX_ERROR;
    }

    rc = oauthcc_unit_value_read(unit, dir, link, &value, &err);

    oauthcc_unit_ok(unit, rc == NGX_OK && value.text.len == 6,
                    "file: a link, as secrets of Kubernetes are");

    /* a file that says that it has no bytes */

    rc = oauthcc_unit_value_read(unit, dir, "/proc/sys/kernel/ostype", &value,
                                 &err);

    oauthcc_unit_ok(unit,
                    rc == NGX_OK
                    && oauthcc_unit_value_says(&value.text, "Linux"),
                    "file: one of /proc");

    (void) unlink(fifo);

    if (mkfifo(fifo, 0600) == -1) {
        return NGX_ERROR;
    }

    if (oauthcc_unit_value_refused(unit, fifo,
                                   "is not a regular file", "a fifo") != NGX_OK
        || oauthcc_unit_value_refused(unit, dir, "is not a regular file",
                                      "a folder")
           != NGX_OK
        || oauthcc_unit_value_refused(unit, "/dev/null",
                                      "is not a regular file", "a device")
           != NGX_OK
        || oauthcc_unit_value_refused(unit, missing,
                                      "No such file or directory", "none")
           != NGX_OK
        || oauthcc_unit_value_refused(unit, "/dev/null/x", "Not a directory",
                                      "not below a folder")
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* a path that fills the message */

    path = ngx_pcalloc(unit->pool, 8000);
    if (path == NULL) {
        return NGX_ERROR;
    }

    ngx_memset(path, 'x', 7999);

    rc = oauthcc_unit_value_read(unit, dir, path, &value, &err);

    oauthcc_unit_ok(unit, rc == NGX_DECLINED && err.len <= 1024,
                    "file: a path of 7999 bytes");

    return NGX_OK;
}


/* Each of the ways that a file differs is enough to read it again. */

static ngx_int_t
oauthcc_unit_value_changes(oauthcc_unit_t *unit)
{
    char            *path, *old;
    ngx_int_t        rc;
    ngx_str_t        err;
    ngx_uint_t       i;
    oauthcc_value_t  value;

    static struct {
        char       *name;
        char       *text;
        time_t      sec;
        long        nsec;
        ngx_uint_t  moved;  /* what was there, not written to */
        ngx_uint_t  changed;
    } cases[] = {
        { "nanoseconds", "s3cret-b", 1000000000, 2, 0, 1 },
        { "seconds", "s3cret-c", 1000000001, 2, 0, 1 },
        { "an older file", "s3cret-d", 999999999, 2, 0, 1 },
        { "a longer file", "s3cret-ee", 999999999, 2, 0, 1 },
        { "another file", "s3cret-ff", 999999999, 2, 1, 1 },
        { "the same text, later", "s3cret-ff", 1000000002, 2, 0, 0 },
        { "the same text, another file", "s3cret-ff", 1000000002, 2, 1, 0 },
    };

    path = oauthcc_unit_value_path(unit, "value");
    old = oauthcc_unit_value_path(unit, "old");

    if (path == NULL
        || old == NULL
        || oauthcc_unit_value_put(unit, "s3cret-a", 1000000000, 1) != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = oauthcc_unit_value_read(unit, "/nowhere/", path, &value, &err);
    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    oauthcc_unit_value_again(unit, &value, unit->log, 0, "s3cret-a",
                             "nothing");

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {

        if (cases[i].moved && ngx_rename_file(path, old) == NGX_FILE_ERROR) {
            return NGX_ERROR;
        }

        if (oauthcc_unit_value_put(unit, cases[i].text, cases[i].sec,
                                   cases[i].nsec)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        oauthcc_unit_value_again(unit, &value, unit->log,
                                 cases[i].changed, cases[i].text,
                                 cases[i].name);
        oauthcc_unit_value_again(unit, &value, unit->log, 0,
                                 cases[i].text, "and no more");
    }

    if (value.pool) {
        ngx_destroy_pool(value.pool);
    }

    return NGX_OK;
}


/* One for each time that a file is of no use, whatever comes in between. */

static ngx_int_t
oauthcc_unit_value_stales(oauthcc_unit_t *unit)
{
    char            *path, *old;
    ngx_int_t        rc;
    ngx_str_t        err;
    ngx_uint_t       i;
    oauthcc_value_t  value;

    /* what is there, if anything, and whether it is stale */

    static struct {
        char       *name;
        char       *text;  /* NULL: it is gone */
        ngx_uint_t  changed;
        char       *expected;
        ngx_uint_t  stale;
    } cases[] = {
        { "gone", NULL, 0, "s3cret-a", 1 },
        { "still gone", NULL, 0, "s3cret-a", 1 },
        { "as it was", "s3cret-a", 0, "s3cret-a", 0 },
        { "gone again", NULL, 0, "s3cret-a", 1 },
        { "empty instead", "", 0, "s3cret-a", 1 },
        { "another text", "s3cret-bb", 1, "s3cret-bb", 0 },
        { "empty", "", 0, "s3cret-bb", 1 },
        { "still empty", "", 0, "s3cret-bb", 1 },
        { "gone, after it was empty", NULL, 0, "s3cret-bb", 1 },
        { "a third text", "s3cret-c", 1, "s3cret-c", 0 },
        { "gone at last", NULL, 0, "s3cret-c", 1 },
    };

    path = oauthcc_unit_value_path(unit, "value");
    old = oauthcc_unit_value_path(unit, "old");

    if (path == NULL
        || old == NULL
        || oauthcc_unit_value_put(unit, "s3cret-a", 1000000000, 0) != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = oauthcc_unit_value_read(unit, "/nowhere/", path, &value, &err);
    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {

        /* the same file is put away and comes back */

        (void) ngx_rename_file(path, old);

        if (cases[i].text) {
            (void) ngx_rename_file(old, path);

            if (oauthcc_unit_value_put(unit, cases[i].text, 1000000000, 0)
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }

        oauthcc_unit_value_again(unit, &value, unit->log,
                                 cases[i].changed, cases[i].expected,
                                 cases[i].name);
        oauthcc_unit_number(unit, value.stale, cases[i].stale,
                            "whether it is stale");
        oauthcc_unit_number(unit,
                            oauthcc_value_stale(&value, unit->pool, &err),
                            cases[i].stale, "to who looks too");
    }

    (void) ngx_delete_file(old);

    if (value.pool) {
        ngx_destroy_pool(value.pool);
    }

    return NGX_OK;
}


/* As somebody else writes it, at this time of his clock. */

static ngx_int_t
oauthcc_unit_value_put(oauthcc_unit_t *unit, char *text, time_t sec, long nsec)
{
    char            *path;
    ngx_str_t        content;
    struct timespec  times[2];

    content.len = ngx_strlen(text);
    content.data = (u_char *) text;

    path = oauthcc_unit_value_path(unit, "value");

    if (path == NULL
        || oauthcc_unit_value_write(unit, &content) != NGX_OK)
    {
        return NGX_ERROR;
    }

    times[0].tv_sec = sec;
    times[0].tv_nsec = nsec;
    times[1] = times[0];

    return utimensat(AT_FDCWD, path, times, 0) == 0 ? NGX_OK : NGX_ERROR;
}


static void
oauthcc_unit_value_again(oauthcc_unit_t *unit, oauthcc_value_t *value,
    ngx_log_t *log, ngx_uint_t changed, char *text, char *name)
{
    ngx_str_t  expected;

    expected.len = ngx_strlen(text);
    expected.data = (u_char *) text;

    oauthcc_unit_number(unit, oauthcc_value_reread(value, log), changed, name);
    oauthcc_unit_string(unit, &value->text, &expected, name);
}


static ngx_int_t
oauthcc_unit_value_refused(oauthcc_unit_t *unit, char *path, char *text,
    char *name)
{
    ngx_int_t        rc;
    ngx_str_t        err;
    oauthcc_value_t  value;

    rc = oauthcc_unit_value_read(unit, "/nowhere/", path, &value, &err);
    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (!oauthcc_unit_ok(unit,
                         rc == NGX_DECLINED
                         && oauthcc_unit_value_says(&err, path)
                         && oauthcc_unit_value_says(&err, text),
                         "file: %s", name))
    {
        oauthcc_unit_diag("%i, %V", rc, &err);
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_value_write(oauthcc_unit_t *unit, ngx_str_t *content)
{
    char     *path;
    ssize_t   n;
    ngx_fd_t  fd;

    path = oauthcc_unit_value_path(unit, "value");
    if (path == NULL) {
        return NGX_ERROR;
    }

    fd = ngx_open_file(path, NGX_FILE_WRONLY, NGX_FILE_TRUNCATE, 0600);

    if (fd == NGX_INVALID_FILE) {
        ngx_log_error(NGX_LOG_EMERG, unit->log, ngx_errno,
                      ngx_open_file_n " \"%s\" failed", path);
        return NGX_ERROR;
    }

    n = ngx_write_fd(fd, content->data, content->len);

    (void) ngx_close_file(fd);

    return (n == (ssize_t) content->len) ? NGX_OK : NGX_ERROR;
}


static char *
oauthcc_unit_value_path(oauthcc_unit_t *unit, char *name)
{
    u_char  *p;

    p = ngx_pnalloc(unit->pool, unit->dir.len + ngx_strlen(name) + 1);
    if (p == NULL) {
        return NULL;
    }

    ngx_sprintf(p, "%V%s%Z", &unit->dir, name);

    return (char *) p;
}


static ngx_int_t
oauthcc_unit_value_read(oauthcc_unit_t *unit, char *prefix, char *path,
    oauthcc_value_t *value, ngx_str_t *err)
{
    u_char    *p;
    ngx_int_t  rc;
    ngx_str_t  arg, folder;

    folder.len = ngx_strlen(prefix);
    folder.data = (u_char *) prefix;

    arg.len = sizeof("file:") - 1 + ngx_strlen(path);

    arg.data = ngx_alloc(arg.len, unit->log);
    if (arg.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(arg.data, "file:", sizeof("file:") - 1);
    ngx_memcpy(p, path, ngx_strlen(path));

    ngx_memset(value, 0xa5, sizeof(oauthcc_value_t));

    rc = oauthcc_value_read(unit->pool, unit->log, &folder, &arg, value, err);

    /* it is not needed any more: all was copied */

    ngx_free(arg.data);

    return rc;
}


/* It holds the text, and no secret. */

static ngx_uint_t
oauthcc_unit_value_says(ngx_str_t *err, char *text)
{
    u_char  *last;

    last = err->data + err->len;

    return ngx_strlcasestrn(err->data, last, (u_char *) text,
                            ngx_strlen(text) - 1)
           && ngx_strlcasestrn(err->data, last, (u_char *) OAUTHCC_UNIT_SECRET,
                               sizeof(OAUTHCC_UNIT_SECRET) - 2)
              == NULL;
}
