#!/usr/bin/perl

# Tests several gateways and a store that they do not trust, or that does not
# trust them: a wrong password, a user who may do nothing, a certificate of
# another CA or for another name.  No request fails or waits, and the log says
# why; with the right ones, and the least that docs/gateways.md gives the user,
# they share a token.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC::Docs;
use Test::OAuthCC::Fleet;
use List::Util qw(max);

my $slack = 0.6 * ($ENV{TEST_NGINX_SLOWER} // 1);


# a fleet of two with this store: what becomes of a herd
sub fleet ($what, $logins, $message, $redis, $run) {
    my $fleet = Test::OAuthCC::Fleet->new(2, redis => $redis);
    my ($t, $idp, $api, $store) = $fleet->servers;

    $t->secret('pass-of-the-store', 'wrong-pass-of-the-store');
    $t->certificate($_) for qw(store.example.com other.example.com);

    $store->{auth} = 'admin-pass' if "@$redis" =~ /admin-pass/;
    $fleet->run($run->($t, $store));

    if ($logins == 1) {
        ok($fleet->connected, "$what: all gateways have the store")
            or diag $fleet->gateway(0)->error_log;

    } else {
        ok($t->wait_for(sub {
            !grep { !$_->log_lines($message) } $fleet->gateways;
        }), "$what: the log says why") or diag $fleet->gateway(0)->error_log;
    }

    my @r = $fleet->herd(5, '/crm');

    is(Test::OAuthCC::tally(@r), '200 x 10', "$what: no request fails");
    is($idp->logins, $logins, "$what: logins");
    cmp_ok(max(map { $_->time } @r), '<', $slack, "$what: nobody waits");

    if ($logins == 1) {
        is($fleet->order($fleet->gateway(0), 'purge')->{store}, 'told',
           "$what: a purge");
        ok($t->wait_for(sub {
            !grep { $_->{providers}[0]{entry_count} }
                 map { $fleet->status($_) } $fleet->gateways;
        }), "$what: at all gateways");
    }

    for my $g ($fleet->gateways) {
        $g->secret($idp->secrets, @{ $t->{secrets} });
        $g->stop;
        is(join("\n", $g->alerts, $g->leaks), '',
           "$what: no alert, no secret in a log");
    }
}


####  passwords and users

my %page = Test::OAuthCC::Docs::pages();
my ($acl) = $page{'docs/gateways.md'} =~ /^ *(user gateway on .*)/m;

$acl =~ s/>PASSWORD/>pass-of-the-store/ or die 'no user in docs/gateways.md';

my @users = ($acl, 'user default on >admin-pass ~* &* +@all');

fleet('a password', 1, undef, [ 'requirepass admin-pass' ], sub ($t, $store) {
    $t->secret('admin-pass');
    return store => 'password admin-pass;';
});

fleet('a wrong password', 2, qr/\[error\].*oauthcc_store.*rejects the password/,
      [ 'requirepass admin-pass' ], sub ($t, $store) {
    return store => 'password wrong-pass-of-the-store;';
});

fleet('no password', 2, qr/\[error\].*oauthcc_store.*wants a password/,
      [ 'requirepass admin-pass' ], sub ($t, $store) { return });

fleet('the user of the documentation', 1, undef, [ @users ],
      sub ($t, $store) {
    return store => 'user gateway; password pass-of-the-store;';
});

fleet('a user who may do nothing', 2, qr/\[error\].*oauthcc_store.*ACL does not permit/,
      [ 'user gateway on >pass-of-the-store ~* &* -@all +auth', $users[1] ],
      sub ($t, $store) {
    return store => 'user gateway; password pass-of-the-store;';
});

####  TLS

# the server has the certificate of the first
sub tls ($what, $logins, $message, $lines) {
    my $prefix;

    fleet($what, $logins, $message, [], sub ($t, $store) {
        $prefix = $t->prefix;

        $store->stop;
        $store->{options} = [ 'port 0', "tls-port $store->{port}",
            "tls-cert-file $prefix/store.example.com.crt",
            "tls-key-file $prefix/store.example.com.key",
            "tls-ca-cert-file $prefix/store.example.com.crt",
            'tls-auth-clients no' ];
        $store->start;

        return server => 'server rediss://127.0.0.1:%%PORT_store%%;',
               store => 'timeout 5s;' . $lines =~ s/%%/$prefix/gr;
    });
}

tls('TLS', 1, undef, 'ssl_trusted_certificate %%/store.example.com.crt;');
tls('another name', 2, qr/\[error\].*oauthcc_store.*certificate/,
    'ssl_trusted_certificate %%/store.example.com.crt; '
    . 'ssl_name other.example.com;');
tls('another CA', 2, qr/\[error\].*oauthcc_store.*certificate/,
    'ssl_trusted_certificate %%/other.example.com.crt;');
tls('the CAs of the system', 2, qr/\[error\].*oauthcc_store.*certificate/, '');
tls('no verification', 1, undef, 'ssl_verify off;');

done_testing();
