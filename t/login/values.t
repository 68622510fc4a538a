#!/usr/bin/perl

# Tests for values in files and in the environment: a secret that loses a
# character, or is gone after a reload or a binary upgrade, stops every login.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

use MIME::Base64;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my $long = join '', map { chr(97 + $_ % 26) } 1 .. 5000;
my $env = 's3cret-env-$x';

$t->write_file('secret/newline', "s3cret-newline\n");
$t->write_file('secret/crlf', "s3cret-crlf\r\n");
$t->write_file('secret/two', "s3cret-two\n\n");
$t->write_file('secret/none', 's3cret-none');
$t->write_file('secret/space', " s3cret-space \n");
$t->write_file('secret/long', "$long\n");
$t->write_file('secret/id', "gateway-of-file\n");
$t->write_file('secret/quoted', qq("s3cret;quoted"\n));

# name, directives, id, secret

my @cases = (
    [ 'newline', 'file:%%PREFIX%%/secret/newline', 's3cret-newline' ],
    [ 'crlf', 'file:%%PREFIX%%/secret/crlf', 's3cret-crlf' ],
    [ 'two', 'file:%%PREFIX%%/secret/two', "s3cret-two\n" ],
    [ 'none', 'file:%%PREFIX%%/secret/none', 's3cret-none' ],
    [ 'space', 'file:%%PREFIX%%/secret/space', ' s3cret-space ' ],
    [ 'long', 'file:%%PREFIX%%/secret/long', $long ],
    [ 'quoted', 'file:%%PREFIX%%/secret/quoted', '"s3cret;quoted"' ],
    [ 'relative', 'file:secret/none', 's3cret-none' ],
    [ 'env', 'env:OAUTHCC_SECRET', $env ],
    [ 'literal', 'literal:file:s3cret', 'file:s3cret' ],
    [ 'literal2', 'literal:literal:x', 'literal:x' ],
    [ 'dollar', q('$uri$s3cret'), '$uri$s3cret' ],
);

my $providers = join "\n", map { <<"CONF" } @cases;
    oauthcc_provider $_->[0] {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_->[0];
        client_id file:%%PREFIX%%/secret/id;
        client_secret $_->[1];
        basic_encoding raw;
    }
CONF

my $config = <<"CONF";
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    %%SERVER%%
}
CONF

$t->secret(map { $_->[2] } grep { length $_->[2] > 10 } @cases);
$t->run($config, OAUTHCC_SECRET => $env);

my $sent = sub {
    my ($basic) = $idp->header($idp->last_request // {}, 'Authorization')
        =~ /^Basic (.*)/ or return;
    return decode_base64($basic);
};

for my $case (@cases) {
    my ($name, undef, $secret) = @$case;

    is($t->get("/$name")->status, 200, "$name: status");
    is($sent->(), "gateway-of-file:$secret", "$name: value");
}

is($idp->logins, @cases, 'one login each');

####  a secret that changed

$idp->clear;
$t->write_file('secret/newline', $t->secret('s3cret-rotated') . "\n");
ok($t->reload($config . "# reloaded\n"), 'reload');
is($t->get('/env')->status, 200, 'an environment variable is still there');
is($idp->logins, 0, 'and costs no login');

####  a new process gets the environment too

ok($t->upgrade, 'binary upgrade');
is($t->get('/env')->status, 200, 'the new binary logs in');
is($sent->(), "gateway-of-file:$env", 'with the variable');
is($t->get('/newline')->status, 200, 'and with a secret that changed');
is($sent->(), 'gateway-of-file:s3cret-rotated', 'as it is now');

ok($t->reload, 'a reload of the new binary');
is($t->get('/env')->status, 200, 'and it still serves');

$t->done;
