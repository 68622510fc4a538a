
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_tls_verify.h"


/*
 * nginx compares names only, after the handshake.  The peer may be an IP
 * address, and is known only per connection where it comes from metadata or
 * variables.
 */


typedef void (*oauthcc_tls_verify_info_pt)(const SSL *ssl, int where,
    int ret);


/* the expected identity: an address, or else a name */

typedef struct {
    ngx_str_t  name;
    u_char     address[16];
    size_t     len;  /* length of the address */
} oauthcc_tls_verify_subject_t;


static int oauthcc_tls_verify(X509_STORE_CTX *store, void *data);
static int oauthcc_tls_verify_chain(X509_STORE_CTX *store,
    oauthcc_tls_verify_subject_t *subject);
static ngx_int_t oauthcc_tls_verify_subject(ngx_connection_t *c,
    oauthcc_tls_verify_subject_t *subject);
static void oauthcc_tls_verify_info(const SSL *ssl, int where, int ret);
static void oauthcc_tls_verify_start(SSL *ssl, ngx_connection_t *c);
static ngx_uint_t oauthcc_tls_verify_session(SSL *ssl,
    oauthcc_tls_verify_subject_t *subject);


/* nginx's own callback, the same for all */

static oauthcc_tls_verify_info_pt  oauthcc_tls_verify_next_info;


void
oauthcc_tls_verify_set(SSL_CTX *ctx)
{
    oauthcc_tls_verify_info_pt  info;

    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(ctx, oauthcc_tls_verify, NULL);

    info = SSL_CTX_get_info_callback(ctx);

    if (info != oauthcc_tls_verify_info) {
        oauthcc_tls_verify_next_info = info;
        SSL_CTX_set_info_callback(ctx, oauthcc_tls_verify_info);
    }
}


/* Verifies the certificate of the server; 0 ends the handshake. */

static int
oauthcc_tls_verify(X509_STORE_CTX *store, void *data)
{
    int                           error;
    ngx_connection_t             *c;
    oauthcc_tls_verify_subject_t  subject;

    c = ngx_ssl_get_connection(
            (SSL *) X509_STORE_CTX_get_ex_data(store,
                                       SSL_get_ex_data_X509_STORE_CTX_idx()));

    if (oauthcc_tls_verify_subject(c, &subject) != NGX_OK) {
        X509_STORE_CTX_set_error(store, X509_V_ERR_UNSPECIFIED);
        return 0;
    }

    if (oauthcc_tls_verify_chain(store, &subject)) {
        return 1;
    }

    error = X509_STORE_CTX_get_error(store);

    if (error == X509_V_ERR_HOSTNAME_MISMATCH
        || error == X509_V_ERR_IP_ADDRESS_MISMATCH)
    {
        ngx_log_error(NGX_LOG_ERR, c->log, 0,
                      "upstream SSL certificate does not match \"%V\"",
                      &subject.name);

    } else {
        ngx_log_error(NGX_LOG_ERR, c->log, 0,
                      "upstream SSL certificate verify error: (%d:%s)",
                      error, X509_verify_cert_error_string(error));
    }

    return 0;
}


static int
oauthcc_tls_verify_chain(X509_STORE_CTX *store,
    oauthcc_tls_verify_subject_t *subject)
{
    X509  *cert;

    if (X509_verify_cert(store) <= 0) {

        if (X509_STORE_CTX_get_error(store) == X509_V_OK) {
            X509_STORE_CTX_set_error(store, X509_V_ERR_UNSPECIFIED);
        }

        return 0;
    }

    cert = X509_STORE_CTX_get0_cert(store);

    /*
     * RFC 9110 section 4.3.5: an address must be in an iPAddress entry, never
     * in a name
     */

    if (subject->len) {

        if (X509_check_ip(cert, subject->address, subject->len, 0) == 1) {
            return 1;
        }

        X509_STORE_CTX_set_error(store, X509_V_ERR_IP_ADDRESS_MISMATCH);
        return 0;
    }

    /* OpenSSL takes a length of 0 for a terminated string */

    if (subject->name.len
        && X509_check_host(cert, (char *) subject->name.data,
                           subject->name.len, 0, NULL)
           == 1)
    {
        return 1;
    }

    X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
    return 0;
}


