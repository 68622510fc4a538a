#!/usr/bin/perl

# Tests that no message of nginx -t shows the user info or the arguments of a
# URL, whatever directive it stands in: an API key in the arguments is a secret
# as good as any, and the output of nginx -t is in logs of deployments, and in
# mails.  The rest of the URL is shown, or nobody would know which one it is.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Docs;

my $t = Test::OAuthCC->new;

# of what the other tests hide, the last check of this one sees all
$t->secret('s3cret');

my $endpoint = 'token_endpoint http://127.0.0.1:1/token;';
my $client = 'client_id gateway; client_secret p;';

my $config = sub ($block, $http = '', $location = '') {
    return $t->one_provider($block, $location, $http);
};

my $said = sub ($config) {
    my ($code, $out) = $t->check($config);
    unlike($out, qr/s3cret/, 'no secret');
    return $out;
};


####  the token endpoint and the issuer: what is shown, and what is wrong

my @urls = (
    [ 'https://joe:s3cret@idp.test/token', 'https://...@idp.test/token',
      'holds a user name' ],
    [ 'https://s3cret@idp.test:8443/token', 'https://...@idp.test:8443/token',
      'holds a user name' ],
    [ 'https://joe:s3cret@idp.test?key=s3cret', 'https://...@idp.test?...',
      'holds a user name' ],
    [ 'https://joe:s3c@s3cret@idp.test/', 'https://...@idp.test/',
      'holds a user name' ],
    [ 'https://joe:s3cret/x@idp.test/', 'https://...@idp.test/', 'port' ],
    [ 'https://joe:s3cret?x@idp.test/', 'https://...', 'port' ],
    [ 'https://joe:1?s3cret@idp.test/', 'https://...', undef ],
    [ 'https://joe:s3cret#x@idp.test/', 'https://...@idp.test/', 'fragment' ],
    [ 'https://idp.test:no/token?key=s3cret', 'https://idp.test:no/token?...',
      'port' ],
    [ 'https://idp.test/token?key=s3cret#x', 'https://idp.test/token?...',
      'fragment' ],
    [ 'https://idp.test/token?key=s3cret@x#y', 'https://...', 'fragment' ],
    [ "'https://idp.test/token?key=s3cret x'", 'https://idp.test/token?...',
      'space' ],
    [ 'http://192.0.2.1/token?key=s3cret', 'http://192.0.2.1/token?...',
      'clear text|arguments' ],
    [ 'https:/' . '/[::1/token?key=s3cret', 'https:/' . '/[::1/token?...',
      'IPv6' ],
    [ 'https://?key=s3cret', 'https://?...', 'no host' ],
    [ 'HTTPS://joe:s3cret@idp.test/', 'HTTPS://...@idp.test/', 'user name' ],
    [ 'ftp://joe:s3cret@idp.test/x', 'ftp://...@idp.test/x', 'begin with' ],
    [ 'joe:s3cret@idp.test/token?s3cret', '...@idp.test/token?...',
      'begin with' ],
    [ 'https:/joe:s3cret@idp.test/', '...@idp.test/', 'begin with' ],
    [ 'idp.test/token?s3cret', 'idp.test/token?...', 'begin with' ],
    [ '//joe:s3cret@idp.test', '...@idp.test', 'begin with' ],
    [ 'http://unix:/run/s?s3cret:/token#x', 'http://unix:/run/s?...',
      'fragment' ],
    [ 'https://idp.test/a#b', 'https://idp.test/a#b', 'fragment' ],
);

for my $directive (qw(token_endpoint issuer)) {
    for my $case (@urls) {
        my ($url, $shown, $what) = @$case;
        my $out = $said->($config->("$directive $url; $client"));

        next unless defined $what;
        like($out, qr/\[emerg\].*"$directive \Q$shown\E".*$what/,
             "$directive $url: what is wrong");
    }
}

like($said->($config->("issuer https://idp.test/a?key=s3cret; $client")),
     qr/"issuer https:\/\/idp\.test\/a\?\.\.\." has arguments/,
     'an issuer with arguments');

# with variables in it
for my $url ('https://joe:s3cret@$host/token?x', 'https://$host/a b?s3cret',
             'http://192.0.2.1/$uri?key=s3cret', '$scheme://joe:s3cret@idp/')
{
    like($said->($config->("token_endpoint '$url'; $client")),
         qr/\[emerg\].*"token_endpoint [^"]*\.\.\.[^"]*"/, "$url: is said");
}

# that of a document
for my $url ('https://joe:s3cret@idp.test/', 'https://idp.test:x/?s3cret',
             'http://192.0.2.1/?s3cret', 'idp?s3cret', 'ftp://a:s3cret@b/')
{
    $t->write_file('document.json', qq({ "authentication": {
        "type": "login", "loginRequest": { "endpoint": "$url" },
        "apiRequest": { "headers": { "A": { "response": "a" } } } } }));

    like($said->($config->("login_json document.json;")),
         qr/\[emerg\].*document\.json: .*endpoint/, "document $url: is said");
}

