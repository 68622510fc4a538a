#!/usr/bin/perl

# Tests several gateways at an authorization server that keeps one token a
# client: each login ends the token that all others use.  They log in once a
# life of a token, and no client sees a 401.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Fleet;
use Time::HiRes qw(time);

my $n = 20;
my $fleet = Test::OAuthCC::Fleet->new($n, idp => 'OneToken', api => '');
my ($t, $server, undef, $store) = $fleet->servers;

$fleet->run;
ok($fleet->connected, 'all gateways have the store');

####  orders: each of them ends the token of all gateways

is(Test::OAuthCC::tally($fleet->herd(2, '/crm')), '200 x ' . 2 * $n,
   'a token');
is($server->logins, 1, 'of one login');

my @all;
my $lives = 20;

for my $life (1 .. $lives) {
    my $gateway = $fleet->gateway($life % $n);

    # a second has to pass between two orders of an entry
    $t->wait_for(sub {
        push @all, $fleet->herd(1, '/crm');
        $fleet->order($gateway, 'refresh')->{refreshed};
    });

    $t->wait_for(sub { $server->logins > $life });
    push @all, $fleet->herd(2, '/crm');
}

is(Test::OAuthCC::tally(@all), '200 x ' . @all,
   "$lives lives: no client sees a 401");
cmp_ok($server->logins, '<=', $lives + 1 + 2, 'a login each')
    or diag 'logins: ' . $server->logins;
note('requests that the API has refused: ' . $server->refused);

$fleet->done;
