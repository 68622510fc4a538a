#!/usr/bin/perl

# Tests the tables of "make bench" without the quarter of an hour that it takes:
# t/bench/report writes all of them from complete results, and from what is left
# if a gateway, a stage or a whole script has failed, says what is missing and
# why, and leaves what stands beside the tables as it is.  And a step that fails
# loses no other, in what the scripts have in common.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Temp ();
use JSON::PP;
use Test::More;
use Test::OAuthCC::Bench;
use Test::OAuthCC::Docs;

my $root = $Test::OAuthCC::Docs::root;
my $tmp = File::Temp->newdir('oauthcc-bench-XXXXXXXX', TMPDIR => 1);
my @pages = ('README.md', 'docs/performance.md', 'docs/operations.md');

sub slurp ($file) { return -e $file ? Test::OAuthCC::Docs::slurp($file) : '' }


####  results, of whatever value

my @names = qw(none fixed again oauthcc auth_request njs lua go node);
my @tokens = @names[3 .. 8];
my %middle = (median => 12_345.6, min => 1, max => 99_999);
my %speed = (rate => \%middle, cpu => \%middle, memory => 7);
my %load = (n => 100, failed => 0, logins => 7, refused => 0, tries => 3,
            status => 200, took_s => 2, median_ms => 1, p99_ms => 2,
            p999_ms => 3, slowest_ms => 4);
my %cost = (all => 24_000, own => 23_000, min => 1, max => 2, module => 3);

sub each_of ($value, @all) { return { map { $_ => $value } @all } }

sub complete () {
    my @able = map { ("$_ 1", "$_ 500") } grep { $_ ne 'njs' } @tokens;

    my %all = (
        cost => { quick => JSON::PP::true, bars => {
                      hit => { good => JSON::PP::false, figures => 'dear' } },
            instructions => each_of(\%cost, qw(none fixed again loaded off
                oauthcc query condition caller store), 'replay off'),
            more => { oauthcc_gate_pass => 99, ngx_palloc => 44 },
            providers => [ { n => 1, %cost } ], entries => [ { n => 1, %cost } ],
            sizes => [ { size => 200, %cost, fixed => \%cost } ],
            memory => { without => 1024, one => 2048, hundred => 4096,
                        test => 1 },
            entry => [ { size => 200, bytes => 600 } ] },
        dpop => { instructions => { outside => 1, libcrypto => 2 },
            time => each_of(each_of([ 1, 2, 3 ], qw(dpop bearer signature
                                                    over)),
                            qw(rate saturated)) },
        peers => { date => '2001-02-03', machine => 'a machine of the test',
            quick => JSON::PP::true, rounds => 1, seconds => 1, many => 500,
            peers => [ map { { name => $_, label => "label of $_",
                               version => 'v1', $_ eq 'njs'
                                   ? (alone => 'a reason') : () } } @names ],
            speed => each_of(\%speed, @names),
            (map { $_ => each_of(\%load, @names) }
                 qw(herd latency renewal pause revoked outage)),
            count => each_of(\%cost, @names),
            workers => each_of(\%speed, 'fixed 1', 'fixed 2', 'oauthcc 1',
                               'oauthcc 2'),
            fill => each_of(\%load, @able),
            tenants => each_of({ %speed, latency => \%load, zone => 5 },
                               @able) },
        features => { quick => JSON::PP::true, fleet_s => 5,
            features => [ { name => 'plain', label => 'label of plain' } ],
            speed => { plain => \%speed }, latency => { plain => \%load },
            cold => each_of(\%load, qw(none first second down frozen)),
            fleet => each_of(\%load, map { ("shared$_", "single$_") }
                                     1, 2, 4) },
    );

    # a copy, each time
    return decode_json(encode_json(\%all));
}

# the exit code, what was printed, and the pages by their names
sub report ($all) {
    my $dir = File::Temp->newdir(DIR => "$tmp");

    for my $name (keys %$all) {
        open my $fh, '>', "$dir/$name.json" or die "$name: $!";
        print $fh encode_json($all->{$name});
        close $fh;
    }

    my $out = `$root/t/bench/report $dir $dir/to 2>&1`;
    return $? >> 8, $out, { map { $_ => slurp("$dir/to/$_") } @pages,
                            't/bench/RESULTS.md', 't/bench/chart.svg' };
}

# rows of tables, and those in which there is nothing
sub rows ($text) { return $text =~ /^\| (?!---).*/mg }
sub empty ($text) { return grep { /\| - \|/ } rows($text) }

sub without_tables ($text) {
    return $text =~ s/^(<!-- bench: \w+ -->\n).*?^(?=<!-- bench end -->)/$1/gmsr;
}


####  all was measured

my ($code, $out, $page) = report(complete());

is($code, 0, 'complete results') or diag $out;
is($out, '', 'there is nothing to say');

