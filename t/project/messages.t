#!/usr/bin/perl

# Tests that docs/messages.md has every message that the module may write, each
# whole and on one line, so that it is found when it is searched for; and none
# that the module does not write.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Docs;
use Test::OAuthCC::Messages;

sub slurp ($path) {
    open my $fh, '<', $path or die "$path: $!";
    local $/;
    return <$fh>;
}


####  what the check would see

my $c = <<'C';
    /* ngx_log_error(NGX_LOG_ERR, log, 0, "a comment"); */
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "one \"%V\" "
                       "in %V:%ui", &name, &file, line);
    ngx_log_error(NGX_LOG_ERR, log, (err ? err : ngx_errno),
                  ngx_open_file_n " \"%*s\" failed" NGX_X, len, p);
    ngx_ssl_error(NGX_LOG_EMERG, log, 0, "%s() failed", f);
    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, log, 0, "nobody reads it");
    reason = "it is " /* so */ "wrong";
    fail(p, '"', "\"%V\" is no good at all", x);
    fail(p, "is missing");
    return bad ? "is bad" : "";
C

is_deeply([ Test::OAuthCC::Messages::logged($c) ],
          [ 'one "..." in ...', '"..." failed', '...() failed' ],
          'messages of a source');
is_deeply([ grep { /\S/ } Test::OAuthCC::Messages::reasons($c) ],
          [ 'it is wrong', '"..." is no good at all', 'is missing', 'is bad' ],
          'and reasons');
my $text = <<'PAGE';
# Messages

Text.

```text
one "..." in ...
another one
```

Text.

```text
code of a kind
```

```nginx
not this one
```
PAGE

is_deeply([ Test::OAuthCC::Messages::explained($text) ],
          [ 'one "..." in ...', 'another one', 'code of a kind' ],
          'and those of a page');
is_deeply([ Test::OAuthCC::Messages::compare($text,
                'one "..." in ...', 'another one', 'code of a kind') ],
          [ [], [] ], 'nothing is missed');
is_deeply([ Test::OAuthCC::Messages::compare($text,
                'one "..." in ...', 'is bad', 'another one') ],
          [ [ 'is bad' ], [ 'code of a kind' ] ],
          'what is missed, and what is too much');


####  the module's own

# texts that are no messages

my %none = (
    '' => 'the other branch of a text that may be there',
    '...' => 'a number by itself',
    ', at ...' => 'a part of the line for a failed login',
    ', status: ...' => 'the same',
    'content type' => 'the same',
    'content encoding' => 'the same',
    ', next try in ... s' => 'another one',
    ', next try in . s' => 'its length',
    ', next try at once' => 'and one more',
    ', next try in a moment' => 'and another one',
    ', and ... more for other callers' => 'what follows that',
    'Bearer realm=""' => 'the value of a header',
    ', error="insufficient_claims", claims="' => 'a part of it',
    ', authorization_uri="/authorize", error="insufficient_claims", '
        . 'claims=""' => 'its length',
    '+...' => 'an offset of date()',
    'JWT' => 'the type of an assertion',
    '$oauthcc_token_type $oauthcc_access_token' => 'the value of a header',
    'a signature that nobody sees' => 'what a key is tried with',
    'oauthcc store 1' => 'what a key is made for',
    'oauthcc key id' => 'and its id',
    'logging in' => 'what nginx was at, behind its own messages',
    'while ...' => 'the same',
    (map { $_ => 'the same' }
        'resolving the forward proxy', 'connecting to the forward proxy',
        'sending CONNECT to the forward proxy',
        'waiting for the response of the forward proxy'),
    '... through ...' => 'the name of a tunnel',
    (map { $_ => 'what a proxy is sent' }
        'Host: ...', 'Proxy-Authorization: Basic',
        'Proxy-Authorization: Basic ...'),
    'upstream sent' => "what such a message of nginx's begins with",
    ', oauthcc provider: "..."' => 'the end of a line that has its message',
    ', oauthcc_provider "..."' => 'the same',

    map { $_ => 'a part of the message that it is named in' }
        'a method with client_secret in its name',
        'private_key_jwt or client_secret_jwt',
);

my (@logged, @reasons);

for my $path (glob("$FindBin::Bin/../../src/{*,*/*}/*.[ch]"),
              glob "$FindBin::Bin/../../*.c")
{
    my $source = slurp($path) =~ s/^#include .*//gmr;
    push @logged, Test::OAuthCC::Messages::logged($source);

    # what is on the status page is not a message, nor are scripts for a store

    next if $path =~ m{/src/status/|/oauthcc_store_script\.};

    push @reasons, Test::OAuthCC::Messages::reasons($source);
}

my %reason = map { $_ => 1 } @reasons;

cmp_ok(scalar @logged, '>', 70, 'the module has messages');
cmp_ok(scalar keys %reason, '>', 70, 'and reasons');
is_deeply([ sort grep { !$reason{$_} } keys %none ], [],
          'what is left out is there');

my ($untold, $unknown) = Test::OAuthCC::Messages::compare(
    Test::OAuthCC::Docs::page('docs/messages.md'),
    @logged, grep { !exists $none{$_} } keys %reason);

is_deeply($untold, [], 'each is explained');
is_deeply($unknown, [], 'there is no other one');

done_testing;
