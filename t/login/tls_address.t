#!/usr/bin/perl

# Tests for https by IP address: what counts are the iPAddress names of the
# certificate (RFC 9110 section 4.3.5), in whatever way the address came to be
# known, and for a session that is resumed as for a new one.  nginx compares
# names only: it would take no address, or a name that looks like one.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

use IO::Socket::IP;
use JSON::PP ();

# TLS sessions are kept by each worker
my $t = Test::OAuthCC->new(workers => 1);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $dns = $t->resolver;
my $six = IO::Socket::IP->new(LocalHost => '::1', Listen => 1);

# what a certificate may say: the subject, and the names

my %cert = (
    four => [ 'x', 'IP:127.0.0.1' ],
    six => [ 'x', 'IP:::1' ],
    all => [ 'x', 'DNS:idp.test,IP:127.0.0.1,IP:::1,DNS:localhost' ],
    mapped => [ 'x', 'IP:::ffff:127.0.0.1' ],
    other => [ 'x', 'IP:127.0.0.2,IP:::2' ],
    name => [ 'x', 'DNS:idp.test' ],
    looks => [ '127.0.0.1', 'DNS:127.0.0.1,DNS:*.0.0.1,DNS:::1,DNS:[::1]' ],
    subject => [ '127.0.0.1' ],
    subject6 => [ '::1' ],
    beside => [ '127.0.0.1', 'IP:127.0.0.2' ],
    uri => [ 'x', 'URI:https://127.0.0.1/,email:a@127.0.0.1' ],
    longer => [ 'x', 'DNS:127.0.0.1.idp.test' ],
);

my $make = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';

for my $name (sort keys %cert) {
    my ($subject, $names) = @{ $cert{$name} };

    $t->openssl("req -x509 $make -days 2 -subj '/CN=$subject' "
                . ($names ? "-addext 'subjectAltName=$names' " : '')
                . "-keyout $name.key -out $name.crt");
}

# of an authority, by one between

my $by = 'root';

$t->openssl("req -x509 $make -days 2 -subj /CN=root -keyout root.key "
            . '-out root.crt');

for my $name (qw(between issued)) {
    my $ext = $name eq 'issued' ? 'subjectAltName=IP:127.0.0.1'
                                : 'basicConstraints=critical,CA:TRUE';

    $t->openssl("req $make -subj /CN=$name -addext $ext -keyout $name.key "
                . "-out $name.csr");
    $t->openssl("x509 -req -in $name.csr -CA $by.crt -CAkey $by.key "
                . "-copy_extensions copy -days 2 -out $name.only.crt");
    system 'cp', $t->prefix . "/$name.only.crt", $t->prefix . "/$name.crt";
    $by = $name;
}

$t->write_file('issued.crt', join '', map { $t->read_file("$_.only.crt") }
               qw(issued between));

$dns->set("$_.test", '127.0.0.1', 60)
    for 'idp', 'alias', '127.0.0.1.idp';


####  servers

# what each is asked for is what its certificate is called

