#!/usr/bin/perl

# Tests for the header that reaches the upstream: exactly one Authorization,
# ours, wherever the location says so, and all else as the client sent it.  A
# second copy lets the upstream choose the client's; a lost or reordered header
# breaks an API that has nothing to do with tokens.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider a {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/a;
        client_id a;
        client_secret s3cret-a;
    }

    map $arg_p $provider {
        default  $arg_p;
        alias    b;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        oauthcc a;

        location / {
            proxy_pass http://api;

            location /off/ {
                oauthcc off;
                proxy_pass http://api;

                location /off/on/ {
                    oauthcc a;
                    proxy_pass http://api;
                }
            }
        }

        location /b/   { oauthcc b; proxy_pass http://api; }
        location /var/ { oauthcc $provider; proxy_pass http://api; }

        location /if/ {
            oauthcc b;
            proxy_pass http://api;

            if ($arg_a)    { oauthcc a; }
            if ($arg_off)  { oauthcc off; }
            if ($arg_else) { set $x 1; }
        }

        location /wins/ {
            proxy_set_header Authorization "Own x";
            proxy_pass http://api;

            location /wins/empty {
                proxy_set_header Authorization "";
                proxy_pass http://api;
            }

            location /wins/none {
                proxy_pass_request_headers off;
                proxy_set_header X 1;
                proxy_pass http://api;
            }
        }
    }

    server {
        listen 127.0.0.1:%%PORT_plain%%;
        location / { proxy_pass http://api; }
    }

    # after its use
    oauthcc_provider b {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/b;
        client_id b;
        client_secret s3cret-b;
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

my %token = map { my $p = $_; $t->get("/var/?p=$p");
                  $p => ($idp->tokens)[-1] } qw(a b);

my $client = 'Basic Y2xpZW50OnRoZWlycw==';

# uri, what reaches the upstream

for my $case (
    [ '/', "Bearer $token{a}" ],
    [ '/off/', $client ],
    [ '/off/on/', "Bearer $token{a}" ],
    [ '/b/', "Bearer $token{b}" ],
    [ '/var/?p=a', "Bearer $token{a}" ],
    [ '/var/?p=b', "Bearer $token{b}" ],
    [ '/var/?p=alias', "Bearer $token{b}" ],
    [ '/var/?p=off', $client ],
    [ '/if/', "Bearer $token{b}" ],
    [ '/if/?a=1', "Bearer $token{a}" ],
    [ '/if/?off=1', $client ],
    [ '/if/?else=1', "Bearer $token{b}" ])
{
    my ($uri, $expected) = @$case;

    for my $name ('Authorization', 'authorization', 'AUTHORIZATION') {
        my $r = $t->get($uri, headers => [ X => 1, $name => $client, Y => 2 ]);
        is_deeply([ $r->seen('Authorization') ], [ $expected ],
                  "$uri: $name");
    }

    my $r = $t->get($uri);
    is_deeply([ $r->seen('Authorization') ],
              $expected eq $client ? [] : [ $expected ], "$uri: none");
}

is($idp->logins, 2, 'one login a provider');

is_deeply([ $t->get('/', port => 'plain',
                    headers => [ Authorization => $client ])
               ->seen('Authorization') ],
          [ $client ], 'a server without oauthcc');

for my $p ('nobody', '', 'A', 'a%20') {
    my $before = $t->log_lines(qr/\[error\]/);
    is($t->get("/var/?p=$p")->status, 500, "provider \"$p\"");
    is($t->log_lines(qr/\[error\]/) - $before, 1, 'one line');
}

like(($t->log_lines(qr/\[error\]/))[0], qr/"nobody"/, 'names the provider');

####  all else as it was

my @many = map { ("X-H$_" => "v$_") } 1 .. 30;
my @headers = ('Cookie' => 'a=1', 'X-Forwarded-For' => '192.0.2.1',
    @many, Cookie => 'b=2', 'X-Forwarded-For' => '192.0.2.2',
    Authorization => $client, 'X-Dup' => '1', Accept => '*/*',
    'x-dup' => '2', 'X-Empty' => '', 'Proxy-Authorization' => 'Basic eA==',
    'X-Authorization' => 'y', 'Authorization2' => 'z');

$t->get($_, headers => \@headers) for '/', '/off/';

my ($ours, $theirs) = map {
    [ map { "$_->[0]: $_->[1]" }
      grep { $_->[0] ne 'Authorization' } @{ $_->{headers} } ]
} ($api->requests)[-2, -1];

is_deeply($ours, $theirs, 'other headers, their order and their copies');

my $twice = $t->get('/', headers => [ Authorization => $client,
                                      authorization => 'Basic eA==' ]);
ok($twice->status == 400
   || join(',', $twice->seen('Authorization')) eq "Bearer $token{a}",
   'two copies from the client');

####  what wins over us, as documented

is_deeply([ $t->get('/wins/')->seen('Authorization') ], [ 'Own x' ],
          'proxy_set_header wins');
is_deeply([ $t->get('/wins/empty')->seen('Authorization') ], [],
          'also with nothing');
is_deeply([ $t->get('/wins/none', headers => [ Authorization => $client ])
               ->seen('Authorization') ], [],
          'proxy_pass_request_headers off leaves it out');

$t->done;
