#!/usr/bin/perl

# Tests that names which docs/compatibility.md promises are still there: those of
# directives, variables, members of JSON with their tables, and metrics with
# their labels.  t/project/promised.txt has all of them, by kind.  What is new
# is added to it; what is in it stays until the next MAJOR version.
#
# That the pages say what the code has is tested by t/status/status_docs.t and,
# for directives and variables, here.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Docs;
use Test::OAuthCC::Process;

my $root = $Test::OAuthCC::Docs::root;
my %promised;

for (split /\n/, Test::OAuthCC::Process::slurp("$FindBin::Bin/promised.txt")) {
    my ($kind, $name) = /^(directive|variable|json|metric) (\S.*)$/ or next;
    push @{ $promised{$kind} }, $name;
}


####  the pages

my %documented = (
    directive => [ Test::OAuthCC::Docs::page('docs/directives.md')
                   =~ /^## (\w+)$/mg ],
    variable => [ Test::OAuthCC::Docs::page('docs/variables.md')
                  =~ /^## (\$\w+)$/mg ],
);

my $section = '';

for (split /\n/, Test::OAuthCC::Docs::page('docs/status.md')) {
    $section = $1 if /^##+ (.*)/;

    my ($name, $labels) = /^\| `([\w.\[\]]+)` \|(?: ([^|]*) \|)?/ or next;

    if ($name =~ /^oauthcc_/) {

        # by the label alone: its values may become more
        my ($label) = ($labels // '') =~ /^`(\w+)`/;
        push @{ $documented{metric} }, $name . ($label ? " $label" : '');

    } elsif ($section !~ /^Control/) {
        push @{ $documented{json} }, "$section: $name";
    }
}

for my $kind (qw(directive variable json metric)) {
    my %page = map { $_ => 1 } @{ $documented{$kind} };
    my %list = map { $_ => 1 } @{ $promised{$kind} };

    cmp_ok(scalar keys %list, '>', 5, "names of the kind $kind");
    is(join("\n", grep { !$page{$_} } sort keys %list), '',
       "$kind: all that is promised is documented");
    is(join("\n", grep { !$list{$_} } sort keys %page), '',
       "$kind: all that is documented is promised");
}


####  the code

my $code = join '', map { Test::OAuthCC::Process::slurp($_) }
           "$root/ngx_http_oauthcc_module.c", glob "$root/src/*/*.c";

my %text = map { $_ => 1 } $code =~ /"((?:\\.|[^"\\])*)"/g;

is(join(' ', grep { !$text{$_} } @{ $promised{directive} }), '',
   'the code has the directives');
is(join(' ', grep { !$text{ s/^\$|NAME$//gr } } @{ $promised{variable} }), '',
   'and the variables');
is(join(' ', grep { !$text{ s/ .*//r } } @{ $promised{metric} }), '',
   'and the metrics');

done_testing;
