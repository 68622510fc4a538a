#!/usr/bin/perl

# Tests for an API whose addresses nginx looks up while it runs: "server NAME
# resolve" in an upstream block (1.27.3 or newer).  The token follows the API,
# and the login has nothing to do with it.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new(workers => 1);
my $port = $t->port('api');
my $first = $t->upstream('api', listen => "127.0.0.1:$port");
my $second = $t->upstream('api2', listen => "127.0.0.2:$port");
my $idp = $t->token_endpoint;
my $dns = $t->resolver;

$dns->set('api.test', '127.0.0.1', 1);

my $config = <<'CONF';
%%GLOBALS%%

http {
    %%HTTP%%
    resolver 127.0.0.1:%%PORT_dns%% ipv6=off;

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        location / { oauthcc crm; proxy_pass http://api; }
    }

    upstream api {
        zone api 128k;
        server api.test:%%PORT_api%% resolve;
    }
}
CONF

my ($rc, $out) = $t->check($config);

plan(skip_all => 'no "resolve" in this nginx')
    if $out =~ /invalid parameter "resolve"/;

is($rc, 0, 'a good configuration') or diag $out;
$t->run($config);

ok($t->wait_for(sub { $t->get('/')->status == 200 }), 'the first address');
$dns->set('api.test', '127.0.0.2', 1);
ok($t->wait_for(sub { $t->get('/')->status == 200 && $second->count }),
   'and the second one');

for my $api ($first, $second) {
    cmp_ok($api->count, '>', 0, 'requests');
    is(scalar(grep { !/^Authorization: Bearer \Q@{[ $idp->tokens ]}\E\r$/m }
              map { $_->{head} } $api->requests), 0, 'all with the token');
}

is($idp->logins, 1, 'of one login');

$t->done;
