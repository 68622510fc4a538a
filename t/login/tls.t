#!/usr/bin/perl

# Tests for TLS to the token endpoint: verified unless somebody says otherwise,
# for each provider by its own CA.  A login to the wrong server hands the secret
# to it, and nginx by itself verifies nothing and shares its sessions.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $dns = $t->resolver;

$t->certificate($_) for qw(idp.test other.test client.test);
$dns->set('idp.test', '127.0.0.1', 60);
$dns->set('alias.test', '127.0.0.1', 60);

# a chain as public authorities have it: the CA, three more, the server

my $by = 'root';

$t->openssl('req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes '
            . '-days 2 -subj /CN=root -keyout root.key -out root.crt');

for my $name (qw(one two three chain)) {
    my $ext = $name eq 'chain' ? 'subjectAltName=DNS:idp.test'
                               : 'basicConstraints=critical,CA:TRUE';

    $t->openssl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                . "-subj /CN=$name -addext $ext "
                . "-keyout $name.key -out $name.csr");
    $t->openssl("x509 -req -in $name.csr -CA $by.crt -CAkey $by.key "
                . "-copy_extensions copy -days 2 -out $name.crt");
    $by = $name;
}

$t->write_file('chain.pem',
               join '', map { $t->read_file("$_.crt") } qw(chain three two one));

my $chain = 'proxy_ssl_trusted_certificate %%PREFIX%%/root.crt;';

my $trust = 'proxy_ssl_trusted_certificate %%PREFIX%%/idp.test.crt;';
my $mine = 'proxy_ssl_certificate %%PREFIX%%/client.test.crt;
            proxy_ssl_certificate_key %%PREFIX%%/client.test.key;';

# name, host and port, directives, accepted?; in this order: one that succeeds
# must not open the door for the next

my @cases = (
    [ 'default', 'idp.test:%%PORT_tls%%', '', 0 ],
    [ 'trusted', 'idp.test:%%PORT_tls%%', $trust, 1 ],
    [ 'default2', 'idp.test:%%PORT_tls%%', '', 0 ],
    [ 'other_ca', 'idp.test:%%PORT_tls%%',
      'proxy_ssl_trusted_certificate %%PREFIX%%/other.test.crt;', 0 ],
    [ 'wrong_name', 'alias.test:%%PORT_tls%%', $trust, 0 ],
    [ 'given_name', 'alias.test:%%PORT_tls%%',
      "$trust proxy_ssl_name idp.test;", 1 ],
    [ 'unverified', 'alias.test:%%PORT_tls%%', 'proxy_ssl_verify off;', 1 ],
    [ 'default3', 'idp.test:%%PORT_tls%%', '', 0 ],
    [ 'both', 'idp.test:%%PORT_tls%%', "$trust proxy_ssl_verify on;
      proxy_ssl_session_reuse on; proxy_ssl_protocols TLSv1.2;", 1 ],
    [ 'again', 'idp.test:%%PORT_tls%%', 'proxy_ssl_session_reuse on;', 0 ],
    [ 'mtls', 'idp.test:%%PORT_mtls%%', "$trust $mine", 1 ],
    [ 'mtls_none', 'idp.test:%%PORT_mtls%%', $trust, 0 ],
    [ 'chain', 'idp.test:%%PORT_chain%%', $chain, 1 ],
    [ 'chain_depth', 'idp.test:%%PORT_chain%%',
      "$chain proxy_ssl_verify_depth 1;", 0 ],
    [ 'plain', 'idp.test:%%PORT_idp%%', "$trust timeout 300ms;", 0 ],
);

my $providers = join "\n", map { <<"CONF" } @cases;
    oauthcc_provider $_->[0] {
        token_endpoint https://$_->[1]/$_->[0];
        client_id gateway;
        client_secret s3cret;
        $_->[2]
    }
CONF

$t->secret('s3cret');
$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
    resolver 127.0.0.1:%%PORT_dns%% ipv6=off;

    # for what is passed to APIs: a login has a certificate of its own, or none
    $mine
$providers
    %%SERVER%%

    # TLS in front of the token endpoint

    server {
        listen 127.0.0.1:%%PORT_tls%% ssl;
        ssl_certificate %%PREFIX%%/idp.test.crt;
        ssl_certificate_key %%PREFIX%%/idp.test.key;
        proxy_set_header X-SNI \$ssl_server_name;
        proxy_set_header X-Host \$http_host;
        location / { proxy_pass http://127.0.0.1:%%PORT_idp%%; }
    }

    server {
        listen 127.0.0.1:%%PORT_chain%% ssl;
        ssl_certificate %%PREFIX%%/chain.pem;
        ssl_certificate_key %%PREFIX%%/chain.key;
        location / { proxy_pass http://127.0.0.1:%%PORT_idp%%; }
    }

    server {
        listen 127.0.0.1:%%PORT_mtls%% ssl;
        ssl_certificate %%PREFIX%%/idp.test.crt;
        ssl_certificate_key %%PREFIX%%/idp.test.key;
        ssl_verify_client on;
        ssl_client_certificate %%PREFIX%%/client.test.crt;
        location / { proxy_pass http://127.0.0.1:%%PORT_idp%%; }
    }
}
CONF

for my $case (@cases) {
    my ($name, undef, undef, $accepted) = @$case;

    $idp->clear;
    my $r = $t->get("/$name");

    like($r->status, $accepted ? qr/^200$/ : qr/^50[24]$/, "$name: status");
    is($idp->logins, $accepted, "$name: what reached the token endpoint");
    is($t->log_lines(qr/login failed.*"\Q$name\E"/), 1, "$name: one line")
        unless $accepted;
}

like(join("\n", $t->log_lines(qr/certificate.*"default"/)),
     qr/self.signed|verify/, 'the log says that the CA is unknown');
like(join("\n", $t->log_lines(qr/certificate.*"wrong_name"/)),
     qr/alias\.test|match/, 'or that the name is wrong');

# what the server was told

$idp->clear;
$t->stop;
$t->run;
$t->get($_) for '/trusted', '/given_name';

is_deeply([ map { $idp->header($_, 'X-SNI') } $idp->requests ],
          [ 'idp.test', 'idp.test' ], 'SNI');
is_deeply([ map { $idp->header($_, 'X-Host') } $idp->requests ],
          [ map { "$_:" . $t->port('tls') } 'idp.test', 'alias.test' ],
          'Host');

$t->done;
