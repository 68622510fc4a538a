#!/usr/bin/perl

# Tests for replay wherever nginx sends a request to an upstream: caches with
# their locks, subrequests, mirrors, filters, other protocols and error pages.
# Each of them has state of its own that a second attempt may find used up.
# Needs curl for HTTP/2.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Digest::MD5 qw(md5_hex);
use IO::Uncompress::Gunzip qw(gunzip);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Guard;

my $t = Test::OAuthCC->new(needs => [ 'http_v2_module',
                                      'http_auth_request_module' ]);
my $idp = $t->token_endpoint;
my $api = $t->daemon(Guard => 'api');
my $copy = $t->daemon(Guard => 'copy');
my %cgi = map { $_ => $t->daemon(Guard => $_, protocol => $_) }
          qw(fastcgi uwsgi scgi);

my $proxy = 'proxy_pass http://127.0.0.1:%%PORT_api%%;';
my $params = 'param REQUEST_METHOD $request_method;
              PROTOCOL_param CONTENT_LENGTH $content_length;';

my %place = (
    plain => $proxy,
    cache => "proxy_cache one; proxy_cache_valid 200 1h; $proxy",
    lock => "proxy_cache one; proxy_cache_valid 200 1h;
             proxy_cache_lock on; $proxy",
    cached401 => "proxy_cache one; proxy_cache_valid any 1h; $proxy",
    gzip => "gzip on; gzip_types text/plain; gzip_min_length 1; $proxy",
    ssi => "ssi on; ssi_types text/plain; $proxy",
    (map { $_ => $proxy } qw(include part h2_get h2_post)),
    auth => "proxy_pass_request_body off;
             proxy_set_header Content-Length ''; $proxy",
    mirror => "mirror /mirrored; $proxy",
    mirrors => "mirror /mirrors_to; $proxy",
    mirrors_to => 'proxy_pass http://127.0.0.1:%%PORT_copy%%;',
    keepalive => 'proxy_http_version 1.1; proxy_set_header Connection "";
                  proxy_pass http://kept;',
    variable => "proxy_set_header X-Token \$oauthcc_access_token; $proxy",
    if => "if (\$uri) { $proxy }",
    grpc => 'grpc_pass 127.0.0.1:%%PORT_grpc%%;',
    stream => 'grpc_pass 127.0.0.1:%%PORT_grpc%%;',
    page => "error_page 401 /page.html; $proxy",
    hidden => "proxy_intercept_errors on; error_page 401 /page.html; $proxy",
    moved => "proxy_intercept_errors on; error_page 401 = \@moved; $proxy",
    basic => "auth_basic here; auth_basic_user_file %%PREFIX%%/users; $proxy",
    (map { $_ => "${_}_pass 127.0.0.1:%%PORT_$_%%; "
                 . "${_}_" . $params =~ s/PROTOCOL/$_/r } keys %cgi),
);

my @names = sort keys %place;

my $providers = join "\n", map { <<"CONF" } @names;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
    }
CONF

my $locations = join "\n", map { <<"CONF" } @names;
        location /$_ { oauthcc $_; $place{$_} }
CONF

$t->write_file('users', "user:{PLAIN}theirs\n");
$t->write_file('html/page.html', "page\n");

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
    proxy_cache_path %%PREFIX%%/cache keys_zone=one:1m;
$providers
    upstream kept { server 127.0.0.1:%%PORT_api%%; keepalive 4; }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        listen 127.0.0.1:%%PORT_http2%% http2;
        root %%PREFIX%%/html;
        client_max_body_size 10m;
        add_header X-Cache \$upstream_cache_status always;
        add_header X-Once 1 always;
$locations
        location /guarded {
            auth_request /auth;
            proxy_pass http://127.0.0.1:%%PORT_copy%%;
        }
        location /mirrored { proxy_pass http://127.0.0.1:%%PORT_copy%%; }
        location \@moved    { proxy_pass http://127.0.0.1:%%PORT_copy%%; }
        location /page.html { }
        location /file     { ssi on; ssi_types *; }
    }

    server {
        listen 127.0.0.1:%%PORT_grpc%% http2;
        client_max_body_size 10m;
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }
}
CONF

my @servers = ($api, $copy, values %cgi);

# a place whose token is revoked

