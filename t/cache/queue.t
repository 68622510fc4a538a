#!/usr/bin/perl

# Tests for the order in which logins begin when max_logins are on their way:
# who came first, entries whose last login succeeded before new ones, those
# that failed last; and nobody, however often or with however many entries he
# asks, keeps all places from others.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Status;
use Time::HiRes qw(time);

my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $status = Test::OAuthCC::Status->new($t);

my %more = (one => 'max_logins 1;', four => 'max_logins 4;',
            half => 'max_logins 1; max_waiters 8;',
            ahead => 'max_logins 1; refresh_before 4s;',
            many => 'max_logins 200; max_waiters 4000;');

$t->write_file('each.json', <<'JSON');
{
    "authentication": {
        "type": "login",
        "loginRequest": {
            "endpoint": "http://127.0.0.1:%%PORT_idp%%/each",
            "method": "FORM",
            "params": { "name": "each" }
        },
        "apiRequest": { "headers": { "X-Token": "access_token" } },
        "expires": 0
    }
}
JSON

my $providers = join "\n", map { <<"CONF" } sort keys %more;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
        wait_timeout 30s;
        timeout 20s;
        backoff 100ms 100ms;
        expiry_margin 0;
        $more{$_}
    }
CONF

my $locations = join "\n", map { <<"CONF" } sort keys %more;
        location /$_ { oauthcc $_ scope=\$arg_s; proxy_pass http://api; }
CONF

my $config = <<"CONF";
%%GLOBALS%%

http {
    %%HTTP%%
    oauthcc_zone 8m;
$providers
    oauthcc_provider each {
        login_json each.json;
        max_logins 2;
        wait_timeout 30s;
        max_waiters 2000;
    }

    server {
        # connections are spread over the workers
        listen 127.0.0.1:%%PORT_http%% reuseport;
$locations
        location /each   { oauthcc each; proxy_pass http://api; }
        location /status { oauthcc_status; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

$t->run($config);

my @clients;

sub start ($name, @scopes) {
    my @new = $status->queue($name, $idp, map { "/$name?s=$_" } @scopes);

    $new[$_]{scope} = $scopes[$_] for 0 .. $#new;
    push @clients, @new;
}

sub scopes () {
    return map { $_->{body} =~ /\bscope=([\w-]+)/ ? $1 : '-' } $idp->requests;
}

# lets the logins go on, one after the other

sub release ($n, $most = 1) {
    for my $i (1 .. $n) {
        $idp->wait_count($i) or return diag "no login $i";
        $idp->release if $i % $most == 0 || $i == $n;
    }
}

sub served () {
    Test::OAuthCC::Client::drive(20, @clients);
    return Test::OAuthCC::tally(map { $_->{response} } splice @clients);
}

# an entry with a token that is of no use any more, and one without any

sub old ($name, @scopes) {
    $idp->answer("/$name", { json => { expires_in => 1 } });
    $t->get("/$name?s=$_") for @scopes;

    my %scopes = map { $_ => 1 } @scopes;
    $t->wait_for(sub {
        return !grep { $scopes{ $_->{scope} } && $_->{expires_in_seconds} }
                     $status->entries($name);
    }) or diag 'tokens that do not end';
}

sub bad ($name, @scopes) {
    $idp->answer("/$name", { status => 400,
                             body => '{"error":"invalid_scope"}' });
    $t->get("/$name?s=$_") for @scopes;
}


####  who came first

$idp->answer('/one', { hold => 1 });
start(one => map { "n$_" } 1 .. 20);
is($idp->logins, 1, 'one login, and nineteen that wait');
release(20);
is(served(), '200 x 20', 'all are served');
is(join(' ', scopes()), join(' ', map { "n$_" } 1 .. 20),
   'in the order in which they came');

####  one that leaves is passed

$idp->clear;
start(one => qw(a b c d));
$clients[1]->reset;
$clients[2]->reset;
splice @clients, 1, 2;
ok($t->wait_for(sub { $status->provider('one')->{waiters} == 2 }),
   'two leave');
release(2);
is(served(), '200 x 2', 'the others are served');
is(join(' ', scopes()), 'a d', 'and no login is made for who has left');

####  the classes

$idp->clear;
old(one => qw(old1 old2));
bad(one => 'bad1');
$idp->clear;
$idp->answer('/one', { hold => 1 });

# after its backoff, which may be eight times the least

ok($t->wait_for(sub {
    return !grep { $_->{scope} eq 'bad1' && $_->{backoff_seconds} }
                 $status->entries('one');
}), 'the backoff is over');

start(one => qw(first bad1 new1 new2 old1 old2));
release(6);
is(served(), '200 x 6', 'all are served');
is(join(' ', scopes()), 'first old1 old2 new1 new2 bad1',
   'renewals, then new ones, then retries');

####  a quarter of the places is for new ones

$idp->clear;
old(four => map { "old$_" } 1 .. 6);
$idp->clear;
$idp->answer('/four', { hold => 1 });

start(four => map { "old$_" } 1 .. 6);
is($idp->logins, 3, 'three of four renewals begin');
start(four => 'new1');
ok($idp->wait_count(4), 'and a new one, at once');
is((scopes())[3], 'new1', 'which is the new one');
start(four => 'new2');
is($idp->logins, 4, 'no more than four');
$idp->release;
ok($idp->wait_count(8), 'then the others');
$idp->release;
is(served(), '200 x 8', 'all are served');
is($idp->stats->{most}, 4, 'never more than four at once');

# without others new ones may have all places

$idp->clear;
start(four => map { "n$_" } 1 .. 6);
is($idp->logins, 4, 'new ones take all places');
release(6, 4);
is(served(), '200 x 6', 'all are served');

####  nobody starves

$idp->clear;
old(one => map { "o$_" } 1 .. 24);
bad(one => 'bad2');
$idp->clear;
$idp->answer('/one', { hold => 1 });
$t->wait_for(sub {
    return !grep { $_->{scope} eq 'bad2' && $_->{backoff_seconds} }
                 $status->entries('one');
});

start(one => 'first2', 'bad2', 'late1', 'late2', map { "o$_" } 1 .. 24);
release(28);
is(served(), '200 x 28', 'all are served');

my @order = scopes();
my %place = map { $order[$_] => $_ } 0 .. $#order;
cmp_ok($place{late1}, '<=', 4, 'a new one is passed three times');
cmp_ok($place{late2}, '<=', 8, 'and so is the next');
cmp_ok($place{bad2}, '<=', 17, 'a retry fifteen times');

####  a refresh that finds no place is made when there is one

$idp->clear;
$idp->answer('/ahead', { json => { expires_in => 10 } });
$t->get('/ahead?s=fresh');
$idp->answer('/ahead', { hold => 1 });
start(ahead => 'other');

ok($t->wait_for(sub {
    return grep { $_->{scope} eq 'fresh' && $_->{state} eq 'refresh_due' }
                $status->entries('ahead');
}, 12), 'a token that is to be refreshed');
is($t->get('/ahead?s=fresh')->status, 200, 'is used');
is($idp->logins, 2, 'there is no place for its login');
$idp->release;
ok($idp->wait_count(3), 'which is made when there is one');
is((scopes())[2], 'fresh', 'without another request');
$idp->release;
is(served(), '200 x 1', 'who waited is served');

####  new ones fill half of max_waiters

$idp->clear;
old(half => qw(old1 old2));
$idp->clear;
$idp->answer('/half', { hold => 1 });

start(half => qw(first new1 new2 new3 new4));
is($t->get('/half?s=new5')->status, 503, 'a new one too many');
is($t->log_lines(qr/5 requests wait for a login already/), 1,
   'is in the log');
start(half => qw(old1 old2));
is($idp->logins, 1, 'others may still wait');
release(7);
is(served(), '200 x 7', 'all are served');
is(join(' ', (scopes())[1 .. 2]), 'old1 old2', 'and those are first');

####  logins of requests' own

$idp->clear;
$idp->answer('/each', { hold => 1 });

for my $i (1 .. 12) {
    push @clients, $t->client->start(GET => '/each', X => $i);
    $t->wait_for(sub { $status->provider('each')->{waiters}
                       + $idp->logins >= $i });
}

is($idp->logins, 2, 'two logins of their own');
ok(!$t->wait_for(sub { $idp->logins > 2 }, 0.4), 'and no more');
release(12, 2);

my @done = map { $_->{response} } @clients;
is(served(), '200 x 12', 'all are served');
is($idp->stats->{most}, 2, 'never more than two at once');

####  too many new ones in a second wait

$idp->clear;
$idp->answer('/many', {});

my $start = time;
my @many = map { $t->client->start(GET => "/many?s=m$_") } 1 .. 1400;
Test::OAuthCC::Client::drive(20, @many);

is(Test::OAuthCC::tally(map { $_->{response} } @many), '200 x 1400',
   'new ones, as many as come: nobody is refused');
cmp_ok(time - $start, '>', 1.2, 'but five hundred a second');
is($t->log_lines(qr/has no room/), 0, 'there was room');

$t->done;
