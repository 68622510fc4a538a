#!/usr/bin/perl

# Tests for oauthcc_header and oauthcc_query: where a location wants its token.
# What is put there replaces what the client sent of that name, however it was
# spelled, and nothing else changes; a token in the arguments shows in no log,
# no cache and no error page.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new(needs => [ 'http_v2_module' ]);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $other = $t->upstream('other');
my $fcgi = $t->upstream('fcgi', protocol => 'fastcgi');

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%

    log_format all '$request|$args|$request_uri|$query_string|$arg_token'
                   '|$http_x_api_key|$http_authorization|$upstream_addr';
    access_log %%PREFIX%%/logs/access.log all;

    proxy_cache_path %%PREFIX%%/logs/cache keys_zone=one:1m;

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider down {
        token_endpoint http://127.0.0.1:%%PORT_dead%%/;
        client_id gateway;
        client_secret s3cret;
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }

    upstream pair {
        server 127.0.0.1:%%PORT_dead%% max_fails=0;
        server 127.0.0.1:%%PORT_api%% backup;
    }

    map $arg_evil $evil {
        default "";
        lf      "a
b";
        space   " a";
    }

    server {
        listen 127.0.0.1:%%PORT_grpc%% http2;
        access_log off;
        location / { proxy_pass http://api; }
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        oauthcc crm;

        location /key/ {
            oauthcc_header X-Api-Key $oauthcc_access_token;
            proxy_pass http://api;

            location /key/inherited/ { proxy_pass http://api; }

            location /key/own/ {
                oauthcc_query t $oauthcc_access_token;
                proxy_pass http://api;
            }
        }

        location /short/ {
            oauthcc_header Authorization;
            oauthcc_header X-Empty "";
            oauthcc_header X-Twice 1;
            oauthcc_header X-Twice $arg_x;
            proxy_pass http://api;
        }

        location /query/ {
            oauthcc_query token $oauthcc_access_token;
            proxy_pass http://api;
            add_header X-Uri $request_uri always;
            proxy_set_header X-Args $args;
        }

        location /both/ {
            oauthcc_query "a b" "x&y=z+#%/ä";
            oauthcc_query token $oauthcc_access_token;
            oauthcc_query none "";
            oauthcc_header X-Api-Key "key $oauthcc_access_token";
            proxy_pass http://api;
        }

        location /mapped/ {
            oauthcc_query token $oauthcc_access_token;
            proxy_pass http://api/elsewhere/;
        }

        location /variable/ {
            oauthcc_query token $oauthcc_access_token;
            set $to api;
            proxy_pass http://$to/v?x=$arg_x&token=static;
        }

        location /rewritten/ {
            oauthcc_query token $oauthcc_access_token;
            rewrite ^/rewritten/(.*)$ /r/$1?y=2 break;
            proxy_pass http://api;
        }

        location /refused/ {
            oauthcc_query token $oauthcc_access_token;
            proxy_pass http://127.0.0.1:%%PORT_dead%%;
        }

        location /slow/ {
            oauthcc_query token $oauthcc_access_token;
            proxy_read_timeout 100ms;
            proxy_pass http://127.0.0.1:%%PORT_other%%;
        }

        location /next/ {
            oauthcc_query token $oauthcc_access_token;
            proxy_pass http://pair;
        }

        location /cache/ {
            oauthcc_query token $oauthcc_access_token;
            proxy_cache one;
            proxy_cache_valid 200 1m;
            proxy_pass http://127.0.0.1:%%PORT_other%%;
            add_header X-Cache $upstream_cache_status;
        }

        location /fastcgi/ {
            oauthcc_query token $oauthcc_access_token;
            fastcgi_pass 127.0.0.1:%%PORT_fcgi%%;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param QUERY_STRING   $query_string;
            fastcgi_param REQUEST_URI    $request_uri;
            fastcgi_param ARGS           $args;
            fastcgi_param ARG            $arg_token;
        }

        location /grpc/ {
            oauthcc_query token $oauthcc_access_token;
            grpc_pass grpc://127.0.0.1:%%PORT_grpc%%;
        }

        location /unbuffered/ {
            oauthcc_query token $oauthcc_access_token;
            proxy_http_version 1.1;
            proxy_request_buffering off;
            proxy_pass http://api;
        }

        location /optional/ {
            oauthcc down optional;
            oauthcc_query token $oauthcc_access_token;
            oauthcc_header X-Api-Key $oauthcc_access_token;
            proxy_pass http://api;
        }

        location /evil/ {
            oauthcc_header X-Evil $evil;
            proxy_pass http://api;

            location /evil/query/ {
                oauthcc_query evil $evil;
                proxy_pass http://api;
            }
        }

        location /if/ {
            proxy_pass http://api;
            if ($arg_q) { oauthcc_query token $oauthcc_access_token; }
        }
    }
}
CONF

sub line ($r) { return (split / /, (split /\r?\n/, $r->body)[0])[1] // '' }


####  headers

my $r = $t->get('/key/', headers => [ 'X-Api-Key' => 'mine', X => 1,
                                      'x-api-key' => 'mine',
                                      Authorization => 'Basic eA==' ]);
my ($token) = $idp->tokens;

is_deeply([ $r->seen('X-Api-Key') ], [ $token ], 'a header of that name');
is(join(q(,), $r->seen('Authorization')), 'Basic eA==',
   'the header that it stands for is the client\'s');
is(join(q(,), $r->seen('X')), 1, 'and so are others');

is(join(q(,), $t->get('/key/inherited/')->seen('X-Api-Key')), $token,
   'inherited');

$r = $t->get('/key/own/');
is_deeply([ $r->seen('X-Api-Key') ], [], 'what is set here stands alone');
is(line($r), "/key/own/?t=$token", 'as an argument');

$r = $t->get('/short/?x=2', headers => [ 'X-Empty' => 1, 'X-Twice' => 3 ]);
is(join(q(,), $r->seen('Authorization')), "Bearer $token",
   'a header without a value');
is_deeply([ $r->seen('X-Empty') ], [], 'one with an empty value');
is_deeply([ $r->seen('X-Twice') ], [ 1, 2 ], 'two of one name');


####  arguments: what the client sends, what arrives

for my $case (
    [ '', '?token=%' ],
    [ '?', '?token=%' ],
    [ '?a=1', '?a=1&token=%' ],
    [ '?a=1&', '?a=1&token=%' ],
    [ '?a=1&&b', '?a=1&&b&token=%' ],
    [ '?&', '?&token=%' ],
    [ '?token=evil', '?token=%' ],
    [ '?token', '?token=%' ],
    [ '?token=evil&a=1', '?a=1&token=%' ],
    [ '?a=1&token=evil&b=2', '?a=1&b=2&token=%' ],
    [ '?token=1&token=2', '?token=%' ],
    [ '?%74oken=evil', '?token=%' ],
    [ '?%74%6F%6b%65%6E=evil&x', '?x&token=%' ],
    [ '?a=1;token=evil', '?a=1&token=%' ],
    [ '?token=evil;a=1', '?a=1&token=%' ],
    [ '?a=1;b=2', '?a=1;b=2&token=%' ],
    [ '?Token=1&tokens=2&toke=3&atoken=4&token[]=5&%2574oken=6',
      '?Token=1&tokens=2&toke=3&atoken=4&token[]=5&%2574oken=6&token=%' ],
    [ '?a=token=1&b=%zz%4&c=%&d=?&e=/',
      '?a=token=1&b=%zz%4&c=%&d=?&e=/&token=%' ],
    [ '?tok%65n%3D=1', '?tok%65n%3D=1&token=%' ],
    [ '?a=%20+%2B&%61=1', '?a=%20+%2B&%61=1&token=%' ],
    [ '?a=1#b', '?a=1&token=%#b' ],
    [ '#b', '?token=%#b' ],
    [ '?token=1#token=2', '?token=%#token=2' ],
    [ 'p%2Fq/../%3Ftoken=1?a', 'p%2Fq/../%3Ftoken=1?a&token=%' ])
{
    my ($sent, $expected) = @$case;
    my $uri = $expected =~ s/=%(?=#|\z)/=$token/r;

    is(line($t->get("/query/$sent")), "/query/$uri", "arguments: $sent");
}

$r = $t->get('/query/?a=1&token=mine');
is($r->header('X-Uri'), '/query/?a=1&token=mine', 'the request keeps its own');
is(join(q(,), $r->seen('X-Args')), 'a=1&token=mine', 'and so do variables');
is_deeply([ $r->seen('Authorization') ], [], 'no header besides');

$r = $t->get('/both/?a+b=1&a%20b=2&none=3&c',
             headers => [ 'X-Api-Key' => 'mine' ]);
is(line($r), "/both/?c&a%20b=x%26y%3Dz%2B%23%25%2F%C3%A4&token=$token",
   'encoded, the empty one only keeps others away');
is_deeply([ $r->seen('X-Api-Key') ], [ "key $token" ], 'with a header');

is(line($t->get('/mapped/a?b&token=1')), "/elsewhere/a?b&token=$token",
   'proxy_pass with a URI');
is(line($t->get('/variable/?x=1')), "/v?x=1&token=$token",
   'proxy_pass with variables');
is(line($t->get('/rewritten/a?token=1&b')), "/r/a?y=2&b&token=$token",
   'after a rewrite');
is(line($t->request(POST => '/query/', body => 'x' x 100_000)),
   "/query/?token=$token", 'with a body');
is($api->last_request->{length}, 100_000, 'which arrives');
is(line($t->get('/if/?q=1')), "/if/?q=1&token=$token", 'in an "if"');
is(join(q(,), $t->get('/if/')->seen('Authorization')), "Bearer $token",
   'and not in it');


####  other upstreams

$t->get('/fastcgi/?a=1&token=mine');
my %param = map { @$_ } @{ $fcgi->last_request->{headers} };
is($param{QUERY_STRING}, "a=1&token=$token", 'FastCGI: QUERY_STRING');
is($param{ARGS}, "a=1&token=$token", 'and $args');
is($param{ARG}, $token, 'and one of them');
is($param{REQUEST_URI}, "/fastcgi/?a=1&token=$token", 'and REQUEST_URI');


is(line($t->get('/grpc/?a=1&token=mine#b')), "/grpc/?a=1&token=$token#b",
   'gRPC');
is(line($t->get('/grpc/')), "/grpc/?token=$token", 'without arguments too');

$r = $t->raw(join("\r\n", 'POST /unbuffered/?a HTTP/1.1', 'Host: x',
                  'Connection: close', 'Transfer-Encoding: chunked', '',
                  '5', 'hello', '0', '', ''));
is(line($r), "/unbuffered/?a&token=$token", 'a body that is not buffered');
is($api->last_request->{body}, 'hello', 'which arrives as well');


####  without a credential

$r = $t->get('/optional/?a&token=mine', headers => [ 'X-Api-Key' => 1 ]);
is(line($r), '/optional/?a', 'optional: the client\'s argument goes');
is_deeply([ $r->seen('X-Api-Key') ], [], 'and its header');


####  values that would break a request

for my $uri ('/evil/', '/evil/query/') {
    is($t->get("$uri?evil=lf")->status, 400, "$uri: a line end");
    is($t->get("$uri?evil=space")->status, 400, "$uri: a space in front");
    is($t->get($uri)->status, 200, "$uri: empty");
}

is($t->log_lines(qr/the value of "(?:X-Evil|evil)" has control/), 4,
   'a line each');


####  replay

$api->answer('/query/replay', { status => 401 }, {});
is(line($t->get('/query/replay')), '/query/replay?token=' . ($idp->tokens)[-1],
   'a replay carries the new token');
is($idp->logins, 2, 'after one login');
$token = ($idp->tokens)[-1];


####  no trace

$other->answer('/slow/', { hang => 1 });
$other->answer({ body => 'cached', headers => [ 'X-A' => 1 ] });

is($t->get('/refused/?x=1')->status, 502, 'a refused connection');
is($t->get('/slow/?x=1')->status, 504, 'an upstream that is silent');
is(line($t->get('/next/?x=1')), "/next/?x=1&token=$token", 'the next server');

is($t->get('/cache/?x=1')->header('X-Cache'), 'MISS', 'cached');
is($other->last_request->{uri}, "/cache/?x=1&token=$token", 'with a token');
is($t->get('/cache/?x=1')->header('X-Cache'), 'HIT', 'found again');

for my $uri ('/refused/?x=1', '/slow/?x=1') {
    unlike($t->get($uri)->body, qr/tok-/, "$uri: the error page");
}

ok($t->log_lines(qr{refused.* upstream: "http://127.0.0.1:\d+/refused/\?x=1"}),
   'the error log shows the URI without it');
ok($t->log_lines(qr{timed out.* upstream: "http://127.0.0.1:\d+/slow/\?x=1"}),
   'after a time out too');
ok($t->log_lines(qr{refused.* upstream: "http://127.0.0.1:\d+/next/\?x=1"}),
   'and before the next server');

# done() looks for tokens in all that lies in logs/: access log, cache files

$t->done;
