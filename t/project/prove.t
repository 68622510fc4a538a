#!/usr/bin/perl

# Tests how "make test" takes files that fail: a file that passes alone has
# passed, and is named; everything else fails.

use v5.36;
use FindBin;

use Test::More;

use Cwd qw(abs_path);
use File::Temp ();

my $prove = abs_path("$FindBin::Bin/../tools/prove");
my $tmp = File::Temp->newdir('oauthcc-prove-XXXXXXXX', TMPDIR => 1);

my %file = (
    passes => 'say "1..1\nok 1";',
    fails => 'say "1..1\nnot ok 1";',
    status => 'say "1..1\nok 1"; exit 3;',
    plan => 'say "1..2\nok 1";',
    dies => 'die;',
    # fails once
    once => "say '1..1'; say -e '$tmp/flag' ? 'ok 1' : 'not ok 1';"
            . "open my \$fh, '>', '$tmp/flag';",
    bails => 'say "Bail out!";',
);

for my $name (keys %file) {
    open my $fh, '>', "$tmp/$name.t" or die;
    print $fh "use v5.36; $file{$name}\n";
    close $fh;
}

for my $case (
    [ 'passes', 1 ], [ 'passes passes', 1 ], [ 'passes fails', 0 ],
    [ 'status passes', 0 ],
    [ 'plan', 0 ], [ 'dies passes', 0 ], [ 'passes once', 1, 'once' ],
    [ 'once fails', 0 ], [ 'passes bails', 0 ],
) {
    my ($names, $passes, $named) = @$case;

    unlink "$tmp/flag";
    my $out = `$prove @{[ map { "$tmp/$_.t" } split / /, $names ]} 2>&1`;

    is($? == 0 || 0, $passes, $names) or diag $out;

    is($out =~ m{^Passed alone, failed beside others: $tmp/(\w+)\.t$}m
       ? $1 : undef, $named, defined $named ? 'is named' : 'none is named');
}

done_testing();
