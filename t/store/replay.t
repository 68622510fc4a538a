#!/usr/bin/perl

# Tests that a token that the API refuses costs several gateways one login, and
# no client an error: a token that was revoked, and an API that refuses every
# token, which does not make the gateways log in more often than one would.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Fleet;

my $n = 20;
my $fleet = Test::OAuthCC::Fleet->new($n, api => 'Guard');
my ($t, $idp, $api, $store) = $fleet->servers;

$fleet->run(provider => <<'CONF');
    token_endpoint http://127.0.0.1:%%PORT_idp%%/token;
    client_id gateway-client;
    client_secret s3cret-of-the-fleet;
    replay_interval 60s;
CONF

ok($fleet->connected, 'all gateways have the store');

####  a token is revoked

is(Test::OAuthCC::tally($fleet->herd(1, '/crm')), "200 x $n", 'a token');

$api->revoke($idp->tokens);

my @r = $fleet->herd(3, '/crm');

is(Test::OAuthCC::tally(@r), '200 x ' . 3 * $n,
   'it is revoked: no client sees that');
is($idp->logins, 2, 'one login for all gateways');
is(Test::OAuthCC::tally($fleet->herd(3, '/crm')), '200 x ' . 3 * $n,
   'all have its token');
is(scalar $api->refused(($idp->tokens)[1]), 0, 'which is taken');
is($idp->logins, 2, 'and there is no other login');

####  what a refusal has brought is refused too

$idp->clear;
$api->revoke($idp->tokens);

@r = map { $fleet->herd(1, '/crm') } 1 .. 5;

is(Test::OAuthCC::tally(@r), '401 x ' . 5 * $n, 'an API that takes none');
is($idp->logins, 0, 'does not force more logins than one gateway may');

$fleet->done;
