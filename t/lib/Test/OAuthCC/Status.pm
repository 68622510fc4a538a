package Test::OAuthCC::Status;

# What oauthcc_status says, in JSON:
#
#   my $status = Test::OAuthCC::Status->new($t, '/status');
#   $status->look;                      # the whole of it, anew
#   $status->provider('crm');           # one of its providers, anew
#   $status->entries('crm');            # the entries of that one

use v5.36;

use JSON::PP ();


sub new ($class, $t, $uri = '/status') {
    return bless { t => $t, uri => $uri }, $class;
}


sub look ($self, $args = '') {
    my $r = $self->{t}->get("$self->{uri}?format=json$args");
    die 'status: ' . $r->status . "\n" unless $r->status == 200;

    return JSON::PP->new->utf8->decode($r->body);
}


sub provider ($self, $name) {
    my ($p) = grep { $_->{name} eq $name } @{ $self->look->{providers} };
    return $p // die "status: no provider $name\n";
}


# starts a request for each URI, each when the one before it waits for a login of
# this provider, or has one; returns the clients
sub queue ($self, $name, $idp, @uris) {
    return map {
        my $uri = $_;
        my $count = sub {
            return $self->provider($name)->{waiters} + $idp->logins;
        };
        my $n = $count->();
        my $client = $self->{t}->client->start(GET => $uri);

        $self->{t}->wait_for(sub { $count->() > $n })
            or warn "$uri does not wait\n";
        $client;
    } @uris;
}


sub entries ($self, $name) { return @{ $self->provider($name)->{entries} } }


1;
