#!/usr/bin/perl

# Tests of the methods that prove who the gateway is without a secret on the
# wire, with a real authorization server, npm's oidc-provider: it verifies the
# signatures and the certificates by itself, and says in its own log why it
# refuses one.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::OidcProvider;
use Test::OAuthCC::RealLogin qw(run let_in);

use JSON::PP ();
use MIME::Base64 ();

my $t = Test::OAuthCC->new(workers => 1);
my $prefix = $t->prefix;

####  keys and certificates

my $ec = '-algorithm EC -pkeyopt ec_paramgen_curve';

my %keys = (
    rsa => '-algorithm RSA -pkeyopt rsa_keygen_bits:2048',
    rsa2 => '-algorithm RSA -pkeyopt rsa_keygen_bits:2048',
    pss => '-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048',
    p256 => "$ec:P-256", p384 => "$ec:P-384", p521 => "$ec:P-521",
    ed => '-algorithm ED25519',
);

Test::OAuthCC::RealLogin::keys($t, %keys);

$t->secret('key-passw0rd');
$t->openssl('pkey -in rsa.pem -aes256 -passout pass:key-passw0rd '
            . '-out locked.pem');
$t->write_file('passw0rd', "key-passw0rd\n");
$t->openssl('req -x509 -key rsa.pem -subj /CN=rsa -days 2 -out rsa.crt');
$t->openssl('req -x509 -key rsa2.pem -subj /CN=rsa2 -days 2 -out rsa2.crt');

# the server, who is self-signed, and two authorities with clients of theirs

$t->certificate($_) for qw(idp.test self.test stranger.test);

for my $ca ('ca', 'ca2') {
    $t->openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                . "-days 2 -subj /CN=$ca -keyout $ca.key -out $ca.crt");
}

for ([ 'client', 'ca' ], [ 'ended', 'ca' ], [ 'foreign', 'ca2' ],
     [ 'other', 'ca' ])
{
    my ($name, $ca) = @$_;
    my $time = $name eq 'ended' ? $t->over : '-days 2';
    my $dns = $name eq 'other' ? 'other.test' : 'gateway.test';

    $t->openssl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                . "-subj /CN=$name -addext subjectAltName=DNS:$dns "
                . "-keyout $name.key -out $name.csr");
    $t->openssl("x509 -req -in $name.csr -CA $ca.crt -CAkey $ca.key "
                . "-copy_extensions copy $time -out $name.crt");
}

# one that changes without a reload: nginx reads those with variables each time

sub current ($name) {
    $t->write_file("current.$_", $t->read_file("$name.$_")) for qw(key crt);
}

current('client');

####  clients

my %more = (
    hmac => { client_secret => 'a-secret-of-no-fewer-than-sixty-four-bytes'
                               . '-that-all-of-the-three-can-sign-with',
              token_endpoint_auth_method => 'client_secret_jwt' },
    (map { $_ => { public => "$prefix/$_.pub",
                   token_endpoint_auth_method => 'private_key_jwt' } }
        qw(rsa p256 p384 p521 ed)),
    fixed => { public => "$prefix/rsa.pub", kid => 'key-1',
               token_endpoint_auth_signing_alg => 'PS256',
               token_endpoint_auth_method => 'private_key_jwt' },
    x5t => { public => "$prefix/rsa.crt",
             token_endpoint_auth_method => 'private_key_jwt' },
    tls => { tls_client_auth_san_dns => 'gateway.test',
             token_endpoint_auth_method => 'tls_client_auth' },
    self => { public => "$prefix/self.test.crt",
              token_endpoint_auth_method => 'self_signed_tls_client_auth' },
);

$more{$_}{client_id} = "gateway-$_" for keys %more;

my $idp = $t->daemon('OidcProvider', 'idp', more => \%more, tls => {
    port => $t->port('tls'), key => "$prefix/idp.test.key",
    cert => "$prefix/idp.test.crt", ca => "$prefix/ca.crt" });
my $api = $t->upstream;

my $key = sub ($name) {
    return "auth_method private_key_jwt; assertion_key $name.pem;";
};

my $tls = sub ($name, $method = 'tls_client_auth') {
    return "auth_method $method; proxy_ssl_certificate $prefix/$name.crt;
            proxy_ssl_certificate_key $prefix/$name.key;";
};

my $self = sub ($name) { return $tls->($name, 'self_signed_tls_client_auth') };

my $hmac = "auth_method client_secret_jwt;
            client_secret $more{hmac}{client_secret};";

# as much as a block can have of what one connection leaves for the next; with a
# certificate nginx -t refuses to keep sessions
my $kept = 'proxy_set_header Connection "";';
my $resumed = "$kept proxy_ssl_session_reuse on;";

# name, client, directives, algorithm; those with TLS have none

my @cases = (
    [ 'hmac', hmac => $hmac, 'HS256' ],
    (map { [ "hmac_$_", hmac => "$hmac assertion_alg $_;", $_ ] }
        qw(HS256 HS384 HS512)),
    [ 'rsa', rsa => $key->('rsa'), 'RS256' ],
    (map { [ "rsa_$_", rsa => $key->('rsa') . "assertion_alg $_;", $_ ] }
        qw(RS256 RS384 RS512 PS256 PS384 PS512)),
    [ 'p256', p256 => $key->('p256'), 'ES256' ],
    [ 'p384', p384 => $key->('p384'), 'ES384' ],
    [ 'p521', p521 => $key->('p521'), 'ES512' ],
    [ 'ed', ed => $key->('ed'), 'EdDSA' ],
    [ 'locked', rsa => $key->('locked')
      . 'assertion_key_password file:passw0rd;', 'RS256' ],
    [ 'kid', fixed => $key->('rsa')
      . 'assertion_kid key-1; assertion_alg PS256;', 'PS256' ],
    [ 'x5t', x5t => $key->('rsa') . 'assertion_certificate rsa.crt;',
      'RS256' ],
    [ 'issuer', rsa => $key->('rsa')
      . 'assertion_audience http://127.0.0.1:%%PORT_idp%%;', 'RS256' ],
    [ 'discovered', rsa => $key->('rsa')
      . 'issuer http://127.0.0.1:%%PORT_idp%%;', 'RS256' ],
    [ 'discovered_audience', rsa => $key->('rsa')
      . 'issuer http://127.0.0.1:%%PORT_idp%%; assertion_audience issuer;',
      'RS256' ],
    [ 'tls', tls => $tls->('client') ],
    [ 'self', self => $self->('self.test') ],
    [ 'variable', tls => $tls->('$current')
      . 'resource https://api.example/short;' ],
);

