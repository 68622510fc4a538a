#!/usr/bin/perl

# The oauthcc_store block: what nginx -t takes, and what it says of what it does
# not take, without a secret; and stores with TLS, a user, a socket, a database,
# and two servers of which the first is not there.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Test::OAuthCC;
use Test::OAuthCC::Fleet;
use Test::OAuthCC::Redis;

my $fleet = Test::OAuthCC::Fleet->new(1);
my ($t, $idp, $api, $store) = $fleet->servers;

my $dir = $t->prefix;
my $key = "$dir/oauthcc.key";

$t->write_file('other.key', 'another key, of more than 32 characters');
$t->write_file('same.key', $fleet->{key});
$t->write_file('short.key', "0123456789abcdef0123456789abcde\n");
$t->write_file('least.key', "0123456789abcdef0123456789abcdef\n");
$t->write_file('empty.key', '');
$t->write_file('password', "p4ssw0rd-of-the-store\n");
$t->certificate('ca');

my $good = 'server redis://127.0.0.1:6379;';

sub check ($block, $http = '') {
    return $t->check("%%GLOBALS%%\nhttp {\n%%HTTP%%\n$http\n"
                     . "oauthcc_store {\n$block\n}\n}\n");
}


####  what is taken

for my $block (
    "$good key $key;",
    "$good key file:$key;",
    "$good key $key; key $dir/other.key; key $dir/least.key;",
    "server unix:$dir/socket; key $key;",
    "server redis://127.0.0.1; key $key;",
    "server redis://gateway\@[::1]:6380/3; key $key;",
    "server REDIS://localhost:6379/; key $key;",
    "server rediss://127.0.0.1:6379; key $key;",
    "server rediss://store.invalid; key $key; resolver 127.0.0.1;",
    "$good $good key $key; user gateway; password file:$dir/password;",
    "$good key $key; prefix a-b_c.d:E9; timeout 10ms;",
    "$good key $key; timeout 5s; ssl_verify off; ssl_name x;",
    "server rediss://127.0.0.1; key $key; ssl_trusted_certificate $dir/ca.crt;"
    . " ssl_certificate $dir/ca.crt; ssl_certificate_key $dir/ca.key;",
    "server unix:$dir/socket; key $key; password x;",
    "server rediss://192.0.2.1; key $key; password x;",
) {
    my ($code, $out) = check($block);
    is($code, 0, 'taken: ' . $block =~ s/\Q$dir\E/DIR/gr) or diag $out;
    unlike($out, qr/\[warn\]/, 'without a warning');
}

my ($code, $out) = check("server rediss://store.invalid; key $key;",
                         'resolver 127.0.0.1;');
is($code, 0, 'the resolver of http{}');

($code, $out) = check("server redis://192.0.2.1; server redis://192.0.2.2;"
                      . " key $key; user a; password p4ssw0rd-of-the-store;");
is($code, 0, 'a password in clear text');
is(scalar(() = $out =~ /\[warn\].*sent to "redis:\/\/192\.0\.2\.1" in clear/g),
   1, 'has one warning');
