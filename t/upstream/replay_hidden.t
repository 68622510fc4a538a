#!/usr/bin/perl

# Tests for refusals that a client never sees: nginx asks another server, takes
# an old page out of the cache or has a page for it, and the token would be
# refused for as long as it lives.  And that no login is forced by what says
# nothing of the token: answers of a cache, of a server that never had it, and
# of one where another takes it.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Digest::MD5 qw(md5_hex);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Guard;

my $t = Test::OAuthCC->new(workers => 1,
    needs => [ 'http_v2_module', 'http_auth_request_module' ]);
my $idp = $t->token_endpoint;
my $plain = $t->upstream('plain');

# two servers of each protocol

my %pair = map {
    my $protocol = $_;
    $protocol => [ map { $t->daemon(Guard => "$protocol$_",
                                    $protocol eq 'proxy' ? ()
                                    : (protocol => $protocol)) } 1, 2 ];
} qw(proxy fastcgi uwsgi scgi);

my ($api, $b) = @{ $pair{proxy} };
$pair{grpc} = $pair{proxy};

my @servers = map { @$_ } @pair{qw(proxy fastcgi uwsgi scgi)};

my $upstreams = join '', map { <<"CONF" } sort keys %pair;
    upstream two_$_ { server 127.0.0.1:%%PORT_${_}1%% max_fails=0;
                      server 127.0.0.1:%%PORT_${_}2%% max_fails=0
                             backup; }
CONF

my $locations = join '', map {
    my $pass = $_ eq 'proxy' ? 'proxy_pass http://' : "${_}_pass ";
    my $param = /cgi$/ ? "${_}_param REQUEST_METHOD \$request_method;
                          ${_}_param REQUEST_URI \$uri;
                          ${_}_param CONTENT_LENGTH \$content_length;" : '';
    <<"CONF" } sort keys %pair;
        location /$_/page {
            $param
            ${_}_intercept_errors on;
            error_page 401 403 /page.html;
            ${pass}127.0.0.1:%%PORT_${_}1%%;
        }
        location /$_/next {
            $param
            ${_}_next_upstream error http_403 http_404 http_429;
            ${pass}two_$_;
        }
CONF

$t->write_file('html/page.html', "page\n");
$t->write_file('html/ssi.html', 'A<!--# include virtual="/page/inc" -->B');

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
    proxy_cache_path %%PREFIX%%/cache keys_zone=one:1m;
    log_format seen '\$uri \$status "\$upstream_status" "\$upstream_header_time"';
    access_log %%PREFIX%%/logs/seen.log seen;

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
        client_id gateway;
        client_secret s3cret;
        replay_interval 1ms;
    }

    oauthcc_provider down {
        token_endpoint http://127.0.0.1:%%PORT_dead%%/;
        client_id gateway;
        client_secret s3cret;
    }

$upstreams
    upstream half { server 127.0.0.1:%%PORT_proxy1%%;
                    server 127.0.0.1:%%PORT_dead%% backup; }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        root %%PREFIX%%/html;
        client_max_body_size 10m;
        add_header X-Cache \$upstream_cache_status always;
        oauthcc crm;
        oauthcc_replay 401 403 404 429;
