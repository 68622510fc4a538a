#!/usr/bin/perl

# Tests that what conf-examples has for monitoring works: the access log is
# JSON whatever a client sends and holds no secret, Prometheus takes its
# configuration, the alerts fire when they have to and only then, and what the
# dashboard asks for is there.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;
use Test::OAuthCC;
use Test::OAuthCC::Docs;
use Test::OAuthCC::Example;

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint('443');
my $api = $t->upstream;

my $examples = "$FindBin::Bin/../../conf-examples";

sub slurp ($path) {
    open my $fh, '<', $path or die "$path: $!";
    local $/;
    return <$fh>;
}


####  the log and the status, as they are in the example

my $config = slurp("$examples/monitoring.conf");

for ($config) {
    s{https://login\.example\.com}{http://127.0.0.1:%%PORT_443%%};
    s{https://api\.example\.com}{http://127.0.0.1:%%PORT_api%%};
    s{/var/log/nginx/}{logs/};
}

# not in the example: one with DPoP, and a store, which have metrics of their own
$config = <<'CONF' . $config;
oauthcc_store {
    server redis://127.0.0.1:1;
    key    /etc/nginx/oauthcc.key;
}

oauthcc_provider bound {
    token_endpoint http://127.0.0.1:%%PORT_443%%/bound;
    client_id      gateway;
    client_secret  s3cret;
    dpop           on;
}
CONF

$t->run(Test::OAuthCC::Example::fit($t, $config),
        Test::OAuthCC::Example::env($config));

my $hostile = qq{/a"b\\c%0d%0a%01%ff%e2%80%ae?x="};

is($t->get('/orders', port => 8080)->status, 200, 'a request');
is($t->get($hostile, port => 8080,
           headers => [ Authorization => 'Bearer of-the-client' ])->status,
   200, 'one with all kinds of bytes');

$t->wait_for(sub { 2 == (() = $t->read_file('logs/gateway.json') =~ /\n/g) });

my @lines = split /\n/, $t->read_file('logs/gateway.json');
is(scalar @lines, 2, 'each has a line');

my @log = map { eval { JSON::PP->new->latin1->decode($_) } } @lines;
is(scalar @log, 2, 'of JSON') or diag @lines;
is($log[0]{status}, 200, 'with numbers');
is($log[0]{oauth}{provider}, 'crm', 'the provider');
is($log[0]{oauth}{cache_status}, 'MISS', 'what it found');
like($log[0]{oauth}{expires_in}, qr/^3\d\d\d$/, 'the life of the token');
like($log[0]{oauth}{login_seconds}, qr/^\d+\.\d{3}$/, 'how long that took');
is($log[0]{oauth}{error}, '', 'no error');
like($log[1]{path}, qr{^/a"b\\c\r\n\x01}, 'the path is the one that was asked');

unlike($t->read_file('logs/gateway.json'), qr/of-the-client|tok-|s3cret/,
       'no secret');

# a metric of a failure is there when there is one

$idp->answer('/oauth/v2/oauth-token', { status => 500 });
is($t->request(POST => '/oauthcc/control', port => 8081,
               headers => [ 'X-Requested-With' => 'test',
                            'Content-Type' =>
                                'application/x-www-form-urlencoded' ],
               body => 'action=refresh&provider=crm')->status, 200,
   'a login that fails');
ok($t->wait_for(sub { $t->get('/oauthcc?format=prometheus', port => 8081)->body
                      =~ /^oauthcc_last_login_failure\S+ \d/m }),
   'is counted');

my $r = $t->get('/oauthcc?format=prometheus', port => 8081);
is($r->status, 200, 'the status');
my $metrics = $r->body;
is($t->request(POST => '/oauthcc', port => 8081)->status, 405,
   'without control');
is($t->request(POST => '/oauthcc/control', port => 8081)->status,
   403, 'which is somewhere else');


####  Prometheus

sub promtool (@args) {
    my $pid = open my $fh, '-|' // die "fork: $!";

    if ($pid == 0) {
        open STDERR, '>&', \*STDOUT;
        exec 'promtool', @args or die "promtool: $!";
    }

    my $out = do { local $/; <$fh> };
    close $fh;
    return ($? >> 8, $out);
}

sub check ($what, @args) {
    my ($code, $out) = promtool(@args);
    is($code, 0, $what) or diag $out;
}

check('the configuration of Prometheus', qw(check config),
      "$examples/prometheus.yml");
check('the alerts', qw(check rules), "$examples/prometheus-alerts.yml");
my $page = Test::OAuthCC::Docs::page('docs/status.md');

for my $alert (slurp("$examples/prometheus-alerts.yml")
               =~ /^ +- alert: (\w+)/mg)
{
    like(slurp("$examples/prometheus-alerts.yml"),
         qr{runbook: docs/status\.md#\L$alert\E$}m, "$alert: a runbook");
    like($page, qr/^### $alert$/m, "$alert: which is there");
}

check('fire when they have to', qw(test rules), "$FindBin::Bin/alerts.yml");

my $wrong = slurp("$FindBin::Bin/alerts.yml");
$wrong =~ s{\.\./conf-examples}{$examples};
$wrong =~ s/provider: crm/provider: other/;
$t->write_file('alerts.yml', $wrong =~ s/%%/%%%%/gr);
my ($code) = promtool(qw(test rules), $t->prefix . '/alerts.yml');
isnt($code, 0, 'what is not so would be noticed');

my $scrape = slurp("$examples/prometheus.yml");
my ($path) = $scrape =~ /metrics_path: (\S+)/;
my ($port) = $scrape =~ /- 127\.0\.0\.1:(\d+)/;
is($t->get("$path?format=prometheus", port => $port)->body =~
   s/\n.*//sr, $metrics =~ s/\n.*//sr, 'it asks where the example has it');


####  names

my %have = map { $_ => 1 } $metrics =~ /^# TYPE (\w+)/mg;
my $histograms = join '|', $metrics =~ /^# TYPE (\w+) histogram/mg;

sub unknown ($text) {
    return grep { !$have{s/^($histograms)_(?:bucket|sum|count)$/$1/r} }
           $text =~ /\b(oauthcc_\w+)/g;
}

is_deeply([ unknown('oauthcc_nothing_total oauthcc_waiters_count') ],
          [ qw(oauthcc_nothing_total oauthcc_waiters_count) ],
          'names that are not there would be noticed');
is_deeply([ unknown(slurp("$examples/prometheus-alerts.yml")) ], [],
          'the alerts ask for what is there');

my $dashboard = JSON::PP->new->decode(
                    slurp("$examples/grafana-dashboard.json"));
my @queries = map { map { $_->{expr} } @{ $_->{targets} } }
              @{ $dashboard->{panels} };

cmp_ok(scalar @queries, '>=', 12, 'the dashboard has panels');
is_deeply([ unknown(join ' ', @queries,
                    map { $_->{definition} // '' }
                    @{ $dashboard->{templating}{list} }) ], [],
          'they ask for what is there');

# as Grafana would send them: promtool parses them as rules

my $n = 0;
my $rules = join '', "groups:\n- name: panels\n  rules:\n", map {
    my $expr = s/\$__rate_interval|\$__range/5m/gr =~ s/\$(?:\w+)/.*/gr;
    $n++;
    "  - record: panel:$n\n    expr: |\n      $expr\n";
} @queries;

$t->write_file('panels.yml', $rules);
check('and are queries', qw(check rules), $t->prefix . '/panels.yml');

is_deeply([ grep { ($_->{datasource}{uid} // '') ne '${datasource}' }
            @{ $dashboard->{panels} } ], [],
          'the data source is for the operator to choose');

$t->done;
