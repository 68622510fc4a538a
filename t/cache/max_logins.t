#!/usr/bin/perl

# Tests for what the entries of a provider share: how many logins are on their
# way at once, and a backoff when the token endpoint is in trouble.  Without it
# a thousand tenants are a thousand logins at a server that has just come back.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Status;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $status = Test::OAuthCC::Status->new($t);

my $config = <<'CONF';
%%GLOBALS%%

http {
    %%HTTP%%
    ZONE

    oauthcc_provider few {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/few;
        client_id gateway;
        client_secret s3cret;
        max_logins 3;
    }

    oauthcc_provider impatient {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/impatient;
        client_id gateway;
        client_secret s3cret;
        max_logins 1;
        wait_timeout 300ms;
    }

    oauthcc_provider failing {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/failing;
        client_id gateway;
        client_secret s3cret;
        # longer than requests wait for the next try
        backoff 2500ms 2500ms;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        location /few       { oauthcc few scope=$arg_s; proxy_pass http://api; }
        location /impatient { oauthcc impatient scope=$arg_s;
                              proxy_pass http://api; }
        location /failing   { oauthcc failing scope=$arg_s;
                              proxy_pass http://api; }
        location /status    { oauthcc_status; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

$t->run($config =~ s/ZONE//r);

####  logins on their way

$idp->answer('/few', { hold => 1 });

my @clients = map { $t->client->start(GET => "/few?s=$_") } 1 .. 12;
ok($t->wait_for(sub { $status->provider('few')->{waiters} == 12 }),
   'twelve tenants wait');

for my $n (3, 6, 9, 12) {
    ok($idp->wait_count($n), "$n logins: each begins when another ends");
    is($idp->logins, $n, 'and no other');
    $idp->release;
}

Test::OAuthCC::Client::drive(10, @clients);

is(join(' ', map { $_->{response}->status } @clients),
   join(' ', (200) x 12), 'all are served');
is($idp->logins, 12, 'by twelve logins');
is($idp->stats->{most}, 3, 'three at once');

$idp->clear;
$idp->answer('/impatient', { hold => 1 });

@clients = map { $t->client->start(GET => "/impatient?s=$_") } 1, 2;
ok($idp->wait_count(1), 'one login');
Test::OAuthCC::Client::drive(5, @clients);
is(join(' ', map { $_->{response}->status } @clients), '504 504',
   'waiting for room has an end');
is($idp->logins, 1, 'and makes no login');
$idp->release;

####  the endpoint is in trouble

$idp->clear;
is($t->get('/failing?s=good')->status, 200, 'a tenant with a token');

for my $case ([ 500 => { status => 500, body => '' } ],
              [ 429 => { status => 429, body => '' } ],
              [ reset => { reset => 1 } ])
{
    my ($name, $answer) = @$case;

    $idp->clear;
    $idp->answer('/failing', $answer);

    my $first = $t->get("/failing?s=$name-1");
    is($first->status, 502, "$name: a tenant without one");

    my $second = $t->get("/failing?s=$name-2");
    is($second->status, 503, "$name: and another");
    like($second->header('Retry-After'), qr/^\d+$/, "$name: is told when");
    # a connection that was reset is tried once more
    is($idp->logins, $name eq 'reset' ? 2 : 1, "$name: without a login");
    is($t->get('/failing?s=good')->status, 200, "$name: the first goes on");

    $idp->clear;
    $idp->answer('/failing', { delay => 0.2 });

    ok($t->wait_for(sub { $t->get("/failing?s=$name-3")->status == 200 }),
       "$name: it is over");
    is($idp->logins, 1, "$name: one has tried");
    is($t->get("/failing?s=$name-1")->status, 200, "$name: and all may");
}

# when the time is over, one login tries

$idp->clear;
$idp->answer('/failing', { status => 503, body => '' });
is($t->get('/failing?s=probe')->status, 502, 'a failure');
$idp->clear;
$idp->answer('/failing', { delay => 0.4 }, {});

ok($t->wait_for(sub {
    @clients = $t->client->start(GET => '/failing?s=probe1');
    Test::OAuthCC::Client::drive(0.01, @clients, 'some')
        until $clients[0]{done} || $idp->logins;
    return $idp->logins;
}), 'one tries when the time is over');

@clients = map { $t->client->start(GET => "/failing?s=probe$_") } 2 .. 5;
Test::OAuthCC::Client::drive(5, @clients);
is(join(' ', map { $_->{response}->status } @clients), '200 200 200 200',
   'the others are served then');

my ($probe, $next) = map { $_->{time} } $idp->requests;
cmp_ok($next - $probe, '>', 0.35, 'for which they have waited');
$idp->answer('/failing', {});

####  the parameters are wrong

for my $error (qw(invalid_scope invalid_target invalid_request)) {
    $idp->clear;
    $idp->answer('/failing', { status => 400,
                               body => qq({"error":"$error"}) });
    is($t->get("/failing?s=$error")->status, 502, "$error: refused");
    is($t->get("/failing?s=$error")->status, 503, "$error: backs off");

    $idp->answer('/failing', {});
    is($t->get("/failing?s=not-$error")->status, 200, "$error: but no other");
}

$idp->answer('/failing', { status => 401,
                           body => '{"error":"invalid_client"}' });
is($t->get('/failing?s=client')->status, 502, 'invalid_client');
is($t->get('/failing?s=client2')->status, 503, 'is everybody\'s');
$t->stop;

####  what has no token evicts none that is good

$idp->clear;
$idp->answer('/failing', {});
$t->run($config =~ s/ZONE/oauthcc_zone 64k;/r);

my @good = map { $t->get("/failing?s=good$_")->seen('Authorization') } 1 .. 10;
$idp->answer('/failing', { status => 400, body => '{"error":"invalid_scope"}' });

my %status;
$status{ $t->get("/failing?s=bad$_")->status }++ for 1 .. 400;
is_deeply(\%status, { 502 => 400 }, 'entries without a token make room');

$idp->clear;
is(join(' ', map { $t->get("/failing?s=good$_")->seen('Authorization') }
             1 .. 10), join(' ', @good), 'for each other');
is($idp->logins, 0, 'and for no token');

$t->done;
