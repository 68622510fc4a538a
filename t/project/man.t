#!/usr/bin/perl

# Tests that the man page has every directive and variable, as the name of a
# part, and that groff finds nothing wrong with it.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Temp ();
use Test::More;
use Test::OAuthCC::Docs;

plan(skip_all => 'lowdown is not installed')
    unless grep { -x "$_/lowdown" } split /:/, $ENV{PATH};

my $page = `"$Test::OAuthCC::Docs::root/t/tools/man"`;

is($?, 0, 'there is a page');
like($page, qr/^\.TH "ngx_http_oauthcc_module" "7" "\d{4}-\d\d-\d\d"/m,
     'with a title');
like($page, qr/^ngx_http_oauthcc_module - OAuth 2\.0/m, 'a name');

my @directives = Test::OAuthCC::Docs::page('docs/directives.md')
                 =~ /^Syntax: +(\w+)/mg;
my @variables = Test::OAuthCC::Docs::page('docs/variables.md')
                =~ /^## (\$oauthcc_\w+)$/mg;

cmp_ok(scalar @directives, '>', 40, 'directives');
cmp_ok(scalar @variables, '>', 5, 'variables');

like($page, qr/^\.S[SH]\n\Q$_\E$/m, $_) for @directives, @variables;

# groff comes with man, and writes warnings to standard error; words may be
# wider than a column of a table (break)

SKIP: {
    skip('groff is not installed', 1)
        unless grep { -x "$_/groff" } split /:/, $ENV{PATH};

    my $tmp = File::Temp->new;
    print $tmp $page;
    $tmp->flush;
    is(`groff -t -man -ww -Wbreak -Tutf8 $tmp 2>&1 >/dev/null`, '',
       'is well formed');
}

done_testing;
