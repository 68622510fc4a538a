
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PROVIDER_DIRECTIVES_H_INCLUDED_
#define _OAUTHCC_PROVIDER_DIRECTIVES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* the type of a directive's field, at the offset of its command */

typedef enum {
    OAUTHCC_FIELD_OTHER = 0,
    OAUTHCC_FIELD_NUMBER,   /* one word, initially NGX_CONF_UNSET_* */
    OAUTHCC_FIELD_STRING,   /* ngx_str_t */
    OAUTHCC_FIELD_VALUE,    /* oauthcc_value_t */
    OAUTHCC_FIELD_STRINGS,  /* ngx_array_t of ngx_str_t */
    OAUTHCC_FIELD_NAMED,    /* ngx_array_t of oauthcc_named_t */
    OAUTHCC_FIELD_ATTRS,    /* ngx_array_t of oauthcc_attr_t */
    OAUTHCC_FIELD_CLAIMS    /* ngx_array_t of oauthcc_claim_t */
} oauthcc_field_e;


/*
 * Sets of client authentication methods, bits 1 << OAUTHCC_CLIENT_AUTH_*, and
 * one bit for an assertion_use that is not "client".
 */

#define OAUTHCC_PROVIDER_DIRECTIVES_OWN  ((ngx_uint_t) 1 << 31)

typedef struct {
    ngx_uint_t   needed;   /* needed by these */
    ngx_uint_t   allowed;  /* allowed with these */
    char        *hint;     /* the text for them */
} oauthcc_provider_directives_rule_t;


/*
 * A directive of the module in an oauthcc_provider block.  Its command is
 * given the oauthcc_provider_t as configuration.
 */

typedef struct {
    ngx_command_t                        command;
    oauthcc_field_e                      field;
    ngx_uint_t                           flags;      /* core/directive.h */
    char                                *preset[2];  /* its arguments */
    oauthcc_provider_directives_rule_t  *rule;       /* NULL: none */
} oauthcc_provider_directives_row_t;


/* All of them; the last one has an empty name. */
extern oauthcc_provider_directives_row_t  oauthcc_provider_directives[];

/* The words of auth_method. */
extern ngx_conf_enum_t  oauthcc_provider_directives_methods[];


#endif /* _OAUTHCC_PROVIDER_DIRECTIVES_H_INCLUDED_ */