my $servers = join '', map { <<"CONF" } sort keys %cert, 'issued';
    server {
        listen 127.0.0.1:%%PORT_$_%% ssl;
        @{[ $six ? "listen [::1]:%%PORT_$_%% ssl;" : '' ]}
        ssl_certificate %%PREFIX%%/$_.crt;
        ssl_certificate_key %%PREFIX%%/$_.key;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_session_cache shared:$_:1m;
        proxy_set_header X-SNI \$ssl_server_name;
        proxy_set_header X-Reused \$ssl_session_reused;
        location / { proxy_pass http://127.0.0.1:%%PORT_idp%%; }
    }
CONF

sub trust ($name) {
    return "proxy_ssl_trusted_certificate %%PREFIX%%/$name.crt;";
}

sub config ($providers, $more = '') {
    return <<"CONF";
%%GLOBALS%%

http {
    %%HTTP%%
    resolver 127.0.0.1:%%PORT_dns%% ipv6=off;

    @{[ join '', map { <<"BLOCK" } sort keys %$providers ]}
    oauthcc_provider $_ {
        client_id gateway;
        client_secret s3cret;
        backoff 10ms 10ms;
        $providers->{$_}
    }
BLOCK

    map \$uri \$provider { ~^/p/(?<name>\\w+) \$name; }
$servers
    $more

    server {
        listen 127.0.0.1:%%PORT_http%%;

        location /p/ {
            oauthcc \$provider scope=\$arg_s;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        # nothing of ours
        location ~ ^/all/ {
            rewrite ^ /x break;
            proxy_pass https://127.0.0.1:%%PORT_all%%;
        }
        location ~ ^/name/ {
            rewrite ^ /x break;
            proxy_pass https://127.0.0.1:%%PORT_name%%;
        }
    }
}
CONF
}

my $logins = 0;

# asks for a token, each time for another one
sub becomes ($provider, $accepted, $what, $query = '') {
    my ($r, $lines);

    my $asks = sub {
        $r = $t->get("/p/$provider?s=" . ++$logins . $query);
        return $r->status;
    };

    my $count = sub { scalar $t->log_lines(qr/certificate .*"$provider"/) };

    $idp->clear;
    $lines = $count->();

    # it may have failed a moment ago

    if ($accepted) {
        ok($t->wait_for(sub { $asks->() == 200 }, 2), "$what: taken");

    } else {
        ok($t->wait_for(sub { $asks->() != 200 && $count->() > $lines }, 2),
           "$what: refused, for its certificate");
        like($r->status, qr/^50[23]$/, "$what: status");
    }

    is(scalar(grep { $_->{method} eq 'POST' } $idp->requests), $accepted,
       "$what: what reached the token endpoint");
    return $idp->last_request;
}


####  which certificate is valid for what

# certificate, host, by which name it is asked, or the host; accepted?

my @cases = (
    [ 'four', '127.0.0.1', undef, 1 ],
    [ 'all', '127.0.0.1', undef, 1 ],
    [ 'issued', '127.0.0.1', undef, 1 ],
    (map { [ $_, '127.0.0.1', undef, 0 ] }
         qw(other name looks subject beside uri mapped six)),
    $six ? (
        [ 'six', '[::1]', undef, 1 ],
        [ 'six', '[0:0:0:0:0:0:0:1]', undef, 1 ],
        [ 'all', '[::1]', undef, 1 ],
        [ 'mapped', '[::ffff:127.0.0.1]', undef, 1 ],
        [ 'four', '[::ffff:127.0.0.1]', undef, 0 ],
        map { [ $_, '[::1]', undef, 0 ] } qw(four other name looks subject6),
    ) : (),

    # names, as they are

    [ 'name', 'idp.test', undef, 1 ],
    [ 'all', 'idp.test', undef, 1 ],
    [ 'all', 'IDP.test', undef, 1 ],
    [ 'all', 'localhost', undef, 1 ],
    [ 'longer', '127.0.0.1.idp.test', undef, 1 ],
    [ 'four', '127.0.0.1.idp.test', undef, 0 ],
    [ 'name', 'alias.test', undef, 0 ],
    [ 'four', 'idp.test', undef, 0 ],
    [ 'name', 'localhost', undef, 0 ],

    # proxy_ssl_name decides

    [ 'name', '127.0.0.1', 'idp.test', 1 ],
    [ 'all', '127.0.0.1', 'idp.test:443', 1 ],
    [ 'four', '127.0.0.1', 'idp.test', 0 ],
    [ 'four', 'alias.test', '127.0.0.1', 1 ],
    [ 'four', 'alias.test', '127.0.0.1:443', 1 ],
    [ 'four', 'alias.test', '$address', 1 ],
    [ 'other', '127.0.0.1', '127.0.0.2', 1 ],
    [ 'looks', 'alias.test', '127.0.0.1', 0 ],
    [ 'six', '127.0.0.1', '::1', 1 ],
    [ 'six', '127.0.0.1', '0:0:0:0:0:0:0:1', 1 ],
    [ 'six', '127.0.0.1', '[::1]', 1 ],
    [ 'six', '127.0.0.1', '[::1]:443', 1 ],
    [ 'looks', '127.0.0.1', '[::1]', 0 ],
    [ 'six', '127.0.0.1', '[::1', 0 ],
    [ 'all', '127.0.0.1', '[idp.test]', 0 ],
    [ 'all', '127.0.0.1', '$nothing', 0 ],
    [ 'all', '127.0.0.1', ':443', 0 ],
);

my (%providers, @names);

for my $i (0 .. $#cases) {
    my ($cert, $host, $name) = @{ $cases[$i] };
    my $ca = $cert eq 'issued' ? 'root' : $cert;

    $providers{"fixed$i"} = "token_endpoint https://$host:%%PORT_$cert%%/x;"
        . trust($ca) . (defined $name ? "proxy_ssl_name $name;" : '');
}

# the same by variables and by an issuer, for all hosts

for my $cert (sort keys %cert, 'issued') {
    my $ca = $cert eq 'issued' ? 'root' : $cert;

    $providers{"variables_$cert"}
        = "token_endpoint https://\$arg_h:%%PORT_$cert%%/x;" . trust($ca);
}

my $well_known = '/.well-known/oauth-authorization-server';

for my $case (grep { !defined $_->[2] } @cases) {
    my ($cert, $host, undef) = @$case;
    my $ca = $cert eq 'issued' ? 'root' : $cert;
    my $name = "issuer_${cert}_" . $host =~ s/\W/_/gr;
    my $base = $t->fill("https://$host:%%PORT_$cert%%/$name");

    $providers{$name} = "issuer $base;" . trust($ca);

    $idp->answer("$well_known/$name", { body => JSON::PP::encode_json({
        issuer => $base, token_endpoint => "$base/token" }) });

    # and where only what the metadata name is by TLS

    $base = $t->fill("http://127.0.0.1:%%PORT_idp%%/named_$name");
    $providers{"named_$name"} = "issuer $base;" . trust($ca);

    $idp->answer("$well_known/named_$name", { body => JSON::PP::encode_json({
        issuer => $base,
        token_endpoint => $t->fill("https://$host:%%PORT_$cert%%/token") }) });
}

# somebody else's

$providers{untrusted} = 'token_endpoint https://127.0.0.1:%%PORT_four%%/x;'
                        . trust('all');
$providers{system} = 'token_endpoint https://127.0.0.1:%%PORT_four%%/x;';
$providers{unverified} = 'token_endpoint https://127.0.0.1:%%PORT_name%%/x;
                          proxy_ssl_verify off;';
$providers{silent} = 'token_endpoint https://127.0.0.1:%%PORT_all%%/x;
                      proxy_ssl_server_name off;' . trust('all');
$providers{silent_wrong} = 'token_endpoint https://alias.test:%%PORT_all%%/x;
                            proxy_ssl_server_name off;' . trust('all');

$t->secret('s3cret');
$t->run(config(\%providers, <<'CONF'));
    map '' $address { default 127.0.0.1; }
    map '' $nothing { default ''; }
CONF

for my $i (0 .. $#cases) {
    my ($cert, $host, $name, $accepted) = @{ $cases[$i] };
    my $what = "$cert for $host" . (defined $name ? " as $name" : '');

    my $login = becomes("fixed$i", $accepted, $what);

    # RFC 6066 section 3

    if ($accepted && ($name // $host) =~ /^(?:[\d.:]+|\[.*\].*)$|^\$/) {
        is($idp->header($login, 'X-SNI') // '', '', "$what: no SNI");

    } elsif ($accepted) {
        like($idp->header($login, 'X-SNI'), qr/^[a-z\d.]*(?:test|host)$/i,
             "$what: SNI");
    }

    next if defined $name;

    becomes("variables_$cert", $accepted, "$what, by variables", "&h=$host");

    my $issuer = "issuer_${cert}_" . $host =~ s/\W/_/gr;

    becomes($issuer, $accepted, "$what, by its issuer");
    becomes("named_$issuer", $accepted, "$what, by metadata");
}

becomes($_, 0, $_) for qw(untrusted system silent_wrong);
becomes($_, 1, $_) for qw(unverified silent);

for (qw(fixed3 fixed4)) {
    like(join("\n", $t->log_lines(qr/"$_"/)),
         qr/certificate does not match "127\.0\.0\.1"/,
         "$_: the log says which name is wrong");
}

like(join("\n", $t->log_lines(qr/"untrusted"/)),
     qr/certificate verify error: \(\d+:self.signed/,
     'or that nobody vouches for it');


####  sessions

# a TLS session is kept for an address, whoever has made it: for a login it
# counts only if its certificate would

my $reuse = 'proxy_ssl_session_reuse on;';
my $all = 'token_endpoint https://127.0.0.1:%%PORT_all%%/x;' . $reuse;
my $pool = 'token_endpoint https://pool/x; proxy_ssl_name 127.0.0.1;' . $reuse;
my $chain = 'token_endpoint https://chain/x; proxy_ssl_name 127.0.0.1;'
            . $reuse;

for my $version ('TLSv1.2', 'TLSv1.3') {
    my $only = "proxy_ssl_protocols $version;";

    ok($t->reload(config({
        right => $all . trust('all') . $only,
        ca => $all . trust('name') . $only,
        bad => $all . trust('all') . $only . 'proxy_ssl_name 127.0.0.2;',
        other => $all . trust('all') . $only . 'proxy_ssl_name alias.test;',
        named => $all . trust('all') . $only . 'proxy_ssl_name idp.test;',
        never => 'token_endpoint https://127.0.0.1:%%PORT_name%%/x;'
                 . $reuse . $only . trust('name'),
        variables => 'token_endpoint https://$arg_h:%%PORT_all%%/x;'
                     . $reuse . $only . trust('all'),
        pool => $pool . $only . trust('root'),
        pool_ca => $pool . $only . trust('all'),
        chain => $chain . $only . trust('root'),
    }, <<"CONF")), "$version: reload");
        proxy_ssl_protocols $version;
        upstream pool { server 127.0.0.1:%%PORT_issued%%; }
        upstream chain {
            zone chain 64k;
            server 127.0.0.1:%%PORT_issued%%;
        }
CONF

    # of a session that nobody has looked at

    is($t->get('/name/')->status, 200, "$version: a session");
    is($t->get('/name/')->status, 200, 'and again');
    is($idp->header($idp->last_request, 'X-Reused'), 'r', 'which is resumed');
    becomes('never', 0, "$version: its certificate is of no such address");

    $t->get('/all/') for 1, 2;

    becomes($_, 0, "$version: a resumed session, $_") for qw(bad other ca);

    for (qw(right named right variables)) {
        my $login = becomes($_, 1, "$version: $_", '&h=127.0.0.1');
        $login = becomes($_, 1, "$version: $_ again", '&h=127.0.0.1');
        is($idp->header($login, 'X-Reused'), 'r',
           "$version: $_: the session is resumed");
    }

    becomes($_, 0, "$version: after theirs, $_") for qw(bad other ca);
    becomes('variables', 0, "$version: after theirs, a name",
            '&h=alias.test');

    my $login = becomes('pool', 1, "$version: of a chain");
    $login = becomes('pool', 1, "$version: of a chain again");
    is($idp->header($login, 'X-Reused'), 'r', "$version: it is resumed");
    becomes('pool_ca', 0, "$version: who trusts another authority");

    # such a zone does not keep the chain
    becomes('chain', 1, "$version: of a zone") for 1, 2;
}

$t->done;