# and what else may be a URL there
for my $text ('{ "attr": "%s" }', '{ "function": "%s" }', '{ "%s": 1 }',
              '{ "function": "concat", "args": [ { "attr": "%s" } ] }')
{
    my $json = sprintf $text, 'https://joe:s3cret@idp.test/?s3cret';

    $t->write_file('document.json', qq({ "authentication": {
        "type": "login",
        "loginRequest": { "endpoint": "https://127.0.0.1/",
                          "headers": { "A": $json },
                          "https://joe:s3cret\@idp.test": 1 },
        "apiRequest": { "headers": { "A": { "response": "a" } } } } }));

    like($said->($config->("login_json document.json;")),
         qr/\[emerg\].*document\.json: /, "document $json: is said");
}


####  parameters of the directive oauthcc

for my $case (
    [ 'audience=https://joe:s3cret@api.test/?s3cret audience=s3cret',
      'duplicate parameter "audience=..."' ],
    [ 'resource="https://joe:s3cret@api.test/?s3cret',
      '"resource=..." ends within' ],
    [ 'param:client_secret=s3cret', 'invalid parameter "param:client_secret=..."' ],
    [ 'resources=https://joe:s3cret@api.test/',
      'invalid parameter "resources=..."' ],
    [ 'https://joe:s3cret@api.test/?a=s3cret',
      'invalid parameter "https://...@api.test/?..."' ],
    [ 'audience:https://joe:s3cret@api.test/',
      'invalid parameter "audience:https://...@api.test/"' ],
    [ 'joe@x?y=s3cret', 'invalid parameter "joe@x?y=..."' ],
    [ 'https://joe:s3cret=s3cret@api.test/', '"https://...@api.test/"' ],
    [ 'maybe', 'invalid parameter "maybe"' ])
{
    my ($parameters, $shown) = @$case;

    like($said->($config->("$endpoint $client", '',
                           "oauthcc crm $parameters;")),
         qr/\[emerg\] .*\Q$shown/, "$parameters: what is wrong");
}

like($said->($config->("$endpoint $client", '',
                       'oauthcc https://joe:s3cret@api.test/?a;')),
     qr/unknown oauthcc provider "https:\/\/\.\.\.\@api.test\/\?\.\.\."/,
     'a URL for a provider');


####  files and variables of the environment

for my $directive (qw(client_id client_secret audience username password),
                   'param X', 'header X', 'attr X', 'client_assertion',
                   'assertion_key', 'assertion_certificate',
                   'assertion_key_password', 'login_json')
{
    my ($name) = $directive =~ /(\w+)/;
    my $rest = $directive =~ /client_id|client_secret/
               ? $endpoint : "$endpoint $client";

    for my $from ('file:', 'env:', '') {
        next if $from eq 'env:' && $name =~ /assertion|login_json/;
        next if $from eq ''
                && $name !~ /^(?:assertion_(?:key|certificate)|login_json)$/;

        my $out = $said->($config->("$rest
            $directive ${from}https://joe:s3cret\@idp.test/x?y=s3cret;"));

        like($out, qr{\[emerg\].*https://\.\.\.\@idp\.test/x\?\.\.\.},
             "$directive $from: which one") if $name ne 'login_json';
    }
}


####  every directive, with a URL where it does not belong

my $page = Test::OAuthCC::Docs::page('docs/directives.md');

my %context;

while ($page =~ /^Syntax: +(\w+) .*\n(?:.+\n)*?Context: +(.*)$/gm) {
    $context{$1} = $2;
}

cmp_ok(scalar keys %context, '>', 40, 'the page has the directives');

my $url = "https://joe:s3cret\@idp.test/x?y=s3cret";
my %has = map { (split)[0] => $_ } qw(token_endpoint client_id client_secret);
my %base = (token_endpoint => $endpoint, client_id => 'client_id gateway;',
            client_secret => 'client_secret p;');

for my $directive (sort keys %context) {
    my $block = join ' ', map { $base{$_} } grep { $_ ne $directive }
                          sort keys %base;

    for my $arguments ($url, "X $url", "$url X", "$url $url $url") {
        my $line = "$directive $arguments;";

        # that is of a block, or of nginx itself
        next if $directive eq 'oauthcc_provider';

        if ($context{$directive} eq 'oauthcc_provider') {
            $said->($config->("$block $line"));
            $said->($config->("$block $line $line"));

        } elsif ($context{$directive} eq 'http') {
            $said->($config->("$block", $line));

        } else {
            $said->($config->("$block", '', $line));
        }
    }
}

# one that was forgotten
like($said->($config->("$endpoint $client $url;")),
     qr{unknown directive "https://\.\.\.\@idp\.test/x\?\.\.\."},
     'a URL without a directive');

$t->done;
