
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * What all targets have in common: it sets up as much of nginx as nginx -t
 * does, with a configuration that has the providers of the target, and then
 * runs the target with each input, in a pool of its own.
 */


#include "oauthcc_fuzz.h"
#include "core/oauthcc_main_conf.h"
#include <jansson.h>
#include <nginx.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>


/*
 * the input ends with one of these and the number of the allocation that
 * fails: of nginx, the module, jansson and hiredis, or of OpenSSL
 */
#define OAUTHCC_FUZZ_HUNGRY   0x1c
#define OAUTHCC_FUZZ_OPENSSL  0x1d

/* with OAUTHCC_FUZZ_STARVE each one fails in turn, at most so many */
#define OAUTHCC_FUZZ_MEALS    3000

/* of OpenSSL's, which are many: first all of a part, then one in more */
#define OAUTHCC_FUZZ_SPARSE   8


/* the linker has these called in place of the functions behind "__wrap_" */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
int __real_posix_memalign(void **p, size_t alignment, size_t size);
int __wrap_posix_memalign(void **p, size_t alignment, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u_char *data, size_t len);

static void oauthcc_fuzz_input(u_char *data, size_t len, ngx_uint_t kind,
    ngx_uint_t hungry);
static void oauthcc_fuzz_starving(u_char *data, size_t len, ngx_uint_t kind,
    ngx_uint_t sparse);
static ngx_uint_t oauthcc_fuzz_fails(ngx_uint_t kind);
static void oauthcc_fuzz_libraries(void);
static void *oauthcc_fuzz_openssl_malloc(size_t size, const char *file,
    int line);
static void *oauthcc_fuzz_openssl_realloc(void *p, size_t size,
    const char *file, int line);
static void oauthcc_fuzz_openssl_free(void *p, const char *file, int line);
static void oauthcc_fuzz_configure(char *prefix, u_char *file);
static ngx_cycle_t *oauthcc_fuzz_cycle(char *prefix, u_char *file);
static ngx_int_t oauthcc_fuzz_hex(u_char c);


extern ngx_module_t  ngx_http_oauthcc_module;


static char  *oauthcc_fuzz_argv[] = { NULL };

/* allocations of a kind until the one that fails; 0: none does */
static ngx_uint_t  oauthcc_fuzz_kind;
static ngx_uint_t  oauthcc_fuzz_left;
static ngx_uint_t  oauthcc_fuzz_counts;
static ngx_uint_t  oauthcc_fuzz_failed;

/* parts of an input that may fail, so far, and the only one that does */
static ngx_uint_t  oauthcc_fuzz_part;
static ngx_uint_t  oauthcc_fuzz_only;

/* one has failed since the input began */
static ngx_uint_t  oauthcc_fuzz_hungry;


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    char   *prefix;
    u_char  file[NGX_MAX_PATH];

    prefix = getenv("OAUTHCC_FUZZ_PREFIX");

    if (prefix == NULL) {
        (void) fprintf(stderr, "OAUTHCC_FUZZ_PREFIX is not set\n");
        exit(2);
    }

    (void) ngx_snprintf(file, NGX_MAX_PATH, "%s/nginx.conf%Z", prefix);

    oauthcc_fuzz_configure(prefix, file);

    oauthcc_fuzz_libraries();

    ngx_cycle = oauthcc_fuzz_cycle(prefix, file);

    if (ngx_cycle == NULL) {
        (void) fprintf(stderr, "nginx does not take %s\n", (char *) file);
        exit(2);
    }

    /* the failures that are wanted are no news */

    ngx_cycle->log->log_level = NGX_LOG_STDERR;

    return 0;
}