$locations
        # pages for all errors

        location /page {
            proxy_intercept_errors on;
            error_page 401 403 /page.html;
            proxy_pass http://127.0.0.1:%%PORT_proxy1%%;
        }
        location = /page.html { oauthcc off; }
        location = /ssi.html { ssi on; }
        location /guarded {
            oauthcc off;
            auth_request /page/auth;
            proxy_pass http://127.0.0.1:%%PORT_plain%%;
        }
        location /mirror {
            oauthcc off;
            mirror /page/mirrored;
            proxy_pass http://127.0.0.1:%%PORT_plain%%;
        }
        location /after {
            oauthcc off;
            post_action /page/action;
            proxy_pass http://127.0.0.1:%%PORT_plain%%;
        }

        # old pages

        location /stale {
            proxy_cache one;
            proxy_cache_valid 200 1s;
            proxy_cache_use_stale http_403;
            proxy_pass http://127.0.0.1:%%PORT_proxy1%%;
        }
        location /update {
            proxy_cache one;
            proxy_cache_valid 200 1s;
            proxy_cache_use_stale updating http_403;
            proxy_cache_background_update on;
            proxy_pass http://127.0.0.1:%%PORT_proxy1%%;
        }

        # other servers

        location /post {
            proxy_next_upstream error http_403;
            proxy_pass http://two_proxy;
        }
        location /repeat {
            proxy_next_upstream error http_403 non_idempotent;
            proxy_pass http://two_proxy;
        }
        location /tries {
            proxy_next_upstream error http_403;
            proxy_next_upstream_tries 1;
            proxy_pass http://two_proxy;
        }
        location /time {
            proxy_next_upstream error http_403;
            proxy_next_upstream_timeout 50ms;
            proxy_pass http://two_proxy;
        }
        location /stream {
            proxy_request_buffering off;
            proxy_http_version 1.1;
            proxy_next_upstream error http_403 non_idempotent;
            proxy_pass http://two_proxy;
        }
        location /half {
            proxy_next_upstream error http_403;
            proxy_pass http://half;
        }

        # no token

        location /public {
            oauthcc off;
            proxy_intercept_errors on;
            error_page 401 = \@cached;
            proxy_pass http://127.0.0.1:%%PORT_plain%%;
        }
        location \@cached {
            proxy_cache one;
            proxy_cache_valid 200 1h;
            proxy_pass http://127.0.0.1:%%PORT_proxy1%%;
        }
        location /optional {
            oauthcc down optional;
            proxy_pass http://127.0.0.1:%%PORT_plain%%;
        }
        location /off {
            oauthcc_replay off;
            proxy_pass http://127.0.0.1:%%PORT_proxy1%%;
        }
    }

@{[ join '', map { <<"SERVER" } 1, 2 ]}
    server {
        listen 127.0.0.1:%%PORT_grpc$_%% http2;
        # from a kept connection to a new one nginx takes the wrong stream
        keepalive_requests 1;
        location / { proxy_pass http://127.0.0.1:%%PORT_proxy$_%%; }
    }
SERVER
}
CONF

my $clear = sub { $_->clear for $idp, $plain, @servers };

# all tokens that there are, for these servers
my $revoke = sub (@of) {
    $_->revoke($idp->tokens) for @of ? @of : @servers;
    $clear->();
};

my $refusal = sub ($answer) { $_->refusal($answer) for @servers };

# "refused, ok" of the requests of a server
my $seen = sub ($server) {
    return join ', ', map { $_->{refused} ? 'refused' : 'ok' }
                      $server->requests;
};

my $body = join '', map { chr(($_ * 7) % 256) } 1 .. 100_000;

is($t->get('/page/x')->status, 200, 'a token');

####  pages for errors, in the main request and in subrequests

$api->answer('/page/inc', { body => 'X' });

for my $case ([ '/page/main' ], [ '/ssi.html', qr/^AXB$/ ],
              [ '/guarded' ])
{
    my ($uri, $expected) = @$case;

    $revoke->();
    my $r = $uri eq '/page/main' ? $t->request(POST => $uri, body => $body)
                                 : $t->get($uri);

    is($r->status, 200, "$uri: no refusal is seen");
    like($r->body, $expected, "$uri: the answer") if $expected;
    unlike($r->body, qr/page$/, "$uri: no page for errors");
    is($seen->($api), 'refused, ok', "$uri: one more attempt");
    is($idp->logins, 1, "$uri: one login");
    is($t->get($uri)->status, 200, "$uri: the next one");
    is($seen->($api), 'refused, ok, ok', "$uri: is taken at once");
}

# the client has its answer before; nginx has no body for a post_action

for my $case ([ '/after', '' ], [ '/mirror', $body ]) {
    my ($uri, $sent) = @$case;

    $revoke->();
    is($t->request($sent ? 'POST' : 'GET', $uri, body => $sent)->status, 200,
       "$uri: served");
    ok($api->wait_count(2), "$uri: one more attempt");
    is($seen->($api), 'refused, ok', "$uri: which is taken");
    is($idp->logins, 1, "$uri: one login");
}

is_deeply([ map { $_->{md5} } $plain->requests ], [ md5_hex($body) ],
          'what they were made of was sent once');

# the page is for who is refused twice

$revoke->();
$api->answer('/page/twice', { status => 401 });
my $r = $t->get('/page/twice');
is($r->status, 401, 'twice: refused');
is($r->body, "page\n", 'twice: with the page');
is($api->count, 2, 'twice: two attempts');

# the interval is longer now, until a token is taken
ok($t->wait_for(sub { $t->get('/page')->status == 200 }),
   'twice: the next one is good');

