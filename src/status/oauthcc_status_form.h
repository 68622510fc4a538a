
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STATUS_FORM_H_INCLUDED_
#define _OAUTHCC_STATUS_FORM_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* Forms that clients send, in a body or as arguments. */


/* maximum size of a body, in bytes */
#define OAUTHCC_STATUS_FORM_MAX  4096


typedef struct {
    ngx_str_t   name;
    ngx_str_t  *value;  /* NULL: the last one */
} oauthcc_status_form_field_t;


/* Reads the body.  Not NGX_OK: a result for the request. */
ngx_int_t oauthcc_status_form_read(ngx_http_request_t *r, ngx_str_t *form);

/*
 * Sets the values of fields, decoded in the memory of the form, which is
 * changed; one that is missing is a null string.
 */
void oauthcc_status_form_decode(ngx_http_request_t *r, ngx_str_t *form,
    oauthcc_status_form_field_t *fields);


#endif /* _OAUTHCC_STATUS_FORM_H_INCLUDED_ */