my $revoked = sub ($name, $uri = "/$name", @request) {
    is($t->get($uri, @request)->status, 200, "$name: a token");

    $_->revoke($idp->tokens) for @servers;
    $_->clear for $idp, @servers;
};

my $body = join '', map { chr(($_ * 7) % 256) } 1 .. 100_000;
my $md5 = md5_hex($body);

my $replayed = sub ($name, $r, $server = $api) {
    is($r->status, 200, "$name: no refusal is seen");
    is($idp->logins, 1, "$name: one login");
    is($server->count, 2, "$name: two attempts");
    is(scalar $server->refused, 1, "$name: the first was refused");
    is_deeply([ $r->header('X-Once') ], [ 1 ], "$name: headers as ever");
};

####  plain ones: GET and POST

my %server = map { $_ => $cgi{$_} // $api } @names;

for my $name (qw(plain keepalive variable if grpc page),
              sort keys %cgi)
{
    $revoked->($name);

    # gRPC is buffered only if the body has come with the header
    my $sent = $name eq 'grpc' ? 'message' : $body;

    my $r = $t->request(POST => "/$name", body => $sent);
    $replayed->($name, $r, $server{$name});
    is_deeply([ map { $_->{md5} } $server{$name}->requests ],
              [ (md5_hex($sent)) x 2 ], "$name: the body arrives twice");

    my ($token) = ($idp->tokens)[-1];
    is_deeply([ map { $r->seen($_) } qw(Authorization HTTP_AUTHORIZATION) ],
              [ "Bearer $token" ], "$name: the new token");
    is_deeply([ $r->seen('X-Token') ], [ $token ], "$name: also in a variable")
        if $name eq 'variable';

    is($t->get("/$name")->status, 200, "$name: the next one");
    is($server{$name}->count, 3, "$name: in one attempt");
}

$revoked->('stream');
my $r = $t->request(POST => '/stream', body => $body);
is($r->status, 401, 'stream: what was not buffered is not sent again');
is($api->count, 1, 'stream: once');
ok($t->wait_log(qr/logged in.*"stream"/, 2), 'stream: but there is a login');
is($t->request(POST => '/stream', body => $body)->status, 200,
   'stream: the next one is good');

####  caches

# a client may have an answer before the cache has it
my $cached = sub ($uri) {
    return $t->wait_for(sub { $t->get($uri)->header('X-Cache') eq 'HIT' });
};

$revoked->('cache', '/cache/1');
$replayed->('cache', $r = $t->get('/cache/2'));
is($r->header('X-Cache'), 'MISS', 'cache: not from the cache');
ok($cached->('/cache/2'), 'cache: the good answer is kept');

$revoked->('lock', '/lock/1');
my @r = $t->concurrent(30, GET => '/lock/2');
is(Test::OAuthCC::tally(@r), '200 x 30', 'lock: all are served');
is($idp->logins, 1, 'lock: one login');
is(scalar(grep { !$_->{refused} } $api->requests), 1,
   'lock: one of them was sent');

is($t->get('/cached401/1')->status, 200, 'cached401: a token');
$_->clear for $idp, $api;
$api->answer('/cached401/2', { status => 401, body => "no\n" });
is($t->get('/cached401/2')->status, 401, 'cached401: refused');
is($api->count, 2, 'cached401: twice');
ok($cached->('/cached401/2'), 'cached401: kept');
$_->clear for $idp, $api;
$r = $t->get('/cached401/2');
is_deeply([ $r->status, $r->header('X-Cache'), $r->body ],
          [ 401, 'HIT', "no\n" ], 'cached401: from the cache');
is($api->count, 0, 'cached401: which is no refusal');
is($idp->logins, 0, 'cached401: nor worth a login');

####  filters

$revoked->('gzip');
$replayed->('gzip', $r = $t->get('/gzip', headers => [
    'Accept-Encoding' => 'gzip' ]));
is($r->header('Content-Encoding'), 'gzip', 'gzip: packed');
gunzip(\ $r->body => \ my $text);
like($text // '', qr{^GET /gzip}, 'gzip: as it should be');

####  subrequests

$api->answer('/include/x', { body => 'INCLUDED' });
my $page = qq(<!--# include virtual="/include/x" -->) x 3;

$revoked->('include');
$api->answer('/ssi', { body => "[$page]" });
$r = $t->get('/ssi');
is($r->body, '[' . 'INCLUDED' x 3 . ']', 'include: a page is whole');
is($idp->logins, 2, 'include: a login for the page, and one for the part');

$api->answer('/part/x', { body => 'PART' });
$t->write_file('html/file/page', $page =~ s/include(?=\/)/part/gr);

$revoked->('part');
$r = $t->get('/file/page');
is($r->body, 'PART' x 3, 'part: of a file');
is($idp->logins, 1, 'part: one login');
is(scalar(grep { !$_->{refused} } $api->requests), 3,
   'part: each was sent');

$revoked->('auth', '/guarded');
$r = $t->request(POST => '/guarded', body => $body);
is($r->status, 200, 'auth: a request is allowed');
is($idp->logins, 1, 'auth: by one login');
is($api->count, 2, 'auth: and two attempts');
is_deeply([ map { $_->{md5} } $copy->requests ], [ $md5 ],
          'auth: it is sent once');

####  mirrors

for my $case ([ mirror => 1 ], [ mirrors => 2 ]) {
    my ($name, $n) = @$case;

    $copy->clear;
    is($t->get("/$name")->status, 200, "$name: a token");

    # which may be after the response
    ok($copy->wait_count(1) && $t->wait_for(sub { !$copy->stats->{open} }),
       "$name: one for the mirror");

    $_->revoke($idp->tokens) for @servers;
    $_->clear for $idp, @servers;

    $r = $t->request(POST => "/$name", body => $body);
    is($r->status, 200, "$name: served");
    ok($copy->wait_count($n), "$name: mirrored");
    ok($t->wait_for(sub { $idp->logins == $n }), "$name: logins");

    is_deeply([ map { $_->{md5} } $api->requests ], [ $md5, $md5 ],
              "$name: the request, twice");
    is_deeply([ map { $_->{md5} } $copy->requests ], [ ($md5) x $n ],
              "$name: the mirrored one by itself");
    is(scalar(grep { !$_->{refused} } $copy->requests), 1,
       "$name: and one of it is good");
}

####  error pages that would hide the refusal

for my $name (qw(hidden moved)) {
    $revoked->($name);
    $replayed->($name, $t->request(POST => "/$name", body => $body));
    is_deeply([ map { $_->{md5} } $api->requests ], [ $md5, $md5 ],
              "$name: the body arrives twice");
    is($copy->count, 0, "$name: nobody else is asked");

    is($t->get("/$name")->status, 200, "$name: the next one is good");
    is($api->count, 3, "$name: at once");
    is($idp->logins, 1, "$name: by one login");
}

####  an answer that is no upstream's

my @login = (headers => [ Authorization => 'Basic dXNlcjp0aGVpcnM=' ]);

is($t->get('/basic', @login)->status, 200, 'basic: a token');
$_->clear for $idp, $api;
is($t->get('/basic')->status, 401, 'basic: a client that is not allowed');
is($api->count + $idp->logins, 0, 'basic: makes no login');

####  HTTP/2 clients

SKIP: {
    skip 'no curl with HTTP/2', 1 unless `curl -V 2>&1` =~ /HTTP2/;

    $t->write_file('body', $body x 30);
    my $base = 'http://127.0.0.1:' . $t->port('http2');
    my $length = 30 * length $body;

    for my $case ([ 'h2_get', 0 ],
                  [ 'h2_post', $length, '--data-binary',
                    '@' . $t->prefix . '/body' ])
    {
        my ($name, $sent, @args) = @$case;
        $revoked->($name);

        open my $fh, '-|', 'curl', '-s', '--http2-prior-knowledge',
             '-w', '\n%{http_code} %{http_version}\n', @args, "$base/$name"
            or die "curl: $!";
        my $out = join '', <$fh>;
        my ($token) = ($idp->tokens)[-1];

        like($out, qr/^200 2$/m, "$name: served");
        like($out, qr/^Authorization: Bearer $token\r$/mi,
             "$name: with the new token");
        is_deeply([ map { $_->{length} } $api->requests ], [ $sent, $sent ],
                  "$name: twice");
        is($idp->logins, 1, "$name: one login");
    }
}

$t->done;
