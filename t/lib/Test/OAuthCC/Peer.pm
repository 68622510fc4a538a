package Test::OAuthCC::Peer;

# A gateway that t/bench/peers measures: an nginx with a configuration of
# t/bench/conf, that of another Debian in a root of its own, or a command.
#
#   my $peer = Test::OAuthCC::Peer->new(name => 'lua', backend => $b, ...);
#   $peer->begin(life => 3000);     # with a token that lives so long, ms
#   ... $peer->url('/'), $peer->cpu, $peer->memory ...
#   $peer->stop;
#
# $b is a Test::OAuthCC::Backend.  A peer is started anew each time, and knows no
# token then.  "fill" has what its configuration has in places of its own:
#
#   fill => { PARAMETERS => 'scope=$arg_t' }    for %%PARAMETERS%%

use v5.36;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use POSIX ();
use HTTP::Tiny;
use IO::Socket::INET;
use Test::OAuthCC;
use Test::OAuthCC::Count;
use Time::HiRes qw(time sleep);


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
                              : $self->{backend}{t}{nginx};
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
                 MODULES => '/usr/lib/nginx/modules',
                 (map { $_ => '' }
                      qw(HTTPMORE LOCATION PARAMETERS PROVIDER TENANT)),
                 %{ $self->{fill} // {} });

    my $names = join '|', keys %value;
    return $conf =~ s/%%($names)%%/$value{$1}/gr;
}


sub harness ($self) {
    my $t = Test::OAuthCC->new($self->{module} ? () : (module => ''),
                               workers => $self->{workers} // 2);
    $t->{ports}{api} = $self->{backend}->port;
    $t->{ports}{store} = $self->{store} if $self->{store};
    return $t;
}


# without a token; of life and delay of a login, both ms
sub start_cold ($self, %arg) {
    $self->{backend}->set(life => 3_600_000, delay => 0, down => 0, %arg);
    $self->start(($arg{life} // 3_600_000) / 1000);
    $self->{t}->wait_for(sub { $self->listens || $self->ended }, 10);
    $self->listens or die 'it does not listen', $self->log;
}


sub begin ($self, %arg) {
    $self->start_cold(%arg);
    $self->warm;
}


# has it log in; says when that was
sub warm ($self) {
    $self->{t}->wait_for(sub { $self->get($self->api) == 200 }, 10)
        or die 'it does not answer', $self->log;
    return time;
}


# whether it was a command that has ended
sub ended ($self) {
    return $self->{pid} && !Test::OAuthCC::is_alive($self->{pid});
}


# what it is asked for to reach the API
sub api ($self) { return $self->{open} ? '/open' : '/api' }


sub start ($self, $life) {
    my $t = $self->{t} = $self->harness;

    if ($self->{command}) {
        my %value = (PORT => $t->port('gateway'),
                     API => $self->{backend}->url,
                     ADDRESS => '127.0.0.1:' . $t->port('gateway'));

        $self->{pid} = command(map { s/%%(PORT|API|ADDRESS)%%/$value{$1}/gr }
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
    return if !$self->{t};

    if (my $pid = delete $self->{pid}) {
        my @all = ($pid, Test::OAuthCC::children($pid));
        end($pid);
        $self->{t}->wait_for(sub {
            !grep { Test::OAuthCC::is_alive($_) } @all;
        });

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


# the last lines of it that say more than what is done
sub log ($self) {
    return '' if $self->{command};
    my $prefix = $self->{root} ? "$self->{root}/bench" : $self->{t}->prefix;
    my $log = qx(grep -v '.info.' $prefix/logs/error.log | tail -n 3);
    return $log && "; $log";
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
        { exec 'setpriv', '--pdeathsig', 'KILL', @command }
        POSIX::_exit(127);
    }

    return $pid;
}


sub end ($pid) {
    kill 'TERM', $pid;
    waitpid $pid, 0;
}


# what the command prints
sub output (@command) { return end_output(begin_output(@command)) }


# the same of one that runs in the background
sub begin_output (@command) {
    my $pid = open my $out, '-|', @command or die "$command[0]: $!";
    return { out => $out, name => $command[0], pid => $pid };
}


sub end_output ($run) {
    my $out = $run->{out};
    local $/;
    my $text = <$out>;
    close $out or die "$run->{name} fails: $text\n";

    return $text;
}


1;
