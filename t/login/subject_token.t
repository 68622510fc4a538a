#!/usr/bin/perl

# Tests for the token of the calling user, "subject_token=": token exchange
# (RFC 8693) and jwt-bearer on behalf of a user.  Each has an entry of its own,
# which does not outlive the user's token, and a bad token is that user's alone.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use MIME::Base64 qw(encode_base64 encode_base64url);
use Test::More;
use Test::OAuthCC;

use Time::HiRes qw(time);

my $t = Test::OAuthCC->new(workers => 2);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my $exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
my $bearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

my $provider = sub ($name, $directives = "grant_type $exchange;") {
    return <<"CONF";
    oauthcc_provider $name {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$name/token;
        client_id gateway;
        client_secret s3cret;
        $directives
    }
CONF
};

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%

    @{[ $provider->('obo'),
        $provider->('down', "grant_type $exchange; backoff 60s 60s;"),
        $provider->('sick', "grant_type $exchange; backoff 60s 60s;"),
        $provider->('short', "grant_type $exchange; subject_token_lifetime 2s;
                              expiry_margin 0;"),
        $provider->('typed', "grant_type $exchange; subject_token_type
            urn:ietf:params:oauth:token-type:jwt;"),
        $provider->('given', "grant_type $exchange;
            param subject_token_type mine;"),
        $provider->('entra', "grant_type $bearer;
            param requested_token_use on_behalf_of; scope api/.default;"),
        $provider->('passed', "grant_type $exchange;"),
        $provider->('own', '') ]}

    map \$http_authorization \$incoming {
        "~^Bearer (?<t>.+)\$"  \$t;
    }

    large_client_header_buffers 4 32k;
    log_format id '\$uri \$oauthcc_subject_id';
    access_log %%PREFIX%%/logs/id.log id;

    server {
        listen 127.0.0.1:%%PORT_http%%;
        proxy_pass_request_headers on;

        add_header X-Error \$oauthcc_error always;
        add_header X-Expires \$oauthcc_expires_in always;
        add_header X-Id \$oauthcc_subject_id always;
        add_header X-Incoming \$oauthcc_incoming_token always;

        location /obo      { oauthcc obo subject_token=\$oauthcc_incoming_token;
                             proxy_pass http://api; }
        location /braces   { oauthcc obo subject_token=\${incoming};
                             proxy_pass http://api; }
        location /parts    { oauthcc obo "subject_token=\$arg_a.\$arg_b.\$arg_c";
                             proxy_pass http://api; }
        location /header   { oauthcc obo subject_token=\$http_x_user;
                             proxy_pass http://api; }
        location /scope    { oauthcc obo scope=\$arg_s param:actor_token=\$http_x_actor
                                     subject_token=\$oauthcc_incoming_token;
                             proxy_pass http://api; }
        location /optional { oauthcc obo optional
                                     subject_token=\$oauthcc_incoming_token;
                             proxy_pass http://api; }
        location /named    { oauthcc \$arg_p subject_token=\$oauthcc_incoming_token;
                             proxy_pass http://api; }
        location /plain    { oauthcc \$arg_p; proxy_pass http://api; }
        location /own      { oauthcc own param:x=\$http_x_user;
                             proxy_pass http://api; }

        location /passed   { oauthcc passed param:x=\$http_x_user
                                     subject_token=\$oauthcc_incoming_token;
                             oauthcc_replay 401 403;
                             proxy_next_upstream error http_403;
                             proxy_pass http://pair; }

        @{[ map { "location /$_ { oauthcc $_ subject_token=\$oauthcc_incoming_token;
                             proxy_pass http://api; }\n" }
            qw(down sick short typed given entra) ]}
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
    upstream pair { server 127.0.0.1:%%PORT_api%% max_fails=0;
                    server 127.0.0.1:%%PORT_dead%% backup; }
}
CONF

my $json = JSON::PP->new->canonical;

my $jwt = sub ($claims, $signature = 's' x 40) {
    return join '.', encode_base64url('{"alg":"none"}'),
           encode_base64url(ref $claims ? $json->encode($claims) : $claims),
           $signature;
};

my $as = sub ($token, @headers) {
    return (headers => [ defined $token
                         ? (Authorization => "Bearer $token") : (),
                         @headers ]);
};

my $form = sub ($request) {
    return { map { s/%(..)/chr hex $1/ger } map { /^([^=]*)=(.*)/ }
             split /&/, ($request // {})->{body} // '' };
};

my $challenge = sub ($r) { return join ' | ', $r->header('WWW-Authenticate') };

# what no log may hold
$t->secret('alice-token', 'mallory-token');

####  what is sent

my $r = $t->get('/obo', $as->('alice-token-1'));
is($r->status, 200, 'alice');
is_deeply($form->($idp->last_request),
          { grant_type => $exchange, subject_token => 'alice-token-1',
            subject_token_type =>
                'urn:ietf:params:oauth:token-type:access_token' },
          'the form of an exchange');
is(($r->seen('Authorization'))[0], 'Bearer ' . ($idp->tokens)[-1],
   'her token for the API');
unlike($r->body, qr/alice-token/, 'the API does not see hers');
is($r->header('X-Incoming'), 'alice-token-1', '$oauthcc_incoming_token');
like($r->header('X-Id'), qr/^[0-9a-f]{32}$/, '$oauthcc_subject_id');

my %id = (alice => $r->header('X-Id'));

$t->get('/typed', $as->('alice-token-1'));
is($form->($idp->last_request)->{subject_token_type},
   'urn:ietf:params:oauth:token-type:jwt', 'subject_token_type');
$t->get('/given', $as->('alice-token-1'));
is($form->($idp->last_request)->{subject_token_type}, 'mine',
   'param subject_token_type');

$t->get('/entra', $as->('alice-token-1'));
is_deeply($form->($idp->last_request),
          { grant_type => $bearer, assertion => 'alice-token-1',
            requested_token_use => 'on_behalf_of', scope => 'api/.default' },
          'on behalf of');

$t->get('/scope?s=one', $as->('alice-token-1', 'X-Actor' => 'actor-1'));
is_deeply($form->($idp->last_request),
          { grant_type => $exchange, subject_token => 'alice-token-1',
            subject_token_type =>
                'urn:ietf:params:oauth:token-type:access_token',
            scope => 'one', actor_token => 'actor-1' }, 'with parameters');

####  whose it is

$idp->clear;

my %token;
for my $round (1 .. 3) {
    for my $user ('alice-token-1', map { "user-$_" } 1 .. 9) {
        my $r = $t->get('/obo', $as->($user));
        $token{ ($r->seen('Authorization'))[0] }{$user} = 1;
        $id{$user} = $r->header('X-Id');
    }
}

is($idp->logins, 9, 'a login for each user');
is(scalar(grep { keys %$_ > 1 } values %token), 0, 'a token each');
is(keys %token, 10, 'of their own');
is($id{'alice-token-1'}, $id{alice}, 'an id stays');
is(keys %{{ reverse %id }}, 10, 'and differs from others');

# the same token by another way is the same entry

$idp->clear;
is($t->get('/braces', $as->('alice-token-1'))->status, 200, 'by a map');
is($t->get('/header', headers => [ 'X-User' => 'alice-token-1' ])->status,
   200, 'by another header');
is($idp->logins, 0, 'it is the same entry');
is($t->get('/parts?a=x&b=y&c=z')->status, 200, 'put together');
is($form->($idp->last_request)->{subject_token}, 'x.y.z', 'as it is');

for my $value ('Bearer  two', 'bearer two', 'BEARER two  ', 'Bearer two') {
    $t->get('/obo', headers => [ Authorization => $value ]);
}
is(scalar(grep { $form->($_)->{subject_token} eq 'two' } $idp->requests), 1,
   'the scheme in any case, and spaces');

####  no token, and bad ones

$idp->clear;

for my $case ([ 'none' ], [ 'empty', 'Bearer' ], [ 'blank', 'Bearer ' ],
              [ 'of another scheme', 'Basic YTpi' ])
{
    my ($name, $value) = @$case;
    my $r = $t->get('/obo',
                    headers => [ $value ? (Authorization => $value) : () ]);
    is($r->status, 401, "$name: 401");
    is($challenge->($r), 'Bearer realm=""', "$name: challenge");
    is($r->header('X-Error'), 'no subject token', "$name: error");
}

my $now = int time;

for my $case ([ 'expired', $jwt->({ exp => $now - 5 }) ],
              [ 'expired long ago', $jwt->({ exp => 1, sub => 'x' }) ],
              [ 'expired as a text', $jwt->({ exp => '1' }) ],
              [ 'with blanks in JSON', $jwt->('{ "exp" : 12 }') ],
              [ 'with a blank', 'a b' ], [ 'not ASCII', "a\xe4b" ],
              [ 'too long', 'x' x 16385 ])
{
    my ($name, $token) = @$case;
    my $r = $t->get('/obo', $as->($token));
    is($r->status, 401, "$name: 401");
    is($challenge->($r), 'Bearer realm="", error="invalid_token"',
       "$name: challenge");
}

is($idp->logins, 0, 'no login for any');

# no JWT, or one that does not say when it ends: the server has to know

for my $token ('x' x 16384, $jwt->({ sub => 'x' }), $jwt->('{"exp":'), 'a.b.c',
               $jwt->({ exp => undef }), $jwt->({ exp => [ 1 ] }), '..', '.')
{
    is($t->get('/obo', $as->($token))->status, 200, 'a login for '
       . substr $token, 0, 20);
}

is($idp->logins, 8, 'all of them were tried');

# without a token "optional" passes the request on, and never with another's

$api->clear;
$idp->clear;
for my $headers ([], [ Authorization => 'Basic YTpi' ]) {
    my $r = $t->get('/optional', headers => $headers);
    is($r->status, 200, 'optional: 200');
    is(join(',', $r->seen('Authorization')), '', 'without a token');
}
is($t->get('/optional', $as->($jwt->({ exp => 1 })))->status, 200,
   'optional: also with an expired one');
is($idp->logins, 0, 'and no login');
is(scalar(grep { $_->{head} =~ /^Authorization/mi } $api->requests), 0,
   'no request has had one');

is($t->get('/named?p=obo', $as->('alice-token-1'))->status, 200,
   'a provider by a variable');
is($t->get('/named?p=own', $as->('alice-token-1'))->status, 500,
   'one that has no use for it');
is($t->get('/plain?p=obo')->status, 500, 'and one that needs it');
is($t->get('/plain?p=own')->status, 200, 'the others are as ever');
ok($t->log_lines(qr/do not agree on "subject_token=".*"own"/), 'in the log');

####  whose a failure is

my $bad = sub ($match, $status, $error, %more) {
    $idp->answer("~$match", { status => $status,
                 body => $json->encode({ error => $error, %more }) });
};

my %status = (
    (map { $_ => 401 } qw(invalid_grant invalid_request invalid_token
                          login_required)),
    (map { $_ => 403 } qw(access_denied invalid_scope invalid_target
                          interaction_required consent_required)),
    (map { $_ => 502 } qw(unauthorized_client unsupported_grant_type
                          server_error something_else)),
);

for my $error (sort keys %status) {
    for my $http (400, 401, 403, 200) {
        $idp->clear;
        my $token = "mallory-token-$error-$http";
        $bad->("$token", $http, $error);

        my $r = $t->get('/obo', $as->($token));
        is($r->status, $status{$error}, "$http $error: the client's status");
        is($challenge->($r),
           $status{$error} == 401 ? 'Bearer realm="", error="invalid_token"'
           : $status{$error} == 403
           ? 'Bearer realm="", error="insufficient_scope"' : '',
           "$http $error: challenge");

        next if $http != 400;

        my $again = $t->get('/obo', $as->($token));
        is($again->status, $status{$error} == 502 ? 503 : $status{$error},
           "$error: again");
        is($challenge->($again), $challenge->($r), "$error: as before");
        is($again->header('Retry-After') ? 1 : 0,
           $status{$error} == 502 ? 1 : 0,
           "$error: Retry-After");
        is($idp->logins, 1, "$error: one login");
        is($t->get('/obo', $as->("bob-$error"))->status, 200,
           "$error: bob at the same time");
    }
}

# 5xx is the entry's own, until three different subjects have met one

for my $n (1, 1, 1, 2, 2) {
    $idp->answer("~/sick.*sick-$n", { status => 500 });
    cmp_ok($t->get('/sick', $as->("sick-$n"))->status, '>=', 502,
           "sick $n has a server error");
}
is($t->get('/sick', $as->('well-1'))->status, 200, 'others log in');

for my $n (3, 4) {
    $idp->answer("~/sick.*sick-$n", { status => 500 });
    is($t->get('/sick', $as->("sick-$n"))->status, 502, "sick $n");
}
is($t->get('/sick', $as->('well-2'))->status, 200, 'a success in between');

for my $n (5 .. 7) {
    $idp->answer("~/sick.*sick-$n", { status => 500 });
    is($t->get('/sick', $as->("sick-$n"))->status, 502, "sick $n, in a row");
}
$idp->clear;
is($t->get('/sick', $as->('well-3'))->status, 503,
   'after three in a row it is the provider\'s');
is($t->get('/sick', $as->('well-1'))->status, 200,
   'who has a token is served');
is($idp->logins, 0, 'and no login is tried');

# what the server says of itself is the provider's

$bad->('mallory-token-client', 401, 'invalid_client');
is($t->get('/down', $as->('mallory-token-client'))->status, 502,
   'invalid_client');
$idp->clear;
is($t->get('/down', $as->('dora'))->status, 503, 'is everybody\'s');
is($idp->logins, 0, 'without a login');

####  claims

my $claims = '{"access_token":{"capolids":{"essential":true,"values":["x"]}}}';

$bad->('wants-claims', 400, 'interaction_required', claims => $claims);
$r = $t->get('/entra', $as->('wants-claims'));
is($r->status, 401, 'interaction_required with claims');

my $expected = 'Bearer realm="", authorization_uri="http://127.0.0.1:'
    . $t->port('idp') . '/entra/authorize", error="insufficient_claims", '
    . 'claims="' . encode_base64($claims, '') . '"';
is($challenge->($r), $expected, 'its challenge');
is($challenge->($_), $expected, 'for each who asks')
    for $t->concurrent(8, GET => '/entra', $as->('wants-claims'));
is($t->get('/entra', $as->('wants-claims'))->status, 401, 'and later');

for my $more ({}, { claims => '' }, { claims => 7 }, { claims => 'x' x 2049 })
{
    state $n = 0;
    $bad->('wants-' . ++$n, 400, 'interaction_required', %$more);
    $r = $t->get('/entra', $as->("wants-$n"));
    is($r->status, 403, 'interaction_required without claims');
    is($challenge->($r), 'Bearer realm="", error="insufficient_scope"',
       'its challenge');
}

$bad->('wants-secret', 400, 'interaction_required', claims => 'x s3cret y');
$r = $t->get('/entra', $as->('wants-secret'));
is($r->status . $challenge->($r),
   '403Bearer realm="", error="insufficient_scope"',
   'claims that repeat a secret are not shown');

####  lives

$idp->answer({ json => { expires_in => 300 } });

$r = $t->get('/obo', $as->($jwt->({ exp => int(time) + 60, sub => 'carol' })));
is($r->status, 200, 'a JWT of 60 s');
cmp_ok($r->header('X-Expires'), '<=', 60, 'expires_in 300 is 60 at most');
cmp_ok($r->header('X-Expires'), '>', 60 - $t->seconds(10), 'and not less');

$r = $t->get('/obo', $as->($jwt->({ exp => int(time) + 3600 })));
cmp_ok($r->header('X-Expires'), '>', 250, 'one of an hour is no limit');

$r = $t->get('/obo', $as->('opaque-1'));
cmp_ok($r->header('X-Expires'), '>', 250, 'nor is one that says nothing');

$idp->answer({ json => { expires_in => 3600 } });
$r = $t->get('/obo', $as->('opaque-2'));
cmp_ok($r->header('X-Expires'), '<=', 300, 'but for five minutes');

$r = $t->get('/short', $as->('opaque-3'));
cmp_ok($r->header('X-Expires'), '<=', 2, 'subject_token_lifetime');
$r = $t->get('/short', $as->($jwt->({ exp => int(time) + 60 })));
cmp_ok($r->header('X-Expires'), '<=', 2, 'and for a JWT');

$idp->clear;
ok($t->wait_for(sub {
    $t->get('/short', $as->('opaque-3'));
    return $idp->logins;
}, 10), 'then it is asked for again');

# a JWT that ends while it is in use

my $soon = $jwt->({ exp => int(time) + 3, sub => 'dave' });
is($t->get('/obo', $as->($soon))->status, 200, 'a JWT of 3 s');
ok($t->wait_for(sub { $t->get('/obo', $as->($soon))->status == 401 }, 10),
   'ends');
my $logins = $idp->logins;
is($t->get('/obo', $as->($soon))->status, 401, 'and stays so');
is($t->get('/obo', $as->($soon))->header('X-Error'),
   'subject token has expired', 'in $oauthcc_error');
is($idp->logins, $logins, 'without a login');

####  one login, however many ask

$idp->clear;
$idp->answer({ delay => 0.2 });

my $large = $jwt->({ exp => int(time) + 600, pad => 'x' x 3000 });
is(Test::OAuthCC::tally($t->concurrent(40, GET => '/obo', $as->($large))),
   '200 x 40', 'a herd with ' . length($large) . ' bytes');
is($idp->logins, 1, 'is one login');

$bad->('mallory-token-herd', 400, 'invalid_grant');
is(Test::OAuthCC::tally(
       $t->concurrent(20, GET => '/obo', $as->('mallory-token-herd'))),
   '401 x 20', 'so is one with a bad token');
is(scalar(grep { $_->{body} =~ /herd/ } $idp->requests), 1, 'one login');

####  large parameters

$idp->answer({});
$idp->clear;

for my $length (1024, 1025, 4000, 16384) {
    my $value = 'v' x ($length - 1);

    is($t->get('/own', headers => [ 'X-User' => "$value$_" ])->status, 200,
       "$length bytes") for 1, 2, 1;
    is($form->($idp->last_request)->{x}, "${value}2",
       "$length bytes are sent");
}
is($idp->logins, 8, 'an entry for each');
is($t->get('/own', headers => [ 'X-User' => 'v' x 16385 ])->status, 400,
   'above 16 KB');
is($t->get('/own', headers => [ 'X-User' => ('v' x 2000) . "\t" ])->status,
   400, 'a control character');

is($t->get('/scope?s=' . 's' x 2000,
           $as->('alice-token-1', 'X-Actor' => 'a' x 3000))->status, 200,
   'several');
is_deeply([ @{ $form->($idp->last_request) }{qw(scope actor_token)} ],
          [ 's' x 2000, 'a' x 3000 ], 'are sent');
ok(!$t->log_lines(qr/sss|aaa/), 'and not logged');

####  a login that begins as its request ends

# the token was refused, and the server that the request went on to was down

$idp->clear;
$api->answer('/passed', { status => 403, headers => [
    'WWW-Authenticate' => 'Bearer error="invalid_token"' ] });

is($t->get('/passed', $as->('alice-token-1', 'X-User' => 'u' x 3000))->status,
   502, 'no server has taken the token');
ok($idp->wait_count(2), 'another login');
is_deeply([ @{ $form->($idp->last_request) }{qw(subject_token x)} ],
          [ 'alice-token-1', 'u' x 3000 ],
          '... with what the request has brought');

####  the log

like($t->read_file('logs/id.log'), qr{^/obo \Q$id{alice}\E$}m,
     '$oauthcc_subject_id in an access log');
unlike($t->error_log, qr/alice-token|mallory-token|opaque/,
       'no token of a user in the log');

$t->done;
