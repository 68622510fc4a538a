#!/usr/bin/perl

# Tests for $oauthcc_response_NAME, a member of the login response: some APIs
# are at an address that only the login says.  Only what the configuration uses
# is kept, and a token is never shown.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;
use Test::OAuthCC;

my $t = Test::OAuthCC->new(workers => 2);
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $other = $t->upstream('other');

$t->secret('s3cret', 'hush-hush');

my @names = qw(instance_url text number big real true false null list object
               empty long limit newline umlaut camelcase both absent space);

my $headers = join "\n", map {
    "proxy_set_header X-" . s/_/-/r . " \"<\$oauthcc_response_$_>\";"
} @names;

$t->write_file('document.json', JSON::PP->new->encode({
    authentication => { type => 'login',
        loginRequest => { endpoint => "http://127.0.0.1:%%PORT_idp%%/document",
                          method => 'FORM' },
        apiRequest => { headers => { 'X-Token' => 'session' },
                        query => { q => 'session' } }, expires => 600 } }));

my $config = sub ($more = '') {
    return $t->fill(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider document {
        login_json document.json;
    }

    oauthcc_provider failing {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/failing;
        client_id gateway;
        client_secret s3cret;
    }

    map \$oauthcc_response_instance_url \$instance {
        default \$oauthcc_response_instance_url;
        '' nowhere;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        $headers
        add_header X-Instance "<\$oauthcc_response_instance_url>" always;
        add_header X-Map "<\$instance>" always;
        $more

        location /crm {
            oauthcc crm;
            oauthcc_replay 401;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /there {
            oauthcc crm;
            oauthcc_replay 401;
            proxy_pass \$oauthcc_response_instance_url\$request_uri;
        }

        location /document {
            oauthcc document;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /failing {
            oauthcc failing;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }

        location /off {
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
}
CONF
};

my $instance = 'http://127.0.0.1:' . $t->port('other');

my %json = (
    instance_url => $instance, text => "a b", number => 42,
    true => JSON::PP::true, false => JSON::PP::false, null => undef,
    list => [ 1 ], object => { a => 1 }, empty => '', long => 'x' x 1025,
    limit => 'x' x 1024, newline => "a\nb", umlaut => "\x{fc}",
    camelCase => 'camel', Both => 'no', both => 'yes', space => ' a',
    other => 'unused-unused', refresh_token => 'hush-hush-refresh',
);

my $body = JSON::PP->new->canonical->utf8->encode(\%json)
           =~ s/\}$/,"big":12345678901234567,"real":0.25,/r;

$idp->answer('/crm', { body => "$body\"access_token\":\"%TOKEN%\"}" });
$idp->answer('/document', { body => "$body\"session\":\"hush-hush-session\"}" });
$idp->answer('/failing', { status => 400, body => $body . '"error":"x"}' });

my %expected = (
    instance_url => $instance, text => 'a b', number => 42,
    big => '12345678901234567', real => '0.25', true => 'true',
    false => 'false', limit => 'x' x 1024, umlaut => "\xc3\xbc",
    camelcase => 'camel', both => 'yes',
);

$t->run($config->());

my $seen = sub ($r) {
    return { map { $_ => ($r->seen('X-' . s/_/-/r))[0] } @names };
};

my $want = { map { $_ => '<' . ($expected{$_} // '') . '>' } @names };

# both workers, the one that has logged in and the other one
for my $n (1 .. 10) {
    my $r = $t->get('/crm');
    is_deeply($seen->($r), $want, 'members of the response') or last;
    is($r->header('X-Instance'), "<$instance>", 'after the request too');
    is($r->header('X-Map'), "<$instance>", 'in a map');
}

is($idp->logins, 1, 'one login');

is($t->log_lines(qr/\[warn\].*"$_" of the login response.*\$oauthcc_response_$_/),
   1, "$_: left out, and the log says so") for qw(long newline space);

is_deeply($seen->($t->get('/document')), $want, 'of a login_json too');
is(($api->last_request->{head} =~ /^X-Token: (\S+)/m)[0], 'hush-hush-session',
   'beside what it puts on requests');

is($t->get('/failing')->header('X-Instance'), '<>', 'without a token: none');
is($t->get('/off')->header('X-Instance'), '<>', 'nor without a provider');

####  the address of the API

my $r = $t->get('/there?x');
is($r->status, 200, 'a server that the login has named');
is($other->last_request->{uri}, '/there?x', 'got the request');

# after a login that names another one

$other->answer({ status => 401 });
$idp->answer('/crm', { json => {
    instance_url => 'http://127.0.0.1:' . $t->port('api') } });
is($t->get('/there')->status, 200, 'another server, in a replay');
is($api->last_request->{uri}, '/there', 'got it');

####  what is kept is what is used

ok($t->reload($config->('add_header X-Other "<$oauthcc_response_other>" always;')),
   'a configuration that uses another member');
$idp->answer('/crm', { json => { other => 'unused-unused' } });
is($t->get('/crm')->header('X-Other'), '<unused-unused>', 'has it at once');

####  what is not allowed

for my $name (qw(access_token refresh_token id_token Access_Token), '') {
    my ($failed, $out) = $t->check(
        $config->("add_header X-Bad \"\${oauthcc_response_$name}\" always;"));

    ok($failed, "\$oauthcc_response_$name: an error");
    like($out, qr/\[emerg\].*there is no variable "\$oauthcc_response_\L$name"/,
         'that says so');
}

$t->done;
