#!/usr/bin/perl

# Tests that nobody waits for a refresh: the login is made ahead of the token's
# end, once for all workers, while requests go on with the token that is there.
# Without this each end of a token is a pause that clients see; and one made too
# late, or with a token past its end, is an error.

use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Test::OAuthCC;
use List::Util qw(max min uniq);
use Time::HiRes qw(time);

my $t = Test::OAuthCC->new;
my $idp = $t->token_endpoint;
my $api = $t->upstream;

# life of a token, and how the endpoint answers from the second login on

my %life = (ahead => 3, quick => 2, down => 3);
my %later = (ahead => { delay => 0.5 }, quick => {},
             down => { status => 500, body => '' });

my @names = sort keys %life;

my $providers = join "\n", map { <<"CONF" } @names;
    oauthcc_provider $_ {
        token_endpoint http://127.0.0.1:%%PORT_idp%%/$_;
        client_id gateway;
        client_secret s3cret;
        @{[ $_ eq 'down' ? 'backoff 100ms 200ms;' : '' ]}
    }
CONF

my $locations = join "\n", map { <<"CONF" } @names;
        location /$_ { oauthcc $_; proxy_pass http://api; }
CONF

$t->run(<<"CONF");
%%GLOBALS%%

http {
    %%HTTP%%
$providers
    server {
        # connections are spread over the workers
        listen 127.0.0.1:%%PORT_http%% reuseport;
        add_header X-Worker \$pid always;
        add_header X-Status \$oauthcc_cache_status always;
$locations
    }

    upstream api { server 127.0.0.1:%%PORT_api%%; }
}
CONF

for my $name (@names) {
    my %json = (json => { expires_in => $life{$name} });
    $idp->answer("/$name", { %json }, { %json, %{ $later{$name} } });
}

my (%responses, %clients);
is($t->get("/$_")->status, 200, "$_: the first token") for @names;

my $start = time;

# each of them on a connection of its own; those that wait while the server is
# down do not hold up the others
my (%round, $end);

until ($end) {
    $end = time - $start >= 6.2;

    for my $name (grep { !$round{$_} } @names) {
        $round{$name} = [ map { $t->client->start(GET => "/$name") } 1 .. 2 ];
        push @{ $clients{$name} }, @{ $round{$name} };
    }

    Test::OAuthCC::Client::drive(10, map { @{ $round{$_} } }
                                     grep { $end || $_ ne 'down' } @names);
    Test::OAuthCC::Client::drive(0.01, @{ $round{down} }, 'some');

    for my $name (@names) {
        delete $round{$name} unless grep { !$_->{done} } @{ $round{$name} };
    }

    select undef, undef, undef, 0.01;
}

$responses{$_} = [ map { $_->{response} } @{ $clients{$_} } ] for @names;

my %logins = map { my $name = $_;
    $name => [ grep { $_->{uri} eq "/$name" } $idp->requests ] } @names;
my %login = map { $_->{token} ? ($_->{token} => $_) : () } $idp->requests;

# how old each token was when the upstream saw it

my %ages = map {
    my $name = $_;
    $name => [ map {
        my ($token) = $_->{head} =~ /^Authorization: Bearer (\S+)/m;
        $_->{time} - $login{ $token // '' }{time};
    } grep { $_->{uri} eq "/$name" } $api->requests ];
} @names;

my $status = sub ($name, @wanted) {
    my $re = join '|', @wanted;
    return grep { $_->header('X-Status') =~ /^(?:$re)$/ }
           @{ $responses{$name} };
};

####  nobody waits

for my $name (qw(ahead quick)) {
    my @r = @{ $responses{$name} };

    is(scalar(grep { $_->status != 200 } @r), 0, "$name: no errors");
    is(uniq(map { $_->header('X-Worker') } @r), 2, "$name: two workers");
    is(scalar $status->($name, 'MISS', 'WAIT'), 0, "$name: nobody waited");
    cmp_ok(max(map { $_->time } @r), '<', $t->seconds(0.4),
           "$name: for the login");

    # when a fifth of the life is left until its last tenth, or a quarter of
    # that earlier
    my @times = map { $_->{time} } @{ $logins{$name} };
    my @after = map { $times[$_] - $times[$_ - 1] } 1 .. $#times;

    cmp_ok(min(@after), '>', $life{$name} * 0.65 - $t->seconds(0.05),
           "$name: not too early");
    cmp_ok(max(@after), '<', $life{$name} * 0.7 + $t->seconds(0.1),
           "$name: nor too late");
    cmp_ok(scalar @times, '>=', 6 / ($life{$name} * 0.7 + 0.1),
           "$name: again and again");
    is(scalar $status->($name, 'REFRESH'), @times - 1,
       "$name: which one request has started");
}

####  the end of a token

for my $name (@names) {
    my $most = ($name eq 'down') ? 1 : 0.9;
    cmp_ok(max(@{ $ages{$name} }), '<',
           $life{$name} * $most + $t->seconds(0.05),
           "$name: none was used " . ($most < 1 ? 'within its margin'
                                                : 'after its end'));
    cmp_ok(max(@{ $ages{$name} }), '>', $life{$name} * 0.64,
           "$name: but it was used until the next one was there");
}

####  refreshes that fail

my $from = $logins{down}[0]{time};
my @until = map { $_->{response} }
            grep { $_->{started} < $from + 3 - $t->seconds(0.1) }
            @{ $clients{down} };
my @after = map { $_->{response} }
            grep { $_->{started} > $from + 3.05 } @{ $clients{down} };

is(scalar(grep { $_->status != 200 } @until), 0,
   'down: the token was used to its end');
cmp_ok(scalar @until, '>', 20, 'down: often');
cmp_ok(scalar(grep { $_->{time} < $from + 2.6 } @{ $logins{down} }), '>', 1,
       'down: after a refresh that failed');
cmp_ok(max(map { $_->time } @until), '<', $t->seconds(0.4),
       'down: nobody waited for it');
is(scalar(grep { $_->status !~ /^50[23]$/ } @after), 0,
   'down: and not after its end');
cmp_ok(scalar(grep { $_->status == 503 } @after), '>', @after / 2,
       'down: then most are told to come later');

$t->done;
