#!/usr/bin/perl

# Tests for what is taken for a token and what is refused: an unchecked answer
# becomes a header of every request, a check that is too strict an outage at a
# server that is a little off the standard.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

# name, answer, what the upstream gets after "Bearer " (undef: refused), and
# for a refusal: what the log line says

my $default = sub (@json) { return { json => { @json } } };

my @cases = (
    [ 'plain', {} ],
    [ 'extra', $default->(scope => 'read', id_token => 'x',
                          nested => { access_token => 'evil' }) ],
    [ 'spaces', { body => qq( \r\n{ "access_token" :\t"%TOKEN%"\n}\n ) } ],
    [ 'status_201', { status => 201 } ],
    [ 'content_type', { headers => [ 'Content-Type' => 'text/html' ] } ],
    [ 'no_content_type', { headers => [ 'Content-Type' => '' ] } ],
    [ 'token_chars',
      $default->(access_token => q(aZ09-._~+/=!|:%^#$&'*"`{}())) ],
    [ 'escapes', { body => '{"access_token":"a\u0062\/c"}' } ],

    [ 'length', { framing => 'close',
                  body => '{"access_token":"tok-right"}',
                  json => { access_token => 'tok-right' },
                  headers => [ 'content-length' => 28 ] } ],

    # token_type
    [ 'lower', $default->(token_type => 'bearer') ],
    [ 'upper', $default->(token_type => 'BEARER') ],
    [ 'missing', $default->(token_type => undef) ],
    [ 'null', { body => '{"access_token":"%TOKEN%","token_type":null}' } ],
    [ 'BearerToken', $default->(token_type => 'BearerToken'),
      'token_type BearerToken;' ],
    [ 'app', $default->(token_type => 'application access token'),
      'token_type "Application Access Token";' ],
    [ 'own_and_bearer', {}, 'token_type BearerToken;' ],

    # an "error" that says that there is none
    map({ my ($name, $value) = @$_;
          [ "error_$name",
            { body => qq({"access_token":"%TOKEN%","error":$value,)
                      . '"error_description":""}' } ] }
        [ null => 'null' ], [ empty => '""' ], [ false => 'false' ],
        [ zero => 0 ], [ float => '0.0' ], [ object => '{}' ],
        [ list => '[]' ]),

    # a coding that is none, and one that is not there
    [ 'identity', { headers => [ 'Content-Encoding' => 'identity' ] } ],
    [ 'utf8_encoding', { headers => [ 'Content-Encoding' => 'UTF-8' ] } ],
    [ 'not_gzip', { headers => [ 'Content-Encoding' => 'gzip' ],
                    body => qq( \n{"access_token":"%TOKEN%"}) } ],

    # expires_in
    map({ my ($name, $value) = @$_;
          [ "expires_$name",
            { body => qq({"access_token":"%TOKEN%","expires_in":$value}) } ] }
        [ number => 3600 ], [ string => '"3600"' ], [ float => 3599.5 ],
        [ null => 'null' ], [ zero => 0 ], [ negative => -1 ],
        [ huge => '1e300' ], [ big => '99999999999999999999' ],
        [ text => '"soon"' ], [ true => 'true' ], [ object => '{}' ],
        [ bigint => '9223372036854775807' ]),
    [ 'expires_missing', $default->(expires_in => undef) ],
    [ 'expires_on', $default->(expires_in => undef, expires_on => 1,
                               ext_expires_in => 1, refresh_expires_in => 1) ],
);

# what is said of its length may be wrong, whatever nginx makes of that
my $known = '{"access_token":"tok-len"}';

my @refused = (
    [ 'empty', { body => '' } ],
    [ 'html', { body => '<html><body>Login</body></html>' } ],
    [ 'array', { body => '["access_token","x"]' } ],
    [ 'string', { body => '"tok"' } ],
    [ 'cut_json', { body => '{"access_token":"tok-cut","token_type":"Bea' } ],
    [ 'trailing', { body => '{"access_token":"tok-trail"} x' } ],
    [ 'twice', { body => '{"access_token":"tok-a","access_token":"tok-b"}' } ],
    [ 'no_token', { body => '{"token_type":"Bearer"}' } ],
    [ 'empty_token', { body => '{"access_token":""}' } ],
    [ 'null_token', { body => '{"access_token":null}' } ],
    [ 'number', { body => '{"access_token":5}' } ],
    [ 'crlf', { body => '{"access_token":"tok\r\nX-Evil: 1"}' } ],
    [ 'nul', { body => '{"access_token":"tok\u0000x"}' } ],
    [ 'space', { body => '{"access_token":"tok x"}' } ],
    [ 'leading', { body => '{"access_token":" tok"}' } ],
    [ 'newline', { body => '{"access_token":"tok\n"}' } ],
    [ 'del', { body => '{"access_token":"tok\u007f"}' } ],
    [ 'utf8', { body => "{\"access_token\":\"tok\xc3\xa9\"}" } ],
    [ 'latin1', { body => "{\"access_token\":\"tok\xe9\"}" } ],
    [ 'dpop', $default->(token_type => 'DPoP') ],
    [ 'named_dpop', $default->(token_type => 'DPoP'),
      'token_type BearerToken;' ],
    [ 'mac', $default->(token_type => 'mac') ],
    [ 'other_type', $default->(token_type => 'BearerToken') ],
    [ 'number_type', $default->(token_type => 5) ],
    [ 'error', { body => '{"error":"invalid_scope",'
                         . '"error_description":"no such scope"}' } ],
    [ 'error_and_token', $default->(error => 'server_error') ],
    map({ my ($name, $value) = @$_;
          [ "bad_error_$name",
            { body => qq({"access_token":"tok-bad","error":$value}) } ] }
        [ true => 'true' ], [ one => 1 ], [ object => '{"code":"x"}' ],
        [ list => '["x"]' ], [ text => '"0"' ], [ space => '" "' ]),
    [ 'status_203_html', { status => 203, body => '<p>' } ],
    [ 'status_302', { status => 302,
                      headers => [ Location => 'http://127.0.0.1/x' ] } ],
    [ 'status_400', { status => 400 } ],
    [ 'length_twice', { framing => 'close', body => $known,
                        headers => [ map { ('Content-Length' =>
                                            length $known) } 1, 2 ] } ],
    [ 'length_chunked', { framing => 'chunked', body => $known,
                          headers => [ 'Content-Length' => 'abc' ] } ],
    map({ my ($name, $value) = @$_;
          [ "length_$name", { framing => 'close', body => $known,
                              headers => [ 'Content-Length' => $value ] } ] }
        [ negative => -1 ], [ text => 'abc' ], [ empty => '' ],
        [ big => '18446744073709551616' ], [ off => '9223372036854775808' ],
        [ plus => '+' . length $known ], [ hex => '0x19' ],
        [ list => join ',', (length $known) x 2 ],
        [ two => join ' ', (length $known) x 2 ],
        [ real => length($known) . '.0' ], [ unit => length($known) . 'k' ]),
    [ 'packed_gzip', { headers => [ 'Content-Encoding' => 'gzip' ],
                       body => "\x1f\x8b\x08\x00" } ],
    [ 'packed_unnamed', { body => "\x1f\x8b\x08\x00\x00" } ],
    [ 'packed_upper', { headers => [ 'Content-Encoding' => 'X-GZip' ],
                        body => "abc" } ],
    [ 'packed_second', { headers => [ 'Content-Encoding' => 'identity',
                                      'Content-Encoding' => 'br' ],
                         body => "\x0b\x02" } ],
    [ 'packed_list', { headers => [ 'Content-Encoding' => 'deflate, gzip' ],
                       body => "x\x9c" } ],
    [ 'packed_401', { status => 401, body => "\x1f\x8b\x08\x00",
                      headers => [ 'Content-Encoding' => 'gzip' ] } ],
);

my @all = (@cases, @refused);

my $providers = join "\n", map { <<"CONF" } @all;
    oauthcc_provider $_->[0] {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_->[0];
        client_id gateway;
        client_secret s3cret;
        @{[ $_->[2] // '' ]}
    }
CONF

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->secret(qw(s3cret tok-bad tok-len tok-cut tok-trail tok-a tok-b X-Evil));

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    add_header X-Expires \$oauthcc_expires_in always;
    %%SERVER%%
}
CONF

$idp->answer("/$_->[0]", $_->[1]) for @all;

my %expires;

for my $case (@cases) {
    my ($name, $answer) = @$case;
    my $r = $t->get("/$name");
    my $token = $answer->{json}{access_token} // ($idp->tokens)[-1];

    $token = 'ab/c' if $name eq 'escapes';

    is_deeply([ $r->seen('Authorization') ], [ "Bearer $token" ], $name);
    is($t->get("/$name")->status, 200, "$name: kept");
    $expires{$1} = $r->header('X-Expires') if $name =~ /^expires_(.+)/;
}

is($idp->logins, @cases, 'one login each');

for my $case (@refused) {
    my $name = $case->[0];
    my $before = $api->count;

    is($t->get("/$name")->status, 502, "$name: refused");
    is($api->count, $before, "$name: not passed on");

    my @lines = $t->log_lines(qr/\[error\].*login failed.*"\Q$name\E"/);
    is(@lines, 1, "$name: one line");
}

is($t->log_lines(qr/login failed.*Content-Length.*"length_\w+"/), 13,
   'the log says what it is about');

is($t->log_lines(qr/login failed: the response is compressed.*"packed_\w+"/),
   6, 'also of what is compressed');

####  lives: default_expires is 5 minutes

like($expires{$_}, qr/^(?:3600|3599)$/, "life: $_") for qw(number string);
like($expires{float}, qr/^359[89]$/, 'life: float');
like($expires{$_}, qr/^(?:300|299)$/, "life: $_")
    for qw(null missing on text true object);
like($expires{$_}, qr/^[01]$/, "life: $_") for qw(zero negative);
cmp_ok($expires{$_}, '>', 86400, "life: $_") for qw(huge big bigint);

for my $name (qw(text true object)) {
    is($t->log_lines(qr/\[warn\].*expires_in.*"expires_$name"/), 1,
       "a warning: $name");
}

is($t->log_lines(qr/\[warn\].*no usable "expires_in"/), 3, 'no other');
is($t->log_lines(qr/\[warn\].*has expired, it is used for 1000 ms.*"expires_$_"/),
   1, "another one: $_") for qw(zero negative);

like(join('', $t->log_lines(qr/"packed_gzip"/)),
     qr/compressed, status: 200, content encoding: "gzip", at /,
     'by its name');

like($t->error_log, qr/invalid_scope.*no such scope.*"error"/,
     'the error of the server');

$t->done;
