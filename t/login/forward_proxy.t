#!/usr/bin/perl

# Tests of forward_proxy: logins through a real proxy, Debian's tinyproxy, by
# CONNECT, with TLS and its checks from here to the token endpoint; and what
# the log says of a proxy that refuses, is slow, or ends in the middle.  A
# scripted one knows names that nobody else knows, and has the worse manners.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Connect;
use Test::OAuthCC::Tinyproxy;

use IO::Socket::INET;
use JSON::PP ();
use MIME::Base64 qw(encode_base64);

my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $dns = $t->resolver;
my $tls = $t->port('tls');

$t->resolver('silent')->silent(1);

$t->certificate($_) for qw(idp.test other.test);
$t->certificate('localhost');

my $open = $t->daemon('Tinyproxy', 'open', conf => "ConnectPort $tls\n"
                      . join '', map { "ConnectPort $_\n" }
                                     map { $t->port($_) } qw(idp mtls));
my $closed = $t->daemon('Tinyproxy', 'closed', conf => 'ConnectPort 1');
my $asks = $t->daemon('Tinyproxy', 'asks', conf => "ConnectPort $tls\n"
                      . 'BasicAuth gateway s3cretForTheProxy');
my $mock = $t->daemon('Connect', 'mock');

$t->secret('s3cret-of-the-client', 's3cretForTheProxy', 'wr0ngForTheProxy');
$t->write_file('proxy_password', "s3cretForTheProxy\n");
$t->write_file('changed', "wr0ngForTheProxy\n");

my $odd = "\xc3\xbcber: p%ss \"w0rd\"";

$t->secret($odd, encode_base64("gate way:$odd", ''),
           encode_base64('gateway:s3cretForTheProxy', ''),
           encode_base64('gateway:wr0ngForTheProxy', ''));

my $trust = 'proxy_ssl_trusted_certificate %%PREFIX%%/localhost.crt;';
my $idp_test = 'proxy_ssl_trusted_certificate %%PREFIX%%/idp.test.crt;';
my $through = sub ($name, $user = '') {
    return 'forward_proxy http://' . $user . "127.0.0.1:%%PORT_$name%%;";
};

my $password = 'forward_proxy_password file:proxy_password;';
my $at = sub ($host, $name) { return "token_endpoint https://$host/$name;" };
my $local = 'localhost:%%PORT_tls%%';

# name, directives, what the log says or undef if the login succeeds

