#!/usr/bin/perl

# Tests that of several gateways one refreshes a token: with short lives there
# are no more logins than with one gateway, no request waits, and an order of
# an operator at one gateway gives all of them the new token.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Fleet;
use List::Util qw(max);
use Time::HiRes qw(time);

my $fleet = Test::OAuthCC::Fleet->new(5);
my ($t, $idp, $api, $store) = $fleet->servers;

$fleet->run;
ok($fleet->connected, 'all gateways have the store');

####  an order

is(Test::OAuthCC::tally($fleet->herd(1, '/crm')), '200 x 5', 'a token');
is($idp->logins, 1, 'of one login');

is($fleet->order($fleet->gateway(2), 'refresh')->{refreshed}, 1,
   'one gateway refreshes it');

ok($t->wait_for(sub {
    my @tokens = Test::OAuthCC::Fleet::tokens($fleet->herd(1, '/crm'));
    return @tokens == 1 && $tokens[0] eq 'Bearer ' . (($idp->tokens)[1] // '');
}), 'all have the new one');
is($idp->logins, 2, 'by one login');

####  lives of four seconds

is(Test::OAuthCC::tally($fleet->herd(1, '/crm')), '200 x 5', 'a token');
$idp->clear;
$idp->answer('/token', { json => { expires_in => 4 } });
$fleet->order($fleet->gateway(0), 'purge');

my @all = $fleet->herd(1, '/crm');
my $end = time + 12;
my $first = $idp->logins;

while (time < $end) {
    push @all, $fleet->herd(1, '/crm');
    select undef, undef, undef, 0.02;
}

my @waited = grep { ($_->header('X-Cache') // '') =~ /MISS|WAIT/ } @all;
my $lives = $idp->logins;

is(Test::OAuthCC::tally(@all), '200 x ' . @all, 'all requests are answered');
is($first, 1, 'by one login at first');
cmp_ok($lives, '>=', 3, 'the token was refreshed');
cmp_ok($lives, '<=', 7, 'once a life, not once a gateway')
    or diag "logins: $lives";
is(scalar @waited, 5, 'no request has waited for a refresh');

$fleet->done;
