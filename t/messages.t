#!/usr/bin/perl

# Tests that README explains every message that the module may write, and none
# that it has not: who has an error in the night looks for it there.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
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
    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, log, 0, "nobody reads it");
    reason = "it is " /* so */ "wrong";
    fail(p, '"', "\"%V\" is no good at all", x);
    return bad ? "is bad" : "";
C

is_deeply([ Test::OAuthCC::Messages::logged($c) ],
          [ 'one "..." in ...', '"..." failed' ], 'messages of a source');
is_deeply([ grep { /\S/ } Test::OAuthCC::Messages::reasons($c) ],
          [ 'it is wrong', '"..." is no good at all', 'is bad' ],
          'and reasons');
is_deeply([ Test::OAuthCC::Messages::explained(<<'README') ],
Messages
--------

Text.

    one "..."
        in ...
    another one

    code of a kind

Security
--------

    not this one
README
          [ 'one "..." in ...', 'another one', 'code of a kind' ],
          'and those of a README');


####  the module's own

my %logged;
my %reason;

for my $path (glob("$FindBin::Bin/../src/*.c"),
              glob "$FindBin::Bin/../*.c")
{
    my $source = slurp($path);
    $logged{$_} = 1 for Test::OAuthCC::Messages::logged($source);

    # what is on the status page is not a message

    next if $path =~ /_(?:status|human|control)\w*\.c/;

    $reason{$_} = 1 for Test::OAuthCC::Messages::reasons($source);
}

# literals that are no messages

delete @reason{'', '...', '+...', 'JWT', 'a signature that nobody sees',
               'a method with client_secret in its name',
               'private_key_jwt or client_secret_jwt',
               qw(auth_method basic_encoding resource param header)};
delete @reason{grep { /^(?:in oauthcc zone|, oauthcc provider)/ }
               keys %reason};

cmp_ok(scalar keys %logged, '>', 70, 'the module has messages');
cmp_ok(scalar keys %reason, '>', 70, 'and reasons');

my %explained = map { $_ => 1 } Test::OAuthCC::Messages::explained(
                    slurp("$FindBin::Bin/../README"));

is_deeply([ sort grep { !$explained{$_} } keys %logged ], [],
          'each message is explained');
is_deeply([ sort grep { !$explained{$_} } keys %reason ], [],
          'and each reason');
is_deeply([ sort grep { !$logged{$_} && !$reason{$_} } keys %explained ], [],
          'there is no other one');

done_testing;
