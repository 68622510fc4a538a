#!/usr/bin/perl

# Tests that a purge at one of several gateways is one at all of them: of a
# provider, of an entry, and while a login is in flight, whose token is thrown
# away.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Fleet;

my $n = 5;
my $fleet = Test::OAuthCC::Fleet->new($n);
my ($t, $idp, $api, $store) = $fleet->servers;

$fleet->run(http => <<'CONF');
    server {
        listen 127.0.0.1:%%PORT_scopes%%;
        location / {
            oauthcc crm scope=$arg_scope;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
CONF

ok($fleet->connected, 'all gateways have the store');


# the token of a scope at each gateway
sub tokens ($scope) {
    my @clients = map { $_->client(port => 'scopes')->start(
                                GET => "/?scope=$scope") } $fleet->gateways;

    Test::OAuthCC::Client::drive(30, @clients);

    my @r = map { $_->{response} } @clients;

    is(Test::OAuthCC::tally(@r), "200 x $n", "scope $scope: a token");

    return Test::OAuthCC::Fleet::tokens(@r);
}


####  all entries of a provider

my ($a) = tokens('a');
my ($b) = tokens('b');
is($idp->logins, 2, 'two logins');

my $answer = $fleet->order($fleet->gateway(1), 'purge');

is($answer->{purged}, 2, 'a purge at one gateway');
is($answer->{store}, 'told', 'tells the store');

ok($t->wait_for(sub {
    !grep { $_->{providers}[0]{entry_count} }
         map { $fleet->status($_) } $fleet->gateways;
}), 'all gateways have nothing any more');

my @new = tokens('a');
is_deeply([ scalar(@new), $new[0] ne $a ], [ 1, 1 ], 'all have a new token');
@new = tokens('b');
is_deeply([ scalar(@new), $new[0] ne $b ], [ 1, 1 ], 'of each scope');
is($idp->logins, 4, 'by one login each');

####  one entry

my ($entry) = grep { $_->{scope} eq 'a' }
              @{ $fleet->status($fleet->gateway(3))->{providers}[0]{entries} };

$fleet->order($fleet->gateway(3), 'purge', 'crm', $entry->{id});

ok($t->wait_for(sub {
    !grep { $_->{providers}[0]{entry_count} != 1 }
         map { $fleet->status($_) } $fleet->gateways;
}), 'one entry is purged, the other is there');

my ($other) = tokens('b');
is($other, $new[0], 'with its token');
is($idp->logins, 4, 'without a login');

####  while a login is in flight

$fleet->order($fleet->gateway(0), 'purge');
$idp->clear;
$idp->answer('/token', { hold => 1 }, {});

my $client = $fleet->gateway(0)->client->start(GET => '/crm');

ok($idp->wait_count(1), 'a login is in flight');
is($fleet->order($fleet->gateway(4), 'purge')->{store}, 'told',
   'a purge at another gateway');

# the next login is not held up by the one that is of no use any more
is($fleet->gateway(2)->get('/crm')->status, 200, 'a third one does not wait');

$idp->release;

is($client->finish->status, 200, 'its client is served');
is(Test::OAuthCC::tally($fleet->herd(1, '/crm')), "200 x $n", 'as are all');

my @seen = Test::OAuthCC::Fleet::tokens($fleet->herd(1, '/crm'));
my @given = $idp->tokens;
is_deeply([ @seen ], [ "Bearer $given[-1]" ],
          'with a token of after the purge');

####  the store is away

$store->stop;
ok($t->wait_for(sub {
    !grep { $fleet->status($_)->{store}{up} } $fleet->gateways;
}), 'the store is away');

$answer = $fleet->order($fleet->gateway(0), 'purge');
is($answer->{store}, 'away', 'a purge says that others were not told');

$fleet->done;