int
LLVMFuzzerTestOneInput(const u_char *data, size_t len)
{
    ngx_uint_t  n, kind;

    n = 0;
    kind = OAUTHCC_FUZZ_HUNGRY;

    if (len >= 2 && (data[len - 2] == OAUTHCC_FUZZ_HUNGRY
                     || data[len - 2] == OAUTHCC_FUZZ_OPENSSL))
    {
        kind = data[len - 2];
        n = data[len - 1];
        len -= 2;
    }

    oauthcc_fuzz_input((u_char *) data, len, kind, n);
    n = oauthcc_fuzz_part;

    if (getenv("OAUTHCC_FUZZ_STARVE")) {
        oauthcc_fuzz_starving((u_char *) data, len, OAUTHCC_FUZZ_HUNGRY,
                              OAUTHCC_FUZZ_MEALS);

        while (n) {
            oauthcc_fuzz_only = n--;
            oauthcc_fuzz_starving((u_char *) data, len, OAUTHCC_FUZZ_OPENSSL,
                                  OAUTHCC_FUZZ_SPARSE);
        }

        oauthcc_fuzz_only = 0;
    }

    return 0;
}


/* Each allocation up to a number fails, and then some. */

static void
oauthcc_fuzz_starving(u_char *data, size_t len, ngx_uint_t kind,
    ngx_uint_t sparse)
{
    ngx_uint_t  n;

    oauthcc_fuzz_hungry = 1;

    for (n = 1;
         oauthcc_fuzz_hungry && n <= OAUTHCC_FUZZ_MEALS;
         n += 1 + n / sparse)
    {
        oauthcc_fuzz_input(data, len, kind, n);
    }
}


static void
oauthcc_fuzz_input(u_char *data, size_t len, ngx_uint_t kind,
    ngx_uint_t hungry)
{
    ngx_log_t       log;
    ngx_str_t       local;
    oauthcc_fuzz_t  fuzz;

    oauthcc_fuzz_hungry = 0;
    oauthcc_fuzz_counts = 0;
    oauthcc_fuzz_part = 0;
    oauthcc_fuzz_kind = kind;
    oauthcc_fuzz_left = hungry;

    log = *ngx_cycle->log;
    fuzz.log = &log;

    fuzz.pool = ngx_create_pool(1024, fuzz.log);
    oauthcc_fuzz_check(fuzz.pool != NULL);

    /* a room may write to what it reads, and must not read behind it */

    fuzz.pos = data;
    fuzz.last = data + len;

    oauthcc_fuzz_rest(&fuzz, &local);

    fuzz.pos = local.data;
    fuzz.last = local.data + local.len;

    oauthcc_fuzz_run(&fuzz);

    /* nginx would blame a connection for what is left there */

    oauthcc_fuzz_check(ERR_peek_error() == 0);

    ngx_destroy_pool(fuzz.pool);
    ngx_free(local.data);
}


void
oauthcc_fuzz_starve(void)
{
    oauthcc_fuzz_part++;
    oauthcc_fuzz_counts = (oauthcc_fuzz_only == 0
                           || oauthcc_fuzz_only == oauthcc_fuzz_part);
    oauthcc_fuzz_failed = 0;
}


ngx_uint_t
oauthcc_fuzz_starved(void)
{
    oauthcc_fuzz_counts = 0;

    return oauthcc_fuzz_failed;
}


static ngx_uint_t
oauthcc_fuzz_fails(ngx_uint_t kind)
{
    if (!oauthcc_fuzz_counts || kind != oauthcc_fuzz_kind
        || oauthcc_fuzz_left == 0 || --oauthcc_fuzz_left)
    {
        return 0;
    }

    oauthcc_fuzz_failed = 1;
    oauthcc_fuzz_hungry = 1;

    return 1;
}


void *
__wrap_malloc(size_t size)
{
    return oauthcc_fuzz_fails(OAUTHCC_FUZZ_HUNGRY) ? NULL
                                                   : __real_malloc(size);
}


void *
__wrap_calloc(size_t n, size_t size)
{
    return oauthcc_fuzz_fails(OAUTHCC_FUZZ_HUNGRY) ? NULL
                                                   : __real_calloc(n, size);
}


