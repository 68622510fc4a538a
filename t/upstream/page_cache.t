#!/usr/bin/perl

# Tests for locations with a cache of pages while no token can be had: a page in
# the cache survives an outage of the authorization server.  What is fresh is
# sent without a login, what is stale where "proxy_cache_use_stale" says so of
# a login that fails as of an upstream that fails; nothing else is sent, nothing
# reaches the upstream, and no error of ours is stored.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new(workers => 1, needs => [ 'http_slice_module' ]);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my %cgi = map { $_ => $t->upstream($_, protocol => $_) }
          qw(fastcgi uwsgi scgi);

$_->answer({ body => 'page' }) for $api, values %cgi;


####  a provider for each location whose login fails, so that each is the first

my ($providers, $locations) = ('', '');

sub provider ($name, $settings = '') {
    $providers .= <<"CONF";
    oauthcc_provider $name {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$name;
        client_id gateway;
        client_secret s3cret;
        backoff 60s 60s;
        $settings
    }
CONF
}

# NAME has a provider of that name; the cache is filled at /fill, by the key
sub location ($name, $settings, $oauthcc = "oauthcc $name;") {
    my $key = $settings =~ /_key/ ? '' : 'proxy_cache_key $arg_key;';
    my $pass = $settings =~ /_pass/ ? '' : 'proxy_pass http://api;';

    $locations .= <<"CONF";
        location /$name {
            $oauthcc
            proxy_cache one;
            proxy_cache_valid 200 2s;
            proxy_cache_valid any 1h;
            $key
            $pass
            $settings
        }
CONF
}

my @terms = qw(error timeout http_500 http_502 http_503 http_504);

for my $term (@terms) {
    provider("down_$term");
    provider("slow_$term", 'timeout 200ms;');
    location("${_}_$term", "proxy_cache_use_stale $term;") for qw(down slow);
}

my $stale = 'proxy_cache_use_stale error timeout http_502 http_503 http_504;';

provider($_) for qw(plain held lock uses update optional slice fixed param
                    named refused left bypass aio body fallback since to head
                    ssi ended key crowd cold);

