#!/usr/bin/perl

# Tests of what nginx -t says of the directives of DPoP: which keys it takes,
# what cannot stand beside "dpop on", and where "oauthcc_dpop_uri" is needed.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;

my $ec = '-algorithm EC -pkeyopt ec_paramgen_curve';
my $rsa = '-algorithm RSA -pkeyopt rsa_keygen_bits';

my %keys = (p256 => "$ec:P-256", p384 => "$ec:P-384", p521 => "$ec:P-521",
            rsa => "$rsa:2048", small => "$rsa:1024", k1 => "$ec:secp256k1",
            ed25519 => '-algorithm ED25519', x25519 => '-algorithm X25519');

$t->openssl("genpkey $keys{$_} -out $_.pem") for sort keys %keys;
$t->openssl('pkey -in p256.pem -aes256 -passout pass:dpop-passw0rd '
            . '-out locked.pem');
$t->secret('dpop-passw0rd');
$t->openssl('req -x509 -key p256.pem -subj /CN=x -out front.pem');
$t->write_file('front.pem', $t->read_file('front.pem')
                            . $t->read_file('p256.pem'));
$t->openssl('ecparam -name prime256v1 -genkey -out params.pem');
$t->write_file('empty.pem', '');
$t->write_file('cut.pem', substr $t->read_file('p256.pem'), 0, 100);
$t->write_file('lines.pem', $t->read_file('p256.pem') =~ s/\n/\r\n/gr);
$t->openssl('pkey -in p256.pem -outform DER -out der.pem');
$t->write_file('pass', "dpop-passw0rd\n");
$t->write_file('doc.json', '{}');

my $endpoint = 'token_endpoint http://127.0.0.1:1/token;';
my $client = 'client_id gateway; client_secret s3cret;';
my $on = "$endpoint $client dpop on;";

####  good ones, and what they warn of

my $slow = qr/\[warn\].*"dpop_key": (\S+) takes ten times/;

for my $case (
    [ $on ], [ "$on dpop_key p256.pem;" ],
    [ "$on dpop_key file:p256.pem; dpop_alg ES256;" ],
    [ "$on dpop_key ed25519.pem;" ],
    [ "$on dpop_key front.pem;" ],
    [ "$on dpop_key params.pem;" ], [ "$on dpop_key lines.pem;" ],
    [ "$on dpop_key locked.pem; dpop_key_password dpop-passw0rd;" ],
    [ "$on dpop_key locked.pem; dpop_key_password file:pass;" ],
    [ "$on dpop_uri https://login.example.com/token?p=x;" ],
    [ 'token_endpoint http://unix:%%PREFIX%%/s:/token; dpop on; '
      . "$client dpop_uri https://login.example.com/token;" ],
    [ "$on dpop_key rsa.pem;", $slow, 'RS256' ],
    [ "$on dpop_key rsa.pem; dpop_alg PS384;", $slow, 'PS384' ],
    [ "$on dpop_key p384.pem;", $slow, 'ES384' ],
    [ "$on dpop_key p521.pem;", $slow, 'ES512' ],
    (map { [ "$endpoint $client $_;",
             qr/\[warn\].*"(\w+)" has no effect without "dpop on"/,
             (split)[0] ] }
     'dpop_key p256.pem', 'dpop_key_password x', 'dpop_alg ES256',
     'dpop_uri https://a'),
) {
    my ($block, $re, $what) = @$case;
    my ($code, $out) = $t->check($t->one_provider($block, 'oauthcc crm;'));

    is($code, 0, "$block: is taken") or diag($out);

    my @warned = $out =~ /\[warn\].*(?:dpop)/g;

    is(@warned, $re ? 1 : 0, '... with so many warnings') or diag($out);
    is(($out =~ $re)[0], $what, '... that says why') if $re;
}

####  bad ones

