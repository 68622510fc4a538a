#!/usr/bin/perl

# Tests of tokens that real servers bind: glewlwyd to a key (RFC 9449), in its
# own way, oidc-provider to the certificate of the login (RFC 8705 section 3),
# which then has to be on the connection to the API.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Digest::SHA qw(sha256);
use JSON::PP ();
use MIME::Base64 qw(decode_base64 encode_base64url decode_base64url);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Glewlwyd;
use Test::OAuthCC::OidcProvider;

my $t = Test::OAuthCC->new(workers => 1);
my $prefix = $t->prefix;

$t->certificate($_) for qw(idp.test a.test b.test);

my $glewlwyd = grep({ -x "$_/glewlwyd" } split /:/, "$ENV{PATH}:/usr/sbin")
               ? $t->daemon('Glewlwyd', 'glewlwyd') : undef;

my %common = (token_endpoint_auth_method => 'client_secret_basic',
              tls_client_certificate_bound_access_tokens => JSON::PP::true);

my %more = map { $_ => { client_id => "gateway-$_", %common,
                         client_secret => $t->secret("s3cret-of-$_-here") } }
           qw(a b);

my $oidc = $t->daemon('OidcProvider', 'idp', more => \%more, tls => {
    port => $t->port('tls'), key => "$prefix/idp.test.key",
    cert => "$prefix/idp.test.crt", ca => "$prefix/a.test.crt" });
my $api = $t->upstream;

my $own = sub ($name) {
    return "proxy_ssl_certificate %%PREFIX%%/$name.test.crt;
            proxy_ssl_certificate_key %%PREFIX%%/$name.test.key;";
};

my $providers = join "\n", map { <<"CONF" } qw(a b);
    oauthcc_provider $_ {
        token_endpoint https://127.0.0.1:%%PORT_tls%%/token;
        client_id gateway-$_;
        client_secret $more{$_}{client_secret};
        scope read;
        proxy_ssl_verify off;
        @{[ $own->($_) ]}
    }
CONF

my $dpop = $glewlwyd ? <<"CONF" : '';
    oauthcc_provider dpop {
        token_endpoint @{[ $glewlwyd->token_endpoint ]};
        @{[ $glewlwyd->login_as('plain') ]}
        basic_encoding raw;
        scope read;
        dpop on;
    }
CONF

my $locations = join "\n", map { <<"CONF" } qw(a b);
        location /$_ {
            oauthcc $_;
            proxy_pass https://127.0.0.1:%%PORT_bound%%;
            proxy_ssl_session_reuse off;
            @{[ $own->($_) ]}
        }
CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
$dpop
    server {
        listen 127.0.0.1:%%PORT_http%%;
$locations
        location /none {
            oauthcc a;
            proxy_pass https://127.0.0.1:%%PORT_bound%%;
        }
        @{[ $glewlwyd ? 'location /dpop { oauthcc dpop;
                         proxy_pass http://127.0.0.1:%%PORT_api%%; }' : '' ]}
    }

    server {
        listen 127.0.0.1:%%PORT_bound%% ssl;
        ssl_certificate %%PREFIX%%/idp.test.crt;
        ssl_certificate_key %%PREFIX%%/idp.test.key;
        ssl_verify_client optional_no_ca;

        location / { return 200 "\$ssl_client_s_dn|\$http_authorization"; }
    }
}
CONF

####  a certificate

sub thumbprint ($name) {
    my ($base64) = $t->read_file("$name.test.crt")
                   =~ /BEGIN CERTIFICATE-+\n(.*)\n-+END/s;
    return encode_base64url(sha256(decode_base64($base64)));
}

# of each, again and again: the connection is that of the token
for my $name (qw(a b a b)) {
    my ($subject, $token) = $t->get("/$name")->body =~ /^(.*)\|Bearer (\S+)/;
    my $said = $oidc->introspect($t->secret($token));

    is($subject, "CN=$name.test", "$name: certificate of the connection");
    is($said->{client_id}, "gateway-$name", "$name: client of the token");
    is($said->{cnf}{'x5t#S256'}, thumbprint($name), "$name: is bound to it");
}

is(($t->get('/none')->body =~ /^(.*?)\|/)[0], '',
   'without one, none of another location');

####  a key

SKIP: {
    skip('this Debian has no glewlwyd', 1) unless $glewlwyd;

    for my $n (1 .. 3) {
        my $r = $t->get("/dpop/$n");

        is($r->status, 200, 'glewlwyd, which wants a nonce');

        my ($token) = ($r->seen('Authorization'))[0] =~ /^DPoP (\S+)/;
        my ($proof) = $r->seen('DPoP');
        my ($head, $claims) = map { JSON::PP::decode_json(decode_base64url($_)) }
                              (split /\./, $t->secret($proof))[0, 1];

        is($claims->{ath}, encode_base64url(sha256($t->secret($token))),
           'a proof for its token');
        is($glewlwyd->introspect($token)->{cnf}{jkt},
           encode_base64url(sha256(
               JSON::PP->new->canonical->encode($head->{jwk}))),
           'by the key that it is bound to');
    }

    is($t->log_lines(qr/wants another nonce.*"dpop"/), 1, 'one more request');
}

$t->done;