unlike($out, qr/192\.0\.2\.2"|p4ssw0rd/, 'which does not show it');


####  DPoP: a key that nginx makes is that of one gateway

$t->openssl('ecparam -name prime256v1 -genkey -noout -out dpop.pem');

for my $case (
    [ 'dpop on;', 1 ], [ 'dpop on; store on;', 1 ],
    [ 'dpop on; store off;', 0 ], [ "dpop on; dpop_key $dir/dpop.pem;", 0 ],
    [ 'dpop off;', 0 ], [ '', 0 ],
) {
    my ($lines, $warned) = @$case;
    my $provider = "oauthcc_provider crm {\n"
                   . 'token_endpoint http://127.0.0.1:1/; client_id gateway;'
                   . " client_secret s3cret; $lines }";
    my $warning = qr/\[warn\].*provider "crm" has "dpop on" and no "dpop_key".*"oauthcc_store".*check\.conf:\d/;
    my $name = "\"$lines\"" =~ s/\Q$dir\E/DIR/r;

    # the store may stand before the provider, or behind it
    for my $conf ([ "$good key $key;", $provider ],
                  [ "$good key $key; }\n$provider\nmap \$uri \$x {" ])
    {
        ($code, $out) = check(@$conf);

        is($code, 0, "$name is taken") or diag $out;
        is(scalar(() = $out =~ /$warning/g), $warned,
           "$name: so many warnings") or diag $out;
    }

    ($code, $out) = $t->check("%%GLOBALS%%\nhttp {\n%%HTTP%%\n$provider\n}\n");
    unlike($out, qr/dpop_key/, "$name: no warning without a store");
}


####  what is not

for my $case (
    [ '', qr/block that begins in \S+:\d+ has no "server"/ ],
    [ $good, qr/has no "key", make one with/ ],
    [ "key $key;", qr/has no "server"/ ],
    [ "$good key $dir/none.key;", qr/"key" directive: .*none\.key/ ],
    [ "$good key $dir/short.key;", qr/less than 32 characters/ ],
    [ "$good key $dir/empty.key;", qr/"key" directive: .*empty/ ],
    [ "$good key $key; key $dir/same.key;", qr/same as that of another "key"/ ],
    [ "server 127.0.0.1:6379; key $key;", qr/has to begin with redis:/ ],
    [ "server http://127.0.0.1; key $key;", qr/has to begin with redis:/ ],
    [ "server redis://; key $key;", qr/"server redis:\/\/" \S+/ ],
    [ "server redis://a:s3cret-pw\@127.0.0.1; key $key;",
      qr/contains a password/ ],
    [ "server redis://\@127.0.0.1; key $key;", qr/invalid user name/ ],
    [ "server redis://127.0.0.1/x; key $key;", qr/number of a database/ ],
    [ "server redis://127.0.0.1/99999; key $key;", qr/number of a database/ ],
    [ "server redis://127.0.0.1:0; key $key;", qr/"server \S+" \S+/ ],
    [ "server redis://127.0.0.1:65536; key $key;", qr/"server \S+" \S+/ ],
    [ "server redis://store.invalid; key $key;", qr/set a "resolver"/ ],
    [ "$good key $key; prefix {x};", qr/"prefix" that is not|unexpected/ ],
    [ "$good key $key; prefix 'a b';", qr/"prefix" that is not/ ],
    [ "$good key $key; prefix '';", qr/"prefix" that is not/ ],
    [ "$good key $key; prefix " . 'x' x 65 . ';', qr/"prefix" that is not/ ],
    [ "$good key $key; timeout 9ms;", qr/between 10ms and 5s/ ],
    [ "$good key $key; timeout 5001ms;", qr/between 10ms and 5s/ ],
    [ "$good key $key; timeout soon;", qr/between 10ms and 5s/ ],
    [ "$good key $key; timeout 1s; timeout 1s;", qr/"timeout" directive is dup/ ],
    [ "$good key $key; ssl_verify perhaps;", qr/invalid value "perhaps"/ ],
    [ "$good key $key; ssl_certificate $dir/ca.crt;", qr/has only one of/ ],
    [ "server rediss://127.0.0.1; key $key; ssl_trusted_certificate $dir/none;",
      qr/none/ ],
    [ "$good key $key; password a; password b;", qr/"password" directive is dup/ ],
    [ "$good key $key; allow_plain on;", qr/unknown directive "allow_plain"/ ],
    [ "$good key;", qr/invalid number of arguments in "key"/ ],
    [ $good x 17 . "key $key;", qr/more than 16 times/ ],
) {
    my ($block, $re) = @$case;
    my ($code, $out) = check($block);

    isnt($code, 0, 'not taken: ' . $block =~ s/\Q$dir\E/DIR/gr);
    like($out, $re, 'and why');
    unlike($out, qr/s3cret-pw|\Q$t->{secrets}[-1]\E/, 'no secret is shown');
}

($code, $out) = check("$good key $key; }\noauthcc_store { $good key $key;");
isnt($code, 0, 'two blocks are not taken');
like($out, qr/"oauthcc_store" directive is duplicate/, 'and why');


####  stores as they are

# a gateway with this store has its token from there, or puts it there
sub stores ($what, %arg) {
    $store->cli('FLUSHALL');

    $fleet->run(%arg);
    ok($fleet->connected, "$what: the gateway is connected");

    is($fleet->gateway(0)->get('/crm')->status, 200, 'and has a token');
    ok($fleet->{t}->wait_for(sub { $arg{there}->() }, 5), 'which is stored');

    $fleet->gateway(0)->stop;
}

my $there = sub { grep { /:t:/ } $store->keys };

stores('a socket', there => $there,
       server => 'server unix:' . $store->socket . ';');

stores('a server that is not there, and one that is', there => $there,
       server => 'server redis://127.0.0.1:1;'
                 . ' server redis://127.0.0.1:%%PORT_store%%;');

stores('another prefix', there => sub { grep { /^\{x\}:t:/ } $store->keys },
       store => 'prefix x;');

stores('a database', there => sub {
           $store->cli('-n', 3, 'KEYS', '*') =~ /:t:/
       }, server => 'server redis://127.0.0.1:%%PORT_store%%/3;');

# the least that a user needs, as docs/gateways.md has it
my ($acl) = slurp("$FindBin::Bin/../../docs/gateways.md")
            =~ /^ *user gateway on >PASSWORD (.*)$/m;

ok($acl, 'the page has an ACL');
like($store->cli('ACL', 'SETUSER', 'gateway', 'on', '>p4ssw0rd-of-the-store',
                 split ' ', $acl), qr/OK/, 'that Redis takes');
$t->secret('p4ssw0rd-of-the-store');

stores('a user with little rights', there => $there,
       store => "user gateway; password file:$dir/password;");

stores('the user in the URL', there => $there,
       server => 'server redis://gateway@127.0.0.1:%%PORT_store%%;',
       store => 'password p4ssw0rd-of-the-store;');


####  TLS

$t->certificate('store', 'store.example');
$t->certificate('rogue');

my $tls = $t->daemon('Redis', 'tls', options => [
    'port 0', 'tls-port ' . $t->port('tls'), 'tls-auth-clients optional',
    "tls-cert-file $dir/store.crt", "tls-key-file $dir/store.key",
    "tls-ca-cert-file $dir/store.crt" ]);

$there = sub { grep { /:t:/ } $tls->keys };

my $server = 'server rediss://127.0.0.1:' . $t->port('tls') . ';';
my $ca = "ssl_trusted_certificate $dir/store.crt;";

stores('TLS to an address', there => $there, server => $server, store => $ca);

stores('to a name', there => sub { $there->() }, server => $server,
       store => "$ca ssl_name store.example;");

stores('without verification', there => $there, server => $server,
       store => 'ssl_verify off;');

for my $case (
    [ 'another CA', "ssl_trusted_certificate $dir/rogue.crt;",
      qr/its certificate is not trusted/ ],
    [ 'another name', "$ca ssl_name other.example;",
      qr/its certificate is for another host/ ],
    [ 'the CAs of the system', '', qr/its certificate is not trusted/ ],
) {
    my ($what, $lines, $re) = @$case;

    $fleet->run(server => $server, store => $lines);
    my $g = $fleet->gateway(0);

    is($g->get('/crm')->status, 200, "$what: a token, by a login");
    ok($g->wait_for(sub { $g->error_log =~ /cannot be used: $re/ }, 5),
       'the log says why');
    is($fleet->status($g)->{store}{up}, 0, 'the store is down');
    $g->stop;
}

$fleet->done;


sub slurp ($path) {
    open my $fh, '<', $path or die "$path: $!";
    local $/;
    return scalar <$fh>;
}
