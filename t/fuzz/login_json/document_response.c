
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/* Responses to the login of a document: "document digit, body". */


#include "oauthcc_fuzz_document.h"


#define OAUTHCC_FUZZ_HEAD                                                     \
    "{\"authentication\":{\"type\":\"login\",\"loginRequest\":"               \
    "{\"endpoint\":\"https://192.0.2.1/\",\"method\":\"FORM\"},"

#define OAUTHCC_FUZZ_TAIL  "},\"config\":{}}"

#define oauthcc_fuzz_text(text)                                               \
    ngx_string(OAUTHCC_FUZZ_HEAD text OAUTHCC_FUZZ_TAIL)


char  *oauthcc_fuzz_providers = "";


static ngx_str_t  oauthcc_fuzz_documents[] = {

    oauthcc_fuzz_text("\"apiRequest\":{\"headers\":"
        "{\"Authorization\":{\"function\":\"concat\",\"args\":"
        "[\"Bearer \",{\"response\":\"access_token\"}]}}}"),

    oauthcc_fuzz_text("\"apiRequest\":{\"headers\":"
        "{\"X-A\":{\"response\":\"a.b.1.c\"},\"X-B\":\"a.b\"},"
        "\"query\":{\"q\":{\"response\":\"a.0\"},\"r[]\":\"d\"}},"
        "\"expires\":{\"response\":\"e\"}"),

    oauthcc_fuzz_text("\"format\":\"text\",\"apiRequest\":"
        "{\"headers\":{\"X-A\":{\"response\":\"data\"}},"
        "\"query\":{\"t\":{\"response\":\"data\"}}}"),

    oauthcc_fuzz_text("\"apiRequest\":{\"query\":{\"q\":"
        "{\"function\":\"implode\",\"args\":[\",\",[{\"response\":\"a\"},"
        "{\"response\":\"b\"},1,null,true]]}}},"
        "\"expires\":{\"response\":\"e\",\"relative\":true}"),

    oauthcc_fuzz_text("\"apiRequest\":{\"headers\":{\"X-S\":"
        "{\"function\":\"sprintf\",\"args\":[{\"response\":\"f\"},"
        "{\"response\":\"a\"},{\"response\":\"b\"}]},\"X-T\":"
        "{\"function\":\"strtotime\",\"args\":"
        "[{\"response\":\"e\"}]}}},\"expires\":{\"response\":\"e\"}"),

    oauthcc_fuzz_text("\"apiRequest\":{\"headers\":{\"X-D\":"
        "{\"function\":\"date\",\"args\":[{\"response\":\"f\"},"
        "{\"response\":\"a\"}]},\"X-H\":{\"function\":\"hash_hmac\","
        "\"args\":[{\"response\":\"h\"},{\"response\":\"a\"},"
        "{\"response\":\"b\"}]}}},\"expires\":3600"),

    oauthcc_fuzz_text("\"apiRequest\":{\"headers\":{\"X-I\":"
        "{\"function\":\"ifempty\",\"args\":[{\"response\":\"a\"},"
        "{\"function\":\"base64_encode\",\"args\":"
        "[{\"response\":\"b\"}]}]},\"X-M\":{\"function\":\"md5\","
        "\"args\":[{\"response\":\"a\"}]}}}"),

    oauthcc_fuzz_text("\"apiRequest\":{\"headers\":{\"X-A\":"
        "{\"response\":\"access_token\"}}},\"expires\":0"),

    oauthcc_fuzz_text("\"apiRequest\":{\"headers\":{\"X-A\":"
        "{\"response\":\"a.b.c\"}},\"query\":{\"q\":{\"response\":\"b\"}}},"
        "\"expires\":{\"response\":\"e\",\"relative\":1,"
        "\"unit\":\"ms\"}")
};


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    ngx_str_t   response;
    ngx_uint_t  n, taken;

    n = oauthcc_fuzz_pick(fuzz, 9);

    response.data = fuzz->pos;
    response.len = fuzz->last - fuzz->pos;

    taken = oauthcc_fuzz_document(fuzz, &oauthcc_fuzz_documents[n],
                                  200, &response);

    oauthcc_fuzz_check(taken);
}
