#!/usr/bin/perl

# Tests that a checkout of nginx's repository will do for NGINX_SRC: it has
# auto/configure, where a tarball has configure too.  Who builds the newest
# nginx has one, and is told that there is no nginx in it.

use v5.36;
use FindBin;

use Cwd qw(abs_path);
use File::Temp ();
use Test::More;

my $root = abs_path("$FindBin::Bin/../..");
my $source = $ENV{NGINX_SRC} || '/usr/share/nginx/src';

my ($configure) = grep { -f } "$source/auto/configure", "$source/configure";
plan(skip_all => 'no nginx sources: install nginx-dev or set NGINX_SRC')
    unless $configure;

my $tmp = File::Temp->newdir('oauthcc-checkout-XXXXXXXX', TMPDIR => 1);


sub slurp ($path) {
    open my $fh, '<', $path or return '';
    local $/;
    return <$fh> // '';
}


sub run ($command, %env) {
    local @ENV{keys %env} = values %env;
    my $out = `$command 2>&1`;
    return ($? >> 8, $out);
}


# what a checkout has, as far as it matters: sources that nobody may write to

mkdir "$tmp/nginx";

for my $name (qw(auto src)) {
    system('cp', '-rL', "$source/$name", "$tmp/nginx/$name") == 0 or die 'cp';
}

system('cp', $configure, "$tmp/nginx/auto/configure") == 0 or die 'cp'
    unless -f "$tmp/nginx/auto/configure";

mkdir "$tmp/nginx/$_" for qw(.git conf contrib docs misc);

my $listing = sub { return `cd $tmp/nginx && find . -type f -o -type l | sort` };
my $before = $listing->();

unlike($before, qr{^\./configure$}m, 'there is no configure at the top');


####  make NGINX_SRC=...

my ($code, $out) = run("$root/t/tools/configure $tmp/build",
                       NGINX_SRC => "$tmp/nginx");
is($code, 0, 'it is configured') or diag $out, slurp("$tmp/build/log");

like(slurp("$tmp/build/ngx_auto_config.h"), qr/--with-compat/,
     'with --with-compat');

# one of the rooms, to see that the headers are found

my ($object) = slurp("$tmp/build/Makefile") =~ m{^(\S+_clock\.o):}m;

($code, $out) = run("make -s -C $tmp/build/tree -f ../Makefile "
                    . ($object // 'modules'));
is($code, 0, 'and compiled') or diag $out;
is($listing->(), $before, 'nothing is written there');

($code, $out) = run("$root/t/tools/configure $tmp/build",
                    NGINX_SRC => "$tmp/nginx");
is($code, 0, 'once more, in the same folder') or diag $out;


####  after auto/configure && make

mkdir "$tmp/nginx/objs";
open my $fh, '>', "$tmp/nginx/objs/ngx_auto_config.h" or die;
say $fh '#define NGX_CONFIGURE "--with-compat --with-http_ssl_module '
        . '--with-http_v2_module --without-http_gzip_module"';
close $fh;

($code, $out) = run("$root/t/tools/configure $tmp/alike",
                    NGINX_SRC => "$tmp/nginx");
is($code, 0, 'one that was configured') or diag $out, slurp("$tmp/alike/log");
like(slurp("$tmp/alike/ngx_auto_config.h"),
     qr/--with-http_v2_module --without-http_gzip_module/,
     'is configured alike');


####  the other scripts that configure: with a compiler that is none

open $fh, '>', "$tmp/cc" or die;
print $fh "#!/bin/sh\necho no compiler >&2\nexit 1\n";
close $fh;
chmod 0755, "$tmp/cc";

for my $case ([ "t/tools/instrument $tmp/checks -g", "$tmp/checks/log" ],
              [ "t/unit/build $tmp/unit", undef ])
{
    my ($command, $log) = @$case;
    my ($name) = $command =~ /(\S+)/;

    ($code, $out) = run("$root/$command", NGINX_SRC => "$tmp/nginx",
                        CC => "$tmp/cc");
    $out .= slurp($log) if $log;

    isnt($code, 0, "$name fails without a compiler");
    like($out, qr/checking for OS.*C compiler \S+ is not found/s,
         "$name: in configure");
}


####  no sources at all

system 'rm', '-r', "$tmp/nginx/auto";
($code, $out) = run("$root/t/tools/configure $tmp/none", NGINX_SRC => "$tmp/nginx");
isnt($code, 0, 'a folder without sources');
like($out, qr/NGINX_SRC=\S+ has no nginx sources/, 'is named');

done_testing;
