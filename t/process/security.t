#!/usr/bin/perl

# Tests for what docs/security.md says and no other test shows: in whose
# memory a token is, what is in a log of debugging, and what an upstream can
# make of its answers.  Who reads that page believes it.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Docs;

my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $evil = $t->upstream('evil');

my $secret = $t->secret('a-s3cret-of-the-gateway');

$t->certificate('idp.test');
$t->openssl('req -new -key idp.test.key -subj /CN=idp.test '
            . '-addext subjectAltName=IP:127.0.0.1 -out ended.csr');
$t->openssl('x509 -req -in ended.csr -signkey idp.test.key '
            . '-copy_extensions copy ' . $t->over . ' -out ended.crt');

# the log of debugging is none of those that are looked through at the end

$t->run(<<"CONF");
%%GLOBALS%%
error_log %%PREFIX%%/debug.log debug;

http {
    %%HTTP%%
    client_header_buffer_size 1k;

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret $secret;
        auth_method client_secret_post;
        error_log %%PREFIX%%/debug.log debug;
    }

    oauthcc_provider other {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/other;
        client_id gateway;
        client_secret $secret;
    }

    oauthcc_provider ended {
        token_endpoint https://127.0.0.1:%%PORT_tls%%/ended;
        client_id gateway;
        client_secret $secret;
        proxy_ssl_trusted_certificate %%PREFIX%%/ended.crt;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;

        location /crm   { oauthcc crm;   proxy_pass http://api; }
        location /ended { oauthcc ended; proxy_pass http://api; }
        location /evil  { oauthcc crm;   proxy_pass http://evil; }
        location /deaf  { oauthcc crm;   proxy_pass http://evil;
                          proxy_ignore_headers X-Accel-Redirect; }
        location /other { oauthcc other; proxy_pass http://api; }
        location = /status { oauthcc_status control; }
    }

    server {
        listen 127.0.0.1:%%PORT_tls%% ssl;
        ssl_certificate %%PREFIX%%/ended.crt;
        ssl_certificate_key %%PREFIX%%/idp.test.key;
        location / { proxy_pass http://127.0.0.1:%%PORT_idp%%; }
    }

    upstream api  { server 127.0.0.1:%%PORT_api%%; }
    upstream evil { server 127.0.0.1:%%PORT_evil%%; }
}
CONF

####  memory

# how often a text is in what a process can write to: in memory of its own, or
# in that which it shares
sub in_memory ($pid, $kind, $text) {
    no warnings 'portable';              # addresses have more than 32 bits

    open my $maps, '<', "/proc/$pid/maps" or die "/proc/$pid/maps: $!";
    open my $mem, '<:raw', "/proc/$pid/mem" or die "/proc/$pid/mem: $!";

    my $n = 0;

    while (<$maps>) {
        my ($from, $to) = /^([0-9a-f]+)-([0-9a-f]+) rw-$kind/ or next;

        sysseek $mem, hex $from, 0 or next;
        sysread $mem, my $bytes, hex($to) - hex($from) or next;
        $n += () = $bytes =~ /\Q$text/g;
    }

    return $n;
}

is($t->get('/crm')->status, 200, 'a login');

my ($token) = $idp->tokens;
my ($worker) = $t->workers;
my $master = $t->master;

my $purge = sub {
    is($t->request(POST => '/status', body => 'action=purge&provider=crm',
                   headers => [ 'X-Requested-With' => 'test',
                                'Content-Type' =>
                                    'application/x-www-form-urlencoded' ]
                  )->status, 200, 'the token is dropped');
};

SKIP: {
    skip 'processes cannot be looked into, or are those of a checker', 8
        if $ENV{TEST_NGINX_REPORTS}
           || !eval { in_memory($worker, 'p', $token); 1 };

    cmp_ok(in_memory($worker, 's', $token), '>', 0,
           'a token is in the zone');
    cmp_ok(in_memory($worker, 'p', $token), '>', 0,
           'and in the memory of a worker that has used it');
    is(in_memory($master, 'p', $token), 0, 'but not in that of the master');
    cmp_ok(in_memory($master, 'p', $secret), '>', 0,
           'a secret is in that of the master');
    cmp_ok(in_memory($worker, 'p', $secret), '>', 0, 'and of the worker');
    is(in_memory($worker, 's', $secret), 0, 'but not in the zone');

    $purge->();
    is(in_memory($worker, 's', $token), 0, 'nothing of it is left in the zone');
}

####  the log at the level "debug"

$purge->();
is($t->get('/crm')->status, 200, 'another login');
isnt(($idp->tokens)[-1], $token, 'is one');
($token) = reverse $idp->tokens;

my $log = $t->read_file('debug.log');
my @ours = grep { /\[debug\].*\boauthcc\b/ } split /\n/, $log;

# that of an nginx without --with-debug has no such lines

SKIP: {
    skip 'nginx has no log of debugging', 3 unless $log =~ /\[debug\]/;

    ok(scalar @ours, 'the module writes to it');
    is(scalar(grep { /\Q$token\E|\Q$secret\E/ } @ours), 0, 'no secret');
    like($log, qr/Authorization: Bearer \Q$token/i, 'but nginx does');
}

####  TLS

$idp->clear;
is($t->get('/ended')->status, 502, 'a certificate that has expired');
is($idp->logins, 0, 'gets no secret');
ok($t->log_lines(qr/certificate has expired.*"ended"/), 'and the log says so');

####  an evil upstream

is($t->get('/other')->status, 200, 'another provider');

my ($others) = ($idp->tokens)[-1];

$evil->answer({ headers => [ 'X-Accel-Redirect' => '/other' ] });
$_->clear for $api, $evil;

is($t->get('/evil')->status, 200, 'X-Accel-Redirect');
is_deeply([ $api->header($api->last_request // {}, 'Authorization') ],
          [ "Bearer $others" ], 'asks the other API, with the token for that');
is_deeply([ $api->header($evil->last_request // {}, 'Authorization') ],
          [ "Bearer $token" ], 'and has itself its own');

$api->clear;
is($t->get('/deaf')->status, 200, 'with proxy_ignore_headers');
is($api->count, 0, 'it does not');

####  what the documentation names

my %page = Test::OAuthCC::Docs::pages();
my @named = map { m{\b(t/[\w/]+\.(?:t|pm))\b}g } values %page;

cmp_ok(scalar @named, '>', 20, 'it names tests');
is_deeply([ grep { !-e "$FindBin::Bin/../../$_" } @named ], [],
          'which are there');

$t->done;
