package Test::OAuthCC::Fleet;

# Several gateways, each an nginx of its own with a zone of its own, that share
# a store, an authorization server and an API:
#
#   my $fleet = Test::OAuthCC::Fleet->new(10);
#   my ($t, $idp, $api, $store) = $fleet->servers;
#
#   $fleet->run;                       # or run(gateway => sub ($i) { ... })
#   my @r = $fleet->herd(20, '/crm');  # so many requests at each, at once
#   $fleet->gateway(3)->get('/crm');
#   $fleet->done;
#
# All have a provider "crm" of the lines of provider(), and %%SERVER%%; see
# OAuthCC.pm.  What a gateway is to have besides, or instead, run() is told:
#
#   store     the lines of oauthcc_store, but for its server and key
#   provider  the lines of oauthcc_provider
#   http      more lines of http{}
#
# as texts or as functions of the number of the gateway, from 0.

use v5.36;

use Test::More;
use JSON::PP ();

use Test::OAuthCC;
use Test::OAuthCC::Guard;
use Test::OAuthCC::OneToken;
use Test::OAuthCC::Redis;


# new(N, workers => 1, redis => [ options ], idp => 'TokenEndpoint',
# api => 'Upstream'): workers of a gateway, lines of redis.conf, and the classes
# of the servers; with api => '' the API is at the port of the first
sub new ($class, $n, %arg) {
    my $self = bless { n => $n, workers => 1, redis => [], gateways => [],
                       idp => 'TokenEndpoint', api => 'Upstream', %arg },
                     $class;

    my $t = $self->{t} = Test::OAuthCC->new;

    $self->{idp} = $t->daemon($self->{idp}, 'idp');

    if ($self->{api}) {
        $self->{api} = $t->daemon($self->{api}, 'api', brief => 1);

    } else {
        $self->{api} = $self->{idp};
        $t->{ports}{api} = $t->port('idp');
    }

    $self->{redis} = $t->daemon('Redis', 'store', options => $self->{redis});

    # as "openssl rand -base64 48" makes them
    $t->write_file('oauthcc.key', $self->{key} = $t->openssl('rand -base64 48'));
    $t->secret($self->{key} =~ s/\s+\z//r);

    return $self;
}


sub servers ($self) { return @{$self}{qw(t idp api redis)} }


sub n ($self) { return $self->{n} }


sub gateways ($self) { return @{ $self->{gateways} } }


sub gateway ($self, $i) { return $self->{gateways}[$i] }


sub text ($value, $i, $default) {
    return ref $value ? $value->($i) // $default : $value // $default;
}


sub config ($self, $i) {
    my $arg = $self->{arg};
    my $prefix = $self->{t}->prefix;

    my $server = text($arg->{server}, $i,
                      'server redis://127.0.0.1:%%PORT_store%%;');
    my $key = text($arg->{key}, $i, "key $prefix/oauthcc.key;");
    my $store = text($arg->{store}, $i, '');
    my $http = text($arg->{http}, $i, '');
    my $provider = text($arg->{provider}, $i, <<'CONF');
token_endpoint http://127.0.0.1:%%PORT_idp%%/token;
client_id gateway-client;
client_secret s3cret-of-the-fleet;
CONF

    return <<"CONF";
%%GLOBALS%%
http {
    %%HTTP%%
    oauthcc_zone 1m;
    oauthcc_store { $server $key $store }
    oauthcc_provider crm { $provider }
    $http
    add_header X-Cache \$oauthcc_cache_status always;
    %%SERVER%%

    server {
        listen 127.0.0.1:%%PORT_status%%;
        location / { oauthcc_status control; allow 127.0.0.1; deny all; }
    }
}
CONF
}


sub run ($self, %arg) {
    $self->{arg} = { %arg };

    # of a fleet all are started before the first is asked
    $self->start($_) for 0 .. $self->n - 1;

    return $self;
}


sub start ($self, $i) {
    my $t = $self->{t};

    my $g = $self->{gateways}[$i] = Test::OAuthCC->new(
        workers => text($self->{workers}, $i, 1), connections => 512);

    $g->{ports}{$_} = $t->port($_) for qw(idp api store),
                                       @{ $self->{arg}{ports} // [] };
    $g->run($self->config($i));

    return $g;
}


# so many requests at each gateway at once: what came of them
sub herd ($self, $n, $uri = '/crm', @gateways) {
    @gateways = $self->gateways unless @gateways;

    my @clients = map { my $g = $_;
                        map { $g->client->start(GET => $uri) } 1 .. $n }
                  @gateways;

    Test::OAuthCC::Client::drive(30, @clients);

    return map { $_->{response} } @clients;
}


# tokens that the API has seen, as a list without repetitions
sub tokens (@responses) {
    my %seen = map { (($_->seen('Authorization'))[0] // 'none') => 1 }
               @responses;
    return sort keys %seen;
}


# waits until all gateways have said that they have the store
sub connected ($self, @gateways) {
    @gateways = $self->gateways unless @gateways;

    return $self->{t}->wait_for(sub {
        !grep { $self->status($_)->{store}{up} < 1 } @gateways;
    }, 10);
}


sub status ($self, $g) {
    return JSON::PP::decode_json($g->get('/?format=json',
                                         port => 'status')->body);
}


# an order to a gateway: purge, refresh
sub order ($self, $g, $action, $provider = 'crm', $entry = undef) {
    my $form = "action=$action&provider=$provider"
               . (defined $entry ? "&entry=$entry" : '');

    my $r = $g->request(POST => '/', port => 'status', body => $form,
        headers => [ 'X-Requested-With' => 'test', 'Content-Type' =>
                     'application/x-www-form-urlencoded' ]);

    return JSON::PP::decode_json($r->body);
}


sub done ($self) {
    my $t = $self->{t};
    my @secrets = ($self->{idp}->secrets, @{ $t->{secrets} });
    my @wrong;

    for my $i (0 .. $#{ $self->{gateways} }) {
        my $g = $self->{gateways}[$i];

        $g->secret(@secrets);
        $g->stop;
        push @wrong, map { "gateway $i: $_" } $g->alerts;
        push @wrong, map { "gateway $i: $_" } $g->leaks;
    }

    is(join("\n", @wrong), '', 'no alert, no secret in a log of a gateway');

    unless (Test::More->builder->is_passing) {
        diag("gateway $_:\n",
             substr $self->{gateways}[$_]->error_log, -3000)
            for 0 .. ($self->n < 4 ? $self->n - 1 : 3);
    }

    $t->done;
}


1;
