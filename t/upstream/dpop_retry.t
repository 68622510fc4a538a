#!/usr/bin/perl

# Tests of which attempts have a proof of their own (RFC 9449): one at another
# server (proxy_next_upstream), with a token that has expired while the first
# server kept silent, is built anew, with no login in between; one after a
# connection that failed has the proof that nobody has seen; and a response of
# a cache needs none.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use MIME::Base64 qw(decode_base64url);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Proof;

my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $silent = $t->upstream('silent');
my $api = $t->upstream;
my $fcgi = $t->upstream('fcgi', protocol => 'fastcgi');
my $mute = $t->upstream('mute', protocol => 'fastcgi');

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%
    proxy_cache_path %%PREFIX%%/cache keys_zone=one:1m;

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
        client_id gateway;
        client_secret s3cret;
        dpop on;
    }

    # the same with a token that lives long: each proof is one of a request
    oauthcc_provider long {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/long;
        client_id gateway;
        client_secret s3cret;
        dpop on;
    }

    upstream pair {
        server 127.0.0.1:%%PORT_silent%% max_fails=0;
        server 127.0.0.1:%%PORT_api%% backup;
    }

    upstream fcgi_pair {
        server 127.0.0.1:%%PORT_mute%% max_fails=0;
        server 127.0.0.1:%%PORT_fcgi%% backup;
    }

    # nothing listens there
    upstream dead_pair {
        server 127.0.0.1:%%PORT_dead%% max_fails=0;
        server 127.0.0.1:%%PORT_api%% backup;
    }

    upstream two {
        server 127.0.0.1:%%PORT_api%% max_fails=0;
        server 127.0.0.1:%%PORT_api%% max_fails=0;
        keepalive 4;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        oauthcc crm;
        oauthcc_dpop_uri http://api.example.com;
        proxy_read_timeout 4s;
        fastcgi_read_timeout 4s;

        location /fcgi {
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_pass fcgi_pair;
        }
        location /dead { oauthcc long; proxy_pass http://dead_pair; }
        location /cached {
            oauthcc                long;
            add_header             X-Cache $upstream_cache_status always;
            proxy_cache            one;
            proxy_cache_valid      200 1s;
            proxy_cache_revalidate on;
            proxy_cache_use_stale  http_500 error timeout;
            proxy_next_upstream    off;
            proxy_read_timeout     1s;
            proxy_pass             http://127.0.0.1:%%PORT_api%%;

            location /cached/two {
                proxy_next_upstream http_500;
                proxy_http_version  1.1;
                proxy_set_header    Connection "";
                proxy_pass          http://two;
            }
        }
        location / { proxy_pass http://pair; }
    }
}
CONF

$idp->answer({ json => { token_type => 'DPoP', expires_in => 3 } });
$idp->answer('/long', { json => { token_type => 'DPoP',
                                  expires_in => 3600 } });
$_->answer({ hang => 1 }) for $silent, $mute;


for my $case ([ 'GET', '/a', '' ], [ 'PUT', '/b', 'x' x 3000 ]) {
    my ($method, $uri, $body) = @$case;

    my $r = $t->request($method => $uri, $body ? (body => $body) : ());

    is($r->status, 200, "$method: another server answers");

    my ($first) = grep { $_->{uri} eq $uri } $silent->requests;
    my ($second) = grep { $_->{uri} eq $uri } $api->requests;

    my @proofs = map { $_ ? $_->{head} =~ /^DPoP: (\S+)/m : () }
                     $first, $second;

    is(@proofs, 2, '... which has a proof as well');
    isnt($proofs[0], $proofs[1], '... of its own');
    is($second->{body} // '-', $body, '... and the body');
}

is($t->get('/fcgi')->status, 200, 'FastCGI: another server answers');

my @proofs = map { map { $_->{head} =~ /^HTTP_DPOP: (\S+)/m } $_->requests }
                 $mute, $fcgi;

is(@proofs, 2, '... which has a proof as well');
isnt($proofs[0], $proofs[1], '... of its own');

####  how many proofs were made

# an identifier is a random number and a count
sub counts ($uri) {
    return map {
        my ($proof) = $api->header($_, 'DPoP');
        my $jti = (Test::OAuthCC::Proof::verified($t, $proof, $uri))[1]{jti};
        unpack 'x12 Q', decode_base64url($jti);
    } grep { $_->{uri} eq $uri } $api->requests;
}

is($t->get('/dead/1')->status, 200, 'a server that is not there');
my @counts = counts('/dead/1');
is(@counts, 1, 'another one answers');
is($t->get('/dead/2')->status, 200, 'once more');
is((counts('/dead/2'))[0], $counts[0] + 1, 'there was a proof for it alone');

# each after the page in the cache has expired

my $n = 0;
my %fresh = (headers => [ 'Last-Modified' => 'Sun, 06 Nov 1994 08:49:37 GMT' ],
             body => 'a page');

for my $case ([ 'REVALIDATED', { status => 304 } ],
              [ 'STALE', { status => 500 } ], [ 'STALE', { hang => 1 } ])
{
    my ($name, $answer) = @$case;
    my $uri = '/cached/' . ++$n;
    my $what = join ' ', $name, map { "$_ $answer->{$_}" } sort keys %$answer;

    $api->answer($uri, { %fresh }, $answer, { %fresh });

    is($t->get($uri)->header('X-Cache'), 'MISS', "$what: a page");
    ok($t->wait_for(sub { $t->get($uri)->header('X-Cache') eq $name }),
       "$what: is sent again");
    ok($t->wait_for(sub { $t->get($uri)->header('X-Cache') ne 'HIT' }),
       "$what: and asked for");

    @counts = counts($uri);
    cmp_ok(@counts, '>=', 3, "$what: requests");
    is($counts[-1] - $counts[0], $#counts, "$what: no other proof was made");
}

# another server is asked before the expired page is sent, through a connection
# that was used for other requests before

is($t->get("/cached/two/$_")->status, 200, 'connections are kept') for 1 .. 4;

my $two = '/cached/two/expired';

$api->answer($two, { %fresh }, { status => 500 }, { %fresh, body => 'new' });

is($t->get($two)->header('X-Cache'), 'MISS', 'two servers: a page');
ok($t->wait_for(sub { $t->get($two)->body eq 'new' }), 'a new one');
is(join(' ', map { $_ - $counts[-1] } counts($two)), '5 6 7',
   'each request has a proof, and no other was made');

is($t->log_lines(qr/exited on signal/), 0, 'no worker has died');

$t->done;
