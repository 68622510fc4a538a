#!/usr/bin/perl

# Tests for configurations that are right, odd ones among them, and for the
# warnings: a configuration that works but does not do what it says.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";

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
    # a root without /etc/hosts has no such name
    gethostbyname('localhost') ?
        [ 'localhost', "token_endpoint http://localhost:1/; $client",
          'oauthcc crm;' ] : (),
    [ '127.0.0.2', "token_endpoint http://127.0.0.2:1/; $client",
      'oauthcc crm;' ],
    [ 'allow_http', "token_endpoint http://192.0.2.1/; $client
                     allow_http on;", 'oauthcc crm;' ],
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

my $config = sub ($block, $location, $http = '') {
    return <<"CONF";
%%GLOBALS%%
http {
    %%HTTP%%
    $http
    oauthcc_provider crm {
        $block
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;

        location / {
            $location
            proxy_pass http://127.0.0.1:1;
        }
    }
}
CONF
};

for my $case (@good) {
    my ($name, $block, $location) = @$case;
    my ($code, $out) = $t->check($config->($block, $location));

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

($code, $out) = $t->check($config->(
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

    ($code, $out) = $t->check($config->("$endpoint $client", $location,
                                        $http // ''));
    is($code, 0, "$name: accepted");
    like($out, qr{\[warn\].*oauthcc.*check\.conf:\d+}, "$name: with a warning");
}

for my $case (
    [ 'off', 'oauthcc off; proxy_set_header Authorization x;' ],
    [ 'another header', 'oauthcc crm; proxy_set_header X-Authorization x;' ])
{
    my ($name, $location) = @$case;

    ($code, $out) = $t->check($config->("$endpoint $client", $location));
    unlike($out, qr/\[warn\]/, "$name: no warning");
}

$t->done;
