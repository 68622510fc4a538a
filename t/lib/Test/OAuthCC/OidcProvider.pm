package Test::OAuthCC::OidcProvider;

# A real authorization server: npm's oidc-provider, as t/idp/oidc-provider.mjs
# sets it up.  It form-decodes id and secret of Basic, as RFC 6749 says.  See
# t/idp/RealServer.pm for what can be done with it; its logins have method,
# resource, token, assertion and detail too.
#
# spawn(more => { NAME => { ... } }, tls => { ... }): more clients, and a port
# with TLS, as oidc-provider.mjs says.

use v5.36;

use Cwd qw(abs_path);
use File::Basename qw(dirname);

BEGIN { require(abs_path(dirname(__FILE__) . '/../../../idp/RealServer.pm')) }
use parent -norequire, 'Test::OAuthCC::RealServer';

use File::Temp ();
use JSON::PP ();


sub token_endpoint ($self) { return $self->url . '/token' }


sub introspection_endpoint ($self) {
    return $self->url . '/token/introspection';
}


sub version ($class) {
    my $package = $class->folder . '/node_modules/oidc-provider/package.json';
    return unless -e $package;
    return JSON::PP::decode_json(
        Test::OAuthCC::RealServer::slurp($package))->{version};
}


sub start ($self) {
    my $folder = $self->folder;

    Test::OAuthCC::RealServer::installed('node')
        or die "node is not installed; run: apt-get install nodejs npm\n";

    my $wanted = JSON::PP::decode_json(Test::OAuthCC::RealServer::slurp(
        "$folder/package.json"))->{dependencies}{'oidc-provider'};

    ($self->version // '') eq $wanted
        or die "oidc-provider $wanted is not installed; run: npm ci "
               . "--prefix $folder --ignore-scripts --no-audit --no-fund\n";

    pipe my $stdin, my $keep or die "pipe: $!";
    pipe my $ready, my $stdout or die "pipe: $!";
    open my $stderr, '+>', undef or die "temporary file: $!";

    $self->{file} = File::Temp->new;
    print { $self->{file} } JSON::PP::encode_json(
        { clients => $self->{more} // {},
          $self->{tls} ? (tls => $self->{tls}) : () });
    $self->{file}->flush;

    $self->execute($stdin, $stdout, $stderr, 'node',
                   "$folder/oidc-provider.mjs", '--ttl', $self->{ttl},
                   '--port', $self->{port} // 0, '--more', "$self->{file}");

    # the server ends when its standard input does
    $self->{stdin} = $keep;
    close $_ for $stdin, $stdout;

    my $line = <$ready>;

    unless (defined $line) {
        seek $stderr, 0, 0;
        die "oidc-provider did not start:\n", <$stderr>;
    }

    $self->{port} = JSON::PP::decode_json($line)->{port};
}


# what no log may hold: assertions are good for a minute
sub secrets ($self) {
    my @more = values %{ $self->{more} // {} };

    return $self->SUPER::secrets, grep { defined }
        map({ $_->{client_secret} } @more),
        map({ $_->{assertion} } $self->logins);
}


sub logins ($self) {
    my $r = $self->{http}->get($self->url . '/_logins');
    die "/_logins: $r->{status} $r->{content}\n" unless $r->{success};
    return @{ JSON::PP::decode_json($r->{content}) };
}


1;
