package Test::OAuthCC::Docs;

# The documentation: README.md and all of docs/, in Markdown.
#
#   my %page = Test::OAuthCC::Docs::pages();     # path => text
#   my $text = Test::OAuthCC::Docs::page('docs/directives.md');
#   for my $block (Test::OAuthCC::Docs::blocks($text, 'nginx')) {
#       my ($line, $config) = @$block;
#   }
#
# Paths are those of the repository.

use v5.36;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Find ();

our $root = abs_path(dirname(__FILE__) . '/../../../..');


sub slurp ($path) {
    open my $fh, '<', $path or die "$path: $!";
    local $/;
    return <$fh>;
}


sub page ($path) {
    return slurp("$root/$path");
}


sub pages () {
    my @paths = 'README.md';

    File::Find::find({
        no_chdir => 1,
        wanted => sub { push @paths, substr $_, 1 + length $root if /\.md$/ },
    }, "$root/docs");

    return map { $_ => page($_) } @paths;
}


# what stands between fences of a language, with the line that it begins in;
# in a list it is indented as its fences are
sub blocks ($text, $language) {
    my @blocks;

    while ($text =~ /^( *)```\Q$language\E *\n(.*?)^\g1``` *$/msg) {
        my ($indent, $block) = ($1, $2);
        my $line = 1 + substr($text, 0, $-[2]) =~ tr/\n//;

        push @blocks, [ $line, $block =~ s/^$indent//mgr ];
    }

    return @blocks;
}


1;