int
__wrap_posix_memalign(void **p, size_t alignment, size_t size)
{
    return oauthcc_fuzz_fails(OAUTHCC_FUZZ_HUNGRY)
           ? ENOMEM
           : __real_posix_memalign(p, alignment, size);
}


/* Before one of them has allocated anything. */

static void
oauthcc_fuzz_libraries(void)
{
    json_set_alloc_funcs(__wrap_malloc, free);

    oauthcc_fuzz_check(CRYPTO_set_mem_functions(oauthcc_fuzz_openssl_malloc,
                                                oauthcc_fuzz_openssl_realloc,
                                                oauthcc_fuzz_openssl_free));
}


static void *
oauthcc_fuzz_openssl_malloc(size_t size, const char *file, int line)
{
    return oauthcc_fuzz_fails(OAUTHCC_FUZZ_OPENSSL) ? NULL
                                                    : __real_malloc(size);
}


static void *
oauthcc_fuzz_openssl_realloc(void *p, size_t size, const char *file, int line)
{
    return oauthcc_fuzz_fails(OAUTHCC_FUZZ_OPENSSL) ? NULL : realloc(p, size);
}


static void
oauthcc_fuzz_openssl_free(void *p, const char *file, int line)
{
    free(p);
}


void
oauthcc_fuzz_fail(char *file, int line, char *what)
{
    (void) fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line,
                   what);
    abort();
}


ngx_uint_t
oauthcc_fuzz_printable(ngx_str_t *text)
{
    size_t  i;

    for (i = 0; i < text->len; i++) {

        if (text->data[i] < 0x20 || text->data[i] > 0x7e) {
            return 0;
        }
    }

    return 1;
}


ngx_uint_t
oauthcc_fuzz_word(ngx_str_t *text)
{
    size_t  i;

    for (i = 0; i < text->len; i++) {

        if (text->data[i] <= 0x20 || text->data[i] == 0x7f) {
            return 0;
        }
    }

    return 1;
}


ngx_uint_t
oauthcc_fuzz_line(ngx_str_t *text)
{
    size_t  i;

    for (i = 0; i < text->len; i++) {

        if (text->data[i] == CR || text->data[i] == LF
            || text->data[i] == '\0')
        {
            return 0;
        }
    }

    return 1;
}


ngx_uint_t
oauthcc_fuzz_equal(ngx_str_t *a, ngx_str_t *b)
{
    return a->len == b->len
           && (a->len == 0 || ngx_memcmp(a->data, b->data, a->len) == 0);
}


ngx_uint_t
oauthcc_fuzz_pick(oauthcc_fuzz_t *fuzz, ngx_uint_t n)
{
    u_char  c;

    if (fuzz->pos == fuzz->last) {
        return 0;
    }

    c = *fuzz->pos++;

    return (c >= '0' && c <= '9') ? (ngx_uint_t) (c - '0') % n : 0;
}


void
oauthcc_fuzz_record(oauthcc_fuzz_t *fuzz, ngx_str_t *record)
{
    record->data = fuzz->pos;

    while (fuzz->pos < fuzz->last && *fuzz->pos != 0x1e) {
        fuzz->pos++;
    }

    record->len = fuzz->pos - record->data;

    if (fuzz->pos < fuzz->last) {
        fuzz->pos++;
    }
}


void
oauthcc_fuzz_rest(oauthcc_fuzz_t *fuzz, ngx_str_t *rest)
{
    rest->len = fuzz->last - fuzz->pos;
    rest->data = ngx_alloc(rest->len, fuzz->log);

    oauthcc_fuzz_check(rest->data != NULL);

    if (rest->len) {
        ngx_memcpy(rest->data, fuzz->pos, rest->len);
    }
}


