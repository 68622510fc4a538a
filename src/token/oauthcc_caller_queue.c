
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_caller_queue.h"


/* an address and a class, in bytes */
#define OAUTHCC_CALLER_QUEUE_KEY  (sizeof(uint64_t) + 1)


/* those of one address and class; there while there are any */

typedef struct {
    ngx_str_node_t  sn;
    u_char          key[OAUTHCC_CALLER_QUEUE_KEY];
    ngx_queue_t     locals;  /* the first is in the queue of the class */
    ngx_uint_t      n;
} oauthcc_caller_queue_t;


static oauthcc_caller_queue_t *oauthcc_caller_queue_find(
    oauthcc_local_t *local, oauthcc_turn_e class, ngx_str_t *key,
    uint32_t *hash, u_char *buf);


void
oauthcc_caller_queue_init(oauthcc_provider_t *provider)
{
    ngx_rbtree_init(&provider->runtime.callers,
                    &provider->runtime.callers_sentinel,
                    ngx_str_rbtree_insert_value);
}


ngx_uint_t
oauthcc_caller_queue_full(oauthcc_local_t *local, ngx_uint_t max)
{
    u_char                   buf[OAUTHCC_CALLER_QUEUE_KEY];
    uint32_t                 hash;
    ngx_str_t                key;
    oauthcc_caller_queue_t  *queue;

    queue = oauthcc_caller_queue_find(local, OAUTHCC_TURN_NEW, &key, &hash,
                                      buf);

    return queue && queue->n >= ngx_min(ngx_max(max, 1),
                                        OAUTHCC_CALLER_QUEUE_MAX);
}


ngx_uint_t
oauthcc_caller_queue_add(oauthcc_local_t *local, oauthcc_turn_e class)
{
    u_char                   buf[OAUTHCC_CALLER_QUEUE_KEY];
    uint32_t                 hash;
    ngx_str_t                key;
    oauthcc_caller_queue_t  *queue;

    queue = oauthcc_caller_queue_find(local, class, &key, &hash, buf);

    if (queue == NULL) {
        queue = ngx_calloc(sizeof(oauthcc_caller_queue_t), ngx_cycle->log);

        if (queue == NULL) {

            /* as one without an address */

            return 1;
        }

        ngx_memcpy(queue->key, key.data, key.len);

        queue->sn.node.key = hash;
        queue->sn.str.data = queue->key;
        queue->sn.str.len = key.len;

        ngx_queue_init(&queue->locals);
        ngx_rbtree_insert(&local->provider->runtime.callers, &queue->sn.node);
    }

    local->caller_queue = queue;
    ngx_queue_insert_tail(&queue->locals, &local->next);

    return queue->n++ == 0;
}


oauthcc_local_t *
oauthcc_caller_queue_remove(oauthcc_local_t *local)
{
    ngx_uint_t               first;
    oauthcc_caller_queue_t  *queue;

    queue = local->caller_queue;

    first = (ngx_queue_head(&queue->locals) == &local->next);

    local->caller_queue = NULL;
    ngx_queue_remove(&local->next);

    if (--queue->n == 0) {
        ngx_rbtree_delete(&local->provider->runtime.callers, &queue->sn.node);
        ngx_free(queue);

        return NULL;
    }

    return first ? ngx_queue_data(ngx_queue_head(&queue->locals),
                                  oauthcc_local_t, next)
                 : NULL;
}


static oauthcc_caller_queue_t *
oauthcc_caller_queue_find(oauthcc_local_t *local, oauthcc_turn_e class,
    ngx_str_t *key, uint32_t *hash, u_char *buf)
{
    u_char  *p;

    p = ngx_cpymem(buf, &local->address, sizeof(uint64_t));
    *p = (u_char) class;

    key->data = buf;
    key->len = OAUTHCC_CALLER_QUEUE_KEY;

    *hash = ngx_murmur_hash2(key->data, key->len);

    return (oauthcc_caller_queue_t *)
               ngx_str_rbtree_lookup(&local->provider->runtime.callers, key,
                                     *hash);
}
