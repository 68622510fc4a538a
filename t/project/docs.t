#!/usr/bin/perl

# Tests what a reader of the documentation stumbles over: links that lead
# nowhere, pages that no other leads to, and configurations that no test tries,
# since their block is of another language.  t/conf/examples.t has nginx take
# those of the language "nginx".

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Basename qw(dirname);
use Test::More;
use Test::OAuthCC::Docs;

my $root = $Test::OAuthCC::Docs::root;
my %page = Test::OAuthCC::Docs::pages();


# a page without its blocks, in which # and [ mean something else

sub prose ($text) {
    return $text =~ s/^ *```.*?^ *```$//msgr;
}


# the anchors of headings, as hosts of repositories make them

sub anchors ($text) {
    my (%anchors, %n);

    for my $heading (prose($text) =~ /^#+ +(.+?) *$/mg) {
        my $anchor = lc $heading =~ s/`//gr =~ s/\[([^]]*)\]\([^)]*\)/$1/gr
                                 =~ s/[^\w -]//gr =~ tr/ /-/r;
        my $n = $n{$anchor}++;
        $anchors{$n ? "$anchor-$n" : $anchor} = 1;
    }

    return \%anchors;
}


# a/b/../c as a/c

sub path ($base, $target) {
    my @parts;

    for my $part (split m{/}, ($base eq '.' ? '' : "$base/") . $target) {
        if    ($part eq '..') { pop @parts }
        elsif ($part ne '.')  { push @parts, $part }
    }

    return join '/', @parts;
}


# what is wrong with the links of a set of pages

sub dead (%page) {
    my (@dead, %linked);

    for my $page (sort keys %page) {
        my $text = prose($page{$page});

        # a link may go on in the next line
        while ($text =~ /\[[^][]*\]\(([^()\s]+)\)/g) {
            my $link = $1;
            next if $link =~ /^https?:/;

            my ($target, $anchor) = split /#/, $link, 2;
            my $path = length $target ? path(dirname($page), $target) : $page;

            $linked{$path} = 1 if $path ne $page;

            if (!exists $page{$path}) {
                push @dead, "$page: $link" unless -e "$root/$path";

            } elsif (defined $anchor && !anchors($page{$path})->{$anchor}) {
                push @dead, "$page: $link";
            }
        }
    }

    return @dead, map { "$_: no page leads to it" }
                  grep { $_ ne 'README.md' && !$linked{$_} } sort keys %page;
}


####  what the check would see

is_deeply([ dead('README.md' => "[a](docs/a.md#two-words) [b](docs/c.md)\n",
                 'docs/a.md' => "# One\n\n[x](#one) [y](#two)\n\n"
                                . "## Two `words`\n\n[r](../README.md)\n"
                                . "```text\n[z](z.md)\n```\n",
                 'docs/b.md' => "[x](https://example.com/) [z](../nothing)\n") ],
          [ 'README.md: docs/c.md', 'docs/a.md: #two', 'docs/b.md: ../nothing',
            'docs/b.md: no page leads to it' ], 'links that lead nowhere');

####  the pages

cmp_ok(scalar keys %page, '>', 15, 'there are pages');
is_deeply([ dead(%page) ], [], 'each link leads somewhere');

cmp_ok($page{'README.md'} =~ tr/\n//, '<=', 180, 'README.md is short');

my %known = map { $_ => 1 } qw(nginx sh text log json yaml c);
my $configuration = qr/^\s*(?:\w+\s+)?(?:oauthcc\w*|proxy_\w+|server|location
                              |listen|resolver)\s[^\n]*[;{]$/mx;
my $n = 0;

for my $page (sort keys %page) {
    my $text = $page{$page};

    like($text, qr/\A# \S/, "$page: begins with its title");

    # each second fence opens a block

    my @fences = $text =~ /^ *```(.*)$/mg;
    my @languages = @fences[grep { !($_ % 2) } 0 .. $#fences];

    $n += @languages;
    is(scalar @fences % 2, 0, "$page: each block ends");
    is_deeply([ grep { !$known{$_} } @languages ], [],
              "$page: languages of blocks");

    for my $language (qw(text log sh)) {
        for my $block (Test::OAuthCC::Docs::blocks($text, $language)) {
            next if $block->[1] =~ /^Syntax:/;

            unlike($block->[1], $configuration,
                   "$page:$block->[0] is no configuration");
        }
    }
}

cmp_ok($n, '>', 50, 'there are blocks');

# a page for a server has the same configuration as its example

for my $page (sort grep { m{^docs/configure/} } keys %page) {
    my ($name) = $page =~ m{([^/]+)\.md$};
    my ($block) = Test::OAuthCC::Docs::blocks($page{$page}, 'nginx');
    my $example = Test::OAuthCC::Docs::page("conf-examples/$name.conf");

    is($block->[1], $example =~ s/\A(?:#.*\n)+\n//r,
       "$page: that of conf-examples/$name.conf");
}

done_testing;
