
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Unit tests of the rooms that need no request: "oauthcc_unit NAME;" in the
 * main part of nginx.conf runs the cases of the room while the configuration
 * is read, so "nginx -t" is enough, and prints TAP to the standard output.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "oauthcc_unit.h"
#include "cache/oauthcc_lock.h"
#include "store/oauthcc_store_seal.h"


typedef struct {
    ngx_str_t    name;
    ngx_int_t  (*run)(oauthcc_unit_t *unit);
} oauthcc_unit_room_t;


static char *oauthcc_unit(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static void oauthcc_unit_print(char *prefix, const char *fmt, va_list args);


#define OAUTHCC_UNIT(room)  { ngx_string(#room), oauthcc_unit_##room },

static oauthcc_unit_room_t  oauthcc_unit_rooms[] = {
#include "oauthcc_unit_rooms.h"
    { ngx_null_string, NULL }
};


static ngx_command_t  oauthcc_unit_commands[] = {

    { ngx_string("oauthcc_unit"),
      NGX_MAIN_CONF|NGX_DIRECT_CONF|NGX_CONF_TAKE1,
      oauthcc_unit,
      0,
      0,
      NULL },

      ngx_null_command
};


static ngx_core_module_t  ngx_http_oauthcc_unit_module_ctx = {
    ngx_string("oauthcc_unit"),
    NULL,
    NULL
};


ngx_module_t  ngx_http_oauthcc_unit_module = {
    NGX_MODULE_V1,
    &ngx_http_oauthcc_unit_module_ctx,     /* module context */
    oauthcc_unit_commands,        /* module directives */
    NGX_CORE_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


ngx_uint_t
oauthcc_unit_ok(oauthcc_unit_t *unit, ngx_uint_t passed, const char *fmt, ...)
{
    u_char   prefix[sizeof("not ok  - ") + NGX_INT_T_LEN];
    va_list  args;

    unit->number++;

    ngx_sprintf(prefix, "%sok %ui - %Z", passed ? "" : "not ", unit->number);

    va_start(args, fmt);
    oauthcc_unit_print((char *) prefix, fmt, args);
    va_end(args);

    return passed;
}


void
oauthcc_unit_diag(const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    oauthcc_unit_print("# ", fmt, args);
    va_end(args);
}


void
oauthcc_unit_string(oauthcc_unit_t *unit, ngx_str_t *got, ngx_str_t *expected,
    char *name)
{
    if (!oauthcc_unit_ok(unit, oauthcc_unit_equal(got, expected), "%s", name))
    {
        oauthcc_unit_diag("got:      \"%V\"", got);
        oauthcc_unit_diag("expected: \"%V\"", expected);
    }
}


void
oauthcc_unit_number(oauthcc_unit_t *unit, int64_t got, int64_t expected,
    char *name)
{
    if (!oauthcc_unit_ok(unit, got == expected, "%s", name)) {
        oauthcc_unit_diag("got:      %L", got);
        oauthcc_unit_diag("expected: %L", expected);
    }
}


void
oauthcc_unit_clock_set(oauthcc_time_t now)
{
    ngx_current_msec = (ngx_msec_t) now;

    (void) oauthcc_clock_compare(NULL, now, now, 0);
}


ngx_uint_t
oauthcc_unit_signatures(void)
{
    return getenv("TEST_NGINX_SLOWER") ? 30 : 600;
}


ngx_uint_t
oauthcc_unit_equal(ngx_str_t *a, ngx_str_t *b)
{
    return a->len == b->len
           && (a->len == 0 || ngx_memcmp(a->data, b->data, a->len) == 0);
}


ngx_int_t
oauthcc_unit_copy(oauthcc_unit_t *unit, ngx_str_t *from, ngx_str_t *to)
{
    to->len = from->len;
    to->data = ngx_alloc(from->len, unit->log);

    if (to->data == NULL) {
        return NGX_ERROR;
    }

    if (from->len) {
        ngx_memcpy(to->data, from->data, from->len);
    }

    return NGX_OK;
}


ngx_int_t
oauthcc_unit_zone(oauthcc_unit_t *unit, u_char *memory, size_t size,
    oauthcc_cache_t *cache)
{
    ngx_shm_zone_t    zone;
    ngx_slab_pool_t  *pool;

    if (memory == NULL) {
        memory = ngx_pmemalign(unit->pool, size, ngx_pagesize);
    }

    if (memory == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(memory, size);

    pool = (ngx_slab_pool_t *) memory;

    pool->addr = pool;
    pool->end = memory + size;
    pool->min_shift = 3;

    if (ngx_shmtx_create(&pool->mutex, &pool->lock, NULL) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_slab_init(pool);

    ngx_memzero(&zone, sizeof(ngx_shm_zone_t));
    ngx_memzero(cache, sizeof(oauthcc_cache_t));

    zone.shm.addr = memory;
    zone.shm.size = size;
    ngx_str_set(&zone.shm.name, "unit");

    return oauthcc_lock_init(cache, &zone);
}


ngx_int_t
oauthcc_unit_store(oauthcc_unit_t *unit, oauthcc_store_t *store, char **keys)
{
    ngx_str_t                   text;
    oauthcc_store_key_bytes_t  *key;

    ngx_memzero(store, sizeof(oauthcc_store_t));

    if (ngx_array_init(&store->keys, unit->pool, 2,
                       sizeof(oauthcc_store_key_bytes_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for ( /* void */ ; *keys; keys++) {

        key = ngx_array_push(&store->keys);

        text.data = (u_char *) *keys;
        text.len = ngx_strlen(*keys);

        if (key == NULL || oauthcc_store_seal_key(&text, key) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static char *
oauthcc_unit(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_int_t             rc;
    ngx_str_t            *value;
    oauthcc_unit_t        unit;
    oauthcc_unit_room_t  *room;

    value = cf->args->elts;

    for (room = oauthcc_unit_rooms; room->run; room++) {

        if (!oauthcc_unit_equal(&room->name, &value[1])) {
            continue;
        }

        unit.pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, cf->log);
        if (unit.pool == NULL) {
            return NGX_CONF_ERROR;
        }

        unit.log = cf->log;
        unit.dir = cf->cycle->conf_prefix;
        unit.number = 0;

        rc = room->run(&unit);

        ngx_destroy_pool(unit.pool);

        if (rc != NGX_OK) {
            return "ended early";
        }

        (void) printf("1..%d\n", (int) unit.number);
        (void) fflush(stdout);

        return NGX_CONF_OK;
    }

    return "knows no such room";
}


static void
oauthcc_unit_print(char *prefix, const char *fmt, va_list args)
{
    u_char  *p, text[4096];

    p = ngx_vslprintf(text, text + sizeof(text), fmt, args);

    (void) printf("%s%.*s\n", prefix, (int) (p - text), (char *) text);
    (void) fflush(stdout);
}