ngx_http_request_t *
oauthcc_fuzz_http_request(oauthcc_fuzz_t *fuzz)
{
    ngx_int_t                rc;
    ngx_http_conf_ctx_t     *ctx;
    ngx_http_request_t      *r;

    r = ngx_pcalloc(fuzz->pool, sizeof(ngx_http_request_t));
    oauthcc_fuzz_check(r != NULL);

    r->connection = ngx_pcalloc(fuzz->pool, sizeof(ngx_connection_t));
    oauthcc_fuzz_check(r->connection != NULL);

    r->signature = NGX_HTTP_MODULE;
    r->main = r;
    r->pool = fuzz->pool;
    r->connection->log = fuzz->log;
    r->connection->pool = fuzz->pool;

    ctx = (ngx_http_conf_ctx_t *) ngx_get_conf(ngx_cycle->conf_ctx,
                                               ngx_http_module);
    r->main_conf = ctx->main_conf;
    r->srv_conf = ctx->srv_conf;
    r->loc_conf = ctx->loc_conf;

    rc = ngx_list_init(&r->headers_in.headers, fuzz->pool, 4,
                       sizeof(ngx_table_elt_t));
    oauthcc_fuzz_check(rc == NGX_OK);

    rc = ngx_list_init(&r->headers_out.headers, fuzz->pool, 4,
                       sizeof(ngx_table_elt_t));
    oauthcc_fuzz_check(rc == NGX_OK);

    return r;
}


ngx_table_elt_t *
oauthcc_fuzz_header(ngx_list_t *headers, ngx_str_t *name, ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(headers);
    oauthcc_fuzz_check(h != NULL);

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    h->key = *name;
    h->value = *value;

    return h;
}


void
oauthcc_fuzz_written(oauthcc_fuzz_t *fuzz, oauthcc_writer_t *w,
    ngx_str_t *text)
{
    off_t         size;
    u_char       *p;
    ngx_chain_t  *cl;

    oauthcc_fuzz_check(oauthcc_writer_end(w, &cl, &size) == NGX_OK);

    text->len = size;
    text->data = ngx_pnalloc(fuzz->pool, size + 1);
    oauthcc_fuzz_check(text->data != NULL);

    for (p = text->data; cl; cl = cl->next) {
        p = ngx_cpymem(p, cl->buf->pos, ngx_buf_size(cl->buf));
    }

    oauthcc_fuzz_check(p == text->data + size);
}


oauthcc_provider_t *
oauthcc_fuzz_provider(char *name)
{
    ngx_str_t                      text;
    ngx_uint_t                     i;
    oauthcc_provider_t           **provider;
    ngx_http_oauthcc_main_conf_t  *omcf;

    omcf = ngx_http_cycle_get_module_main_conf(ngx_cycle,
                                               ngx_http_oauthcc_module);
    provider = omcf->providers.elts;

    text.data = (u_char *) name;
    text.len = ngx_strlen(name);

    for (i = 0; i < omcf->providers.nelts; i++) {

        if (oauthcc_fuzz_equal(&provider[i]->name, &text)) {
            return provider[i];
        }
    }

    oauthcc_fuzz_fail(__FILE__, __LINE__, name);

    return NULL;
}


ngx_int_t
oauthcc_fuzz_decode(ngx_pool_t *pool, u_char **pos, u_char *last,
    ngx_uint_t lenient, ngx_str_t *out)
{
    u_char    *p, *to;
    ngx_int_t  high, low;

    to = ngx_pnalloc(pool, last - *pos + 1);
    oauthcc_fuzz_check(to != NULL);

    out->data = to;

    for (p = *pos; p < last && *p != '&' && *p != '='; p++) {

        switch (*p) {

        case '+':
            *to++ = ' ';
            break;

        case '%':
            high = (last - p > 2) ? oauthcc_fuzz_hex(p[1])
                                  : NGX_DECLINED;
            low = (last - p > 2) ? oauthcc_fuzz_hex(p[2])
                                 : NGX_DECLINED;

            if (high != NGX_DECLINED && low != NGX_DECLINED) {
                *to++ = (u_char) (high * 16 + low);
                p += 2;
                break;
            }

            if (!lenient) {
                return NGX_DECLINED;
            }

            *to++ = '%';
            break;

        default:
            *to++ = *p;
        }
    }

    out->len = to - out->data;
    *pos = p;

    return NGX_OK;
}