my @real = (
    [ 'allowed', $at->($local, 'allowed') . $trust . $through->('open') ],
    [ 'address', $at->('127.0.0.1:%%PORT_tls%%', 'address') . $trust
      . $through->('open') ],
    [ 'plain', 'token_endpoint http://127.0.0.1:%%PORT_idp%%/plain;
       allow_http on;' . $through->('open') ],
    [ 'named_proxy', $at->($local, 'named_proxy') . $trust
      . 'forward_proxy http://localhost:%%PORT_open%%/;' ],
    [ 'resolved_proxy', $at->($local, 'resolved_proxy') . $trust
      . 'forward_proxy http://proxy.test:%%PORT_open%%;' ],
    [ 'two_proxies', $at->($local, 'two_proxies') . $trust
      . 'forward_proxy http://two.test:%%PORT_open%%;' ],
    [ 'silent_proxy', $at->($local, 'silent_proxy') . $trust
      . 'timeout 2s; forward_proxy http://silent.test:%%PORT_open%%;' ],
    [ 'user', $at->($local, 'user') . $trust . $password
      . $through->('asks', 'gateway@') ],
    [ 'issuer', "issuer https://$local/issuer; $trust"
      . $through->('asks', 'gateway@') . $password ],
    [ 'mtls', $at->('localhost:%%PORT_mtls%%', 'mtls') . $trust
      . $through->('open') . 'proxy_ssl_certificate %%PREFIX%%/other.test.crt;
      proxy_ssl_certificate_key %%PREFIX%%/other.test.key;' ],
    [ 'no_mtls', $at->('localhost:%%PORT_mtls%%', 'no_mtls') . $trust
      . $through->('open'), qr/login failed: .*status: 400/ ],
    [ 'reused', $at->($local, 'reused') . $trust . $through->('open')
      . 'proxy_ssl_session_reuse on; proxy_set_header Connection "";' ],

    # TLS is the server's, and is verified

    [ 'untrusted', $at->($local, 'untrusted') . $through->('open')
      . 'proxy_ssl_trusted_certificate %%PREFIX%%/other.test.crt;',
      qr/certificate verify error/ ],
    [ 'misnamed', $at->($local, 'misnamed') . $through->('open') . $trust
      . 'proxy_ssl_name other.test;', qr/does not match "other\.test"/ ],

    # refused

    [ 'port', $at->($local, 'port') . $trust . $through->('closed'),
      qr/forward\ proxy\ 127\.0\.0\.1:\d+\ refused\ the\ connection\ to
         \ localhost:$tls:\ "403\ [^"]+"/x ],
    [ 'no_user', $at->($local, 'no_user') . $trust . $through->('asks'),
      qr/refused\ the\ connection\ to\ localhost:$tls:\ "407\ [^"]+",
         \ it\ asks\ for\ Basic\ realm=/x ],
    [ 'wrong_user', $at->($local, 'wrong_user') . $trust
      . $through->('asks', 'gateway@')
      . 'forward_proxy_password wr0ngForTheProxy;',
      qr/refused the connection to localhost:$tls: "40[17] [^"]+"/ ],
    [ 'no_server', $at->('localhost:1', 'no_server') . $trust
      . $through->('closed'),
      qr/refused the connection to localhost:1: "50\d [^"]+"/ ],
    [ 'no_proxy', $at->($local, 'no_proxy') . $trust
      . 'forward_proxy http://127.0.0.1:%%PORT_none%%;',
      qr/could not connect to forward proxy 127\.0\.0\.1:\d+/ ],
    [ 'unanswered_proxy', $at->($local, 'unanswered_proxy') . $trust
      . 'resolver 127.0.0.1:%%PORT_silent%%; resolver_timeout 0;
         timeout 300ms; forward_proxy http://proxy.test:3128;',
      qr/timed out while resolving forward proxy proxy\.test/ ],
    [ 'unresolved_proxy', $at->($local, 'unresolved_proxy') . $trust
      . 'forward_proxy http://nowhere.test:3128;',
      qr/forward proxy nowhere\.test could not be resolved \(3: Host not/ ],
);

# the scripted proxy: a target of its own for each; name, what it is told,
# what the log says

my @scripted = (
    [ 'name', { to => $tls } ],
    [ 'pieces', { to => $tls, pieces => 1, answer =>
      "HTTP/1.0 200 OK\r\nVia: x\r\nProxy-Agent: y/1\r\n\r\n" } ],
    [ 'informed', { to => $tls, answer => "HTTP/1.1 100 Continue\r\n\r\n"
      . "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200\r\n\r\n" } ],
    [ 'created', { to => $tls, answer => "HTTP/1.1 201 Created\r\n\r\n" } ],
    [ 'lines', { to => $tls, answer => "HTTP/1.1 200 OK\nX: y\n\n" } ],
    [ 'more', { to => $tls, answer => "HTTP/1.1 200 OK\r\n\r\nx" },
      qr/forward proxy \S+ sent more than a header/ ],
    [ 'large', { answer => "HTTP/1.1 200 OK\r\nX: " . 'x' x 9000 },
      qr/forward proxy \S+ sent a header that is too large/ ],
    [ 'large_line', { answer => 'HTTP/1.1 200 ' . 'x' x 9000 },
      qr/forward proxy \S+ sent a header that is too large/ ],
    [ 'garbage', { answer => "SSH-2.0-OpenSSH_9.2\r\n" },
      qr/forward proxy \S+ sent an invalid HTTP response/ ],
    [ 'tls', { answer => "\x15\x03\x01\x00\x02\x02\x46" },
      qr/forward proxy \S+ sent an invalid HTTP response/ ],
    [ 'bad_header', { answer => "HTTP/1.1 200 OK\r\nX\0: y\r\n\r\n" },
      qr/forward proxy \S+ sent an invalid HTTP response/ ],
    [ 'nothing', { answer => '' },
      qr/forward proxy \S+ closed the connection before it answered/ ],
    [ 'begun', { answer => "HTTP/1.1 200 OK\r\nX: y" },
      qr/forward proxy \S+ closed the connection before it answered/ ],
    [ 'closed', {},
      qr/login failed: no response/ ],
    [ 'cut', { to => $tls, cut => 200 },
      qr/login failed: no response/ ],
    [ 'moved', { answer => "HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n" },
      qr/refused the connection to moved\.test:443: "302 Found"/ ],
    [ 'bare', { answer => "HTTP/1.1 403\r\n\r\n" },
      qr/refused the connection to bare\.test:443: "403"/ ],
    [ 'unprintable', { answer => "HTTP/1.1 407 \x1b[31m\xff\r\n"
      . "proxy-authenticate: N\x07T\r\nProxy-Authenticate: Basic\r\n\r\n" },
      qr/443: "407 \?\[31m\?", it asks for N\?T/ ],
    [ 'chatty', { answer => 'HTTP/1.1 500 ' . 'x' x 4000 . "\r\n\r\n" },
      qr/443: "500 x{116}"/ ],
    [ 'repeats', { answer => "HTTP/1.1 407 No %CREDENTIAL%\r\n"
      . "Proxy-Authenticate: Basic realm=\"%CREDENTIAL%\"\r\n\r\n" },
      qr/443: "[^"]*repeats[^"]*", it asks for .*repeats/ ],
    [ 'slow', { hang => 1 },
      qr/timed out while waiting for forward proxy 127\.0\.0\.1:\d+/,
      'timeout 300ms;' ],
);

# the proxy and the server, each fast enough by itself
push @scripted, [ 'shared', { to => $tls, delay => 0.9 },
                  qr/timed out while waiting for the response/,
                  'timeout 1500ms;' ];
$idp->answer('/shared', { delay => 0.9 });

$mock->set("$_->[0].test:443", %{ $_->[1] }) for @scripted;

my @cases = (@real, map {
    [ $_->[0], $at->("$_->[0].test", $_->[0]) . $idp_test . ($_->[3] // '')
      . 'proxy_ssl_name idp.test;' . $through->('mock', 'gate%20way@')
      . q(forward_proxy_password ') . $odd . q(';), $_->[2] ]
} @scripted);

push @cases, [ 'varied', 'token_endpoint https://$arg_t.test/varied;'
               . $idp_test . 'proxy_ssl_name idp.test;' . $through->('mock') ],
             [ 'hung', $at->($local, 'hung') . $trust . $through->('open')
               . 'timeout 300ms;' ],
             [ 'waits', $at->($local, 'waits') . $trust . $through->('open')
               . 'timeout 2s;' ],
             [ 'own', 'login_json own.json;' . $idp_test . $through->('mock') ],
             [ 'ends', $at->($local, 'ends') . $trust . $through->('open') ],
             [ 'changed', $at->($local, 'changed') . $trust
               . $through->('asks', 'gateway@')
               . 'forward_proxy_password file:changed;' ],
             [ 'killed', $at->($local, 'killed') . $trust . $through->('open'),
               qr/login failed: no response/ ];

my $issuer = $t->fill("https://$local/issuer");

$idp->answer('/.well-known/oauth-authorization-server/issuer', { body =>
    JSON::PP::encode_json({ issuer => $issuer,
                            token_endpoint => "$issuer/token" }) });

$dns->set('proxy.test', '127.0.0.1', 60);
$dns->set('two.test', [ '127.0.0.3', '127.0.0.3', '127.0.0.1' ], 60);
$dns->set('silent.test', [ '127.0.0.2', '127.0.0.1' ], 60);

# whose queue is full, it answers no one
my $silent = IO::Socket::INET->new(LocalAddr => '127.0.0.2', Listen => 1,
                                   LocalPort => $t->port('open'))
             // die "listen: $!";
listen $silent, 0;

my @queue = map {
    IO::Socket::INET->new(PeerAddr => '127.0.0.2', Blocking => 0,
                          PeerPort => $t->port('open'))
} 1 .. 4;

# a login for each request, by one that hangs
$t->write_file('own.json', JSON::PP::encode_json({ authentication => {
    type => 'login', format => 'json', expires => 0,
    loginRequest => { endpoint => 'https://own.test/', method => 'POST' },
    apiRequest => { headers => { Authorization => {
        response => 'access_token' } } } } }));
$mock->set('own.test:443', hang => 1);

my $client_is = 'client_id gateway; client_secret s3cret-of-the-client;';

my $providers = join "\n", map {
    my ($name, $directives) = @$_;
    my $who = $directives =~ /login_json/ ? '' : $client_is;

    "oauthcc_provider $name { $who $directives }";
} @cases;

$t->run(<<"CONF");
%%GLOBALS%%
worker_shutdown_timeout 300ms;

http {
    %%HTTP%%
    resolver 127.0.0.1:%%PORT_dns%% ipv6=off;

    # what the hidden server may not inherit for the way to the proxy
    proxy_ssl_verify off;
    proxy_connect_timeout 5s;
$providers
    map \$uri \$provider {
        ~^/(?<name>[^/]+) \$name;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        oauthcc \$provider;
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }

        # a client may name it, and gets nowhere
        location /named_by_a_client {
            oauthcc off;
            proxy_pass http://\$arg_host;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_tls%% ssl;
        ssl_certificate %%PREFIX%%/localhost.crt;
        ssl_certificate_key %%PREFIX%%/localhost.key;
        location / { proxy_pass http://127.0.0.1:%%PORT_idp%%; }
    }

    server {
        listen 127.0.0.1:%%PORT_mtls%% ssl;
        ssl_certificate %%PREFIX%%/localhost.crt;
        ssl_certificate_key %%PREFIX%%/localhost.key;
        ssl_verify_client on;
        ssl_client_certificate %%PREFIX%%/other.test.crt;
        location / { proxy_pass http://127.0.0.1:%%PORT_idp%%; }
    }

    server {
        listen 127.0.0.1:%%PORT_tls%% ssl;
        server_name idp.test;
        ssl_certificate %%PREFIX%%/idp.test.crt;
        ssl_certificate_key %%PREFIX%%/idp.test.key;
        location / { proxy_pass http://127.0.0.1:%%PORT_idp%%; }
    }
}
CONF

# of the worker
sub sockets () {
    my ($worker) = $t->workers;
    return scalar grep { (readlink $_ // '') =~ /^socket:/ }
                  glob "/proc/$worker/fd/*";
}

my $sockets = sockets();

####  a login for each

for my $case (grep { $_->[0] !~ /^(?:varied|own|hung|waits|ends|changed|killed)$/ } @cases) {
    my ($name, undef, $failure) = @$case;

    my $before = $idp->logins;
    my $r = $t->get("/$name");
    my @lines = $t->log_lines(qr/oauthcc provider: "$name"/);

    if ($failure) {
        is($r->status, $name =~ /^(?:slow|shared|unanswered_proxy)$/ ? 504 : 502, "$name: status");
        like("@lines", $failure, "$name: the log says why");
        is($idp->logins, $before + ($name eq 'shared'),
           "$name: no login, or one too late");
        is(scalar(grep { /login failed(?!.*next try in a moment)/ } @lines), 1,
           "$name: one failure");

    } else {
        is($r->status, 200, "$name: status");
        like(join('', $r->seen('Authorization')), qr/^Bearer tok-/,
             "$name: a token");
        is(scalar(grep { /login failed/ } @lines), 0, "$name: no failure");
    }
}

ok((grep { $_ eq 'localhost' } $open->connections), 'the proxy connected');

my @asked = grep { !/^(?:proxy|nowhere|two|silent)\.test$/ } $dns->queries;
is("@asked", '', 'only names of proxies are resolved here');

####  what the proxy is sent

my ($head) = grep { /^CONNECT name\.test:443/ } $mock->requests;
my $credential = encode_base64("gate way:$odd", '');

is($head, "CONNECT name.test:443 HTTP/1.1\r\nHost: name.test:443\r\n"
          . "Proxy-Authorization: Basic $credential\r\n\r\n",
   'no more than it has to know');

is((grep { $idp->header($_, 'Proxy-Authorization') } $idp->requests), 0,
   'no server sees the credential');

####  the endpoint of a request

$mock->set("$_.test:443", to => $tls) for qw(one two);

for my $name ('one', 'two') {
    is($t->get("/varied?t=$name")->status, 200, "$name: an endpoint by $name");
    is(scalar(grep { /^CONNECT $name\.test:443 / } $mock->requests), 1,
       "$name: it is connected to");
}

is((grep { /\.test/ && !/^(?:proxy|nowhere|two|silent)\./ } $dns->queries), 0,
   'and not resolved here');

####  many at once

my $before = $idp->logins;
$mock->set('crowd.test:443', to => $tls);
is(Test::OAuthCC::tally($t->concurrent(50, GET => '/varied?t=crowd')),
   '200 x 50', '50 at once');
is($idp->logins, $before + 1, 'by one login');

####  slow, and cut

$open->pause;
is($t->get('/hung')->status, 504, 'a proxy that hangs');
$open->resume;
like(join("\n", $t->log_lines(qr/"hung"/)), qr/timed out while waiting for forward proxy 127/, 'the log says so');

$idp->answer('/waits', { hang => 1 });
is($t->get('/waits')->status, 504, 'a server that hangs behind it');
like(join("\n", $t->log_lines(qr/"waits"/)),
     qr/timed\ out\ while\ waiting\ for\ the\ response\ of
        \ localhost:$tls\ through\ 127\.0\.0\.1:/x, 'the log says so');

$idp->answer('/killed', { hold => 1 });

my ($client) = map { $_->start(GET => '/killed') } $t->client;
ok($idp->wait_count(1 + $idp->count), 'a login is on its way');

$open->stop;
Test::OAuthCC::Client::drive(10, $client);
is($client->{response}->status, 502, 'a proxy that dies meanwhile');
like(join("\n", $t->log_lines(qr/"killed"/)), $cases[-1][2],
     'the log says so');

$open->start;
$idp->answer('/killed');
ok($t->wait_for(sub { $t->get('/killed')->status == 200 }),
   'and all is well when it is back');

####  a client who leaves takes its own login with it

my $leaves = $t->client->start(GET => '/own');

ok($t->wait_for(sub {
       Test::OAuthCC::Client::drive(0.01, $leaves, 'some');
       return grep { /^CONNECT own\.test:443/ } $mock->requests;
   }), 'a login for one request has asked the proxy');
close $leaves->{fh};

# two more: to the resolvers
ok($t->wait_for(sub { sockets() <= $sockets + 2 }),
   'no connection is left')
    or diag(sockets() . " sockets, $sockets at first");

####  nobody else's way

isnt($t->get('/named_by_a_client?host=oauthcc_forward_proxy')->status, 200,
     'a client that names it gets nowhere');

####  a password that changes

$t->write_file('changed', "s3cretForTheProxy\n");
is($t->get('/changed')->status, 200, 'a password is read again for a login');

####  the worker ends while it waits for the proxy

$open->pause;

my $waits = $t->client->start(GET => '/ends');
Test::OAuthCC::Client::drive(0.1, $waits, 'some');

ok($t->stop < 5, 'a worker that has to end does not wait for the proxy');
$open->resume;

$t->done;
