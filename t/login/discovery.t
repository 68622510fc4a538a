#!/usr/bin/perl

# Tests for issuer: the token endpoint comes from the issuer's own metadata,
# by RFC 8414 or else as OpenID has it, and from nobody else's; what is wrong
# with them is a failed login, and no secret is sent anywhere.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

use JSON::PP ();

my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $other = $t->token_endpoint('other');
my $api = $t->upstream;

my $base = 'http://127.0.0.1:' . $t->port('idp');
my $tls = 'https://127.0.0.1:' . $t->port('tls');
my $elsewhere = 'http://127.0.0.1:' . $t->port('other');

# name, path, answers of the two places, what the log says if it fails
my (@good, @bad);

sub json (%members) { return JSON::PP->new->canonical->encode(\%members) }

sub metadata ($path, %more) {
    return { body => json(issuer => "$base$path",
                          token_endpoint => "$base$path/token", %more) };
}

my $none = { status => 404, body => 'none' };

@good = (
    [ 'rfc', '/rfc', metadata('/rfc'), $none, '/rfc/token' ],
    [ 'openid', '/openid', $none, metadata('/openid'), '/openid/token' ],
    [ 'wrong_first', '/wrong_first', { body => json(issuer => 'x') },
      metadata('/wrong_first'), '/wrong_first/token' ],
    [ 'moved', '/moved',
      metadata('/moved', token_endpoint => "$base/a/b?c=d"), $none,
      '/a/b?c=d' ],
    [ 'slash', '/slash/',
      metadata('/slash/', token_endpoint => "$base/slash/token"), $none,
      '/slash/token' ],
    [ 'big', '/big', metadata('/big', x => 'y' x 30_000), $none,
      '/big/token' ],
);

@bad = (
    [ 'other_issuer', { body => json(issuer => $base, token_endpoint => $base) },
      qr/another issuer/ ],
    [ 'no_endpoint', { body => json(issuer => "$base/no_endpoint") },
      qr/no token_endpoint/ ],
    [ 'number', metadata('/number', token_endpoint => 5),
      qr/no token_endpoint/ ],
    [ 'no_json', { body => '<html>' }, qr/not JSON/ ],
    [ 'error', { status => 500 }, qr/status is not 200, status: 500/ ],
    [ 'redirect', { status => 302,
                    headers => [ Location => "$elsewhere/x" ] },
      qr/status is not 200, status: 302/ ],
    [ 'clear', metadata('/clear', token_endpoint => 'http://192.0.2.1/'),
      qr/clear text/ ],
    [ 'scheme', metadata('/scheme', token_endpoint => 'ftp://127.0.0.1/'),
      qr/begin with https/ ],
    [ 'name', metadata('/name', token_endpoint => 'https://login.example/'),
      qr/needs a "resolver"/ ],
    [ 'cut', { body => 'x' x 100, cut => 10 }, qr/incomplete/ ],
    [ 'huge', metadata('/huge', x => 'y' x 200_000), qr/larger/ ],
);

sub place ($name, $path) {
    my $bare = $path =~ s{/$}{}r;
    $idp->answer("/.well-known/oauth-authorization-server$bare", $name->[0]);
    $idp->answer("$bare/.well-known/openid-configuration", $name->[1]);
}

place([ @$_[2, 3] ], $_->[1]) for @good;
place([ $_->[1], $_->[1] ], "/$_->[0]") for @bad;
place([ metadata('/life'), $none ], '/life');
place([ { body => json(issuer => "$base/away",
                       token_endpoint => "$elsewhere/token") }, $none ],
      '/away');

my $providers = join '', map { <<"CONF" }
    oauthcc_provider $_->[0] {
        issuer http://127.0.0.1:%%PORT_idp%%$_->[1];
        client_id gateway;
        client_secret s3cret;
        backoff 10ms 10ms;
    }
CONF
    @good, (map { [ $_->[0], "/$_->[0]" ] } @bad),
    [ 'life', '/life' ], [ 'away', '/away' ];

# a method of TLS; what matters here is which endpoint it takes

$t->certificate('client');

place([ metadata("/$_->[0]", mtls_endpoint_aliases => $_->[1]), $none ],
      "/$_->[0]")
    for [ 'alias', { token_endpoint => "$tls/alias/mtls" } ],
        [ 'no_alias', { other_endpoint => "$tls/no_alias/mtls" } ];

place([ metadata('/own', token_endpoint => "$tls/own/token"), $none ], '/own');

$providers .= <<"CONF" for 'alias', 'no_alias', 'own';
    oauthcc_provider $_ {
        issuer http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        auth_method tls_client_auth;
        proxy_ssl_certificate %%PREFIX%%/client.crt;
        proxy_ssl_certificate_key %%PREFIX%%/client.key;
        proxy_ssl_trusted_certificate %%PREFIX%%/client.crt;
        proxy_ssl_name client;
    }
CONF

# with DPoP: what the issuer lists, and the algorithm that is said not to be there

my @dpop = (
    [ 'dpop_listed', [ qw(RS256 ES256) ] ],
    [ 'dpop_unlisted', [ qw(RS256 EdDSA es256 ES2567) ], 'ES256' ],
    [ 'dpop_empty', [], 'ES256' ],
    [ 'dpop_mixed', [ 5, undef, {}, [ 'ES256' ], "ES256 " ], 'ES256' ],
    [ 'dpop_silent', undef ],
    [ 'dpop_text', 'RS256' ],
    [ 'dpop_file', [ 'ES256' ], 'ES384', 'dpop_key dpop.pem;' ],
    [ 'dpop_file_listed', [ 'ES384' ], undef, 'dpop_key dpop.pem;' ],
    [ 'no_dpop', [ 'RS256' ], undef, 'dpop off;' ],
);

