
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PLACED_VALUE_H_INCLUDED_
#define _OAUTHCC_PLACED_VALUE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_fields.h"


/* so many bytes in a row of a value that was set are a trace of it */
#define OAUTHCC_PLACED_VALUE_RUN     8

/*
 * A text is searched in pieces of this size, which overlap by so many bytes:
 * each run lies completely in one of them, even form-encoded, where each of
 * its bytes takes three.
 */
#define OAUTHCC_PLACED_VALUE_PIECE   512
#define OAUTHCC_PLACED_VALUE_OVERLAP (3 * OAUTHCC_PLACED_VALUE_RUN)


/*
 * Whether a text contains a trace of what was set on a request: of the value
 * of a header or an argument, or of a token; as it is, form-encoded, or in any
 * alignment of base64.  Of arguments, raw and encoded values.  Uses the stack
 * only, and time linear in the text and the values.
 */
ngx_uint_t oauthcc_placed_value_holds(oauthcc_fields_t *fields,
    ngx_str_t *token, ngx_str_t *text);


#endif /* _OAUTHCC_PLACED_VALUE_H_INCLUDED_ */
