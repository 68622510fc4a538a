package Test::OAuthCC::Count;

# How many instructions an nginx takes for a request, in user space, counted by
# valgrind's callgrind: the same number again and again, whatever else the
# machine does.
#
#   my $count = Test::OAuthCC::Count->start($t, $conf, 'gateway');
#   $count->requests(100, '/');                  # not counted
#   my $cost = $count->measure(2000, '/');
#   say "$cost->{all}, $cost->{malloc} of them in the C library's allocator,
#        $cost->{of}{memcpy} in memcpy, $cost->{crypto} in libcrypto with all
#        that it calls";
#   $count->stop;
#
# $t is a Test::OAuthCC, $conf a configuration, 'gateway' the name of a port;
# nginx is a single process, which is asked one request after the other through
# one connection.
#
# The allocator takes more or less as the heap happens to be laid out, which
# any line of the configuration changes: hence the second figure.

use v5.36;

use IO::Socket::INET;
use POSIX qw(WNOHANG);


# of a request, 7
my $headers = join "\r\n", 'Host: gateway.example.com', 'User-Agent: bench/1',
    'Accept: */*', 'Accept-Language: en', 'X-Request-Id: 1',
    'Cookie: a=b; c=d', 'X-Forwarded-For: 192.0.2.1';

# functions of glibc
our $allocator = qr/^(?:malloc|calloc|realloc|free|posix_memalign|unlink_chunk
                   |malloc_consolidate|sysmalloc|systrim|checked_request2size
                   |_int_\w+|_mid_memalign|tcache_\w+|alloc_perturb
                   |free_perturb|arena_get2|get_free_list)(?:[.'].*)?$/x;


sub start ($class, $t, $conf, $port) {
    my $self = bless { t => $t, port => $t->port($port), sofar => {},
                       file => $t->prefix . '/callgrind' }, $class;

    # a daemon would be another process than the one that is known here
    my $file = $t->write_file('count.conf',
                              $t->fill($conf) =~ s/daemon on;/daemon off;/r);

    my @command = ('valgrind', '-q', '--tool=callgrind', '--instr-atstart=no',
                   "--callgrind-out-file=$self->{file}.out",
                   $t->{nginx}, '-p', $t->prefix . '/', '-c', $file,
                   '-g', 'master_process off;');

    $self->{pid} = fork() // die "fork: $!";

    if ($self->{pid} == 0) {
        open STDOUT, '>>', "$self->{file}.log";
        open STDERR, '>&', \*STDOUT;
        exec @command;
        die "valgrind: $!";
    }

    $t->wait_for(sub {
        $self->{socket} = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                                PeerPort => $self->{port});
    }, 60) or die "nginx did not start:\n", $t->read_file('callgrind.log');

    return $self;
}


# asks for each address so many times; says how many answers were not 200
sub requests ($self, $n, @uris) {
    my $bad = 0;

    for (1 .. $n) {
        for my $uri (@uris) { $bad++ unless $self->ask($uri) == 200 }
    }

    return $bad;
}


sub ask ($self, $uri) {
    syswrite $self->{socket}, "GET $uri HTTP/1.1\r\n$headers\r\n\r\n";

    my $answer = '';
    my $end;

    while (!$end || length $answer < $end) {
        sysread $self->{socket}, $answer, 65536, length $answer
            or die "$uri: no answer:\n", $self->{t}->error_log;

        next if $end || $answer !~ /\r\n\r\n/;

        my ($length) = $answer =~ /^Content-Length: (\d+)/mi
            or die "$uri: an answer without its length:\n$answer";
        $end = index($answer, "\r\n\r\n") + 4 + $length;
    }

    return substr $answer, 9, 3;
}


# of one request, the mean of those for each address n times
sub measure ($self, $n, @uris) {
    $self->total;

    $self->control('-i', 'on');
    my $bad = $self->requests($n, @uris);
    $self->control('-i', 'off');

    die "$bad requests failed:\n", $self->{t}->error_log if $bad;

    my $total = $self->total;
    my $of = delete $total->{of};
    $_ /= $n * @uris for values %$total, values %$of;

    return { %$total, of => $of };
}


sub control ($self, @arg) {
    my $out = `callgrind_control @arg $self->{pid} 2>&1`;
    die "callgrind_control @arg: $out" if $? || $out =~ /error/i;
}


# all that was counted since it was asked for the last time
sub total ($self) {
    my %total = (all => 0, malloc => 0, crypto => 0, of => {});

    $self->control('-d');

    for my $file (glob "$self->{file}.out.*") {
        my (%name, %object, $function, $from, $to, $is_call);
        open my $fh, '<', $file or die "$file: $!";

        while (<$fh>) {
            if (my ($id, $object) = /^c?ob=\((\d+)\)(?: (\S+))?/) {
                $object{$id} = $object if defined $object;
                $to = $object{$id};
                $from = $to if /^o/;

            } elsif (/^fn=\((\d+)\)(?: (\S+))?/) {
                $name{$1} = $2 if defined $2;
                $function = $name{$1};

            # what has no body in this file may be named here
            } elsif (/^cfn=\((\d+)\) (\S+)/) {
                $name{$1} = $2;

            } elsif (/^calls=/) {
                $is_call = 1;

            } elsif (my ($cost) = /^[+*\d-]\S* (\d+)/) {
                if (!$is_call) {
                    $total{all} += $cost;
                    $total{of}{$function} += $cost;

                # ???: code by which libcrypto calls what it has exported
                } elsif ($to =~ /libcrypto/ && $from !~ /libcrypto|\?\?\?/) {
                    $total{crypto} += $cost;
                }

                $is_call = 0;
                $to = $from;
            }
        }

        unlink $file;
    }

    for my $function (grep { /$allocator/ } keys %{ $total{of} }) {
        $total{malloc} += $total{of}{$function};
    }

    return \%total;
}


# again and again: a single process that gets a signal just before it waits for
# events goes on waiting
sub stop ($self) {
    close $self->{socket};

    $self->{t}->wait_for(sub {
        kill 'TERM', $self->{pid};
        return waitpid($self->{pid}, WNOHANG) != 0;
    }, 60) or die "nginx does not end\n";

    delete $self->{pid};
}


# what has died between start and stop leaves no process
sub DESTROY ($self) {
    local ($?, $@, $!);
    kill 'KILL', $self->{pid} if $self->{pid};
}


1;
