#!/usr/bin/perl

# Tests the right to log in that one of several gateways has: a gateway that is
# killed in its login is replaced after its lease, a login that takes longer
# than the lease keeps it, and one gateway's own trouble is left to the others.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Fleet;
use List::Util qw(max);

my $n = 5;
my $fleet = Test::OAuthCC::Fleet->new($n);
my ($t, $idp, $api, $store) = $fleet->servers;

$fleet->run(http => join '', map { <<"CONF" } qw(long killed));
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway-client;
        client_secret s3cret-of-the-fleet;
        timeout 20s;
    }
CONF

ok($fleet->connected, 'all gateways have the store');

####  a login that takes longer than the lease

$idp->answer('/long', { delay => 4.5 });

my @r = $fleet->herd(2, '/long');

is(Test::OAuthCC::tally(@r), '200 x ' . 2 * $n, 'a login of 4.5 seconds');
is($idp->logins, 1, 'is the only one');

####  a gateway is killed in its login

$idp->clear;
$idp->answer('/killed', { hang => 1 }, { delay => 0.5 });

my $dead = $fleet->gateway(0);
my $first = $dead->client->start(GET => '/killed');

ok($idp->wait_count(1), 'a gateway logs in');
$dead->allow_alert(qr/exited on signal 9/);
kill 'KILL', $dead->master, $dead->workers;
$first->leave;

@r = $fleet->herd(2, '/killed', map { $fleet->gateway($_) } 1 .. $n - 1);

is(Test::OAuthCC::tally(@r), '200 x ' . 2 * ($n - 1),
   'it is killed: the others are served');
is($idp->logins, 2, 'by one login of theirs');
cmp_ok(max(map { $_->time } @r), '<', $t->seconds(3 + 0.5 + 2),
       'when its lease has ended');

$fleet->done;
