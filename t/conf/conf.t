#!/usr/bin/perl

# Tests for what nginx -t says of every mistake that a person makes: file, line,
# provider and what to do.  Without it they find out from a 502, or the gateway
# runs with an empty secret.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;

$t->write_file('secret', "s3cret\n");
$t->write_file('empty', "\n");
$t->write_file('nothing', '');
$t->write_file('large', 'x' x 70_000);
mkdir $t->prefix . '/folder';
$t->certificate('ca.test');
$t->secret('s3cret');

my $ec = '-algorithm EC -pkeyopt ec_paramgen_curve';

$t->openssl("genpkey $ec:P-256 -out p256.pem");
$t->openssl("genpkey $ec:secp256k1 -out k1.pem");
$t->openssl('genpkey -algorithm X25519 -out x25519.pem');
$t->openssl('genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 '
            . '-out small.pem');
$t->openssl('pkey -in p256.pem -aes256 -passout pass:s3cret -out locked.pem');
$t->openssl('pkey -in p256.pem -pubout -out p256.pub');

my $endpoint = 'token_endpoint http://127.0.0.1:1/token;';
my $tls = 'token_endpoint https://192.0.2.1/token;';
my $client = 'client_id gateway; client_secret s3cret;';

# name, what is in the block, what the message says; #! marks the line that is
# to be named, the line of the block is as good where there is none

