#!/usr/bin/perl

# Tests the end of workers that are connected to a store: reload, QUIT and the
# upgrade of the binary, while nothing happens and in the middle of logins.  No
# client fails, nobody waits for the connections, and nginx has nothing to say.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Fleet;
use Time::HiRes qw(time);

my $fleet = Test::OAuthCC::Fleet->new(2, workers => 2);
my ($t, $idp, $api, $store) = $fleet->servers;

$fleet->run(http => join '', map { <<"CONF" } qw(one two three));
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway-client;
        client_secret s3cret-of-the-fleet;
    }
CONF

ok($fleet->connected, 'all gateways have the store');

my ($g, $other) = $fleet->gateways;

####  nothing happens

is(Test::OAuthCC::tally($fleet->herd(1, '/crm')), '200 x 2', 'a token');
is($idp->logins, 1, 'of one login');

my @old = $g->workers;
my $start = time;

kill 'HUP', $g->master;

ok($t->wait_for(sub { !grep { Test::OAuthCC::is_alive($_) } @old }),
   'a reload: the old workers are gone');

# nginx itself takes 100 ms between starting the new ones and ending the old
cmp_ok(time - $start, '<', $t->seconds(1), 'soon');

ok($fleet->connected, 'the new ones have the store');
is($g->get('/crm')->status, 200, 'and the token');
is($idp->logins, 1, 'without a login');

####  a reload in a login

$idp->answer('/one', { hold => 1 });

my $client = $g->client->start(GET => '/one');

ok($idp->wait_count(2), 'a login is in flight');
ok($g->reload, 'reload');
$idp->release;

is($client->finish->status, 200, 'its client is served');
ok($t->wait_for(sub { $store->keys('{oauthcc}:l:*') == 0 }),
   'the right to log in was given back');
is($other->get('/one')->status, 200, 'another gateway has the token');
is($idp->logins, 2, 'without a login');

####  a reload while it waits for the login of another gateway

$idp->answer('/two', { hold => 1 });

my $leader = $other->client->start(GET => '/two');
ok($idp->wait_count(3), 'another gateway logs in');

my $waiter = $g->client->start(GET => '/two');
ok($t->wait_for(sub { $fleet->status($g)->{store}{asks}{wait} > 0 }),
   'this one waits');
ok($g->reload, 'reload');
$idp->release;

is($waiter->finish->status, 200, 'its client is served');
is($leader->finish->status, 200, 'as is that of the other');
is($idp->logins, 3, 'by that login');

####  the binary is upgraded

ok($g->upgrade, 'a new binary');
ok($fleet->connected($g), 'has the store');
is($g->get('/two')->status, 200, 'and the tokens');
cmp_ok($idp->logins, '==', 3, 'without a login');

####  the end

$start = time;
$g->stop;
cmp_ok(time - $start, '<', $t->seconds(1), 'QUIT ends it at once');

$fleet->done;
