
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_FUZZ_DOCUMENT_H_INCLUDED_
#define _OAUTHCC_FUZZ_DOCUMENT_H_INCLUDED_


#include "oauthcc_fuzz.h"


/*
 * Reads a document, asks it for its login request, and has it read a response
 * to that; all that comes out of it must be fit for the wire.  Whether the
 * document was taken.
 */

ngx_uint_t oauthcc_fuzz_document(oauthcc_fuzz_t *fuzz, ngx_str_t *text,
    ngx_uint_t status, ngx_str_t *response);


#endif /* _OAUTHCC_FUZZ_DOCUMENT_H_INCLUDED_ */
