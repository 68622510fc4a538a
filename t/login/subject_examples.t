#!/usr/bin/perl

# Tests what the examples for tokens of callers send, parameter by parameter:
# each as it is in conf-examples, but for the hosts.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use MIME::Base64 qw(encode_base64);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Docs;
use Test::OAuthCC::Example;

my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my $grant = 'urn:ietf:params:oauth:grant-type';
my $type = 'urn:ietf:params:oauth:token-type:access_token';
my $json = JSON::PP->new->canonical;

# file, token endpoint, the form, whether id and secret are in Basic; and what
# the server says to a token that it does not take, with the client's status

my @cases = (
    [ 'entra-on-behalf-of.conf', '/TENANT/oauth2/v2.0/token',
      { grant_type => "$grant:jwt-bearer", assertion => 'USER',
        requested_token_use => 'on_behalf_of',
        scope => 'https://graph.microsoft.com/.default',
        client_id => '00000000-0000-0000-0000-000000000000',
        client_secret => 's3cret' }, 0,
      { error => 'invalid_grant', suberror => 'bad_token',
        error_codes => [ 50013 ], error_description => 'AADSTS50013: ...' },
      401 ],

    [ 'keycloak-token-exchange.conf', '/realms/crm/token',
      { grant_type => "$grant:token-exchange", subject_token => 'USER',
        subject_token_type => $type, requested_token_type => $type,
        audience => 'contacts' }, 1,
      { error => 'access_denied',
        error_description => 'Client is not within the token audience' },
      403 ],

    [ 'okta-token-exchange.conf', '/oauth2/default/v1/token',
      { grant_type => "$grant:token-exchange", subject_token => 'USER',
        subject_token_type => $type, audience => 'api://contacts',
        scope => 'contacts.read' }, 1,
      { error => 'invalid_grant',
        error_description => 'subject_token is invalid.' }, 401 ],
);

$idp->answer('/realms/crm/.well-known/openid-configuration',
             { body => $json->encode({
                   issuer => 'http://127.0.0.1:' . $t->port('idp')
                             . '/realms/crm',
                   token_endpoint => 'http://127.0.0.1:' . $t->port('idp')
                                     . '/realms/crm/token' }) });

for my $case (@cases) {
    my ($file, $uri, $form, $basic, $error, $status) = @$case;

    my $text = Test::OAuthCC::Docs::slurp(
        "$FindBin::Bin/../../conf-examples/$file");

    $text =~ s{((?:token_endpoint|issuer)\s+)https:/+[^/;]+}
              {${1}http://127.0.0.1:%%PORT_idp%%}g;
    $text =~ s{(proxy_pass\s+)https:/+[^/;]+}
              {${1}http://127.0.0.1:%%PORT_api%%}g;

    $t->run(Test::OAuthCC::Example::fit($t, $text));
    $_->clear for $idp, $api;

    my $get = sub ($token) {
        return $t->get('/x', port => '8080', headers =>
            [ defined $token ? (Authorization => "Bearer $token") : () ]);
    };

    my $r = $get->('token-of-a-user');
    is($r->status, 200, "$file: status") or diag($t->error_log);

    my $login = $idp->last_request // { uri => '', body => '' };
    my %sent = map { s/%(..)/chr hex $1/ger } map { /^([^=]*)=(.*)/ }
               split /&/, $login->{body};
    s/^token-of-a-user$/USER/ for values %sent;

    is($login->{uri}, $uri, "$file: where to");
    is_deeply(\%sent, $form, "$file: the form");

    my $authorization = $idp->header($login, 'Authorization') // '';
    is($authorization =~ /^Basic \S+$/ ? 1 : 0, $basic,
       "$file: id and secret in Basic");

    is(($r->seen('Authorization'))[0], 'Bearer ' . ($idp->tokens)[-1],
       "$file: the token");
    unlike($r->body, qr/token-of-a-user/, "$file: the API does not see it");

    is($get->(undef)->status, 401, "$file: no token");

    $idp->answer('~bad-token', { status => 400,
                                 body => $json->encode($error) });
    is($get->('bad-token')->status, $status, "$file: $error->{error}");
    is($get->('another-token')->status, 200, "$file: another user");

    # a token that no default buffer of nginx would take

    is($get->('x' x 12000)->status, 200, "$file: a large token");

    if ($file =~ /entra/) {
        my $claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';

        $idp->answer('~mfa-token', { status => 400, body => $json->encode(
            { error => 'interaction_required', claims => $claims,
              error_description => 'AADSTS50079: ...' }) });

        my $r = $get->('mfa-token');
        is($r->status, 401, "$file: interaction_required");
        is($r->header('WWW-Authenticate'),
           'Bearer realm="", authorization_uri="http://127.0.0.1:'
           . $t->port('idp') . '/TENANT/oauth2/v2.0/authorize", '
           . 'error="insufficient_claims", claims="'
           . encode_base64($claims, '') . '"', "$file: its challenge");
    }

    $t->stop;
}

$t->done;
