#!/usr/bin/perl

# Tests that the login is the same whatever is set at http level: a provider is
# a hidden server, which inherits all of that, and a proxy_set_header or an
# error_page meant for applications would reach the token endpoint.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->write_file('htpasswd', "user:{PLAIN}theirs\n");
$t->certificate('http.test');

my $config = <<'CONF';
%%GLOBALS%%

http {
    %%HTTP%%
    %%SET%%

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/token?q=1;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;

        # as nginx has it
        satisfy any; allow all; auth_basic off; error_page 599 /;
        limit_req_dry_run on;
        proxy_method $request_method; proxy_set_body $request_body;
        proxy_pass_request_headers on; proxy_pass_request_body on;
        proxy_cache off; proxy_store off; proxy_set_header X-Api 1;
        proxy_http_version 1.1; proxy_buffering on; gzip off; ssi off;
        proxy_intercept_errors off; proxy_limit_rate 0;

        oauthcc crm;
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }

    server {
        listen 127.0.0.1:%%PORT_page%%;
        location / { return 200 page; }
    }
}
CONF

my @settings = (
    '',
    'proxy_set_header Host evil;
     proxy_set_header X-Evil $remote_addr$server_port;',
    'proxy_method GET;',
    'proxy_set_body evil;',
    'proxy_pass_request_headers off; proxy_pass_request_body off;',
    'proxy_intercept_errors on; error_page 400 401 500 502 /page;
     recursive_error_pages on;',
    'proxy_http_version 1.0; proxy_request_buffering off;',
    'proxy_buffering off;',
    'proxy_buffer_size 1k; proxy_buffers 2 1k; proxy_busy_buffers_size 1k;',
    'proxy_cache_path %%PREFIX%%/c keys_zone=c:1m; proxy_cache c;
     proxy_cache_methods POST GET; proxy_cache_valid any 1h;
     proxy_cache_key x;',
    'proxy_store on; root %%PREFIX%%/store;',
    'proxy_ignore_client_abort off; lingering_close always;',
    'proxy_limit_rate 10;',
    'proxy_ignore_headers Vary; proxy_hide_header Content-Type;',
    'proxy_cookie_path / /x; proxy_redirect off;',
    'proxy_next_upstream off; proxy_next_upstream_tries 1;',
    'proxy_no_cache 1; proxy_cache_bypass 1;',
    'deny all; satisfy all; auth_basic x;
     auth_basic_user_file %%PREFIX%%/htpasswd;',
    'limit_req_zone $binary_remote_addr zone=r:1m rate=1r/m;
     limit_req zone=r; limit_conn_zone $server_name zone=n:1m;
     limit_conn n 1;',
    'gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any;',
    'ssi on; ssi_types *; sub_filter access evil; sub_filter_types *;',
    'expires 1h; add_header X-Evil 1 always; charset koi8-r;
     charset_types *; etag off;',
    'log_subrequest on; post_action /x;',
    'client_max_body_size 1; client_body_in_file_only on;
     client_body_buffer_size 1;',
    'default_type text/html; types { }',
    'ssl_certificate %%PREFIX%%/http.test.crt;
     ssl_certificate_key %%PREFIX%%/http.test.key;',
    'keepalive_timeout 0; reset_timedout_connection on; sendfile on;
     tcp_nopush on;',
    'subrequest_output_buffer_size 16; output_buffers 1 64;
     postpone_output 0;',
    'limit_rate 1; limit_rate_after 1;',
    'proxy_headers_hash_bucket_size 128; server_tokens off;',
    'mirror /x;',
    'if_modified_since before; max_ranges 0; merge_slashes off;',
);

my $plain;

for my $set (@settings) {
    my ($name) = $set =~ /^(\w*)/;

    $t->write_file('store/x', '');
    my $text = $config =~ s/%%SET%%/$set =~ s,\n\s*, ,gr/er;

    # inherited by the API's own location, where it is in the way
    $text =~ s/listen (\S+_http\S+);/listen $1; limit_rate 0; mirror off;/
        if $set =~ /^(?:mirror|limit_rate)/;
    my ($code, $out) = $t->check($text);

    if ($code) {
        # some are not for the http level in every nginx
        fail("$name: $out");
        next;
    }

    $idp->clear;
    $t->run($text);

    my $r = $t->get('/', headers => [ Cookie => 'client' ]);
    my $login = $idp->last_request // { body => '', head => '' };

    is_deeply([ $r->status, $r->seen('Authorization') ],
              [ 200, 'Bearer ' . ($idp->tokens)[-1] ], "$name: a token");
    $plain //= $login->{head};
    is($login->{head}, $plain, "$name: the same login");
    is($login->{body}, 'grant_type=client_credentials', "$name: its body");

    $t->stop;
}

is($t->read_file('logs/access.log') =~ tr/\n//, @settings,
   'no login is in the access log');

$t->done;
