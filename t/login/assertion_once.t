#!/usr/bin/perl

# Tests that a JWT is sent once: servers keep the jti of each, and refuse a
# client that comes with it again; and that a login is not repeated for ever.
# Where nginx itself would repeat a request, which another server may answer, or
# whose kept connection was closed meanwhile, the module makes another one.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use List::Util qw(uniq);
use MIME::Base64 qw(decode_base64url);
use Test::More;
use Test::OAuthCC;

# one worker: it has all connections
my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->openssl('genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 '
            . '-out key.pem');
$t->write_file('jwt', $t->secret('eyJ.ready-made-assertion.x-y_z') . "\n");
$t->secret('the-secret-with-the-32-bytes-of-it');

my %method = (
    key => 'auth_method private_key_jwt; assertion_key key.pem;',
    secret => 'auth_method client_secret_jwt;
               client_secret the-secret-with-the-32-bytes-of-it;',
    ready => 'client_assertion file:jwt;',
    param => 'client_secret s; param assertion eyJ.a-param.x;',
    basic => 'client_secret s;',
);

# name => endpoint, method, more directives

my %providers = (
    (map { ("two_$_" => [ 'two', $_ ], "kept_$_" => [ 'kept', $_ ]) }
         keys %method),
    (map { ("dead_$_" => [ 'dead', $_ ]) } qw(key secret)),
    many => [ 'many', 'key' ],
    one => [ '127.0.0.1:%%PORT_idp%%', 'key' ],
    both => [ 'two', 'key' ],
    whole => [ 'two', 'key' ],
    slow => [ 'two', 'key', 'proxy_read_timeout 300ms;' ],
    slowest => [ 'two', 'key', 'proxy_read_timeout 300ms; timeout 200ms;' ],
    late => [ 'two', 'key', 'proxy_next_upstream_timeout 1ms;' ],
    tries => [ 'two', 'key', 'proxy_next_upstream_tries 1;' ],
    never => [ 'two', 'key', 'proxy_next_upstream off;' ],
    idempotent => [ 'two', 'key', 'proxy_next_upstream error timeout;' ],
    status => [ 'two', 'key', 'proxy_next_upstream error timeout
                               non_idempotent http_503 http_429;' ],
    invalid => [ 'two', 'key', 'proxy_next_upstream error invalid_header
                                non_idempotent;' ],
);

my $providers = join "\n", map { my ($endpoint, $method, $more)
                                     = @{ $providers{$_} }; <<"CONF"
    oauthcc_provider $_ {
        token_endpoint http://$endpoint/$_;
        allow_http on;
        client_id gateway;
        $method{$method}
        proxy_set_header Connection "";
        max_logins 20;
        @{[ $more // '' ]}
    }
CONF
} sort keys %providers;

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%

    upstream two {
        server 127.0.0.1:%%PORT_idp%% max_fails=0;
        server 127.0.0.1:%%PORT_idp%% max_fails=0;
    }

    upstream dead {
        server 127.0.0.1:%%PORT_nobody%% max_fails=0;
        server 127.0.0.1:%%PORT_idp%% max_fails=0;
    }

    upstream kept { server 127.0.0.1:%%PORT_idp%%; keepalive 16; }
    upstream many { server 127.0.0.1:%%PORT_idp%%; keepalive 16; }

$providers
    oauthcc_provider found {
        issuer http://127.0.0.1:%%PORT_idp%%;
        client_id gateway;
        $method{key}
        proxy_set_header Connection "";
    }

    map \$uri \$provider {
        ~^/(?<name>[^/]+)\$ \$name;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        oauthcc \$provider param:n=\$arg_n;
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }
}
CONF

my $lost = { raw => '' };       # read, and not answered

# what makes each login its own: the jti, or all of it
my $marks = sub {
    return map {
        my ($jwt) = $_->{body} =~ /client_assertion=[^.&]*\.([^.&]+)\./;
        my $claims = $jwt
            && eval { JSON::PP::decode_json(decode_base64url($jwt)) };
        ($claims ? $claims->{jti} : undef) // $_->{body};
    } grep { $_->{method} eq 'POST' } $idp->requests;
};

# the status, how many logins that took, and how many were not the same
my $login = sub ($name, @answers) {
    $idp->clear;
    $idp->answer("/$name", @answers);

    my $r = $t->get("/$name?n=" . ++$t->{n});
    my @marks = $marks->();

    return join ' ', $r->status, scalar @marks, scalar uniq @marks;
};

####  another server

for my $method (sort keys %method) {
    my $ours = $method =~ /key|secret/;

    is($login->("two_$method", $lost, {}), $ours ? '200 2 2' : '200 2 1',
       "$method: " . ($ours ? 'a new one for the other server'
                            : 'what we have not made is sent as it is'));
}

is($login->("dead_$_", {}), '200 1 1', "$_: nothing was sent to a dead server")
    for qw(key secret);
is($login->("dead_$_", {}), '200 1 1', "$_: nor when it is the other's turn")
    for qw(key secret);

# a cold login is tried once more a moment later, whatever the block says

is($login->('one', $lost, {}), '200 2 2', 'there is no other server');
is($login->('both', $lost), '502 3 3', 'both are tried, and that once more');
is($login->('slow', { hang => 1 }, {}), '200 2 2', 'one does not answer');
is($login->('slowest', { hang => 1 }, {}), '504 1 1', 'there is no time left');

####  what the block says of it

is($login->('late', { delay => 0.05, %$lost }), '502 2 2', 'nor for it');
is($login->('tries', $lost, $lost), '502 2 2', 'nor a second one wanted');
is($login->('never', $lost, $lost), '502 2 2', 'nothing is to be repeated');
is($login->('idempotent', $lost, $lost), '502 2 2', 'nor what was sent');
is($login->('status', { status => 503, body => '' }, {}), '200 2 2',
   'a status is what the block says');
is($login->('status', { status => 429, body => '{"error":"x"}' }, {}),
   '200 2 2', 'and another one');
is($login->('status', { status => 500, body => '' }, {}),
   '502 1 1', 'but no other');
is($login->('invalid', { raw => "HTTP/1.1 200 OK\r\nA\0: b\r\n\r\n" }, {}),
   '502 1 1', 'an unreadable one too');

####  a response that has begun

is($login->('whole', { cut => 10 }, {}), '502 1 1', 'a response that is cut');

####  connections that are closed meanwhile

# makes so many that are kept
my $keep = sub ($name, $n) {
    $idp->clear;
    $idp->answer("/$name", { hold => 1 });

    my @clients = map { $t->client->start(GET => "/$name?n=" . ++$t->{n}) }
                  1 .. $n;

    ok($t->wait_for(sub {
        Test::OAuthCC::Client::drive(0.01, @clients, 'some');
        return $idp->logins == $n;
    }), "$name: $n connections");

    $idp->release;
    Test::OAuthCC::Client::drive(5, @clients);
    is(scalar(grep { $_->{response}->status == 200 } @clients), $n,
       "$name: that are kept");
};

for my $method (sort keys %method) {
    my $ours = $method =~ /key|secret/;

    $keep->("kept_$method", 3);
    is($login->("kept_$method", ($lost) x 2, {}),
       $ours ? '200 3 3' : '200 3 1', "$method: two that were closed");

    # the third is a good one, and the next login takes it
    $idp->clear;
    is($login->("kept_$method", $lost, {}), $ours ? '200 2 2' : '200 2 1',
       "$method: and one more");
}

$keep->('many', 12);
is($login->('many', ($lost) x 20, {}), '502 3 3', 'no more reach a server');

####  an issuer

$idp->answer('/.well-known/openid-configuration', { body => sprintf
    '{"issuer":"http://127.0.0.1:%d","token_endpoint":'
    . '"http://127.0.0.1:%d/found"}', ($t->port('idp')) x 2 });
$idp->answer('/found', {});
is($t->get('/found?n=first')->status, 200, 'an endpoint that was found');

is($login->('found', $lost, {}), '200 2 2', 'there is no other server');

$t->done;
