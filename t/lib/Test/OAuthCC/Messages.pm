package Test::OAuthCC::Messages;

# The messages that a source in C may write, and those that docs/messages.md
# explains, both in one form: "..." stands for what differs.
#
#   my @logged = Test::OAuthCC::Messages::logged($source);
#   my @reasons = Test::OAuthCC::Messages::reasons($source);
#   my @explained = Test::OAuthCC::Messages::explained($page);
#   my ($untold, $unknown) = Test::OAuthCC::Messages::compare($page, @texts);

use v5.36;

use List::Util qw(uniq);
use Test::OAuthCC::Docs;


my $literal = qr/"(?:\\.|[^"\\])*"/;
my $literals = qr/$literal(?:\s*$literal)*/;


# adjacent literals as one text, in the common form
sub text ($c) {
    my $text = join '', map { substr $_, 1, -1 } $c =~ /($literal)/g;

    for ($text) {
        s/\\(.)/$1/g;
        s/%(?:\*s|[0-9.]*(?:uz|ui|uD|uL|Xd|xd|z|i|D|L|V|M|T|s|p|P|d))/.../g;
        s/\.\.\.(?:[:.]*\.\.\.)+/.../g;
        s/\s+/ /g;
        s/^ | $//g;
    }

    return $text;
}


sub plain ($source) {
    return $source =~ s{($literal)|'(?:\\.|[^'\\])'|/\*.*?\*/}
                       { $1 // ' ' }gser;
}


# what goes to a log, at the level of information or above
sub logged ($source) {
    $source = plain($source);
    my @found;

    while ($source =~ /\bngx_(?:(?:conf_)?log|ssl)_error\s*\(\s*NGX_LOG_\w+\s*,/g) {
        push @found, text($1) if $source =~ /\G(?:[^"();]|\((?:[^"()]|
                                              \([^"()]*\))*\))*?($literals)/gcx;
    }

    return @found;
}


# texts that others put into such lines, or into $oauthcc_error
sub reasons ($source) {
    $source = plain($source);

    # calls that are no message, and texts of two words or more

    my @texts = grep { /[a-z]{2}\S* \S/ } map { text($_) }
                $source =~ s/\bngx_log_debug\d\([^;]*;//gr =~ /($literals)/g;

    my %logged = map { $_ => 1 } logged($source);

    return uniq grep({ !$logged{$_} } @texts), map { text($_) } $source =~ /
        (?:\breturn \s+ (?=") | \breturn \s+ [^;"]*? [?:] \s* (?=")
         | \b(?:reason|err|failure|\*err|\*reason) \s* = \s* (?=")
         | \berr \s* = [^;"]*? [?:] \s*
         | ngx_str_set\(&text, \s*
         | broker_failure\([^"]*)
        ($literals)/gx;
}


# the lines of its blocks of text, a message each
sub explained ($page) {
    return map { split /\n/, $_->[1] }
           Test::OAuthCC::Docs::blocks($page, 'text');
}


# what the page does not explain of these, and what it explains besides
sub compare ($page, @texts) {
    my %text = map { $_ => 1 } @texts;
    my %explained = map { $_ => 1 } explained($page);

    return [ sort grep { !$explained{$_} } keys %text ],
           [ sort grep { !$text{$_} } keys %explained ];
}


1;
