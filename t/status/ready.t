#!/usr/bin/perl

# Tests the readiness probe: it says no only where requests would fail, makes no
# login, and shows nothing but names and states.  One that says no before the
# first request would keep a gateway out of service for ever.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP qw(decode_json);
use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my $provider = sub ($name, $more = '') {
    return <<"CONF";
    oauthcc_provider $name {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$name;
        client_id gateway;
        client_secret s3cret;
        backoff 50ms 100ms;
        $more
    }
CONF
};

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
    @{[ map { $provider->($_) } qw(cold good bad short) ]}
    @{[ $provider->('warm', 'keep_warm on;') ]}
    @{[ $provider->('due') ]}

    server {
        listen 127.0.0.1:%%PORT_http%%;

        location = /ready       { oauthcc_ready; }
        location = /ready/cold  { oauthcc_ready cold; }
        location = /ready/all   { oauthcc_ready good bad short; }
        location = /ready/good  { oauthcc_ready good; }

        location = /status      { oauthcc_status control; }
        location = /ready/due   { oauthcc_ready due; }

        location ~ ^/(good|bad|short|due)\$ {
            oauthcc \$1;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
}
CONF

# status, ready, and NAME=STATE of each provider
my $ready = sub ($uri) {
    my $r = $t->get($uri);
    my $json = decode_json($r->body);

    is(join(' ', sort keys %$json), 'providers ready', "$uri: nothing else");
    is_deeply([ map { join ' ', sort keys %$_ } @{ $json->{providers} } ],
              [ ('name state') x @{ $json->{providers} } ],
              "$uri: names and states");

    return join ' ', $r->status, $json->{ready} ? 'ready' : 'no',
           map { "$_->{name}=$_->{state}" } @{ $json->{providers} };
};

####  providers with keep_warm are meant where none is named

ok($t->wait_for(sub { $idp->logins }), 'a provider is kept warm');
ok($t->wait_for(sub {
    $t->get('/ready')->body =~ /"token"/;
}), 'and ready');
is($ready->('/ready'), '200 ready warm=token', 'without names');

####  one that was never asked

$idp->clear;
is($ready->('/ready/cold'), '200 ready cold=no_token', 'never asked');
is($idp->count, 0, 'and is not asked by this');

####  one of several fails

$idp->answer('/bad', { status => 401, body => '{"error":"invalid_client"}' });
$idp->answer('/short', { body => '{"access_token":"short","expires_in":1,'
                                 . '"token_type":"Bearer"}' });

is($ready->('/ready/all'),
   '200 ready good=no_token bad=no_token short=no_token', 'at first');
is($t->get('/good')->status, 200, 'a token');
is($t->get('/short')->status, 200, 'a token that is soon over');
cmp_ok($t->get('/bad')->status, '>=', 502, 'and none');

like($ready->('/ready/all'), qr/^503 no good=token bad=failing short=/,
     'one is failing');
is($ready->('/ready/good'), '200 ready good=token', 'another one is not');

# a token that has expired is no failure
ok($t->wait_for(sub { $ready->('/ready/all') =~ /short=no_token/ }),
   'an expired token');

####  it recovers with the next login that succeeds

$idp->answer('/bad', {});
ok($t->wait_for(sub { $t->get('/bad')->status == 200 }), 'a login succeeds');
like($ready->('/ready/all'), qr/^200 ready good=token bad=token /,
     'all are ready');

####  a token that is still good outlives a failure

is($t->get('/due')->status, 200, 'due: a token');
$idp->answer('/due', { status => 500 });
is($t->request(POST => '/status', body => 'action=refresh&provider=due',
    headers => [ 'X-Requested-With' => 'test',
                 'Content-Type' => 'application/x-www-form-urlencoded' ])
   ->status, 200, 'due: a refresh');
ok($t->wait_for(sub {
    $t->get('/due');
    return $t->log_lines(qr/login .*failed.*"due"/);
}), 'due: which fails');
is($ready->('/ready/due'), '200 ready due=token', 'due: the token is good');

####  HTTP

my $r = $t->get('/ready');
is($r->header('Content-Type'), 'application/json', 'JSON');
is($r->header('Cache-Control'), 'no-store', 'not to be cached');
is($t->request(HEAD => '/ready')->status, 200, 'HEAD');
$r = $t->request(POST => '/ready', body => 'x');
is($r->status, 405, 'POST');
is($r->header('Allow'), 'GET, HEAD', 'what is allowed');

####  configuration

for my $case ([ 'location / { oauthcc_ready none; }',
                qr/unknown oauthcc provider "none" of "oauthcc_ready" in / ],
              [ 'location / { oauthcc_ready; }',
                qr/names no provider, and none has "keep_warm"/ ],
              [ 'location / { oauthcc_ready a; oauthcc_ready a; }',
                qr/is duplicate/ ],
              [ 'oauthcc_ready a;', qr/not allowed here/ ])
{
    my ($text, $says) = @$case;
    my ($code, $out) = $t->check("%%GLOBALS%%\nhttp { %%HTTP%%\n"
        . $provider->('a') . "server { $text } }");
    is($code, 1, "$text: refused");
    like($out, $says, "$text: says why");
}

$t->done;
