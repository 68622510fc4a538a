#!/usr/bin/perl

# Tests that docs/status.md says what the status has, in JSON and for Prometheus: a
# field that nobody wrote down is one that nobody dares to use, and one that is
# gone breaks somebody's script.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Docs;
use Test::OAuthCC::Status;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

$t->run(<<'CONF');
%%GLOBALS%%

http {
    %%HTTP%%

    oauthcc_provider crm {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
        client_id gateway;
        client_secret s3cret;
    }

    oauthcc_provider bound {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/;
        client_id gateway;
        client_secret s3cret;
        dpop on;
    }

    server {
        listen 127.0.0.1:%%PORT_http%%;
        location / { oauthcc crm; proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location /bad { oauthcc crm scope=bad; proxy_pass http://127.0.0.1:%%PORT_api%%; }
        location /status { oauthcc_status; }
        location /control { oauthcc_status control; }
    }
}
CONF

my $page = Test::OAuthCC::Docs::page('docs/status.md');

# the names in the first column of a section's table

sub documented ($section) {
    my ($part) = $page =~ /^###? \Q$section\E\n(.*?)(?=^##|\z)/ms
        or die "docs/status.md has no \"$section\"";

    return [ $part =~ /^\| `(\S+)` \|/mg ];
}

my ($top, $provider, $entry, $failure, $login)
    = map { documented("Fields of $_") } 'the answer', 'a provider',
      'an entry', 'a failure', 'a login';

# what there is: members of members with a dot, lists with brackets

sub fields ($o, $prefix = '') {
    return map {
        my $v = $o->{$_};
        ref $v eq 'HASH' ? fields($v, "$prefix$_.")
            : $prefix . $_ . (ref $v eq 'ARRAY' ? '[]' : '');
    } keys %$o;
}

is($t->get('/')->status, 200, 'there is a token');

my $status = Test::OAuthCC::Status->new($t)->look;
my ($p, $bound) = @{ $status->{providers} };
my ($e) = @{ $p->{entries} };

is_deeply([ sort @$top ], [ sort(fields($status)) ], 'the fields of JSON');
is_deeply([ sort @$provider ], [ sort('dpop', fields($bound)) ],
          'those of a provider');
ok(exists $p->{dpop} && !defined $p->{dpop}, 'null without DPoP');
is_deeply([ sort @$entry ], [ sort(fields($e)) ], 'those of an entry');
is(join(' ', sort keys %{ $p->{login_duration}{buckets}[0] }),
   'count up_to_seconds', 'those of a bucket');
is($status->{version}, 1, 'the version that the page speaks of');

my %states = map { $_ => 1 } $page =~ /^\| [a-z ]+ \| `(\w+)` \|/mg;

open my $fh, '<', "$FindBin::Bin/../../src/status/oauthcc_snapshot_entry.c"
    or die "snapshot_entry.c: $!";
my ($names) = do { local $/; <$fh> } =~ /snapshot_states\[\] = \{(.*?)\}/s;
is_deeply([ sort keys %states ], [ sort $names =~ /"(\w+)"/g ], 'the states');

# a metric of a failure is there when there is one

$idp->answer({ status => 500 });
is($t->get('/bad')->status, 502, 'a login fails');

my ($f) = @{ Test::OAuthCC::Status->new($t)->look->{last_failures} };
is_deeply([ sort @$failure ], [ sort keys %$f ], 'the fields of a failure');

my $r = $t->request(POST => '/control', body => 'action=refresh&provider=crm'
                                                . '&wait=9',
    headers => [ 'X-Requested-With' => 'x',
                 'Content-Type' => 'application/x-www-form-urlencoded' ]);
my ($l) = @{ JSON::PP->new->decode($r->body)->{logins} };
is_deeply([ sort @$login ], [ sort keys %$l ], 'the fields of a login');

my $metrics = documented('Metrics');
my $text = $t->get('/status?format=prometheus')->body;

is_deeply([ sort @$metrics ],
          [ sort $text =~ /^# TYPE (\S+)/mg ], 'the metrics of Prometheus');

# and the values of their labels

for my $label (qw(cache_status result at)) {
    my ($values) = $page =~ /^\| .* \| `$label`: (.*?) \|/m;
    my %values = map { $_ => 1 }
                 $text =~ /\{provider="\w+",$label="(\w+)"\}/g;

    is_deeply([ sort $values =~ /`(\w+)`/g ], [ sort keys %values ],
              "the label $label");
}

$t->done;
