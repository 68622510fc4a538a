#!/usr/bin/perl

# Tests that several gateways with a store log in once: a herd that comes to all
# of them at once, gateways that come later, parameters of requests, and a
# provider that stays out of it.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Fleet;

my $fleet = Test::OAuthCC::Fleet->new(10);
my ($t, $idp, $api, $store) = $fleet->servers;

$fleet->run(http => <<'CONF');
    oauthcc_provider tenants {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/tenants;
        client_id gateway-client;
        client_secret s3cret-of-the-fleet;
    }

    oauthcc_provider alone {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/alone;
        client_id gateway-client;
        client_secret s3cret-of-the-fleet;
        store off;
    }

    server {
        listen 127.0.0.1:%%PORT_tenants%%;
        location / {
            oauthcc tenants scope=$arg_scope;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
CONF

ok($fleet->connected, 'all gateways have the store');

####  a herd

$idp->answer('/token', { delay => 0.3 });

my @r = $fleet->herd(20, '/crm');

is(Test::OAuthCC::tally(@r), '200 x 200', '200 requests at ten gateways');
is($idp->logins, 1, 'are one login');
is_deeply([ Test::OAuthCC::Fleet::tokens(@r) ],
          [ 'Bearer ' . ($idp->tokens)[0] ], 'with its token');

@r = $fleet->herd(5, '/crm');
is(Test::OAuthCC::tally(@r), '200 x 50', 'and then');
is($idp->logins, 1, 'none');

my @hits = map { $_->{asks}{hit} + 0 }
           map { $fleet->status($_)->{store} } $fleet->gateways;

is(scalar(grep { $_ > 0 } @hits), 9, 'nine gateways have found the token')
    or diag "hits: @hits";

####  one that comes later

my $late = $fleet->start(10);

ok($fleet->connected($late), 'another gateway');
is($late->get('/crm')->status, 200, 'has a token');
is($idp->logins, 1, 'without a login');
like($late->error_log, qr/another gateway has logged in, the token is valid/,
     'as its log says');

####  parameters of requests

$idp->clear;

my @clients = map { my $g = $_; map {
    $g->client(port => 'tenants')->start(GET => "/?scope=$_") } 'a', 'b' }
    $fleet->gateways;

Test::OAuthCC::Client::drive(30, @clients);

is(Test::OAuthCC::tally(map { $_->{response} } @clients), '200 x 22',
   'two scopes at eleven gateways');
is($idp->logins, 2, 'are two logins');

my %by_scope;
for my $r (map { $_->{response} } @clients) {
    my ($scope) = $r->body =~ /scope=(\w)/;
    my ($token) = $r->seen('Authorization');
    $by_scope{$scope}{$token}++;
}

is(scalar(keys %{ $by_scope{a} }), 1, 'the first scope has one token');
is(scalar(keys %{ $by_scope{b} }), 1, 'the second one has one');
isnt((keys %{ $by_scope{a} })[0], (keys %{ $by_scope{b} })[0],
     'and it is another');

####  a provider without the store

$idp->clear;

@r = $fleet->herd(2, '/alone');
is(Test::OAuthCC::tally(@r), '200 x 22', 'with "store off"');
is($idp->logins, 11, 'each gateway logs in');

$fleet->done;
