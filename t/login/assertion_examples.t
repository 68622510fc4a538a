#!/usr/bin/perl

# Tests what the examples whose grant or token is a JWT of the gateway's own
# send, claim by claim: each as it is in conf-examples, but for the hosts.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use MIME::Base64 qw(decode_base64url);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Docs;
use Test::OAuthCC::Example;

# the clock of the other one is some milliseconds late
use Time::HiRes qw(time);

my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $prefix = $t->prefix;
my $grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
my $google = 'gateway@PROJECT.iam.gserviceaccount.com';
my $kid = '0' x 40;

# file, location, header, claims, lifetime, where to, the rest of the form; or,
# of a token, headers that the API has to see

my @cases = (
    [ 'google.conf', '/account/', { alg => 'RS256', kid => $kid },
      { iss => $google, aud => 'https://oauth2.googleapis.com/token',
        scope => 'https://www.googleapis.com/auth/devstorage.read_only' },
      3600, '/token', {} ],

    [ 'google.conf', '/self/', { alg => 'RS256', kid => $kid },
      { iss => $google, sub => $google,
        aud => 'https://storage.googleapis.com/' }, 3600 ],

    [ 'salesforce-jwt.conf', '/services/data/', { alg => 'RS256' },
      { iss => '00000000000000000000', sub => 'gateway@example.com',
        aud => 'https://login.salesforce.com' }, 180,
      '/services/oauth2/token', {} ],

    [ 'docusign.conf', '/restapi/', { alg => 'RS256' },
      { iss => '00000000-0000-0000-0000-000000000000',
        sub => '11111111-1111-1111-1111-111111111111',
        aud => 'account-d.docusign.com',
        scope => 'signature impersonation' }, 3600, '/oauth/token', {} ],

    [ 'box.conf', '/2.0/', { alg => 'RS512', kid => 'aaaaaaaa' },
      { iss => '0' x 32, sub => '11111111', box_sub_type => 'enterprise',
        aud => 'https://api.box.com/oauth2/token' }, 30, '/oauth2/token',
      { client_id => '0' x 32, client_secret => 's3cret' } ],

    [ 'snowflake.conf', '/api/', { alg => 'RS256' },
      { iss => 'ACCOUNT.GATEWAY.SHA256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=',
        sub => 'ACCOUNT.GATEWAY' }, 3000, undef,
      { 'X-Snowflake-Authorization-Token-Type' => 'KEYPAIR_JWT' } ],
);

my $running = '';

for my $case (@cases) {
    my ($file, $location, $header, $claims, $life, $uri, $rest) = @$case;
    my $name = "$file $location";

    # the hosts are those of the test, the audience is what it would be there
    my $text = Test::OAuthCC::Docs::slurp(
        "$FindBin::Bin/../../conf-examples/$file");

    $text =~ s{^oauthcc_provider [^\}]+}{
        my $block = $&;
        my $has = $block =~ /assertion_audience/;

        $block =~ s{(token_endpoint\s+)(https:/+[^/;]+)([^;]*);}
                   {"${1}http://127.0.0.1:%%PORT_idp%%$3;"
                    . ($has ? '' : " assertion_audience $2$3;")}er;
    }gem;
    $text =~ s{(proxy_pass\s+)https:/+[^/;]+}
              {${1}http://127.0.0.1:%%PORT_api%%}g;

    if ($running ne $file) {
        $t->stop;
        $t->run(Test::OAuthCC::Example::fit($t, $text));
        $running = $file;
    }

    $_->clear for $idp, $api;
    my $r = $t->get($location . 'x', port => '8080');
    is($r->status, 200, "$name: status") or diag($t->error_log);

    my ($jwt, $form);

    if ($uri) {
        my $login = $idp->last_request // { uri => '', body => '' };

        $form = { map { s/%(..)/chr hex $1/ger } map { /^([^=]*)=(.*)/ }
                  split /&/, $login->{body} };
        $jwt = delete $form->{assertion};

        is($login->{uri}, $uri, "$name: where to");
        is_deeply($form, { grant_type => $grant, %$rest }, "$name: the form");
        is(($r->seen('Authorization'))[0], 'Bearer ' . ($idp->tokens)[-1],
           "$name: the token");

    } else {
        ($jwt) = ($r->seen('Authorization'))[0] =~ /^Bearer (\S+)$/;
        $t->secret($jwt);

        is($idp->count, 0, "$name: no login");
        is(($r->seen($_))[0], $rest->{$_}, "$name: $_")
            for sort keys %{ $rest // {} };
    }

    my ($signed, $signature) = ($jwt // '') =~ /^(\S+)\.([\w-]+)$/ or do {
        fail("$name: a JWT");
        next;
    };

    my ($head, $said) = map { JSON::PP::decode_json(decode_base64url($_)) }
                        split /\./, $signed;

    is_deeply($head, { typ => 'JWT', %$header }, "$name: header");

    my ($iat, $nbf, $exp, $jti) = delete @{$said}{qw(iat nbf exp jti)};

    cmp_ok(abs($iat + 5 - time), '<', $t->seconds(3), "$name: iat");
    is($nbf, $iat, "$name: nbf");
    is($exp - $iat, $life, "$name: lifetime");
    like($jti, qr/^[\w-]{22}$/, "$name: jti");
    is_deeply($said, $claims, "$name: claims");

    for ([ signed => $signed ], [ signature => decode_base64url($signature) ])
    {
        open my $fh, '>:raw', "$prefix/$_->[0]" or die;
        print $fh $_->[1];
        close $fh;
    }

    my ($bits) = $header->{alg} =~ /(\d+)/;
    $t->openssl('pkey -in example-rsa.key -pubout -out example-rsa.pub');
    like($t->openssl("dgst -sha$bits -verify example-rsa.pub "
                     . '-signature signature signed'), qr/^Verified OK/,
         "$name: signature");
}

$t->done;
