#!/usr/bin/perl

# Tests for proxy_cache, its background updates and slice.  Their subrequests
# skip all phases, so they are where the token is forgotten or where the header
# of the client slips through; and what is written to disk must not hold it.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

# one worker: an answer is in the cache only after its client has all of it, and
# another worker could be asked before that
my $t = Test::OAuthCC->new(needs => [ 'http_slice_module' ], workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%
    proxy_cache_path %%PREFIX%%/cache keys_zone=one:1m;
    proxy_cache_path %%PREFIX%%/cache2 keys_zone=two:1m;

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        oauthcc crm;
        proxy_pass_header Date;
        proxy_cache_valid any 1h;
        add_header X-Cache $upstream_cache_status;

        location /cached {
            proxy_cache one;
            proxy_pass http://api;
        }

        location /keyed {
            proxy_cache two;
            proxy_cache_key "$uri $http_authorization";
            proxy_pass http://api;
        }

        location /lock {
            proxy_cache one;
            proxy_cache_lock on;
            proxy_pass http://api;
        }

        location /update {
            proxy_cache one;
            proxy_cache_valid any 1s;
            proxy_cache_use_stale updating;
            proxy_cache_background_update on;
            proxy_pass http://api;
        }

        location /slice {
            slice 10;
            proxy_cache one;
            proxy_cache_key $uri$slice_range;
            proxy_set_header Range $slice_range;
            proxy_pass http://api;
        }

        location /store {
            root %%PREFIX%%/store;
            proxy_store on;
            proxy_pass http://api;
        }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

my $client = 'Basic dXNlcjp0aGVpcnM=';
my @client = (headers => [ Authorization => $client ]);

# nothing of the request is in these answers
$api->answer($_, { body => 'cached' })
    for qw(/cached /keyed /lock /update /store);

my $sent = sub { map { $api->header($_, 'Authorization') } $api->requests };

is($t->get('/cached', @client)->header('X-Cache'), 'MISS', 'a miss');
my $ours = 'Bearer ' . ($idp->tokens)[0];
is($t->get('/cached', @client)->header('X-Cache'), 'HIT', 'a hit');
is($t->get('/cached')->header('X-Cache'), 'HIT', 'without a header');
is_deeply([ $sent->() ], [ $ours ], 'the miss had ours');

####  the key is made of the request as the client sent it

$api->clear;
is($t->get('/keyed', @client)->header('X-Cache'), 'MISS', 'key: first');
is($t->get('/keyed')->header('X-Cache'), 'MISS', 'key: no header');
is($t->get('/keyed', @client)->header('X-Cache'), 'HIT', 'key: the same');
is_deeply([ $sent->() ], [ $ours, $ours ], 'the misses had ours');

####  a lock

$api->clear;
$api->answer('/lock', { delay => 0.2, body => 'cached' });
is(Test::OAuthCC::tally($t->concurrent(20, GET => '/lock', @client)),
   '200 x 20', 'lock');
is_deeply([ $sent->() ], [ $ours ], 'one request, with ours');

####  an update in the background

$api->clear;
$t->get('/update', @client);

$t->wait_for(sub {
    $t->get('/update', @client)->header('X-Cache') eq 'STALE';
}) or fail('no update was started');

ok($api->wait_count(2), 'an update in the background');
is_deeply([ ($sent->())[0, 1] ], [ $ours, $ours ], 'has ours');

####  slices

$api->clear;
my $body = '0123456789abcdefghijklmnopqrst';

$api->answer('/slice', map { {
    status => 206, body => substr($body, 10 * $_, 10),
    headers => [ 'Content-Range' => sprintf('bytes %d-%d/30', 10 * $_,
                                            10 * $_ + 9), ETag => '"x"' ]
} } 0 .. 2);

is($t->get('/slice', @client)->body, $body, 'slices');
is_deeply([ $sent->() ], [ ($ours) x 3 ], 'each has ours');

####  store

$api->clear;
is($t->get('/store', @client)->status, 200, 'store');
is_deeply([ $sent->() ], [ $ours ], 'with ours');

####  what is on disk

$t->secret($ours);

ok(-d $t->prefix . '/cache', 'there is a cache');
is(join("\n", $t->leaks('cache')), '', 'no token in it');
is(join("\n", $t->leaks('cache2')), '', 'nor in its keys');
is(join("\n", $t->leaks('temp')), '', 'nor in a temporary file');

is($idp->logins, 1, 'one login');

$t->done;