# name, client, directives, what the server says

my @refused = (
    [ 'wrong_key', rsa => $key->('rsa2'),
      qr/invalid signature|signature verification failed/ ],
    [ 'wrong_secret', hmac => "auth_method client_secret_jwt;
       client_secret another-s3cret-of-more-than-thirty-two-bytes;",
      qr/invalid signature|signature verification failed/ ],
    [ 'unknown_kid', fixed => $key->('rsa')
      . 'assertion_kid key-2; assertion_alg PS256;', qr/key|kid/ ],
    [ 'wrong_alg', fixed => $key->('rsa') . 'assertion_kid key-1;',
      qr/alg mismatch/ ],
    [ 'wrong_certificate', x5t => $key->('rsa2')
      . 'assertion_certificate rsa2.crt;', qr/key|signature/ ],
    [ 'wrong_audience', rsa => $key->('rsa')
      . 'assertion_audience https://login.example/;', qr/audience \(aud\)/ ],
    [ 'wrong_method', tls => $key->('rsa'), qr/does not match the registered/ ],
    [ 'ended', tls => $tls->('ended'), qr/certificate was not verified/ ],
    [ 'foreign', tls => $tls->('foreign'), qr/certificate was not verified/ ],
    [ 'other', tls => $tls->('other'), qr/subject value does not match/ ],
    [ 'stranger', self => $self->('stranger.test'),
      qr/unregistered client certificate/ ],

    # after those that were let in, and whose connections are kept
    [ 'none_tls', tls => "auth_method none; $resumed",
      qr/certificate was not provided/ ],
    [ 'none_self', self => "auth_method none; $resumed",
      qr/certificate was not provided/ ],
    [ 'none_group', self => "auth_method none; $resumed",
      qr/certificate was not provided/, 'https://none_group' ],
);

$t->secret('another-s3cret-of-more-than-thirty-two-bytes');

my $block = sub ($name, $client, $directives, $=, $url = undef) {
    $url //= grep({ $client eq $_ } 'tls', 'self')
             ? 'https://127.0.0.1:%%PORT_tls%%'
             : 'http://127.0.0.1:%%PORT_idp%%';

    my $endpoint = $directives =~ /\bissuer / ? ''
                   : "token_endpoint $url/token;";

    return [ $name, "$endpoint
                     client_id gateway-$client;
                     proxy_ssl_trusted_certificate $prefix/idp.test.crt;
                     proxy_ssl_name idp.test;
                     $directives" ];
};

run($t, <<'CONF', map { $block->(@$_) } @cases, @refused,
    map '' $current { default current; }

    upstream kept_group { server 127.0.0.1:%%PORT_tls%%; keepalive 4; }
    upstream none_group { server 127.0.0.1:%%PORT_tls%%; keepalive 4; }
CONF
    [ 'kept_tls', tls => $tls->('client') . $kept ],
    [ 'kept_self', self => $self->('self.test') . $kept ],
    [ 'kept_group', self => $self->('self.test') . $kept, '',
      'https://kept_group' ]);

####  let in

my %jti;

for my $case (@cases) {
    my ($name, $client, undef, $alg) = @$case;

    let_in($t, $idp, $name, client_id => $more{$client}{client_id})
        // next;

    my ($login) = ($idp->logins)[-1];

    is($login->{method}, $more{$client}{token_endpoint_auth_method},
       "$name: method");

    my ($header) = ($login->{assertion} // '') =~ /^([^.]+)/;

    is($header ? JSON::PP::decode_json(
           MIME::Base64::decode_base64url($header))->{alg} : undef, $alg,
       "$name: algorithm");
}

is($idp->count, scalar @cases, 'a login for each');

####  refused

is($t->get("/$_")->status, 200, "$_: a connection that could be kept")
    for qw(kept_tls kept_self kept_group);

for my $case (@refused) {
    my ($name, undef, undef, $detail) = @$case;

    my $r = $t->get("/$name/x");
    my ($login) = ($idp->logins)[-1];
    my @lines = $t->log_lines(qr/\[error\].*login failed.*"\Q$name\E"/);

    is($r->status, 502, "$name: status");
    like($login->{detail}, $detail, "$name: what the server has found");
    is(@lines, 1, "$name: one line");
    like("@lines", qr/401.*"invalid_client".*client authentication failed/,
         "$name: that says what the server says");
}

is($t->get("/$_")->status, 200, "$_: is still let in")
    for qw(tls self rsa hmac);

####  a certificate that changes without a reload

current('foreign');

ok($t->wait_for(sub {
       $t->get('/variable');
       return $t->log_lines(qr/login failed.*401.*"variable"/);
   }), 'the next login is made with another certificate');
like((grep { $_->{error} } $idp->logins)[-1]{detail},
     qr/certificate was not verified/, 'which the server does not trust');

$t->done;
