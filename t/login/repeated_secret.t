#!/usr/bin/perl

# Tests that a token endpoint that repeats a secret in its error does not get it
# into a log, onto the status page or into $oauthcc_error: who reads those is
# not always somebody who may log in.  What it says otherwise is shown.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Status;

my $json = JSON::PP->new->ascii->canonical;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

my $hidden = '(it repeats a secret)';

$t->openssl('genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 '
            . '-out key.pem');
$t->write_file('assertion', 'eyJhbGciOiJub25lIn0.of-somebody-else.c2ln');

my $gateway = 'client_id gateway;';
my $secret = "$gateway client_secret";
my $post = 'auth_method client_secret_post;';
my $odd = q(client_secret 'h&sh/h=sh 42+"';);

# a login_json document, its params and headers
my $document = sub ($name, $method, %request) {
    $t->write_file("$name.json", $json->encode({
        authentication => { type => 'login', loginRequest => {
            endpoint => "http://127.0.0.1:%%PORT_idp%%/$name",
            method => $method, %request } },
        config => { id => 'gateway', '#pw' => 'hush-config-42',
                    user => 'somebody', number => 4242424242 } }));
    return "login_json $name.json;";
};

my $attr = sub ($name) { return { attr => $name } };
my $call = sub ($name, @args) { return { function => $name, args => [ @args ] } };

# name, directives, what the server says, with the secret in braces

