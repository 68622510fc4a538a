#!/usr/bin/perl

# Unit tests of the rooms that need no request: t/unit/ is an nginx module that
# runs them while nginx reads a configuration that asks for one.
#
# Environment, besides that of all tests: NGINX_SRC, NGINX_CC_OPT, NGINX_LD_OPT
# as t/unit/build takes them, TEST_NGINX_UNIT (where it builds: build/unit).

use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::OAuthCC;

use Cwd qw(abs_path);

my @rooms = qw(form token clock value datum sprintf date key assertion);

my $folder = $ENV{TEST_NGINX_UNIT} // "$FindBin::Bin/../build/unit";

plan(skip_all => 'no nginx sources: install nginx-dev or set NGINX_SRC')
    unless -x (($ENV{NGINX_SRC} // '/usr/share/nginx/src') . '/configure');

system('mkdir', '-p', $folder);
system("$FindBin::Bin/unit/build", $folder) == 0
    or BAIL_OUT('the unit tests can not be built');

my $so = abs_path("$folder/ngx_http_oauthcc_unit_module.so");
my $t = Test::OAuthCC->new(module => '');

for my $room (@rooms) {
    my ($code, $out) = $t->check(<<"CONF");
load_module $so;
%%GLOBALS%%
oauthcc_unit $room;
CONF

    my ($planned) = $out =~ /^1\.\.(\d+)$/m;
    my $n = 0;

    for (split /\n/, $out) {
        if (/^(not )?ok \d+ - (.*)/) {
            $n++;
            ok(!$1, "$room: $2");

        } elsif (/^# (.*)/) {
            diag($1);
        }
    }

    is($n, $planned // 'no plan', "$room: all cases");
    is($code, 0, "$room: nginx -t") or diag($out);
    unlike($out, qr/Sanitizer|runtime error:/, "$room: clean");
}

$t->done;