####  over each protocol

for my $protocol (sort keys %pair) {
    my ($one, $two) = @{ $pair{$protocol} };

    $revoke->();
    is($t->get("/$protocol/page")->status, 200, "$protocol: a page");
    is($seen->($one), 'refused, ok', "$protocol: is not needed");
    is($idp->logins, 1, "$protocol: one login");

    # all of them refuse it

    $refusal->({ status => 403 });
    $revoke->();
    is($t->get("/$protocol/next")->status, 200, "$protocol: two servers");
    is($seen->($one), 'refused, ok', "$protocol: the first has it twice");
    is($seen->($two), 'refused', "$protocol: the second in between");
    is($idp->logins, 1, "$protocol: one login for both");

    # one does

    $revoke->($one);
    is($t->get("/$protocol/next")->status, 200, "$protocol: another server");
    is($seen->($one), 'refused', "$protocol: one does not want it");
    is($seen->($two), 'ok', "$protocol: one does");
    is($idp->logins, 0, "$protocol: it is good");
    is($t->get("/$protocol/next")->status, 200, "$protocol: once more");
    is($idp->logins, 0, "$protocol: it still is");

    # the header comes in pieces

    $refusal->({ status => 401, split => 7 });
    $revoke->();
    is($t->get("/$protocol/page")->status, 200, "$protocol: in pieces");
    is($seen->($one), 'refused, ok', "$protocol: is seen as well");

    $refusal->(undef);
}

####  other servers

for my $status (404, 429) {
    $refusal->({ status => $status });
    $revoke->($api);
    is($t->get('/proxy/next')->status, 200, "$status: another server");
    is($idp->logins, 0, "$status: takes it");
    $revoke->();
    is($t->get('/proxy/next')->status, 200, "$status: no server does");
    is($seen->($api) . '|' . $seen->($b), 'refused, ok|refused',
       "$status: then it is replayed");
    is($idp->logins, 1, "$status: after one login");
}

$refusal->({ status => 403 });

# the other is not asked, so the first has the last word

for my $case ([ '/post', 'POST' ], [ '/tries', 'GET' ]) {
    my ($uri, $method) = @$case;

    $revoke->($api);
    $r = $t->request($method, $uri, body => $method eq 'POST' ? $body : '');
    is($r->status, 200, "$uri: served");
    is($seen->($api) . '|' . $seen->($b), 'refused, ok|', "$uri: replayed");
    is($idp->logins, 1, "$uri: one login");
}

$refusal->({ status => 403, delay => 0.1 });
$revoke->($api);
is($t->get('/time')->status, 200, 'time: over');
is($seen->($api) . '|' . $seen->($b), 'refused, ok|', 'time: replayed');
is($idp->logins, 1, 'time: one login');
$refusal->({ status => 403 });

$revoke->();
is($t->request(POST => '/repeat', body => $body)->status, 200,
   'repeat: served');
is($seen->($api) . '|' . $seen->($b), 'refused, ok|refused',
   'repeat: after both have refused');
is_deeply([ map { $_->{md5} } $api->requests, $b->requests ],
          [ (md5_hex($body)) x 3 ], 'repeat: the body arrives each time');
is($idp->logins, 1, 'repeat: one login');

# what cannot be sent again forces a login for the others

$revoke->();
is($t->request(POST => '/stream', body => $body)->status, 403,
   'stream: the answer of the upstream');
is($seen->($api) . '|' . $seen->($b), 'refused|', 'stream: once');
ok($idp->wait_count(1), 'stream: a login');

# the other server does not say anything of the token

for my $case ([ '/half', 502 ], [ '/proxy/next', 500 ]) {
    my ($uri, $status) = @$case;

    ok($t->wait_for(sub {
        $clear->();
        return $t->get('/page')->status == 200 && $api->count == 1;
    }), "$uri: a good token");

    $b->answer({ status => $status });
    $revoke->($api);
    is($t->get($uri)->status, $status, "$uri: the last answer");
    is($seen->($api), 'refused', "$uri: of a request that was refused");
    ok($idp->wait_count(1), "$uri: a login");
    $b->answer({});
}

ok($t->wait_for(sub {
    $clear->();
    return $t->get('/page')->status == 200 && $api->count == 1;
}), 'a good token again');

####  old pages

my @pages = map { { body => "page $_" } } 1 .. 3;

