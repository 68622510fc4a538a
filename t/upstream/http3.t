#!/usr/bin/perl

# Tests for HTTP/3 clients: a request waits for a login, brings a body, is sent
# again, or leaves.  Needs an nginx with HTTP/3 (1.25 or newer), and a curl.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Digest::MD5 ();
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Guard;

plan(skip_all => 'no curl with HTTP/3') unless `curl -V 2>&1` =~ /HTTP3/;

# packets of one connection have to reach one worker
my $t = Test::OAuthCC->new(needs => [ 'http_v3_module' ], workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->daemon(Guard => 'api');

$t->certificate('gateway.test');

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider slow {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/slow;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_quic%% quic;
        ssl_certificate %%PREFIX%%/gateway.test.crt;
        ssl_certificate_key %%PREFIX%%/gateway.test.key;
        client_max_body_size 10m;

        location /crm  { oauthcc crm;  proxy_pass http://api; }
        location /slow { oauthcc slow; proxy_pass http://api; }
        location /off  { proxy_pass http://api; }
        location /control { oauthcc_status control; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

my $base = 'https://127.0.0.1:' . $t->port('quic');

# runs curl; its output, and "status version" on the last line
my $curl = sub (@args) {
    open my $fh, '-|', 'curl', '-s', '--http3-only', '--cacert',
         $t->prefix . '/gateway.test.crt', '-m', 10,
         '-w', '\n%{http_code} %{http_version}\n', @args or die "curl: $!";
    local $/;
    return <$fh> // '';
};

my $client = 'Basic dXNlcjp0aGVpcnM=';

like($curl->('-H', "Authorization: $client", "$base/crm"), qr/^200 3$/m,
     'a request');
is_deeply([ $api->header($api->last_request, 'Authorization') ],
          [ 'Bearer ' . ($idp->tokens)[0] ], 'with a token, and no other');

####  a body, and a token that is refused

my $body = $t->write_file('body', join '', map { chr 33 + $_ * 7 % 90 }
                                      1 .. 1_000_000);
my $md5 = Digest::MD5::md5_hex($t->read_file('body'));

like($curl->('--data-binary', "\@$body", "$base/off"), qr/^200 3$/m,
     'a megabyte, without the module');
is($api->last_request->{md5}, $md5, 'as it was');

like($curl->('--data-binary', "\@$body", "$base/crm"), qr/^200 3$/m,
     'a megabyte');
is($api->last_request->{md5}, $md5, 'as it was');

$api->revoke($idp->tokens);
like($curl->('--data-binary', "\@$body", "$base/crm"), qr/^200 3$/m,
     'the token was revoked: sent again');
is($api->last_request->{md5}, $md5, 'with its body');
is($idp->logins, 2, 'after a login');

####  a page of this server, and of another: nginx has no Host header here

for my $case ([ $base, 200 ], [ 'https://127.0.0.1', 403 ],
              [ 'https://evil.test', 403 ], [ 'null', 403 ])
{
    like($curl->('-H', "Origin: $case->[0]", '-H', 'X-Requested-With: test',
                 '-d', 'action=purge&provider=crm', "$base/control"),
         qr/^$case->[1] 3$/m, "an order with the Origin $case->[0]");
}

$curl->("$base/crm");

####  a client that leaves while there is a login

$idp->answer('/slow', { hold => 1 });
like($curl->('-m', 0.3, "$base/slow"), qr/^000 /m, 'one that leaves');
is($idp->logins, 4, 'a login is in flight');
$idp->release;
like($curl->("$base/slow"), qr/^200 3$/m, 'the next one is served by it');
is($idp->logins, 4, 'which has no login of its own');

$t->done;
