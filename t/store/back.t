#!/usr/bin/perl

# Tests that a token which a gateway got while the store was away is in the store
# as soon as it answers again: the others take it, without a login.  Of several
# such tokens the newest one stays, and one that was purged meanwhile does not
# come back.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Fleet;
use Test::OAuthCC::SlowProxy;
use Time::HiRes qw(time);

my $n = 3;
my $fleet = Test::OAuthCC::Fleet->new($n);
my ($t, $idp, $api, $store) = $fleet->servers;

# the first gateway can be cut off
my $line = $t->daemon('SlowProxy', 'line', to => $t->port('store'), delay => 0);

$fleet->run(
    server => sub ($i) {
        'server redis://127.0.0.1:' . $t->port($i ? 'store' : 'line') . ';' },
    store => 'timeout 500ms;',
    http => join '', map { <<"CONF" } qw(one late purged));
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway-client;
        client_secret s3cret-of-the-fleet;
    }
CONF

my ($first, @others) = $fleet->gateways;

ok($fleet->connected, 'all gateways have the store');

# tokens in the store
sub stored () {
    my @keys = $store->keys('{oauthcc}:t:*');
    return scalar @keys;
}

sub away (@gateways) {
    ok($t->wait_for(sub {
        !grep { $fleet->status($_)->{store}{up} } @gateways;
    }), 'the store is away');
}

sub token ($g, $uri) {
    return join ' ', Test::OAuthCC::Fleet::tokens($g->get($uri));
}

####  of one gateway

$store->stop;
away($fleet->gateways);

my $token = token($first, '/one');
is($idp->logins, 1, 'a login without the store');

$store->start;
ok($fleet->connected, 'the store is back');
ok($t->wait_for(sub { stored() == 1 }), 'and soon has the token');

is(token($_, '/one'), $token, 'which another gateway takes') for @others;
is(token($first, '/one'), $token, 'and the first one has still');
is($idp->logins, 1, 'there is no other login');

####  of a login that began before, and ends after that

$idp->clear;
$store->stop;
away($fleet->gateways);

$idp->answer('/late', { hold => 1 }, {});
my $client = $first->client->start(GET => '/late');
Test::OAuthCC::Client::drive(0.1, $client, 1);
ok($t->wait_for(sub { $idp->logins == 1 }), 'a login while the store is away');

$store->start;
ok($fleet->connected, 'the store is back');
is(stored(), 0, 'before the login has ended');

$idp->release;
Test::OAuthCC::Client::drive(10, $client);
is($client->{response}->status, 200, 'its token is used');
ok($t->wait_for(sub { stored() == 1 }), 'and is in the store soon');

$token = token($first, '/late');
is(token($_, '/late'), $token, 'which another gateway takes') for @others;
is($idp->logins, 1, 'there is no other login');

####  of all of them: the newest one

$idp->clear;
$store->stop;
away($fleet->gateways);

# so far apart that all agree, by the clock of the store, which one is the newest
for my $g ($fleet->gateways) {
    my $end = time + 1;
    is($g->get('/crm')->status, 200, 'each has a token of its own');
    $t->wait_for(sub { time > $end });
}

is($idp->logins, $n, 'by its own login');

$store->start;
ok($fleet->connected, 'the store is back');

ok($t->wait_for(sub {
    my @tokens = Test::OAuthCC::Fleet::tokens($fleet->herd(1, '/crm'));
    return @tokens == 1;
}), 'soon all have the same one');

is($idp->logins, $n, 'there is no other login');

####  one that was purged

$idp->clear;
$line->instead("-ERR no\r\n");
away($first);

$token = token($first, '/purged');
is($idp->logins, 1, 'a login of a gateway that is cut off');

is($fleet->order($others[0], 'purge', 'purged')->{store}, 'told',
   'its provider is purged at another gateway');

$line->instead(undef);
ok($fleet->connected($first), 'the gateway has the store again');

ok($t->wait_for(sub { token($first, '/purged') ne $token }),
   'and another token soon');
is(join(' ', grep { $_ eq $token } map { token($_, '/purged') } @others), '',
   'no gateway has the one that was purged');
is($idp->logins, 2, 'by one login');

$fleet->done;