my @block = (
    [ 'no endpoint', $client, qr/token_endpoint/ ],
    [ 'no id', "$endpoint client_secret s3cret;", qr/client_id/ ],
    [ 'no secret', "$endpoint client_id gateway;", qr/client_secret/ ],
    [ 'no secret, post', "$endpoint client_id gateway;
       auth_method client_secret_post;", qr/client_secret/ ],
    [ 'no id, none', "$endpoint auth_method none;", qr/client_id/ ],
    [ 'empty block', '', qr/token_endpoint/ ],
    [ 'empty id', "$endpoint client_id ''; #!
       client_secret s3cret;", qr/client_id/ ],
    [ 'empty secret, JWT', "$endpoint client_id x; client_secret '';
       auth_method client_secret_jwt;", qr/client_secret.*is empty/ ],
    [ 'client_id twice', "$endpoint $client auth_method client_secret_post;
       param client_id x;", qr/param client_id.*client_secret_basic/ ],
    [ 'client_id twice, none', "$endpoint client_id x; auth_method none;
       param client_id x;", qr/param client_id.*client_secret_basic/ ],
    [ 'missing file', "$endpoint client_id x;
       client_secret file:%%PREFIX%%/missing; #!",
      qr{missing.*No such file}s ],
    [ 'empty file', "$endpoint client_id x;
       client_secret file:%%PREFIX%%/empty; #!", qr{/empty.*empty}s ],
    [ 'file of nothing', "$endpoint client_id x;
       client_secret file:%%PREFIX%%/nothing; #!", qr{/nothing.*empty}s ],
    [ 'large file', "$endpoint client_id x;
       client_secret file:%%PREFIX%%/large; #!", qr{/large}s ],
    [ 'folder', "$endpoint client_id x;
       client_secret file:%%PREFIX%%/folder; #!", qr{/folder}s ],
    [ 'no path', "$endpoint client_id x; client_secret file:; #!", qr/file:/ ],
    [ 'no env', "$endpoint client_id x;
       client_secret env:OAUTHCC_NOT_SET; #!", qr/OAUTHCC_NOT_SET/ ],
    [ 'empty env', "$endpoint client_id x;
       client_secret env:OAUTHCC_EMPTY; #!", qr/OAUTHCC_EMPTY/ ],
    [ 'no env name', "$endpoint client_id x; client_secret env:; #!",
      qr/env:/ ],
    [ 'empty literal', "$endpoint client_id x; client_secret literal:; #!",
      qr/empty/ ],
    [ 'auth_method', "$endpoint $client
       auth_method client_secret_basik; #!",
      qr/client_secret_basik.*client_secret_basic/s ],
    [ 'basic_encoding', "$endpoint $client
       basic_encoding utf8; #!", qr/utf8.*rfc6749/s ],
    [ 'duplicate endpoint', "$endpoint
       $endpoint #!
       $client", qr/token_endpoint.*duplicate/ ],
    [ 'duplicate id', "$endpoint client_id a;
       $client #!", qr/client_id.*duplicate/ ],
    [ 'duplicate timeout', "$endpoint $client timeout 1s;
       timeout 2s; #!", qr/timeout.*duplicate/ ],
    [ 'duplicate proxy', "$endpoint $client proxy_read_timeout 1s;
       proxy_read_timeout 1s; #!", qr/proxy_read_timeout.*duplicate/ ],
    [ 'no scheme', "token_endpoint idp.example.com/token; #!
       $client", qr{idp\.example\.com/token.*https?://}s ],
    [ 'scheme', "token_endpoint ftp://127.0.0.1/; #!
       $client", qr{ftp://127} ],
    [ 'no host', "token_endpoint https:///token; #!
       $client", qr{https:///token} ],
    [ 'port', "token_endpoint http://127.0.0.1:99999/; #!
       $client", qr{99999} ],
    [ 'fragment', "token_endpoint http://127.0.0.1/a#b; #!
       $client", qr{127\.0\.0\.1/a#b} ],
    [ 'space', "token_endpoint 'http://127.0.0.1/a b'; #!
       $client", qr{127\.0\.0\.1/a b} ],
    [ 'user in url', "token_endpoint http://me:pw\@127.0.0.1/; #!
       $client", qr{127\.0\.0\.1|user} ],
    [ 'plain http', "token_endpoint http://192.0.2.1/token; #!
       $client", qr{192\.0\.2\.1.*(?:https|allow_http)}s ],
    [ 'plain http, like loopback', "token_endpoint http://127.example/; #!
       $client", qr{allow_http}s ],
    [ 'allow_http', "$endpoint $client
       allow_http maybe; #!", qr/maybe.*on.*off/s ],
    [ 'proxy, plain http', "token_endpoint http://127.0.0.1/; $client
       forward_proxy http://127.0.0.1:3128;", qr{127\.0\.0\.1.*allow_http}s ],
    [ 'proxy, unix', "token_endpoint https://unix:/tmp/s:/; $client
       forward_proxy http://127.0.0.1:3128;", qr{unix socket.*forward_proxy} ],
    [ 'proxy, twice', "$tls $client forward_proxy http://127.0.0.1:3128;
       forward_proxy http://127.0.0.1:3129; #!", qr/duplicate/ ],
    (map { [ "proxy, $_->[0]", "$tls $client
       forward_proxy '$_->[0]'; #!", $_->[1] ] }
        [ 'https://127.0.0.1:3128', qr/begin with http:/ ],
        [ 'socks5://127.0.0.1:3128', qr/begin with http:/ ],
        [ '127.0.0.1:3128', qr/begin with http:/ ],
        [ 'http://127.0.0.1', qr/no port/ ],
        [ 'http://127.0.0.1:', qr/invalid port/ ],
        [ 'http://127.0.0.1:0', qr/invalid port/ ],
        [ 'http://127.0.0.1:65536', qr/invalid port/ ],
        [ 'http://:3128', qr/no host/ ],
        [ 'http://', qr/no host/ ],
        [ 'http:/' . '/[::1', qr/no "\]"/ ],
        [ 'http://127.0.0.1:3128/path', qr/behind its port/ ],
        [ 'http://127.0.0.1:3128//', qr/behind its port/ ],
        [ 'http://127.0.0.1:3128?a', qr/behind its port/ ],
        [ 'http://127.0.0.1:3128#a', qr/behind its port/ ],
        [ 'http://unix:/tmp/s', qr/behind its port|unix socket/ ],
        [ 'http://unix:3128', qr/unix socket/ ],
        [ 'http://$proxy:3128', qr/variables/ ],
        [ 'http://me:s3cret@127.0.0.1:3128',
          qr/password.*forward_proxy_password/ ],
        [ 'http://@127.0.0.1:3128', qr/empty user/ ],
        [ 'http://a%3Ab@127.0.0.1:3128', qr/colon/ ],
        [ 'http://a%00b@127.0.0.1:3128', qr/control/ ]),
    [ 'proxy, no password', "$tls $client
       forward_proxy http://me\@127.0.0.1:3128;",
      qr/no "forward_proxy_password"/ ],
    [ 'proxy, no user', "$tls $client forward_proxy http://127.0.0.1:3128;
       forward_proxy_password x;", qr/without a user name/ ],
    [ 'proxy, none', "$tls $client forward_proxy_password x;",
      qr/without a user name/ ],
    [ 'proxy, empty password', "$tls $client
       forward_proxy http://me\@127.0.0.1:3128;
       forward_proxy_password ''; #!", qr/empty/ ],
    [ 'proxy, name', "$tls $client
       forward_proxy http://nosuchhost.invalid:3128; #!",
      qr/nosuchhost\.invalid.*"forward_proxy"/ ],
    [ 'proxy, proxy_bind', "$tls $client proxy_bind \$host;
       forward_proxy http://127.0.0.1:3128; #!", qr/proxy_bind/ ],
    [ 'host', "token_endpoint https://nosuchhost.invalid/; #!
       $client", qr/nosuchhost\.invalid/ ],
    [ 'timeout', "$endpoint $client
       timeout soon; #!", qr/timeout.*soon|soon.*timeout/s ],
    [ 'timeout 0', "$endpoint $client
       timeout 0; #!", qr/timeout/ ],
    [ 'max_response', "$endpoint $client
       max_response big; #!", qr/max_response|big/ ],
    [ 'default_expires', "$endpoint $client
       default_expires x; #!", qr/default_expires|x/ ],
    [ 'arguments', "$endpoint $client
       scope a b; #!", qr/number of arguments in "scope"/ ],
    [ 'no argument', "$endpoint $client
       param x; #!", qr/number of arguments in "param"/ ],
    [ 'unknown', "$endpoint $client
       scoop a; #!", qr/scoop/ ],
    [ 'not allowed', "$endpoint $client
       root /x; #!", qr/"root"/ ],
    [ 'proxy_pass', "$endpoint $client
       proxy_pass http://127.0.0.1; #!", qr/"proxy_pass"/ ],
    [ 'a fixed proxy_*', "$endpoint $client
       proxy_buffering off; #!", qr/proxy_buffering.*not allowed/ ],
    [ 'a location', "$endpoint $client
       location / { } #!", qr/location|"\{"/ ],
    [ 'a bad proxy_*', "$endpoint $client
       proxy_socket_keepalive maybe; #!", qr/maybe.*proxy_socket_keepalive/ ],
    [ 'a header', "$endpoint $client
       header 'A\nB' x; #!", qr/header/ ],
    [ 'a header value', "$endpoint $client
       header X 'a\nEvil: b'; #!", qr/header/ ],
    [ 'dpop', "$endpoint $client
       token_type DPoP; #!", qr/DPoP/ ],
);

# the methods of authentication, and the grants

my $id = "$endpoint client_id gateway;";
my $key = "$id auth_method private_key_jwt;";
my $pem = "$key assertion_key p256.pem;";
my $hmac = "$id auth_method client_secret_jwt; client_secret
            s3cret-of-at-least-thirty-two-bytes;";
my $own = "proxy_ssl_certificate %%PREFIX%%/ca.test.crt;
           proxy_ssl_certificate_key %%PREFIX%%/ca.test.key;";
my $mtls = 'token_endpoint https://127.0.0.1:1/token; client_id gateway;
            auth_method tls_client_auth;';

push @block, (
    [ 'no key', $key, qr/no "assertion_key".*"auth_method private_key_jwt"/ ],
    [ 'missing key', "$key
       assertion_key missing.pem; #!", qr/missing\.pem.*No such file/ ],
    [ 'empty path of a key', "$key
       assertion_key ''; #!", qr/assertion_key.*empty/ ],
    [ 'key in a variable', "$key
       assertion_key env:KEY; #!", qr/env:KEY.*No such file/ ],
    [ 'no PEM', "$key assertion_key secret;",
      qr{/secret" holds no private key} ],
    [ 'a public key', "$key assertion_key p256.pub;",
      qr/p256\.pub" holds no private key/ ],
    [ 'a certificate', "$key assertion_key ca.test.crt;",
      qr/ca\.test\.crt" holds no private key/ ],
    [ 'a small key', "$key assertion_key small.pem;",
      qr/small\.pem" holds an RSA key of 1024 bits.*2048/ ],
    [ 'secp256k1', "$key assertion_key k1.pem;",
      qr/k1\.pem" holds a key of an unsupported type.*P-256/ ],
    [ 'X25519', "$key assertion_key x25519.pem;",
      qr/x25519\.pem" holds a key of an unsupported type.*Ed25519/ ],
    [ 'an algorithm for others', "$pem assertion_alg RS256;",
      qr/p256\.pem" holds.*not for "assertion_alg RS256", but for ES256/ ],
    [ 'another curve', "$pem assertion_alg ES384;",
      qr/not for "assertion_alg ES384", but for ES256/ ],
    [ 'a secret for a key', "$pem assertion_alg HS256;",
      qr/not for "assertion_alg HS256", but for ES256/ ],
    [ 'no algorithm', "$pem assertion_alg none;",
      qr/not for "assertion_alg none", but for ES256/ ],
    [ 'empty algorithm', "$pem
       assertion_alg ''; #!", qr/assertion_alg.*empty/ ],
    [ 'locked', "$key assertion_key locked.pem;",
      qr/locked\.pem" is encrypted.*"assertion_key_password"/ ],
    [ 'wrong password', "$key assertion_key locked.pem;
       assertion_key_password other;",
      qr/locked\.pem" cannot be decrypted.*"assertion_key_password"/ ],
    [ 'certificate of another', "$pem assertion_certificate ca.test.crt;",
      qr/"assertion_certificate": file ".*ca\.test\.crt".*another key/ ],
    [ 'no certificate', "$pem assertion_certificate p256.pem;",
      qr/p256\.pem" holds no certificate/ ],
    [ 'audience', "$pem
       assertion_audience issuer;", qr/assertion_audience.*write its URL/ ],
    (map { [ "a lifetime of $_", "$pem
       assertion_lifetime $_; #!", qr/assertion_lifetime.*between 10s and 24h/ ] }
        qw(1s 9s 86401s 10d)),
    [ 'a grant without a key', "$id assertion_use grant;",
      qr/no "assertion_key", which "assertion_use" needs/ ],
    [ 'a grant of nobody', "$endpoint assertion_use grant;
       assertion_key p256.pem;", qr/no "assertion_issuer" nor "client_id"/ ],
    [ 'a grant of another kind', "$id assertion_use grant;
       assertion_key p256.pem; grant_type client_credentials;",
      qr/"assertion_use grant" is a grant of its own/ ],
    [ 'a grant with a secret that signs', "$hmac assertion_use grant;
       assertion_key p256.pem;", qr/conflicts with.*client_secret_jwt/ ],
    [ 'two grants', "$id assertion_use grant; assertion_key p256.pem;
       param assertion x;", qr/"param assertion" conflicts with/ ],
    [ 'a secret and no method', "$id assertion_use grant;
       assertion_key p256.pem; client_secret s3cret;",
      qr/"client_secret" has no effect with "auth_method none".*client_secret/ ],
    [ 'a token with a server', "$id assertion_use token;
       assertion_key p256.pem;",
      qr/"token_endpoint" has no effect with "assertion_use token"/ ],
    [ 'a token with an issuer', 'issuer http://127.0.0.1/; client_id gateway;
       assertion_use token; assertion_key p256.pem;',
      qr/"issuer" has no effect with "assertion_use token"/ ],
    (map { [ "a token with $_", "client_id gateway; assertion_use token;
             assertion_key p256.pem; $_ x;",
             qr/"$_" has no effect with "assertion_use token"/ ] }
        qw(scope audience resource grant_type client_secret token_type)),
    [ 'a token without a key', 'client_id gateway; assertion_use token;',
      qr/no "assertion_key", which "assertion_use" needs/ ],
    [ 'another use', "$pem assertion_use both; #!", qr/both.*client.*grant/s ],
    (map { [ "the claim $_", "$pem
             assertion_claim $_ x; #!", qr/assertion_claim $_" is not allowed/ ] }
        qw(iss sub aud exp iat nbf jti)),
    [ 'a claim twice', "$pem assertion_claim a b;
       assertion_claim a c; #!", qr/assertion_claim" directive is duplicate/ ],
    [ 'a claim without a name', "$pem
       assertion_claim '' c; #!", qr/empty name/ ],
    (map { [ "a claim that is $_ in JSON", "$pem
             assertion_claim a '$_' json; #!", qr/assertion_claim a" has a value that is not JSON/ ] }
        '', '{', 'text', '[1,]', '{"a":1,"a":2}', '1 2',
        '99999999999999999999'),
    [ 'a claim of another kind', "$pem
       assertion_claim a b number; #!", qr/invalid parameter "number".*json/ ],
    [ 'a claim that is not UTF-8', "$pem assertion_claim a 'g\xe4';",
      qr/claim "a" is not UTF-8/ ],
    (map { [ "$_ of no JWT", "$id client_secret s3cret; $_ x;",
             qr/"$_" has no effect with "auth_method client_secret_basic"/ ] }
        qw(assertion_issuer assertion_subject)),
    [ 'a claim of no JWT', "$id client_secret s3cret; assertion_claim a b;",
      qr/"assertion_claim" has no effect/ ],
    [ 'no lifetime', "$pem
       assertion_lifetime soon; #!", qr/invalid value "soon"/ ],
    [ 'duplicate key', "$pem
       assertion_key p256.pem; #!", qr/assertion_key.*duplicate/ ],
    [ 'duplicate kid', "$pem assertion_kid a;
       assertion_kid b; #!", qr/assertion_kid.*duplicate/ ],
    [ 'kid with control characters', "$pem
       assertion_kid 'a\nb'; #!", qr/assertion_kid.*control/ ],
    [ 'id that is not UTF-8', "$endpoint client_id 'g\xe4'; auth_method
       private_key_jwt; assertion_key p256.pem;", qr/UTF-8/ ],
    [ 'key and secret', "$pem client_secret s3cret;",
      qr/"client_secret" has no effect with.*private_key_jwt.*remove/ ],
    [ 'key and no id', "$endpoint auth_method private_key_jwt;
       assertion_key p256.pem;", qr/no "client_id"/ ],
    [ 'key and no method', "$id client_secret s3cret; assertion_key p256.pem;",
      qr/"assertion_key" has no effect.*client_secret_basic.*private_key_jwt/ ],
    (map { [ "$_ without a key", "$hmac $_ s3cret;",
             qr/"$_" has no effect with "auth_method client_secret_jwt"/ ] }
        qw(assertion_key_password)),
    (map { [ "$_ and Basic", "$id client_secret s3cret; $_ x;",
             qr/"$_" has no effect with "auth_method client_secret_basic"/ ] }
        qw(assertion_alg assertion_kid assertion_audience
           assertion_key_password)),
    [ 'a lifetime of no JWT', "$id client_secret s3cret;
       assertion_lifetime 60s;", qr/"assertion_lifetime" has no effect/ ],
    [ 'HMAC with another', "$hmac assertion_alg ES256;",
      qr/"assertion_alg" has to be HS256/ ],
    [ 'HMAC and no secret', "$id auth_method client_secret_jwt;",
      qr/no "client_secret".*client_secret_jwt/ ],
    [ 'HMAC and a key', "$hmac assertion_key p256.pem;",
      qr/"assertion_key" has no effect with "auth_method client_secret_jwt"/ ],
    [ 'assertion in place', "$endpoint
       client_assertion eyJ.s3cret.x; #!", qr/client_assertion.*file:PATH/ ],
    [ 'assertion and method', "$endpoint client_assertion file:secret;
       auth_method none;", qr/client_assertion.*"auth_method none"/ ],
    [ 'assertion and secret', "$endpoint client_assertion file:secret;
       client_secret s3cret;",
      qr/"client_secret" has no effect with "client_assertion"/ ],
    [ 'assertion and key', "$endpoint client_assertion file:secret;
       assertion_key p256.pem;",
      qr/"assertion_key" has no effect with "client_assertion"/ ],
    [ 'type of no assertion', "$endpoint $client
       client_assertion_type urn:x;",
      qr/client_assertion_type.*without "client_assertion"/ ],
    [ 'missing assertion', "$endpoint
       client_assertion file:missing; #!", qr/missing.*No such file/ ],
    [ 'TLS without https', "$id auth_method tls_client_auth; $own",
      qr/tls_client_auth" needs.*https/ ],
    [ 'TLS without certificate', $mtls, qr/no "proxy_ssl_certificate"/ ],
    [ 'TLS with none', "$mtls proxy_ssl_certificate '';
       proxy_ssl_certificate_key '';", qr/no "proxy_ssl_certificate"/ ],
    [ 'TLS without key', "$mtls
       proxy_ssl_certificate %%PREFIX%%/ca.test.crt;",
      qr/no "proxy_ssl_certificate_key"/ ],
    [ 'TLS and secret', "$mtls $own client_secret s3cret;",
      qr/"client_secret" has no effect with "auth_method tls_client_auth"/ ],
    [ 'self-signed and secret', "$mtls $own client_secret s3cret;"
      =~ s/tls_cl/self_signed_tls_cl/r,
      qr/no effect with "auth_method self_signed_tls_client_auth"/ ],
    [ 'TLS and no id', "$mtls $own" =~ s/client_id gateway;//r,
      qr/no "client_id"/ ],
    [ 'user without grant', "$endpoint $client username joe;",
      qr/"username" has no effect without "grant_type password"/ ],
    [ 'password without grant', "$endpoint $client password s3cret;",
      qr/"password" has no effect without "grant_type password"/ ],
    [ 'user with another grant', "$endpoint $client username joe; password
       s3cret; grant_type passwords;",
      qr/"username" has no effect without "grant_type password"/ ],
    [ 'no user', "$endpoint $client grant_type password; password s3cret;",
      qr/no "username".*"grant_type password"/ ],
    [ 'no password', "$endpoint $client grant_type password; username joe;",
      qr/no "password".*"grant_type password"/ ],
    (map { my ($grant, $needed, $more) = (@$_, '');
           [ "$grant without its $needed", "$endpoint $client
              grant_type $grant; $more",
              qr/no parameter "$needed", which ".*" needs: .*"param"/ ] }
        [ 'urn:ietf:params:oauth:grant-type:saml2-bearer', 'assertion' ],
        [ 'urn:ietf:params:oauth:grant-type:saml2-bearer', 'assertion',
          'param assertion ""; param x y;' ],
        [ 'urn:ietf:params:oauth:grant-type:token-exchange',
          'subject_token' ],
        [ 'urn:ietf:params:oauth:grant-type:jwt-bearer', 'assertion' ],
        [ 'urn:ietf:params:oauth:grant-type:jwt-bearer', 'assertion',
          'keep_warm on; param subject_token x;' ],
        [ 'urn:ietf:params:oauth:grant-type:device_code', 'device_code' ],
        [ 'urn:openid:params:grant-type:ciba', 'auth_req_id' ],
        [ 'refresh_token', 'refresh_token' ],
        [ 'authorization_code', 'code' ]),
    [ 'empty grant', "$endpoint $client
       grant_type ''; #!", qr/grant_type.*empty/ ],
    (map { [ "param $_", "$endpoint $client
             param $_ x; #!", qr/param $_" is not allowed/ ] }
        qw(grant_type client_assertion client_assertion_type username
           password)),
);

# name, http level, server level, message

my @http = (
    [ 'unknown provider', '', 'oauthcc nobody; #!', qr/"nobody"/ ],
    [ 'duplicate provider', "oauthcc_provider crm { $endpoint $client }
       oauthcc_provider crm { $endpoint $client } #!", '',
      qr/"crm"/ ],
    [ 'no name', "oauthcc_provider { $endpoint } #!", '',
      qr/arguments.*oauthcc_provider/ ],
    [ 'the name off', "oauthcc_provider off { $endpoint $client } #!", '',
      qr/"off"/ ],
    [ 'zone', 'oauthcc_zone big; #!', '', qr/oauthcc_zone/ ],
    [ 'large zone', 'oauthcc_zone 200000m; #!', '', qr/oauthcc_zone/ ],
    [ 'small zone', 'oauthcc_zone 1k; #!', '', qr/oauthcc_zone.*small.*\d+k/s ],
    [ 'two zones', "oauthcc_zone 1m;
       oauthcc_zone 1m; #!", '', qr/oauthcc_zone.*duplicate/ ],
    [ 'two uses', "oauthcc_provider crm { $endpoint $client }",
      "oauthcc crm;
       oauthcc off; #!", qr/"oauthcc".*duplicate/ ],
    [ 'parameter', "oauthcc_provider crm { $endpoint $client }",
      'oauthcc crm maybe; #!', qr/"maybe"/ ],
    [ 'a shared certificate', "upstream idp { server 127.0.0.1:1; }
       oauthcc_provider a { token_endpoint https://idp/; client_id a;
       client_secret s3cret; }
       oauthcc_provider b { token_endpoint https://IDP/; client_id b; #!
       auth_method tls_client_auth; $own }", '',
      qr/upstream.*"a" too.*certificate.*"b".*of its own/ ],
    [ 'proxy, upstream', "upstream idp { server 127.0.0.1:1; }
       oauthcc_provider a { token_endpoint https://idp/; client_id a;
       client_secret s3cret;
       forward_proxy http://127.0.0.1:3128; } #!", '',
      qr/"forward_proxy" cannot connect to upstream "idp"/ ],
    [ 'off with more', '', 'oauthcc off optional; #!', qr/oauthcc/ ],
);

my $check = sub ($name, $config, $re, $provider) {
    my ($line) = map { $_ } grep { (split /\n/, $config)[$_ - 1] =~ /#!/ }
                 1 .. $config =~ tr/\n//;
    my ($from, $to) = $line ? ($line, $line) : (5, 5 + $config =~ tr/\n//);

    my ($code, $out) = $t->check($config =~ s/ #!//gr, OAUTHCC_EMPTY => '');
    my ($message) = $out =~ /(\[emerg\].*)/;

    is($code, 1, "$name: refused");
    like($message // $out, $re, "$name: what");

    my @lines = ($message // '') =~ m{check\.conf:(\d+)}g;
    ok(scalar(grep { $_ >= $from && $_ <= $to } @lines),
       "$name: line $from of the file") or diag $out;
    like($message // '', qr/"crm"/, "$name: the provider") if $provider;
    unlike($out, qr/s3cret/, "$name: not the secret");
};

for my $case (@block) {
    my ($name, $block, $re) = @$case;

    $check->($name, <<"CONF", $re, 1);
%%GLOBALS%%
http {
    %%HTTP%%

    oauthcc_provider crm {
        $block
    }
}
CONF
}

for my $case (@http) {
    my ($name, $http, $server, $re) = @$case;

    $check->($name, <<"CONF", $re, 0);
%%GLOBALS%%
http {
    %%HTTP%%

    $http
    server {
        listen 127.0.0.1:%%PORT_http%%;
        $server
    }
}
CONF
}

$t->done;
