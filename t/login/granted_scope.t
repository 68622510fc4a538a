#!/usr/bin/perl

# Tests for a token with less than the scope that was asked for: it is used,
# and the log says once what is missing, or nobody would know why the API
# refuses some of the requests.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;

# name, what is asked for, what is granted (undef: not said), what is missing

my @cases = (
    [ same => 'read write', '"read write"' ],
    [ order => 'read write', '"write  read"' ],
    [ more => 'read', '"read write admin"' ],
    [ unsaid => 'read write', undef ],
    [ null => 'read', 'null' ],
    [ number => 'read', '7' ],
    [ unasked => '', '"read"' ],
    [ commas => 'repo user', '"repo,user"' ],
    [ comma_within => 'a,b c', '"c a,b"' ],
    [ list => 'read write', '["write","read"]' ],
    [ default => 'https://graph.example.com/.default', '"User.Read"' ],
    [ less => 'read write admin', '"read"', 'write admin' ],
    [ none => 'read', '""', 'read' ],
    [ another => 'read', '"reader rea READ"', 'read' ],
    [ less_list => 'read write', '["read"]', 'write' ],
    [ no_list => 'read write', '[]', 'read write' ],
    [ quotes => 'a"b\\\\c', '"x"', 'a\x22b\x5Cc' ],
);

my $providers = join "\n", map { <<"CONF" } @cases;
    oauthcc_provider $_->[0] {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_->[0];
        client_id gateway;
        client_secret s3cret;
        scope '$_->[1]';
    }
CONF

my $t = Test::OAuthCC->new(workers => 2);
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->secret('s3cret');

my $config = $t->fill(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    oauthcc_provider tenants {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/tenants;
        client_id gateway;
        client_secret s3cret;
        scope all;
    }

    map \$uri \$provider {
        ~^/(?<name>[^/]+)\$ \$name;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        location / {
            oauthcc \$provider;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
        location = /tenants {
            oauthcc tenants scope=\$arg_scope;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
}
CONF

$t->run($config);

my $less = qr/\[notice\].*less than the scope.* without "(.*)", oauthcc/;

for my $case (@cases) {
    my ($name, undef, $granted, $missing) = @$case;

    $idp->answer("/$name", {
        body => '{"access_token":"%TOKEN%","expires_in":1'
                . (defined $granted ? qq(,"scope":$granted}) : '}') });

    is($t->get("/$name")->status, 200, "$name: the token is used");

    my @said = map { /$less/ } $t->log_lines(qr/$less provider: "\Q$name\E"/);
    is_deeply(\@said, [ $missing // () ], "$name: what is missing");
}

# each login says so, the log does it once, whichever worker logs in

ok($t->wait_for(sub { $t->get('/less'); $idp->logins > @cases + 3 }, 15),
   'more logins');
is($t->log_lines(qr/$less provider: "less"/), 1, 'and no line more');

$t->reload;
ok($t->wait_for(sub { $t->get('/less'); $idp->logins > @cases + 5 }, 15),
   'after a reload too');
is($t->log_lines(qr/$less provider: "less"/), 1, 'none');

# whole again, and less again: that is news

my $answer = sub ($scope) {
    $idp->answer('/less', { json => { expires_in => 1, scope => $scope } });
    my $before = $idp->logins;
    $t->wait_for(sub { $t->get('/less'); $idp->logins > $before + 1 }, 15);
};

$answer->('read write admin');
$answer->('read write');
is($t->log_lines(qr/$less provider: "less"/), 2, 'it is less again');

####  what a request asks for

$idp->answer('/tenants', { json => { scope => 'tenant.a' } });

$t->get('/tenants?scope=tenant.a');
is($t->log_lines(qr/$less provider: "tenants"/), 0, 'that of the request');
$t->get('/tenants?scope=tenant.b');
like(join('', $t->log_lines(qr/$less provider: "tenants"/)),
     qr/without "tenant\.b"/, 'and another one');

$t->done;
