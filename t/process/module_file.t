#!/usr/bin/perl

# Tests that no build of the module meets the zone of another one: when its file
# is replaced, a reload keeps the module that is loaded, with its zone, and an
# upgrade of the running nginx loads the new one, with a new zone.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Copy qw(copy);
use File::Temp ();
use JSON::PP ();
use Test::More;
use Test::OAuthCC;

my $module = $ENV{TEST_NGINX_MODULE}
    // "$FindBin::Bin/../../build/ngx_http_oauthcc_module.so";
plan(skip_all => 'the module is a part of nginx') if $module eq '';

# another build: one that says that it has another version

my $folder = File::Temp->newdir('oauthcc-XXXXXXXX', TMPDIR => 1);
my $file = "$folder/ngx_http_oauthcc_module.so";
copy($module, $file) or die "$module: $!";
chmod 0755, "$folder";

my $t = Test::OAuthCC->new(workers => 1, module => $file);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        location / { oauthcc crm; proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location /status { oauthcc_status; }
    }
}
CONF

sub status () {
    return JSON::PP::decode_json($t->get('/status?format=json')->body);
}

is($t->get('/')->status, 200, 'a login');
my $version = status()->{module_version};

open my $fh, '<:raw', $file or die "$file: $!";
my $bytes = do { local $/; <$fh> };
my ($major, $rest) = $version =~ /^(\d+\.)\d(.*)/ or die $version;
my $other = $major . (substr($version, length $major, 1) == 8 ? 7 : 8) . $rest;
ok($bytes =~ s/\Q$version\E/$other/g, 'another build');

open $fh, '>:raw', "$file.new" or die "$file.new: $!";
print $fh $bytes;
close $fh;
rename "$file.new", $file or die "$file: $!";

ok($t->reload, 'a reload');
is($t->get('/')->status, 200, 'and a request');
is(status()->{module_version}, $version, 'of the module that was there');
is($idp->logins, 1, 'with its zone');

ok($t->upgrade, 'an upgrade');
is($t->get('/')->status, 200, 'and a request');
is(status()->{module_version}, $other, 'of the new module');
is($idp->logins, 2, 'with a new zone');
is(status()->{providers}[0]{requests}{miss}, 1, 'and new counters');

$t->done;
