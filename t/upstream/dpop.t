#!/usr/bin/perl

# Tests of DPoP (RFC 9449) at the upstream, with a real authorization server
# and a strict resource server: what a proof says of the URL in all the ways in
# which nginx makes one, nonces that change, other servers of an upstream, and
# what an attacker can do with a token, or with a proof.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util qw(uniq);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::OidcProvider;
use Test::OAuthCC::ResourceServer;

my $t = Test::OAuthCC->new(needs => [ 'http_slice_module' ]);

my $idp = $t->daemon('OidcProvider', 'idp');

# the first wants no nonce, the second another one every two seconds
my $api = $t->daemon('ResourceServer', 'api', idp => $idp);
my $nonces = $t->daemon('ResourceServer', 'nonces', idp => $idp,
                        nonce => 2000);
my $called = $t->daemon('ResourceServer', 'called', idp => $idp,
                        origin => 'https://api.example.com');

my $provider = 'token_endpoint ' . $idp->token_endpoint . ';'
               . $idp->login_as('plain') . 'scope read; dpop on;';

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
    proxy_cache_path %%PREFIX%%/cache keys_zone=one:1m;
    client_body_buffer_size 64k;
    client_max_body_size 10m;

    oauthcc_provider crm { $provider replay_interval 1s; }

    upstream two {
        server 127.0.0.1:%%PORT_api%% max_fails=0;
        server 127.0.0.1:%%PORT_api%% max_fails=0;
        keepalive 8;
    }

    map \$http_x_to \$to { default http://127.0.0.1:%%PORT_api%%; }

    oauthcc crm;
    proxy_http_version 1.1;
    proxy_set_header Connection "";

    server {
        listen 127.0.0.1:%%PORT_http%%;

        location /plain/ { proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location /old/ {
            proxy_http_version 1.0;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /uri/ { proxy_pass http://127.0.0.1:%%PORT_api%%/base/; }
        location ~ ^/regex/(.*) {
            proxy_pass http://127.0.0.1:%%PORT_api%%/r/\$1\$is_args\$args;
        }
        location /variable/ { proxy_pass \$to; }
        location /rewrite/ {
            rewrite ^/rewrite/(.*) /new/\$1?x=y break;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /if/ {
            if (\$arg_a) { proxy_pass http://127.0.0.1:%%PORT_api%%; }
        }
        location /method/ {
            proxy_method PUT;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /host/ {
            proxy_set_header Host "Api.example.com:8443";
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /client_host/ {
            proxy_set_header Host \$http_x_host;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /cached/ {
            proxy_cache one;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /slice/ {
            slice 10;
            proxy_cache one;
            proxy_cache_valid 206 1h;
            proxy_cache_key \$uri\$slice_range;
            proxy_set_header Range \$slice_range;
            proxy_pass http://127.0.0.1:%%PORT_nonces%%;
        }
        location /query/ {
            oauthcc_header Authorization;
            oauthcc_query  token \$oauthcc_access_token;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /type/ {
            oauthcc_header Authorization
                           "\$oauthcc_token_type \$oauthcc_access_token";
            oauthcc_header X-Type \$oauthcc_token_type;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /stream/ {
            proxy_request_buffering off;
            proxy_pass http://127.0.0.1:%%PORT_api%%/body/;
        }
        location /upgrade/ {
            proxy_set_header Upgrade \$http_upgrade;
            proxy_set_header Connection upgrade;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /cut/ { proxy_pass http://two; }
        location /cut_query/ {
            oauthcc_header Authorization;
            oauthcc_query  a b;
            proxy_pass http://two;
        }
        location /own/ {
            proxy_pass_request_headers off;
            proxy_set_header Authorization
                             "\$oauthcc_token_type \$oauthcc_access_token";
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location /socket/ { proxy_pass http://unix:%%PREFIX%%/hop; }
        location /socket_uri/ { proxy_pass http://unix:%%PREFIX%%/hop:/b%20c/; }
        location /called/ {
            oauthcc_dpop_uri https://api.example.com;
            proxy_pass http://127.0.0.1:%%PORT_called%%/v1/;
        }
        location /called_path/ {
            oauthcc_dpop_uri https://api.example.com\$uri?ignored;
            proxy_pass http://127.0.0.1:%%PORT_called%%;
        }

        location /nonces/ { proxy_pass http://127.0.0.1:%%PORT_nonces%%; }
        location /nonces_stream/ {
            proxy_request_buffering off;
            proxy_pass http://127.0.0.1:%%PORT_nonces%%/body/;
        }
        location /intercepted/ {
            proxy_intercept_errors on;
            error_page 401 = \@error;
            proxy_pass http://127.0.0.1:%%PORT_nonces%%;
        }
        location \@error { return 418; }
        location /twice/ { proxy_pass http://127.0.0.1:%%PORT_nonces%%; }
        location /no_replay/ {
            oauthcc_replay off;
            proxy_pass http://127.0.0.1:%%PORT_nonces%%;
        }

        location /no_headers/ {
            oauthcc crm;
            proxy_pass_request_headers off;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }

    server {
        listen unix:%%PREFIX%%/hop;
        oauthcc off;
        proxy_set_header Host \$http_host;
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%\$request_uri; }
    }
}
CONF

####  each way to make a request

sub good (@request) { return $api->good($t, @request) }

good('plain', '/plain/a?b=c');
good('HTTP/1.0', '/old/a');
good('a URI', '/uri/a%2Fb/c?d');
good('a regex', '/regex/a/b?c=d');
good('a variable', '/variable/a?b');
good('a rewritten one', '/rewrite/a');
good('an if', '/if/x?a=b');
good('a post', '/plain/a', method => 'POST', body => 'x' x 100);
is(good('another method', '/method/a')->{htm}, 'PUT', 'which is signed');
is(good('a host with a port', '/host/a')->{htu},
   'http://Api.example.com:8443/host/a', 'as it is sent');
good('as it is', '/plain/a//b/../c/./d%2F%2e');
good('a fragment', '/plain/a#b');
good('escapes after a rewrite', '/rewrite/a%20b%3Fc%23%25%2541?d');
good('escapes after a URI', '/uri/a%20b%3Fc%23%25%2541?d');
is(good('a socket', '/socket/a%20b?c')->{htu}, 'http://localhost/socket/a%20b',
   'which has a name');
good('a socket and a URI', '/socket_uri/d%20e%3F');
good('an empty path', '/plain/');
good('tokens in a query', '/query/a?b=c');
good('a placement of its own', '/type/a');
good('a body that is not buffered', '/stream/a', method => 'POST',
     body => 'x' x 1000);
good('an upgrade', '/upgrade/a', headers => [ Upgrade => 'websocket' ]);
good('a header of the location alone', '/own/a');
good('many octets of the rest', '/plain/!$&()*+,;=:@-._~');

for my $method (qw(HEAD PUT DELETE PATCH OPTIONS PROPFIND MKCOL REPORT)) {
    is(good('a method', '/plain/a', method => $method)->{htm}, $method,
       'which is signed');
}

is($t->raw("GET http://x/plain/a%20b//c?d HTTP/1.1\r\nHost: y\r\n"
           . "Connection: close\r\n\r\n")->status, 200, 'an absolute URI');

# HEAD becomes GET on its way into a cache
is(good('a cache', '/cached/a', method => 'HEAD')->{htm}, 'GET', 'as GET');

my $before = () = $api->requests;

is($t->get('/cached/a')->status, 200, 'a page in the cache');
is(() = $api->requests, $before, 'has needed no proof');

####  bytes of the client's

for my $path ('a","htu":"http://evil.example/', 'a\\b', 'a<>^`{|}[]',
              "\xc3\xbc\xff", 'a%zz%4%')
{
    my $r = $t->raw("GET /plain/$path?q HTTP/1.1\r\nHost: x\r\n"
                    . "Connection: close\r\n\r\n");

    # nginx itself refuses escapes that are none
    next if $path =~ /%zz/ && is($r->status, 400, 'no escape');

    my $seen = ($api->requests)[-1];

    like($seen->{htu}, qr{^http://127\.0\.0\.1:\d+/plain/[\w%,:./-]+$},
         "$path: encoded");
    is($seen->{why}, 'ok', '... and taken');
}

my $evil = good('a host of the client', '/client_host/a',
                headers => [ 'X-Host' => 'a","ath":"x' ]);

is($evil->{htu}, 'http://a%22,%22ath%22:%22x/client_host/a', 'is encoded')
    if $evil->{htu} !~ /"/ || fail('no quote');

####  the client's own proof

my $mine = ($api->requests)[-1]{proof};

for my $uri ('/plain/own', '/type/own', '/query/own') {
    good("$uri: a DPoP header", $uri, headers => [ DPoP => $mine,
                                                   'dpop' => 'x' ]);
}

####  what the API calls itself

is($t->get('/called/x/y?z')->status, 200, 'another origin');
is(($called->requests)[-1]{htu}, 'https://api.example.com/v1/x/y',
   'with the path of the upstream request');
is($t->get('/called_path/x')->status, 200, 'a URI of variables');

####  another server, after the first has read the request

for my $uri (qw(/cut/1 /cut/2 /cut_query/3)) {
    good("$uri: a server that cuts", $uri);
    my @two = (grep { $_->{url} =~ /^\Q$uri\E/ } $api->requests);

    is(@two, 2, '... and another one');
    isnt($two[0]{jti}, $two[1]{jti}, '... with another proof');
}

####  a token and a proof that were stolen

my $stolen = ($api->requests)[0];
my $http = $api->{http};
my $url = $api->url . $stolen->{url};

my $alone = $http->get($url, { headers => {
    Authorization => "DPoP $stolen->{token}" } });
is($alone->{status}, 401, 'a stolen token alone');

my $bearer = $http->get($url, { headers => {
    Authorization => "Bearer $stolen->{token}" } });
is($bearer->{status}, 401, 'and as a bearer token');

my $again = $http->get($url, { headers => {
    Authorization => "DPoP $stolen->{token}", DPoP => $stolen->{proof} } });
is($again->{status}, 401, 'with its proof');
like($again->{content}, qr/jti was used/, 'that was used');

####  identifiers

my @jti = map { $_->{jti} // () } $api->requests;

# those that the test has sent once more
is(uniq(@jti), @jti - 1, 'no identifier twice');
cmp_ok((sort { $a <=> $b } map { length } @jti)[0], '>=', 16,
       'and none that is short');

is($idp->count, 2, 'one login for all that, and one more request for a nonce');

####  no header

$t->get('/no_headers/');
is(($api->requests)[-1]{why}, 'no DPoP token', 'without headers no token');

####  nonces

my $r = $t->get('/nonces/a');

is($r->status, 200, 'an API that wants a nonce');
is($r->header('DPoP-Nonce'), undef, 'which the client does not see');

for my $n (1 .. 8) {
    is($t->get("/intercepted/$n")->status, 200, 'behind intercepted errors');
}

is($t->get('/no_replay/a')->status, 200, 'without replays');

# those that gave a token
sub logins () { return scalar grep { $_->{token} } $idp->logins }

my $logins = logins();
my @seen = $nonces->requests;

$r = $t->get('/twice/a');

is($r->status, 401, 'an API that is never content');
is((() = $nonces->requests) - @seen, 2, 'is asked twice');
is(logins(), $logins, 'without a login');

is($t->request(POST => '/nonces/post', body => 'x' x 100_000)->status, 200,
   'a body in a file');

# a file in slices: each has a proof of its own

my $file = '0123456789abcdefghijklmnopqrst';

sub slices ($uri) {
    return grep { $_->{url} eq $uri } $nonces->requests;
}

is($t->get('/slice/a')->body, $file, 'a file in slices');

my @parts = grep { $_->{range} } slices('/slice/a');

is(join(' ', map { $_->{range} =~ s/bytes=//r } @parts), '0-9 10-19 20-29',
   'which were fetched');
is(uniq(map { $_->{jti} } @parts), 3, '... each with a proof of its own');

$r = $t->get('/slice/b', headers => [ Range => 'bytes=0-9' ]);
is($r->body, substr($file, 0, 10), 'a first slice');

# each worker has a nonce of the past, or none
$nonces->renew;

$r = $t->get('/slice/b');
is($r->status, 200, 'the first slice is in the cache');
is($r->body, $file, 'the rest is fetched with another nonce');
is((grep { $_->{status} == 401 } slices('/slice/b'))[-1]{why},
   'another nonce is wanted', 'after a challenge between two slices');

$nonces->renew;

for my $n (1 .. 4) {
    $r = $t->request(POST => '/nonces_stream/small', body => 'x' x 3000);
    is($r->body, "3000\n", 'a small body that is not buffered');
}

# one that cannot be kept is not sent again: the next one has the nonce

$nonces->renew;
@seen = $nonces->requests;

my $began = time;
my @large = map { $t->request(POST => '/nonces_stream/large',
                              body => 'x' x 3_000_000) } 1 .. 8;
my @lost = grep { $_->status == 401 } @large;

is($large[0]->status, 401, 'a large body that is not buffered');
cmp_ok(@lost, '<=', 2 * (1 + (time - $began) / 2),
       'a challenge a worker and change, at most');
is(join(' ', uniq(map { $_->body } grep { $_->status != 401 } @large)),
   "3000000\n", 'all others are whole');
is((() = $nonces->requests) - @seen, @large, 'none is sent again');

# 1000 requests, while the nonce changes

@seen = $nonces->requests;

my $start = time;
my $stop = $t->load('/nonces/load', clients => 4);

$t->wait_for(sub {
    return time > $start + 6
           && 1000 < (() = $t->read_file('logs/access.log') =~ m{/load}g);
}, 60);

my ($statuses) = $stop->();
my @load = ($nonces->requests)[@seen .. (() = $nonces->requests) - 1];
my $changes = 1 + int((time - $start) / 2);
my @challenged = grep { $_->{status} == 401 } @load;

is(join(' ', keys %$statuses), 200, 'no client sees a failure');
cmp_ok($statuses->{200}, '>', 1000, 'of so many');
diag(scalar(@load), ' requests, ', scalar(@challenged), ' challenges, ',
     "$changes changes");
cmp_ok(@challenged, '<=', 2 * (1 + $changes),
       'a challenge a worker and change, at most');

####  a revoked token, and a nonce in the same request

$nonces->renew;
$nonces->revoke;
$logins = logins();
@seen = $nonces->requests;

is($t->get('/nonces/revoked')->status, 200, 'a revoked token');

my @sent = ($nonces->requests)[@seen .. (() = $nonces->requests) - 1];

is(join(' ', map { $_->{status} } @sent), '401 401 200', 'sent three times');
is(logins(), $logins + 1, 'one login');

$t->done;
