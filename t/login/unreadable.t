#!/usr/bin/perl

# Tests for secrets that root alone may read: the master process reads them at
# the start, worker processes may not.  What was read stays in use, a warning
# says so once, and a reload reads what is there then.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use MIME::Base64 ();
use Test::More;
use Test::OAuthCC;

plan(skip_all => 'for root: others have one user for both') if $> != 0;
plan(skip_all => 'there is no user nobody') unless defined getpwnam 'nobody';

my $group = getgrgid((getpwnam 'nobody')[3]);

my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $prefix = $t->prefix;

mkdir "$prefix/$_" for qw(open closed);
chmod 0700, "$prefix/closed";

sub put ($name, $text) {
    $t->write_file($name, $text);
    chmod 0600, "$prefix/$name";
}

$t->openssl('genpkey -algorithm ED25519 -out one.pem');
$t->openssl('genpkey -algorithm ED25519 -out two.pem');
$t->openssl("pkey -in $_.pem -pubout -out $_.pub") for qw(one two);

put('open/secret', $t->secret('s3cret-number-one') . "\n");
put('closed/secret', $t->secret('closed-s3cret-one') . "\n");
put('open/jwt', $t->secret('eyJ.assertion-one.s') . "\n");
put('open/key.pem', $t->read_file('one.pem'));

my %login = (
    secret => 'client_id gateway; client_secret file:open/secret;
               auth_method client_secret_post;',
    closed => 'client_id gateway; client_secret file:closed/secret;
               auth_method client_secret_post;',
    jwt => 'client_assertion file:open/jwt;',
    key => 'client_id gateway; auth_method private_key_jwt;
            assertion_key open/key.pem;',
);

my $providers = join "\n", map { <<"CONF" } sort keys %login;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        $login{$_}
    }

    server {
        listen 127.0.0.1:%%PORT_$_%%;
        oauthcc $_;
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }
CONF

my $config = $t->fill(<<"CONF");
%%GLOBALS%%
http {
    %%HTTP%%
$providers
}
CONF

$config =~ s/\buser root;/user nobody $group;/
    or die 'no user in the globals';

$idp->answer({ json => { expires_in => 1 } });
$t->run($config);

my $body = sub ($name) {
    $idp->clear;
    ok($t->wait_for(sub { $t->get('/', port => $name)->status == 200
                          && $idp->logins }), "$name: a login");
    return ($idp->last_request // {})->{body};
};

my $signer = sub ($body) {
    my ($text, $signature) = $body =~ /client_assertion=([^&]*)\.([\w-]+)/;

    for ([ 'signed', $text ],
         [ 'signature', MIME::Base64::decode_base64url($signature) ])
    {
        open my $fh, '>:raw', "$prefix/$_->[0]" or die;
        print $fh $_->[1];
        close $fh;
    }

    return join ' ', grep {
        `cd $prefix && openssl pkeyutl -verify -pubin -inkey $_.pub -rawin \\
         -in signed -sigfile signature 2>&1` =~ /Verified Successfully/
    } qw(one two);
};

####  as they were at the start

like($body->('secret'), qr/client_secret=s3cret-number-one$/, 'a secret');
like($body->('closed'), qr/client_secret=closed-s3cret-one$/,
     'one in a closed folder');
like($body->('jwt'), qr/client_assertion=eyJ\.assertion-one\.s$/,
     'an assertion');
is($signer->($body->('key')), 'one', 'a key');

is($t->log_lines(qr/\[warn\].*open\//), 0, 'no warning of what is the same');

####  others, for root alone

put('open/secret', $t->secret('s3cret-number-two') . "\n");
put('closed/secret', $t->secret('closed-s3cret-two') . "\n");
put('open/jwt', $t->secret('eyJ.assertion-two.s') . "\n");
put('open/key.pem', $t->read_file('two.pem'));

for my $round (1, 2) {
    like($body->('secret'), qr/client_secret=s3cret-number-one$/,
         'the secret of the start');
    like($body->('closed'), qr/client_secret=closed-s3cret-one$/,
         'that in the closed folder');
    like($body->('jwt'), qr/client_assertion=eyJ\.assertion-one\.s$/,
         'the assertion');
    is($signer->($body->('key')), 'one', 'the key');
}

for ('open/secret', 'closed/secret', 'open/jwt', 'open/key.pem') {
    my @lines = $t->log_lines(qr/\[warn\].*\Q$_\E" failed/);

    is(@lines, 1, "$_: one warning");
    like("@lines", qr/stays in use/, "$_: what it means");
    like("@lines", qr/\(13: Permission denied\)/, "$_: and why");
}

####  when a worker may read them

chmod 0644, "$prefix/open/$_" for qw(secret jwt key.pem);

like($body->('secret'), qr/client_secret=s3cret-number-two$/,
     'the secret of now');
like($body->('jwt'), qr/client_assertion=eyJ\.assertion-two\.s$/,
     'the assertion');
is($signer->($body->('key')), 'two', 'the key');

####  reload

ok($t->reload, 'a reload');
like($body->('closed'), qr/client_secret=closed-s3cret-two$/,
     'reads as root again');

$t->done;
