#!/usr/bin/perl

# Tests for a secret in a file that changes while nginx runs: the next login
# sends the new one, and a login that failed with the old one is not waited for.
# Secrets are rotated by others, who do not reload nginx.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use MIME::Base64;
use Test::More;
use Test::OAuthCC;

# each worker reads for itself
my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

mkdir $t->prefix . '/secrets';
$t->write_file("secrets/$_", $t->secret("$_-s3cret-one") . "\n")
    for qw(refused renewed linked);

# as Kubernetes does it: the name stays, what it stands for changes
mkdir $t->prefix . "/$_" for qw(data1 data2);
$t->write_file('data1/linked', $t->secret('linked-s3cret-1') . "\n");
$t->write_file('data2/linked', $t->secret('linked-s3cret-2') . "\n");
unlink $t->prefix . '/secrets/linked';
symlink 'data1', $t->prefix . '/data' or die "symlink: $!";

my $config = <<'CONF';
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider refused {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/refused;
        client_id gateway;
        client_secret file:%%PREFIX%%/secrets/refused;
        backoff 30s 30s;
    }

    oauthcc_provider renewed {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/renewed;
        client_id gateway;
        client_secret file:%%PREFIX%%/secrets/renewed;
        auth_method client_secret_post;
    }

    oauthcc_provider linked {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/linked;
        client_id gateway;
        client_secret file:%%PREFIX%%/data/linked;
    }

    server {
        listen 127.0.0.1:%%PORT_http%% reuseport;
        location /refused { oauthcc refused; proxy_pass http://api; }
        location /renewed { oauthcc renewed; proxy_pass http://api; }
        location /linked  { oauthcc linked;  proxy_pass http://api; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

$t->run($config);

my $sent = sub {
    my $login = $idp->last_request // {};
    my ($basic) = ($idp->header($login, 'Authorization') // '')
                  =~ /^Basic (.*)/;

    return $basic ? decode_base64($basic)
                  : ($login->{body} // '') =~ s/.*client_secret=//r;
};

####  a login that the old secret has failed

$idp->answer('/refused', { status => 401,
                           body => '{"error":"invalid_client"}' });

is($t->get('/refused')->status, 502, 'the secret is refused');
is($t->get('/refused')->status, 503, 'the next request is told to wait');

$idp->clear;
$idp->answer('/refused', {});
$t->write_file('secrets/refused', $t->secret('refused-s3cret-two') . "\n");

ok($t->wait_for(sub { $t->get('/refused')->status == 200 }, 3),
   'until there is another one');
is($sent->(), 'gateway:refused-s3cret-two', 'which is sent');
is($idp->logins, 1, 'once');

####  a token that ends

$idp->answer('/renewed', { json => { expires_in => 1 } });

is($t->get('/renewed')->status, 200, 'a token');
is($sent->(), 'renewed-s3cret-one', 'with the secret of the start');

$t->write_file('secrets/renewed', $t->secret('renewed-s3cret-two') . "\n");
$idp->clear;

ok($t->wait_for(sub { $t->get('/renewed')->status == 200 && $idp->logins }),
   'the next token');
is($sent->(), 'renewed-s3cret-two', 'with the new one');

# it goes, or is empty for a moment

$t->write_file('secrets/renewed', "\n");
$idp->clear;
ok($t->wait_for(sub { $t->get('/renewed')->status == 200 && $idp->logins }),
   'with an empty file');
is($sent->(), 'renewed-s3cret-two', 'what was read before stays in use');
ok($t->log_lines(qr/renewed" is empty.*stays in use/), 'and the log says so');

unlink $t->prefix . '/secrets/renewed';
$idp->clear;
ok($t->wait_for(sub { $t->get('/renewed')->status == 200 && $idp->logins }),
   'without a file');
is($sent->(), 'renewed-s3cret-two', 'too');

####  through a link

$idp->answer('/linked', { json => { expires_in => 1 } });
is($t->get('/linked')->status, 200, 'a linked file');
is($sent->(), 'gateway:linked-s3cret-1', 'is read');

symlink 'data2', $t->prefix . '/data.new' or die "symlink: $!";
rename $t->prefix . '/data.new', $t->prefix . '/data' or die "rename: $!";
$idp->clear;

ok($t->wait_for(sub { $t->get('/linked')->status == 200 && $idp->logins }),
   'the link changes');
is($sent->(), 'gateway:linked-s3cret-2', 'and what is sent');

####  a reload after a change: the token is kept, and renewed at once

$t->write_file('secrets/kept', $t->secret('kept-s3cret-one') . "\n");

my $token = sub { return join ',', $t->get('/kept')->seen('Authorization') };

$config =~ s/%%PREFIX%%\/secrets\/renewed/%%PREFIX%%\/secrets\/kept/;
$config =~ s/renewed/kept/g;

ok($t->reload($config), 'another provider');
$idp->clear;

my $first = $token->();
is($sent->(), 'kept-s3cret-one', 'logs in');

ok($t->reload, 'a reload');
is($token->(), $first, 'leaves its token');
ok(!$idp->wait_count(2, 0.3), 'and makes no login');

$t->write_file('secrets/kept', $t->secret('kept-s3cret-two') . "\n");

is($token->(), $first, 'nor does a change of the file');

ok($t->reload, 'a reload after it');
is($token->(), $first, 'no request waits');
ok($idp->wait_count(2), 'for a login');
is($sent->(), 'kept-s3cret-two', 'with the new secret');
ok($t->wait_for(sub { $token->() ne $first }), 'which gives another token');
ok(!$idp->wait_count(3, 0.3), 'once');

$t->done;
