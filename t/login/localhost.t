#!/usr/bin/perl

# Tests for localhost and the names below it: they are this machine, 127.0.0.1
# and [::1], and nobody is asked (RFC 6761 section 6.3).  http is allowed to
# them: whoever answers for DNS could have the secret sent to himself.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

use IO::Socket::IP;
use JSON::PP ();

my $t = Test::OAuthCC->new(workers => 1);
my $port = $t->port('idp');
my $idp = $t->token_endpoint;
my $evil = $t->token_endpoint('evil', listen => "127.0.0.9:$port");
my $six = IO::Socket::IP->new(LocalHost => '::1', Listen => 1)
    && $t->token_endpoint('six', listen => '[::1]:' . $t->port('six'));
my $api = $t->upstream;
my $dns = $t->resolver;

my @hosts = ('localhost', 'LOCALHOST', 'localhost.', 'LocalHost.',
             'idp.localhost', 'a.b.localhost', 'idp.localhost.',
             'IDP.LocalHost');

# names that only look like it

my @others = ('notlocalhost', 'localhost.test', 'localhost.localdomain',
              'idp.localhosts', 'local.host', 'localhost..');

for my $host (@hosts, @others) {
    $dns->set($_, '127.0.0.9', 60) for $host, lc $host, $host =~ s/\.$//r,
                                       lc $host =~ s/\.$//r;
}

$t->openssl('req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes '
            . '-days 2 -subj /CN=x -keyout tls.key -out tls.crt -addext '
            . 'subjectAltName=DNS:localhost,DNS:idp.localhost,'
            . 'DNS:a.b.localhost');


####  providers

my (%providers, %answers);

sub name ($way, $host) { return $way . '_' . $host =~ s/\W/_/gr }

for my $host (@hosts) {
    my %of = (
        fixed => "token_endpoint http://$host:%%PORT_idp%%/token",
        tls => "token_endpoint https://$host:%%PORT_tls%%/token",
        path => "token_endpoint http://$host:%%PORT_idp%%/\$arg_t",
        issuer => "issuer http://$host:%%PORT_idp%%/"
                  . name('issuer', $host),
        tls_issuer => "issuer https://$host:%%PORT_tls%%/"
                      . name('tls_issuer', $host),
        named => 'issuer http://127.0.0.1:%%PORT_idp%%/'
                 . name('named', $host),
        $six ? (six => "token_endpoint http://$host:%%PORT_six%%/token",
                six_named => 'issuer http://127.0.0.1:%%PORT_idp%%/'
                             . name('six_named', $host)) : (),
    );

    for my $way (sort keys %of) {
        my $name = name($way, $host);
        my ($base) = $t->fill($of{$way}) =~ /^issuer (.*)/;

        $providers{$name} = "$of{$way};";
        next unless $base;

        $idp->answer("/.well-known/oauth-authorization-server/$name",
            { body => JSON::PP::encode_json({ issuer => $base,
                token_endpoint => $way !~ /named/ ? "$base/token"
                    : "http://$host:" . ($way =~ /^six/ ? $t->port('six')
                                                        : $port) . '/token',
            }) });
    }
}

$providers{host} = 'token_endpoint http://$arg_h:%%PORT_idp%%/token;
                    allow_http on;';
$providers{six_host} = 'token_endpoint http://$arg_h:%%PORT_six%%/token;
                        allow_http on;' if $six;
$providers{allowed} = 'token_endpoint http://localhost.test:%%PORT_idp%%/;
                       allow_http on;';
$providers{upstream} = 'token_endpoint http://localhost/upstream;';
$providers{port} = 'token_endpoint http://idp.localhost:%%PORT_dead%%/;';

# a document has its own endpoint

$t->write_file('login.json', JSON::PP::encode_json({
    authentication => {
        type => 'login',
        loginRequest => { endpoint => "http://idp.localhost:$port/json?a=b",
                          method => 'FORM', params => { x => 'y' } },
        apiRequest => {
            headers => { 'X-Key' => { response => 'access_token' } },
        },
    },
}));

$t->write_file('login_json.conf',
               'oauthcc_provider document { login_json %%PREFIX%%/login.json; }');

my $resolver = 'resolver 127.0.0.1:%%PORT_dns%% ipv6=off;';

