package Test::OAuthCC::Backend;

# The authorization server with an API that a gateway of t/bench is measured
# with.  Each has one of its own, so that several gateways can be asked at once:
#
#   my %backend = Test::OAuthCC::Backend::start($tool, qw(lua node));
#   my $idp = $backend{lua};
#   $idp->set(life => 3000, delay => 300);      # and see set() of backend.go
#   say $idp->set->{logins};
#   ... $idp->url, $idp->port ...
#   Test::OAuthCC::Backend::stop(%backend);
#
# nginx stands before all of them, and answers /fast and /tenant/fast itself, so
# that the speed is not that of the API.

use v5.36;

use JSON::PP ();
use Test::OAuthCC;
use Test::OAuthCC::Peer;


sub start ($tool, @names) {
    my $t = Test::OAuthCC->new(module => '', workers => 1);

    my $servers = join '', map { <<"CONF" } @names;
    upstream $_ { server 127.0.0.1:%%PORT_judge_$_%%; keepalive 64; }
    server {
        listen 127.0.0.1:%%PORT_$_%% backlog=4096;
        location /fast { return 200 "an answer of some bytes, as APIs have\n"; }
        location / {
            proxy_pass http://$_;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
    }
CONF

    $t->run(<<"CONF");
%%GLOBALS%%
http {
    %%HTTP%%
    access_log off;
    keepalive_requests 1000000;
    large_client_header_buffers 4 32k;
    $servers
}
CONF

    my %backend = map {
        my $pid = Test::OAuthCC::Peer::command($tool, 'backend',
                      '127.0.0.1:' . $t->port("judge_$_"));
        ($_ => bless { t => $t, name => $_, pid => $pid }, __PACKAGE__);
    } @names;

    for my $backend (values %backend) {
        $t->wait_for(sub {
            $t->get('/stats', port => $backend->{name})->status == 200;
        }, 20) or die "no backend\n";
    }

    return %backend;
}


sub stop (%backend) {
    my ($t) = map { $_->{t} } values %backend;
    $t->stop('TERM');
    Test::OAuthCC::Peer::end($_->{pid}) for values %backend;
}


sub port ($self) { return $self->{t}->port($self->{name}) }
sub url ($self)  { return 'http://127.0.0.1:' . $self->port }


# what it is to do from here on, and what it has counted
sub set ($self, %arg) {
    my $query = join '&', map { "$_=$arg{$_}" } keys %arg;
    my $answer = $self->{t}->get("/set?$query", port => $self->{name});
    return JSON::PP::decode_json($answer->body);
}


1;
