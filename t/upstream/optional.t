#!/usr/bin/perl

# Tests for "optional": a location that can do without a token goes on without
# one, but never with the header of its client in the place of ours.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider down {
        token_endpoint http://127.0.0.1:%%PORT_dead%%/;
        client_id gateway;
        client_secret s3cret;
        backoff 10s 10s;
    }

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider back {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/back;
        client_id gateway;
        client_secret s3cret;
        backoff 100ms 100ms;
    }

    oauthcc_provider slow {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/slow;
        client_id gateway;
        client_secret s3cret;
        timeout 200ms;
    }

    map $arg_p $provider { default $arg_p; }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        location /down { oauthcc down optional; proxy_pass http://api; }
        location /crm  { oauthcc crm optional;  proxy_pass http://api; }
        location /slow { oauthcc slow optional; proxy_pass http://api; }
        location /back { oauthcc back optional; proxy_pass http://api; }
        location /must { oauthcc down;          proxy_pass http://api; }
        location /var  { oauthcc $provider optional; proxy_pass http://api; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

$idp->answer('/slow', { hang => 1 });
$idp->answer('/back', { status => 500 });

my @client = (headers => [ X => 1, Authorization => 'Basic eDp5', Y => 2 ]);

for my $n (1 .. 5) {
    my $r = $t->get('/down', @client);
    is_deeply([ $r->status, $r->seen('Authorization') ], [ 200 ],
              "request $n goes on without");
    is_deeply([ $r->seen('X'), $r->seen('Y') ], [ 1, 2 ], 'with all else');
}

is($t->log_lines(qr/login failed.*next try in [\d.]+ s.*"down"/), 1,
   'it did not try each time');
like($t->get('/must')->status, qr/^50[23]$/, 'the same one not optional');

my $r = $t->get('/slow', @client);
is_deeply([ $r->status, $r->seen('Authorization') ], [ 200 ] , 'no answer');

$r = $t->get('/crm', @client);
is_deeply([ $r->status, $r->seen('Authorization') ],
          [ 200, 'Bearer ' . ($idp->tokens)[-1] ],
          'a token where there is one');

$r = $t->get('/var?p=crm', @client);
is_deeply([ $r->seen('Authorization') ], [ 'Bearer ' . ($idp->tokens)[-1] ],
          'by variable');
is($t->get('/var?p=nobody')->status, 500, 'an unknown name is an error');

####  and when it comes back

$r = $t->get('/back', @client);
is_deeply([ $r->status, $r->seen('Authorization') ], [ 200 ], 'down');

$idp->answer('/back', {});
ok($t->wait_for(sub { $t->get('/back', @client)->seen('Authorization') }),
   'a token again');

$t->done;