for my $name (@pages) {
    is(without_tables($page->{$name}),
       without_tables(Test::OAuthCC::Docs::page($name)),
       "$name: what is beside the tables stays");
    cmp_ok(scalar(() = rows($page->{$name})), '>', 2, "$name has tables");
    like($page->{$name}, qr/Measured on 2001-02-03/, "$name: the day");
    like($page->{$name}, qr/a\s+machine\s+of\s+the\s+test/,
         "$name: the machine");

    my @long = grep { length > 80 && !/^\|/ } split /\n/,
               join '', $page->{$name} =~ /^<!-- bench: (.*?)<!-- bench end/gms;
    is_deeply(\@long, [], "$name: lines are short");
}

# one has no header to be counted, another no way to have tenants
is_deeply([ grep { !/label of njs \| - \| -/ } map { empty($_) }
            values %$page ], [], 'each figure is there');
like($page->{'docs/performance.md'}, qr/label of njs: a reason\./,
     'why there is none');
like($page->{'t/bench/RESULTS.md'}, qr/hit: MISSED\. Dear\./, 'a bar');
like($page->{'t/bench/RESULTS.md'}, qr/\b12 346 \(1 to 99 999\)/, 'a spread');
like($page->{'t/bench/chart.svg'}, qr{label of lua.*</svg>}s, 'a chart');
like($page->{'docs/performance.md'}, qr/no figures to quote/, 'a quick run');


####  where another one is better

my $all = complete();
$all->{peers}{outage}{oauthcc}{failed} = 272;
$all->{peers}{outage}{lua}{failed} = 14;
$all->{peers}{herd}{njs} = { %load, failed => 500, slowest_ms => 1 };

my (undef, undef, $worse) = report($all);
$worse = $worse->{'docs/performance.md'};

like($worse, qr/^\| outage: failed \| 272 \| 6 of 6 \| /m, 'the worst column');
like($worse, qr/^\| cold start: slowest.* label of njs: 1 \(500 failed\)/m,
     'who is fast as all fails');
unlike($worse, qr/^\| revoked: 401s \| 0/m, 'none is better than the best');


####  what has failed

$all = complete();
delete $all->{peers}{$_}{lua} for qw(speed latency outage);
$all->{peers}{failed} = [ { stage => 'speed', name => 'lua',
                            reason => 'it has died' } ];

($code, $out, $page) = report($all);
is($code, 1, 'a gateway has failed');
like($out, qr/speed lua: it has died/, 'it is said');

for my $name ('docs/performance.md', 't/bench/RESULTS.md') {
    like($page->{$name}, qr/^- Not measured: speed, label of lua: it has died/m,
         "$name says it, too");
    like($page->{$name}, qr/^\| label of lua \| - \| - \|/m,
         "$name: no figures");
    like($page->{$name}, qr/^\| label of go \| 12 346/m, "$name: the others");
}

for my $lost (qw(cost dpop peers features)) {
    $all = complete();
    delete $all->{$lost};

    ($code, $out, $page) = report($all);
    is($code, 1, "no results of $lost");
    like($out, qr{not measured: t/bench/$lost all of it: it has left}, 'said');
    is_deeply([ grep { !length $page->{$_} } sort keys %$page ], [],
              'all pages are there');
}

($code, $out, $page) = report({});
is($code, 1, 'no results at all');
is((() = $out =~ /it has left no result/g), 4, 'nothing was measured')
    or diag $out;
unlike($out, qr/ line \d+/, 'without a warning');
like($page->{'docs/performance.md'}, qr/^\| 1 \| - \| - \|/m, 'tables are there');


####  a step that fails

my $pid = fork() // die "fork: $!";

if ($pid == 0) {
    open STDOUT, '>', "$tmp/out" or die "out: $!";
    my $bench = Test::OAuthCC::Bench->new("$tmp/steps.json", '', limit => 1);

    $bench->try('speed', 'one', sub { return { n => 1 } });
    $bench->try('speed', 'two', sub { die "it has died\nfor good\n" });
    $bench->try('speed', 'three', sub { select undef, undef, undef, 60 });
    $bench->try('speed', 'four', sub { return { n => 4 } });
    $bench->bar('bar', 1, 'a figure');
    $bench->end;
}

waitpid $pid, 0;
is($? >> 8, 1, 'steps have failed');

my $steps = decode_json(slurp("$tmp/steps.json"));
is_deeply($steps->{speed}, { one => { n => 1 }, four => { n => 4 } },
          'the others are there');
is_deeply($steps->{failed},
          [ { stage => 'speed', name => 'two', reason => 'it has died' },
            { stage => 'speed', name => 'three', reason => 'it hangs' } ],
          'what failed, and why');
is($steps->{bars}{bar}{figures}, 'a figure', 'a bar');

done_testing;
