#!/usr/bin/perl

# Tests the two documents of conf-examples, a login as JSON with a Basic header
# and one with a form, with a real authorization server: it logs the gateway
# in as they say, and stands by the token that reaches the API.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::OidcProvider;

my $t = Test::OAuthCC->new;
my $idp = $t->daemon('OidcProvider', 'idp');
my $api = $t->upstream;

my $client = $idp->client('plain');

$t->secret($client->{client_secret});
$t->write_file('secret', $client->{client_secret} . "\n");

for my $name ('basic', 'form') {
    my $path = "$FindBin::Bin/../../conf-examples/login-demo-$name.json";

    open my $fh, '<', $path or die "$path: $!";
    my $text = do { local $/; <$fh> };

    $text =~ s{https://login-demo\.io/oauth/v2/oauth-token}
              {http://127.0.0.1:%%PORT_idp%%/token} or die $path;
    $t->write_file("login-demo-$name.json", $text);
}

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider basic {
        login_json login-demo-basic.json;
        attr "__CLIENT_ID" $client->{client_id};
        attr "#__CLIENT_SECRET" file:secret;
    }

    oauthcc_provider form {
        login_json login-demo-form.json;
        attr "__CLIENT_ID" $client->{client_id};
        attr "#__CLIENT_SECRET" file:secret;
    }

    oauthcc_provider wrong {
        login_json login-demo-form.json;
        attr "__CLIENT_ID" $client->{client_id};
        attr "#__CLIENT_SECRET" wrong-s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_http%% reuseport;

        location /basic { oauthcc basic; proxy_pass http://api; }
        location /form  { oauthcc form; proxy_pass http://api; }
        location /wrong { oauthcc wrong; proxy_pass http://api; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

for my $name ('basic', 'form') {
    my $before = $idp->count;

    my @all = $t->concurrent(100, GET => "/$name");

    is(Test::OAuthCC::tally(@all), '200 x 100', "$name: 100 at once");
    is($idp->count - $before, 1, "$name: by one login");

    my ($token) = map { /^Bearer (\S+)$/ } $all[0]->seen('Authorization');
    my $said = $idp->introspect($token // 'none');

    ok($said->{active}, "$name: the server stands by the token");
    is($said->{client_id}, $client->{client_id}, "$name: it is ours");
    is($said->{scope}, 'read', "$name: with the scope of the document");
}

is($t->get('/wrong')->status, 502, 'a wrong secret is refused');
ok($t->log_lines(qr/login failed.*401.*"invalid_client"/), 'and the log says');

$t->secret('wrong-s3cret');
$t->done;
