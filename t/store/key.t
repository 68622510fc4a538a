#!/usr/bin/perl

# Tests the keys of a store: their rotation while gateways share a token, step by
# step, and a gateway with a key of its own, which leaves alone what it cannot
# open and disturbs nobody.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Fleet;

my $n = 3;
my $fleet = Test::OAuthCC::Fleet->new($n);
my ($t, $idp, $api, $store) = $fleet->servers;
my $prefix = $t->prefix;

for my $name (qw(new other)) {
    my $key = $t->openssl('rand -base64 48');
    $t->write_file("$name.key", $key);
    $t->secret($key =~ s/\s+\z//r);
}

my $old = "key $prefix/oauthcc.key;";
my $new = "key $prefix/new.key;";

$fleet->run;
ok($fleet->connected, 'all gateways have the store');
is(Test::OAuthCC::tally($fleet->herd(1, '/crm')), "200 x $n", 'a token');


# reloads the gateways one by one; after each all of them share tokens
sub rotate ($step, $from, $to) {
    for my $i (0 .. $n - 1) {
        my $g = $fleet->gateway($i);

        ok($g->reload($g->read_file('nginx.conf') =~ s/\Q$from\E/$to/r),
           "$step: gateway $i");
        ok($fleet->connected, "$step: all gateways have the store");

        $idp->clear;
        $fleet->order($fleet->gateway(0), 'purge');

        # to be told takes a moment
        $t->wait_for(sub {
            !grep { $_->{providers}[0]{entry_count} }
                 map { $fleet->status($_) } $fleet->gateways;
        });

        is(Test::OAuthCC::tally($fleet->herd(2, '/crm')), '200 x ' . 2 * $n,
           "$step: all are served");
        is($idp->logins, 1, "$step: by one login");
    }
}

rotate('first step', $old, "$old $new");
rotate('second step', "$old $new", "$new $old");
rotate('third step', "$new $old", $new);

####  a gateway with another key

my $g = $fleet->gateway(0);

ok($g->reload($g->read_file('nginx.conf') =~ s/new\.key/other.key/r),
   'a gateway with another key');
ok($fleet->connected, 'has the store');

$idp->clear;
$fleet->order($fleet->gateway(1), 'purge');
$t->wait_for(sub {
    !grep { $_->{providers}[0]{entry_count} }
         map { $fleet->status($_) } $fleet->gateways;
});

my @good = map { $fleet->gateway($_) } 1 .. $n - 1;

is(Test::OAuthCC::tally($fleet->herd(1, '/crm', @good)), '200 x ' . @good,
   'the others are served');
is($idp->logins, 1, 'by one login');

my ($name) = $store->keys('{oauthcc}:t:*');
my $value = $store->cli('GET', $name);

is($g->get('/crm')->status, 200, 'it is served too');
is($idp->logins, 2, 'by a login of its own');
is($store->cli('GET', $name), $value, 'it leaves alone what it cannot read');
is(scalar($g->log_lines(qr/another gateway has stored cannot be opened/)), 1, 'and says so once');

$fleet->done;
