
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "conf/oauthcc_slots.h"
#include "core/oauthcc_provider_conf.h"
#include "oauthcc_unit.h"


#define OAUTHCC_UNIT_DUPLICATE  "is duplicate"


typedef char *(*oauthcc_unit_setter_pt)(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* a directive, what it is given, and what becomes of it */

typedef struct {
    ngx_str_t   first;
    ngx_str_t   second;
    int64_t     value;    /* of the field, if the word is taken */
    int64_t     other;    /* of the other field of "backoff" */
    char       *message;  /* in the log, or returned; NULL: it is taken */
} oauthcc_unit_slot_t;


typedef struct {
    ngx_uint_t  one;      /* an enum */
    ngx_flag_t  flag;
    size_t      size;
    ngx_int_t   number;
} oauthcc_unit_slots_t;


static void oauthcc_unit_slots_log(ngx_log_t *log, ngx_uint_t level,
    u_char *buf, size_t len);
static void oauthcc_unit_slots_set(oauthcc_unit_t *unit,
    oauthcc_unit_setter_pt setter, ngx_command_t *cmd, void *conf,
    oauthcc_unit_slot_t *slot, char **returned);
static void oauthcc_unit_slots_check(oauthcc_unit_t *unit, ngx_str_t *name,
    oauthcc_unit_slot_t *slot, char *returned, int64_t value);
static void oauthcc_unit_slots_words(oauthcc_unit_t *unit);
static void oauthcc_unit_slots_time(oauthcc_unit_t *unit);
static void oauthcc_unit_slots_backoff(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_slots_value(oauthcc_unit_t *unit);


static ngx_conf_enum_t  oauthcc_unit_slots_enum[] = {
    { ngx_string("basic"), 3 },
    { ngx_string("post"), 0 },
    { ngx_string("none"), 7 },
    { ngx_null_string, 0 }
};


static oauthcc_unit_slot_t  oauthcc_unit_slots_enums[] = {
    { ngx_string("basic"), ngx_null_string, 3, 0, NULL },
    { ngx_string("post"), ngx_null_string, 0, 0, NULL },
    { ngx_string("none"), ngx_null_string, 7, 0, NULL },
    { ngx_string("Basic"), ngx_null_string, 0, 0,
      "invalid value \"Basic\" in \"one\" directive, "
      "it must be one of \"basic\", \"post\", \"none\"" },
    { ngx_string("bas"), ngx_null_string, 0, 0, "it must be one of" },
    { ngx_string("basics"), ngx_null_string, 0, 0, "it must be one of" },
    { ngx_string(""), ngx_null_string, 0, 0, "invalid value \"\"" },
    { ngx_string("https://user:pass@host/?secret=1"), ngx_null_string, 0, 0,
      "invalid value \"https://...@host/?...\"" }
};


static oauthcc_unit_slot_t  oauthcc_unit_slots_flags[] = {
    { ngx_string("on"), ngx_null_string, 1, 0, NULL },
    { ngx_string("off"), ngx_null_string, 0, 0, NULL },
    { ngx_string("ON"), ngx_null_string, 1, 0, NULL },
    { ngx_string("Off"), ngx_null_string, 0, 0, NULL },
    { ngx_string("yes"), ngx_null_string, 0, 0,
      "invalid value \"yes\" in \"flag\" directive, "
      "it must be \"on\" or \"off\"" },
    { ngx_string("1"), ngx_null_string, 0, 0, "\"on\" or \"off\"" },
    { ngx_string("offf"), ngx_null_string, 0, 0, "\"on\" or \"off\"" },
    { ngx_string(""), ngx_null_string, 0, 0, "\"on\" or \"off\"" }
};


static oauthcc_unit_slot_t  oauthcc_unit_slots_sizes[] = {
    { ngx_string("1"), ngx_null_string, 1, 0, NULL },
    { ngx_string("8k"), ngx_null_string, 8192, 0, NULL },
    { ngx_string("2M"), ngx_null_string, 2097152, 0, NULL },
    { ngx_string("0"), ngx_null_string, 0, 0,
      "invalid value \"0\" in \"size\" directive" },
    { ngx_string("0k"), ngx_null_string, 0, 0, "invalid value \"0k\"" },
    { ngx_string("-1"), ngx_null_string, 0, 0, "invalid value \"-1\"" },
    { ngx_string("8kb"), ngx_null_string, 0, 0, "invalid value \"8kb\"" },
    { ngx_string("k"), ngx_null_string, 0, 0, "invalid value \"k\"" },
    { ngx_string(""), ngx_null_string, 0, 0, "invalid value \"\"" },
    { ngx_string("99999999999999999999"), ngx_null_string, 0, 0,
      "invalid value" },
    { ngx_string("9223372036854775807k"), ngx_null_string, 0, 0,
      "invalid value" }
};


static oauthcc_unit_slot_t  oauthcc_unit_slots_numbers[] = {
    { ngx_string("1"), ngx_null_string, 1, 0, NULL },
    { ngx_string("007"), ngx_null_string, 7, 0, NULL },
    { ngx_string("2147483647"), ngx_null_string, 2147483647, 0, NULL },
    { ngx_string("0"), ngx_null_string, 0, 0,
      "invalid value \"0\" in \"number\" directive" },
    { ngx_string("-1"), ngx_null_string, 0, 0, "invalid value \"-1\"" },
    { ngx_string("+1"), ngx_null_string, 0, 0, "invalid value \"+1\"" },
    { ngx_string("1.5"), ngx_null_string, 0, 0, "invalid value \"1.5\"" },
    { ngx_string("ten"), ngx_null_string, 0, 0, "invalid value \"ten\"" },
    { ngx_string(""), ngx_null_string, 0, 0, "invalid value \"\"" },
    { ngx_string("99999999999999999999"), ngx_null_string, 0, 0,
      "invalid value" }
};


/* 24 days are the most that a time may be */

static oauthcc_unit_slot_t  oauthcc_unit_slots_times[] = {
    { ngx_string("10"), ngx_null_string, 10000, 0, NULL },
    { ngx_string("1ms"), ngx_null_string, 1, 0, NULL },
    { ngx_string("1m 30s"), ngx_null_string, 90000, 0, NULL },
    { ngx_string("24d"), ngx_null_string, 2073600000, 0, NULL },
    { ngx_string("24d 1ms"), ngx_null_string, 0, 0, "invalid value" },
    { ngx_string("25d"), ngx_null_string, 0, 0, "invalid value \"25d\"" },
    { ngx_string("-1"), ngx_null_string, 0, 0, "invalid value \"-1\"" },
    { ngx_string("10 minutes"), ngx_null_string, 0, 0,
      "invalid value \"10 minutes\"" },
    { ngx_string("s"), ngx_null_string, 0, 0, "invalid value \"s\"" },
    { ngx_string(""), ngx_null_string, 0, 0, "invalid value \"\"" }
};


static oauthcc_unit_slot_t  oauthcc_unit_slots_backoffs[] = {
    { ngx_string("1"), ngx_string("60"), 1000, 60000, NULL },
    { ngx_string("1s"), ngx_string("1s"), 1000, 1000, NULL },
    { ngx_string("1ms"), ngx_string("24d"), 1, 2073600000, NULL },
    { ngx_string("2s"), ngx_string("1s"), 0, 0,
      "has a maximum below its minimum" },
    { ngx_string("0"), ngx_string("60s"), 0, 0,
      "invalid value \"0\" in \"backoff\" directive" },
    { ngx_string("0"), ngx_string("0"), 0, 0, "invalid value \"0\"" },
    { ngx_string("1s"), ngx_string("0"), 0, 0,
      "has a maximum below its minimum" },
    { ngx_string("one"), ngx_string("60s"), 0, 0, "invalid value \"one\"" },
    { ngx_string("1s"), ngx_string("long"), 0, 0, "invalid value \"long\"" },
    { ngx_string("1s"), ngx_string("25d"), 0, 0, "invalid value \"25d\"" }
};


static u_char  oauthcc_unit_slots_logged[1024];


ngx_int_t
oauthcc_unit_slots(oauthcc_unit_t *unit)
{
    oauthcc_unit_slots_words(unit);
    oauthcc_unit_slots_time(unit);
    oauthcc_unit_slots_backoff(unit);

    return oauthcc_unit_slots_value(unit);
}


static void
oauthcc_unit_slots_log(ngx_log_t *log, ngx_uint_t level, u_char *buf,
    size_t len)
{
    len = ngx_min(len, sizeof(oauthcc_unit_slots_logged) - 1);

    ngx_memcpy(oauthcc_unit_slots_logged, buf, len);
    oauthcc_unit_slots_logged[len] = '\0';
}


/* Calls the setter as nginx does; what is logged stays in the buffer. */

static void
oauthcc_unit_slots_set(oauthcc_unit_t *unit, oauthcc_unit_setter_pt setter,
    ngx_command_t *cmd, void *conf, oauthcc_unit_slot_t *slot, char **returned)
{
    ngx_log_t    log;
    ngx_str_t    args[3];
    ngx_conf_t   cf;
    ngx_array_t  array;

    args[0] = cmd->name;
    args[1] = slot->first;
    args[2] = slot->second;

    ngx_memzero(&array, sizeof(ngx_array_t));
    array.elts = args;
    array.nelts = slot->second.data ? 3 : 2;

    ngx_memzero(&log, sizeof(ngx_log_t));
    log.log_level = NGX_LOG_DEBUG;
    log.writer = oauthcc_unit_slots_log;

    ngx_memzero(&cf, sizeof(ngx_conf_t));
    cf.args = &array;
    cf.pool = unit->pool;
    cf.log = &log;

    oauthcc_unit_slots_logged[0] = '\0';

    *returned = setter(&cf, cmd, conf);
}


static void
oauthcc_unit_slots_check(oauthcc_unit_t *unit, ngx_str_t *name,
    oauthcc_unit_slot_t *slot, char *returned, int64_t value)
{
    char        *said;
    ngx_uint_t   passed;

    said = returned;

    if (returned == NGX_CONF_OK || returned == NGX_CONF_ERROR) {
        said = (char *) oauthcc_unit_slots_logged;
    }

    if (slot->message == NULL) {
        passed = (returned == NGX_CONF_OK && value == slot->value
                  && oauthcc_unit_slots_logged[0] == '\0');

    } else {
        passed = (returned != NGX_CONF_OK
                  && ngx_strstr(said, slot->message) != NULL);
    }

    if (!oauthcc_unit_ok(unit, passed, "%V \"%V\"", name, &slot->first))
    {
        oauthcc_unit_diag("the value is %L, it says \"%s\"", value, said);
    }
}


static void
oauthcc_unit_slots_words(oauthcc_unit_t *unit)
{
    char                  *returned;
    ngx_uint_t             i;
    oauthcc_unit_slots_t   slots;

    ngx_command_t  one = { ngx_string("one"), 0, NULL, 0,
                           offsetof(oauthcc_unit_slots_t, one),
                           oauthcc_unit_slots_enum };
    ngx_command_t  flag = { ngx_string("flag"), 0, NULL, 0,
                            offsetof(oauthcc_unit_slots_t, flag), NULL };
    ngx_command_t  size = { ngx_string("size"), 0, NULL, 0,
                            offsetof(oauthcc_unit_slots_t, size), NULL };
    ngx_command_t  number = { ngx_string("number"), 0, NULL, 0,
                              offsetof(oauthcc_unit_slots_t, number), NULL };

    oauthcc_unit_slot_t  twice[4] = {
        { ngx_string("post"), ngx_null_string, 0, 0, OAUTHCC_UNIT_DUPLICATE },
        { ngx_string("off"), ngx_null_string, 0, 0, OAUTHCC_UNIT_DUPLICATE },
        { ngx_string("1k"), ngx_null_string, 0, 0, OAUTHCC_UNIT_DUPLICATE },
        { ngx_string("1"), ngx_null_string, 0, 0, OAUTHCC_UNIT_DUPLICATE }
    };

#define oauthcc_unit_slots_table(table, setter, field, unset, again)          \
                                                                              \
    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {                  \
        slots.field = unset;                                                  \
        oauthcc_unit_slots_set(unit, setter, &field, &slots, &table[i],       \
                               &returned);                                    \
        oauthcc_unit_slots_check(unit, &field.name, &table[i], returned,      \
                                 slots.field);                                \
    }                                                                         \
                                                                              \
    slots.field = 0;                                                          \
    oauthcc_unit_slots_set(unit, setter, &field, &slots, again, &returned);   \
    oauthcc_unit_slots_check(unit, &field.name, again, returned, slots.field)

    oauthcc_unit_slots_table(oauthcc_unit_slots_enums, oauthcc_slots_enum,
                             one, NGX_CONF_UNSET_UINT, &twice[0]);
    oauthcc_unit_slots_table(oauthcc_unit_slots_flags, oauthcc_slots_flag,
                             flag, NGX_CONF_UNSET, &twice[1]);
    oauthcc_unit_slots_table(oauthcc_unit_slots_sizes, oauthcc_slots_size,
                             size, NGX_CONF_UNSET_SIZE, &twice[2]);
    oauthcc_unit_slots_table(oauthcc_unit_slots_numbers, oauthcc_slots_number,
                             number, NGX_CONF_UNSET, &twice[3]);

#undef oauthcc_unit_slots_table
}


/* Only where no time makes sense is there a 0. */

static void
oauthcc_unit_slots_time(oauthcc_unit_t *unit)
{
    char                *returned;
    ngx_uint_t           i;
    ngx_msec_t          *field;
    oauthcc_provider_t   provider;

    static ngx_command_t  commands[] = {
        { ngx_string("timeout"), 0, NULL, 0,
          offsetof(oauthcc_provider_t, limits.timeout), NULL },
        { ngx_string("refresh_before"), 0, NULL, 0,
          offsetof(oauthcc_provider_t, lifetime.refresh_before),
          OAUTHCC_SLOTS_EMPTY },
        { ngx_string("expiry_margin"), 0, NULL, 0,
          offsetof(oauthcc_provider_t, lifetime.expiry_margin),
          OAUTHCC_SLOTS_EMPTY }
    };

    oauthcc_unit_slot_t  none = { ngx_string("0"), ngx_null_string, 0, 0,
                                  "invalid value \"0\" in \"timeout\"" };
    oauthcc_unit_slot_t  twice = { ngx_string("1s"), ngx_null_string, 0, 0,
                                   OAUTHCC_UNIT_DUPLICATE };

    field = &provider.limits.timeout;

    for (i = 0;
         i < sizeof(oauthcc_unit_slots_times) / sizeof(oauthcc_unit_slot_t);
         i++)
    {
        *field = NGX_CONF_UNSET_MSEC;

        oauthcc_unit_slots_set(unit, oauthcc_slots_time, &commands[0],
                               &provider, &oauthcc_unit_slots_times[i],
                               &returned);
        oauthcc_unit_slots_check(unit, &commands[0].name,
                                 &oauthcc_unit_slots_times[i], returned,
                                 *field);
    }

    for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        field = (ngx_msec_t *) ((char *) &provider + commands[i].offset);
        *field = NGX_CONF_UNSET_MSEC;

        oauthcc_unit_slots_set(unit, oauthcc_slots_time, &commands[i],
                               &provider, &none, &returned);
        oauthcc_unit_slots_check(unit, &commands[i].name, &none, returned,
                                 *field);

        /* the first is of a login, which needs some time */

        none.message = NULL;
    }

    oauthcc_unit_slots_set(unit, oauthcc_slots_time, &commands[1], &provider,
                           &twice, &returned);
    oauthcc_unit_slots_check(unit, &commands[1].name, &twice, returned, 0);
}


static void
oauthcc_unit_slots_backoff(oauthcc_unit_t *unit)
{
    char                 *returned;
    ngx_uint_t            i;
    oauthcc_provider_t    provider;
    oauthcc_unit_slot_t  *slot;

    static ngx_command_t  backoff = { ngx_string("backoff"), 0, NULL, 0, 0,
                                      NULL };

    oauthcc_unit_slot_t  twice = { ngx_string("1s"), ngx_string("1s"), 0, 0,
                                   OAUTHCC_UNIT_DUPLICATE };

    for (i = 0;
         i < sizeof(oauthcc_unit_slots_backoffs) / sizeof(oauthcc_unit_slot_t);
         i++)
    {
        slot = &oauthcc_unit_slots_backoffs[i];

        provider.limits.backoff_min = NGX_CONF_UNSET_MSEC;
        provider.limits.backoff_max = NGX_CONF_UNSET_MSEC;

        oauthcc_unit_slots_set(unit, oauthcc_slots_backoff, &backoff,
                               &provider, slot, &returned);
        oauthcc_unit_slots_check(unit, &backoff.name, slot, returned,
                                 provider.limits.backoff_min);

        if (slot->message == NULL) {
            oauthcc_unit_number(unit, provider.limits.backoff_max, slot->other,
                                "the maximum of backoff");
        }
    }

    oauthcc_unit_slots_set(unit, oauthcc_slots_backoff, &backoff, &provider,
                           &twice, &returned);
    oauthcc_unit_slots_check(unit, &backoff.name, &twice, returned, 0);
}


/* An environment variable is kept for the workers; nothing else is. */

static ngx_int_t
oauthcc_unit_slots_value(oauthcc_unit_t *unit)
{
    char             *returned;
    void            **ctx;
    ngx_log_t         log;
    ngx_str_t         arg, directive, *env;
    ngx_conf_t        cf;
    ngx_cycle_t       cycle;
    oauthcc_value_t   value;
    ngx_core_conf_t   ccf;

    ngx_memzero(&ccf, sizeof(ngx_core_conf_t));

    if (ngx_array_init(&ccf.env, unit->pool, 1, sizeof(ngx_str_t)) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx = ngx_pcalloc(unit->pool, ngx_max_module * sizeof(void *));
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    ctx[ngx_core_module.index] = &ccf;

    ngx_memzero(&cycle, sizeof(ngx_cycle_t));
    cycle.conf_ctx = (void ****) ctx;
    cycle.conf_prefix = unit->dir;

    ngx_memzero(&log, sizeof(ngx_log_t));
    log.log_level = NGX_LOG_DEBUG;
    log.writer = oauthcc_unit_slots_log;

    ngx_memzero(&cf, sizeof(ngx_conf_t));
    cf.cycle = &cycle;
    cf.pool = unit->pool;
    cf.log = &log;

    ngx_str_set(&directive, "client_secret");

    oauthcc_unit_slots_logged[0] = '\0';
    ngx_str_set(&arg, "s3cret");

    returned = oauthcc_slots_value(&cf, &arg, &directive, &value);

    oauthcc_unit_ok(unit, returned == NGX_CONF_OK && ccf.env.nelts == 0,
                    "a text is a value");

    ngx_str_set(&arg, "env:PATH");

    returned = oauthcc_slots_value(&cf, &arg, &directive, &value);

    oauthcc_unit_ok(unit, returned == NGX_CONF_OK && ccf.env.nelts == 1,
                    "a variable of the environment is kept");

    if (ccf.env.nelts == 1) {
        env = ccf.env.elts;
        ngx_str_set(&arg, "PATH");
        oauthcc_unit_string(unit, env, &arg, "by its name");
    }

    ngx_str_set(&arg, "env:OAUTHCC_UNIT_NOT_SET");

    returned = oauthcc_slots_value(&cf, &arg, &directive, &value);

    oauthcc_unit_ok(unit, returned == NGX_CONF_ERROR && ccf.env.nelts == 1
                          && ngx_strstr(oauthcc_unit_slots_logged,
                                        "\"client_secret\" directive: ")
                             != NULL,
                    "one that is not set is none");

    return NGX_OK;
}
