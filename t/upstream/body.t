#!/usr/bin/perl

# Tests for what comes with the header: bodies of any size and framing reach the
# upstream whole, on new and on kept connections, whether the token was there or
# the request had to wait for it.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

use Digest::MD5 qw(md5_hex);

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my %modes = (
    buffered => '',
    unbuffered => 'proxy_request_buffering off; proxy_http_version 1.1;',
    kept => 'proxy_http_version 1.1; proxy_set_header Connection "";',
    file => 'client_body_in_file_only clean;',
);

my $large = join '', map { chr(($_ * 7) % 256) } 1 .. 3_000_000;

# method, body, chunked

my @cases = (
    [ 'GET' ], [ 'POST', '' ], [ 'POST', 'small' ], [ 'PUT', $large ],
    [ 'POST', 'small', 1 ], [ 'PATCH', $large, 1 ], [ 'DELETE', 'x' ],
    [ 'POST', 'k' x 20_000 ],
);

# a provider for each, so that each finds it cold once

my @modes = sort keys %modes;
my @names = map { my $mode = $_; map { "$mode$_" } 0 .. $#cases } @modes;

my $providers = join "\n", map { <<"CONF" } @names;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
        client_id gateway;
        client_secret s3cret;
    }
CONF

my $locations = join "\n", map { <<"CONF" } @modes;
        location /$_/ {
            oauthcc $_\$arg_n;
            $modes{$_}
            proxy_pass http://api;
        }
CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    server {
        listen 127.0.0.1:%%PORT_http%%;
        client_max_body_size 10m;
$locations
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; keepalive 4; }
}
CONF

my $in_chunks = sub ($body) {
    return join '', map { sprintf "%x\r\n%s\r\n", length $_, $_ }
                    unpack('(a65000)*', $body), '';
};

$idp->answer({ delay => 0.02 });

for my $mode (@modes) {
    for my $n (0 .. $#cases) {
        my ($method, $body, $chunked) = @{ $cases[$n] };
        my $length = length($body // '');

        for my $state ('cold', 'warm') {
            my $r = $t->request($method, "/$mode/?n=$n", $chunked
                ? (body => $in_chunks->($body),
                   headers => [ 'Transfer-Encoding' => 'chunked' ])
                : (body => $body));

            my $seen = $api->last_request // {};
            my $name = "$mode, $state: $method of $length"
                       . ($chunked ? ', chunked' : '');

            is_deeply([ $r->status, @{$seen}{qw(method length md5)} ],
                      [ 200, $method, $length, md5_hex($body // '') ], $name);
            is_deeply([ $r->seen('Authorization') ],
                      [ 'Bearer ' . ($idp->tokens)[-1] ], "$name: token");
        }
    }
}

is($idp->logins, @names + 0, 'one login each');

####  connections that are kept

my $kept = $t->client(keepalive => 1);

is_deeply([ map { $kept->request(POST => "/$_/?n=1", body => 'x' x 100_000)
                      ->status } (@modes) x 2 ],
          [ (200) x (2 * @modes) ], 'a kept client connection');

is($t->request(HEAD => '/kept/?n=0')->status, 200, 'HEAD');
is($t->raw("GET /kept/?n=0 HTTP/1.0\r\n\r\n")->status, 200, 'HTTP/1.0');

####  a body that comes in the end

for my $mode (@modes) {
    my $c = $t->client->start_raw("POST /$mode/?n=0 HTTP/1.1\r\n"
        . "Host: x\r\nConnection: close\r\nContent-Length: 10\r\n\r\n01234",
        'POST');

    select undef, undef, undef, 0.05;
    $c->{out} = '56789';
    my $r = $c->finish;

    is_deeply([ $r->status, $api->last_request->{body} ],
              [ 200, '0123456789' ], "$mode: a slow body");
}

$t->done;
