#!/usr/bin/perl

# Tests for an endpoint that is down for a while: a token is used to its last
# second, the next try comes soon, and when the endpoint is back so is the token.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util qw(max min);
use Test::More;
use Test::OAuthCC;
use Time::HiRes qw(time);

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my @names = qw(down reset margin hangs late cold twice due again slow long
               tenants later paced);

my %more = (again => 'backoff 100ms 60s;',
            later => 'retry_after_max 2s; backoff 100ms 500ms;',
            paced => 'backoff 1ms 1ms;',
            late => 'wait_timeout 300ms;', long => 'backoff 30s 30s;');

my $providers = join '', map { <<"CONF" } @names;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
        max_waiters 1000;
        @{[ $more{$_} // '' ]}
    }
CONF

my $locations = join '', map { <<"CONF" } @names;
        location /$_ { oauthcc $_ scope=\$arg_s;
                       proxy_pass http://127.0.0.1:%%PORT_api%%; }
CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    server {
        listen 127.0.0.1:%%PORT_http%% reuseport;
$locations
    }
}
CONF

####  the whole of it

for my $name (qw(down reset)) {
    my %fails = (down => { status => 500, body => '' }, reset => { reset => 1 });
    my $json = { json => { expires_in => 3 } };

    $idp->answer("/$name", $json, $fails{$name});
    is($t->get("/$name")->status, 200, "$name: a token");

    my ($start) = map { $_->{time} } grep { $_->{uri} eq "/$name" }
                  $idp->requests;
    my (@running, @done, $back);

    # a request each 10 ms, whatever becomes of those before
    while (time - $start < 6) {
        if (!$back && time - $start > 4.5) {
            $idp->answer("/$name", { json => { expires_in => 60 } });
            $back = time;
        }

        push @running, $t->client->start(GET => "/$name");
        Test::OAuthCC::Client::drive(0.01, @running, 'some');

        push @done, grep { $_->{response} } @running;
        @running = grep { !$_->{response} } @running;
        select undef, undef, undef, 0.005;
    }

    Test::OAuthCC::Client::drive(5, @running);
    push @done, @running;

    my @failed = grep { $_->{response}->status != 200 } @done;

    is(scalar(grep { $_->{started} - $start < 2.95 } @failed), 0,
       "$name: none fails while the token is good");
    ok(scalar @failed, "$name: some fail then");
    is(scalar(grep { $_->{started} > $back + $t->seconds(0.6) } @failed), 0,
       "$name: none that comes half a second after the endpoint is back");
    is(scalar(grep { $_->{response}->status == 503 } @failed), scalar @failed,
       "$name: with 503");

    my @tries = map { $_->{time} } grep { $_->{uri} eq "/$name" }
                $idp->requests;
    my @gaps = map { $tries[$_] - $tries[$_ - 1] } 1 .. $#tries;

    cmp_ok(min(@gaps), '>', 0.24, "$name: no two tries within half of MIN");
}

####  within the margin a request waits for the login

my %token;

$idp->clear;
for my $name (qw(hangs late margin)) {
    $idp->answer("/$name", { json => { expires_in => 20 } });
    ($token{$name}) = $t->get("/$name")->seen('Authorization');
    ok($token{$name}, "$name: a token");
}
my ($issued, @later) = map { $_->{time} } $idp->requests;

# 18 s are the usable life of each: nobody asks until then
$t->wait_for(sub { time - $later[-1] > 18.1 }, 25);
$idp->answer('/margin', { delay => 0.3, json => { expires_in => 60 } });
$idp->answer("/$_", { hold => 1 }) for qw(hangs late);

my @waiting = map { $t->client->start(GET => $_) } qw(/hangs /hangs /late);

my $r = $t->get('/margin');
is($r->status, 200, 'margin: and the next one');
cmp_ok($r->time, '>', 0.25, 'margin: which it has waited for');

# one that does not come: the old one is good until 20 s

Test::OAuthCC::Client::drive(5, @waiting);

for my $client (@waiting[0, 1]) {
    $r = $client->{response};
    is($r->status, 200, 'hangs: no error');
    is_deeply([ $r->seen('Authorization') ], [ $token{hangs} ],
              'hangs: the old token');
    cmp_ok($client->{started} + $r->time - $issued, '>', 18.95,
           'hangs: not before a second before its end');
}

$r = $waiting[2]{response};
is($r->status, 200, 'late: no error after wait_timeout');
is_deeply([ $r->seen('Authorization') ], [ $token{late} ],
          'late: but the old token');
cmp_ok($r->time, '<', $waiting[0]{response}->time, 'late: before that');

$idp->answer("/$_", {}) for qw(hangs late);
$idp->release;

####  one that fails for a moment

for my $case ([ reset => { reset => 1 } ],
              [ 502 => { status => 502, body => '' } ],
              [ 503 => { status => 503, body => '' } ])
{
    my ($name, $answer) = @$case;

    $idp->clear;
    $idp->answer('/cold', $answer, {});
    is($t->get("/cold?s=$name")->status, 200, "$name: is tried once more");

    my @times = map { $_->{time} } $idp->requests;
    is(scalar @times, 2, "$name: once");
    cmp_ok($times[1] - $times[0], '>', 0.045, "$name: not at once");
    cmp_ok($times[1] - $times[0], '<', $t->seconds(0.4), "$name: but soon");
}

for my $case ([ 500 => { status => 500, body => '' } ],
              [ wait => { status => 503, body => '',
                          headers => [ 'Retry-After' => 1 ] } ],
              [ garbage => { raw => "nothing of HTTP\n" } ])
{
    my ($name, $answer) = @$case;

    $idp->clear;
    $idp->answer('/cold', $answer, {});
    is($t->get("/cold?s=$name")->status, 502, "$name: is not");
    is($idp->logins, 1, "$name: a login");
    ok($t->wait_for(sub { $t->get("/cold?s=$name")->status == 200 }),
       "$name: is over");
}

$idp->clear;
$idp->answer('/twice', { reset => 1 });
is($t->get('/twice')->status, 502, 'twice: fails');
is($idp->logins, 2, 'twice: the second time');

####  in a backoff a request waits for the next try, for a second in all

$idp->answer("/$_", { status => 500, body => '' }) for qw(due again
                                                           slow long);
is($t->get("/$_")->status, 502, "$_: a login fails")
    for qw(due again slow long);

$idp->clear;
$idp->answer('/due', {});
@waiting = map { $t->client->start(GET => '/due') } 1 .. 20;
Test::OAuthCC::Client::drive(5, @waiting);
is(scalar(grep { $_->{response}->status == 200 } @waiting), 20,
   'due: requests wait for the next try');
is($idp->logins, 1, 'due: which is one');
cmp_ok(min(map { $_->{response}->time } @waiting), '>', 0.1,
       'due: and not made sooner');

$idp->clear;
$idp->answer('/again', ({ status => 500, body => '' }) x 2, {});
@waiting = map { $t->client->start(GET => '/again') } 1 .. 20;
Test::OAuthCC::Client::drive(5, @waiting);
is(scalar(grep { $_->{response}->status == 200 } @waiting), 20,
   'again: and for the one after a try that failed');
is($idp->logins, 3, 'again: one at a time');

$idp->clear;
$idp->answer('/slow', { hold => 1 });
@waiting = map { $t->client->start(GET => '/slow') } 1 .. 20;
ok($idp->wait_count(1), 'slow: the next try');
push @waiting, $t->client->start(GET => '/slow?s=other');
Test::OAuthCC::Client::drive(5, @waiting);

for my $client (@waiting[0, 19, 20]) {
    $r = $client->{response};
    is($r->status, 503, 'slow: one on its way is waited for');
    like($r->header('Retry-After'), qr/^[1-9]$/, 'slow: with Retry-After');
    cmp_ok($r->time, '>', 0.95, 'slow: for a second');
    cmp_ok($r->time, '<', 5, 'slow: not longer');
}

$idp->release;
ok($t->wait_for(sub { $t->get('/slow')->status == 200 }), 'slow: it answers');
is($idp->logins, 1, 'slow: that try was the only one');

$idp->answer('/long', {});
$r = $t->get('/long');
is($r->status, 503, 'long: a try that is not due soon');
cmp_ok($r->time, '<', 5, 'long: is not waited for');

# they do not cause more tries than a few a second, however short the backoff is

$idp->answer('/paced', { status => 500, body => '' });
is($t->get('/paced')->status, 502, 'paced: a login fails');
$idp->clear;
$r = $t->get('/paced');
is($r->status, 503, 'paced: so do those that a request waits for');
cmp_ok($r->time, '>', 0.5, 'paced: which it does for a second');
cmp_ok($idp->logins, '>', 1, 'paced: tries');
cmp_ok($idp->logins, '<=', 11, 'paced: not one each millisecond');

####  one probe, however many entries

$idp->clear;
$idp->answer('/tenants', { status => 500, body => '' });
$t->get('/tenants?s=0');
$idp->clear;
$idp->answer('/tenants', { status => 500, body => '', delay => 0.3 });

my @clients = map { $t->client->start(GET => "/tenants?s=$_") } 1 .. 40;
Test::OAuthCC::Client::drive(5, @clients);

is(scalar(grep { $_->{response}->status == 503 } @clients), 40,
   'tenants: all are told to come later');
cmp_ok($idp->stats->{most}, '<=', 1, 'tenants: one login at a time');

####  Retry-After

$idp->clear;
$idp->answer('/later', { status => 429, body => '',
                         headers => [ 'Retry-After' => 3600 ] }, {});
is($t->get('/later')->status, 502, 'later: 429');
$r = $t->get('/later');
is($r->status, 503, 'later: is honoured');
is($r->header('Retry-After'), 2, 'later: up to retry_after_max');

$t->done;
