#!/usr/bin/perl

# Tests a store that answers what no Redis would: with each answer a request is
# served, by a login, after one bounded wait; nothing that it says gets into a
# log or to a client.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::FakeStore;
use Test::OAuthCC::Fleet;
use Time::HiRes qw(time);

my $fleet = Test::OAuthCC::Fleet->new(1);
my ($t, $idp, $api) = $fleet->servers;
my $fake = $t->daemon('FakeStore', 'fake');

my @fresh = map { "p$_" } 1 .. 40;

$fleet->run(
    server => 'server redis://127.0.0.1:' . $t->port('fake') . ';',
    store => 'timeout 500ms;',
    http => join '', 'add_header X-Error $oauthcc_error always;',
        map { <<"CONF" } @fresh);
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway-client;
        client_secret s3cret-of-the-fleet;
        timeout 2s;
    }
CONF

my $g = $fleet->gateway(0);

sub bulk ($text) { return '$' . length($text) . "\r\n$text\r\n" }
sub list (@items) { return '*' . @items . "\r\n" . join '', @items }

my @now = (":NOW\r\n");

my @answers = (
    nothing => '$-1' . "\r\n",
    'no list' => '*-1' . "\r\n",
    'an empty list' => list(),
    'a number' => ":1\r\n",
    'a status' => "+HIT\r\n",
    'an error' => "-ERR something\r\n",
    'another word' => list(bulk('MAYBE'), @now),
    'a number for a word' => list(@now, @now),
    'a list for a word' => list(list(bulk('HIT')), @now),
    'HIT' => list(bulk('HIT')),
    'HIT of nothing' => list(bulk('HIT'), @now, '$-1' . "\r\n"),
    'HIT of an empty value' => list(bulk('HIT'), @now, bulk('')),
    'HIT of garbage' => list(bulk('HIT'), @now, bulk('1' . '0' x 200)),
    'HIT at a time that is none' => list(bulk('HIT'), ":-5\r\n",
                                         bulk('1' . '0' x 200)),
    'LEAD' => list(bulk('LEAD')),
    'LEAD of an epoch that is none' => list(bulk('LEAD'), @now,
                                            bulk('x' x 16), ":0\r\n"),
    'LEAD at the end of time' => list(bulk('LEAD'), ":9223372036854775807\r\n",
                                      bulk('0' x 16), ":-1\r\n"),
    'WAIT' => list(bulk('WAIT'), @now),
    'WAIT for a text' => list(bulk('WAIT'), @now, bulk('5')),
    'FAIL' => list(bulk('FAIL'), @now),
    'FAIL of texts' => list(bulk('FAIL'), @now, (bulk('5')) x 4),
    'LATE' => list(bulk('LATE')),
    'LATE at the end of time' => list(bulk('LATE'), ":9223372036854775807\r\n"),
    'LATE for ever' => list(bulk('LATE'), @now),
    'LEAVE' => list(bulk('LEAVE'), @now),
);

while (my ($what, $bytes) = splice @answers, 0, 2) {
    $fake->reply($bytes);
    ok($fleet->connected, "$what: the store is there");

    my $provider = shift @fresh;
    my $begun = time;
    my $r = $g->get("/$provider");

    is($r->status, 200, "$what: a request is served");
    cmp_ok(time - $begun, '<', 4, "$what: soon");
    cmp_ok($fake->asked, '<', 200, "$what: and the store is not asked again and again");
}

####  messages without end

$fake->reply(list(bulk('LEAVE'), @now));
$fake->flood('r ' . '0' x 16 . ' ' . '0' x 32);
ok($fleet->connected, 'the store is there');
ok($t->wait_for(sub { $fake->floods }),
   'it sends messages without end');

is($g->get('/' . shift @fresh)->status, 200, 'requests are served meanwhile')
    for 1 .. 3;

$fake->flood('');

####  a failure that no gateway has written

my $until = int((time + 1000) * 1000);

for my $whose (qw(p e)) {
    $fake->reply(list(bulk('FAIL'), @now, ":1000000\r\n",
                      bulk("$until 1 400 a-t3xt-of-the-store " . 'a' x 56),
                      bulk($whose)));
    ok($fleet->connected, 'the store is there');

    my $begun = time;
    my $r = $g->get('/' . shift @fresh);

    is($r->status, 200, "a failure that was forged, $whose: a login");
    cmp_ok(time - $begun, '<', 4, 'at once');
    is($g->get('/?format=json', port => 'status')->body =~ /t3xt/, '',
       'the status page does not show it');
    is(scalar($g->log_lines(qr/t3xt/)), 0, 'nor does the log');
}

####  another gateway logs in for ever

$fake->reply(list(bulk('WAIT'), @now, ":1000000\r\n"));
ok($fleet->connected, 'the store is there');

my $provider = shift @fresh;
my $first = $g->get("/$provider");

# the request may be told so first
ok($first->status == 504 || $first->status == 200,
   'others are waited for as long as a login may take');
ok($t->wait_for(sub { $g->get("/$provider")->status == 200 }),
   'and then a login');

$fleet->order($g, 'purge', $provider);

my $begun = time;
is($g->get("/$provider")->status, 200, 'for a while nobody waits any more');
cmp_ok(time - $begun, '<', 2, 'but logs in at once');

$fake->stop;

$fleet->done;
