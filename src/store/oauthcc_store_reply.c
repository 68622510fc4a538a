
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_text.h"
#include "store/oauthcc_store_reply.h"

#if (OAUTHCC_HIREDIS)

#include <hiredis/hiredis.h>


/* words of a command at most: EVAL, three keys, the arguments of a script */
#define OAUTHCC_STORE_REPLY_WORDS  24


/* memory of a reply, which may have more elements than are bytes at hand */
#define OAUTHCC_STORE_REPLY_MEMORY  (2 * OAUTHCC_STORE_REPLY_MAX)

/* lists in lists; hiredis itself has a bound before 1.0 only */
#define OAUTHCC_STORE_REPLY_DEPTH  7


typedef struct {
    redisReader  *redis;
    size_t        memory;  /* of the reply that is being read */
} oauthcc_store_reply_reader_t;


#if (HIREDIS_MAJOR > 0)
typedef size_t  oauthcc_store_reply_size_t;
#else
typedef int     oauthcc_store_reply_size_t;
#endif


static void *oauthcc_store_reply_string(const redisReadTask *task, char *text,
    size_t len);
static void *oauthcc_store_reply_array(const redisReadTask *task,
    oauthcc_store_reply_size_t n);
static void *oauthcc_store_reply_integer(const redisReadTask *task,
    long long number);
static void *oauthcc_store_reply_nil(const redisReadTask *task);
static void *oauthcc_store_reply_add(const redisReadTask *task,
    oauthcc_store_reply_e type, size_t room);
static void oauthcc_store_reply_free_object(void *object);


ngx_uint_t  oauthcc_store_reply_built = 1;


#if (HIREDIS_MAJOR > 0)

/* types of RESP3, which nobody has asked for: as if there were no memory */

static void *
oauthcc_store_reply_double(const redisReadTask *task, double number,
    char *text, size_t len)
{
    return NULL;
}


static void *
oauthcc_store_reply_bool(const redisReadTask *task, int value)
{
    return NULL;
}

#endif


static redisReplyObjectFunctions  oauthcc_store_reply_functions = {
    .createString = oauthcc_store_reply_string,
    .createArray = oauthcc_store_reply_array,
    .createInteger = oauthcc_store_reply_integer,
#if (HIREDIS_MAJOR > 0)
    .createDouble = oauthcc_store_reply_double,
    .createBool = oauthcc_store_reply_bool,
#endif
    .createNil = oauthcc_store_reply_nil,
    .freeObject = oauthcc_store_reply_free_object
};


void *
oauthcc_store_reply_reader(void)
{
    oauthcc_store_reply_reader_t  *reader;

    reader = ngx_calloc(sizeof(oauthcc_store_reply_reader_t), ngx_cycle->log);
    if (reader == NULL) {
        return NULL;
    }

    reader->redis =
        redisReaderCreateWithFunctions(&oauthcc_store_reply_functions);

    if (reader->redis == NULL) {
        ngx_free(reader);
        return NULL;
    }

    reader->redis->privdata = reader;

    return reader;
}


void
oauthcc_store_reply_reader_free(void *data)
{
    oauthcc_store_reply_reader_t *reader = data;

    redisReaderFree(reader->redis);
    ngx_free(reader);
}


ngx_int_t
oauthcc_store_reply_feed(void *data, u_char *bytes, size_t len)
{
    oauthcc_store_reply_reader_t *reader = data;

    redisReader  *redis;

    redis = reader->redis;

    if (len > OAUTHCC_STORE_REPLY_MAX
        || redis->len - redis->pos > OAUTHCC_STORE_REPLY_MAX - len)
    {
        return NGX_ERROR;
    }

    return redisReaderFeed(redis, (char *) bytes, len) == REDIS_OK
           ? NGX_OK : NGX_ERROR;
}


ngx_int_t
oauthcc_store_reply_next(void *data, oauthcc_store_reply_t **reply)
{
    oauthcc_store_reply_reader_t *reader = data;

    void  *object;

    object = NULL;

    if (redisReaderGetReply(reader->redis, &object) != REDIS_OK) {
        return NGX_ERROR;
    }

    *reply = object;

    if (object == NULL) {
        return NGX_AGAIN;
    }

    reader->memory = 0;

    return NGX_OK;
}


/* hiredis gives no length but that of what has been received. */

static void *
oauthcc_store_reply_string(const redisReadTask *task, char *text, size_t len)
{
    oauthcc_store_reply_e   type;
    oauthcc_store_reply_t  *reply;

    switch (task->type) {

    case REDIS_REPLY_STRING:
        type = OAUTHCC_STORE_REPLY_STRING;
        break;

    case REDIS_REPLY_STATUS:
        type = OAUTHCC_STORE_REPLY_STATUS;
        break;

    case REDIS_REPLY_ERROR:
        type = OAUTHCC_STORE_REPLY_ERROR;
        break;

    default:
        return NULL;
    }

    reply = oauthcc_store_reply_add(task, type, len + 1);
    if (reply == NULL) {
        return NULL;
    }

    reply->text.len = len;
    reply->text.data = (u_char *) &reply[1];

    *ngx_cpymem(reply->text.data, text, len) = '\0';

    return reply;
}


