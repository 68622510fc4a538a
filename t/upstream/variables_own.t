#!/usr/bin/perl

# Tests that variables made of the token are of the token that is sent, where
# the key of a cache is made of them too, which nginx reads before: at first
# there is no token yet, a replay has another one, and a subrequest, with which
# a request shares the values of variables, may have another provider.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Guard;

my $t = Test::OAuthCC->new(workers => 1, needs => [ 'http_auth_request_module' ]);
my $idp = $t->token_endpoint;
my $api = $t->daemon(Guard => 'api');

$api->answer({ body => 'page' });

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%
    proxy_cache_path %%PREFIX%%/cache keys_zone=one:1m;
    log_format made '$uri $made_of_made';

    oauthcc_provider first {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/first;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider second {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/second;
        client_id gateway;
        client_secret s3cret;
    }

    map $oauthcc_access_token $made {
        "" "";
        default "Token $oauthcc_access_token";
    }
    map $made $made_of_made { "" none; default some; }
    map $oauthcc_access_token $early { "" none; default some; }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        access_log %%PREFIX%%/logs/made.log made;

        proxy_cache_valid 200 1h;
        proxy_set_header X-Made $made;
        proxy_set_header X-Made-Of-Made $made_of_made;
        proxy_set_header X-Early $early;

        location / {
            oauthcc first;
            proxy_cache one;
            proxy_cache_key $uri$made_of_made;
            proxy_pass http://api;
        }

        location /if {
            if ($early = some) { return 500; }
            oauthcc first;
            proxy_pass http://api;
        }

        location /sub {
            oauthcc second;
            auth_request /auth;
            proxy_pass http://api;
        }

        location = /auth {
            oauthcc first;
            proxy_cache one;
            proxy_cache_valid 200 1s;
            proxy_cache_key $uri$made;
            proxy_pass http://api;
        }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

# what the upstream got says the same of its token everywhere
sub same ($name) {
    my $request = $api->last_request;
    my $token = ($api->header($request, 'Authorization') // '')
                =~ s/^Bearer //r;

    like($token, qr/^tok-/, "$name: a token");
    is($api->header($request, 'X-Made'), "Token $token", "$name: a map of it");
    is($api->header($request, 'X-Made-Of-Made'), 'some', "$name: a map of that");

    return $token;
}

for my $name ('no token at hand', 'a token at hand') {
    my $uri = '/' . $name =~ tr/ /_/r;

    is($t->get($uri)->status, 200, "$name: 200");
    same($name);
    ok($t->wait_for(sub { $t->read_file('logs/made.log') =~ /^\Q$uri\E some$/m }),
       "$name: the log has it");
    is($t->get($uri)->status, 200, "$name: again");
}

is($api->count, 2, 'each is in the cache');

is($t->get('/if')->status, 200, 'read before the login');
is($api->header($api->last_request, 'X-Early'), 'some', 'and after it');

my $old = ($idp->tokens)[-1];

$api->revoke($old);
is($t->get('/replayed')->status, 200, 'a replay');
isnt(same('a replay'), $old, 'of another token');

for my $round (1, 2) {
    is($t->get('/sub')->status, 200, "a subrequest, $round");
    is(same("a subrequest, $round"), ($idp->tokens)[-1],
       "$round: the token of the request's own provider");
}

$t->done;
