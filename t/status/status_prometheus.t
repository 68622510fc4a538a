#!/usr/bin/perl

# Tests what Prometheus reads with a tool of Prometheus' own, and that the
# numbers are the ones of JSON.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util qw(sum);
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Status;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;
my $status = Test::OAuthCC::Status->new($t);

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/crm;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider "a \"b\" \\ c" {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/odd;
        client_id gateway;
        client_secret s3cret;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        location /crm { oauthcc crm; proxy_pass http://api; }
        location /bad { oauthcc crm scope=bad; proxy_pass http://api; }
        location /odd { oauthcc "a \"b\" \\ c"; proxy_pass http://api; }
        location /status { oauthcc_status; }
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

# what promtool says of the text: nothing, if all is well

sub check ($text) {
    $t->write_file('metrics', $text);
    my $file = $t->prefix . '/metrics';
    my $said = `promtool check metrics <$file 2>&1`;
    return $said . ($? ? 'exit ' . ($? >> 8) : '');
}

like(check("# HELP x A metric.\n# TYPE x counter\nx 1\n"), qr/_total.*exit/s,
     'a name that breaks the conventions is found');
like(check("x{ 1\n"), qr/exit/, 'and so is a line that is none');

my $text = sub { $t->get('/status?format=prometheus')->body };

is(check($text->()), '', 'the text before the first request');

is($t->get("/$_")->status, 200, "a token of $_") for qw(crm crm odd);
$idp->answer('/crm', { status => 500 });
is($t->get('/bad')->status, 502, 'a login that fails');

# a worker tells the zone a second later: from then on nothing changes
ok($t->wait_for(sub { sum(values %{ $status->provider('crm')->{requests} })
                      == 3 }), 'all of them are counted');

is(check($text->()), '', 'and after some');
like($text->(), qr/provider="a \\"b\\" \\\\ c"/, 'a name is escaped');

my %labels = map { $_ => 1 } $text->() =~ /[{,](\w+)="/g;
is(join(' ', sort keys %labels),
   'cache_status le provider replayed result version',
   'no label is of an entry');

# name, labels, value

my %value = map { /^(\S+?(?:\{.*\})?) (\S+)$/ ? ($1 => $2) : () }
            split /\n/, $text->();
my $p = $status->provider('crm');

for my $what (sort keys %{ $p->{requests} }) {
    is($value{qq(oauthcc_requests_total{provider="crm",)
              . qq(cache_status="$what"})}, $p->{requests}{$what},
       "requests: $what");
}

for my $what (sort keys %{ $p->{logins} }) {
    is($value{qq(oauthcc_logins_total{provider="crm",result="$what"})},
       $p->{logins}{$what}, "logins: $what");
}

is($value{'oauthcc_login_duration_seconds_count{provider="crm"}'},
   $p->{login_duration}{count}, 'logins that have ended');
cmp_ok($value{'oauthcc_login_duration_seconds_sum{provider="crm"}'}, '==',
       $p->{login_duration}{sum_seconds}, 'how long they took');
is($value{'oauthcc_login_duration_seconds_bucket{provider="crm",le="+Inf"}'},
   2, 'all of them are in a bucket');
is($value{'oauthcc_entries{provider="crm"}'}, 2, 'entries');
cmp_ok($value{'oauthcc_token_expires_in_seconds{provider="crm"}'}, '>', 3590,
       'the end of the token');

$t->done;