static void *
oauthcc_store_reply_array(const redisReadTask *task,
    oauthcc_store_reply_size_t n)
{
    ngx_uint_t              depth;
    redisReadTask          *parent;
    oauthcc_store_reply_t  *reply;

    depth = 1;

    for (parent = task->parent; parent; parent = parent->parent) {
        if (++depth > OAUTHCC_STORE_REPLY_DEPTH) {
            return NULL;
        }
    }

    if (task->type != REDIS_REPLY_ARRAY
        || (size_t) n > OAUTHCC_STORE_REPLY_ELEMENTS)
    {
        return NULL;
    }

    reply = oauthcc_store_reply_add(task, OAUTHCC_STORE_REPLY_ARRAY,
                                    n * sizeof(oauthcc_store_reply_t *));
    if (reply == NULL) {
        return NULL;
    }

    reply->elements = (oauthcc_store_reply_t **) &reply[1];
    reply->nelements = n;

    return reply;
}


static void *
oauthcc_store_reply_integer(const redisReadTask *task, long long number)
{
    oauthcc_store_reply_t  *reply;

    reply = oauthcc_store_reply_add(task, OAUTHCC_STORE_REPLY_INTEGER, 0);

    if (reply) {
        reply->number = number;
    }

    return reply;
}


static void *
oauthcc_store_reply_nil(const redisReadTask *task)
{
    return oauthcc_store_reply_add(task, OAUTHCC_STORE_REPLY_NIL, 0);
}


/* An element of its parent; a reader that fails frees the parent. */

static void *
oauthcc_store_reply_add(const redisReadTask *task, oauthcc_store_reply_e type,
    size_t room)
{
    size_t                         size;
    oauthcc_store_reply_t         *reply, *parent;
    oauthcc_store_reply_reader_t  *reader;

    reader = task->privdata;
    size = sizeof(oauthcc_store_reply_t) + room;

    if (size > OAUTHCC_STORE_REPLY_MEMORY - reader->memory) {
        return NULL;
    }

    reply = ngx_calloc(size, ngx_cycle->log);
    if (reply == NULL) {
        return NULL;
    }

    reader->memory += size;
    reply->type = type;

    if (task->parent) {
        parent = task->parent->obj;
        parent->elements[task->idx] = reply;
    }

    return reply;
}


static void
oauthcc_store_reply_free_object(void *object)
{
    oauthcc_store_reply_free(object);
}


ssize_t
oauthcc_store_reply_format(ngx_str_t *words, ngx_uint_t n, u_char **data)
{
    char        *command;
    size_t       lens[OAUTHCC_STORE_REPLY_WORDS];
    ssize_t      len;
    ngx_uint_t   i;
    const char  *args[OAUTHCC_STORE_REPLY_WORDS];

    if (n > OAUTHCC_STORE_REPLY_WORDS) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        args[i] = words[i].len ? (char *) words[i].data : "";
        lens[i] = words[i].len;
    }

    len = redisFormatCommandArgv(&command, (int) n, args, lens);

    if (len < 0) {
        return NGX_ERROR;
    }

    *data = ngx_alloc(len, ngx_cycle->log);

    if (*data) {
        ngx_memcpy(*data, command, len);
    }

    /* it may hold a password */

    ngx_explicit_memzero(command, len);
    redisFreeCommand(command);

    return *data ? len : NGX_ERROR;
}


#else

ngx_uint_t  oauthcc_store_reply_built = 0;


void *
oauthcc_store_reply_reader(void)
{
    return NULL;
}


void
oauthcc_store_reply_reader_free(void *data)
{
}


ngx_int_t
oauthcc_store_reply_feed(void *data, u_char *bytes, size_t len)
{
    return NGX_ERROR;
}


ngx_int_t
oauthcc_store_reply_next(void *data, oauthcc_store_reply_t **reply)
{
    return NGX_ERROR;
}


ssize_t
oauthcc_store_reply_format(ngx_str_t *words, ngx_uint_t n, u_char **data)
{
    return NGX_ERROR;
}

#endif


void
oauthcc_store_reply_free(oauthcc_store_reply_t *reply)
{
    ngx_uint_t  i;

    if (reply == NULL) {
        return;
    }

    for (i = 0; i < reply->nelements; i++) {
        oauthcc_store_reply_free(reply->elements[i]);
    }

    ngx_free(reply);
}


ngx_uint_t
oauthcc_store_reply_text(oauthcc_store_reply_t *reply, ngx_uint_t i,
    ngx_str_t *text)
{
    if (reply->type != OAUTHCC_STORE_REPLY_ARRAY
        || i >= reply->nelements
        || reply->elements[i]->type != OAUTHCC_STORE_REPLY_STRING)
    {
        return 0;
    }

    *text = reply->elements[i]->text;

    return 1;
}


ngx_uint_t
oauthcc_store_reply_number(oauthcc_store_reply_t *reply, ngx_uint_t i,
    int64_t *number)
{
    if (reply->type != OAUTHCC_STORE_REPLY_ARRAY
        || i >= reply->nelements
        || reply->elements[i]->type != OAUTHCC_STORE_REPLY_INTEGER)
    {
        return 0;
    }

    *number = reply->elements[i]->number;

    return 1;
}


ngx_uint_t
oauthcc_store_reply_error(oauthcc_store_reply_t *reply, char *word)
{
    size_t  len;

    len = ngx_strlen(word);

    return reply->type == OAUTHCC_STORE_REPLY_ERROR
           && oauthcc_text_begins(&reply->text, word)
           && (reply->text.len == len || reply->text.data[len] == ' ');
}
