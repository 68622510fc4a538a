#!/usr/bin/perl

# Tests that one dead address, or name server, of several costs a login a part
# of its timeout and no more: whoever has authorization servers in two places
# wants to log in while one of them is away.  And that the log says what was
# waited for when time runs out.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use IO::Socket::INET;
use Test::More;
use Test::OAuthCC;

# one worker, which tries all addresses in turn
my $t = Test::OAuthCC->new(workers => 1);
my $port = $t->port('idp');
my $idp = $t->token_endpoint;
my $six = IO::Socket::IP->new(LocalHost => '::1', Listen => 1)
    && $t->token_endpoint('six', listen => "[::1]:$port");
my $api = $t->upstream;
my $dns = $t->resolver;
my $slow = $t->resolver('mute');
my @sockets;

$slow->silent(1);
$t->certificate('idp.test');

# takes connections, and is silent
sub listener ($address, $at, $backlog = 16) {
    my $s = IO::Socket::INET->new(LocalAddr => $address, LocalPort => $at,
                                  Listen => 16, ReuseAddr => 1)
        or die "$address:$at: $!";
    listen $s, $backlog;
    push @sockets, $s;
}

# drops packets, as behind a firewall: its queue is full
sub dead ($address, $at) {
    listener($address, $at, 0);

    push @sockets, map { IO::Socket::INET->new(PeerAddr => $address,
                                               PeerPort => $at,
                                               Blocking => 0) } 1 .. 4;
}

dead('127.0.0.2', $port);
dead('127.0.0.3', $port);
dead('127.0.0.4', $port);
listener('127.0.0.2', $t->port('tls'));

$dns->set('two.test', [ '127.0.0.1', '127.0.0.2' ], 30);
$dns->set('four.test', [ map { "127.0.0.$_" } 1 .. 4 ], 30);
$dns->set('dead.test', '127.0.0.2', 30);
$dns->set('one.test', '127.0.0.1', 1);

my $basic = 'client_id gateway; client_secret s; allow_http on;
             timeout 2s; wait_timeout 5s; backoff 1ms 1ms;';

# name => endpoint, more directives