# asks until an answer is so; the page is old after a second
my $until = sub ($uri, $cache) {
    return $t->wait_for(sub {
        return ($t->get($uri)->header('X-Cache') // '') eq $cache;
    });
};

$api->answer('/stale/x', $pages[0]);
is($t->get('/stale/x')->body, 'page 1', 'stale: a page');
$revoke->();
$api->answer('/stale/x', @pages[1, 1, 1]);
ok($t->wait_for(sub {
    $r = $t->get('/stale/x');
    return $r->body ne 'page 1';
}), 'stale: a new page');
is_deeply([ $r->status, $r->body, $r->header('X-Cache') ],
          [ 200, 'page 2', 'EXPIRED' ], 'stale: as soon as the old one is over');
is($seen->($api), 'refused, ok', 'stale: by a replay');
is($idp->logins, 1, 'stale: and one login');

# it is there if the new token is refused too

$clear->();
$api->answer('/stale/x', { status => 403 });
ok($until->('/stale/x', 'STALE'), 'stale: the old page');
is($t->get('/stale/x')->body, 'page 2', 'stale: for a second refusal');

$api->answer('/update/x', $pages[0]);
is($t->get('/update/x')->status, 200, 'update: a page');
$revoke->();
$api->answer('/update/x', @pages[1, 1, 1]);
ok($t->wait_for(sub { $t->get('/update/x')->body eq 'page 2' }),
   'update: a new page');
like($seen->($api), qr/^refused, ok/, 'update: by a replay');
is($idp->logins, 1, 'update: and one login');

$refusal->(undef);

####  answers that say nothing of a token

# an answer of an upstream that never had one, then one of the cache

$plain->answer('/public', { status => 401 });
is($t->get('/public')->status, 200, 'public: another location');
ok($until->('/public', 'HIT'), 'public: has it in its cache');
$clear->();

for my $n (1 .. 3) {
    $r = $t->get('/public');
    is($r->header('X-Cache'), 'HIT', "public: from there, $n");
}

is($plain->count, 3, 'public: a 401 each time');
is($api->count, 0, 'public: no request with a token');

$plain->answer({ status => 401 });
is($t->get('/optional')->status, 401, 'optional: an answer without a token');
is($plain->count, 4, 'optional: is the last one');

is($t->get('/off')->status, 200, 'off: a token');
$revoke->();
is($t->get('/off')->status, 401, 'off: refused');
is($api->count, 1, 'off: not replayed');

# all that would have been forced is over

is($t->get('/page')->status, 200, 'the token is refused elsewhere');
is($idp->logins, 1, 'which forces the first login');

####  what a refusal says of its own response

$refusal->({ status => 401, headers => [ 'X-Accel-Limit-Rate' => 1,
    'X-Accel-Charset' => 'koi8-r', 'X-Accel-Redirect' => '/page.html',
    'X-Accel-Expires' => 3600, 'Set-Cookie' => 'no=1' ] });
$revoke->();
$api->answer('/page/said', { body => 'x' x 10_000 });
$r = $t->get('/page/said');
is(length $r->body, 10_000, 'said: the answer of the second attempt');
is($r->header('Content-Type'), 'text/plain', 'said: in its charset');
is($r->header('Set-Cookie'), undef, 'said: without headers of the first');

####  a status that is none yet, which an old nginx takes for one

$refusal->(undef);
$clear->();

my $hints = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";

$api->answer('/page/hints', { raw => $hints . "HTTP/1.1 401 No\r\n"
                                     . "Content-Length: 0\r\n\r\n" }, {});
$r = $t->get('/page/hints');

if (`$t->{nginx} -v 2>&1` =~ m{nginx/1\.(\d+)} && $1 >= 29) {
    is($r->status, 200, 'hints: the refusal that comes after them is seen');
    is($api->count, 2, 'hints: the request is replayed');
    is($idp->logins, 1, 'hints: after one login');

} else {
    is($api->count, 1, 'hints: no replay');
    is($idp->logins, 0, 'hints: and no login');
}

####  the log

my %line;

ok($t->wait_for(sub {
    %line = map { /^(\S+) (.*)/ } split /\n/, $t->read_file('logs/seen.log');
    return $line{'/page/said'};
}), 'a line in the log');

like($line{'/page/said'}, qr/^200 "401 : 200" "\d[\d.]+ : \d[\d.]+"$/,
     'with the time of both headers');

$t->done;