static ngx_int_t
oauthcc_fuzz_hex(u_char c)
{
    static u_char  digits[] = "0123456789abcdef";

    u_char  *p;

    p = ngx_strlchr(digits, digits + 16, ngx_tolower(c));

    return p ? p - digits : NGX_DECLINED;
}


static void
oauthcc_fuzz_configure(char *prefix, u_char *file)
{
    FILE  *conf;

    conf = fopen((char *) file, "w");

    if (conf == NULL) {
        (void) fprintf(stderr, "%s can not be written\n", (char *) file);
        exit(2);
    }

    (void) fprintf(conf,
                   "pid nginx.pid;\n"
                   "error_log stderr emerg;\n"
                   "events { }\n"
                   "http {\n"
                   "    access_log off;\n"
                   "    client_body_temp_path temp/client_body;\n"
                   "    proxy_temp_path temp/proxy;\n"
                   "    fastcgi_temp_path temp/fastcgi;\n"
                   "    uwsgi_temp_path temp/uwsgi;\n"
                   "    scgi_temp_path temp/scgi;\n"
                   "%s"
                   "}\n", oauthcc_fuzz_providers);

    (void) fclose(conf);
}


/* what main() of nginx does before it has read its configuration */

static ngx_cycle_t *
oauthcc_fuzz_cycle(char *prefix, u_char *file)
{
    size_t              len;
    ngx_log_t          *log;
    static ngx_cycle_t  cycle;

    ngx_test_config = 1;
    ngx_max_sockets = -1;
    ngx_pid = ngx_getpid();
    ngx_parent = getppid();

    ngx_os_argv = oauthcc_fuzz_argv;
    ngx_argv = oauthcc_fuzz_argv;

    if (ngx_strerror_init() != NGX_OK) {
        return NULL;
    }

    ngx_time_init();

#if (NGX_PCRE)
    ngx_regex_init();
#endif

    log = ngx_log_init((u_char *) prefix, (u_char *) "stderr");
    if (log == NULL) {
        return NULL;
    }

    log->log_level = NGX_LOG_EMERG;

    if (ngx_ssl_init(log) != NGX_OK) {
        return NULL;
    }

    ngx_memzero(&cycle, sizeof(ngx_cycle_t));

    cycle.log = log;
    ngx_cycle = &cycle;

    cycle.pool = ngx_create_pool(1024, log);
    if (cycle.pool == NULL) {
        return NULL;
    }

    len = ngx_strlen(prefix);

    cycle.prefix.data = ngx_pnalloc(cycle.pool, len + sizeof("/"));
    cycle.conf_file.data = ngx_pnalloc(cycle.pool,
                                       ngx_strlen(file) + 1);

    if (cycle.prefix.data == NULL || cycle.conf_file.data == NULL) {
        return NULL;
    }

    cycle.prefix.len = ngx_sprintf(cycle.prefix.data, "%s/%Z", prefix) - 1
                       - cycle.prefix.data;
    cycle.conf_prefix = cycle.prefix;
    cycle.conf_file.len = ngx_sprintf(cycle.conf_file.data, "%s%Z", file) - 1
                          - cycle.conf_file.data;

    if (ngx_os_init(log) != NGX_OK || ngx_crc32_table_init() != NGX_OK) {
        return NULL;
    }

    ngx_slab_sizes_init();

    if (ngx_preinit_modules() != NGX_OK) {
        return NULL;
    }

    return ngx_init_cycle(&cycle);
}
