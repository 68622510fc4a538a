
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_value.h"
#include "core/oauthcc_text.h"
#include "core/oauthcc_redact_url.h"


static ngx_uint_t oauthcc_value_replaced(oauthcc_value_t *value);
static ngx_int_t oauthcc_value_literal(ngx_pool_t *pool, ngx_str_t *arg,
    oauthcc_value_t *value, ngx_str_t *err);
static ngx_int_t oauthcc_value_file(ngx_pool_t *pool, ngx_log_t *log,
    ngx_str_t *prefix, oauthcc_value_t *value, ngx_str_t *err);
static ngx_int_t oauthcc_value_load(ngx_pool_t *pool, ngx_fd_t fd, u_char *buf,
    oauthcc_value_t *value, ngx_str_t *err);
static char *oauthcc_value_odd(ngx_str_t *text);
static ngx_int_t oauthcc_value_env(ngx_pool_t *pool, oauthcc_value_t *value,
    ngx_str_t *err);
static ngx_uint_t oauthcc_value_prefix(ngx_str_t *arg, char *prefix,
    ngx_str_t *rest);
static ngx_int_t oauthcc_value_copy(ngx_pool_t *pool, ngx_str_t *to,
    u_char *from, size_t len);


ngx_int_t
oauthcc_value_read(ngx_pool_t *pool, ngx_log_t *log, ngx_str_t *prefix,
    ngx_str_t *arg, oauthcc_value_t *value, ngx_str_t *err)
{
    ngx_str_t  rest;

    ngx_memzero(value, sizeof(oauthcc_value_t));
    ngx_str_null(err);

    if (oauthcc_value_prefix(arg, "file:", &rest)) {
        value->type = OAUTHCC_VALUE_FILE;

    } else if (oauthcc_value_prefix(arg, "env:", &rest)) {
        value->type = OAUTHCC_VALUE_ENV;

    } else {
        return oauthcc_value_literal(pool, arg, value, err);
    }

    if (rest.len == 0) {
        return oauthcc_text_error(pool, err, 0, "nothing follows \"%V\"", arg);
    }

    if (oauthcc_value_copy(pool, &value->source, rest.data, rest.len)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (value->type == OAUTHCC_VALUE_FILE) {
        return oauthcc_value_file(pool, log, prefix, value, err);
    }

    return oauthcc_value_env(pool, value, err);
}


ngx_uint_t
oauthcc_value_reread(oauthcc_value_t *value, ngx_log_t *log)
{
    ngx_int_t        rc;
    ngx_str_t        err, none;
    ngx_uint_t       changed;
    ngx_pool_t      *pool;
    oauthcc_value_t  next;

    if (!oauthcc_value_replaced(value)) {
        value->stale = 0;
        return 0;
    }

    pool = ngx_create_pool(1024, log);
    if (pool == NULL) {
        return 0;
    }

    next = *value;

    ngx_str_null(&none);

    rc = oauthcc_value_file(pool, log, &none, &next, &err);

    if (rc != NGX_OK) {
        value->stale = (rc == NGX_DECLINED);
        ngx_destroy_pool(pool);

        return 0;
    }

    changed = !oauthcc_text_eq(&next.text, &value->text);

    ngx_explicit_memzero(value->text.data, value->text.len);

    if (value->pool) {
        ngx_destroy_pool(value->pool);
    }

    next.pool = pool;
    next.stale = 0;

    *value = next;

    return changed;
}


ngx_uint_t
oauthcc_value_stale(oauthcc_value_t *value, ngx_pool_t *pool, ngx_str_t *err)
{
    ngx_int_t        rc;
    ngx_str_t        none;
    oauthcc_value_t  next;

    if (!oauthcc_value_replaced(value)) {
        return 0;
    }

    next = *value;

    ngx_str_null(&none);

    rc = oauthcc_value_file(pool, pool->log, &none, &next, err);

    if (rc == NGX_OK) {
        ngx_explicit_memzero(next.text.data, next.text.len);
    }

    return rc == NGX_DECLINED;
}


/*
 * Whether it is the value of a file, which is another one by now.  In a folder
 * that workers may not pass they cannot know.
 */

static ngx_uint_t
oauthcc_value_replaced(oauthcc_value_t *value)
{
    ngx_file_info_t  fi;

    if (value->type != OAUTHCC_VALUE_FILE) {
        return 0;
    }

    if (ngx_file_info(value->source.data, &fi) == NGX_FILE_ERROR) {
        return ngx_errno != NGX_EACCES;
    }

    return fi.st_dev != value->info.st_dev
           || fi.st_ino != value->info.st_ino
           || fi.st_size != value->info.st_size
           || fi.st_mtim.tv_sec != value->info.st_mtim.tv_sec
           || fi.st_mtim.tv_nsec != value->info.st_mtim.tv_nsec;
}


void
oauthcc_value_free(oauthcc_value_t *value)
{
    if (value->pool == NULL) {
        return;
    }

    ngx_explicit_memzero(value->text.data, value->text.len);
    ngx_destroy_pool(value->pool);

    value->pool = NULL;
    ngx_str_null(&value->text);
}


static ngx_int_t
oauthcc_value_literal(ngx_pool_t *pool, ngx_str_t *arg, oauthcc_value_t *value,
    ngx_str_t *err)
{
    value->type = OAUTHCC_VALUE_LITERAL;

    if (!oauthcc_value_prefix(arg, "literal:", &value->text)) {

        /* the caller decides on an empty argument: it may mean "none" */

        value->text = *arg;
        return NGX_OK;
    }

    if (value->text.len == 0) {
        return oauthcc_text_error(pool, err, 0,
                                  "the value after \"%V\" is empty", arg);
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_value_file(ngx_pool_t *pool, ngx_log_t *log, ngx_str_t *prefix,
    oauthcc_value_t *value, ngx_str_t *err)
{
    u_char          *buf;
    ngx_fd_t         fd;
    ngx_err_t        code;
    ngx_int_t        rc;
    ngx_file_info_t  fi;

    if (ngx_get_full_name(pool, prefix, &value->source) != NGX_OK) {
        return NGX_ERROR;
    }

    /* opening a FIFO must not block the master */

    fd = ngx_open_file(value->source.data,
                       NGX_FILE_RDONLY|NGX_FILE_NONBLOCK|O_CLOEXEC,
                       NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        code = ngx_errno;

        return oauthcc_text_error(pool, err, code,
                                  ngx_open_file_n " \"%V\" failed",
                                  oauthcc_redact_url_text(pool,
                                                          &value->source));
    }

    buf = NULL;

    if (ngx_fd_info(fd, &fi) == NGX_FILE_ERROR) {
        rc = oauthcc_text_error(pool, err, ngx_errno,
                                ngx_fd_info_n " \"%V\" failed",
                                &value->source);
        goto done;
    }

    if (!ngx_is_file(&fi)) {
        rc = oauthcc_text_error(pool, err, 0, "\"%V\" is not a regular file",
                                &value->source);
        goto done;
    }

    buf = ngx_alloc(OAUTHCC_VALUE_MAX_FILE + 1, log);
    if (buf == NULL) {
        rc = NGX_ERROR;
        goto done;
    }

    value->info = fi;

    rc = oauthcc_value_load(pool, fd, buf, value, err);

done:

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_log_error(NGX_LOG_ALERT, log, ngx_errno,
                      ngx_close_file_n " \"%V\" failed", &value->source);
    }

    if (buf) {
        ngx_explicit_memzero(buf, OAUTHCC_VALUE_MAX_FILE + 1);
        ngx_free(buf);
    }

    return rc;
}


/* The buffer is one byte larger than the largest allowed file. */

static ngx_int_t
oauthcc_value_load(ngx_pool_t *pool, ngx_fd_t fd, u_char *buf,
    oauthcc_value_t *value, ngx_str_t *err)
{
    size_t     len;
    ssize_t    n;
    ngx_str_t  text;

    len = 0;

    /* do not rely on the size: files in /proc have size 0 */

    do {
        n = ngx_read_fd(fd, buf + len, OAUTHCC_VALUE_MAX_FILE + 1 - len);

        if (n == -1) {

            if (ngx_errno == NGX_EINTR) {
                continue;
            }

            return oauthcc_text_error(pool, err, ngx_errno,
                                      ngx_read_fd_n " \"%V\" failed",
                                      &value->source);
        }

        len += n;

    } while (n && len <= OAUTHCC_VALUE_MAX_FILE);

    if (len > OAUTHCC_VALUE_MAX_FILE) {
        return oauthcc_text_error(pool, err, 0,
                                  "file \"%V\" is longer than %d bytes",
                                  &value->source, OAUTHCC_VALUE_MAX_FILE);
    }

    if (len && buf[len - 1] == LF) {
        len--;

        if (len && buf[len - 1] == CR) {
            len--;
        }
    }

    if (len == 0) {
        return oauthcc_text_error(pool, err, 0, "file \"%V\" is empty",
                                  &value->source);
    }

    if (ngx_strlchr(buf, buf + len, '\0')) {
        return oauthcc_text_error(pool, err, 0,
                                  "file \"%V\" holds a zero byte",
                                  &value->source);
    }

    text.len = len;
    text.data = buf;

    if (value->line && oauthcc_text_control(&text)) {
        return oauthcc_text_error(pool, err, 0,
                                  "file \"%V\" holds control characters",
                                  &value->source);
    }

    value->odd = oauthcc_value_odd(&text);

    return oauthcc_value_copy(pool, &value->text, buf, len);
}


/* What an editor or a copy leaves in a file; PEM is read whatever there is. */

static char *
oauthcc_value_odd(ngx_str_t *text)
{
    u_char  last;

    if (ngx_strnstr(text->data, "-----BEGIN ", text->len)) {
        return NULL;
    }

    if (oauthcc_text_begins(text, "\xef\xbb\xbf")
        || oauthcc_text_begins(text, "\xff\xfe")
        || oauthcc_text_begins(text, "\xfe\xff"))
    {
        return "begins with a byte order mark";
    }

    last = text->data[text->len - 1];

    if (last == LF || last == CR) {
        return "ends with more than one line end";
    }

    if (last == ' ' || last == '\t') {
        return "ends with a blank";
    }

    return (*text->data == ' ' || *text->data == '\t') ? "begins with a blank"
                                                      : NULL;
}


static ngx_int_t
oauthcc_value_env(ngx_pool_t *pool, oauthcc_value_t *value, ngx_str_t *err)
{
    u_char    *p, last;
    ngx_str_t  text;

    p = (u_char *) getenv((char *) value->source.data);

    if (p == NULL) {
        return oauthcc_text_error(pool, err, 0,
                                  "environment variable \"%V\" is not set",
                                  oauthcc_redact_url_text(pool,
                                                          &value->source));
    }

    if (*p == '\0') {
        return oauthcc_text_error(pool, err, 0,
                                  "environment variable \"%V\" is empty",
                                  &value->source);
    }

    text.data = p;
    text.len = ngx_strlen(p);

    /* nobody takes a line end away, as from a file */

    last = p[text.len - 1];

    value->odd = (last == LF || last == CR) ? "ends with a line end"
                                            : oauthcc_value_odd(&text);

    /* copy it: nginx replaces its environment later */

    return oauthcc_value_copy(pool, &value->text, p, text.len);
}


static ngx_uint_t
oauthcc_value_prefix(ngx_str_t *arg, char *prefix, ngx_str_t *rest)
{
    size_t  len;

    if (!oauthcc_text_begins(arg, prefix)) {
        return 0;
    }

    len = ngx_strlen(prefix);

    rest->len = arg->len - len;
    rest->data = arg->data + len;

    return 1;
}


/* Copies a text and terminates it, for system calls. */

static ngx_int_t
oauthcc_value_copy(ngx_pool_t *pool, ngx_str_t *to, u_char *from, size_t len)
{
    u_char  *p;

    p = ngx_pnalloc(pool, len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    to->len = len;
    to->data = p;

    p = ngx_cpymem(p, from, len);
    *p = '\0';

    return NGX_OK;
}