my %providers = (
    group => [ 'http://group/' ],
    group_late => [ 'http://group/', 'proxy_next_upstream_tries 2;' ],
    tls => [ 'https://group_tls/', 'proxy_ssl_trusted_certificate idp.test.crt;
              proxy_ssl_name idp.test;' ],
    two => [ "http://two.test:$port/" ],
    four => [ "http://four.test:$port/" ],
    jwt => [ 'http://group/', 'auth_method private_key_jwt;
                               assertion_key idp.test.key;' ],
    servers => [ "http://one.test:$port/",
                 'resolver 127.0.0.1:%%PORT_mute%% 127.0.0.1:%%PORT_dns%%
                           ipv6=off;' ],

    # those that have no other
    resolving => [ "http://name.test:$port/",
                   'resolver 127.0.0.1:%%PORT_mute%% ipv6=off;' ],
    mute => [ "http://mute.test:$port/",
              'resolver 127.0.0.1:%%PORT_mute%% 127.0.0.1:%%PORT_mute%%
                        ipv6=off;' ],
    resolving_long => [ "http://name.test:$port/", 'timeout 500ms;
                         resolver_timeout 10s; resolver
                         127.0.0.1:%%PORT_mute%% ipv6=off;' ],
    unknown => [ "http://unknown.test:$port/" ],
    connecting => [ "http://dead.test:$port/" ],
    connecting_ip => [ "http://127.0.0.2:$port/" ],
    connecting_long => [ "http://dead.test:$port/", 'timeout 500ms;
                         proxy_connect_timeout 10s;' ],
    handshake => [ 'https://127.0.0.2:%%PORT_tls%%/' ],
    handshake_long => [ 'https://127.0.0.2:%%PORT_tls%%/', 'timeout 500ms;
                         proxy_connect_timeout 10s;' ],
    waiting => [ "http://one.test:$port/hang", 'timeout 500ms;' ],
    waiting_short => [ "http://127.0.0.1:$port/hang",
                       'proxy_read_timeout 200ms;' ],
    reading => [ "http://one.test:$port/stall", 'timeout 500ms;' ],
    reading_short => [ "http://127.0.0.1:$port/stall",
                       'proxy_read_timeout 200ms;' ],
    refused => [ 'http://127.0.0.1:%%PORT_nobody%%/' ],
);

$providers{ipv6} = [ 'http://group6/' ] if $six;

my $providers = join "\n", map {
    my ($endpoint, $more) = (@{ $providers{$_} }, '');
    my $own = $basic;
    $own =~ s/client_secret s;// if $more =~ /auth_method/;
    $own =~ s/ timeout 2s;// if $more =~ /\btimeout /;

    <<"CONF"
    oauthcc_provider $_ {
        token_endpoint $endpoint;
        $own $more
    }
CONF
} sort keys %providers;

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
    resolver 127.0.0.1:%%PORT_dns%% ipv6=off;

    # meant for APIs
    proxy_connect_timeout 60s; proxy_next_upstream_timeout 100ms;
    resolver_timeout 30s;

    upstream group {
        server 127.0.0.2:$port max_fails=0;
        server 127.0.0.1:$port max_fails=0;
    }

    upstream group6 {
        server 127.0.0.2:$port max_fails=0;
        server [::1]:$port max_fails=0;
    }

    # the first of them takes the connection, and no more
    upstream group_tls {
        server 127.0.0.2:%%PORT_tls%% max_fails=0;
        server 127.0.0.1:%%PORT_tls%% max_fails=0;
    }

    server {
        listen 127.0.0.1:%%PORT_tls%% ssl;
        ssl_certificate idp.test.crt;
        ssl_certificate_key idp.test.key;
        location / { proxy_pass http://127.0.0.1:$port; }
    }
$providers
    map \$uri \$provider {
        ~^/(?<name>[^/]+)\$ \$name;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        proxy_connect_timeout 5s;
        add_header X-Error \$oauthcc_error always;
        oauthcc \$provider param:n=\$arg_n;
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }
}
CONF

####  one of several is dead

for my $name (qw(group group_late tls two four jwt servers),
              $six ? 'ipv6' : ())
{
    my @r = map { $t->get("/$name?n=$_") } 1 .. 4;

    is_deeply([ map { $_->status } @r ], [ (200) x 4 ],
              "$name: every cold login succeeds");
    is_deeply([ grep { $_ > $t->seconds(2) } map { $_->time } @r ], [],
              "$name: within its timeout");
}

cmp_ok(scalar(() = $slow->queries), '>', 0, 'the dead name server was asked too');

####  none is left

$idp->answer('/hang', { hang => 1 });
$idp->answer('/stall', { pieces => 10, pause => 60 });

sub says ($name, $status, $re, $error) {
    my $r = $t->get("/$name");

    is($r->status, $status, "$name: $status");
    is($r->header('X-Error'), $error, "$name: its error");
    ok($t->log_lines(qr/login failed: \Q$error\E$re.*"$name"/),
       "$name: what the log says")
        or diag($t->log_lines(qr/login failed.*"$name"/));
    cmp_ok($r->time, '<', $t->seconds(2.2), "$name: in time");
    return;
}

my $resolving = 'timed out while resolving';
my $connecting = 'timed out while connecting';
my $handshake = 'timed out in the TLS handshake';
my $waiting = 'timed out while waiting for the response';
my $reading = 'timed out while reading the response';
my $tls = $t->port('tls');

says('resolving', 504, qr/ name\.test/, $resolving);
says('resolving_long', 504, qr/ name\.test/, $resolving);
says('mute', 504, qr/ mute\.test/, $resolving);
says('unknown', 502, qr/: unknown\.test/, 'name could not be resolved');
says('connecting', 504, qr/ to 127\.0\.0\.2:$port \(dead\.test\)/,
     $connecting);
says('connecting_long', 504, qr/ to 127\.0\.0\.2:$port \(dead\.test\)/,
     $connecting);
says('connecting_ip', 504, qr/ to 127\.0\.0\.2:$port/, $connecting);
says('handshake', 504, qr/ with 127\.0\.0\.2:$tls/, $handshake);
says('handshake_long', 504, qr/ with 127\.0\.0\.2:$tls/, $handshake);
says('waiting', 504, qr/ of 127\.0\.0\.1:$port \(one\.test\)/, $waiting);
says('waiting_short', 504, qr/ of 127\.0\.0\.1:$port/, $waiting);
says('reading', 504, qr/ of 127\.0\.0\.1:$port \(one\.test\)/, $reading);
says('reading_short', 504, qr/ of 127\.0\.0\.1:$port/, $reading);
says('refused', 502, qr//, 'no response');

is(scalar $t->log_lines(qr/login failed.*name\.test.*"resolving"/), 1,
   'one name server is asked once');

$t->done;
