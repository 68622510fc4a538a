#!/usr/bin/perl

# Tests that a secret which is taken back is the newest one, also for workers that
# have never seen another: a file that has the same content again was read again.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new(workers => 2);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

sub put ($secret) {
    $t->write_file('secret', $t->secret("$secret-s3cret-of-all") . "\n");
}

put('first');

$t->run(<<'CONF');
%%GLOBALS%%
http {
    %%HTTP%%
    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/token;
        client_id gateway;
        client_secret file:secret;
        auth_method client_secret_post;
        backoff 30s 30s;
    }

    server {
        listen 127.0.0.1:%%PORT_http%% reuseport;
        add_header X-Worker $pid always;
        location / {
            oauthcc crm scope=$arg_s;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
}
CONF

# a connection to each worker, which has served a request of it
my %client;

$t->wait_for(sub {
    my $client = $t->client(keepalive => 1);
    my $r = $client->request(GET => '/?s=0');
    $client{ $r->header('X-Worker') } //= $client if $r->status == 200;
    return keys %client == 2;
}, 20);

my ($one, $two) = values %client;
ok($two, 'there are two workers');

# statuses of requests with these scopes, in this worker
sub ask ($client, @scopes) {
    return join ' ', map { $client->request(GET => "/?s=$_")->status } @scopes;
}

# the secrets of all logins since then, in the order of these
sub sent () {
    my @sent = map { $_->{body} =~ /client_secret=(\w+)/ } $idp->requests;
    $idp->clear;
    return "@sent";
}

# both have logged in once, so nothing differs but what they read from now on
is(ask($one, 'a') . ask($two, 'b'), '200200', 'each has logged in');
$idp->clear;

put('second');
is(ask($one, 'c'), '200', 'one worker sees another secret');
is(sent(), 'second', 'and sends it');

put('first');
is(ask($two, 'd'), '200', 'the other one sees what it has seen before');
is(sent(), 'first', 'and sends that');

is(ask($one, 'd'), '200', 'the first worker has the token');
is(ask($one, 'e'), '200', 'and logs in for another one');
is(sent(), 'first', 'which is the only login');

put('second');
is(ask($one, 'f'), '200', 'once more the other secret');
put('first');
$idp->answer('*', { status => 401, body => '{"error":"invalid_client"}' });
is(ask($two, 'g'), '502', 'the one that was taken back is refused');
$idp->clear;
is(ask($one, 'h'), '503', 'as the other worker knows');
is(sent(), '', 'without a login');

# who reads the same again has it as new as who has read it first
$idp->answer('*', {});
put('third');
ok($t->wait_for(sub { ask($one, 'i') eq '200' }), 'a third one ends that');
put('second');
is(ask($two, 'k'), '200', 'before it is replaced');
put('third');
is(ask($one, 'l'), '200', 'for a while');
$idp->clear;
is(ask($two, 'l', 'i'), '200 200', 'tokens of the third one are used');
is(ask($two, 'm'), '200', 'and the next login');
is(sent(), 'third', 'sends it');

$t->done;
