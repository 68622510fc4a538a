#!/usr/bin/perl

# Tests for configurations that are right, odd ones among them, and for the
# warnings: a configuration that works but does not do what it says.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;

$t->write_file('block.conf', "client_id gateway;\nclient_secret s3cret;\n");
$t->write_file('bad.conf', "\nclient_id gateway;\nclient_idd x;\n");

my $endpoint = 'token_endpoint http://127.0.0.1:1/token;';
my $client = 'client_id gateway; client_secret s3cret;';

# name, block, location

my @good = (
    [ 'minimal', "$endpoint $client", 'oauthcc crm;' ],
    [ 'not used', "$endpoint $client", '' ],
    [ 'include', "$endpoint include %%PREFIX%%/block.conf;", 'oauthcc crm;' ],
    [ 'no path', "token_endpoint http://127.0.0.1:1; $client",
      'oauthcc crm;' ],
    [ 'query', "token_endpoint http://127.0.0.1:1/a?b=c&d; $client",
      'oauthcc crm;' ],
    [ 'localhost', "token_endpoint http://localhost:1/; $client",
      'oauthcc crm;' ],
    [ '127.0.0.2', "token_endpoint http://127.0.0.2:1/; $client",
      'oauthcc crm;' ],
    [ 'allow_http', "token_endpoint http://192.0.2.1/; $client
                     allow_http on;", 'oauthcc crm;' ],
    [ 'forward_proxy', "token_endpoint https://nosuchhost.invalid/; $client
       forward_proxy http://127.0.0.1:3128;", 'oauthcc crm;' ],
    [ 'forward_proxy, all', "issuer https://nosuchhost.invalid/; $client
       forward_proxy HTTP://a\%40b\@[::1]:3128/; proxy_bind 127.0.0.1;
       forward_proxy_password literal:x;", 'oauthcc crm;' ],
    [ 'forward_proxy, variables', "token_endpoint https://\$host/; $client
       forward_proxy http://localhost:3128;", 'oauthcc crm;' ],
    [ 'forward_proxy, http', "token_endpoint http://127.0.0.1/; $client
       forward_proxy http://127.0.0.1:3128; allow_http on;", 'oauthcc crm;' ],
    [ '::1', "token_endpoint http://[::1]:1/; $client", 'oauthcc crm;' ],
    [ 'unix', "token_endpoint http://unix:/tmp/s:/token; $client",
      'oauthcc crm;' ],
    [ 'https', "token_endpoint https://192.0.2.1/; $client", 'oauthcc crm;' ],
    [ 'dead name with resolver', "token_endpoint https://nosuchhost.invalid/;
       resolver 127.0.0.1:1; $client", 'oauthcc crm;' ],
    [ 'a variable', "$endpoint $client", 'oauthcc $http_x optional;' ],
    [ 'off', "$endpoint $client", 'oauthcc off;' ],
    [ 'odd secret', "$endpoint client_id 'a\$b'; client_secret 'c\$d{}\";'; ",
      'oauthcc crm;' ],
    [ 'odd literals', "$endpoint client_id literal:env:x;
       client_secret literal:literal:;", 'oauthcc crm;' ],
    [ 'empty secret', "$endpoint client_id a; client_secret '';",
      'oauthcc crm;' ],
    [ 'client_id beside Basic', "$endpoint $client param client_id gateway;",
      'oauthcc crm;' ],
    [ 'all', "$endpoint $client auth_method client_secret_post;
       basic_encoding rfc6749; scope 'a b'; audience x; resource urn:a;
       resource urn:b; param a b; param a c; header X y; token_type T;
       default_expires 1h; expiry_margin 1s; refresh_before 1s; timeout 1s;
       wait_timeout 1s; max_waiters 5; max_response 8k; allow_http off;
       backoff 1s 5s;
       proxy_connect_timeout 1s; proxy_read_timeout 1s; proxy_bind off;
       proxy_socket_keepalive on; resolver 127.0.0.1:1;
       resolver_timeout 1s; proxy_ssl_verify_depth 3;
       error_log %%PREFIX%%/logs/crm.log info;", 'oauthcc crm;' ],
);

$t->certificate('own.test');
$t->write_file('jwt', 'eyJ.a.b');

my $own = 'proxy_ssl_certificate %%PREFIX%%/own.test.crt;
           proxy_ssl_certificate_key %%PREFIX%%/own.test.key;';

push @good, (
    [ 'private_key_jwt', "$endpoint client_id gateway; auth_method
       private_key_jwt; assertion_key own.test.key; assertion_alg ES256;
       assertion_kid a; assertion_certificate own.test.crt;
       assertion_audience https://login.example/;", 'oauthcc crm;' ],
    [ 'a password that is not needed', "$endpoint client_id gateway;
       auth_method private_key_jwt; assertion_key file:own.test.key;
       assertion_key_password x;", 'oauthcc crm;' ],
    [ 'client_secret_jwt', "$endpoint client_id gateway; auth_method
       client_secret_jwt; client_secret a-secret-of-at-least-32-bytes-xx;
       assertion_kid a;", 'oauthcc crm;' ],
    [ 'tls_client_auth', "token_endpoint https://127.0.0.1:1/; $own client_id
       gateway; auth_method tls_client_auth;", 'oauthcc crm;' ],
    [ 'client_assertion', "$endpoint client_assertion file:jwt;",
      'oauthcc crm;' ],
    [ 'grant_type password', "$endpoint $client grant_type password;
       username joe; password 'a b';", 'oauthcc crm;' ],
    [ 'a certificate for two that say the same', "token_endpoint
       https://idp/; $own client_id gateway; auth_method tls_client_auth;",
      'oauthcc crm;', "upstream idp { server 127.0.0.1:1; }
       oauthcc_provider two { token_endpoint https://idp/; $own client_id
       two; auth_method tls_client_auth; }" ],
);

for my $case (@good) {
    my ($name, $block, $location, $http) = @$case;
    my ($code, $out) = $t->check($t->one_provider($block, $location, $http // ''));

    is($code, 0, $name) or diag $out;
    unlike($out, qr/\[(?:warn|error)\]/, "$name: no warning");
}

# anywhere, in any order

my ($code, $out) = $t->check(<<"CONF");
%%GLOBALS%%
http {
    %%HTTP%%
    oauthcc crm;
    server {
        listen 127.0.0.1:%%PORT_http%%;
        oauthcc off;
        location / {
            oauthcc crm;
            if (\$arg_x) { oauthcc two; }
            location /in {
                oauthcc two optional;
                proxy_pass http://127.0.0.1:1;
            }
        }
    }
    oauthcc_provider two { $endpoint $client }
    oauthcc_zone 4m;
    oauthcc_provider crm { $endpoint $client }
}
CONF
is($code, 0, 'every context') or diag $out;

####  a mistake in an included file

($code, $out) = $t->check($t->one_provider(
    "$endpoint include %%PREFIX%%/bad.conf;", 'oauthcc crm;'));
is($code, 1, 'a mistake in an included file');
like($out, qr{client_idd.*bad\.conf:3}, 'is found there');

####  warnings

for my $case (
    [ 'proxy_set_header', "oauthcc crm; proxy_set_header Authorization x;" ],
    [ 'in lower case', "oauthcc crm; proxy_set_header authorization '';" ],
    [ 'inherited', 'oauthcc crm;', 'proxy_set_header Authorization x;' ],
    [ 'no headers', 'oauthcc crm; proxy_pass_request_headers off;' ])
{
    my ($name, $location, $http) = @$case;

    ($code, $out) = $t->check($t->one_provider("$endpoint $client", $location,
                                        $http // ''));
    is($code, 0, "$name: accepted");
    like($out, qr{\[warn\].*oauthcc.*check\.conf:\d+}, "$name: with a warning");
}

$t->openssl('req -new -key own.test.key -subj /CN=own -out own.csr');
$t->openssl('x509 -req -in own.csr -signkey own.test.key '
            . $t->over . ' -out ended.crt');

for my $case (
    [ 'a short secret', 'auth_method client_secret_jwt;
       client_secret a-secret-of-31-bytes-xxxxxxxxxx;',
      qr/"client_secret" is shorter than the 32 bytes that HS256 wants/ ],
    [ 'a short secret for HS512', 'auth_method client_secret_jwt;
       client_secret a-secret-of-63-bytes-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'
       . 'xxxxxxx; assertion_alg HS512;',
      qr/"client_secret" is shorter than the 64 bytes that HS512 wants/ ],
    [ 'an old certificate', 'auth_method private_key_jwt; assertion_key
       own.test.key; assertion_certificate ended.crt;',
      qr/"assertion_certificate":.*ended\.crt" has expired/ ])
{
    my ($name, $block, $re) = @$case;

    ($code, $out) = $t->check($t->one_provider("$endpoint client_id gateway; $block",
                                        'oauthcc crm;'));
    is($code, 0, "$name: accepted");
    like($out, qr{\[warn\].*$re.*check\.conf:\d+}, "$name: with a warning");
}

for my $case (
    [ 'off', 'oauthcc off; proxy_set_header Authorization x;' ],
    [ 'another header', 'oauthcc crm; proxy_set_header X-Authorization x;' ])
{
    my ($name, $location) = @$case;

    ($code, $out) = $t->check($t->one_provider("$endpoint $client", $location));
    unlike($out, qr/\[warn\]/, "$name: no warning");
}

$t->done;
