#!/usr/bin/perl

# Tests of "make dist": the same bytes each time and for each user, a checksum,
# and with SIGN=KEYID a signature that anybody can check, of a key that is made
# for this test.

use v5.36;
use FindBin;

use Cwd qw(abs_path);
use File::Temp ();
use Test::More;

my $root = abs_path("$FindBin::Bin/../..");

plan(skip_all => 'no checkout of a repository, or no git')
    if system("git -C $root rev-parse -q --verify HEAD >/dev/null 2>&1");
plan(skip_all => 'no gpg') if system('gpg --version >/dev/null 2>&1');

my $tmp = File::Temp->newdir('oauthcc-dist-XXXXXXXX', TMPDIR => 1);

# nothing of the user's own, and no option of another make
my %own = (GNUPGHOME => "$tmp/gnupg", MAKEFLAGS => '', MFLAGS => '');


sub run ($command, %env) {
    local @ENV{keys %own, keys %env} = (values %own, values %env);
    my $out = `($command) 2>&1`;
    return ($? >> 8, $out);
}


sub slurp ($path) {
    open my $fh, '<:raw', $path or return '';
    local $/;
    return <$fh> // '';
}


sub dist ($build, $arg = '', %env) {
    return run("make -s -C $root dist BUILD=$tmp/$build $arg", %env);
}


my ($version) = slurp("$root/src/core/oauthcc_version.h")
                =~ /OAUTHCC_VERSION\s+"(.+)"/;
my $name = "ngx_http_oauthcc_module-$version";

####  without a signature

my ($code, $out) = dist('one');
is($code, 0, 'a tarball') or diag $out;

is_deeply([ sort map { s{.*/}{}r } glob "$tmp/one/*" ],
          [ "$name.tar.gz", "$name.tar.gz.sha256" ], 'and its checksum');
($code, $out) = run("cd $tmp/one && sha256sum -c *.sha256");
is($code, 0, 'which is right') or diag $out;

($code, $out) = dist('two', '', TZ => 'Asia/Tokyo', LC_ALL => 'C',
                     USER => 'other');
is(slurp("$tmp/two/$name.tar.gz"), slurp("$tmp/one/$name.tar.gz"),
   'the same bytes for another user');

my @all = split /\n/, `git -C $root ls-tree -r --name-only HEAD`;
my @packed = grep { !m{/$} } split /\n/, `tar -tzf $tmp/one/$name.tar.gz`;
is_deeply([ sort map { s{^\Q$name\E/}{}r } @packed ], [ sort @all ],
          'it has all that is committed');

####  with one

mkdir "$tmp/gnupg", 0700 or die "gnupg: $!";
my $key = 'release@oauthcc.invalid';

($code, $out) = run("gpg --batch --passphrase '' --quick-generate-key $key "
                    . 'ed25519 sign never');
is($code, 0, 'a key for this test') or diag $out;

($code, $out) = dist('signed', "SIGN=$key");
is($code, 0, 'a tarball and a signature') or diag $out;
is(slurp("$tmp/signed/$name.tar.gz"), slurp("$tmp/one/$name.tar.gz"),
   'the tarball is the same');

my $verify = "cd $tmp/signed && gpg --verify $name.tar.gz.asc $name.tar.gz";
($code, $out) = run($verify);
is($code, 0, 'the signature is good');
like($out, qr/Good signature from "\Q$key\E"/, 'and that of the key');

# again, over what is there
($code, $out) = dist('signed', "SIGN=$key");
is($code, 0, 'it can be done again') or diag $out;
is((run($verify))[0], 0, 'the signature is good again');

open my $fh, '>>:raw', "$tmp/signed/$name.tar.gz" or die $!;
print $fh 'x';
close $fh;
isnt((run($verify))[0], 0, 'that of another tarball is not');

($code, $out) = dist('signed', 'SIGN=nobody@oauthcc.invalid');
isnt($code, 0, 'a key that is not there is an error');
ok(!-e "$tmp/signed/$name.tar.gz.asc", 'and no old signature is left');

dist('signed', "SIGN=$key");
ok(-e "$tmp/signed/$name.tar.gz.asc", 'signed once more');
dist('signed');
ok(!-e "$tmp/signed/$name.tar.gz.asc",
   'a tarball without a signature has no old one beside it');

run('gpgconf --kill all');

done_testing();
