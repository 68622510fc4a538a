#!/usr/bin/perl

# Tests fifty gateways with one store: a herd at all of them is one login, as is
# a revoked token, and tokens that live for four seconds cost as many logins as
# with one gateway, while no request waits for a refresh.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Fleet;
use Time::HiRes qw(time);

# with a checker, as many as a machine has the memory for
my $n = $ENV{TEST_NGINX_REPORTS} ? 10 : 50;
my $fleet = Test::OAuthCC::Fleet->new($n, api => 'Guard');
my ($t, $idp, $api, $store) = $fleet->servers;

$fleet->run(http => <<'CONF');
    oauthcc_provider short {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/short;
        client_id gateway-client;
        client_secret s3cret-of-the-fleet;
    }
CONF

ok($fleet->connected, 'all gateways have the store');

####  a herd

$idp->answer('/token', { delay => 0.3 });

my @r = $fleet->herd(20, '/crm');

is(Test::OAuthCC::tally(@r), '200 x ' . 20 * $n, "a herd at $n gateways");
is($idp->logins, 1, 'is one login');

####  a revoked token

$api->revoke($idp->tokens);

@r = $fleet->herd(2, '/crm');

is(Test::OAuthCC::tally(@r), '200 x ' . 2 * $n,
   'the token is revoked: no client sees that');
is($idp->logins, 2, 'one login');

####  lives of four seconds: one gateway, and all of them

sub lives ($seconds, @gateways) {
    $fleet->order($gateways[0], 'purge', 'short');
    $idp->clear;
    $idp->answer('/short', { json => { expires_in => 4 } });

    my @all = $fleet->herd(1, '/short', @gateways);
    my $end = time + $seconds;
    my @more;

    push @more, $fleet->herd(1, '/short', @gateways) while time < $end;

    my @waited = grep { $_->header('X-Cache') !~ /HIT|REFRESH/ } @more;

    is(Test::OAuthCC::tally(@all, @more), '200 x ' . (@all + @more),
       @gateways . ' gateways: all are served');
    is(scalar @waited, 0, 'and none waits for a refresh');

    return $idp->logins;
}

my $one = lives(12, $fleet->gateway(0));
my $all = lives(12, $fleet->gateways);

note("logins: $one with one gateway, $all with $n");

cmp_ok($one, '>=', 3, 'the token was refreshed');
cmp_ok(abs $all - $one, '<=', 1, "$n gateways log in as often as one")
    or diag "$one, $all";

$fleet->done;
