
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_FUZZ_STORE_H_INCLUDED_
#define _OAUTHCC_FUZZ_STORE_H_INCLUDED_


#include "oauthcc_fuzz.h"
#include "store/oauthcc_store_seal.h"


/* A store with a new key and an old one: the first seals, both open. */

void oauthcc_fuzz_store(oauthcc_store_t *store);


#endif /* _OAUTHCC_FUZZ_STORE_H_INCLUDED_ */
