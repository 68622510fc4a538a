#!/usr/bin/perl

# Which gateways share a token: those whose providers give the same name in the
# store.  It holds no secret and nothing that differs between machines, and
# without a client_id nobody takes a token that was got with another secret.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Test::OAuthCC;
use Test::OAuthCC::Fleet;
use Test::OAuthCC::Process;
use Test::OAuthCC::Proof;

my $fleet = Test::OAuthCC::Fleet->new(2);
my ($t, $idp, $api, $store) = $fleet->servers;
my $dir = $t->prefix;

$t->certificate($_) for qw(one two);
$t->write_file('id.0', 'gateway-client');
$t->write_file('id.1', "gateway-client\n");
$t->openssl("ecparam -name prime256v1 -genkey -noout -out $_.pem")
    for qw(dpop other);
$t->write_file('copy.pem', $t->read_file('dpop.pem'));

my $usual = 'token_endpoint http://127.0.0.1:%%PORT_idp%%/token;';
my $client = 'client_id gateway-client; client_secret s3cret-of-the-fleet;';

sub names () { return scalar(() = grep { /:t:/ } $store->keys) }

# the two have these lines; one name, or two
sub named ($n, $what, $first, $second) {
    $store->cli('FLUSHALL');

    my @lines = ($first, $second);
    $fleet->run(provider => sub ($i) { $lines[$i] });
    $fleet->connected;

    my @r = map { $_->get('/crm') } $fleet->gateways;

    ok($t->wait_for(sub { names() >= $n }, 5), "$what: stored");
    is(names(), $n, "$what: so many names: $n");

    $_->stop for $fleet->gateways;

    return @r;
}

sub token ($r) { return ($r->seen('Authorization'))[0] // '' }

sub share ($what, @lines) {
    my ($one, $two) = named(1, $what, @lines);
    is(token($one), token($two), "$what: one token");
}

sub differ ($what, @lines) {
    my ($one, $two) = named(2, $what, @lines);
    isnt(token($one), token($two), "$what: two tokens");
}


####  the same

share('the same lines', "$usual $client", "$usual $client");
share('another order', "$usual $client scope a;", "scope a; $client $usual");
share('another secret', "$usual $client",
      "$usual client_id gateway-client; client_secret n3w-secret-of-it;");
share('how to get there', "$usual $client proxy_connect_timeout 1s;",
      "$usual $client proxy_bind 127.0.0.1; timeout 3s;");
share('when to refresh', "$usual $client refresh_before 1s;",
      "$usual $client expiry_margin 1s; max_logins 3;");
share('a client_id in files at other places',
      "$usual client_id file:$dir/id.0; client_secret s3cret-of-the-fleet;",
      "$usual client_id file:$dir/id.1; client_secret s3cret-of-the-fleet;");


####  not the same

differ('scope', "$usual $client scope a;", "$usual $client scope b;");
differ('client_id', "$usual $client",
       "$usual client_id another; client_secret s3cret-of-the-fleet;");
differ('token_endpoint', "$usual $client",
       "token_endpoint http://127.0.0.1:%%PORT_idp%%/token2; $client");
differ('a parameter', "$usual $client param a b;", "$usual $client param a c;");
differ('its name', "$usual $client param a b;", "$usual $client param c b;");
differ('a header', "$usual $client header X-A b;", "$usual $client header X-A c;");
differ('a client certificate',
       map { "$usual $client proxy_ssl_certificate $dir/$_.crt;"
             . " proxy_ssl_certificate_key $dir/$_.key;" } qw(one two));
differ('one has a client certificate', "$usual $client",
       "$usual $client proxy_ssl_certificate $dir/one.crt;"
       . " proxy_ssl_certificate_key $dir/one.key;");


####  tokens that are bound to a key (DPoP)

$idp->answer({ json => { token_type => 'DPoP' } });

# of the proofs of two requests, which are good
sub thumbprints ($what, @r) {
    return map {
        my ($head) = Test::OAuthCC::Proof::verified(
            $t, ($_->seen('DPoP'))[0], $what);
        Test::OAuthCC::Proof::thumbprint($head->{jwk});
    } @r;
}

for my $case ([ 'a key in two files', 1, 'dpop.pem', 'copy.pem' ],
              [ 'two keys', 2, 'dpop.pem', 'other.pem' ])
{
    my ($what, $n, @files) = @$case;
    my @r = named($n, $what,
                  map { "$usual $client dpop on; dpop_key $dir/$_;" } @files);
    my @keys = thumbprints($what, @r);

    is(join(' ', map { $_->status } @r), '200 200', "$what: status");
    is(token($r[0]) eq token($r[1]), $n == 1, "$what: tokens");
    is($keys[0] eq $keys[1], $n == 1, "$what: each token has its own");
}

# of nginx's own key no other gateway knows; nothing connects to the store

$store->cli('FLUSHALL');
$fleet->run(provider => "$usual $client dpop on;");

my @r = map { $_->get('/crm') } $fleet->gateways;
my @keys = thumbprints('no key', @r);

is(names(), 0, 'no key: nothing is stored');
isnt(token($r[0]), token($r[1]), 'no key: two tokens');
isnt($keys[0], $keys[1], 'no key: of two keys');

$_->stop for $fleet->gateways;
$idp->answer({});


####  names that do not change in versions 1.x, as docs/compatibility.md has them

$store->cli('FLUSHALL');

# nobody listens there: a name does not need a login
$fleet->run(provider => sub ($i) { <<'CONF' }, http => <<'HTTP');
    token_endpoint http://127.0.0.1:1/token;
    client_id gateway-client;
    client_secret s3cret-of-the-fleet;
    scope "read write";
    param tenant acme;
CONF
    server {
        listen 127.0.0.1:%%PORT_scopes%%;
        location / {
            oauthcc crm scope=$arg_scope;
            proxy_pass http://127.0.0.1:%%PORT_api%%;
        }
    }
HTTP

ok($fleet->connected, 'all gateways have the store');

my $page = Test::OAuthCC::Process::slurp(
    "$FindBin::Bin/../../docs/compatibility.md");
my $one = $fleet->gateway(0);

$one->get('/crm');
ok($t->wait_for(sub { $store->keys('{oauthcc}:s:*') }), 'a provider');
my ($account) = map { s/.*://r } $store->keys('{oauthcc}:s:*');
like($page, qr/`\Q$account\E`/, 'has the name of the page') or diag $account;

$one->get('/?scope=admin', port => 'scopes');
my ($entry) = grep { $_->{scope} eq 'admin' }
              @{ $fleet->status($one)->{providers}[0]{entries} };
is($fleet->order($one, 'purge', 'crm', $entry->{id})->{store}, 'told',
   'an entry is purged');

my $fields = sub { $store->cli('HKEYS', "{oauthcc}:s:$account") };
ok($t->wait_for(sub { $fields->() =~ /"e:/ }), 'as the store knows');
my ($named) = $fields->() =~ /"e:(\w+)"/;
like($page, qr/`\Q$named\E`/, 'by the name of the page') or diag $named;


####  done

$fleet->done;
