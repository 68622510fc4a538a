#!/usr/bin/perl

# Tests gateways with a Redis Cluster of three nodes: whichever of them a gateway
# is told of, it finds the one that has the names; and when these move to
# another node, it follows.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Fleet;

my $n = 3;
my $fleet = Test::OAuthCC::Fleet->new($n, redis => []);
my ($t, $idp, $api, $first) = $fleet->servers;

####  three nodes

my @bus = map { $t->port("bus$_") } 0 .. 2;

$first->stop;

my @nodes = ($first, map { $t->daemon('Redis', "node$_") } 1, 2);
my @ports = map { $_->{port} } @nodes;

for my $i (0 .. 2) {
    $nodes[$i]->stop;
    $nodes[$i]{options} = [ 'cluster-enabled yes', "cluster-port $bus[$i]",
                            'cluster-node-timeout 5000',
                            'cluster-require-full-coverage no' ];
    $nodes[$i]->start;
}

$nodes[0]->cli('CLUSTER', 'ADDSLOTSRANGE', 0, 5460);
$nodes[1]->cli('CLUSTER', 'ADDSLOTSRANGE', 5461, 10922);
$nodes[2]->cli('CLUSTER', 'ADDSLOTSRANGE', 10923, 16383);
$nodes[0]->cli('CLUSTER', 'MEET', '127.0.0.1', $ports[$_], $bus[$_])
    for 1, 2;

ok($t->wait_for(sub {
    3 == grep { $_->cli('CLUSTER', 'INFO')
                =~ /cluster_state:ok.*cluster_known_nodes:3/s } @nodes;
}, 20), 'a cluster of three nodes');

my ($slot) = $first->cli('CLUSTER', 'KEYSLOT', '{oauthcc}:c') =~ /(\d+)/;
my $owner = $slot <= 5460 ? 0 : $slot <= 10922 ? 1 : 2;

####  each gateway is told of another node

$fleet->run(server => sub ($i) { "server redis://127.0.0.1:$ports[$i];" });

ok($fleet->connected, 'all gateways have the store');
is(Test::OAuthCC::tally($fleet->herd(5, '/crm')), '200 x ' . 5 * $n, 'a herd');
is($idp->logins, 1, 'is one login');
is(scalar(grep { /:t:/ } $nodes[$owner]->keys), 1, 'the token is at one node');

####  a message reaches gateways at all nodes

my ($old) = $idp->tokens;

is($fleet->order($fleet->gateway(0), 'refresh')->{refreshed}, 1, 'a refresh');
ok($t->wait_for(sub {
    my @tokens = Test::OAuthCC::Fleet::tokens($fleet->herd(1, '/crm'));
    return @tokens == 1 && $tokens[0] ne "Bearer $old";
}), 'reaches all gateways');

####  the names move to another node

my $to = ($owner + 1) % 3;
my %id = map { $_ => $nodes[$_]->cli('CLUSTER', 'MYID') =~ /([0-9a-f]{40})/ }
         0 .. 2;

$nodes[$to]->cli('CLUSTER', 'SETSLOT', $slot, 'IMPORTING', $id{$owner});
$nodes[$owner]->cli('CLUSTER', 'SETSLOT', $slot, 'MIGRATING', $id{$to});

for my $key ($nodes[$owner]->keys) {
    $nodes[$owner]->cli('MIGRATE', '127.0.0.1', $ports[$to], $key, 0, 5000);
}

$_->cli('CLUSTER', 'SETSLOT', $slot, 'NODE', $id{$to}) for @nodes[$to, $owner],
                                                            $nodes[($owner + 2) % 3];

$idp->clear;

ok($t->wait_for(sub {
    return $fleet->order($fleet->gateway(1), 'purge')->{store} eq 'told'
           && grep { /:s:/ } $nodes[$to]->keys;
}), 'the names are at another node');
ok($fleet->connected, 'all gateways find it');

$t->wait_for(sub {
    !grep { $_->{providers}[0]{entry_count} }
         map { $fleet->status($_) } $fleet->gateways;
});

is(Test::OAuthCC::tally($fleet->herd(5, '/crm')), '200 x ' . 5 * $n,
   'a herd there');
ok($t->wait_for(sub {
    @{[ Test::OAuthCC::Fleet::tokens($fleet->herd(1, '/crm')) ]} == 1;
}), 'has one token in the end');
cmp_ok($idp->logins, '<=', $n, 'no gateway logs in twice');

$fleet->done;
