
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_basic_form.h"


/* the bits of the word that hold the form: the others are of the digest */
#define OAUTHCC_BASIC_FORM_MASK  0xff


static uint64_t oauthcc_basic_form_owner(u_char *digest);


oauthcc_basic_form_e
oauthcc_basic_form_get(oauthcc_stats_t *stats, u_char *digest,
    uint64_t content)
{
    uint64_t              word;
    oauthcc_basic_form_e  form;

    word = __atomic_load_n(&stats->basic_form, __ATOMIC_ACQUIRE);

    /* a provider of the same name may have had another configuration */

    if ((word & ~(uint64_t) OAUTHCC_BASIC_FORM_MASK)
        != oauthcc_basic_form_owner(digest))
    {
        return OAUTHCC_BASIC_FORM_UNKNOWN;
    }

    form = word & OAUTHCC_BASIC_FORM_MASK;

    if (form >= OAUTHCC_BASIC_FORM_NEXT_RFC6749
        && __atomic_load_n(&stats->basic_content, __ATOMIC_RELAXED) != content)
    {
        return OAUTHCC_BASIC_FORM_UNKNOWN;
    }

    return form;
}


ngx_uint_t
oauthcc_basic_form_set(oauthcc_stats_t *stats, u_char *digest,
    uint64_t content, oauthcc_basic_form_e form)
{
    uint64_t  word, old;

    word = oauthcc_basic_form_owner(digest) | form;

    __atomic_store_n(&stats->basic_content, content, __ATOMIC_RELAXED);

    old = __atomic_exchange_n(&stats->basic_form, word, __ATOMIC_ACQ_REL);

    return old != word;
}


static uint64_t
oauthcc_basic_form_owner(u_char *digest)
{
    uint64_t  owner;

    ngx_memcpy(&owner, digest, sizeof(uint64_t));

    return owner & ~(uint64_t) OAUTHCC_BASIC_FORM_MASK;
}
