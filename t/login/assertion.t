#!/usr/bin/perl

# Tests of what a login with an assertion looks like: the form, the claims, and
# the signature, which the openssl command verifies; and of what happens when
# keys, certificates and assertions change under the gateway.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use List::Util qw(uniq);
use MIME::Base64 qw(encode_base64url decode_base64url);
use POSIX qw(strftime);
use Test::More;
use Test::OAuthCC;

# the clock of the other one is some milliseconds late
use Time::HiRes qw(time);

# each worker reads for itself
my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $prefix = $t->prefix;

my $ec = '-algorithm EC -pkeyopt ec_paramgen_curve';

my %keys = (
    rsa => '-algorithm RSA -pkeyopt rsa_keygen_bits:2048',
    pss => '-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048',
    p256 => "$ec:P-256", p384 => "$ec:P-384", p521 => "$ec:P-521",
    ed25519 => '-algorithm ED25519', ed448 => '-algorithm ED448',
    new => "$ec:P-256", p256two => "$ec:P-256",
);

for my $name (sort keys %keys) {
    $t->openssl("genpkey $keys{$name} -out $name.pem");
    $t->openssl("pkey -in $name.pem -pubout -out $name.pub");
    $t->openssl("req -x509 -key $name.pem -subj /CN=$name -days 2 "
                . "-out $name.crt") if $name =~ /^(?:rsa|p256|new)/;
}

$t->openssl('pkey -in rsa.pem -aes256 -passout pass:key-passw0rd '
            . '-out locked.pem');
$t->secret(qw(key-passw0rd user-passw0rd));

$t->write_file('jwt', $t->secret('eyJ.first-assertion.x-y_z') . "\n");
$t->write_file('secret', $t->secret('the-first-secret-with-its-32-bytes')
               . "\n");
$t->write_file('user', "joe\n");
$t->write_file('user-password', "user-passw0rd\n");
$t->write_file('pass', "key-passw0rd\n");

sub copy ($from, $to) { $t->write_file($to, $t->read_file($from)) }

copy('locked.pem', 'lock.pem');
copy('pass', 'lock.pass');
copy('p256.pem', 'rotated.pem');
copy('p256.crt', 'rotated.crt');
copy('p256.pem', 'in.pem');
copy('p256.crt', 'in.crt');
copy('user', 'in.user');
copy('user-password', 'in.pass');
copy('jwt', 'jwt-path');
copy('p256.pem', 'gone.pem');
copy('p256.pem', 'both.pem');
copy('p256.crt', 'both.crt');

my $key = 'client_id gateway; auth_method private_key_jwt; assertion_key';
my $jwt = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

my $user = 'client_id gateway; client_secret s; grant_type password;';

# name, directives, algorithm, key

my @keys = (
    [ 'rsa', "$key rsa.pem;", 'RS256', 'rsa' ],
    (map { [ "rsa_$_", "$key rsa.pem; assertion_alg $_;", $_, 'rsa' ] }
        qw(RS384 RS512 PS256 PS384 PS512)),
    [ 'pss', "$key pss.pem;", 'PS256', 'pss' ],
    [ 'p256', "$key file:p256.pem;", 'ES256', 'p256' ],
    [ 'p384', "$key $prefix/p384.pem;", 'ES384', 'p384' ],
    [ 'p521', "$key file:$prefix/p521.pem;", 'ES512', 'p521' ],
    [ 'ed25519', "$key ed25519.pem;", 'EdDSA', 'ed25519' ],
    [ 'ed448', "$key ed448.pem;", 'EdDSA', 'ed448' ],
    [ 'locked', "$key locked.pem; assertion_key_password key-passw0rd;",
      'RS256', 'rsa' ],
    [ 'locked_file', "$key locked.pem; assertion_key_password file:pass;",
      'RS256', 'rsa' ],
);

# BoringSSL knows fewer kinds of keys
@keys = grep { $_->[0] !~ /^(?:pss|ed448)$/ } @keys
    if `$t->{nginx} -V 2>&1` =~ /BoringSSL/;

