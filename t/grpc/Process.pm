package Test::OAuthCC::Process;

# A program of t/grpc, which answers each line of JSON with one:
#
#   my $server = Test::OAuthCC::Process->start('server.py', $address);
#   my $answer = $server->ask({ seen => 1 });
#
# It dies with the test, however that ends.

use v5.36;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IPC::Open2 qw(open2);
use JSON::PP ();

my $folder = abs_path(dirname(__FILE__));
my $json = JSON::PP->new->canonical->allow_nonref;


sub start ($class, $script, @arg) {
    my $self = bless { test => $$ }, $class;

    $self->{pid} = open2($self->{out}, $self->{in}, 'setpriv', '--pdeathsig',
                         'KILL', '/usr/bin/python3', "$folder/$script", @arg);
    $self->{in}->autoflush(1);

    $self->answer eq 'ready' or die "$script is not ready\n";

    return $self;
}


sub ask ($self, $command) {
    print { $self->{in} } $json->encode($command), "\n";
    return $self->answer;
}


sub answer ($self) {
    my $line = readline $self->{out};
    die "a program of t/grpc has ended; is python3-grpcio installed?\n"
        unless defined $line;
    return $json->decode($line);
}


sub DESTROY ($self) {
    return if $$ != $self->{test};
    local ($?, $@, $!);
    kill 'KILL', $self->{pid};
    waitpid $self->{pid}, 0;
}


1;