location('plain', '');
location('held', $stale);
location('lock', 'proxy_cache_lock on;');
location('uses', 'proxy_cache_min_uses 2;');
location('update', 'proxy_cache_background_update on;
                    proxy_cache_use_stale updating error;');
location('optional', $stale, 'oauthcc optional optional;');
location('slice', 'slice 10; proxy_set_header Range $slice_range;
                   proxy_cache_key $uri$slice_range;
                   proxy_cache_valid 200 206 1h;');
location('fixed', $stale, 'oauthcc fixed scope=read param:a=b;');
location('param', $stale, 'oauthcc param scope=$arg_scope;');
location('named', $stale, 'oauthcc $arg_provider;');
location('refused', $stale);
location('left', $stale);
location('bypass', "proxy_cache_bypass \$arg_bypass; $stale");
location('aio', "aio threads; $stale");
location('body', "proxy_request_buffering off; $stale");
location('fallback', 'error_page 502 503 =200 @fallback;');
location('since', '');
location('to', "set \$to 127.0.0.1:%%PORT_api%%; proxy_pass http://\$to;
                $stale");
location('head', $stale);
location('ssi', $stale);
location('ended', 'proxy_cache_lock on; proxy_cache_lock_timeout 20s;');
location('key', 'proxy_cache_key $arg_key$oauthcc_access_token;',
         'oauthcc key optional;');
location('crowd', 'proxy_cache_lock on; proxy_cache_lock_timeout 20s;');
location('cold', 'proxy_cache_valid 200 1h;');

for my $protocol (qw(fastcgi uwsgi scgi)) {
    provider($protocol);

    $locations .= <<"CONF";
        location /$protocol {
            oauthcc $protocol;
            ${protocol}_cache $protocol;
            ${protocol}_cache_key $protocol\$arg_key;
            ${protocol}_cache_valid 200 2s;
            ${protocol}_cache_valid any 1h;
            ${protocol}_cache_use_stale error http_503;
            ${protocol}_param REQUEST_METHOD \$request_method;
            ${protocol}_pass 127.0.0.1:%%PORT_$protocol%%;
        }
        location /fill/$protocol {
            oauthcc off;
            ${protocol}_cache $protocol;
            ${protocol}_cache_key $protocol\$arg_key;
            ${protocol}_cache_valid 200 2s;
            ${protocol}_param REQUEST_METHOD \$request_method;
            ${protocol}_pass 127.0.0.1:%%PORT_$protocol%%;
        }
CONF
}

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
    proxy_cache_path %%PREFIX%%/cache keys_zone=one:1m;
    fastcgi_cache_path %%PREFIX%%/cache_fastcgi keys_zone=fastcgi:1m;
    uwsgi_cache_path %%PREFIX%%/cache_uwsgi keys_zone=uwsgi:1m;
    scgi_cache_path %%PREFIX%%/cache_scgi keys_zone=scgi:1m;
    log_format upstream '\$uri "\$upstream_addr" "\$upstream_status"'
                        ' "\$upstream_cache_status"';

$providers

    oauthcc_provider varies {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/\$arg_e;
        client_id gateway;
        client_secret s3cret;
        backoff 60s 60s;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        access_log %%PREFIX%%/logs/upstream.log upstream;
        add_header X-Cache \$upstream_cache_status always;
        add_header X-Error \$oauthcc_error always;

$locations

        location /fill {
            proxy_cache one;
            proxy_cache_key \$arg_key;
            proxy_cache_valid 200 2s;
            proxy_pass http://api;
        }

        location /endpoint {
            oauthcc varies;
            proxy_cache one;
            proxy_cache_key \$arg_key;
            proxy_cache_valid 200 2s;
            proxy_pass http://api;
            $stale
        }

        location /with_ssi {
            ssi on;
            ssi_types *;
            root %%PREFIX%%/html;
        }

        location \@fallback { return 200 fallback; }
    }

    server {
        listen 127.0.0.1:%%PORT_fill%%;

        location /slice {
            slice 10;
            proxy_cache one;
            proxy_cache_key \$uri\$slice_range;
            proxy_cache_valid 200 206 1h;
            proxy_set_header Range \$slice_range;
            proxy_pass http://api;
        }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

sub fill ($key, $at = '/fill', %arg) {
    is($t->get("$at?key=$key", %arg)->status, 200, "$key is in the cache");
}

# status, what the cache said, and whether there is a Retry-After
sub got ($r) {
    return join ' ', $r->status, $r->header('X-Cache') // '-',
                     $r->header('Retry-After') ? 'later' : ();
}

sub is_fresh ($uri, $name) {
    my $r = $t->get($uri);
    is(got($r), '200 HIT', "$name: fresh");
    is($r->body, 'page', "$name: the page");
}

# asks until the page of the cache is no longer fresh
sub stale ($uri, %arg) {
    my $r;
    $t->wait_for(sub {
        $r = $t->request($arg{method} // 'GET', $uri, %arg);
        return ($r->header('X-Cache') // '') ne 'HIT';
    });
    return got($r);
}

# how often the upstreams were reached, and connections to them
sub reached () {
    return join ' ', map { $_->count, $_->stats->{accepted} }
                     $api, map { $cgi{$_} } sort keys %cgi;
}


####  the authorization server is down, or slow

# path => answer of the token endpoint
$idp->answer("/$_", { status => 500, body => '' }) for
    (map { "down_$_" } @terms),
    qw(plain optional fixed param named e bypass aio body fallback to head
       update ssi crowd fastcgi uwsgi scgi);
$idp->answer("/slow_$_", { hang => 1 }) for @terms;

my @keys = map { my $kind = $_; map { "${kind}_$_" } @terms } qw(down slow);
my @other = (qw(plain update optional fixed aio to head bypass body ssi));

for my $key (@keys, @other) {
    fill($key);
    is_fresh("/$key?key=$key", $key);
}

for my $protocol (sort keys %cgi) {
    fill('page', "/fill/$protocol");
    is_fresh("/$protocol?key=page", $protocol);
}

is($idp->count, 0, 'nobody logged in');

for my $key (@keys) {
    my ($kind, $term) = split /_/, $key, 2;
    my $status = $kind eq 'down' ? 502 : 504;
    my $cause = $kind eq 'down' ? 'error' : 'timeout';

    my $reached = reached();

    is(stale("/$key?key=$key"),
       $term eq $cause || $term eq "http_$status" ? '200 STALE'
                                                  : "$status EXPIRED",
       "$key: stale, the login fails");
    is(got($t->get("/$key?key=$key")),
       $term eq $cause || $term eq 'http_503' ? '200 STALE'
                                              : '503 EXPIRED later',
       "$key: stale, no login is tried");
    is(got($t->get("/$key?key=none$key")), '503 MISS later',
       "$key: not in the cache");
    is($idp->count, 1, "$key: one login");
    $idp->clear;

    is(reached(), $reached, "$key: the upstream saw nothing");
}

####  what is not in the cache, and what is stale, but not to be sent

my $reached = reached();

is(got($t->get('/plain?key=plain2')), '502 MISS', 'the first: 502');
is(got($t->get('/plain?key=plain2')), '503 MISS later', 'the next: 503');
is(got($t->get('/plain?key=plain')), '503 EXPIRED later', 'stale: 503');
is(reached(), $reached, 'the upstream saw nothing');
is(got($t->get('/fill?key=plain2')), '200 MISS', 'no error is in the cache');
is_fresh('/plain?key=plain2', 'then');

####  nobody waits for what is in the cache, or longer than for the login

fill('held');
$idp->answer('/held', { hold => 1 });
$idp->clear;

my $waiting = $t->client->start(GET => '/held?key=other');
ok($idp->wait_count(1), 'a request waits for a login');
is_fresh('/held?key=held', 'meanwhile');

my $late = $t->client->start(GET => '/held?key=other');
$idp->release;
is(got($waiting->finish), '200 MISS', 'it has its answer');
like(got($late->finish), qr/^200 (?:MISS|HIT)$/, 'and who came later');
like($api->header($api->last_request, 'Authorization'), qr/^Bearer tok-/,
     'with a token');
is($idp->count, 1, 'one login');

####  a cache lock is not held while a request waits for a login

$idp->answer('/lock', { hold => 1 });
$idp->clear;
$api->clear;

my @locked = map { $t->client->start(GET => '/lock?key=lock') } 1 .. 20;
$idp->wait_count(1);
$idp->release;
Test::OAuthCC::Client::drive(10, @locked);
is(Test::OAuthCC::tally(map { $_->{response} } @locked), '200 x 20', 'lock');
is($api->count, 1, 'one request');
is($idp->count, 1, 'one login');

# a login that fails is no reason to wait for the lock

@locked = $t->concurrent(20, GET => '/crowd?key=crowd');
like(Test::OAuthCC::tally(@locked), qr/^502 x \d+(?:, 503 x \d+)?$/,
     'lock: a login that fails, or has just failed');
is(Test::OAuthCC::tally($t->concurrent(20, GET => '/crowd?key=crowd')),
   '503 x 20', 'lock: no login is tried');
cmp_ok($_, '<', $t->seconds(2.5), 'lock: they do not wait one after another')
    for (sort { $b <=> $a } map { $_->time } @locked)[0];

# the token ends while a request waits for the lock

$idp->clear;
$idp->answer('/ended', { json => { expires_in => 1 } }, {});
$api->answer('/ended', { delay => 2, body => 'page',
                         headers => [ 'Cache-Control' => 'no-store' ] },
             { body => 'page' });
$api->clear;
my $first = $t->client->start(GET => '/ended?key=ended');
ok($api->wait_count(1), 'the first has the lock');
my $second = $t->client->start(GET => '/ended?key=ended');
is(got($first->finish), '200 MISS', 'and its answer');
is(got($second->finish), '200 MISS', 'the second has a token that is good');
is($idp->count, 2, 'of a login of its own');
isnt(scalar $api->header(($api->requests)[0], 'Authorization'),
     scalar $api->header($api->last_request, 'Authorization'), 'another one');

####  a key that is made of the token

$idp->answer('/key', { status => 500, body => '' },
             { json => { expires_in => 3600 } });
fill('key');
is(got($t->get('/key?key=key')), '200 HIT', 'the key has a token: there is none');
is($idp->count, 3, 'after a login');

####  a request that comes twice is one use of an entry

is(got($t->get('/uses?key=uses')), '200 MISS', 'one use');
is(got($t->get('/uses?key=uses')), '200 MISS', 'two uses');
is(got($t->get('/uses?key=uses')), '200 HIT', 'then it is in the cache');

####  an update in the background

is(stale('/update?key=update'), '200 STALE', 'stale, with an update that fails');
like(got($t->get('/update?key=update')), qr/^200 (?:STALE|UPDATING)$/,
     'once more');

####  optional

is(stale('/optional?key=optional'), '200 EXPIRED', 'optional: without a token');
is(scalar $api->header($api->last_request, 'Authorization'), undef,
   'optional: as it said');

####  parameters

is(stale('/fixed?key=fixed'), '200 STALE', 'fixed parameters: stale');

fill('param');
$reached = reached();
is($t->get('/param?key=param&scope=a')->status, 502, 'of the request: 502');
is($t->get('/param?key=param&scope=a')->status, 503, 'of the request: 503');
is($t->get('/named?key=param&provider=named')->status, 502,
   'a provider of the request: 502');
is($t->get('/endpoint?key=param&e=e')->status, 502, 'an endpoint likewise: 502');
is(reached(), $reached, 'the upstream saw nothing');

####  an upstream that refuses a token, and then no other can be had

$idp->answer('/refused', {}, { status => 500, body => '' });
$api->answer('/refused', { body => 'page' },
             { status => 401, body => 'refused' });
is(got($t->get('/refused?key=refused')), '200 MISS', 'a token');
is_fresh('/refused?key=refused', 'a token');
is(stale('/refused?key=refused'), '200 STALE',
   'the token is refused, the login fails');

####  all protocols

for my $protocol (sort keys %cgi) {
    my $reached = reached();
    is(stale("/$protocol?key=page"), '200 STALE', "$protocol: stale");
    is($t->get("/$protocol?key=page")->body, 'page', "$protocol: the page");
    is(got($t->get("/$protocol?key=none")), '503 MISS later',
       "$protocol: not in the cache");
    is(reached(), $reached, "$protocol: the upstream saw nothing");
}

####  in other ways

$idp->clear;

for my $at (qw(aio to head bypass body)) {
    my $method = $at eq 'head' ? 'HEAD' : 'GET';
    my $reached = reached();
    is(stale("/$at?key=$at", method => $method), '200 STALE', "$at: stale");
    is(got($t->request($method, "/$at?key=none$at")), '503 MISS later',
       "$at: not in the cache");
    is(reached(), $reached, "$at: the upstream saw nothing");
}

is(got($t->get('/bypass?key=bypass&bypass=1')), '503 BYPASS later', 'bypass');
is($t->request(POST => '/plain?key=plain', body => 'x')->status, 503, 'POST');
is($t->request(GET => '/head?key=head', body => 'x' x 100_000)->status, 200,
   'GET with a body');
is($t->request(GET => '/body?key=body', body => 'x')->status, 503,
   'GET with a body that is not buffered');

my $r = $t->get('/fallback?key=fallback');
is($r->status . $r->body, '200fallback', 'an error page');

####  what the upstream itself allows

$api->answer('/since', { body => 'page', headers =>
    [ 'Cache-Control' => 'max-age=1, stale-if-error=60' ] });
$idp->answer('/since', { json => { expires_in => 1 } },
             { status => 500, body => '' });
is(got($t->get('/since?key=since')), '200 MISS', 'a token of one second');
is_fresh('/since?key=since', 'stale-if-error');
is(stale('/since?key=since'), '200 STALE', 'stale-if-error: stale');
is(got($t->get('/since?key=nonesince')), '503 MISS later',
   'stale-if-error: not in the cache');

####  slices: the first is in the cache, the second is not

$api->answer('/slice', map { {
    status => 206, body => '0123456789',
    headers => [ 'Content-Range' => sprintf('bytes %d-%d/20', 10 * $_,
                                            10 * $_ + 9), ETag => '"x"' ]
} } 0 .. 1);
$idp->answer('/slice', { hold => 1 });
$idp->clear;

is($t->get('/slice', port => 'fill', headers => [ Range => 'bytes=0-9' ])->body,
   '0123456789', 'the first slice');
my $slices = $t->client->start(GET => '/slice');
ok($idp->wait_count(1), 'the second waits for a login');
$idp->release;
is($slices->finish->body, '0123456789' x 2, 'both');

####  subrequests

$t->write_file('html/with_ssi', '<!--#include virtual="/ssi?key=ssi" -->;');
stale('/ssi?key=ssi');
is($t->get('/with_ssi')->body, 'page;', 'a subrequest: stale');

####  a client that leaves while its request waits

$idp->answer('/left', { hold => 1 });
$idp->clear;
my $left = $t->client->start(GET => '/left?key=none_left');
$idp->wait_count(1);
$left->leave;
$idp->release;
is(got($t->get('/left?key=none_left2')), '200 MISS', 'after a client has left');

####  nginx is started with pages on the disk, and nothing in the zone

is(got($t->get('/cold?key=cold')), '200 MISS', 'a page for long');
$t->stop;
$idp->refuse;
$t->run;
is(got($t->get('/cold?key=cold')), '200 HIT', 'after a start: fresh');
is(stale('/down_error?key=down_error'), '200 STALE', 'after a start: stale');
is(got($t->get('/cold?key=none')), '502 MISS', 'after a start: not in it');

####  what is logged

my %log = map { /^(\S+) (.*)/ } split /\n/, $t->read_file('logs/upstream.log');
my $port = $t->port('api');

is($log{'/lock'}, qq("-" "-" "HIT"), 'log: of the cache');
is($log{'/plain'}, '"-" "-" "-"', 'log: no cache asked');
is($log{'/to'}, '"-" "-" "MISS"', 'log: no upstream');
is($log{'/left'}, qq("127.0.0.1:$port" "200" "MISS"), 'log: one upstream');
is((grep { /^\S+ "-" "-" "STALE"/ } split /\n/,
    $t->read_file('logs/upstream.log')) > 5, 1, 'log: stale');

is(scalar $t->log_lines(qr/no live upstreams|stalled cache/), 0,
   'nginx says nothing of upstreams');

$t->done;
