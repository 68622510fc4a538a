package Test::OAuthCC::Peer;

# A gateway that t/bench/peers measures: an nginx with a configuration of
# t/bench/conf, that of another Debian in a root of its own, or a command.
#
#   my $peer = Test::OAuthCC::Peer->new(name => 'lua', server => $t, ...);
#   $peer->start(3600);             # tokens live so many seconds
#   ... $peer->url('/'), $peer->cpu, $peer->memory ...
#   $peer->stop;
#
# $t is the Test::OAuthCC of the API, whose port "api" it is.  A peer is started
# anew each time, and knows no token then.

use v5.36;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use POSIX ();
use HTTP::Tiny;
use IO::Socket::INET;
use Test::OAuthCC;
use Test::OAuthCC::Count;
use Time::HiRes qw(sleep);


my $here = abs_path(dirname(__FILE__) . '/../../../bench');


sub new ($class, %arg) {
    return bless { conf => $arg{name}, %arg }, $class;
}


sub is_nginx ($self) { return !$self->{command} && !$self->{root} }


# the name and version of the program
sub version ($self) {
    if ($self->{command}) {
        my $command = $self->{name} eq 'go' ? 'go version'
                                            : "$self->{command}[0] --version";
        my ($version) = qx($command) =~ /(\d+\.[\d.]+)/;
        return "$self->{name} " . ($version // '');
    }

    my $nginx = $self->{root} ? "chroot $self->{root} nginx"
                              : $self->{server}{nginx};
    my ($version) = qx($nginx -v 2>&1) =~ m{(nginx/[\d.]+)};
    return $version;
}


sub conf ($self, $life = 3600) {
    open my $fh, '<', "$here/conf/$self->{conf}.conf"
        or die "$self->{conf}.conf: $!";
    local $/;
    my $conf = <$fh>;

    my $keep = $life - 1;

    my $common = join "\n", 'access_log off; keepalive_requests 1000000;',
        'upstream api { server 127.0.0.1:%%PORT_api%%; keepalive 64;',
        'keepalive_requests 1000000; }';

    my %value = (COMMON => $common, TOKEN => 'x' x 1024, KEEP => $keep,
                 CONF => $self->{root} ? '/bench' : "$here/conf",
                 MODULES => '/usr/lib/nginx/modules');

    return $conf =~ s/%%(COMMON|TOKEN|KEEP|CONF|MODULES)%%/$value{$1}/gr;
}


sub harness ($self) {
    my $t = Test::OAuthCC->new($self->{module} ? () : (module => ''),
                               workers => $self->{workers} // 2);
    $t->{ports}{api} = $self->{server}->port('api');
    return $t;
}


sub start ($self, $life) {
    my $t = $self->{t} = $self->harness;

    if ($self->{command}) {
        my %value = (PORT => $t->port('gateway'),
                     ADDRESS => '127.0.0.1:' . $t->port('gateway'));

        $self->{pid} = command(map { s/%%(PORT|ADDRESS)%%/$value{$1}/gr }
                               @{ $self->{command} });
        return;
    }

    return $t->run($self->conf($life)) unless $self->{root};

    # in the root it is at home in /bench
    my $root = $self->{root};
    my $conf = $t->fill($self->conf($life)) =~ s/\Q$t->{prefix}\E/\/bench/gr;

    system("rm -rf $root/bench && mkdir -p $root/bench/logs $root/bench/temp "
           . "&& cp $here/conf/* $root/bench") == 0
        or die "$self->{name}: no folder in $root\n";

    open my $fh, '>', "$root/bench/nginx.conf" or die "nginx.conf: $!";
    print $fh $conf;
    close $fh;

    system("chroot $root nginx -e /bench/logs/error.log -p /bench "
           . "-c /bench/nginx.conf 2>/dev/null") == 0
        or die "$self->{name} does not start\n";

    $t->wait_for(sub { -s "$root/bench/nginx.pid" });
    chomp($self->{pid} = qx(cat $root/bench/nginx.pid));
}


sub stop ($self) {
    if (my $pid = delete $self->{pid}) {
        my @all = ($pid, Test::OAuthCC::children($pid));
        end($pid);
        $self->{t}->wait_for(sub { !grep { Test::OAuthCC::is_alive($_) } @all });

    } else {
        # clients of the load may still hold their connections
        $self->{t}->stop('TERM');
    }

    delete $self->{t};
}


# ask of itself: of one process, one request after the other
sub count ($self, $n) {
    my $t = $self->harness;
    my $count = Test::OAuthCC::Count->start($t, $self->conf, 'gateway');

    $count->requests(200, '/fast');
    my $cost = $count->measure($n, '/fast');
    $count->stop;

    return $cost;
}


sub url ($self, $uri) {
    return 'http://127.0.0.1:' . $self->{t}->port('gateway') . $uri;
}


sub get ($self, $uri) {
    return HTTP::Tiny->new(timeout => 10)->get($self->url($uri))->{status};
}


sub listens ($self) {
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                 PeerPort => $self->{t}->port('gateway'));
}


# the last lines of it
sub log ($self) {
    my $prefix = $self->{root} ? "$self->{root}/bench" : $self->{t}->prefix;
    return $self->{command} ? '' : qx(tail -n 10 $prefix/logs/error.log);
}


sub pids ($self) {
    my $first = $self->{pid} // $self->{t}->master;
    return $first, Test::OAuthCC::children($first);
}


# of all its threads, in seconds
sub cpu ($self) {
    my $total = 0;

    for my $file (map { glob "/proc/$_/task/*/schedstat" } $self->pids) {
        open my $fh, '<', $file or next;
        $total += (split ' ', <$fh> // '0')[0];
    }

    return $total / 1e9;
}


# in MiB, what it shares with others in parts
sub memory ($self) {
    my $total = 0;

    for my $pid ($self->pids) {
        open my $fh, '<', "/proc/$pid/smaps_rollup" or next;
        while (<$fh>) { $total += $1 if /^Pss: +(\d+)/ }
    }

    return $total / 1024;
}


####  processes

sub command (@command) {
    my $pid = fork() // die "fork: $!";

    if ($pid == 0) {
        open STDOUT, '>', '/dev/null';
        open STDERR, '>&', \*STDOUT;
        { exec @command }
        POSIX::_exit(127);
    }

    return $pid;
}


sub end ($pid) {
    kill 'TERM', $pid;
    waitpid $pid, 0;
}


sub output (@command) { return output_while(undef, @command) }


# what the command prints, the code being run meanwhile
sub output_while ($code, @command) {
    open my $out, '-|', @command or die "$command[0]: $!";
    $code->() if $code;

    local $/;
    my $text = <$out>;
    close $out or die "$command[0] fails: $text\n";

    return $text;
}


1;
