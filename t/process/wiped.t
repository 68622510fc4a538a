#!/usr/bin/perl

# Tests that a login leaves no copy of a secret behind: no memory is given back
# with one in it, whatever becomes of the login, wherever the secret is sent,
# and however it is encoded.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;
use Test::OAuthCC;

plan(skip_all => 'a checker has allocations of its own')
    if $ENV{TEST_NGINX_REPORTS};

my $t = Test::OAuthCC->new(workers => 1);

my $library = $t->prefix . '/wiped.so';
my $source = "$FindBin::Bin/../preload/wiped.c";

is(system("cc -shared -fPIC -O1 -Wall -Wextra -D_GNU_SOURCE -o $library "
          . $source), 0, 'what is given back can be looked at')
    or BAIL_OUT('no compiler');

my $idp = $t->token_endpoint;
my $api = $t->upstream;

my $json = JSON::PP->new->canonical;
my $attr = sub ($name) { return { attr => $name } };

my $document = sub ($name, $method, %request) {
    $t->write_file("$name.json", $json->encode({
        authentication => { type => 'login', loginRequest => {
            endpoint => "http://127.0.0.1:%%PORT_idp%%/$name",
            method => $method, %request } },
        config => { '#pw' => "hush-in-$name-42" } }));
    return "login_json %%PREFIX%%/$name.json;";
};

$t->write_file('key', "hush-in-a-file-42\n");

my %providers = (
    basic => 'client_id gatew; client_secret hush-in-basic-42;',
    raw => 'client_id gatew; client_secret hush-in-raw-42;
        basic_encoding raw;',
    post => 'client_id gatew; client_secret "hush+in/post-42";
        auth_method client_secret_post;',
    header => 'client_id gatew; client_secret x;
        header X-Key hush-in-header-42;',
    own => 'client_id gatew; client_secret hush-in-own-42;
        header Authorization "Token hush-in-token-42";',
    file => 'client_id gatew; client_secret x;
        header X-Key file:%%PREFIX%%/key;',
    param => 'client_id gatew; client_secret x;
        param key hush-in-param-42;',
    password => 'client_id gatew; client_secret x; grant_type password;
        username joe; password hush-in-password-42;',
    secret_jwt => 'client_id gatew; auth_method client_secret_jwt;
        client_secret hush-in-secret_jwt-of-thirty-two-bytes-42;',
    form => $document->(form => 'FORM', params => { pass => $attr->('#pw') }),
    body => $document->(body => 'POST', params => { pass => $attr->('#pw') }),
    query => $document->(query => 'GET', params => { pass => $attr->('#pw') }),
    json_header => $document->(json_header => 'GET',
                               headers => { 'X-Key' => $attr->('#pw') }),
    called => $document->(called => 'GET', headers => { 'X-Key' => {
        function => 'concat', args => [ 'Key ', $attr->('#pw') ] } }),
);

my @names = sort keys %providers;

my $providers = join "\n", map { <<"CONF" } @names;
    oauthcc_provider $_ {
        @{[ $providers{$_} =~ /login_json/ ? ''
                : "token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;" ]}
        $providers{$_}
        default_expires 20ms;
        backoff 1ms 1ms;
        timeout 2s;
    }
CONF

my $locations = join "\n", map { <<"CONF" } @names;
        location /$_ {
            oauthcc $_;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
CONF

$idp->answer({ json => { expires_in => undef } });
$t->write_file('wiped', "\0" x 20_008);

# as they are, and in base64 behind "gatew:"

my %env = (LD_PRELOAD => $library, WIPED_FILE => $t->prefix . '/wiped',
           WIPED_MARKS => 'hush-in,hush+in,hush%2Bin,aHVzaC1pb');

$t->run(<<"CONF", %env);
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    server {
        listen 127.0.0.1:%%PORT_http%%;
$locations
    }
}
CONF

# what was given back with a secret in it, since the last time

my $known = 0;

sub given_back {
    my ($n, $found) = unpack 'q a*', $t->read_file('wiped');
    my @found = map { s/\0.*//sr } unpack '(a40)*', $found;

    my @new = @found[$known .. ($n > 500 ? 500 : $n) - 1];
    $known = $n;

    my %n;
    $n{$_}++ for @new;
    return join "\n", map { "$n{$_} x $_" } sort keys %n;
}


# each of the providers in turn, until nothing of its logins is left

sub logins ($n) {
    my $before = $idp->logins;

    ok($t->wait_for(sub {
        $t->get("/$_") for @names;
        return $idp->count >= $n;
    }, 20), 'many logins');

    ok($t->wait_for(sub { !$idp->stats->{open} }), 'all of them are over');
}

given_back();
$idp->clear;

logins(3 * @names);
is(given_back(), '', 'nothing is left of logins');

for my $case ([ refused => { status => 400, body => '{"error":"x"}' } ],
              [ cut => { reset => 3 } ], [ closed => { raw => '' } ],
              [ large => { body => 'x' x 100_000 } ])
{
    $idp->clear;
    $idp->answer($case->[1]);
    logins(2 * @names);

    # an error is compared with what was sent: JSON is read once more for that,
    # by a library that has its own memory
    my $left = given_back();
    $left =~ s/^\d+ x hush-in-body-42?\n?//gm if $case->[0] eq 'refused';

    is($left, '', "nor if they are $case->[0]");
}

$idp->clear;
$idp->answer({ hang => 1 });
my @clients = map { $t->client->start(GET => "/$_") } @names;
ok($t->wait_for(sub { $idp->count >= @names }), 'logins that hang');
Test::OAuthCC::Client::drive(10, @clients);

# in a backoff a request waits for a second, the login goes on
is(Test::OAuthCC::tally(map { $_->{response} } @clients), '503 x ' . @names,
   'nobody waits for them to time out');
ok($t->wait_for(sub { !$idp->stats->{open} }), 'they time out');
is(given_back(), '', 'and leave nothing');

$t->done;
