#!/usr/bin/perl

# Tests of the first login after a backoff, which one gateway makes while the
# others wait: what the store says of it holds nobody up who knows better, be it
# that the result never came to the store, as that was away then, or that the
# worker was killed.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Fleet;
use Test::OAuthCC::SlowProxy;

my $fleet = Test::OAuthCC::Fleet->new(2, workers => 2);
my ($t, $idp, $api, $store) = $fleet->servers;

# each gateway can be cut off
my @lines = map {
    $t->daemon('SlowProxy', "line$_", to => $t->port('store'), delay => 0)
} 0, 1;

$fleet->run(
    server => sub ($i) {
        'server redis://127.0.0.1:' . $t->port("line$i") . ';' },
    store => 'timeout 1s;',
    provider => <<'CONF', http => <<'HTTP');
    token_endpoint http://127.0.0.1:%%PORT_idp%%/token;
    client_id gateway-client;
    client_secret s3cret-of-the-fleet;
CONF
    oauthcc_provider tenants {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/tenants;
        client_id gateway-client;
        client_secret s3cret-of-the-fleet;
        backoff 100ms 100ms;
    }

    server {
        listen 127.0.0.1:%%PORT_tenants%%;
        location / {
            oauthcc tenants param:tenant=$arg_id;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
HTTP

my ($first, $second) = $fleet->gateways;
$first->allow_alert(qr/exited on signal 9/);

ok($fleet->connected, 'both gateways have the store');

sub request ($g, $id) { return $g->client(port => 'tenants')
                                 ->start(GET => "/?id=$id") }

sub status ($g, $id) { return request($g, $id)->finish->status }

sub account ($field) {
    return map { $store->cli('HGET', $_, $field) =~ /"(.*)"/ }
           $store->keys('{oauthcc}:s:*');
}

# what is said to last some seconds lasts until the end of the test
sub prolong ($field) {
    for my $key ($store->keys('{oauthcc}:s:*')) {
        my ($value) = $store->cli('HGET', $key, $field) =~ /"(.*)"/ or next;
        my ($s) = $store->cli('TIME') =~ /"(\d+)"/;

        $store->cli('HSET', $key, $field,
                    $value =~ s/^\d+/($s + 3600) . '000'/er);
    }
}

sub cut (@n) {
    $lines[$_]->instead("-ERR no\r\n") for @n;
    ok($t->wait_for(sub {
        !grep { $fleet->status(($fleet->gateways)[$_])->{store}{up} } @n;
    }), 'the store is away');
}

sub mend (@n) {
    $lines[$_]->instead(undef) for @n;
    ok($t->wait_for(sub {
        !grep { $fleet->status($_)->{store}{workers_down} } $fleet->gateways;
    }, 10), 'the store is back, for each worker');
}

my $trouble = { status => 500, body => 'sorry' };

# an outage, and the first login after its backoff, which has not ended yet; who
# waits for it has an error after a second
sub trying ($answer = {}) {
    $store->cli('FLUSHALL');
    $fleet->order($_, 'purge', 'tenants') for $fleet->gateways;
    $idp->answer('/tenants', $trouble);
    like(status($first, 'a'), qr/50[23]/, 'the server is in trouble');

    # a login that the other gateway's order has overtaken is not the store's
    ok($t->wait_for(sub { account('x') || !status($first, 'a') }),
       'as the store soon knows');

    $idp->answer('/tenants', { hold => 1, %$answer }, {});
    $idp->clear;

    my $client = request($first, 'a');

    ok($t->wait_for(sub {
        return 1 if $idp->count;
        Test::OAuthCC::Client::drive(0.05, $client, 'some');
        $client = request($first, 'a') if $client->{done};
        return 0;
    }, 10), 'after the backoff one login begins');
    is(scalar(my @q = account('q')), 1, 'which the store knows, too');

    return $client;
}

# until it has ended, and the requests that waited for it
sub tried ($client, $re) {
    my $n = $first->log_lines($re);
    $idp->release;
    $client->finish;
    return $first->wait_log($re, $n + 1);
}


####  its result does not come to the store

my $client = trying();
cut(0);
ok(tried($client, qr/logged in/), 'the login succeeds');
prolong('q');
mend(0);

is(status($first, $_), 200, "nobody waits for it: tenant $_") for qw(b c);
is(join(' ', account('x'), account('q')), '', 'and the store knows that');
is(status($second, 'd'), 200, 'as does the other gateway');

$client = trying($trouble);
cut(0);
ok(tried($client, qr/login failed/), 'the login fails');
prolong('q');
mend(0);

ok($t->wait_for(sub { status($first, 'b') == 200 }, 10),
   'after the backoff of the gateway there is the next one');


####  its worker is killed

for my $id (qw(a b)) {
    $client = trying();
    prolong('q');
    kill 'KILL', my @workers = $first->workers;
    $client->finish;

    ok($t->wait_for(sub {
        my %old = map { $_ => 1 } @workers;
        2 == grep { !$old{$_} } $first->workers;
    }), 'there are new workers');

    # who asks first finds that nobody leads any longer
    ok($t->wait_for(sub { status($first, $id) == 200 }, 2),
       "one of which makes the next login: tenant $id");
}


####  another gateway

$client = trying();
prolong('q');
like(status($second, 'b'), qr/50[23]/, 'another gateway waits');
is($idp->logins, 1, 'without a login');

cut(1);
ok($t->wait_for(sub { status($second, 'b') == 200 }, 10),
   'but not if it cannot ask the store');
mend(1);
is(status($second, 'c'), 200, 'and then it knows better');

ok(tried($client, qr/logged in/), 'the first login succeeds, too');


####  a failure that is older than a success

$client = trying();
ok(tried($client, qr/logged in/), 'the server is well');

$idp->answer('/tenants', { hold => 1 }, $trouble, {});
$client = request($first, 'e');
ok($idp->wait_count(2), 'a login takes a while');
is(status($second, 'f'), 502, 'while that of another gateway fails');
ok($t->wait_for(sub { account('x') }), 'as the store soon knows');
prolong('x');

cut(0);
ok(tried($client, qr/logged in/), 'then it succeeds');
mend(0);
is(status($first, 'g'), 200, 'and the failure is over');

$fleet->done;
