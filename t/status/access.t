#!/usr/bin/perl

# Tests that other access control in front of us goes on working: it sees the
# header of the client, a refused client causes no login, and our token does not
# let anybody in.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use MIME::Base64 ();
use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new(needs => [ 'http_auth_request_module' ]);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $auth = $t->upstream('auth');

$t->write_file('htpasswd', "user:{PLAIN}theirs\n");

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%
    log_format user '$uri $remote_user $status';
    auth_basic_user_file %%PREFIX%%/htpasswd;

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider check {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/check;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        access_log %%PREFIX%%/logs/user.log user;
        oauthcc crm;
        proxy_set_header X-User $remote_user;

        location /basic { auth_basic x; proxy_pass http://api; }

        location /any {
            satisfy any;
            deny all;
            auth_basic x;
            proxy_pass http://api;
        }

        location /any_address {
            satisfy any;
            allow 127.0.0.1;
            deny all;
            auth_basic x;
            proxy_pass http://api;
        }

        location /denied { deny all; proxy_pass http://api; }

        # asks as the client
        location /request { auth_request /auth; proxy_pass http://api; }
        location = /auth {
            internal;
            oauthcc off;
            proxy_pass http://auth/as_client;
        }

        # asks with a token of its own
        location /with_token { auth_request /auth2; proxy_pass http://api; }
        location = /auth2 {
            internal;
            oauthcc check;
            proxy_pass http://auth/with_token;
        }

        location /any_request {
            satisfy any;
            deny all;
            auth_request /auth;
            proxy_pass http://api;
        }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
    upstream auth { server 127.0.0.1:%%PORT_auth%%; }
}
CONF

my $client = 'Basic ' . MIME::Base64::encode_base64('user:theirs', '');
my $wrong = 'Basic ' . MIME::Base64::encode_base64('user:wrong', '');
my $bearer = 'Bearer anything';

$t->secret('theirs');

####  who is refused costs no login

for my $uri ('/basic', '/any', '/denied') {
    for my $header (undef, $wrong, $bearer) {
        my $r = $t->get($uri, $header ? (headers => [ Authorization =>
                                                      $header ]) : ());
        like($r->status, $uri eq '/basic' ? qr/^401$/ : qr/^40[13]$/,
             "$uri: refused");
    }
}

$auth->answer({ status => 403 });
is($t->get($_)->status, 403, "$_: refused") for '/request', '/any_request';

is($idp->logins, 0, 'no login');
is($api->count, 0, 'nothing at the upstream');

####  who is let in

$auth->answer({});

my @client = (headers => [ Authorization => $client ]);

for my $uri ('/basic', '/any', '/any_address', '/request', '/any_request') {
    my $r = $t->get($uri, @client);
    is_deeply([ $r->status, $r->seen('Authorization'), $r->seen('X-User') ],
              [ 200, 'Bearer ' . ($idp->tokens)[0], 'user' ],
              "$uri: token and user");
}

is($t->get('/any_address')->status, 200, 'by address');
is_deeply([ map { $auth->header($_, 'Authorization') // '-' }
            grep { $_->{uri} eq '/as_client' } $auth->requests ],
          [ '-', '-', $client, $client ], 'auth_request asks as the client');
is($idp->logins, 1, 'one login');

####  two providers in one request

my $r = $t->get('/with_token', @client);
my ($crm, $check) = $idp->tokens;

is_deeply([ $r->seen('Authorization') ], [ "Bearer $crm" ], 'the upstream');
is_deeply([ $auth->header($auth->last_request, 'Authorization') ],
          [ "Bearer $check" ], 'the auth_request');

$auth->answer('/with_token', { status => 403 });
is($t->get('/with_token', @client)->status, 403, 'refused by it');
$auth->answer('/with_token', { status => 401 });
is($t->get('/with_token', @client)->status, 401, 'and with 401');

$t->stop;

my @log = split /\n/, $t->read_file('logs/user.log');
is(scalar(grep { m{^/basic user 200} } @log), 1, 'the user is in the log');
is(scalar(grep { m{ user 200$} } @log), 6, 'everywhere');

$t->done;