$t->openssl('genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 '
            . '-out dpop.pem');
$t->secret($t->read_file('dpop.pem') =~ /^(\w\S{40})/m);

for my $case (@dpop) {
    my ($name, $listed, undef, $lines) = @$case;
    my $on = ($lines // '') =~ /off/ ? '' : 'dpop on;';

    place([ metadata("/$name", defined $listed
                     ? (dpop_signing_alg_values_supported => $listed) : ()),
            $none ], "/$name");

    $idp->answer("/$name/token", { json => { token_type => $on ? 'DPoP'
                                                               : 'Bearer' } });

    $providers .= <<"CONF";
    oauthcc_provider $name {
        issuer http://127.0.0.1:%%PORT_idp%%/$name;
        client_id gateway;
        client_secret s3cret;
        $on @{[ $lines // '' ]}
    }
CONF
}

my $config = <<"CONF";
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    map \$uri \$provider { ~^/(?<name>\\w+) \$name; }

    server {
        listen 127.0.0.1:%%PORT_tls%% ssl;
        ssl_certificate %%PREFIX%%/client.crt;
        ssl_certificate_key %%PREFIX%%/client.key;
        location / { proxy_pass http://127.0.0.1:%%PORT_idp%%; }
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        oauthcc \$provider;
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }
    }
}
CONF

$t->run($config);


####  good

for my $case (@good) {
    my ($name, $path, undef, undef, $expected) = @$case;

    my $r = $t->get("/$name");
    is($r->status, 200, "$name: a token");

    my $login = $idp->last_request;
    is("$login->{method} $login->{uri}", "POST $expected",
       "$name: from its endpoint");
    is($idp->header($login, 'Content-Length'), length $login->{body},
       "$name: a login as any other");

    my ($question) = grep { $_->{uri} =~ /well-known/ } reverse $idp->requests;
    is($question->{method}, 'GET', "$name: after a question");
    is($question->{body}, '', "$name: of no body");
    is_deeply([ map { scalar $idp->header($question, $_) }
                qw(Authorization Content-Length Content-Type) ],
              [ undef, undef, undef ], "$name: and no secret");
}

for (qw(alias/mtls own/token)) {
    my ($name) = split '/';
    is($t->get("/$name")->status, 200, "$name: a token");
    is($idp->last_request->{uri}, "/$_", 'from the endpoint for TLS');
}

is($t->get('/no_alias')->status, 502, 'an endpoint without TLS');
ok($t->log_lines(qr/is not https.*"no_alias"/), 'is none of these methods\'');

is($t->get('/away')->status, 200, 'the endpoint may be on another host');
is($other->count, 1, 'where the login goes');


####  algorithms of DPoP

for my $case (@dpop) {
    my ($name, undef, $alg) = @$case;

    is($t->get("/$name")->status, 200, "$name: a token, whatever is listed");

    my @said = $t->log_lines(qr/dpop_signing_alg_values_supported.*"$name"/);
    is(@said, $alg ? 1 : 0, "$name: so many warnings");
    like($said[0], qr/\[warn\].*the issuer does not list $alg in "dpop_s/,
         "$name: of which algorithm") if $alg;
}


####  bad

for my $case (@bad) {
    my ($name, undef, $reason) = @$case;
    my $before = grep { $_->{method} eq 'POST' } $idp->requests;

    is($t->get("/$name")->status, 502, "$name: a failed login");
    is((grep { $_->{method} eq 'POST' } $idp->requests), $before,
       "$name: no secret was sent");
    ok($t->log_lines(qr/$reason.*"$name"/), "$name: the log says why");
}

is($other->count, 1, 'redirects are not followed');


####  when it is asked again

sub asked { return scalar grep { $_->{uri} =~ m{well-known.*/life} }
                          $idp->requests }

$idp->answer('/life/token', { json => { expires_in => 1 } });

ok($t->wait_for(sub { $t->get('/life'); $idp->call('tokens');
                      3 <= grep { $_->{uri} eq '/life/token' }
                           $idp->requests }, 8), 'three logins');
is(asked(), 1, 'after one question');

$idp->answer('/life/token', { status => 503 });
$idp->answer('/life/new', { json => { expires_in => 1 } });
place([ metadata('/life', token_endpoint => "$base/life/new"), $none ],
      '/life');

ok($t->wait_for(sub { $t->get('/life')->status == 200
                      && grep { $_->{uri} eq '/life/new' } $idp->requests },
                8),
   'an endpoint that fails: its issuer is asked again');


####  nginx -t

for my $case (
    [ 'issuer https://login.example.com/;', qr/"issuer" needs a "resolver"/ ],
    [ 'issuer http://192.0.2.1/;', qr/"issuer http:.*clear text/ ],
    [ "issuer $base/?a=b;", qr/has arguments/ ],
    [ "issuer $base/#a;", qr/fragment/ ],
    [ "issuer $base; issuer $base;", qr/"issuer" directive is duplicate/ ],
    [ "issuer $base; token_endpoint $base;", qr/"issuer"/ ],
    [ "token_endpoint $base; issuer $base;", qr/"token_endpoint"/ ],
    [ '', qr/neither "token_endpoint" nor "issuer"/ ])
{
    my ($directives, $message) = @$case;
    my ($code, $out) = $t->check($config
        =~ s/issuer [^;]*;/$directives/r);

    is($code, 1, "nginx -t: $directives");
    like($out, $message, 'says so');
}

$t->done;
