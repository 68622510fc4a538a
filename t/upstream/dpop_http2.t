#!/usr/bin/perl

# Tests of DPoP (RFC 9449) where nginx's proxy speaks HTTP/2 with the upstream
# (proxy_http_version 2, of nginx 1.29.4): what a proof says is read out of the
# frames that nginx has built, in which texts are Huffman-coded.  A strict
# resource server, behind an nginx that speaks HTTP/2, compares it byte for byte.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util qw(uniq);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::OidcProvider;
use Test::OAuthCC::ResourceServer;

my $t = Test::OAuthCC->new(workers => 1, needs => [ 'http_v2_module' ]);

my ($rc) = $t->check(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%
    proxy_http_version 2;
}
CONF

plan(skip_all => 'no nginx with "proxy_http_version 2"') if $rc;

my $idp = $t->daemon('OidcProvider', 'idp');
my $api = $t->daemon('ResourceServer', 'api', idp => $idp);
my $nonces = $t->daemon('ResourceServer', 'nonces', idp => $idp,
                        nonce => 600_000);

# what speaks HTTP/2 before an API
my $hops = join '', map { <<"CONF" } qw(api nonces);
    server {
        listen 127.0.0.1:%%PORT_hop_$_%% http2;
        access_log off;
        large_client_header_buffers 4 64k;
        client_max_body_size 10m;
        proxy_request_buffering off;
        proxy_http_version 1.1;
        proxy_set_header Host \$http_host;
        proxy_next_upstream off;
        location / { proxy_pass http://127.0.0.1:%%PORT_$_%%; }
    }
CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
    client_max_body_size 10m;

    oauthcc_provider crm {
        token_endpoint @{[ $idp->token_endpoint ]};
        @{[ $idp->login_as('plain') ]}
        scope read;
        dpop on;
        replay_interval 1ms;
    }

    upstream api { server 127.0.0.1:%%PORT_hop_api%%; keepalive 4; }
    upstream two {
        server 127.0.0.1:%%PORT_hop_api%% max_fails=0;
        server 127.0.0.1:%%PORT_hop_api%% max_fails=0;
    }
    upstream nonces { server 127.0.0.1:%%PORT_hop_nonces%%; keepalive 4; }

$hops

    server {
        listen 127.0.0.1:%%PORT_http%%;
        large_client_header_buffers 4 64k;
        oauthcc crm;
        proxy_http_version 2;

        location /plain/ { proxy_pass http://api; }
        location /uri/ { proxy_pass http://api/base/; }
        location /method/ { proxy_method PUT; proxy_pass http://api; }
        location /host/ {
            proxy_set_header Host "Api.example.com:8443";
            proxy_pass http://api;
        }
        location = / { proxy_pass http://api; }
        location /query/ {
            oauthcc_header Authorization;
            oauthcc_query  token \$oauthcc_access_token;
            proxy_pass http://api;
        }
        location /own/ {
            proxy_pass_request_headers off;
            proxy_set_header Authorization
                             "\$oauthcc_token_type \$oauthcc_access_token";
            proxy_pass http://api;
        }
        location /called/ {
            oauthcc_dpop_uri http://api;
            proxy_set_header Host api;
            proxy_pass http://api;
        }
        location /cut/ {
            proxy_next_upstream error http_502;
            proxy_pass http://two;
        }
        location /nonces/ { proxy_pass http://nonces; }
        location /body/ {
            proxy_request_buffering off;
            proxy_pass http://nonces;
        }
    }
}
CONF

sub good (@request) { return $api->good($t, @request) }

####  what is in the frames

is(good('plain', '/plain/a?b=c')->{htu}, 'http://api/plain/a', 'its htu');
good('a path of the static table', '/');
good('a URI', '/uri/a%2Fb/c?d');
good('a post', '/plain/a', method => 'POST', body => 'x' x 100);
is(good('another method', '/method/a')->{htm}, 'PUT', 'which is signed');
is(good('a host with a port', '/host/a')->{htu},
   'http://Api.example.com:8443/host/a', 'as it is sent');
good('as it is', '/plain/a//b/../c/./d%2F%2e');
good('tokens in a query', '/query/a?b=c');
good('a URI of the configuration', '/called/a');
good('a header of the location alone', '/own/a');
good('many octets of the rest', '/plain/!$&()*+,;=:@-._~');

# what Huffman's code makes longer is sent as it is
for my $n (1, 5, 126, 127, 128, 300, 4000) {
    good("$n letters", '/plain/' . 'a' x $n);
    good("$n rare ones", '/plain/' . '~' x $n);
}

for my $path ('a","htu":"http://evil.example/', 'a\\b', 'a<>^`{|}[]',
              "\xc3\xbc\xff")
{
    $t->raw("GET /plain/$path?q HTTP/1.1\r\nHost: x\r\n"
            . "Connection: close\r\n\r\n");

    my $seen = ($api->requests)[-1];

    like($seen->{htu}, qr{^http://api/plain/[\w%,:./-]+$}, "$path: encoded");
    is($seen->{why}, 'ok', '... and taken');
}

for my $uri ('/plain/own', '/query/own') {
    good("$uri: a DPoP header", $uri,
         headers => [ DPoP => 'mine', 'dpop' => 'x' ]);
}

####  other attempts

good('a server that cuts', '/cut/1');
my @two = grep { $_->{url} =~ m{^/cut/1} } $api->requests;

is(@two, 2, 'another one is asked');
isnt($two[0]{jti}, $two[1]{jti}, 'with another proof');

is($t->get('/nonces/a')->status, 200, 'a nonce');
$nonces->renew;
is($t->request(POST => '/nonces/b', body => 'x' x 100_000)->status, 200,
   'another one, and a body');
$nonces->renew;
is($t->request(POST => '/body/c', body => 'x' x 3000)->body, "3000\n",
   'a body that is not buffered');

my $before = () = $nonces->requests;

$nonces->renew;
$nonces->revoke;
is($t->get('/nonces/revoked')->status, 200, 'a revoked token');
is(join(' ', map { $_->{status} }
        ($nonces->requests)[$before .. (() = $nonces->requests) - 1]),
   '401 401 200', 'sent three times');

my @jti = map { $_->{jti} // () } $api->requests, $nonces->requests;
is(uniq(@jti), @jti, 'no identifier twice');

$t->done;
