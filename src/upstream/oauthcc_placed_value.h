
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PLACED_VALUE_H_INCLUDED_
#define _OAUTHCC_PLACED_VALUE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_fields.h"


/* so many bytes in a row of what was put on a request are a trace of it */
#define OAUTHCC_PLACED_VALUE_RUN     8

/*
 * A text is looked at in pieces of so many bytes.  Each begins so many bytes
 * before the last one ends: a run is in one of them whole, though each of its
 * bytes has three, in form encoding.
 */
#define OAUTHCC_PLACED_VALUE_PIECE   512
#define OAUTHCC_PLACED_VALUE_OVERLAP (3 * OAUTHCC_PLACED_VALUE_RUN)


/*
 * Whether a text holds a trace of what was put on a request: of the value of
 * a header or an argument, or of a token; as it is, form-encoded, or in any
 * base64.  Of argument values, raw and encoded.  Takes no memory but the
 * stack, and time for the text and for the values, not for their product.
 */
ngx_uint_t oauthcc_placed_value_holds(oauthcc_fields_t *fields,
    ngx_str_t *token, ngx_str_t *text);


#endif /* _OAUTHCC_PLACED_VALUE_H_INCLUDED_ */