my @others = (
    [ 'kid', "$key rsa.pem; assertion_kid 'key \"1\"';" ],
    [ 'x5t', "$key rsa.pem; assertion_certificate file:rsa.crt;" ],
    [ 'kid_x5t', "$key rsa.pem; assertion_kid k; assertion_certificate
                  rsa.crt;" ],
    [ 'lifetime', "$key rsa.pem; assertion_lifetime 5m;" ],
    [ 'audience', "$key rsa.pem; assertion_audience urn:someone;" ],
    [ 'odd_id', "client_id 'gate:way%41+/&=?\"'; auth_method private_key_jwt;
                 assertion_key rsa.pem; scope 'a b'; param x y;" ],
    [ 'secret', 'client_id gateway; auth_method client_secret_jwt;
                 client_secret file:secret;' ],
    [ 'file', 'client_assertion file:jwt;' ],
    [ 'file_id', 'client_assertion file:jwt; client_id gateway;
                  client_assertion_type urn:example:svid;' ],
    [ 'password', 'client_id gateway; client_secret s; auth_method
                   client_secret_post; grant_type password;
                   username file:user; password file:user-password;' ],
    [ 'exchange', 'client_id gateway; client_secret s; grant_type
                   urn:ietf:params:oauth:grant-type:token-exchange;
                   param subject_token tok;' ],
    [ 'exchange_typed', 'client_id gateway; client_secret s; grant_type
                   urn:ietf:params:oauth:grant-type:token-exchange;
                   subject_token_type urn:example:saml;
                   param subject_token tok;' ],
    [ 'rotated', "$key rotated.pem; assertion_certificate rotated.crt;" ],
    [ 'gone', "$key gone.pem;" ],
    [ 'both', "$key both.pem; assertion_certificate both.crt;" ],
    [ 'refused', "$key gone.pem; backoff 30s 30s;" ],
    [ 'relocked', "$key lock.pem; assertion_key_password file:lock.pass;" ],

    (map { [ $_, "$key p256.pem; backoff 10ms 10ms;" ] }
         qw(ahead behind late none strange server)),
    [ 'ahead_ready', 'client_assertion file:jwt; backoff 10ms 10ms;' ],
    [ 'ahead_secret', 'client_id gateway; client_secret s;
                       backoff 10ms 10ms;' ],

    # for reloads: what names a file, and what is in it
    [ 'file_path', 'client_assertion file:jwt-path;' ],
    [ 'user', "$user username joe; password user-passw0rd;" ],
    [ 'user_path', "$user username joe; password file:user-password;" ],
    [ 'in_key', "$key in.pem;" ],
    [ 'in_certificate', "$key p256.pem; assertion_certificate in.crt;" ],
    [ 'in_user', "$user username file:in.user; password user-passw0rd;" ],
    [ 'in_password', "$user username joe; password file:in.pass;" ],
);

my $providers = join "\n", map { <<"CONF" } @keys, @others;
    oauthcc_provider $_->[0] {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_->[0]?a=b;
        $_->[1]
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

$t->run($config);

my $endpoint = sub ($name) {
    return $t->fill("http://127.0.0.1:%%PORT_idp%%/$name?a=b");
};


# the form of the last login, as a hash of decoded values
sub form () {
    my $body = ($idp->last_request // {})->{body} // '';
    my @pairs = map { s/%(..)/chr hex $1/ger }
                map { /^([^=]*)=(.*)/ } split /&/, $body;

    is(uniq(@pairs[ grep { !($_ % 2) } 0 .. $#pairs ]), @pairs / 2,
       'no parameter is there twice');
    return { @pairs };
}


# header and claims of an assertion, what is signed, and the signature
sub parts ($jwt) {
    my ($text, $signature) = ($jwt // '') =~ /^([\w-]+\.[\w-]+)\.([\w-]+)$/
        or return ({}, {}, '', '');

    return (map({ JSON::PP::decode_json(decode_base64url($_)) }
                split /\./, $text),
            $text, decode_base64url($signature));
}


# a positive integer in DER
sub integer ($bytes) {
    $bytes =~ s/^\0+//;
    $bytes = "\0$bytes" if ord $bytes > 127;
    return pack 'CC/a', 2, $bytes;
}


# what the openssl command says of a signature
sub verified ($alg, $key, $text, $signature) {
    my ($family, $bits) = $alg =~ /^(..)(\d+)/;

    if ($alg =~ /^ES/) {
        my $half = length($signature) / 2;
        my $der = integer(substr $signature, 0, $half)
                  . integer(substr $signature, $half);

        $signature = "\x30" . (length $der > 127 ? "\x81" : '')
                     . pack 'C/a', $der;
    }

    # not by write_file(), which fills in what looks like a port
    for ([ 'signed', $text ], [ 'signature', $signature ]) {
        open my $fh, '>:raw', "$prefix/$_->[0]" or die;
        print $fh $_->[1];
        close $fh;
    }

    my $command = $alg eq 'EdDSA'
        ? "pkeyutl -verify -pubin -inkey $key.pub -rawin -in signed "
          . '-sigfile signature'
        : "dgst -sha$bits -verify $key.pub "
          . ($family eq 'PS' ? '-sigopt rsa_padding_mode:pss '
                               . '-sigopt rsa_pss_saltlen:digest ' : '')
          . '-signature signature signed';

    return `cd $prefix && openssl $command 2>&1` =~ s/\n.*//sr;
}

my $good = qr/^(?:Verified OK|Signature Verified Successfully)$/;

####  keys

for my $case (@keys) {
    my ($name, undef, $alg, $file) = @$case;

    my $before = int time;
    is($t->get("/$name")->status, 200, "$name: status");
    my $after = int time;

    my $form = form();
    my ($header, $claims, $text, $signature)
        = parts(delete $form->{client_assertion});

    is_deeply($form, { grant_type => 'client_credentials',
                       client_id => 'gateway',
                       client_assertion_type => $jwt }, "$name: the form");
    is_deeply($header, { alg => $alg, typ => 'JWT' }, "$name: header");

    my ($iat, $jti) = delete @{$claims}{qw(iat jti)};

    cmp_ok($iat, '>=', $before - 5, "$name: dated back by no more than 5 s");
    cmp_ok($iat, '<=', $after - 5, "$name: nor less");
    like($jti, qr/^[\w-]{22}$/, "$name: jti");
    is_deeply($claims, { iss => 'gateway', sub => 'gateway', nbf => $iat,
                         exp => $iat + 60, aud => $endpoint->($name) },
              "$name: claims");

    like(verified($alg, $file, $text, $signature), $good,
         "$name: signature");
    unlike(verified($alg, $file, "$text.", $signature), $good,
           "$name: of nothing else");
    ok(!$idp->header($idp->last_request, 'Authorization'),
       "$name: nothing in the header");
}

####  other members

$t->get('/kid');
is_deeply((parts(form()->{client_assertion}))[0],
          { alg => 'RS256', typ => 'JWT', kid => 'key "1"' }, 'kid');

my $thumbprint = sub ($name, $hash = 'sha256') {
    my ($hex) = $t->openssl("x509 -in $name -noout -fingerprint -$hash")
                =~ /=(.*)/;
    return encode_base64url(pack 'H*', $hex =~ tr/://dr);
};

$t->get('/x5t');
is_deeply((parts(form()->{client_assertion}))[0],
          { alg => 'RS256', typ => 'JWT',
            'x5t#S256' => $thumbprint->('rsa.crt'),
            x5t => $thumbprint->('rsa.crt', 'sha1') }, 'x5t#S256 and x5t');

$t->get('/kid_x5t');
is_deeply((parts(form()->{client_assertion}))[0],
          { alg => 'RS256', typ => 'JWT', kid => 'k',
            'x5t#S256' => $thumbprint->('rsa.crt'),
            x5t => $thumbprint->('rsa.crt', 'sha1') }, 'with kid');

$t->get('/lifetime');
my $lasting = (parts(form()->{client_assertion}))[1];
is($lasting->{exp} - $lasting->{iat}, 300, 'assertion_lifetime');

$t->get('/audience');
is((parts(form()->{client_assertion}))[1]{aud}, 'urn:someone', 'audience');

$t->get('/odd_id');
my $form = form();
is_deeply([ @{$form}{qw(client_id scope x)} ],
          [ 'gate:way%41+/&=?"', 'a b', 'y' ], 'an odd id');
is((parts($form->{client_assertion}))[1]{$_}, 'gate:way%41+/&=?"', $_)
    for 'iss', 'sub';

####  a secret that signs

sub hmac ($secret) {
    my $form = form();
    my ($header, undef, $text, $signature)
        = parts(delete $form->{client_assertion});

    is($header->{alg}, 'HS256', 'HS256');
    ok(!exists $form->{client_secret}, 'the secret itself is not sent');

    open my $fh, '>:raw', "$prefix/signed" or die;
    print $fh $text;
    close $fh;

    # the command shows the key to who lists processes: for a test only
    my ($hex) = $t->openssl("dgst -sha256 -mac HMAC -macopt key:$secret signed")
                =~ /= (\w+)/;
    is(unpack('H*', $signature), $hex, 'signed with this secret');
}

$idp->answer('/secret', { json => { expires_in => 1 } });
is($t->get('/secret')->status, 200, 'a secret');
hmac('the-first-secret-with-its-32-bytes');

####  the assertion of others

$idp->answer("/$_", { json => { expires_in => 1 } })
    for qw(file rotated gone both password relocked);

is($t->get('/file')->status, 200, 'client_assertion');
is_deeply(form(), { grant_type => 'client_credentials',
                    client_assertion_type => $jwt,
                    client_assertion => 'eyJ.first-assertion.x-y_z' },
          'and no client_id');

is($t->get('/file_id')->status, 200, 'with another type');
is_deeply(form(), { grant_type => 'client_credentials', client_id => 'gateway',
                    client_assertion_type => 'urn:example:svid',
                    client_assertion => 'eyJ.first-assertion.x-y_z' },
          'and client_id');

####  other grants

is($t->get('/password')->status, 200, 'grant_type password');
is_deeply(form(), { grant_type => 'password', client_id => 'gateway',
                    client_secret => 's', username => 'joe',
                    password => 'user-passw0rd' }, 'user and password');

is($t->get('/exchange')->status, 200, 'another grant');
is_deeply(form(), { grant_type => 'urn:ietf:params:oauth:grant-type:'
                                  . 'token-exchange',
                    subject_token => 'tok', subject_token_type =>
                        'urn:ietf:params:oauth:token-type:access_token' },
          'with its parameters');

is($t->get('/exchange_typed')->status, 200, 'another type');
is(form()->{subject_token_type}, 'urn:example:saml', 'as configured');

####  clocks that differ

# what the log says of them, for a server whose clock is so many seconds ahead
sub clocks ($name, $seconds, $date = undef, %answer) {
    $date //= strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime time + $seconds);

    $idp->answer("/$name", { status => 401, body => '{"error":"invalid_client"}',
                             headers => [ Date => $date ], %answer });
    my $logins = $idp->logins;
    ok($t->wait_for(sub { $t->get("/$name")->status =~ /^50[23]$/
                          && $idp->logins > $logins }),
       "$name, $seconds s: refused");

    return map { /the clock of this host is (\d+) seconds (\w+)/ }
           $t->log_lines(qr/\[warn\].*the clock of this host.*"$name"/);
}

is_deeply([ clocks('none', $_) ], [], 'a clock that is nearly right')
    for 0, -4, 4;

my ($by, $where) = clocks('ahead', -60);
is($where, 'ahead', 'this clock is ahead');
cmp_ok(abs($by - 60), '<=', 2, 'by so many seconds');

($by, $where) = clocks('behind', 3600);
is($where, 'behind', 'this clock is behind');
cmp_ok(abs($by - 3600), '<=', 2, 'by so many seconds');

is_deeply([ clocks('strange', 0, $_) ], [], "no date: $_")
    for '', 'yesterday', 'Thu, 01 Jan 2026';

is_deeply([ clocks('server', -60, undef, status => 503, body => '') ], [],
          'a server that is down has refused no JWT');
is_deeply([ clocks("ahead_$_", -60) ], [], 'nor is one of others our clock\'s')
    for qw(ready secret);

# a response that is a long time under way was written in between
is_deeply([ clocks('late', 2, undef, delay => 3) ], [], 'a slow server');

####  what changes

# a login after a change
sub again ($name) {
    $idp->clear;
    ok($t->wait_for(sub { $t->get("/$name")->status == 200 && $idp->logins }),
       "$name: logs in again");
}

sub signer ($file, $alg = 'ES256') {
    my ($header, undef, $text, $signature) = parts(form()->{client_assertion});
    like(verified($alg, $file, $text, $signature), $good, "signed by $file");
    return $header;
}

$t->write_file('secret', $t->secret('another-secret-with-its-32-bytes-x')
               . "\n");
again('secret');
hmac('another-secret-with-its-32-bytes-x');

$t->write_file('jwt', $t->secret('eyJ.second-assertion.x-y_z') . "\n");
again('file');
is(form()->{client_assertion}, 'eyJ.second-assertion.x-y_z',
   'the assertion that is there now');

$t->write_file('user-password', $t->secret('second-user-passw0rd') . "\n");
again('password');
is(form()->{password}, 'second-user-passw0rd', 'the password too');

$t->write_file('user', "jane\n");
again('password');
is(form()->{username}, 'jane', 'and who it is');

# a key and its password: one without the other is of no use

is($t->get('/relocked')->status, 200, 'an encrypted key');
signer('rsa', 'RS256');

$t->openssl('pkey -in p256.pem -aes256 -passout pass:'
            . $t->secret('second-key-passw0rd') . ' -out lock.pem');
again('relocked');
signer('rsa', 'RS256');
is($t->log_lines(qr/\[error\].*lock\.pem" cannot be decrypted.*"relocked"/), 1,
   'with another password: the one before it stays');

$t->write_file('lock.pass', "second-key-passw0rd\n");
again('relocked');
signer('p256');

# a key that is gone, unreadable, or none

$t->get('/gone');
signer('p256');

rename "$prefix/gone.pem", "$prefix/gone.old";
again('gone');
signer('p256');
again('gone');
is($t->log_lines(qr/\[error\].*gone\.pem" failed.*No such file.*stays in use/),
   1, 'a key that is gone: one error');

mkdir "$prefix/gone.pem";
again('gone');
signer('p256');
is($t->log_lines(qr/gone\.pem" is not a regular file/), 0,
   'which is not repeated for another reason');
rmdir "$prefix/gone.pem";

$t->write_file('gone.pem', "no key at all\n");
again('gone');
signer('p256');
again('gone');
is($t->log_lines(qr/\[error\].*no private key.*stays in use.*"gone"/), 1,
   'a file that holds no key: an error');

copy('p384.pem', 'gone.pem');
again('gone');
is(signer('p384', 'ES384')->{alg}, 'ES384', 'another kind of key');

# with a certificate: they are replaced one after the other

$t->get('/rotated');
is(signer('p256')->{'x5t#S256'}, $thumbprint->('p256.crt'), 'its thumbprint');

copy('new.pem', 'rotated.pem');
again('rotated');
is(signer('p256')->{'x5t#S256'}, $thumbprint->('p256.crt'),
   'a new key without its certificate is not used');
is($t->log_lines(qr/\[error\].*rotated\.crt".*another key.*in use.*"rotated"/),
   1, 'the log says why');

copy('new.crt', 'rotated.crt');
again('rotated');
is(signer('new')->{'x5t#S256'}, $thumbprint->('new.crt'), 'both are used');

$t->openssl('req -new -key p256.pem -subj /CN=ended -out ended.csr');
$t->openssl('x509 -req -in ended.csr -signkey p256.pem '
            . $t->over . ' -out ended.crt');
copy('p256.pem', 'both.pem');
$t->get('/both');
copy('ended.crt', 'both.crt');
again('both');
is(signer('p256')->{'x5t#S256'}, $thumbprint->('ended.crt'),
   'a certificate that has expired');
is($t->log_lines(qr/\[warn\].*both\.crt" has expired.*"both"/), 1,
   'is a warning');

####  a key that the server refuses

$idp->answer('/refused', { status => 401,
                           body => '{"error":"invalid_client"}' });
copy('p256.pem', 'gone.pem');

is($t->get('/refused')->status, 502, 'a key is refused');
is($t->get('/refused')->status, 503, 'the next request is told to wait');

$idp->clear;
$idp->answer('/refused', {});
copy('p256two.pem', 'gone.pem');

ok($t->wait_for(sub { $t->get('/refused')->status == 200 }, 3),
   'until there is another one');
signer('p256two');
is($idp->logins, 1, 'by one login');

####  each login has an assertion of its own

my %jti;

for (1 .. 3) {
    again('gone');
    $jti{ (parts(form()->{client_assertion}))[1]{jti} } = 1;
}

is(keys %jti, 3, 'jti');

####  reload: what is another provider

my @in = qw(in_key in_certificate in_user in_password);

# the path of a file counts, not what is in it
copy('p384.pem', 'p384-again.pem');

$config =~ s/(assertion_alg )RS384/${1}RS256/;
$config =~ s/(assertion_kid )'key "1"'/${1}other/;
$config =~ s/(assertion_audience )urn:someone/${1}urn:other/;
$config =~ s/\bp384\.pem/p384-again.pem/;
$config =~ s/(client_assertion_type urn:example:)svid/${1}other/;
$config =~ s/(grant-type:)token-exchange/${1}other/;
$config =~ s/(assertion_key_password )key-passw0rd/$1"key-passw0rd"/;

copy('pass', 'pass-again');
copy('rsa.crt', 'rsa-again.crt');
copy('jwt-path', 'jwt-path-again');
copy('user-password', 'user-password-again');

$config =~ s/(assertion_key_password file:pass);/$1-again;/;
$config =~ s/(assertion_certificate file:rsa)\.crt;/$1-again.crt;/;
$config =~ s/(client_assertion file:jwt-path);/$1-again;/;
$config =~ s/(username )joe(; password user-passw0rd;)/${1}jane$2/;
$config =~ s/(username joe; password file:user-password);/$1-again;/;

is($t->get("/$_")->status, 200, "$_: a token")
    for qw(file_path user user_path), @in;

ok($t->reload($config), 'reload');
$idp->clear;

my @new = qw(rsa_RS384 kid audience p384 file_id exchange locked_file x5t
             file_path user user_path);
my @same = (qw(rsa rsa_PS256 p256 p521 ed25519 locked kid_x5t odd_id), @in);

is($t->get("/$_")->status, 200, $_) for @new, @same;

is_deeply([ sort map { $_->{uri} =~ m{^/(\w+)} } $idp->requests ],
          [ sort @new ], 'whoever says something else logs in anew');

####  reload: what is in a file, of the same provider

my $token = sub ($name) {
    return join ',', $t->get("/$name")->seen('Authorization');
};

my %before = map { $_ => $token->($_) } @same;

copy('p256two.pem', 'in.pem');
$t->openssl('req -x509 -key p256.pem -subj /CN=again -days 2 -out in.crt');
$t->write_file('in.user', "jane\n");
$t->write_file('in.pass', $t->secret('in-passw0rd') . "\n");

$idp->clear;
ok($t->reload, 'reload');

is($token->($_), $before{$_}, "$_: keeps its token") for @same;

ok($t->wait_for(sub { $idp->logins >= @in }), 'logins, nobody waits for them');
ok($t->wait_for(sub { $token->($_) ne $before{$_} }), "$_: and has another one")
    for @in;

is_deeply([ sort map { $_->{uri} =~ m{^/(\w+)} } $idp->requests ],
          [ sort @in ], 'for what has changed alone');

$t->done;
