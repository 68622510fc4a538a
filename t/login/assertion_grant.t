#!/usr/bin/perl

# Tests of a JWT of our own that is the grant (RFC 7523 section 2.1), or the
# token itself, for each system that docs/directives.md names: header, every
# claim, the rest of the form, and the signature, which the openssl command
# verifies; and of what happens at its end, and when something is wrong.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use MIME::Base64 qw(decode_base64url);
use Test::More;
use Test::OAuthCC;

# the clock of the other one is some milliseconds late
use Time::HiRes qw(time);

my $t = Test::OAuthCC->new(workers => 2);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $prefix = $t->prefix;

$t->openssl('genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem');
$t->openssl('pkey -in key.pem -pubout -out key.pub');
$t->openssl('genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out new.pem');
$t->openssl('pkey -in new.pem -pubout -out new.pub');

$t->write_file('moved.pem', $t->read_file('key.pem'));
$t->write_file('subject', "first\@example.com\n");
$t->write_file('claim', '{"a": [1, 2]}' . "\n");
$t->write_file('broken', '{"a": 1}' . "\n");
$t->secret('s3cret-of-box');

my $jwt_bearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
my $client = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
my $key = 'assertion_key key.pem;';
my $grant = "assertion_use grant; $key";
my $token = "assertion_use token; $key";

# name, directives, header, claims, lifetime, the rest of the form

my @grants = (
    [ google => "$grant assertion_issuer gw\@project.example;
        assertion_kid 1234; assertion_lifetime 1h;
        assertion_audience https://oauth2.googleapis.com/token;
        assertion_claim scope 'https://www.googleapis.com/auth/devstorage.read_only';",
      { kid => '1234' },
      { iss => 'gw@project.example',
        aud => 'https://oauth2.googleapis.com/token',
        scope => 'https://www.googleapis.com/auth/devstorage.read_only' },
      3600, {} ],

    [ google_user => "$grant assertion_issuer gw\@project.example;
        assertion_subject ann\@example.com; assertion_lifetime 1h;",
      {}, { iss => 'gw@project.example', sub => 'ann@example.com' }, 3600, {} ],

    [ salesforce => "$grant assertion_issuer 3MVG9.key;
        assertion_subject user\@example.com; assertion_lifetime 3m;
        assertion_audience https://login.example.com;",
      {}, { iss => '3MVG9.key', sub => 'user@example.com',
            aud => 'https://login.example.com' }, 180, {} ],

    [ docusign => "$grant assertion_issuer 11-22; assertion_subject 33-44;
        assertion_audience account.example.com; assertion_lifetime 1h;
        assertion_claim scope 'signature impersonation';",
      {}, { iss => '11-22', sub => '33-44', aud => 'account.example.com',
            scope => 'signature impersonation' }, 3600, {} ],

    [ box => "$grant assertion_kid k1; client_id box-id;
        auth_method client_secret_post; client_secret s3cret-of-box;
        assertion_subject 4711; assertion_claim box_sub_type enterprise;
        assertion_lifetime 30s;",
      { kid => 'k1' },
      { iss => 'box-id', sub => '4711', box_sub_type => 'enterprise' }, 30,
      { client_id => 'box-id', client_secret => 's3cret-of-box' } ],

    # what else may be said
    [ id => "$grant client_id gateway;", {}, { iss => 'gateway' }, 60,
      { client_id => 'gateway' } ],
    [ none => "$grant client_id gateway; auth_method none; scope 'a b';
               assertion_issuer me;",
      {}, { iss => 'me' }, 60, { client_id => 'gateway', scope => 'a b' } ],
    [ json => "$grant assertion_issuer me; assertion_claim n 42 json;
        assertion_claim list '[\"a\", {\"b\": null}]' json;
        assertion_claim yes true json; assertion_claim text true;
        assertion_claim empty ''; assertion_claim file file:claim json;
        assertion_claim big 9007199254740993 json;",
      {}, { iss => 'me', n => 42, list => [ 'a', { b => undef } ],
            yes => JSON::PP::true, text => 'true', empty => '',
            file => { a => [ 1, 2 ] }, big => 9007199254740993 }, 60, {} ],
    [ type => "$grant assertion_issuer me; grant_type urn:example:mine;
        param x y; assertion_subject env:OAUTHCC_SUBJECT;",
      {}, { iss => 'me', sub => 'of-env' }, 60,
      { grant_type => 'urn:example:mine', x => 'y' } ],
    [ subject => "$grant assertion_issuer me; assertion_subject file:subject;
        backoff 1ms 1ms;",
      {}, { iss => 'me', sub => 'first@example.com' }, 60, {} ],
);

