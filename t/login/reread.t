#!/usr/bin/perl

# Tests that the file of every directive that may have one is read again before
# a login: who rotates a secret, an audience or a header does not know which of
# them nginx reads again, and does not reload it.  The directives are those of
# docs/directives.md, so that no new one is forgotten.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use MIME::Base64;
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Docs;

my $t = Test::OAuthCC->new(workers => 4);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

####  what may be a file, as docs/directives.md has it

my $page = Test::OAuthCC::Docs::page('docs/directives.md');

my %takes;

while ($page =~ /^Syntax: +(\w+) (.*);\n(?:.+\n)*?Context: +(.*)$/gm) {
    my ($directive, $takes, $context) = ($1, $2, $3);

    $takes{$directive} = 1
        if $context eq 'oauthcc_provider'
           && $takes =~ /^(?:NAME )?(?:VALUE|FILE|file:PATH)(?: \[json\])?$/;
}

# read once, as docs/directives.md says
delete $takes{$_} for qw(login_json dpop_key dpop_key_password);

# the proxy sees it, and not the token endpoint: t/login/forward_proxy.t
delete $takes{forward_proxy_password};

####  one provider for each of them

my $header = sub ($name) {
    return sub ($login) { return $idp->header($login, $name) // '' };
};

my $parameter = sub ($name) {
    return sub ($login) {
        my ($value) = $login->{body} =~ /(?:^|&)\Q$name\E=([^&]*)/;
        return $value // '';
    };
};

my $basic = sub ($n) {
    return sub ($login) {
        my ($text) = ($idp->header($login, 'Authorization') // '')
                     =~ /^Basic (.*)/;
        return (split /:/, decode_base64($text // ''))[$n];
    };
};

# of a JWT: its header, and whose signature it has
my $kid = sub ($login) {
    my ($head) = $login->{body} =~ /client_assertion=([^&.]*)/;
    return MIME::Base64::decode_base64url($head // '') =~ /"x5t#S256":"([^"]+)/
           ? $1 : '';
};

# and its claims
my $claim = sub ($name) {
    return sub ($login) {
        my ($claims) = $login->{body} =~ /client_assertion=[^.]*\.([^.]*)/;
        return MIME::Base64::decode_base64url($claims // '')
               =~ /"$name":"([^"]+)/ ? $1 : '';
    };
};

my $signer = sub ($login) {
    my ($text, $signature) = $login->{body}
        =~ /client_assertion=([^&]*)\.([\w-]+)/ or return '';

    $t->write_file('signed', $text);
    open my $fh, '>:raw', $t->prefix . '/signature' or die;
    print $fh MIME::Base64::decode_base64url($signature);
    close $fh;

    return join '', grep {
        my $key = $t->prefix . "/key-$_.pem";
        `cd @{[ $t->prefix ]} && openssl pkeyutl -verify -inkey $key -rawin \\
         -in signed -sigfile signature 2>&1` =~ /Verified Successfully/
    } qw(one two);
};

sub slurp ($path) {
    open my $fh, '<', $path or die "$path: $!";
    local $/;
    return <$fh>;
}

for my $n (qw(one two)) {
    $t->openssl("genpkey -algorithm ED25519 -out key-$n.pem");
    $t->openssl("req -x509 -new -key key-$n.pem -days 2 -subj /CN=$n "
                . "-out crt-$n.pem");
}

# one key, two certificates
$t->openssl("req -x509 -new -key key-one.pem -days 2 -subj /CN=$_ "
            . "-out own-$_.pem") for qw(one two);

# a key locked with one of two passwords
$t->openssl("pkey -in key-one.pem -aes256 -passout pass:one-s3cret "
            . "-out locked-one.pem");

my $file = sub ($name) { return $t->prefix . "/$name" };
my $client = 'client_id gateway; client_secret s3cret-of-the-gateway;';
my $jwt = 'client_id gateway; auth_method private_key_jwt;';

# directive, the rest of the block, what a login shows of it, and what is in the
# file and seen then: "one", "two" as they are, where it does not say otherwise

my %case = (
    client_id => [ 'client_secret s3cret-of-the-gateway;', $basic->(0) ],
    client_secret => [ 'client_id gateway;', $basic->(1) ],
    scope => [ $client, $parameter->('scope') ],
    audience => [ $client, $parameter->('audience') ],
    username => [ "$client grant_type password; password s3cret-of-joe;",
                  $parameter->('username') ],
    password => [ "$client grant_type password; username joe;",
                  $parameter->('password') ],
    client_assertion => [ '', $parameter->('client_assertion') ],
    'param subject_token' => [ $client, $parameter->('subject_token') ],
    'header X-Key' => [ $client, $header->('X-Key') ],
    'header Authorization' => [ $client, $header->('Authorization') ],
    'attr key' => [ 'login_json document.json;', $header->('X-Attr') ],
    assertion_key => [ $jwt, $signer, one => [ 'key-one.pem', 'one' ],
                                      two => [ 'key-two.pem', 'two' ] ],
    assertion_certificate => [ "$jwt assertion_key key-one.pem;", $kid,
                               one => [ 'own-one.pem', undef ],
                               two => [ 'own-two.pem', undef ] ],
    assertion_issuer => [ "$jwt assertion_key key-one.pem;", $claim->('iss') ],
    assertion_subject => [ "$jwt assertion_key key-one.pem;",
                           $claim->('sub') ],
    'assertion_claim tenant' => [ "$jwt assertion_key key-one.pem;",
                                  $claim->('tenant') ],
    assertion_key_password => [ "$jwt assertion_key both.pem;", $signer ],
);

# the password of a key changes along with the key
$t->write_file('both.pem', slurp($file->('locked-one.pem')));

$t->write_file('document.json', $t->fill(<<'JSON'));
{
    "authentication": {
        "type": "login",
        "loginRequest": {
            "endpoint": "http://127.0.0.1:%%PORT_idp%%/attr_key",
            "method": "FORM",
            "headers": { "X-Attr": { "attr": "key" } }
        },
        "apiRequest": {
            "headers": { "Authorization": { "response": "access_token" } }
        },
        "expires": { "response": "expires_in", "relative": true }
    }
}
JSON

is_deeply([ sort keys %{{ map { /^(\w+)/ => 1 } keys %case }} ],
          [ sort keys %takes ], 'the directives of the page, and no others');

my $path = sub ($directive) { return $directive =~ s/\W/_/gr };

my $put = sub ($directive, $which) {
    my (undef, undef, %of) = @{ $case{$directive} };
    my ($from, $seen) = @{ $of{$which} // [] };

    $seen //= $from ? undef : $t->secret("s3cret-of-$which-" . $path->($directive));
    $seen = $which if $directive eq 'assertion_key_password';

    $t->write_file('values/' . $path->($directive),
                   $from ? slurp($file->($from))
                   : $directive eq 'assertion_key_password' ? "$which-s3cret\n"
                   : "$seen\n");

    return $seen;
};

my %seen = map { $_ => $put->($_, 'one') } keys %case;

my $providers = join "\n", map {
    my $name = $path->($_);
    my $endpoint = /^attr/ ? ''
                   : "token_endpoint http://127.0.0.1:%%PORT_idp%%/$name;";

    <<"CONF";
    oauthcc_provider $name {
        $endpoint
        $case{$_}[0]
        $_ file:values/$name;
    }

CONF
} sort keys %case;

my $config = <<"CONF";
%%GLOBALS%%

http {
    %%HTTP%%

$providers

    map \$uri \$provider { ~^/(?<name>[^/]+)\$ \$name; }

    server {
        listen 127.0.0.1:%%PORT_http%% reuseport;
        oauthcc \$provider;
        location / { proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location = /status { oauthcc off; oauthcc_status control; }
    }
}
CONF

# tokens that end soon: no request is made for a login's sake alone

$idp->answer({ json => { expires_in => 1 } });
$t->run($config);

my $last = sub { return $idp->last_request // { body => '', headers => [] } };

# the next login, by whichever worker
my $login = sub ($name) {
    $idp->clear;

    $t->wait_for(sub {
        return $t->get("/$name")->status != 200
               || grep { $_->{uri} eq "/$name" } $idp->requests;
    });

    return (grep { $_->{uri} eq "/$name" } $idp->requests)[-1]
           // { body => '', headers => [] };
};

for my $directive (sort keys %case) {
    my $name = $path->($directive);
    my $shown = $case{$directive}[1];
    my $before = $shown->($login->($name));

    defined $seen{$directive}
        ? is($before, $seen{$directive}, "$directive: as at the start")
        : isnt($before, '', "$directive: as at the start");

    if ($directive eq 'assertion_key_password') {
        $t->openssl('pkey -in key-two.pem -aes256 -passout pass:two-s3cret '
                    . '-out locked-two.pem');
        $t->write_file('both.pem', slurp($file->('locked-two.pem')));
    }

    my $then = $put->($directive, 'two');

    # a login that was on its way may be the next
    my $after;
    ok($t->wait_for(sub { ($after = $shown->($login->($name))) ne $before }),
       "$directive: the file is read again");
    is($after, $then, "$directive: as it is then") if defined $then;
}

####  none of that is one login for each worker

my @long = ('audience', 'param subject_token', 'header X-Key', 'client_secret',
            'client_assertion');

my $change = sub ($which, @directives) {
    for my $name (map { $path->($_) } @directives) {
        $t->write_file("values/$name", $t->secret("s3cret-of-$which-$name")
                                       . "\n");
    }
};

my $logins = sub ($name) {
    return scalar grep { $_->{uri} eq "/$name" } $idp->requests;
};

# before their end: what the other workers have is still good then

$idp->answer({ json => { expires_in => 5 } });

for my $name (map { $path->($_) } @long) {
    $login->($name);
    $t->concurrent(40, GET => "/$name");
}

$idp->clear;
$change->('three', @long);

ok($t->wait_for(sub {
    $t->concurrent(20, GET => '/' . $path->($_)) for @long;
    return !grep { !$logins->($path->($_)) } @long;
}, 10), 'tokens are renewed');

$idp->answer({ json => { expires_in => 3600 } });

for my $directive (@long) {
    my $name = $path->($directive);
    my $shown = $case{$directive}[1];
    my ($first) = grep { $_->{uri} eq "/$name" } $idp->requests;

    is($shown->($first), "s3cret-of-three-$name",
       "$directive: with the file of then");
    $t->concurrent(40, GET => "/$name") for 1 .. 3;
    is($logins->($name), 1, "$directive: one login for all workers");
}

# some of them have read what the others cannot read

$idp->answer({ json => { expires_in => 1 } });
ok($t->reload($config), 'other workers');
$login->($path->($_)) for @long;
$idp->answer({ hold => 1, json => { expires_in => 3600 } });

for my $directive ('client_secret', 'audience', 'header X-Key') {
    my $name = $path->($directive);
    my $shown = $case{$directive}[1];

    $change->('other', $directive);
    $idp->clear;
    my $first;
    ok($t->wait_for(sub {
        $first = $t->client->start(GET => "/$name");
        return $first if $idp->wait_count(1, 0.05);
        $first->finish;
        return;
    }), "$directive: a login");

    $t->write_file("values/$name", $name =~ /X_Key/ ? "a\r\nEvil: b\n" : "\n");
    $idp->release;
    is($first->finish->status, 200, "$directive: in the last moment");
    $t->concurrent(40, GET => "/$name") for 1 .. 5;
    is($logins->($name), 1, "$directive: what was read last counts");
    is($shown->($last->()), "s3cret-of-other-$name",
       "$directive: that is, what was there");
}

# nobody looks at them until there is another login

$idp->answer({});

for my $name ('client_secret', 'header_X_Key') {
    is($t->request(POST => '/status', body => "action=purge&provider=$name",
                   headers => [ 'X-Requested-With' => 'test', 'Content-Type' =>
                                'application/x-www-form-urlencoded' ])->status,
       200, "$name: the token is dropped");
    is($t->get("/$name")->status, 200, "$name: there is another one");
}

ok($t->log_lines(qr/client_secret" is empty.*stays in use/),
   'of an empty file the log says so');
ok($t->log_lines(qr/header_X_Key" holds control characters.*stays in use/),
   'of one that would be two headers too');
is_deeply([ grep { $idp->header($_, 'Evil') } $idp->requests ], [],
          'which is not sent');

####  a reload reads too: the token is kept, and renewed at once

$idp->answer({ json => { expires_in => 3600 } });
$change->('four', @long);
ok($t->reload, 'a reload');
$login->($path->($_)) for grep { $_ ne 'client_assertion' } @long;

for my $directive (grep { $_ ne 'client_assertion' } @long) {
    my $name = $path->($directive);
    my $shown = $case{$directive}[1];
    my $token = sub { join ',', $t->get("/$name")->seen('Authorization') };

    my $first = $token->();
    $change->('five', $directive);
    $idp->clear;
    ok($t->reload, "$directive: a reload");
    is($token->(), $first, "$directive: no request waits");
    ok($t->wait_for(sub { $token->() ne $first }), "$directive: for a token");
    is($shown->($last->()), "s3cret-of-five-$name",
       "$directive: of the file as it is");
    $t->concurrent(40, GET => "/$name") for 1 .. 3;
    is($logins->($name), 1, "$directive: once");
}

####  a login that has failed is tried again when the file changes

for my $directive ('audience', 'param subject_token', 'header X-Key') {
    my $name = $path->($directive);
    my $shown = $case{$directive}[1];

    $config =~ s/^( +oauthcc_provider $name )\{/$1\{ backoff 30s 30s; scope new;/m
        or die $name;

    $idp->answer("/$name", { status => 400,
                             body => '{"error":"invalid_target"}' });
    ok($t->reload($config), "$directive: another login");

    is($t->get("/$name")->status, 502, "$directive: is refused");
    is($t->get("/$name")->status, 503, "$directive: and not tried again");

    $idp->clear;
    $idp->answer("/$name", {});
    $change->('six', $directive);

    ok($t->wait_for(sub { $t->get("/$name")->status == 200 }, 3),
       "$directive: until the file changes");
    is($shown->($last->()), "s3cret-of-six-$name",
       "$directive: with what it has");
}

$t->done;
