#!/usr/bin/perl

# Tests for secrets that root alone may read: the master process reads them at
# the start, worker processes may not, which is how it should be.  When one has
# changed, what was read stays in use, an error says so once a minute, and a
# reload reads what is there then.

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
    server {
        listen 127.0.0.1:%%PORT_status%%;
        location / { oauthcc_status; }
    }
}
CONF

$config =~ s/\buser root;/user nobody $group;/
    or die 'no user in the globals';

$idp->answer({ json => { expires_in => 1 } });
my $library = "$prefix/clock.so";

is(system('cc -shared -fPIC -O1 -Wall -Wextra -o ' . $library
          . " $FindBin::Bin/../preload/clock.c"), 0, 'a clock to be set')
    or BAIL_OUT('no compiler');

$t->write_file('ahead', "\0" x 8);

$t->run($config, LD_PRELOAD => $library, CLOCK_AHEAD => "$prefix/ahead",
        ASAN_OPTIONS => join ':', 'verify_asan_link_order=0',
                                  $ENV{ASAN_OPTIONS} // ());

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

my %stale = ('open/secret' => [ 'secret', 'client_secret' ],
             'open/jwt' => [ 'jwt', 'client_assertion' ],
             'open/key.pem' => [ 'key', 'assertion_key' ]);

for (sort keys %stale) {
    my ($name, $directive) = @{ $stale{$_} };
    my @lines = $t->log_lines(qr/\[error\].*\Q$_\E" failed/);

    is(@lines, 1, "$_: one error");
    like("@lines", qr/"$directive"\ directive:\ .*\(13:\ Permission\ denied\),\ what
                      \ was\ read\ before\ stays\ in\ use,\ oauthcc
                      \ provider:\ "$name"/x, "$_: what it means, and why");
}

is($t->log_lines(qr/\[(?:warn|error)\].*closed\//), 0,
   'in a closed folder nobody knows');

my $stale = sub ($name) {
    return $t->get('/?format=prometheus', port => 'status')->body
           =~ /^oauthcc_unreadable_files\{provider="\Q$name\E"\} (\d+)/m ? $1 : 'none';
};

is($stale->($_), $_ eq 'closed' ? 0 : 1, "$_: a metric says how many")
    for sort keys %login;
like($t->get('/?format=html', port => 'status')->body, qr/Unreadable files/, 'the page has it');

# nobody logs in, and it is told all the same

open my $ahead, '+<:raw', "$prefix/ahead" or die "ahead: $!";
syswrite $ahead, pack 'q', 60_000;

for (sort keys %stale) {
    ok($t->wait_log(qr/\[error\].*\Q$_\E" failed/, 2), "$_: after a minute");
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