# the location's own scope, and what fails
my @more = (
    [ scoped => "$grant assertion_issuer me; assertion_claim scope one;" ],
    [ unscoped => "$grant assertion_issuer me;" ],
    [ both => "$grant client_id gateway; auth_method private_key_jwt;
               assertion_subject you; assertion_claim scope one;" ],
    [ basic => "$grant client_id gateway; client_secret plain;
                auth_method client_secret_basic; assertion_subject you;" ],
    [ client => "$key client_id gateway; auth_method private_key_jwt;
                 assertion_subject you; assertion_claim tenant 7 json;" ],
    [ refused => "$grant assertion_issuer me;" ],
    [ broken => "$grant assertion_issuer me; backoff 1ms 1ms;
                 assertion_claim x file:broken json;" ],
);

# name, directives, claims, lifetime: the JWT is the token

my @tokens = (
    [ snowflake => "$token assertion_issuer ACCOUNT.USER.SHA256:fp=;
        assertion_subject ACCOUNT.USER; assertion_lifetime 50m;",
      { iss => 'ACCOUNT.USER.SHA256:fp=', sub => 'ACCOUNT.USER' }, 3000 ],
    [ google_api => "$token assertion_issuer gw\@project.example;
        assertion_subject gw\@project.example; assertion_lifetime 1h;
        assertion_audience https://api.example.com/;",
      { iss => 'gw@project.example', sub => 'gw@project.example',
        aud => 'https://api.example.com/' }, 3600 ],
    [ signed_scope => "$token assertion_issuer me; assertion_lifetime 10m;
        assertion_claim scope one;", { iss => 'me', scope => 'one' }, 600 ],
    [ short => "$token client_id gateway; assertion_lifetime 10s;
        expiry_margin 1s; refresh_before 1s;", { iss => 'gateway' }, 10 ],
    [ revoked => "$token assertion_issuer me; assertion_lifetime 1h;",
      { iss => 'me' }, 3600 ],
    [ moved => "$token assertion_issuer me; assertion_lifetime 1h;"
               =~ s/key\.pem/moved.pem/r, { iss => 'me' }, 3600 ],
);

sub provider ($name, $directives, $endpoint) {
    return "oauthcc_provider $name { $endpoint $directives }\n";
}

my $providers = join '',
    (map { provider($_->[0], $_->[1],
                    "token_endpoint http://127.0.0.1:%%PORT_idp%%/$_->[0];") }
         @grants, @more),
    map { provider($_->[0], $_->[1], '') } @tokens,
        [ 'warm', "$token assertion_issuer me; keep_warm on;" ],
        [ 'bad', "$token assertion_issuer me; backoff 1ms 1ms;
                  assertion_claim x file:broken json;" ];

my $config = <<"CONF";
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    map \$uri \$provider {
        ~^/(?<name>[^/]+) \$name;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        add_header X-Expires \$oauthcc_expires_in;
        add_header X-Error \$oauthcc_error always;
        oauthcc \$provider;
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }

        location = /scoped { oauthcc scoped scope=\$arg_s;
                             proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location = /unscoped { oauthcc unscoped scope=\$arg_s;
                               proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location = /signed_scope { oauthcc signed_scope scope=\$arg_s
                                           audience=\$arg_a;
                               proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location = /snowflake {
            oauthcc snowflake;
            proxy_set_header X-Snowflake-Authorization-Token-Type KEYPAIR_JWT;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
}
CONF

$t->run($config, OAUTHCC_SUBJECT => 'of-env');


# the form of the last login
sub form () {
    my $body = ($idp->last_request // {})->{body} // '';
    return { map { s/%(..)/chr hex $1/ger } map { /^([^=]*)=(.*)/ }
             split /&/, $body };
}


# the token that the API has seen
sub bearer ($r) {
    my ($header) = $r->seen('Authorization');
    return ($header // '') =~ /^Bearer (\S+)$/ ? $t->secret($1) : '';
}


# header and claims of a JWT whose signature this key has made
sub verified ($jwt, $key = 'key') {
    my ($text, $signature) = ($jwt // '') =~ /^([\w-]+\.[\w-]+)\.([\w-]+)$/
        or return ({}, {});

    for ([ signed => $text ], [ signature => decode_base64url($signature) ]) {
        open my $fh, '>:raw', "$prefix/$_->[0]" or die;
        print $fh $_->[1];
        close $fh;
    }

    my $said = `cd $prefix && openssl dgst -sha256 -verify $key.pub \\
                -signature signature signed 2>&1`;
    like($said, qr/^Verified OK/, 'signature');

    return map { JSON::PP::decode_json(decode_base64url($_)) } split /\./, $text;
}


# all claims, iat and jti, and how long it is good
sub claims_are ($name, $claims, $expected, $life, $aud) {
    my %all = %$claims;
    my ($iat, $nbf, $exp, $jti) = delete @all{qw(iat nbf exp jti)};

    cmp_ok(abs($iat + 5 - time), '<', 3, "$name: iat lies back");
    is($nbf, $iat, "$name: nbf");
    is($exp - $iat, $life, "$name: lifetime");
    like($jti, qr/^[\w-]{22}$/, "$name: jti");
    is_deeply(\%all, { defined $aud ? (aud => $aud) : (), %$expected },
              "$name: claims");
}

####  the grant

for my $case (@grants) {
    my ($name, undef, $header, $claims, $life, $rest) = @$case;

    is($t->get("/$name")->status, 200, "$name: a token");

    my $form = form();
    my ($head, $said) = verified(delete $form->{assertion});

    is_deeply($head, { alg => 'RS256', typ => 'JWT', %$header },
              "$name: header");
    claims_are($name, $said, $claims, $life,
               $t->fill("http://127.0.0.1:%%PORT_idp%%/$name"));
    is_deeply($form, { grant_type => $jwt_bearer, %$rest }, "$name: the form");
    ok(!$idp->header($idp->last_request, 'Authorization'),
       "$name: nothing in the header");
}

####  beside another method

is($t->get('/both')->status, 200, 'private_key_jwt as well');
my $form = form();
my (undef, $said) = verified(delete $form->{assertion});
claims_are('both', $said, { iss => 'gateway', sub => 'you', scope => 'one' },
           60, $t->fill('http://127.0.0.1:%%PORT_idp%%/both'));
my $jti = $said->{jti};
(undef, $said) = verified(delete $form->{client_assertion});
claims_are('the second', $said, { iss => 'gateway', sub => 'gateway' }, 60,
           $t->fill('http://127.0.0.1:%%PORT_idp%%/both'));
isnt($said->{jti}, $jti, 'a jti of its own');
is_deeply($form, { grant_type => $jwt_bearer, client_id => 'gateway',
                   client_assertion_type => $client }, 'the form');

is($t->get('/basic')->status, 200, 'Basic as well');
ok($idp->header($idp->last_request, 'Authorization'), 'in the header');
ok(form()->{assertion}, 'beside the grant');
ok(!form()->{client_id}, 'and no id in the form');

is($t->get('/client')->status, 200, 'claims of a client assertion');
(undef, $said) = verified(form()->{client_assertion});
claims_are('client', $said, { iss => 'gateway', sub => 'you', tenant => 7 }, 60,
           $t->fill('http://127.0.0.1:%%PORT_idp%%/client'));
ok(!form()->{assertion}, 'and no grant');

####  the scope of a location

for (two => 'two', 'one two' => 'one%20two') {
    next if /%/;
    my $sent = s/ /%20/r;
    is($t->get("/scoped?s=$sent")->status, 200, "scope=$_");
    # a variable is not decoded
    (undef, $said) = verified(form()->{assertion});
    is($said->{scope}, $sent, 'is the claim');
    ok(!exists form()->{scope}, 'and no parameter');
}

is($t->get('/scoped?s=')->status, 200, 'an empty one');
(undef, $said) = verified(form()->{assertion});
is($said->{scope}, 'one', 'is that of the provider');

is($t->get('/unscoped?s=two')->status, 200, 'without such a claim');
(undef, $said) = verified(form()->{assertion});
ok(!exists $said->{scope}, 'there is none');
is(form()->{scope}, 'two', 'but a parameter');

####  a new subject, and a refusal

$t->write_file('subject', "second\@example.com\n");
$idp->answer('/subject', { json => { expires_in => 1 } });
ok($t->wait_for(sub {
    $idp->clear;
    $t->get('/subject');
    return (form()->{assertion} // '') ne ''
           && (verified(form()->{assertion}))[1]{sub} eq 'second@example.com';
}), 'what is in the file now') if $t->reload;

$idp->answer('/refused', { status => 400, body => '{"error":"invalid_grant"}',
                           headers => [ Date => 'Sun, 01 Jan 2023 00:00:00 GMT' ]
                         });
is($t->get('/refused')->status, 502, 'invalid_grant');
is($t->get('/refused')->status, 503, 'and a backoff');
ok($t->log_lines(qr/clock of this host is \d+ seconds ahead.*"refused"/),
   'a hint at the clock');

####  the token itself

$idp->clear;

for my $case (@tokens) {
    my ($name, undef, $claims, $life) = @$case;

    my $before = time;
    my $r = $t->get("/$name");
    is($r->status, 200, "$name: status");

    my $jwt = bearer($r);

    my ($head, $said) = verified($jwt);
    claims_are($name, $said, $claims, $life, undef);

    is(bearer($t->get("/$name")), $jwt, "$name: the same again");

    my $left = $r->header('X-Expires');
    cmp_ok($left, '<=', $said->{exp} - $before, "$name: no longer than exp");
    cmp_ok($left, '>=', $said->{exp} - $before - 3, "$name: nor much less");
}

is(($t->get('/snowflake')
    ->seen('X-Snowflake-Authorization-Token-Type'))[0], 'KEYPAIR_JWT',
   'a header beside it');

# by location
for my $case ([ 's=two' => { iss => 'me', scope => 'two' } ],
              [ 'a=urn:x' => { iss => 'me', scope => 'one', aud => 'urn:x' } ])
{
    my $jwt = bearer($t->get("/signed_scope?$case->[0]"));
    claims_are($case->[0], (verified($jwt))[1], $case->[1], 600, undef);
}

# a value of which the workers keep a digest
my $large = 's' x 2000;
is((verified(bearer($t->get("/signed_scope?s=$large"))))[1]{scope}, $large,
   'a large scope');

# at its end there is another one
my $first = bearer($t->get('/short'));
$api->clear;
ok($t->wait_for(sub { bearer($t->get('/short')) ne $first }, 10),
   'a token that ends is replaced');
is($api->count, grep({ $_->{head} =~ /^Authorization: Bearer/m }
                     $api->requests) + 0, 'no request went without one');

# after a refusal as well
$first = bearer($t->get('/revoked'));
$api->answer('/revoked', { status => 401 }, {});
my $r = $t->get('/revoked');
is($r->status, 200, 'a token that was refused');
isnt(bearer($r), $first, 'is replaced too');

# by another key
my $old = bearer($t->get('/moved'));
$t->write_file('moved.pem', $t->read_file('new.pem'));
ok($t->reload, 'reload');
ok($t->wait_for(sub { bearer($t->get('/moved')) ne $old }),
   'another key makes another token');
is((verified(bearer($t->get('/moved')), 'new'))[1]{iss}, 'me', 'with that key');

# workers share it
is(scalar(keys %{{ map { bearer($t->get('/snowflake')) => 1 } 1 .. 20 }}), 1,
   'one token for all workers');

is($idp->count, 0, 'no server was asked for any of them');

####  what a location may set

for my $case ([ 'oauthcc snowflake;', 'resource=x', 'resource' ],
              [ 'oauthcc snowflake;', 'scope=x', 'scope' ],
              [ 'oauthcc signed_scope', 'param:a=x', 'a' ])
{
    my ($code, $out) = $t->check(
        $config =~ s/\Q$case->[0]\E/$case->[0] =~ s,;,,r . " $case->[1]"
                                      . ($case->[0] =~ m,;, ? ';' : '')/er,
        OAUTHCC_SUBJECT => 'x');

    is($code, 1, "$case->[1]: no");
    like($out, qr/parameter "$case->[2]" .*no effect.*makes its tokens itself/,
         'for a token that is made here');
}

####  a claim that is JSON no more

$idp->answer('/broken', { json => { expires_in => 1 } });
is($t->get('/broken')->status, 200, 'a claim from a file');
isnt(bearer($t->get('/bad')), '', 'also in a token');

$t->write_file('broken', 'no JSON');
ok($t->wait_for(sub { $t->get('/broken')->status == 500 }), 'no JSON any more');
ok($t->log_lines(qr/no assertion could be made: its claim "x".*JSON.*"broken"/),
   'the log says so');

$api->answer('/bad', { status => 401 });
$r = $t->get('/bad');
is($r->status, 500, 'nor for a token');
is($r->header('X-Error'), 'no assertion could be made', 'for this reason');
ok($t->log_lines(qr/no assertion could be made: its claim "x".*JSON.*"bad"/),
   'in the log');

$t->write_file('broken', '[]');
$api->answer('/bad', {});
ok($t->wait_for(sub { bearer($t->get('/bad')) ne '' }), 'mended');

$t->done;
