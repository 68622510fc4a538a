#!/usr/bin/perl

# Tests the clock of a store: the lives of tokens are counted by it, so it does
# not matter what time it is there, nor if somebody sets it, an hour forward or
# back.  No token is used for longer than the server has said, no request fails,
# and gateways still log in once.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Fleet;

my $n = 3;
my $fleet = Test::OAuthCC::Fleet->new($n);
my ($t, $idp, $api, $store) = $fleet->servers;

my $library = $t->prefix . '/clocks.so';

is(system('cc -shared -fPIC -O1 -Wall -Wextra -o ' . $library
          . " $FindBin::Bin/../preload/clocks.c"), 0,
   'clocks can jump') or BAIL_OUT('no compiler');

# the wall clock of the store from now on, in milliseconds
sub ahead ($wall) {
    open my $fh, '+<:raw', $t->prefix . '/ahead' or die "ahead: $!";
    syswrite $fh, pack 'q2', 0, $wall;
}

$t->write_file('ahead', pack 'q2', 0, 3_600_000);
$store->stop;

{
    local $ENV{LD_PRELOAD} = join ' ', $ENV{LD_PRELOAD} // (), $library;
    local $ENV{CLOCKS_AHEAD} = $t->prefix . '/ahead';

    $store->start;
}

my ($seconds) = $store->cli('TIME') =~ /"(\d+)"/;
cmp_ok($seconds, '>', time + 3500, 'the store is an hour ahead');

$fleet->run;
ok($fleet->connected, 'all gateways have the store');


# the most that a gateway says a token is good for, in seconds
sub left () {
    return (sort { $b <=> $a } map { $_->{expires_in_seconds} // 0 }
            map { $fleet->status($_)->{providers}[0] } $fleet->gateways)[0];
}


# a purge, and a herd after it
sub herd ($what, $most = 1) {
    $idp->clear;

    my @r = $fleet->herd(5, '/crm');

    is(Test::OAuthCC::tally(@r), '200 x ' . 5 * $n, "$what: all are served");
    cmp_ok($idp->logins, '<=', $most, "$what: by so many logins");
    cmp_ok(left(), '<=', 3600, "$what: no token is used for longer");
}

sub purge () {
    $fleet->order($fleet->gateway(0), 'purge');
    $t->wait_for(sub {
        !grep { $_->{providers}[0]{entry_count} }
             map { $fleet->status($_) } $fleet->gateways;
    });
}

herd('an hour ahead');

####  it is set back

ahead(0);
herd('set back, with a token', 0);
purge();
herd('set back');

####  and forward

ahead(3_600_000);
purge();
herd('set forward');

####  a token that was stored before it was set back, for another gateway

ahead(-1_800_000);

my $late = $fleet->start($n);
ok($fleet->connected($late), 'another gateway');
is($late->get('/crm')->status, 200, 'has a token');
cmp_ok(left(), '<=', 3600, 'that is used for no longer');

$fleet->done;
