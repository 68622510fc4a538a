#!/usr/bin/perl

# Tests that what checkers find is seen: a run under AddressSanitizer or
# valgrind that is deaf would be green forever.  t/canary/ is an nginx module
# that makes a fault of each kind.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp ();

####  the end of a run

my $folder = File::Temp->newdir('oauthcc-reports-XXXXXXXX', TMPDIR => 1);
my $reports = "$FindBin::Bin/../tools/reports $folder/x";

like(`$reports echo hello 2>&1`, qr/^hello\nNo report/, 'a clean run');
is($?, 0, 'is one');

`$reports false 2>&1`;
is($? >> 8, 1, 'a run that fails does');

like(`$reports sh -c 'echo oops >\$TEST_NGINX_REPORTS/a.t.1' 2>&1`,
     qr/^Reports .*\na\.t\.1:\n +oops\n/, 'a report is printed');
is($? >> 8, 1, 'and the run fails');

like(`$reports sh -c '>\$TEST_NGINX_REPORTS/a.t.1' 2>&1`, qr/^No report/,
     'an empty one is none');

####  the checkers

my $t = Test::OAuthCC->new(module => '', workers => 1);
my $built = `$t->{nginx} -V 2>&1`;

my %fault = $built =~ /-fsanitize=address/ ? (
    pool => qr/heap-buffer-overflow.*\bin ngx_http_oauthcc_canary_pool /s,
    heap => qr/heap-buffer-overflow.*\bin ngx_http_oauthcc_canary_heap /s,
    freed => qr/heap-use-after-free.*\bin ngx_http_oauthcc_canary_freed /s,
    undefined => qr/_canary_module\.c:\d+.* signed integer overflow/,
    worker => qr/_canary_module\.c:\d+.* signed integer overflow/,
    leak => qr/LeakSanitizer.* 100 byte.*_canary_init_process /s,

) : $t->{wrapper} ? (
    heap => qr/Invalid read of size 1.*ngx_http_oauthcc_canary_heap /s,
    freed => qr/Invalid read of size 1.*ngx_http_oauthcc_canary_freed /s,
    unset => qr/uninitialised value.*ngx_http_oauthcc_canary_unset /s,
    leak => qr/\b100 bytes.* definitely lost.*_canary_init_process /s,

) : ();

if (!%fault) {
    done_testing();
    exit;
}

my $build = dirname($ENV{TEST_NGINX_UNIT} // "$FindBin::Bin/../../build/unit")
            . '/canary';

system('mkdir', '-p', $build);
system("$FindBin::Bin/../unit/build", $build, "$FindBin::Bin/../canary") == 0
    or BAIL_OUT('the canary can not be built');

my $so = abs_path("$build/ngx_http_oauthcc_canary_module.so");

# it says it in a file, or in what nginx prints; and what was found is taken
# away, for the end of the run would find it too

my $found = sub ($name) {
    my @files = $t->reports;
    my @alerts = $t->alerts;

    like(join('', @alerts, map { slurp($_) } @files), $fault{$name},
         "$name: reported");
    cmp_ok(@alerts, '>', 0, "$name: the test fails");

    unlink @files;
    $t->{complaints} = [];
    $t->write_file("logs/$_.log", '') for qw(error debug);
};


sub slurp ($path) {
    open my $fh, '<', $path or die "$path: $!";
    local $/;
    return <$fh>;
}


sub config ($name) {
    return <<"CONF";
load_module $so;
%%GLOBALS%%
oauthcc_canary $name;
CONF
}


# a leak is found when a process ends

for my $name (sort keys %fault) {

    if ($name =~ /leak|worker/) {
        $t->run(config($name));
        $t->stop;

    } else {
        $t->check(config($name));
    }

    $found->($name);
}

$t->done;
