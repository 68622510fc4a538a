
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Files with secrets, "digit, content, record separator, next content": what
 * is read of a file is its content without the last line end, and no message
 * has anything of it.  The digit is 1 where a value must be one line, 2 for a
 * variable of the environment, 3 for what stands in the configuration, more
 * for files that cannot be read.  The file is one in memory, as it is written
 * for each input.
 */


#include "oauthcc_fuzz.h"
#include "core/oauthcc_value.h"
#include <sys/mman.h>


char  *oauthcc_fuzz_providers = "";


static void oauthcc_fuzz_word_of(oauthcc_fuzz_t *fuzz, ngx_uint_t env,
    ngx_str_t *text);
static void oauthcc_fuzz_gone(oauthcc_fuzz_t *fuzz, oauthcc_value_t *value);
static void oauthcc_fuzz_unread(oauthcc_fuzz_t *fuzz, ngx_str_t *arg,
    ngx_str_t *content);
static ngx_uint_t oauthcc_fuzz_valid(ngx_str_t *content, ngx_uint_t line,
    ngx_str_t *text);
static void oauthcc_fuzz_write(ngx_str_t *content);
static ngx_fd_t oauthcc_fuzz_secret(void);
static void oauthcc_fuzz_message(ngx_str_t *err, ngx_str_t *content);


/* none, no file, no name, too long */

static ngx_str_t  oauthcc_fuzz_unreads[] = {
    ngx_string("file:none/secret"), ngx_string("file:."),
    ngx_string("file:"), ngx_string("file:secret")
};


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    ngx_int_t        rc;
    ngx_str_t        first, next, text, err, arg;
    ngx_uint_t       changed, failed, valid;
    oauthcc_value_t  value;

    ngx_str_set(&arg, "file:secret");

    valid = oauthcc_fuzz_pick(fuzz, 8);

    oauthcc_fuzz_record(fuzz, &first);
    oauthcc_fuzz_record(fuzz, &next);

    if (valid > 3) {
        oauthcc_fuzz_unread(fuzz, &oauthcc_fuzz_unreads[valid - 4], &first);
        return;
    }

    if (valid > 1) {
        oauthcc_fuzz_word_of(fuzz, valid == 2, &first);
        return;
    }

    oauthcc_fuzz_write(&first);

    oauthcc_fuzz_starve();

    rc = oauthcc_value_read(fuzz->pool, fuzz->log,
                            (ngx_str_t *) &ngx_cycle->prefix, &arg, &value,
                            &err);

    failed = oauthcc_fuzz_starved();

    if (rc == NGX_ERROR) {
        oauthcc_fuzz_check(failed);
        return;
    }

    oauthcc_fuzz_check((rc == NGX_OK)
                       == oauthcc_fuzz_valid(&first, 0, &text));

    if (rc != NGX_OK) {
        oauthcc_fuzz_check(rc == NGX_DECLINED);
        oauthcc_fuzz_message(&err, &first);
        return;
    }

    oauthcc_fuzz_check(oauthcc_fuzz_equal(&value.text, &text));
    oauthcc_fuzz_check(value.text.data[value.text.len] == '\0');

    /* another file, which a worker reads */

    value.line = valid;
    oauthcc_fuzz_write(&next);
    value.info.st_size = -1;

    err.len = 0;
    (void) oauthcc_value_stale(&value, fuzz->pool, &err);
    oauthcc_fuzz_message(&err, &next);

    valid = oauthcc_fuzz_valid(&next, value.line, &next);

    oauthcc_fuzz_starve();
    changed = oauthcc_value_reread(&value, fuzz->log);
    failed = oauthcc_fuzz_starved();

    if (valid && !failed) {
        oauthcc_fuzz_check(!value.stale);
        oauthcc_fuzz_check(changed != oauthcc_fuzz_equal(&text, &next));
        oauthcc_fuzz_check(oauthcc_fuzz_equal(&value.text, &next));

        /* it is that file now, and once more another one */

        oauthcc_fuzz_check(!oauthcc_value_stale(&value, fuzz->pool, &err));
        oauthcc_fuzz_check(!oauthcc_value_reread(&value, fuzz->log));

        value.info.st_size = -1;

        oauthcc_fuzz_check(!oauthcc_value_reread(&value, fuzz->log));
        oauthcc_fuzz_check(oauthcc_fuzz_equal(&value.text, &next));

    } else if (!valid) {
        oauthcc_fuzz_check(!changed);
        oauthcc_fuzz_check(value.stale || failed);
        oauthcc_fuzz_check(oauthcc_fuzz_equal(&value.text, &text));
    }

    if (next.len == 0) {
        oauthcc_fuzz_gone(fuzz, &value);
    }

    oauthcc_value_free(&value);
}


/* The file is deleted: the value stays. */

static void
oauthcc_fuzz_gone(oauthcc_fuzz_t *fuzz, oauthcc_value_t *value)
{
    ngx_str_t  text, source;

    text = value->text;
    source = value->source;

    ngx_str_set(&value->source, "/none");
    value->stale = 0;

    oauthcc_fuzz_check(!oauthcc_value_reread(value, fuzz->log));
    oauthcc_fuzz_check(value->stale);
    oauthcc_fuzz_check(oauthcc_fuzz_equal(&value->text, &text));

    value->source = source;
}


