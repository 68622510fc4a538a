#!/usr/bin/perl

# Tests gateways with a replicated store that Redis Sentinel looks after: they
# leave out the replica, and when the master is killed they find the new one.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Fleet;

my $n = 3;
my $fleet = Test::OAuthCC::Fleet->new($n);
my ($t, $idp, $api, $master) = $fleet->servers;

my $replica = $t->daemon('Redis', 'replica', options => [
    "replicaof 127.0.0.1 $master->{port}", 'repl-diskless-sync-delay 0' ]);

ok($t->wait_for(sub {
    $replica->cli('INFO', 'replication') =~ /master_link_status:up/;
}, 30), 'a replica');

my $sentinel = $t->daemon('Redis', 'sentinel', sentinel => 1, options => [
    "sentinel monitor store 127.0.0.1 $master->{port} 1",
    'sentinel down-after-milliseconds store 500',
    'sentinel failover-timeout store 3000' ]);

ok($t->wait_for(sub {
    $sentinel->cli('SENTINEL', 'REPLICAS', 'store') =~ /$replica->{port}/;
}, 20), 'a Sentinel knows it');

####  the replica is listed first, and left out

$fleet->run(ports => [ 'replica', 'sentinel' ],
            server => 'server redis://127.0.0.1:%%PORT_replica%%;'
                      . 'server redis://127.0.0.1:%%PORT_store%%;');

ok($fleet->connected, 'all gateways have the store');
is(Test::OAuthCC::tally($fleet->herd(5, '/crm')), '200 x ' . 5 * $n, 'a herd');
is($idp->logins, 1, 'is one login');
ok($t->wait_for(sub { grep { /:t:/ } $replica->keys }),
   'the token is at the replica, too');

####  the master is killed

$master->stop;

my @all = $fleet->herd(2, '/crm');

ok($t->wait_for(sub {
    push @all, $fleet->herd(1, '/crm');
    return $replica->cli('ROLE') =~ /master/;
}, 30), 'the replica becomes the master');
ok($fleet->connected, 'all gateways find it');

is(Test::OAuthCC::tally(@all), '200 x ' . @all, 'no request has failed');
is($idp->logins, 1, 'and nobody has logged in');

is($fleet->order($fleet->gateway(0), 'purge')->{store}, 'told', 'a purge');
$t->wait_for(sub {
    !grep { $_->{providers}[0]{entry_count} }
         map { $fleet->status($_) } $fleet->gateways;
});

is(Test::OAuthCC::tally($fleet->herd(5, '/crm')), '200 x ' . 5 * $n,
   'and a herd there');
is($idp->logins, 2, 'are one login');

####  the old master comes back, as a replica

$master->{options} = [ "replicaof 127.0.0.1 $replica->{port}" ];
$master->start;

ok($t->wait_for(sub { $master->cli('ROLE') =~ /slave/ }, 30),
   'the old one is back');
is(Test::OAuthCC::tally($fleet->herd(2, '/crm')), '200 x ' . 2 * $n,
   'nobody notices');
is($idp->logins, 2, 'nor logs in');

$fleet->done;
