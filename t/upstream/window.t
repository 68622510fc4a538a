#!/usr/bin/perl

# Tests that our header exists only while the upstream request is built.  After
# it, an upstream that fails, an internal redirect or a log line would carry the
# token to a foreign server or to disk; before and after it, the request has the
# header of its client, and nothing in between may be remembered.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use MIME::Base64 ();
use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $foreign = $t->upstream('foreign');

$t->write_file('html/page.html', "page\n");

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%

    log_format seen '$uri|$http_authorization|$request_uri|$remote_user|'
                    '$mapped|$copied';
    map $http_authorization $mapped { default $http_authorization; }

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
        client_id gateway;
        client_secret s3cret;
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
    upstream foreign { server 127.0.0.1:%%PORT_foreign%%; }
    upstream pair {
        server 127.0.0.1:%%PORT_dead%%;
        server 127.0.0.1:%%PORT_api%%;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        access_log %%PREFIX%%/logs/seen.log seen;
        oauthcc crm;
        root %%PREFIX%%/html;
        set $copied "";

        location /plain { proxy_pass http://api; }

        # read before and while the upstream request is built
        location /read {
            set $copied "$http_authorization";
            proxy_set_header X-Copy "$http_authorization";
            proxy_set_header X-Mapped $mapped;
            add_header X-After "$http_authorization" always;
            proxy_pass http://api;
        }

        location /dead   { proxy_pass http://127.0.0.1:%%PORT_dead%%;
                           error_page 502 = @foreign; }
        location /named  { error_page 418 = @foreign; return 418; }
        location /status { proxy_pass http://api; proxy_intercept_errors on;
                           error_page 500 502 = @foreign; }
        location /page   { proxy_pass http://127.0.0.1:%%PORT_dead%%;
                           error_page 502 /page.html; }
        location = /page.html { oauthcc off; }
        location /next   { proxy_pass http://pair; }
        location /nexts  { proxy_next_upstream error http_500;
                           proxy_pass http://pair; }
        location /accel  { proxy_pass http://api; }
        location /moved  { oauthcc off; proxy_pass http://foreign; }
        location /moved2 { proxy_pass http://api; }
        location /try    { try_files /nothing @foreign; }
        location /try2   { try_files /nothing @ours; }
        location /rewrite { rewrite ^ /moved break; proxy_pass http://foreign;
                            oauthcc off; }
        location /last   { rewrite ^ /moved last; }

        location @foreign { oauthcc off; proxy_pass http://foreign; }
        location @ours    { proxy_pass http://api; }

        location /if {
            proxy_pass http://api;
            if ($arg_x) { proxy_pass http://foreign; oauthcc off; }
        }
        location /limit {
            proxy_pass http://api;
            limit_except GET { deny 192.0.2.1; }
        }
        location /mirror { mirror /to_mirror; proxy_pass http://api; }
        location /to_mirror { oauthcc off; proxy_pass http://foreign; }
        location /posted { post_action /to_mirror; proxy_pass http://api; }
        location /mirror2 { mirror /to_mirror2; proxy_pass http://api; }
        location /to_mirror2 { proxy_pass http://foreign; }
    }
}
CONF

my $client = 'Basic ' . MIME::Base64::encode_base64('user:theirs', '');
my @client = (headers => [ 'X-A' => 1, Authorization => $client,
                           'X-B' => 2 ]);

is($t->get('/plain', @client)->status, 200, 'a login');

my ($token) = $idp->tokens;
my $ours = "Bearer $token";

$api->answer('/accel', { headers => [ 'X-Accel-Redirect' => '/moved/x' ] });
$api->answer('/accel2', { headers => [ 'X-Accel-Redirect' => '/moved2' ] });
$api->answer('/accel3', { headers => [ 'X-Accel-Redirect' => '@foreign' ] });
$api->answer('/status', { status => 500 });

# uri, method, last header at the API and at the foreign server (a server that
# must not have been asked is not named)

my @cases = (
    [ '/plain?q=1', 'GET', api => $ours ],
    [ '/read', 'GET', api => $ours ],
    [ '/dead', 'GET', foreign => $client ],
    [ '/dead', 'POST', foreign => $client ],
    [ '/named', 'GET', foreign => $client ],
    [ '/status', 'GET', api => $ours, foreign => $client ],
    [ '/next', 'GET', api => $ours ],
    [ '/nexts', 'GET', api => $ours ],
    [ '/next', 'GET', api => $ours ],
    [ '/accel', 'GET', api => $ours, foreign => $client ],
    [ '/accel2', 'GET', api => $ours ],
    [ '/accel3', 'GET', api => $ours, foreign => $client ],
    [ '/try', 'GET', foreign => $client ],
    [ '/try2', 'GET', api => $ours ],
    [ '/rewrite', 'GET', foreign => $client ],
    [ '/last', 'GET', foreign => $client ],
    [ '/if', 'GET', api => $ours ],
    [ '/if?x=1', 'GET', foreign => $client ],
    [ '/limit', 'GET', api => $ours ],
    [ '/limit', 'POST', api => $ours ],
    [ '/mirror', 'POST', api => $ours, foreign => $client ],
    [ '/posted', 'GET', api => $ours, foreign => $client ],
    [ '/mirror2', 'POST', api => $ours, foreign => $ours ],
);

for my $case (@cases) {
    my ($uri, $method, %expected) = @$case;

    for my $sent ($client, undef) {
        $_->clear for $api, $foreign;

        my $r = $t->request($method, $uri, $sent ? @client : (),
                            $method eq 'POST' ? (body => 'b' x 20_000) : ());

        is($r->status, 200, "$method $uri: status");

        for my $server (sort keys %expected) {
            my $recorder = $server eq 'api' ? $api : $foreign;
            $recorder->wait_count(1);

            my $want = $expected{$server} eq $ours ? $ours : $sent;
            is_deeply([ $api->header($recorder->last_request // {},
                                     'Authorization') ],
                      [ $want // () ], "$method $uri: at $server");
        }

        is($foreign->count, 0, "$method $uri: no other")
            unless $expected{foreign};
    }
}

is($t->get('/page', @client)->body, "page\n", 'a file as error page');

my $r = $t->get('/read', @client);
is_deeply([ $r->seen('X-Copy'), $r->seen('X-Mapped') ], [ $ours, $ours ],
          'the upstream request sees ours');
is($r->header('X-After'), $client, 'the response does not');

####  logs

my $log = $t->read_file('logs/seen.log');
my @lines = split /\n/, $log;

unlike($log, qr/Bearer/, 'no token in the log');
is(scalar(grep { !/^[^|]*\|(?:\Q$client\E|-)\|/ } @lines), 0,
   'but what the client sent');
is(scalar(grep { /^[^|]*\|\Q$client\E\|/ && !/\|user\|/ } @lines), 0,
   'with its name');
is(scalar(grep { m{^/plain\|.*\|/plain\?q=1\|} } @lines), 2,
   'and its request');
is(scalar(grep { /^[^|]*\|\Q$client\E\|[^|]*\|user\|(?!\Q$client\E)/ }
          @lines), 0, 'a map of it too');

is($idp->logins, 1, 'one login');

$t->done;
