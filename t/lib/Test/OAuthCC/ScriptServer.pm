package Test::OAuthCC::ScriptServer;

# A real authorization server that a script of t/idp sets up: it is started
# with the options of t/idp/serve.mjs, says what its port is, tells of its
# logins at /_logins, and ends when its standard input does.  See
# t/idp/RealServer.pm for what can be done with it; its logins have method,
# token, assertion, error and detail.
#
# A class derived from it has
#
#   script            the name of the script
#   interpreter       what runs it: node, or another program
#   package           the package of npm that has to be there, or nothing
#   missing           the command that installs the server, if it is missing
#   options           more options of the script, or nothing
#
# spawn(more => { NAME => { ... } }): more clients, as clients.json has them,
# and as the script says.

use v5.36;

use Cwd qw(abs_path);
use File::Basename qw(dirname);

BEGIN { require(abs_path(dirname(__FILE__) . '/../../../idp/RealServer.pm')) }
use parent -norequire, 'Test::OAuthCC::RealServer';

use File::Temp ();
use JSON::PP ();


sub interpreter ($class) { return 'node' }
sub options ($self)      { return }


sub version ($class) {
    my $path = $class->folder . '/node_modules/' . $class->package
               . '/package.json';

    return unless -e $path;
    return JSON::PP::decode_json(
        Test::OAuthCC::Process::slurp($path))->{version};
}


sub missing ($class) {
    return 'apt-get install nodejs npm'
        unless Test::OAuthCC::RealServer::installed('node');

    my $wanted = JSON::PP::decode_json(Test::OAuthCC::Process::slurp(
        $class->folder . '/package.json'))->{dependencies}{$class->package};

    return if ($class->version // '') eq $wanted;
    return 'npm ci --prefix ' . $class->folder
           . ' --ignore-scripts --no-audit --no-fund';
}


sub start ($self) {
    my $script = $self->folder . '/' . $self->script;

    if (my $command = $self->missing) {
        die ref($self) . " is not installed; run: $command\n";
    }

    pipe my $stdin, my $keep or die "pipe: $!";
    pipe my $ready, my $stdout or die "pipe: $!";
    open my $stderr, '+>', undef or die "temporary file: $!";

    $self->{file} = File::Temp->new;
    print { $self->{file} } JSON::PP::encode_json(
        { clients => $self->{more} // {},
          $self->{tls} ? (tls => $self->{tls}) : () });
    $self->{file}->flush;

    $self->execute($stdin, $stdout, $stderr, $self->interpreter, $script,
                   '--ttl', $self->{ttl}, '--port', $self->{port} // 0,
                   '--more', "$self->{file}", $self->options);

    # the server ends when its standard input does
    $self->{stdin} = $keep;
    close $_ for $stdin, $stdout;

    my $line = <$ready>;

    unless (defined $line) {
        seek $stderr, 0, 0;
        die "$script did not start:\n", <$stderr>;
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
