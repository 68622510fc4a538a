#!/usr/bin/perl

# Tests that reloads under load are seen by nobody: neither by clients, of which
# none gets an error, nor by the authorization server, which gets no login that
# it would not have got without them.  What a worker that is to leave has begun,
# its followers wait for.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Guard;
use Test::OAuthCC::Load;
use List::Util qw(min uniq);
use Time::HiRes qw(time);

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->daemon(Guard => 'api', brief => 1);

my @names = qw(steady kept refresh forced hung);

my $providers = join "\n", map { <<"CONF" } @names;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
    }
CONF

my $locations = join "\n", map { <<"CONF" } @names;
        location /$_ { oauthcc $_; proxy_pass http://api; }
CONF

my $config = <<"CONF";
%%GLOBALS%%
worker_shutdown_timeout 2s;

http {
    %%HTTP%%
$providers
    server {
        listen 127.0.0.1:%%PORT_http%%;
        add_header X-Worker \$pid always;
        add_header X-Status \$oauthcc_cache_status always;
$locations
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

$t->run($config);

my $logins = sub ($name) {
    return grep { $_->{uri} eq "/$name" } $idp->requests;
};

####  under load, with tokens that end meanwhile

$idp->answer('/steady', { json => { expires_in => 2 } });

my $port = $t->port('http');
my $load = Test::OAuthCC::Load->start(rate => 300, lanes => [
    { port => $port, uri => '/steady', clients => 4 },
    { port => $port, uri => '/kept', clients => 2 },
    { port => $port, uri => '/kept', clients => 2, close => 1 },
    { port => $port, uri => '/steady', clients => 2, method => 'POST',
      body => 'b' x 30_000 },
]);

ok($idp->wait_count(2), 'load');

my $start = time;
for my $n (1 .. 6) {
    ok($t->reload("$config# $n\n"), "reload $n");
    $t->wait_for(sub { time - $start > $n * 0.45 });
}

my @records = $load->stop;
my @bad = grep { $_->{status} != 200 } @records;

is(scalar @bad, 0, 'every request was answered')
    or diag(explain(@bad[0 .. min($#bad, 3)]));
cmp_ok(scalar @records, '>', 500, 'of many');
cmp_ok(scalar(uniq map { $_->{worker} // () } @records), '>=', 6,
       'by many workers');

my @times = map { $_->{time} } $logins->('steady');
my @after = map { $times[$_] - $times[$_ - 1] } 1 .. $#times;
cmp_ok(min(@after), '>', 1.2, 'a token is renewed near its end, not before');
is(scalar $logins->('kept'), 1, 'a good one is kept');

####  a refresh that an old worker has begun

$idp->answer('/refresh', { json => { expires_in => 3 } }, { hold => 1 });
is($t->get('/refresh')->status, 200, 'refresh: a token');
ok($t->wait_for(sub { $t->get('/refresh')->header('X-Status') eq 'REFRESH' }),
   'refresh: the next login is on its way');
ok($t->reload("$config# refresh\n"), 'refresh: reload');

my @r = $t->concurrent(10, GET => '/refresh');
is(Test::OAuthCC::tally(@r), '200 x 10', 'refresh: new workers serve');
is(scalar(grep { $_->header('X-Status') ne 'HIT' } @r), 0,
   'refresh: with the token that is there');
is(scalar $logins->('refresh'), 2, 'refresh: and do not log in');

$idp->release;
ok($t->wait_log(qr/logged in.*"refresh"/, 2), 'refresh: it comes');
$api->clear;
is($t->get('/refresh')->status, 200, 'refresh: it is used');
is($api->last_request->{token}, ($logins->('refresh'))[1]{token},
   'refresh: by new workers');

####  a login that a refusal has forced in an old one

is($t->get('/forced')->status, 200, 'forced: a token');
$api->clear;
$api->revoke(($logins->('forced'))[0]{token});
$idp->answer('/forced', { hold => 1 });

my @old = map { $t->client->start(POST => '/forced', body => 'x' x 3000) }
          1 .. 10;
ok($api->wait_count(10), 'forced: refused');
ok($t->reload("$config# forced\n"), 'forced: reload');

my @new = map { $t->client->start(GET => '/forced') } 1 .. 10;
ok($api->wait_count(20), 'forced: refused to new workers');
$idp->release;

Test::OAuthCC::Client::drive(5, @old, @new);
@r = map { $_->{response} } @old, @new;
is(Test::OAuthCC::tally(@r), '200 x 20', 'forced: all are replayed');
cmp_ok(scalar(uniq map { $_->header('X-Worker') } @r), '>', 1,
       'forced: by old and new workers');
is(scalar $logins->('forced'), 2, 'forced: after one login');

####  one that never ends, in a worker that has to

$idp->answer('/hung', { hang => 1 }, {});
my $first = $t->client->start(GET => '/hung');
ok($t->wait_for(sub { $logins->('hung') == 1 }), 'hung: a login');

$t->reload("$config# hung\n");
$start = time;
is($t->get('/hung')->status, 200, 'hung: a new worker serves');
cmp_ok(time - $start, '<', 3, 'hung: when the old one had to leave');
is(scalar $logins->('hung'), 2, 'hung: by a login of its own');
$first->leave;

$t->done;