for my $case (
    [ "$on dpop_key missing.pem;", qr/missing\.pem.*No such file/ ],
    [ "$on dpop_key '';", qr/"dpop_key".*empty/ ],
    [ "$on dpop_key pass;",
      qr{"dpop_key": file "\S+/pass" holds no private key} ],
    [ "$on dpop_key empty.pem;", qr/"dpop_key".*empty\.pem" is empty/ ],
    [ "$on dpop_key cut.pem;", qr/cut\.pem" holds no private key in PEM/ ],
    [ "$on dpop_key der.pem;", qr/der\.pem" holds a zero byte/ ],
    [ "$on dpop_key temp;", qr/temp" is not a regular file/ ],
    [ "$on dpop_key small.pem;", qr/small\.pem" holds an RSA key of 1024/ ],
    [ "$on dpop_key k1.pem;", qr/holds a key of an unsupported type/ ],
    [ "$on dpop_key x25519.pem;", qr/holds a key of an unsupported type/ ],
    [ "$on dpop_key p256.pem; dpop_alg RS256;",
      qr/not for "dpop_alg RS256", but for ES256/ ],
    [ "$on dpop_key p256.pem; dpop_alg HS256;",
      qr/not for "dpop_alg HS256", but for ES256/ ],
    [ "$on dpop_key locked.pem;",
      qr/is encrypted, and there is no "dpop_key_password"/ ],
    [ "$on dpop_key locked.pem; dpop_key_password wrong;",
      qr/cannot be decrypted with "dpop_key_password"/ ],
    [ "$on dpop_key_password x;", qr/no effect without "dpop_key"/ ],
    [ "$on dpop_alg ES256;", qr/no effect without "dpop_key"/ ],
    [ "$on token_type BearerToken;",
      qr/"token_type" conflicts with "dpop on"/ ],
    [ "$on header dPoP x;", qr/"header DPoP" conflicts with "dpop on"/ ],
    [ "$on dpop_uri login.example.com/token;",
      qr/"dpop_uri login\S+" does not begin with/ ],
    [ "$on dpop_uri http://;", qr/"dpop_uri \S+" does not begin with/ ],
    [ "token_endpoint http://unix:%%PREFIX%%/s:/token; $client dpop on;",
      qr/no "dpop_uri", which "dpop on" needs with a unix socket/ ],
    [ 'login_json doc.json; dpop on;',
      qr/"dpop" conflicts with "login_json"/ ],
    [ 'assertion_use token; assertion_issuer me; assertion_key p256.pem; '
      . 'dpop on;', qr/"dpop" has no effect with "assertion_use token"/ ],
    [ "$endpoint $client dpop maybe;", qr/dpop.*maybe|maybe.*dpop/ ],
    [ "$on dpop off;", qr/"dpop" directive is duplicate/ ],
    [ "$endpoint $client token_type DPoP;", qr/set "dpop on"/ ],
) {
    my ($block, $re) = @$case;
    my ($code, $out) = $t->check($t->one_provider($block, 'oauthcc crm;'));

    is($code, 1, "$block: is refused");
    like($out, $re, '... and why');
}

####  locations

my $http = <<"CONF";
%%GLOBALS%%
http {
    %%HTTP%%
    oauthcc_provider crm { $on }
    oauthcc_provider plain { $endpoint $client }
    oauthcc_insecure_upstream allow;

    server {
        listen 127.0.0.1:%%PORT_http%%;
        %s
    }
}
CONF

my @passes = ('grpc_pass grpc://127.0.0.1:1', 'fastcgi_pass 127.0.0.1:1',
              'uwsgi_pass 127.0.0.1:1', 'scgi_pass 127.0.0.1:1');

sub located ($server) {
    return $t->check($http =~ s/%s/$server/r);
}

for my $pass (@passes) {
    my ($code, $out) = located("location / { oauthcc crm; $pass; }");

    is($code, 1, "$pass: is refused");
    like($out, qr/no "oauthcc_dpop_uri".*"crm".*check\.conf:\d+/s,
         '... and why');

    ($code, $out) = located("oauthcc_dpop_uri https://api.example.com;
                             location / { oauthcc crm; $pass; }");
    is($code, 0, "$pass: with a URI") or diag($out);

    ($code, $out) = located("location / { oauthcc plain; $pass; }");
    is($code, 0, "$pass: without dpop") or diag($out);
}

my ($code, $out) = located('oauthcc crm; proxy_set_header DPoP $http_dpop;
                            location / { proxy_pass http://127.0.0.1:1; }');

is($code, 0, 'a second DPoP header is taken');
like($out, qr/\[warn\].*"proxy_set_header DPoP" is a second DPoP header/,
     '... with a warning');

($code, $out) = located('oauthcc crm; proxy_set_header DPoP "";
                         location / { proxy_pass http://127.0.0.1:1; }');
unlike($out, qr/second DPoP header/, 'an empty one is none');

($code, $out) = located('oauthcc plain; proxy_set_header DPoP $http_dpop;
                         location / { proxy_pass http://127.0.0.1:1; }');
unlike($out, qr/second DPoP header/, 'nor is it without dpop');

# a value that is known now is checked now

for my $uri ('api.example.com', '/v1', 'grpc://api.example.com', 'https://',
             'https:///v1', '""')
{
    ($code, $out) = located("location / { oauthcc crm; oauthcc_dpop_uri $uri;
                             proxy_pass http://127.0.0.1:1; }");

    is($code, 1, "oauthcc_dpop_uri $uri: is refused");
    like($out, qr/"oauthcc_dpop_uri \S*" does not begin with http.* in \S+:\d+$/m,
         '... and why');
}

for my $uri ('https://api.example.com', 'HTTPS://api.example.com:444/v1?x',
             'https://$host', '$http_x', '$scheme://api.example.com')
{
    ($code, $out) = located("location / { oauthcc crm; oauthcc_dpop_uri $uri;
                             proxy_pass http://127.0.0.1:1; }");
    is($code, 0, "oauthcc_dpop_uri $uri: is taken") or diag($out);
}

($code, $out) = located('oauthcc_header X-Key $oauthcc_access_token;
                         oauthcc_header dpop x;
                         location / { oauthcc crm;
                                      proxy_pass http://127.0.0.1:1; }');
is($code, 1, 'a second DPoP header of oauthcc_header is refused');
like($out, qr/"oauthcc_header DPoP" conflicts with.*"crm".*check\.conf:\d+/,
     '... and why');

($code, $out) = located('oauthcc_header DPoP x;
                         location / { oauthcc plain;
                                      proxy_pass http://127.0.0.1:1; }');
is($code, 0, 'it is a header like others without dpop') or diag($out);

$t->done;
