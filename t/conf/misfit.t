#!/usr/bin/perl

# Tests that a module that was built for another nginx is refused by nginx with
# a sentence, before any of it runs: it would crash.  Such a module is made of
# this one, whose version or signature is changed where nginx looks for it.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Config;
use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new;

plan(skip_all => 'the module is built into this nginx') unless $t->{module};

my $so = do {
    open my $fh, '<:raw', $t->{module} or die "$t->{module}: $!";
    local $/;
    <$fh>;
};

# what nginx says of a module of these bytes
my $said = sub ($bytes) {
    my $path = $t->prefix . '/other.so';

    open my $fh, '>:raw', $path or die "$path: $!";
    print $fh $bytes;
    close $fh or die "$path: $!";

    my ($rc, $out) = $t->check("load_module $path; events {} http {}");
    is($rc & 127, $rc, 'nginx does not crash');
    return "$rc $out";
};

like($said->($so), qr/^0 .*test is successful/s, 'its own');

# the version stands before the signature in ngx_module_t: as a number, where
# the name of the module is found

my ($version) = `$t->{nginx} -v 2>&1` =~ m{nginx/(\d+)\.(\d+)\.(\d+)}
              ? sprintf '%d', $1 * 1_000_000 + $2 * 1_000 + $3 : die;

my $word = $Config{ptrsize} == 8 ? 'Q' : 'L';
my $number = pack $word, $version;
cmp_ok(scalar(() = $so =~ /\Q$number/g), '>=', 1, 'its version is in it');
like($said->($so =~ s/\Q$number/pack $word, $version + 1_000/gre),
     qr/^1 .*version \d+ instead of $version/s, 'that of a newer nginx');

my ($signature) = $so =~ /(\d,\d,\d,[01]{30,})\0/;
my $pointers = 12 - substr $signature, 0, 1;
like($said->($so =~ s/\Q$signature/$pointers . substr $signature, 1/gre),
     qr/^1 .*is not binary compatible/s, 'that of other options');

$t->done;
