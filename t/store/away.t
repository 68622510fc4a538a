#!/usr/bin/perl

# Tests several gateways whose store is away: killed, frozen, slow, or no Redis at
# all.  No request fails; what a request waits for a store that does not answer is
# bounded by its "timeout", and once it is known to be away nobody waits.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Fleet;
use Test::OAuthCC::SlowProxy;
use List::Util qw(max);

my $n = 4;
my $fleet = Test::OAuthCC::Fleet->new($n);
my ($t, $idp, $api, $store) = $fleet->servers;

# a provider is asked for once by each test, so that nothing is at hand
my @names = map { "p$_" } 1 .. 40;
my @fresh = @names;

my $http = join '', map { <<"CONF" } @names;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/token;
        client_id gateway-client;
        client_secret s3cret-of-the-fleet;
    }
CONF

my %arg = (http => $http, ports => [ 'slow' ],
           store => 'timeout 250ms;');

# what another machine's load may add to a time
my $slack = 0.6 * ($ENV{TEST_NGINX_SLOWER} // 1);


# a herd for a token that nobody has: all are answered, each gateway logs in
sub herd ($name, $most, $logins = $n) {
    my $provider = shift @fresh;

    $idp->clear;

    my @r = $fleet->herd(5, "/$provider");
    my $slowest = max map { $_->time } @r;

    is(Test::OAuthCC::tally(@r), '200 x ' . 5 * $n, "$name: no request fails");
    is($idp->logins, $logins, "$name: logins");
    cmp_ok($slowest, '<', $most + $slack, "$name: and nobody waits longer")
        or diag "slowest: $slowest";
}


# all gateways know that the store is away
sub away ($what) {
    ok($t->wait_for(sub {
        !grep { $fleet->status($_)->{store}{up} } $fleet->gateways;
    }), "$what: all gateways say so");
}


####  killed, and back again

$fleet->run(%arg);
ok($fleet->connected, 'all gateways have the store');

herd('the store is there', 0.3, 1);

$store->stop;
away('killed');

herd('killed', 0.1);
herd('killed for long', 0.1);

is(scalar(grep { $_->log_lines(qr/\[error\].*oauthcc_store .* cannot be used/) == 1 }
          $fleet->gateways), $n, 'each gateway has one line for that')
    or diag map { join "\n", $_->log_lines(qr/oauthcc_store/) } $fleet->gateways;

$store->start;
ok($fleet->connected, 'back again');
is(scalar(grep { $_->log_lines(qr/\[notice\].*oauthcc_store .* is back/) == 1 }
          $fleet->gateways), $n, 'and one for its return')
    or diag map { join "\n", $_->log_lines(qr/oauthcc_store/) } $fleet->gateways;

herd('back again', 0.3, 1);

####  frozen: it takes connections and answers nothing

$store->pause;
herd('frozen', 0.25);
herd('frozen for long', 0.1);

$store->resume;
ok($fleet->connected, 'it goes on');
herd('it goes on', 0.3, 1);

####  killed while one gateway logs in and the others wait

$idp->answer('/token', { delay => 0.5 });

{
    my $provider = shift @fresh;

    $idp->clear;

    my @clients = map { $_->client->start(GET => "/$provider") }
                  $fleet->gateways;

    ok($idp->wait_count(1), 'a login is in flight');
    $store->stop;

    Test::OAuthCC::Client::drive(30, @clients);

    my @r = map { $_->{response} } @clients;
    is(Test::OAuthCC::tally(@r), "200 x $n", 'killed meanwhile');
    cmp_ok(max(map { $_->time } @r), '<', 1.25 + $slack,
           'who waited logs in at once');
}

$store->start;
$idp->answer('/token', {});

####  slow, more than the timeout

my $slow = $t->daemon('SlowProxy', 'slow', to => $t->port('store'),
                      delay => 0.4);

for my $g ($fleet->gateways) {
    ok($g->reload($fleet->config(0)
           =~ s/(redis:\S+:)%%PORT_store%%/$1%%PORT_slow%%/r),
       'another store: one that answers after 400 ms');
}

herd('slow', 0.25);
herd('slow for long', 0.1);

####  slow, less than the timeout

$slow->delay(0.05);

ok($fleet->connected, 'it answers after 50 ms');
herd('not that slow', 0.6, 1);

####  no Redis at all

for my $case (
    [ 'HTTP', "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n" ],
    [ 'a huge array', "*2147483647\r\n" ],
    [ 'a huge text', "\$99999999999\r\n" ],
    [ 'a deep array', "*1\r\n" x 50 ],
    [ 'zeros', "\0" x 5000 ],
    [ 'answers that nobody asked for', "+OK\r\n" x 500 ],
    [ 'a map of RESP3', "%1\r\n+a\r\n+b\r\n" ],
    [ 'an error', "-ERR no\r\n" ],
    [ 'nil', "*-1\r\n" ],
) {
    my ($what, $bytes) = @$case;

    $slow->instead($bytes);
    herd($what, 0.25);
}

$slow->instead(undef);
ok($fleet->connected, 'and then a Redis again');
herd('a Redis again', 0.6, 1);

$fleet->done;
