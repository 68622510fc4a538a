#!/usr/bin/perl

# Tests for HTTP/2 clients: many streams of one connection wait for a login, and
# one of them may leave.  Needs curl.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Http2;

plan(skip_all => 'no curl with HTTP/2') unless `curl -V 2>&1` =~ /HTTP2/;

my $t = Test::OAuthCC->new(needs => [ 'http_v2_module' ]);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%
    proxy_cache_path %%PREFIX%%/cache keys_zone=one:1m;

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider cached {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/cached;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider slow {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/slow;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_http%% http2;
        client_max_body_size 10m;
        location /crm  { oauthcc crm;  proxy_pass http://api; }
        location /slow { oauthcc slow; proxy_pass http://api; }
        location /unbuffered {
            oauthcc crm;
            proxy_request_buffering off;
            proxy_http_version 1.1;
            proxy_pass http://api;
        }
        location /cached {
            oauthcc cached;
            proxy_cache one;
            proxy_request_buffering off;
            proxy_http_version 1.1;
            proxy_pass http://api;
        }
        location /off  { proxy_pass http://api; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

my $base = 'http://127.0.0.1:' . $t->port('http');

# runs curl; its output, one "status version" a request on the last lines
my $curl = sub (@args) {
    open my $fh, '-|', 'curl', '-s', '--http2-prior-knowledge',
         '-w', '\n%{http_code} %{http_version}\n', @args or die "curl: $!";
    local $/;
    return <$fh> // '';
};

my $client = 'Basic dXNlcjp0aGVpcnM=';

my $out = $curl->('-H', "Authorization: $client", '-H', 'X-A: 1',
                  "$base/crm");
my ($token) = $idp->tokens;

like($out, qr/^200 2$/m, 'HTTP/2');
is_deeply([ $out =~ /^Authorization: (.*?)\r$/gmi ], [ "Bearer $token" ],
          'exactly one header');
like($out, qr/^x-a: 1\r$/mi, 'others pass');

$out = $curl->('-H', "Authorization: $client", "$base/off");
is_deeply([ $out =~ /^Authorization: (.*?)\r$/gmi ], [ $client ],
          'a location without oauthcc');

####  bodies

$t->write_file('body', join '', map { chr(($_ * 7) % 256) } 1 .. 3_000_000);
my $md5 = Digest::MD5::md5_hex($t->read_file('body'));

for my $uri ('/crm', '/unbuffered') {
    $out = $curl->('--data-binary', '@' . $t->prefix . '/body', "$base$uri");
    like($out, qr/^200 2$/m, "$uri: a body of 3 MB");
    is($api->last_request->{md5}, $md5, "$uri: as it was");
    is_deeply([ $out =~ /^Authorization: (.*?)\r$/gmi ], [ "Bearer $token" ],
              "$uri: with the token");
}

# of a known length, but not at its end when the header is there.  Not with
# curl: 7.88 says "empty reply" to a response that comes before it has ended a
# body of no bytes

my $h2 = Test::OAuthCC::Http2->new(port => $t->port('http'));

my $stream = $h2->request(GET => '/cached', '', open => 1, length => 0);
$h2->drive(sub { $idp->logins == 2 });
$h2->more($stream, '');
$h2->drive(sub { $stream->{done} });

is($stream->{status}, 200, 'a body of nothing where there is a cache');
like($stream->{body}, qr/^Authorization: Bearer /mi, 'it has a token');

####  streams that wait

$idp->clear;
$idp->answer('/slow', { hold => 1 });

# this connection leaves
my $left = $curl->('--max-time', '0.3', "$base/slow");
like($left, qr/^000/m, 'a client leaves');
is($idp->logins, 1, 'a login is in flight');

# 40 streams of one connection
open my $many, '-|', "h2load -n 40 -c 1 -m 40 $base/slow" or die "h2load: $!";

select undef, undef, undef, 0.2;
$idp->release;

my $out_many = join '', <$many>;
like($out_many, qr/status codes: 40 2xx/, '40 streams are served');
is($idp->logins, 1, 'by this login');

$t->done;
