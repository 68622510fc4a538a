#!/usr/bin/perl

# Tests that who lacks something is told what, and the command to get it: of
# make demo and make test, and of nginx's configure with this module.

use v5.36;
use FindBin;

use Cwd qw(abs_path);
use File::Temp ();
use Test::More;

my $root = abs_path("$FindBin::Bin/../..");
my $tmp = File::Temp->newdir('oauthcc-missing-XXXXXXXX', TMPDIR => 1);
chmod 0755, $tmp;

sub run (%arg) {
    my $pid = open my $fh, '-|' // die "fork: $!";

    if ($pid == 0) {
        open STDERR, '>&', \*STDOUT;
        chdir $arg{folder} or die "$arg{folder}: $!" if $arg{folder};

        # apt-get is for root, and the others have no sudo here
        if ($arg{nobody} && $> == 0) {
            my (undef, undef, $uid, $gid) = getpwnam 'nobody';
            $) = "$gid $gid";
            $( = $gid;
            $< = $> = $uid;
        }

        %ENV = (%ENV, %{ $arg{env} // {} });
        exec @{ $arg{command} } or die "$arg{command}[0]: $!";
    }

    my $out = do { local $/; <$fh> };
    close $fh;
    return ($? >> 8, $out);
}


####  packages

# a machine that has a shell, apt-get, and little else

mkdir "$tmp/bin";

for my $tool (qw(sh sed id cat dirname find mktemp rm apt-get dpkg-query)) {
    my ($path) = grep { -x } map { "$_/$tool" } qw(/usr/bin /bin /usr/sbin);
    symlink $path, "$tmp/bin/$tool" if $path;
}

# what a user may not read is not copied
system('cp', "$root/t/tools/packages", "$tmp/packages") == 0 or die 'cp';
mkdir "$tmp/idp";

my %wants = (
    build => [ qw(make gcc) ],
    demo => [ qw(make gcc perl) ],
    test => [ qw(make gcc perl curl openssl glewlwyd chromium prometheus) ],
);

for my $what (sort keys %wants) {
    my ($code, $out) = run(nobody => 1, env => { PATH => "$tmp/bin" },
                           command => [ '/bin/sh', "$tmp/packages", $what ]);

    isnt($code, 0, "make $what fails");
    like($out, qr/^These packages are missing:.* \Q$_\E(?: |$)/m,
         "and says that it wants $_") for @{ $wants{$what} };
    like($out, qr/^    su -c '.*packages $what'$/m, 'and the command');
}

unlink "$tmp/bin/apt-get";
my ($code, $out) = run(nobody => 1, env => { PATH => "$tmp/bin" },
                       command => [ '/bin/sh', "$tmp/packages", 'build' ]);
isnt($code, 0, 'without apt-get it fails too');
like($out, qr/has no apt-get.*packages of\s+Debian: .*gcc/s,
     'and says what Debian calls them');


####  nginx's configure

# a compiler that does not find a header, as if its package were not there

open my $fh, '>', "$tmp/cc" or die "$tmp/cc: $!";
print $fh <<'EOC';
#!/bin/sh
for file do
    case $file in
        *.c) ! grep -q "$MISSING" "$file" || { echo no "$MISSING"; exit 1; } ;;
    esac
done
exec cc "$@"
EOC
close $fh;
chmod 0755, "$tmp/cc";

my $source = $ENV{NGINX_SRC} // '/usr/share/nginx/src';

mkdir "$tmp/tree";
symlink "$source/$_", "$tmp/tree/$_" for qw(auto src);

# a checkout of nginx's repository has it in auto
symlink ((grep { -e } map { "$source/$_" } qw(configure auto/configure))[0],
         "$tmp/tree/configure");

my %packages = (
    'jansson.h' => 'apt-get install libjansson-dev',
    'openssl/evp.h' => 'apt-get install libssl-dev',
);

for my $header (sort keys %packages) {
    my ($code, $out) = run(folder => "$tmp/tree",
        env => { MISSING => $header },
        command => [ './configure', "--with-cc=$tmp/cc", '--with-compat',
                     '--without-http_rewrite_module',
                     '--without-http_gzip_module', '--with-http_ssl_module',
                     "--builddir=$tmp/objs", "--add-dynamic-module=$root" ]);

    isnt($code, 0, "configure fails without $header");
    like($out, qr/error: ngx_http_oauthcc_module needs/,
         'and says who wants it');
    like($out, qr/^ +\Q$packages{$header}\E\b/m, 'and the command');
}

($code, $out) = run(command => [ "$root/t/tools/configure", "$tmp/build" ],
                    env => { NGINX_SRC => '/nonexistent' });
isnt($code, 0, 'a source tree that is not there');
like($out, qr/NGINX_SRC=\S+ has no nginx sources/, 'is named');

done_testing;
