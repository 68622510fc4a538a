#!/usr/bin/perl

# Tests for "expires" 0 of login_json: a login for each request, which nobody
# else has.  There are never more than max_logins on their way, nobody waits
# for longer than he may, and a client that leaves takes its login with it.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

for my $name ('a', 'few', 'one', 'slow', 'bad', 'other') {
    $t->write_file("$name.json", <<"JSON");
{
    "authentication": {
        "type": "login",
        "loginRequest": {
            "endpoint": "http://127.0.0.1:%%PORT_idp%%/$name",
            "method": "FORM",
            "params": { "name": "$name" }
        },
        "apiRequest": { "headers": { "X-Token": "access_token" } },
        "expires": 0
    }
}
JSON
}

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider a     { login_json a.json; }
    oauthcc_provider few   { login_json few.json; max_logins 3; }
    oauthcc_provider one   { login_json one.json; max_logins 1; }
    oauthcc_provider slow  { login_json slow.json; wait_timeout 300ms;
                             max_logins 1; }
    oauthcc_provider bad   { login_json bad.json; backoff 5s 60s; }
    oauthcc_provider other { login_json other.json; max_logins 1; }

    map $uri $provider { ~^/(?<name>\w+) $name; }

    server {
        listen 127.0.0.1:%%PORT_http%% reuseport;
        oauthcc $provider;
        location / {
            proxy_pass http://127.0.0.1:%%PORT_api%%;
            add_header X-Status $oauthcc_cache_status always;
            add_header X-Expires $oauthcc_expires_in;
        }
    }
}
CONF

# true for as long as it is waited; what is not to happen may take that long
sub stays ($code, $seconds = 0.3) {
    return !$t->wait_for(sub { !$code->() }, $seconds);
}

sub count ($name) { return scalar grep { $_->{uri} eq "/$name" }
                           $idp->requests }


####  one after the other, and many at once

my %seen;

for (1 .. 5) {
    my $r = $t->get('/a');
    $seen{ join ',', $r->seen('X-Token') }++;
    is($r->header('X-Status'), 'MISS', 'a login of its own');
    is($r->header('X-Expires'), 0, 'which is for now');
}

is(keys %seen, 5, 'a token for each of five requests');
is(count('a'), 5, 'by five logins');

my @all = $t->concurrent(200, GET => '/a');
is(Test::OAuthCC::tally(@all), '200 x 200', '200 at once');
$seen{ join ',', $_->seen('X-Token') }++ for @all;
is(keys %seen, 205, 'and each has its own');

$api->answer('/a/401', { status => 401 });
is($t->get('/a/401')->status, 401, 'a refusal is the client\'s');
is(count('a'), 206, 'no replay, no other login');


####  max_logins

$idp->answer('/few', { hold => 1 });

my @clients = map { $t->client->start(GET => '/few') } 1 .. 10;

ok($t->wait_for(sub { count('few') == 3 }), 'three logins on their way');
ok(stays(sub { count('few') == 3 }), 'and no more');

$idp->answer('/few', {});
$idp->release;

Test::OAuthCC::Client::drive(10, @clients);
is(Test::OAuthCC::tally(map { $_->{response} } @clients), '200 x 10',
   'then the others');
is(count('few'), 10, 'a login each');


####  a client that leaves

$idp->answer('/one', { hold => 1 });

my $first = $t->client->start(GET => '/one');
ok($t->wait_for(sub { count('one') == 1 }), 'its login is on its way');

my $second = $t->client->start(GET => '/one');
ok(stays(sub { count('one') == 1 }), 'another request waits');

$idp->answer('/one', {});
$first->leave;

is($second->finish->status, 200, 'until the first client has left');
is(count('one'), 2, 'then it has its turn');
is($t->log_lines(qr/\[error\].*"one"/), 0, 'which is no error');
$idp->release;


####  timeouts

$idp->answer('/slow', { hold => 1 });

my $own = $t->client->start(GET => '/slow');
ok($t->wait_for(sub { count('slow') == 1 }), 'a slow login');
my $waits = $t->client->start(GET => '/slow');

is($own->finish->status, 504, 'is not waited for forever');
is($waits->finish->status, 504, 'nor is the turn');
$idp->answer('/slow', {});
$idp->release;
is($t->get('/slow')->status, 200, 'and nothing is left of them');


####  backoff

$idp->answer('/bad', { status => 500 });

is($t->get('/bad')->status, 502, 'a failed login');

my $r = $t->get('/bad');
is($r->status, 503, 'then none for a while');
like($r->header('Retry-After'), qr/^\d+$/, 'which the client is told');
is(count('bad'), 1, 'nor at the server');
is($t->get('/a')->status, 200, 'of this provider alone');


####  a worker that dies with a login on its way

$t->allow_alert(qr/exited on signal 9/);

$idp->answer('/other', { hold => 1 });

my $lost = $t->client->start(GET => '/other');
ok($t->wait_for(sub { count('other') == 1 }), 'a login on its way');

kill 'KILL', $t->workers;
$lost->finish;

$idp->answer('/other', {});
$idp->release;

is($t->get('/other')->status, 200, 'its place is free again');
is(count('other'), 2, 'at once');

$t->done;
undef $t;