static ngx_int_t
oauthcc_tls_verify_subject(ngx_connection_t *c,
    oauthcc_tls_verify_subject_t *subject)
{
    u_char              *p, *last;
    in_addr_t            addr;
    ngx_str_t           *name;
    ngx_http_request_t  *r;

    r = c->data;
    name = &subject->name;

    subject->len = 0;

    /*
     * no upstream: an idle connection of an upstream{} on which the server
     * starts another handshake
     */

    if (r->upstream->conf->ssl_name == NULL
        || ngx_http_complex_value(r, r->upstream->conf->ssl_name, name)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

#if (NGX_HAVE_INET6)

    if (ngx_inet6_addr(name->data, name->len, subject->address) == NGX_OK) {
        subject->len = 16;
        return NGX_OK;
    }

#endif

    last = name->data + name->len;

    if (name->len && name->data[0] == '[') {

        p = ngx_strlchr(name->data, last, ']');

        if (p == NULL) {
            return NGX_OK;
        }

#if (NGX_HAVE_INET6)

        if (ngx_inet6_addr(name->data + 1, p - name->data - 1,
                           subject->address)
            == NGX_OK)
        {
            subject->len = 16;
        }

#endif

        name->len = p + 1 - name->data;

        return NGX_OK;
    }

    /* nginx accepts a port here: the name may come from a Host header */

    p = ngx_strlchr(name->data, last, ':');

    if (p) {
        name->len = p - name->data;
    }

    addr = ngx_inet_addr(name->data, name->len);

    if (addr != INADDR_NONE) {
        ngx_memcpy(subject->address, &addr, sizeof(in_addr_t));
        subject->len = sizeof(in_addr_t);
    }

    return NGX_OK;
}


static void
oauthcc_tls_verify_info(const SSL *ssl, int where, int ret)
{
    ngx_connection_t  *c;

    c = ngx_ssl_get_connection((SSL *) ssl);

    /* not a renegotiation */

    if ((where & SSL_CB_HANDSHAKE_START) && !c->ssl->handshaked) {
        oauthcc_tls_verify_start((SSL *) ssl, c);
    }

    if (oauthcc_tls_verify_next_info) {
        oauthcc_tls_verify_next_info(ssl, where, ret);
    }
}


/*
 * A resumed session sends no certificate, and nginx keeps one session for all
 * who connect to the same address, whatever they trust or verify.  A session
 * whose certificate does not verify is not resumed.
 */

static void
oauthcc_tls_verify_start(SSL *ssl, ngx_connection_t *c)
{
    ngx_uint_t                    known;
    oauthcc_tls_verify_subject_t  subject;

    known = (oauthcc_tls_verify_subject(c, &subject) == NGX_OK);

    /*
     * nginx takes the beginning of an IPv6 address without brackets as a name
     */

    if (known && subject.len) {
        (void) SSL_set_tlsext_host_name(ssl, NULL);
    }

    if (SSL_get_session(ssl)
        && (!known || !oauthcc_tls_verify_session(ssl, &subject)))
    {
        (void) SSL_set_session(ssl, NULL);
    }
}


static ngx_uint_t
oauthcc_tls_verify_session(SSL *ssl, oauthcc_tls_verify_subject_t *subject)
{
    X509               *cert;
    ngx_uint_t          good;
    X509_STORE_CTX     *store;
    X509_VERIFY_PARAM  *param;

    cert = SSL_SESSION_get0_peer(SSL_get_session(ssl));

    if (cert == NULL) {
        return 0;
    }

    store = X509_STORE_CTX_new();
    if (store == NULL) {
        ERR_clear_error();
        return 0;
    }

    good = 0;

    if (X509_STORE_CTX_init(store,
                            SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl)),
                            cert, SSL_get_peer_cert_chain(ssl)))
    {
        param = X509_STORE_CTX_get0_param(store);

#if !(defined OPENSSL_IS_BORINGSSL)
        /* as OpenSSL sets it before a certificate is verified */
        X509_VERIFY_PARAM_set_auth_level(param, SSL_get_security_level(ssl));
#endif

        if (X509_STORE_CTX_set_default(store, "ssl_server")
            && X509_VERIFY_PARAM_set1(param, SSL_get0_param(ssl)))
        {
            good = oauthcc_tls_verify_chain(store, subject);
        }
    }

    X509_STORE_CTX_free(store);

    /* not an error of the connection */

    ERR_clear_error();

    return good;
}
