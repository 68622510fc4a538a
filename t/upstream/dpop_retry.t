#!/usr/bin/perl

# Tests of an attempt at another server (proxy_next_upstream) with a token that
# is bound to a key and that has expired while the first server kept silent: the
# request is built anew for a fresh proof, with no login in between.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

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

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
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
        location / { proxy_pass http://pair; }
    }
}
CONF

$idp->answer({ json => { token_type => 'DPoP', expires_in => 3 } });
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

is($t->log_lines(qr/exited on signal/), 0, 'no worker has died');

$t->done;
