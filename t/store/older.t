#!/usr/bin/perl

# Tests that a token of the store does not replace one that a gateway got later,
# while the store was away: the store has what was refused meanwhile.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Fleet;

my $fleet = Test::OAuthCC::Fleet->new(2, api => 'Guard');
my ($t, $idp, $api, $store) = $fleet->servers;

$fleet->run(store => 'timeout 250ms;', provider => <<'CONF');
    token_endpoint http://127.0.0.1:%%PORT_idp%%/token;
    client_id gateway-client;
    client_secret s3cret-of-the-fleet;
    replay_interval 1s;
CONF

my ($one, $two) = $fleet->gateways;

ok($fleet->connected, 'all gateways have the store');
is(Test::OAuthCC::tally($fleet->herd(1, '/crm')), '200 x 2', 'a token');
is($idp->logins, 1, 'by one login');

####  it is revoked while the store is away

$store->pause;
$api->revoke($idp->tokens);

is($one->get('/crm')->status, 200, 'another one, that the store has not');
is($idp->logins, 2, 'by a login without it');

####  the store is back, with the old one

my ($old, $new) = $idp->tokens;

my $asks = sub {
    my $n = 0;
    $n += $_ for values %{ $fleet->status($one)->{store}{asks} };
    return $n;
};

$store->resume;
ok($fleet->connected($one), 'the store is back');

my $refused = $api->refused($old);
my $before = $asks->();

# messages may have been lost with it: the gateway asks what there is
$store->cli(qw(client kill type pubsub));
ok($t->wait_for(sub { $asks->() > $before }), 'and is asked what it has');

my %seen;
ok(!$t->wait_for(sub { $seen{ $one->get('/crm')->status }++; return 0 }, 1),
   'requests go on');

is(join(' ', keys %seen), 200, 'none fails');
is($idp->logins, 2, 'there is no other login');
is($api->refused($old), $refused, 'and the older token is not sent');

####  the newer one is refused, and the store still has the older one

$api->revoke($new);

is($one->get('/crm')->status, 200, 'a third one');
is($idp->logins, 3, 'by a login');
is($api->refused($old), $refused, 'and not by the older one');

ok($t->wait_for(sub { $two->get('/crm')->status == 200 }),
   'the other gateway has it too');
is($idp->logins, 3, 'without a login');

$fleet->done;