sub config ($resolver, %blocks) {
    return <<"CONF";
%%GLOBALS%%

http {
    %%HTTP%%
    $resolver

    @{[ join '', map { <<"BLOCK" } sort keys %blocks ]}
    oauthcc_provider $_ {
        client_id gateway;
        client_secret s3cret;
        backoff 10ms 10ms;
        proxy_ssl_trusted_certificate %%PREFIX%%/tls.crt;
        $blocks{$_}
    }
BLOCK

    include %%PREFIX%%/login_json.conf;

    map \$uri \$provider { ~^/p/(?<name>\\w+) \$name; }

    # its port would be 80: this is no way around what localhost is
    upstream localhost { server 127.0.0.9:%%PORT_idp%%; }

    server {
        listen 127.0.0.1:%%PORT_tls%% ssl;
        ssl_certificate %%PREFIX%%/tls.crt;
        ssl_certificate_key %%PREFIX%%/tls.key;
        proxy_set_header Host \$http_host;
        proxy_set_header X-SNI \$ssl_server_name;
        location / { proxy_pass http://127.0.0.1:%%PORT_idp%%; }
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;

        location /p/ {
            oauthcc \$provider scope=\$arg_s;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        # what nobody but a login may come to
        location /any { proxy_pass http://\$arg_h; }
    }
}
CONF
}

$t->secret('s3cret');

my $logins = 0;

sub becomes ($provider, $server, $host, $what, $query = '') {
    $_->clear for grep { $_ } $idp, $evil, $six;

    my $r = $t->get("/p/$provider?s=" . ++$logins . $query);

    is($r->status, 200, "$what: a token");
    my ($login) = grep { $_->{method} eq 'POST' } $server->requests;
    is($login && lc $server->header($login, 'Host'), lc $host,
       "$what: from this machine, as its Host");
    return $login;
}

for my $with ($resolver, '') {
    my %blocks = %providers;

    # a host of variables may be any, and there has to be somebody to ask
    delete @blocks{ 'host', 'six_host', 'allowed' } unless $with;

    ok($t->master ? $t->reload(config($with, %blocks))
                  : $t->run(config($with, %blocks)),
       'nginx takes it ' . ($with ? 'with' : 'without') . ' a resolver');

    my $has = $with ? '' : ', no resolver';

    for my $host (@hosts) {
        becomes(name($_, $host), $idp, "$host:$port", "$_ $host$has", '&t=x')
            for qw(fixed path issuer named);

        for my $way (qw(tls tls_issuer)) {
            my $login = becomes(name($way, $host), $idp,
                                "$host:" . $t->port('tls'),
                                "$way $host$has");
            is($login && lc $idp->header($login, 'X-SNI'), lc $host =~ s/\.$//r,
               "$way $host$has: SNI");
        }

        if ($six) {
            becomes(name($_, $host), $six, "$host:" . $t->port('six'),
                    "$_ $host$has") for qw(six six_named);
        }

        next unless $with;

        becomes('host', $idp, "$host:$port", "variables $host", "&h=$host");
        becomes('six_host', $six, "$host:" . $t->port('six'),
                "variables $host by [::1]", "&h=$host") if $six;
    }

    becomes('document', $idp, "idp.localhost:$port", "login_json$has");

    $evil->clear;
    like($t->get('/p/upstream?s=x')->status, qr/^50/,
         'localhost is no upstream{}')
        unless IO::Socket::IP->new(PeerAddr => 'localhost:80');
    like($t->get('/p/port?s=x')->status, qr/^50/, 'nobody is at this port');
    is($evil->count, 0, 'and nobody else gets the secret');
}

is(scalar(grep { /localhost\.?$/i } $dns->queries), 0, 'nobody was asked');


####  what is not this machine

ok($t->reload(config($resolver, %providers)), 'again with a resolver');

for my $host (@others[0 .. 4]) {
    $evil->clear;
    is($t->get("/p/host?s=x&h=$host")->status, 200, "$host is another");
    is($evil->count, 1, 'which is asked for');
}

becomes('allowed', $evil, "localhost.test:$port", 'localhost.test, allowed');

for my $host (@others) {
    my ($code, $out) = $t->check(config($resolver, x =>
        "token_endpoint http://$host/;"));
    is($code, 1, "nginx -t: http to $host");
    like($out, qr/clear text/, 'needs allow_http');
}

# a way in for clients, where they may choose the host

for my $host (qw(oauthcc_localhost OAUTHCC_localhost)) {
    $_->clear for $idp, $evil;
    is($t->get("/any?h=$host")->status, 500, "$host is nothing for clients");
    is($idp->count + $evil->count, 0, 'and leads nowhere');
}

$t->done;