my @hidden = (
    [ basic => "$secret hush-hush-42;", 'wrong secret {hush-hush-42}' ],
    [ post => "$secret hush-hush-42; $post", 'wrong: {hush-hush-42}.' ],
    [ header => "$secret hush-hush-42;", 'got {%SENT(Authorization)%}' ],
    [ base64 => "$secret hush-hush-42;", 'got {Z2F0ZXdheTpodXNoLWh1c2gtNDI=}' ],
    [ pair => "$secret hush-hush-42;", 'no gateway:{hush-hush-42}' ],
    [ case => "$secret hush-hush-42;", 'WRONG: {HUSH-HUSH-42}' ],
    [ odd => "$gateway $odd", 'wrong: {h&sh/h=sh 42+"}' ],
    [ odd_raw => "$gateway $odd basic_encoding raw;",
      'wrong: {h&sh/h=sh 42+"}' ],
    [ odd_post => "$gateway $odd $post", 'wrong: {h&sh/h=sh 42+"}' ],
    [ odd_form => "$gateway $odd",
      'wrong: client_secret={h%26sh%2Fh%3Dsh%2042%2B%22}' ],
    [ odd_plus => "$gateway $odd $post",
      'wrong: client_secret={h%26sh%2fh%3dsh+42%2b%22}' ],
    [ json => qq($gateway client_secret 'h"sh/h"sh/42"';),
      'wrong: {h\\"sh\\/h\\u0022sh\\/42\\u0022}' ],
    [ umlaut => "$secret h\xc3\xbcsch-h\xc3\xbcsch-42;",
      "wrong: {h\xfcsch-h\xfcsch-42}" ],
    [ begin => "$secret hush-hush-42-hush;", 'begins with {hush-hus}' ],
    [ end => "$secret hush-hush-42-hush;", 'ends with {-42-hush}' ],
    [ short => "$secret hu5h;", 'not {hu5h}!' ],
    [ id => 'client_id gateway-of-crm; client_secret gateway-of-crm-42;',
      'not {gateway-of-crm-42}' ],
    [ inside => 'client_id hush; client_secret hush-hush-42;',
      'not {hush-hush-42}' ],
    [ far => "$secret hush-hush-42;", ('x' x 40) . ' {hush-hush-42}' ],
    [ file => 'client_assertion file:assertion;',
      'bad {eyJhbGciOiJub25lIn0.of-somebody-else.c2ln}' ],
    [ jwt => "$gateway auth_method private_key_jwt; assertion_key key.pem;",
      'bad {%SENT(client_assertion)%}' ],
    [ secret_jwt => "$secret a-secret-of-thirty-two-bytes-42-;
      auth_method client_secret_jwt;",
      'not {a-secret-of-thirty-two-bytes-42-}' ],
    [ signed => "$secret a-secret-of-thirty-two-bytes-42-;
      auth_method client_secret_jwt;", 'bad {%SENT(client_assertion)%}' ],
    [ password => "$secret hush-hush-42; grant_type password; username joe;
      password pa55phrase;", 'joe has no {pa55phrase}' ],
    [ param => "$secret hush-hush-42; param api_key hush-param;",
      'no key {hush-param}' ],
    [ more => "$secret hush-hush-42; header X-Api-Key hush-header;",
      'no key {hush-header}' ],
    [ bearer => "$secret hush-hush-42; header Authorization 'Token hu5h7';",
      'no token {hu5h7}' ],
    [ argument => "$secret hush-hush-42;", 'no code {hush-code-42}',
      '?code=hush-code-42' ],

    [ document => $document->(document => 'FORM', params => {
          client_id => $attr->('id'), pass => $attr->('#pw') }),
      'not {hush-config-42}' ],
    [ attr => $document->(attr => 'FORM', params => { pass => $attr->('#pw') })
      . ' attr "#pw" "hush attr&42";', 'not {hush attr&42}' ],
    [ nested => $document->(nested => 'FORM', params => {
          a => [ { b => 'hush nested' } ] }), 'not {hush+nested}' ],
    [ body => $document->(body => 'POST', params => {
          a => [ { b => qq(h"ush\\body\t42) } ] }),
      qq(not {h"ush\\body\t42}) ],
    [ number => $document->(number => 'POST', params => {
          pin => $attr->('number') }), 'not {4242424242}' ],
    [ query => $document->(query => 'GET', params => {
          key => 'hush query' }), 'not {hush query}' ],
    [ document_header => $document->(document_header => 'GET', headers => {
          'X-Key' => $attr->('#pw') }), 'not {hush-config-42}' ],
    [ document_basic => $document->(document_basic => 'FORM', headers => {
          Authorization => $call->('concat', 'Basic ', $call->('base64_encode',
              $call->('concat', $attr->('id'), ':', $attr->('#pw')))) }),
      'not {hush-config-42}' ],
    [ hash => $document->(hash => 'FORM', params => {
          sign => $call->('sha1', $attr->('#pw')) })
      . ' attr "#pw" hush-hash-42;', 'not {hush-hash-42}' ],
);

# what is no secret

my $url = 'http://127.0.0.1:%%PORT_idp%%/url';

my @shown = (
    [ client => "$secret hush-hush-42;", 'unknown client "gateway"' ],
    [ client_post => "client_id gateway-of-crm; client_secret hush-hush-42;
      $post", 'unknown client "gateway-of-crm"' ],
    [ same => 'client_id gateway-of-crm; client_secret gateway-of-crm-42;',
      'unknown client "gateway-of-crm"' ],
    [ word => 'client_id gateway; client_secret gate;',
      'unknown client "gateway"' ],
    [ name => "$secret my-client_secret; $post", 'no client_secret' ],
    [ scope => "$secret hush-hush-42; scope 'read write';",
      'invalid scope "read write", "read"' ],
    [ grant => "$secret hush-hush-42;", 'no client_credentials for you' ],
    [ audience => "$secret hush-hush-42; audience https://api.example.com/v1;",
      'no https://api.example.com/v1' ],
    [ user => "$secret hush-hush-42; grant_type password; password hu5h;
      username joe-of-crm;", 'no joe-of-crm' ],
    [ url => "$secret $url-42;", "no POST to $url" ],
    [ type => "$secret application/json;", 'no application/x-www-form' ],
    [ tiny => "$secret abc;", 'no abc' ],
    [ piece => "$secret hush-hush-42;", 'no hush-hu' ],
    [ late => "$secret hush-hush-42;", ('x' x 256) . 'hush-hush-42' ],
    [ json_id => $document->(json_id => 'POST', params => {
          clientId => 'gateway-of-crm', 'grant-type' => 'password',
          yes => JSON::PP::true }), 'gateway-of-crm: is true' ],
);

# a server of its own mind: as a description, and as an error

my @all = ((map { [ @$_[0 .. 2], $_->[3] // '', 'description' ] } @hidden),
           (map { [ "$_->[0]_error", @$_[1, 2], $_->[3] // '', 'error' ] }
                grep { $_->[1] !~ /login_json/ } @hidden),
           (map { my $kind = $_;
                  map { [ "$_->[0]_$kind", @$_[1, 2], $_->[3] // '', $kind ] }
                      grep { $_->[0] =~ /^(?:base64|odd|json|umlaut)$/ }
                           @hidden } qw(body cut html)),
           (map { [ @$_, '', 'shown' ] } @shown));

my $endpoint = sub ($name, $directives, $arguments) {
    return '' if $directives =~ /login_json/;
    return "token_endpoint http://127.0.0.1:%%PORT_idp%%/$name$arguments;";
};

my $providers = join "\n", map { <<"CONF" } @all;
    oauthcc_provider $_->[0] {
        @{[ $endpoint->(@$_[0, 1, 3]) ]}
        $_->[1]
        backoff 1ms 1ms;
    }
CONF

my $locations = join "\n", map { <<"CONF" } map { $_->[0] } @all;
        location /$_ { oauthcc $_; proxy_pass http://api; }
CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
    log_format errors '\$uri \$status \$oauthcc_error';
    access_log %%PREFIX%%/logs/errors.log errors;

$providers
    oauthcc_provider token {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/token;
        $secret hush-hush-42;
    }

    oauthcc_provider wrong {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/wrong;
        $secret hush-hush-42;
    }

    # nginx's own line is in both logs
    oauthcc_provider own {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/own;
        client_id gateway-of-crm;
        client_secret hush-hush-42;
        error_log %%PREFIX%%/logs/error.log info;
        error_log %%PREFIX%%/logs/second.log error;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
$locations
        location /token { oauthcc token; proxy_pass http://api; }
        location /wrong { oauthcc wrong; proxy_pass http://api; }
        location /own { oauthcc own; proxy_pass http://api; }
        location = /status { oauthcc_status; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

my $status = Test::OAuthCC::Status->new($t);

my $answer = sub ($text, $error = 'refused') {
    return { status => 401, body => $json->encode({
        error => $error, error_description => $t->fill($text) }) };
};

my $line = sub ($name) {
    return join "\n", $t->log_lines(qr/login failed.* provider: "\Q$name\E"/);
};

# what the page has shown of all of them
my $pages = '';

my $last = sub ($name) { ($status->entries($name))[0]{last_error} };


####  what is hidden, and what is not

for my $case (@all) {
    my ($name, undef, $text, undef, $kind) = @$case;

    $t->secret(grep { !/%SENT/ } $text =~ /\{(.*)\}/);
    $text =~ s/[{}]//g;

    $idp->answer("/$name",
        $kind eq 'error' ? $answer->('', $text)
        : $kind eq 'body' ? { status => 403, body => $json->encode({
              message => { text => $t->fill($text) } }) }
        : $kind eq 'cut' ? { status => 403, body => '{"message":'
              . $json->allow_nonref->encode($t->fill($text)) }
        : $kind eq 'html' ? { status => 500, body => '<p>'
                              . $t->fill($text) . '</p>' }
        : $answer->($text));
    my $r = $t->get("/$name");
    is($r->status, 502, "$name: refused");
    $pages .= $t->get("/status?format=$_")->body for qw(html json);

    if ($kind eq 'error') {
        like($line->($name), qr/401, error: "\Q$hidden\E", at http/,
             "$name: the log says that it is no error");
        is($last->($name), $hidden, "$name: as does the status");
        next;
    }

    if ($kind =~ /body|cut|html/) {
        like($line->($name), qr/(?:403|500), body: "\(it [^"]+\)", content/,
             "$name: the log has none of the body");
        unlike($line->($name), qr/description|error:|members/,
               "$name: and nothing empty");
        next;
    }

    my $shown = $kind eq 'shown' ? substr($t->fill($text), 0, 256) : $hidden;
    my $logged = $shown =~ s/(["\\])/sprintf '\\x%02X', ord $1/ger;

    like($line->($name),
         qr/401, error: "refused", description: "\Q$logged\E"/,
         "$name: the log says what it was");
    like($last->($name) =~ s/\x{2026}$//r, qr/^refused: \Q@{[
         substr $logged, 0, 150 ]}\E/, "$name: as does the status");
}


####  tokens

$idp->answer('/token', { body => '{"access_token":"%TOKEN%",'
    . '"error":"refused","error_description":"you have %TOKEN%"}' });
is($t->get('/token')->status, 502, 'a token in an error');
like($line->('token'), qr/"refused", description: "\Q$hidden\E"/,
     'is not in the log');

$idp->answer('/wrong', { body => '{"access_token":"%TOKEN%",'
    . '"token_type":"mac","error_description":"%TOKEN%, hush-hush-42"}' });
is($t->get('/wrong')->status, 502, 'a response of 200 without an error');
like($line->('wrong'),
     qr/status: 200, members: "access_token, token_type, error_description", c/,
     'has but the names of its members in the log');


####  what nginx says of a response

$idp->answer('/own', { raw => "HTTP/1.1 401 No\r\n"
    . "X-gateway-of-crm-Hush-Hush-42-x\0: y\r\n\r\n{}" });
$t->secret('Hush-Hush-42');
is($t->get('/own')->status, 502, 'a header that nginx does not take');

my $stars = quotemeta 'X-gateway-of-crm-' . '*' x 12 . '-x';

is(scalar(grep { /upstream sent invalid header: "$stars/ }
          split /\n/, $t->read_file("logs/$_.log")), 1,
   "$_.log: it is told without the secret") for qw(error second);
is(scalar(() = $t->read_file('logs/second.log') =~ /^/gm), 2,
   'nothing but the errors is in the log for errors');


####  nowhere else

my @secrets = grep { length > 3 } $idp->secrets, @{ $t->{secrets} };
my $any = join '|', map { quotemeta } @secrets;

cmp_ok(scalar @secrets, '>', 40, 'secrets');
unlike($pages, qr/$any/, 'none is on the status page');
unlike($t->get('/status?format=prometheus')->body, qr/$any/,
       'nor in what Prometheus gets');
like($t->read_file('logs/errors.log'), qr{^/basic 502 refused$}m,
     'errors are in a log of requests');
like($t->read_file('logs/errors.log'), qr{^/basic_error 502 \Q$hidden\E$}m,
     'those that are none too');

$t->done;
