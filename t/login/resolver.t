#!/usr/bin/perl

# Tests for the name of the token endpoint: with a resolver it may move, and
# nginx starts while DNS is down.  A gateway that keeps the address of its start
# dies at the next failover of the authorization server.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

# each worker has a cache of names
my $t = Test::OAuthCC->new(workers => 1);
my $port = $t->port('idp');
my $first = $t->token_endpoint('idp', listen => "127.0.0.1:$port");
my $second = $t->token_endpoint('idp2', listen => "127.0.0.2:$port");
my $api = $t->upstream;
my $dns = $t->resolver;

# short lives: there is a login whenever one has ended
$_->answer({ json => { expires_in => 1 } }) for $first, $second;

$dns->silent(1);

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%
    resolver 127.0.0.1:%%PORT_dns%% ipv6=off;
    resolver_timeout 300ms;

    oauthcc_provider moving {
        token_endpoint http://moving.test:%%PORT_idp%%/moving?x=1;
        client_id gateway;
        client_secret s3cret;
        allow_http on;
        backoff 10ms 10ms;
    }

    oauthcc_provider own {
        token_endpoint http://own.test:%%PORT_idp%%/own;
        client_id gateway;
        client_secret s3cret;
        allow_http on;
        resolver 127.0.0.1:%%PORT_dns%% valid=30s ipv6=off;
        backoff 10ms 10ms;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        location /moving { oauthcc moving; proxy_pass http://api; }
        location /own    { oauthcc own;    proxy_pass http://api; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

ok($t->master, 'nginx starts while DNS is dead');

my $r = $t->get('/moving');
like($r->status, qr/^50[24]$/, 'no login is possible');
cmp_ok($r->time, '<', 2, 'and that is soon known');
is($t->log_lines(qr/login failed.*"moving"/), 1, 'one line');

####  DNS is back, without the name

$dns->silent(0);

my $status;
ok($t->wait_for(sub { $status = $t->get('/moving')->status;
                      $t->log_lines(qr/moving\.test could not be resolved \(3/)
                   }), 'no such name, in the log');
like($status, qr/^50[23]$/, 'and no token');

####  with it

$dns->set($_, '127.0.0.1', 1) for 'moving.test', 'own.test';

ok($t->wait_for(sub { $t->get('/moving')->status == 200 }),
   'the name is there');
is($first->last_request->{uri}, '/moving?x=1', 'its request line');
is($first->header($first->last_request, 'Host'), "moving.test:$port", 'Host');
is($t->get('/own')->status, 200, 'a resolver of its own');

####  it moves

$dns->set($_, '127.0.0.2', 1) for 'moving.test', 'own.test';
$first->clear;

ok($t->wait_for(sub { $t->get('/moving')->status == 200 && $second->logins }),
   'the address changes');

$first->clear;
$second->clear;
ok($t->wait_for(sub { $t->get('/moving')->status == 200 && $second->logins }),
   'and stays');
is($first->logins, 0, 'at the new one');

####  valid=30s is older than that

ok($t->wait_for(sub { $t->get('/own')->status == 200 && $first->logins }),
   '"valid" of the block keeps the address');

is($api->count, grep({ $_->{head} =~ /^Authorization: Bearer tok/m }
                     $api->requests) + 0, 'each request had a token');

$t->done;
