#!/usr/bin/perl

# Tests that the trouble of one gateway stays its own: of ten gateways one has a
# wrong secret, one has no route to the token endpoint, and the clock of one is
# an hour ahead.  The seven others do not notice.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Fleet;

my $n = 10;
my $fleet = Test::OAuthCC::Fleet->new($n);
my ($t, $idp, $api, $store) = $fleet->servers;

$t->secret('wr0ng-secret-of-one');

$idp->answer('~wr0ng-secret', { status => 401,
                                body => '{"error":"invalid_client"}' });

sub provider ($name, $i) {
    my $secret = $i == 0 ? 'wr0ng-secret-of-one' : 's3cret-of-the-fleet';
    my $route = $i == 1 ? 'forward_proxy http://127.0.0.1:1;' : '';

    return <<"CONF";
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$name;
        allow_http on;
        client_id gateway-client;
        client_secret $secret;
        auth_method client_secret_post;
        backoff 2s 10s;
        $route
CONF
}

# the gateways differ in secrets and routes only, which is not compared
$fleet->run(
    provider => sub ($i) { provider('token', $i) },
    http => sub ($i) {
        join '', map { "oauthcc_provider p$_ {\n" . provider("p$_", $i) . "}\n" }
                 1 .. 6;
    });

ok($fleet->connected, 'all gateways have the store');

# its wall clock, that is: the other one counts from the start of the machine
my $library = $t->prefix . '/clocks.so';

is(system('cc -shared -fPIC -O1 -Wall -Wextra -o ' . $library
          . " $FindBin::Bin/../preload/clocks.c"), 0,
   'clocks can jump') or BAIL_OUT('no compiler');

$t->write_file('ahead', pack 'q2', 0, 3_600_000);

{
    local $ENV{LD_PRELOAD} = join ' ', $ENV{LD_PRELOAD} // (), $library;
    local $ENV{CLOCKS_AHEAD} = $t->prefix . '/ahead';
    local $ENV{ASAN_OPTIONS} = join ':', 'verify_asan_link_order=0',
                               $ENV{ASAN_OPTIONS} // ();

    $fleet->gateway(2)->stop;
    $fleet->start(2);
}

ok($fleet->connected, 'one with a clock that is an hour ahead');

my ($ahead, @good) = map { $fleet->gateway($_) } 2 .. $n - 1;
my @bad = map { $fleet->gateway($_) } 0, 1;

####  a herd at all of them

for my $p (map { "p$_" } 1 .. 3) {
    $idp->clear;

    my @bad_clients = map { $_->client->start(GET => "/$p") } @bad, $ahead;
    my @r = $fleet->herd(5, "/$p", @good);

    Test::OAuthCC::Client::drive(30, @bad_clients);

    is(Test::OAuthCC::tally(@r), '200 x ' . 5 * @good,
       "$p: none of the others fails");

    my $good = grep { $_->{body} !~ /wr0ng/ } $idp->requests;
    is($good, 1, "$p: one login that succeeds");
    is($ahead->get("/$p")->status, 200, "$p: the clock does not matter");
}

####  the bad ones come first, one after the other

for my $p (map { "p$_" } 4 .. 6) {
    $idp->clear;

    $_->get("/$p") for @bad, @bad;

    is(Test::OAuthCC::tally($fleet->herd(5, "/$p", @good)),
       '200 x ' . 5 * @good, "$p: the others do not wait for them");

    # what the others have got is theirs too
    ok($t->wait_for(sub { !grep { $_->get("/$p")->status != 200 } @bad }),
       "$p: and get a token from the others");

    my $good = grep { $_->{body} !~ /wr0ng/ } $idp->requests;
    is($good, 1, "$p: one login that succeeds");
}

$fleet->done;
