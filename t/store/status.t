#!/usr/bin/perl

# Tests what is shown of the store of several gateways: on the page, in JSON and
# to Prometheus, as docs/status.md has it, and that the numbers are right.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Docs;
use Test::OAuthCC::Fleet;

my $fleet = Test::OAuthCC::Fleet->new(2, workers => 2);
my ($t, $idp, $api, $store) = $fleet->servers;

$fleet->run;
ok($fleet->connected, 'all gateways have the store');

my ($one, $other) = $fleet->gateways;

is($one->get('/crm')->status, 200, 'a token');
is($other->get('/crm')->status, 200, 'and at the other gateway');


sub page ($g, $format) {
    return $g->get("/?format=$format", port => 'status')->body;
}

####  JSON

my %page = Test::OAuthCC::Docs::pages();
my ($part) = $page{'docs/status.md'} =~ /^## The store\n(.*?)(?=^## )/ms;
my ($json, $prometheus) = split /^For Prometheus:/m, $part;


sub fields ($o, $prefix = '') {
    return map {
        ref $o->{$_} eq 'HASH' ? fields($o->{$_}, "$prefix$_.") : $prefix . $_
    } keys %$o;
}

ok($t->wait_for(sub {
    $fleet->status($one)->{store}{puts}{done} == 1
}), 'the token was stored');

my $status = $fleet->status($one)->{store};

is_deeply([ sort $json =~ /^\| `(\S+)` \|/mg ], [ sort(fields($status)) ],
          'the fields of JSON are documented');
is($status->{up}, JSON::PP::true, 'it is up');
is($status->{workers_up}, 2, 'for both workers');
is($status->{workers_down}, 0, 'for none it is down');
is($status->{asks}{lead}, 1, 'one gateway had the right to log in');
cmp_ok($status->{round_trips}, '>', 0, 'answers');
cmp_ok($status->{round_trip_seconds}, '>', 0, 'and what they took');
cmp_ok($status->{round_trip_seconds} / $status->{round_trips}, '<', 0.25,
       'each less than the timeout');

my $found = $fleet->status($other)->{store};
is($found->{asks}{hit}, 1, 'the other one has found the token');
is($found->{puts}{done}, 0, 'and stored none');

####  Prometheus

my $text = page($one, 'prometheus');

is_deeply([ sort $prometheus =~ /^\| `(\S+)` \|/mg ],
          [ sort $text =~ /^# TYPE (oauthcc_store_\S+)/mg ],
          'the metrics are documented');
like($text, qr/^oauthcc_store_asks_total\{result="lead"\} 1$/m, 'asks');
like($text, qr/^oauthcc_store_puts_total\{result="done"\} 1$/m, 'puts');
like($text, qr/^oauthcc_store_connected_workers 2$/m, 'workers');
like($text, qr/^oauthcc_store_round_trip_seconds_total \d+\.\d{6}$/m,
     'the time of round trips');

####  the page

like(page($one, 'html'), qr{<dt>Store</dt><dd><span class="tag">up</span>},
     'the page says that it is up');

$store->stop;

ok($t->wait_for(sub { $fleet->status($one)->{store}{workers_down} == 2 }),
   'it is killed: no worker has it');
is($fleet->status($one)->{store}{up}, JSON::PP::false, 'it is down');
cmp_ok($fleet->status($one)->{store}{lost_connections}, '>=', 2,
       'connections were lost');
like(page($one, 'html'), qr{<dt>Store</dt><dd><span class="tag">down</span>},
     'as the page says');

####  without a store

my $alone = Test::OAuthCC->new;
$alone->{ports}{api} = $t->port('api');
$alone->{ports}{idp} = $t->port('idp');
$alone->run($fleet->config(0) =~ s/^.*oauthcc_store.*\n//mr);

unlike(page($alone, 'json'), qr/store/, 'without a store there is nothing');
unlike(page($alone, 'prometheus'), qr/store/, 'nor for Prometheus');
unlike(page($alone, 'html'), qr{<dt>Store}, 'nor on the page');
$alone->stop;

$fleet->done;
