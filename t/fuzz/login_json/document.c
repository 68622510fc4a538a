
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/* Documents: "document, record separator, response". */


#include "oauthcc_fuzz_document.h"


char  *oauthcc_fuzz_providers = "";


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    ngx_str_t  text, response;

    oauthcc_fuzz_record(fuzz, &text);

    response.data = fuzz->pos;
    response.len = fuzz->last - fuzz->pos;

    (void) oauthcc_fuzz_document(fuzz, &text, 200, &response);
}
