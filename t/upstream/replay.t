#!/usr/bin/perl

# Tests that a revoked token costs no client an error: the upstream's 401 makes
# one login, and the request is sent once more with the new token, whatever its
# method and wherever its body is kept.  What is lost or doubled here is the
# order of a customer.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Digest::MD5 qw(md5_hex);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Guard;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->daemon(Guard => 'api');

my $small = join '', map { chr(($_ * 7) % 256) } 1 .. 3000;
my $large = $small x 1000;

my $chunked = sub ($body) {
    return join '', map { sprintf "%x\r\n%s\r\n", length $_, $_ }
                    unpack('(a50000)*', $body), '';
};

my @te = (headers => [ 'Transfer-Encoding' => 'chunked' ]);

# name, method, the body as it has to arrive, what else is sent

my @cases = (
    [ 'get', 'GET', '' ],
    [ 'head', 'HEAD', '' ],
    [ 'delete', 'DELETE', '' ],
    [ 'memory', 'POST', $small, body => $small ],
    [ 'file', 'POST', $large, body => $large ],
    [ 'put', 'PUT', $large, body => $large ],
    [ 'chunked', 'POST', $small, body => $chunked->($small), @te ],
    [ 'chunked_file', 'POST', $large, body => $chunked->($large), @te ],
    [ 'stream', 'POST', $large, body => $large ],
    [ 'unbuffered_get', 'GET', '' ],
);

my %more = (
    stream => 'proxy_buffering off;',
    unbuffered_get => 'proxy_request_buffering off;',
    (map { ("several_$_" => 'oauthcc_replay 401 403;') } 401, 403, 404),
    (map { ("other_$_" => 'oauthcc_replay 403;') } 401, 403),
    never_401 => 'oauthcc_replay off;',
    unbuffered => 'proxy_request_buffering off; proxy_http_version 1.1;',
);

my @names = ((map { $_->[0] } @cases), qw(kept twice unbuffered),
             grep { /_\d+$/ } sort keys %more);

my $providers = join "\n", map { <<"CONF" } @names;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
    }
CONF

my $locations = join "\n", map { <<"CONF" } @names;
        location /$_ {
            oauthcc $_;
            @{[ $more{$_} // '' ]}
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
    log_format replay '\$uri|\$request_method|\$status|\$upstream_status';
$providers
    server {
        listen 127.0.0.1:%%PORT_http%%;
        access_log %%PREFIX%%/logs/replay.log replay;
        client_max_body_size 10m;
        add_header X-Connection \$connection always;
$locations
    }
}
CONF

# a request with a token, after which this token is revoked

my $revoked = sub ($name) {
    is($t->get("/$name")->status, 200, "$name: a token");
    $_->clear for $idp, $api;

    my $token = ($idp->tokens)[-1];
    $api->revoke($token);
    return $token;
};

my $log = sub ($name) {
    return grep { m{^/$name\|} } split /\n/, $t->read_file('logs/replay.log');
};

for my $case (@cases) {
    my ($name, $method, $body, %request) = @$case;
    my $old = $revoked->($name);

    my $r = $t->request($method, "/$name", %request);
    is($r->status, 200, "$name: the client sees no refusal");
    is($r->header('WWW-Authenticate'), undef, "$name: nothing of it");

    my $new = ($idp->tokens)[-1];
    isnt($new, $old, "$name: a new token");
    is($idp->logins, 1, "$name: by one login");

    is_deeply([ $r->seen('Authorization') ], [ "Bearer $new" ],
              "$name: it reads what came with the new token")
        unless $method eq 'HEAD';

    my $md5 = md5_hex($body);
    is_deeply([ map { [ @{$_}{qw(method token md5)} ] } $api->requests ],
              [ [ $method, $old, $md5 ], [ $method, $new, $md5 ] ],
              "$name: the upstream got the same request twice");

    ok($t->wait_for(sub { $log->($name) >= 2 }), "$name: it is in the log");
    my (undef, @lines) = $log->($name);
    is_deeply(\@lines, [ "/$name|$method|200|401 : 200" ],
              "$name: in one line");

    is($t->get("/$name")->status, 200, "$name: the next request");
    is($api->count, 3, "$name: needs one attempt");
    is($idp->logins, 1, "$name: and no login");
}

####  a kept connection goes on

my $client = $t->client(keepalive => 1);
is($client->request(GET => '/kept')->status, 200, 'kept: a token');
$api->revoke($idp->tokens);

my @r = map { $client->request(POST => '/kept', body => $_) }
        $small, 'next', 'last';

is(Test::OAuthCC::tally(@r), '200 x 3', 'kept: all are served');
is(scalar(grep { $_->header('X-Connection') == $r[0]->header('X-Connection') }
          @r), 3, 'kept: on one connection');

####  other statuses

for my $name (grep { /_\d+$/ } @names) {
    my ($status) = $name =~ /(\d+)$/;
    my $replayed = $name =~ /^(?:several_40[13]|other_403)$/;

    $revoked->($name);
    $api->refusal({ status => $status, body => "no\n" });

    my $r = $t->get("/$name");
    is($r->status, $replayed ? 200 : $status, "$name: status");
    isnt($r->body, "no\n", "$name: not the refusal") if $replayed;
    is($r->body, "no\n", "$name: the answer of the upstream")
        unless $replayed;
    is($idp->logins, $replayed ? 1 : 0, "$name: logins");
    is($api->count, $replayed ? 2 : 1, "$name: attempts");
}

$api->refusal(undef);

####  the second refusal is the answer

$revoked->('twice');
$api->answer('/twice', { status => 401, body => "never\n",
    headers => [ 'WWW-Authenticate' => 'Bearer realm="api"' ] });

my $r = $t->request(POST => '/twice', body => $large);
is($r->status, 401, 'twice: 401');
is($r->body, "never\n", 'twice: with its body');
is($r->header('WWW-Authenticate'), 'Bearer realm="api"',
   'twice: with its header');
is($api->count, 2, 'twice: not a third time');
is($idp->logins, 1, 'twice: one login');

my $warned = qr/\[warn\].* refused a new token too, with status 401: check "scope/;

ok($t->wait_log($warned), 'twice: the log says what to look at');
$t->get('/twice') for 1 .. 3;
is(scalar $t->log_lines($warned), 1, 'twice: once');

####  a body that was not kept is not sent again, but the next request is good

$revoked->('unbuffered');
$r = $t->request(POST => '/unbuffered', body => $large);
is($r->status, 401, 'unbuffered: the answer of the upstream');
is($r->body, "refused\n", 'unbuffered: with its body');
like($r->header('WWW-Authenticate'), qr/invalid_token/,
     'unbuffered: with its header');
is($api->count, 1, 'unbuffered: once');

ok($idp->wait_count(1), 'unbuffered: a login');
ok($t->wait_for(sub {
    $t->get('/unbuffered');
    return !$api->last_request->{refused};
}), 'unbuffered: a new token');

$api->clear;
$r = $t->request(POST => '/unbuffered', body => $large);
is($r->status, 200, 'unbuffered: the next one is good');
is($api->last_request->{md5}, md5_hex($large), 'unbuffered: as it was sent');
is($idp->logins, 1, 'unbuffered: one login');

$t->done;