static void
oauthcc_fuzz_unread(oauthcc_fuzz_t *fuzz, ngx_str_t *arg, ngx_str_t *content)
{
    ngx_int_t        rc;
    size_t           i;
    ngx_str_t        err, text;
    ngx_uint_t       failed;
    oauthcc_value_t  value;

    if (content->len == 0) {
        return;
    }

    text.len = OAUTHCC_VALUE_MAX_FILE + 1;
    text.data = ngx_pnalloc(fuzz->pool, text.len);
    oauthcc_fuzz_check(text.data != NULL);

    for (i = 0; i < text.len; i += content->len) {
        ngx_memcpy(text.data + i, content->data,
                   ngx_min(content->len, text.len - i));
    }

    oauthcc_fuzz_write(&text);

    oauthcc_fuzz_starve();

    rc = oauthcc_value_read(fuzz->pool, fuzz->log,
                            (ngx_str_t *) &ngx_cycle->prefix, arg, &value,
                            &err);

    failed = oauthcc_fuzz_starved();

    oauthcc_fuzz_check(rc == NGX_DECLINED || (rc == NGX_ERROR && failed));

    if (rc == NGX_DECLINED) {
        oauthcc_fuzz_check(err.len > 0);
        oauthcc_fuzz_message(&err, content);
    }
}


static void
oauthcc_fuzz_word_of(oauthcc_fuzz_t *fuzz, ngx_uint_t env, ngx_str_t *text)
{
    u_char           *p;
    ngx_int_t         rc;
    ngx_str_t         arg, err;
    ngx_uint_t        failed, unset;
    oauthcc_value_t   value;

    arg.data = ngx_pnalloc(fuzz->pool, text->len + sizeof("literal:"));
    oauthcc_fuzz_check(arg.data != NULL);

    unset = (text->len == 0);

    if (env) {
        text->len = ngx_strnlen(text->data, text->len);
        p = ngx_cpymem(arg.data, text->data, text->len);
        *p = '\0';

        if (unset) {
            (void) unsetenv("OAUTHCC_FUZZ");

        } else {
            oauthcc_fuzz_check(setenv("OAUTHCC_FUZZ", (char *) arg.data, 1)
                               == 0);
        }

        ngx_str_set(&arg, "env:OAUTHCC_FUZZ");

    } else {
        p = ngx_cpymem(arg.data, "literal:", sizeof("literal:") - 1);
        p = ngx_cpymem(p, text->data, text->len);
        arg.len = p - arg.data;
    }

    oauthcc_fuzz_starve();

    rc = oauthcc_value_read(fuzz->pool, fuzz->log,
                            (ngx_str_t *) &ngx_cycle->prefix, &arg, &value,
                            &err);

    failed = oauthcc_fuzz_starved();

    if (rc == NGX_ERROR) {
        oauthcc_fuzz_check(failed);
        return;
    }

    oauthcc_fuzz_check((rc == NGX_OK) == (text->len != 0));
    oauthcc_fuzz_check(rc != NGX_OK
                       || oauthcc_fuzz_equal(&value.text, text));
    oauthcc_fuzz_check(!oauthcc_value_reread(&value, fuzz->log));
}


/* Whether a file may have this content, and what is left of it. */

static ngx_uint_t
oauthcc_fuzz_valid(ngx_str_t *content, ngx_uint_t line, ngx_str_t *text)
{
    size_t  i;

    *text = *content;

    if (text->len && text->data[text->len - 1] == LF) {
        text->len--;

        if (text->len && text->data[text->len - 1] == CR) {
            text->len--;
        }
    }

    for (i = 0; i < text->len; i++) {

        if (text->data[i] == '\0') {
            return 0;
        }

        if (line && (text->data[i] < 0x20 || text->data[i] == 0x7f)) {
            return 0;
        }
    }

    return text->len != 0;
}


static void
oauthcc_fuzz_write(ngx_str_t *content)
{
    static ngx_fd_t  fd = NGX_INVALID_FILE;

    if (fd == NGX_INVALID_FILE) {
        fd = oauthcc_fuzz_secret();
    }

    oauthcc_fuzz_check(ftruncate(fd, 0) == 0);
    oauthcc_fuzz_check(pwrite(fd, content->data, content->len, 0)
                       == (ssize_t) content->len);
}


/* A file in memory, that "secret" is a link to. */

static ngx_fd_t
oauthcc_fuzz_secret(void)
{
    u_char    path[NGX_MAX_PATH], target[NGX_MAX_PATH];
    ngx_fd_t  fd;

    fd = memfd_create("secret", MFD_CLOEXEC);
    oauthcc_fuzz_check(fd != NGX_INVALID_FILE);

    (void) ngx_snprintf(path, NGX_MAX_PATH, "%Vsecret%Z", &ngx_cycle->prefix);
    (void) ngx_snprintf(target, NGX_MAX_PATH, "/proc/self/fd/%d%Z", fd);

    (void) ngx_delete_file(path);
    oauthcc_fuzz_check(symlink((char *) target, (char *) path) == 0);

    return fd;
}


/* A message has none of a secret that begins like nothing of ours does. */

static void
oauthcc_fuzz_message(ngx_str_t *err, ngx_str_t *content)
{
    size_t  i;

    if (content->len < 8
        || (content->data[0] < 0x80
            && ngx_strchr("!#$%&*+;<=>?@[]^`{|}~", content->data[0]) == NULL))
    {
        return;
    }

    for (i = 0; i + 8 <= err->len; i++) {
        oauthcc_fuzz_check(ngx_memcmp(err->data + i, content->data, 8) != 0);
    }
}
