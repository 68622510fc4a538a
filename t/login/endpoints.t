#!/usr/bin/perl

# Tests for the addresses that a token endpoint may have: IPv6, a unix socket,
# an upstream{} of several servers, and URLs without a path.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

use IO::Socket::IP;

my $t = Test::OAuthCC->new;
my $port = $t->port('idp');
my $idp = $t->token_endpoint;
my $six = IO::Socket::IP->new(LocalHost => '::1', Listen => 1)
    && $t->token_endpoint('six', listen => "[::1]:$port");
my $socket = $t->token_endpoint('unix', listen => 'unix:%%PREFIX%%/idp.sock');
my $api = $t->upstream;

# name, token_endpoint, server, request line, Host

my @cases = (
    [ 'v4', 'http://127.0.0.1:%%PORT_idp%%/token', $idp, '/token',
      "127.0.0.1:$port" ],
    $six ? [ 'v6', 'http://[::1]:%%PORT_idp%%/token', $six, '/token',
             "[::1]:$port" ] : (),
    [ 'unix', 'http://unix:%%PREFIX%%/idp.sock:/token?a=b', $socket,
      '/token?a=b', 'localhost' ],
    [ 'unix_root', 'http://unix:%%PREFIX%%/idp.sock', $socket, '/',
      'localhost' ],
    [ 'no_path', 'http://127.0.0.1:%%PORT_idp%%', $idp, '/',
      "127.0.0.1:$port" ],
    [ 'query_only', 'http://127.0.0.1:%%PORT_idp%%?a=b', $idp, '/?a=b',
      "127.0.0.1:$port" ],
    [ 'encoded', 'http://127.0.0.1:%%PORT_idp%%/a%2fb%20c//d/../e?f=%26',
      $idp, '/a%2fb%20c//d/../e?f=%26', "127.0.0.1:$port" ],
    [ 'localhost', 'http://localhost:%%PORT_idp%%/token', $idp, '/token',
      "localhost:$port" ],
    [ 'group', 'http://group/token', $idp, '/token', 'group' ],
    [ 'upper', 'HTTP://127.0.0.1:%%PORT_idp%%/Token', $idp, '/Token',
      "127.0.0.1:$port" ],
);

my $providers = join "\n", map { <<"CONF" } @cases;
    oauthcc_provider $_->[0] {
        token_endpoint $_->[1];
        client_id gateway;
        client_secret s3cret;
        @{[ $_->[0] eq 'group' ? 'allow_http on;' : '' ]}
    }
CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    %%SERVER%%

    # the first of them is down: the login goes on to the next
    upstream group {
        server 127.0.0.1:%%PORT_dead%%;
        server 127.0.0.1:%%PORT_idp%%;
        keepalive 2;
    }
}
CONF

for my $case (@cases) {
    my ($name, undef, $server, $uri, $host) = @$case;

    $server->clear;

    my $r = $t->get("/$name");
    is_deeply([ $r->status, $r->seen('Authorization') ],
              [ 200, 'Bearer ' . (($server->tokens)[-1] // '') ],
              "$name: token");

    my $login = $server->last_request // { headers => [], uri => '' };
    is_deeply([ $login->{uri}, $server->header($login, 'Host') ],
              [ $uri, $host ], "$name: request line and Host");
    is($login->{body}, 'grant_type=client_credentials', "$name: body");
}

is($_->stats->{open}, 0, 'no connection is kept') for $idp, $socket;

$t->done;
